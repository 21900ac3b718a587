"""MQTT and LoRaWAN: a mapping file tells which topic and field is which device's reading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from live.events import Event, stable_id
from live.feeds.base import DeviceIndex, ParseResult, Ref, make_event, to_body, too_long
from live.feeds.errors import UnfitError
from live.feeds.fields import confidence, quantity, read_json, to_moment
from live.feeds.mapping import Rule, load_presets
from live.feeds.paths import look_up, topic_fits
from live.feeds.privacy import is_private_key, scrub
from live.plates import classify_plate, normalise_plate

TOPIC_HEADER = "topic"
"""Under this name the MQTT client hands over the topic of a message."""
PACKET_HEADER = "packet"
"""Likewise its packet identifier, which it keeps when it is delivered again (MQTT 5.0, 4.4)."""
RETAINED_HEADER = "retained"
"""Likewise whether the broker kept it for those who come later: nobody knows how old it is."""
_TOPIC_PARAMETER = "; topic="

_DEPTH = 4
_LAYERS = {"plate": ("plate_cameras",), "access": ("entrances", "gates")}


class MqttFeed:
    """Messages of any broker, by rules; the presets unless others are given.

    A topic may fit several rules: the first one whose `where` holds is taken.
    """

    name = "mqtt"

    def __init__(self, rules: Sequence[Rule] | None = None) -> None:
        self._given = rules

    @cached_property
    def rules(self) -> Sequence[Rule]:
        """Rules in the order of their trial."""
        return load_presets() if self._given is None else self._given

    def use(self, rules: Sequence[Rule]) -> None:
        """Go by other rules from now on."""
        self.rules = rules

    def parse(
        self,
        body: bytes,
        headers: Mapping[str, str],
        *,
        received_at: datetime,
        resolve: DeviceIndex,
    ) -> ParseResult:
        """Return the events of one message; `headers` holds its topic."""
        result = ParseResult()
        if too_long(body, result):
            return result
        told = find_topic(headers)
        topic = told.split("/")
        rules = [rule for rule in self.rules if topic_fits(list(rule.topic), topic)]
        try:
            if not rules:
                raise UnfitError(f"no rule of the MQTT mapping fits topic {told[:120]!r}")
            document = _read_payload(body)
            rule = next((rule for rule in rules if _holds(rule, document, topic)), None)
            if rule is None:
                raise UnfitError(f"no rule for {told[:120]!r} fits what the message holds")
            if rule.kind is None:
                result.skipped += 1
            else:
                arrival = Arrival(
                    received_at, headers.get(PACKET_HEADER, ""), RETAINED_HEADER in headers
                )
                result.events += _apply(rule, rule.kind, document, topic, arrival, resolve)
        except UnfitError as error:
            result.reject(str(error), body)
        return result


@dataclass(frozen=True, slots=True)
class Arrival:
    """How a message came: when, under which packet identifier, and whether from the past."""

    received_at: datetime
    packet: str
    retained: bool

    @property
    def identity(self) -> list[str]:
        """What tells two messages alike apart that bring neither an id nor a time."""
        return ["retained"] if self.retained else [self.packet, self.received_at.isoformat()]


def to_kept_type(topic: str) -> str:
    """Return the media type under which a message waits in quarantine, its topic in it."""
    return f"application/octet-stream{_TOPIC_PARAMETER}{topic}"


def find_topic(headers: Mapping[str, str]) -> str:
    """Return the topic of a message, also of one that waited in quarantine; else an empty text."""
    told = {name.lower(): value for name, value in headers.items()}
    kept = told.get("content-type", "").partition(_TOPIC_PARAMETER)[2]
    return told.get(TOPIC_HEADER, kept)


def _read_payload(body: bytes) -> Any:
    try:
        return read_json(body)
    except UnfitError:
        plain = body.decode(errors="replace").strip()
        if len(plain) > 200 or "\ufffd" in plain or plain.startswith(("{", "[")):
            raise
        return plain  # a bare word or number, as simple devices send


def _holds(rule: Rule, document: Any, topic: list[str]) -> bool:
    for path, values in rule.where.items():
        found = look_up(document, path, topic)
        if found is None or (values and found not in values):
            return False
    return True


def _apply(
    rule: Rule,
    kind: str,
    document: Any,
    topic: list[str],
    arrival: Arrival,
    resolve: DeviceIndex,
) -> list[Event]:
    keys = [_as_key(look_up(document, path, topic)) for path in rule.device]
    ref = resolve.find(keys, *([_LAYERS[kind]] if kind in _LAYERS else []))
    stamps = [look_up(document, path, topic) for path in rule.time]
    observed = to_moment(
        next((s for s in stamps if isinstance(s, str | int | float)), None), resolve.zone
    )
    ids = [look_up(document, path, topic) for path in rule.id]
    named = [str(found) for found in ids if isinstance(found, str | int)]
    # one id may have several messages (new, update, end): one event
    identity = named or [to_body(document).hex(), *([""] if observed else arrival.identity)]

    def event(kind: str, data: dict[str, Any]) -> Event:
        return make_event(
            kind,
            ref,
            observed,
            data,
            event_id=stable_id(rule.preset, kind, data.get("type", ""), ref.id, *identity),
            source=rule.preset,
            received_at=arrival.received_at,
            live=False if arrival.retained and observed is None else None,
        )

    events = []
    data = _data(rule, kind, document, topic, ref, resolve)
    if data is not None:
        events.append(event(kind, data))
    for alarm in rule.alarms:
        found = look_up(document, alarm.path, topic)
        if found is not None and any(
            found == value and isinstance(found, bool) == isinstance(value, bool)
            for value in alarm.equals
        ):
            events.append(event("alarm", {"type": alarm.type, "severity": alarm.severity}))
    if not events:
        raise UnfitError("holds no number that the mapping knows")
    return events


def _as_key(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value)


def _data(
    rule: Rule, kind: str, document: Any, topic: list[str], ref: Ref, resolve: DeviceIndex
) -> dict[str, Any] | None:
    if kind == "reading":
        values, units = _readings(rule, document, topic)
        return {"values": values, "unit": units} if values else None
    data: dict[str, Any] = {}
    for name, path in rule.fields.items():
        found = look_up(document, path, topic)
        if isinstance(found, str | int | float):
            data[name] = rule.words.get(str(found).lower(), found)
    data = scrub(data)
    if kind == "plate":
        plate = normalise_plate(str(data.get("plate") or ""))
        data |= {
            "plate": plate,
            "plate_class": classify_plate(plate),
            "confidence": confidence(data.get("confidence")),
            "direction": resolve.direction(ref, data.get("direction")),
        }
    elif kind == "access":
        person = data.pop("subject", None)
        told = None if person is None else str(person)
        data["subject"] = resolve.pseudonym(rule.preset, told)
        data.setdefault("granted", True)
    elif not data:
        return None
    return data


def _readings(
    rule: Rule, document: Any, topic: list[str]
) -> tuple[dict[str, float], dict[str, str]]:
    found: dict[str, Any] = {}
    if rule.values_from is not None:
        found |= _numbers_under(look_up(document, rule.values_from, topic), rule.drop)
    for name, path in rule.values.items():
        found[name] = look_up(document, path, topic)
    values: dict[str, float] = {}
    units: dict[str, str] = {}
    for told, raw in found.items():
        read = quantity(raw)
        if read is None:
            continue
        name = rule.rename.get(told, told)
        values[name] = read[0] * rule.scale[name] if name in rule.scale else read[0]
        unit = read[1] or rule.units.get(name)
        if unit:
            units[name] = unit
    return values, units


def _numbers_under(value: Any, drop: frozenset[str], depth: int = _DEPTH) -> dict[str, Any]:
    """Return every plain field under an object; `{"value": 1, "time": 2}` counts as its value."""
    found: dict[str, Any] = {}
    if not isinstance(value, dict) or depth <= 0:
        return found
    for name, item in value.items():
        if name in drop or is_private_key(str(name)):
            continue
        if isinstance(item, dict) and "value" in item:
            item = item["value"]
        if isinstance(item, dict):
            for inner, plain in _numbers_under(item, drop, depth - 1).items():
                found[f"{name}.{inner}"] = plain
        elif not isinstance(item, list):
            found[str(name)] = item
    return found
