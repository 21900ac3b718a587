"""NGSI-LD and NGSI v2 (FIWARE Smart Data Models): entities and notifications, in every form.

Key-values, normalised v2 and LD are first made one: an attribute and its plain value. Ids are taken
liberally, with and without `urn:ngsi-ld:TYPE:`, as the official examples do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from live.events import Event, stable_id
from live.feeds.base import (
    DEVICE_HEADER,
    DeviceIndex,
    ParseResult,
    make_event,
    read_each,
    too_long,
)
from live.feeds.errors import UnfitError
from live.feeds.fields import as_dict, as_list, lower_keys, number, read_json, text, to_moment

SOURCE = "ngsi"

_UTC = ZoneInfo("UTC")
"""NGSI times without a zone are UTC, as the official examples show side by side."""

_URN = re.compile(r"^urn:ngsi-ld:[^:]*:")
_TIMES = ("dateObserved", "TimeInstant", "observedAt", "dateObservedTo", "dateIssued",
          "dateModified", "modifiedAt", "timestamp", "dateCalculated")  # fmt: skip
_PARKING = {
    "free": ("availableSpotNumber", "availableCapacity"),
    "capacity": ("totalSpotNumber", "capacity"),
    "occupied": ("occupiedSpotNumber",),
}
_SHARES = {"fillingLevel": "level", "batteryLevel": "battery", "occupancy": "occupancy"}
"""Attributes given as a share of 1 -> quantity in per cent."""
_NO_READING = frozenset({"mcc", "mnc", "serialNumber", "postalCode", "id", "macAddress"})
_UNITS = {"CEL": "Cel", "P1": "%", "GP": "mg/m3", "GQ": "ug/m3", "KWH": "kWh", "MTQ": "m3",
          "KWT": "kW", "LUX": "lx", "MMT": "mm", "CMT": "cm", "MTR": "m", "2N": "dB"}  # fmt: skip
_SEVERITY = {"critical": 1, "high": 2, "medium": 3, "low": 4, "informational": 4}
_STATES = {"ok": "ok", "working": "ok", "on": "ok", "off": "ok", "defectivelamp": "fault",
           "brokenlantern": "fault", "columnissue": "fault", "outofservice": "offline",
           "almostempty": "ok", "almostfull": "ok", "empty": "ok", "error": "fault",
           "fault": "fault", "offline": "offline", "lidopen": "fault", "dropped": "fault",
           "moved": "fault", "bandalized": "fault", "burning": "alarm"}  # fmt: skip
_PREFIXES = {"l": "fillingLevel", "t": "temperature", "h": "relativeHumidity"}


@dataclass(frozen=True)
class _Attribute:
    value: Any
    unit: str | None = None
    at: Any = None


class NgsiFeed:
    """One entity, a list of them, or a notification."""

    name = SOURCE

    def parse(
        self,
        body: bytes,
        headers: Mapping[str, str],
        *,
        received_at: datetime,
        resolve: DeviceIndex,
    ) -> ParseResult:
        """Return the events of every entity in a body."""
        result = ParseResult()
        if too_long(body, result):
            return result
        sender = lower_keys(headers).get(DEVICE_HEADER)
        try:
            document = read_json(body)
        except UnfitError as error:
            result.reject(str(error), body)
            return result
        notified: Any = None
        if isinstance(document, dict) and isinstance(document.get("data"), list):
            notified = document.get("notifiedAt")
            entities = document["data"]
        else:
            entities = as_list(document)
        if not entities:
            result.reject("holds no entity", body)

        def read(entity: Any) -> list[Event]:
            return _read(entity, sender, notified, received_at, resolve)

        read_each(result, entities, read, numbered=len(entities) > 1)
        return result


def plain_attributes(entity: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entity's attributes and their plain values, whatever form it came in."""
    return {name: attribute.value for name, attribute in _attributes(entity).items()}


def _attributes(entity: Mapping[str, Any]) -> dict[str, _Attribute]:
    names = [name for name in entity if name not in ("id", "type", "@context", "@id", "@type")]
    return {name: _attribute(entity[name]) for name in names}


def _attribute(raw: Any) -> _Attribute:
    if isinstance(raw, list) and raw and all(isinstance(item, dict) for item in raw):
        values = [item for item in raw if "value" in item or "object" in item]
        if len(values) == len(raw):  # several instances of one property: the first is the default
            raw = raw[0]
    if not isinstance(raw, dict):
        return _Attribute(raw)
    if "@value" in raw:
        return _Attribute(raw["@value"])
    wrapped = next((name for name in ("value", "object", "languageMap") if name in raw), None)
    if wrapped is None:
        return _Attribute(raw)
    value = raw[wrapped]
    if isinstance(value, dict) and "@value" in value:
        value = value["@value"]
    more = as_dict(raw.get("metadata"))
    unit = as_dict(more.get("unitCode")).get("value", raw.get("unitCode"))
    at = as_dict(more.get("timestamp")).get("value", raw.get("observedAt"))
    at = as_dict(at).get("@value", at) if isinstance(at, dict) else at
    return _Attribute(value, unit if isinstance(unit, str) else None, at)


