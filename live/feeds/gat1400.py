"""GA/T 1400 (视图库): vehicles, faces and persons as Chinese cameras and gates report them.

We are the superior (上级). Images, features and links to them are dropped; a person becomes a
pseudonym. Lists are found wherever they stand, so that notifications, plain posts and dialects
(`PersonList` for `PersonListObject`) read alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from live.events import Event, stable_id
from live.feeds.base import (
    DEVICE_HEADER,
    DeviceIndex,
    ParseResult,
    make_event,
    read_each,
    to_body,
    too_long,
)
from live.feeds.errors import UnfitError
from live.feeds.fields import as_list, lower_keys, per_cent, read_json, text, to_moment
from live.plates import classify_plate, normalise_plate

SOURCE = "gat1400"

VEHICLES = ("MotorVehicleObject", "NonMotorVehicleObject")
PEOPLE = ("FaceObject", "PersonObject")
SIGNS_OF_LIFE = ("KeepaliveObject", "RegisterObject")

_DEPTH = 12
_YELLOW = ("6", "黄", "黄色", "黄底黑字")  # ColorType 6; dialects write words
_TIMES = ("PassTime", "FaceAppearTime", "PersonAppearTime", "AppearTime", "ShotTime", "MarkTime",
          "LocationMarkTime", "TriggerTime")  # fmt: skip


class Gat1400Feed:
    """Bodies of POST /VIID/MotorVehicles, /Faces, /SubscribeNotifications and the like."""

    name = SOURCE

    def parse(
        self,
        body: bytes,
        headers: Mapping[str, str],
        *,
        received_at: datetime,
        resolve: DeviceIndex,
    ) -> ParseResult:
        """Return the events of every object in a body."""
        result = ParseResult()
        if too_long(body, result):
            return result
        given = lower_keys(headers)
        senders = [given.get(DEVICE_HEADER), given.get("user-identify")]
        try:
            document = read_json(body)
        except UnfitError as error:
            result.reject(str(error), body)
            return result

        def read(found: tuple[str, Any]) -> list[Event]:
            return [_read(found[0], found[1], senders, received_at, resolve)]

        found = list(_objects(document, _DEPTH))
        for name, record in found:
            part = ParseResult()
            read_each(part, [(name, record)], read)
            for reject in part.rejects:
                result.reject(reject.reason, {name: record})
            result.events += part.events
        if not found:
            names = ", ".join(sorted(map(str, document))[:5]) if isinstance(document, dict) else ""
            result.reject(f"holds no GA/T 1400 object that is taken in (found: {names})", document)
        return result


def _objects(value: Any, depth: int) -> Iterator[tuple[str, Any]]:
    """Yield every known object of a document with its name."""
    if depth <= 0:
        return
    if isinstance(value, list):
        for item in value:
            yield from _objects(item, depth - 1)
    elif isinstance(value, dict):
        for name, item in value.items():
            if name in (*VEHICLES, *PEOPLE, *SIGNS_OF_LIFE):
                for record in as_list(item):
                    yield name, record
            else:
                yield from _objects(item, depth - 1)


def _read(
    name: str,
    record: Any,
    senders: list[str | None],
    received_at: datetime,
    resolve: DeviceIndex,
) -> Event:
    if not isinstance(record, dict):
        raise UnfitError(f"{name} must be an object, got {type(record).__name__}")
    keys = [text(record, "DeviceID"), text(record, "TollgateID"), *senders]
    observed = to_moment(next((record[t] for t in _TIMES if record.get(t)), None), resolve.zone)
    given = text(record, "MotorVehicleID", "NonMotorVehicleID", "FaceID", "PersonID")
    if name in VEHICLES:
        ref = resolve.find(keys, ["plate_cameras"])
        kind, data = "plate", _vehicle(record)
        data["direction"] = resolve.direction(ref)
    elif name in PEOPLE:
        ref = resolve.find(keys, ["entrances", "gates"])
        kind = "access"
        person = text(record, "IDNumber") or given
        data = {
            "method": "face",
            "granted": True,
            "subject": resolve.pseudonym(SOURCE, text(record, "IDType"), person),
        }
    else:
        ref = resolve.find(keys)
        kind, data = "status", {"heartbeat": True}
        given = None
    # without an id of its own, a message is what it says and when
    told = given or to_body(record).hex()
    when = observed or (received_at if given is None else "")
    return make_event(
        kind,
        ref,
        observed,
        data,
        event_id=stable_id(SOURCE, name, told, ref.id, when),
        source=SOURCE,
        received_at=received_at,
    )


def _vehicle(record: Mapping[str, Any]) -> dict[str, Any]:
    told = text(record, "PlateNo")
    plate = None if text(record, "HasPlate") in ("0", "否") else normalise_plate(told)
    trust = per_cent(text(record, "PlateReliability"))
    read, single = _characters(text(record, "PlateCharReliability") or "")
    data: dict[str, Any] = {"plate": plate}
    if single:
        # the standard's own field is often a constant: the weakest character tells more
        trust = min(single)
        if plate is not None and normalise_plate(read) != plate:
            data["doubtful"] = True
    colour = "yellow" if text(record, "PlateColor") in _YELLOW else None
    return data | {"plate_class": classify_plate(plate, colour), "confidence": trust}


def _characters(told: str) -> tuple[str, list[float]]:
    """Return the characters and trusts of a text such as 苏-80,B-90,1-90."""
    pairs = [part.rpartition("-") for part in told.split(",") if "-" in part]
    trusts = [per_cent(value) for _, _, value in pairs]
    known = [value for value in trusts if value is not None]
    return "".join(char.strip() for char, _, _ in pairs), known if len(known) == len(pairs) else []