def _read(
    entity: Any,
    sender: str | None,
    notified: Any,
    received_at: datetime,
    resolve: DeviceIndex,
) -> list[Event]:
    if not isinstance(entity, dict):
        raise UnfitError(f"expected an entity (an object), got {type(entity).__name__}")
    name, kind = text(entity, "id", "@id"), text(entity, "type", "@type")
    if name is None or kind is None:
        raise UnfitError("an entity needs id and type")
    kind = kind.rpartition("/")[2]
    attributes = _attributes(entity)
    keys = [name, _URN.sub("", name)]
    for reference in ("refDevice", "alertSource", "refPointOfInterest", "serialNumber"):
        value = attributes.get(reference, _Attribute(None)).value
        for key in as_list(value):
            keys += [str(key), _URN.sub("", str(key))] if isinstance(key, str) else []
    ref = resolve.find([*keys, sender])
    observed = _time(attributes, notified)
    told = list(_tell(kind, ref.layer, attributes))
    if not told:
        raise UnfitError(f"{kind} {name[:80]!r} tells no number, state or alarm")
    when = observed or received_at
    return [
        make_event(
            tells,
            ref,
            observed,
            data,
            event_id=stable_id(SOURCE, _URN.sub("", name), tells, when, sorted(data.items())),
            source=SOURCE,
            received_at=received_at,
        )
        for tells, data in told
    ]


def _time(attributes: Mapping[str, _Attribute], notified: Any) -> datetime | None:
    for name in _TIMES:
        if name in attributes and isinstance(attributes[name].value, str | int | float):
            value = attributes[name].value
            # an interval START/END is over at its end
            last = value.rpartition("/")[2] if isinstance(value, str) and "T" in value else value
            return to_moment(last, _UTC)
    stamps = [a.at for a in attributes.values() if isinstance(a.at, str)]
    if stamps:
        moments = [moment for moment in (to_moment(s, _UTC) for s in stamps) if moment]
        return max(moments, default=None)
    return to_moment(notified, _UTC) if isinstance(notified, str) else None


def _tell(
    kind: str, layer: str, attributes: Mapping[str, _Attribute]
) -> list[tuple[str, dict[str, Any]]]:
    """Return the kinds and data of the events that an entity makes."""
    if "Alert" in kind:
        word = attributes.get("severity", _Attribute(None)).value
        severity = _SEVERITY.get(word.lower() if isinstance(word, str) else "", 3)
        types = [attributes.get(n, _Attribute(None)).value for n in ("subCategory", "category")]
        named = next((t for t in types if isinstance(t, str) and t), "alert")
        detail = attributes.get("description", _Attribute(None)).value
        data = {"type": named, "severity": severity}
        return [("alarm", data | ({"detail": detail} if isinstance(detail, str) else {}))]
    told: list[tuple[str, dict[str, Any]]] = []
    values, units = _numbers(layer, attributes)
    if values and layer in ("devices", "parking"):
        told.append(("reading", {"values": values, "unit": units}))
    state = attributes.get("deviceState", attributes.get("status", _Attribute(None))).value
    if layer == "parking" and isinstance(state, str) and state.lower() in ("free", "occupied"):
        taken = float(state.lower() == "occupied")
        return [("reading", {"values": {"occupied": taken, "free": 1 - taken, "capacity": 1.0},
                             "unit": {}})]  # fmt: skip
    if layer == "devices" and isinstance(state, str) and state.lower() in _STATES:
        told.append(("status", {"state": _STATES[state.lower()]}))
    return told


def _numbers(
    layer: str, attributes: Mapping[str, _Attribute]
) -> tuple[dict[str, float], dict[str, str]]:
    values: dict[str, float] = {}
    units: dict[str, str] = {}
    if layer == "parking":
        for place, names in _PARKING.items():
            found = [number(attributes[name].value) for name in names if name in attributes]
            if found and found[0] is not None and found[0] >= 0:
                values[place] = found[0]
                units[place] = "1"
        return values, units
    for name, attribute in {**_packed(attributes), **attributes}.items():
        value = attribute.value
        if isinstance(value, bool) or not isinstance(value, int | float) or name in _NO_READING:
            continue
        quantity = number(value)
        if quantity is None:
            continue
        if name in _SHARES and 0 <= quantity <= 1:
            values[_SHARES[name]], units[_SHARES[name]] = round(quantity * 100, 6), "%"
            continue
        values[name] = quantity
        if attribute.unit:
            units[name] = _UNITS.get(attribute.unit, attribute.unit)
    return values, units


def _packed(attributes: Mapping[str, _Attribute]) -> dict[str, _Attribute]:
    """Return the quantities of a Device's `value` such as l%3D0.22%3Bt%3D21.2."""
    packed = attributes.get("value", _Attribute(None)).value
    if not isinstance(packed, str) or len(packed) > 1000:
        return {}
    found = {}
    for pair in unquote(packed).split(";"):
        name, _, value = pair.partition("=")
        quantity = number(value)
        if quantity is not None and name:
            found[_PREFIXES.get(name, name)] = _Attribute(quantity)
    return found
