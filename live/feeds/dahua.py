"""Dahua: plate reads and door events, in JSON, compressed or not, and in its text stream.

Bodies under `Content-Encoding: deflate` are zlib, raw deflate, or plain all the same. `RealUTC` is
the true time; `UTC` counts the seconds of the local clock. `DataSource` Offline is history.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

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
from live.feeds.fields import (
    as_dict,
    as_list,
    boundary_of,
    local_epoch,
    lower_keys,
    number,
    per_cent,
    read_json,
    split_parts,
    text,
    to_moment,
)
from live.plates import classify_plate, normalise_plate

SOURCE = "dahua"
MAX_UNPACKED = 16 * 2**20
"""Longest body after unpacking, bytes."""

_PLATE_CODES = re.compile(r"^Traffic|^ANPR|PlateRecog|^VehicleRecog", re.IGNORECASE)
_METHODS = {0: "code", 1: "card", 2: "card", 3: "card", 4: "phone", 15: "face", 16: "face"}
"""Method numbers of AccessControl -> method; buttons and keys have none."""
_DOOR = {"open": "open", "close": "closed", "closed": "closed", "break": "forced"}
_DOOR_CODES = {"DoorNotClosed": "held", "BreakIn": "forced"}
_WAYS = {"entry": "in", "exit": "out", "approach": "in", "leave": "out"}
_STREAM = re.compile(r"Code=([^;\s]+)((?:;(?!data=)[^;]*)*)(?:;data=(.*))?\Z", re.DOTALL)


class DahuaFeed:
    """Bodies that devices push, and pieces of the eventManager stream."""

    name = SOURCE

    def parse(
        self,
        body: bytes,
        headers: Mapping[str, str],
        *,
        received_at: datetime,
        resolve: DeviceIndex,
    ) -> ParseResult:
        """Return the events of a body; pictures in it are skipped and counted."""
        result = ParseResult()
        if too_long(body, result):
            return result
        given = lower_keys(headers)
        try:
            plain = unpack(body, given.get("content-encoding", ""))
        except UnfitError as error:
            result.reject(str(error), body[:1000])
            return result
        sender = given.get(DEVICE_HEADER)
        boundary = None
        if not plain.lstrip().startswith((b"{", b"[")):
            boundary = boundary_of(plain, given.get("content-type", ""))
        parts = [("", plain)] if boundary is None else split_parts(plain, boundary)
        for kind, content in parts:
            picture = kind.startswith("image/") or content.startswith(b"\xff\xd8\xff")
            if picture or (content.strip() == b"Heartbeat" and sender is None):
                result.skipped += 1
            else:
                _read_part(content, sender, received_at, resolve, result)
        if not (result.events or result.rejects or result.skipped):
            result.reject("an empty message", body)
        return result


def unpack(body: bytes, encoding: str) -> bytes:
    """Return a body unpacked, or as it is when it was not packed after all.

    Raises:
        UnfitError: It unpacks to more than `MAX_UNPACKED`.
    """
    if encoding.strip().lower() not in ("deflate", "gzip", "x-gzip", "zlib"):
        return body
    bare = body.strip()
    if bare[:1] + bare[-1:] in (b"{}", b"[]") or bare.startswith(b"--"):
        return body
    for bits in (zlib.MAX_WBITS | 32, -zlib.MAX_WBITS):  # zlib or gzip by its head, then raw
        packer = zlib.decompressobj(bits)
        try:
            plain = packer.decompress(body, MAX_UNPACKED)
        except zlib.error:
            continue
        if packer.unconsumed_tail:
            raise UnfitError(f"unpacks to more than {MAX_UNPACKED} bytes: not read")
        return plain
    return body


def _read_part(
    content: bytes,
    sender: str | None,
    received_at: datetime,
    resolve: DeviceIndex,
    result: ParseResult,
) -> None:
    def read(record: Any) -> list[Event]:
        return [_read(as_dict(record), sender, received_at, resolve)]

    try:
        records = _records(content)
    except UnfitError as error:
        result.reject(str(error), content)
        return
    if not records:
        result.reject("a message without an event", content)
    read_each(result, records, read)


def _records(content: bytes) -> list[Any]:
    """Return the events of JSON, or of one piece of the text stream."""
    plain = content.strip()
    if plain.startswith((b"{", b"[")):
        document = read_json(plain)
        if isinstance(document, dict) and "Events" in document:
            outer = {name: value for name, value in document.items() if name != "Events"}
            return [outer | as_dict(event) for event in as_list(document["Events"])]
        return as_list(document)
    if plain == b"Heartbeat":
        return [{"Code": "Heartbeat"}]
    found = _STREAM.search(plain.decode(errors="replace"))
    if found is None:
        raise UnfitError("neither JSON nor a line of the event stream (Code=...;action=...)")
    record: dict[str, Any] = {"Code": found[1]}
    for pair in found[2].strip(";").split(";"):
        name, _, value = pair.partition("=")
        record[name.strip()] = value.strip()
    if found[3]:
        try:
            record["Data"] = read_json(found[3].encode())
        except UnfitError as error:
            raise UnfitError(f"{found[1]}: its data is {error}") from error
    return [record]


def _read(
    record: dict[str, Any], sender: str | None, received_at: datetime, resolve: DeviceIndex
) -> Event:
    code = text(record, "Code")
    if code is None:
        raise UnfitError("an event without Code")
    data = as_dict(record.get("Data") or record.get("data"))
    merged = {**record, **data}
    live = {"offline": False, "realtime": True}.get((text(merged, "DataSource") or "").lower())
    observed, dated = _time(merged, resolve.zone)
    told: dict[str, Any]
    if code == "Heartbeat":
        kind, ref, told = "status", resolve.find([sender]), {"heartbeat": True}
    elif _PLATE_CODES.search(code):
        ref = resolve.find(_keys(merged, sender), ["plate_cameras"])
        kind, told = "plate", _plate(merged)
        told["direction"] = resolve.direction(ref, told["direction"])
    elif code == "AccessControl":
        ref = resolve.find(_keys(merged, sender), ["entrances", "gates"])
        kind, told = "access", _access(merged, resolve)
    elif code == "DoorStatus" or code in _DOOR_CODES:
        ref = resolve.find(_keys(merged, sender), ["entrances", "gates"])
        state = _DOOR_CODES.get(code) or _DOOR.get((text(data, "Status") or "").lower())
        if state is None:
            raise UnfitError(f"door state {text(data, 'Status')!r} is not known")
        kind, told = "status", {"state": state}
    else:
        raise UnfitError(f"event {code[:60]!r} is not taken in (plates and doors are)")
    # a message without a time of its own is another one each time it comes
    when = "" if dated else received_at
    return make_event(
        kind,
        ref,
        observed,
        told,
        event_id=stable_id(SOURCE, code, ref.id, to_body({**record, "DataSource": ""}).hex(), when),
        source=SOURCE,
        received_at=received_at,
        live=live,
    )


def _time(merged: Mapping[str, Any], zone: ZoneInfo) -> tuple[datetime | None, bool]:
    car = as_dict(merged.get("TrafficCar"))
    for place in (merged, car):
        if number(place.get("RealUTC")):
            return to_moment(number(place["RealUTC"]), zone), True
    for place in (merged, car):
        if number(place.get("UTC")):
            return local_epoch(place["UTC"], zone), True
    if number(merged.get("CreateTime")):
        return to_moment(number(merged["CreateTime"]), zone), True
    return None, False


def _keys(merged: Mapping[str, Any], sender: str | None) -> list[str]:
    car = as_dict(merged.get("TrafficCar"))
    named = [sender, text(merged, "SN", "DeviceID", "DeviceNo", "MachineAddress", "MAC"),
             text(car, "MachineAddress", "DeviceAddress", "MachineName")]  # fmt: skip
    known = [key for key in named if key]
    port = text(merged, "Door", "Channel", "Index", "index")
    return known + [f"{key}/{port}" for key in known if port]


def _plate(merged: Mapping[str, Any]) -> dict[str, Any]:
    car, plate_part = as_dict(merged.get("TrafficCar")), as_dict(merged.get("Object"))
    plate = normalise_plate(text(car, "PlateNumber") or text(plate_part, "Text"))
    # Vehicle.Confidence is of the vehicle, not of its plate
    trust = number(plate_part.get("Confidence"))
    colour = text(car, "PlateColor") or text(plate_part, "PlateColor")
    return {
        "plate": plate,
        "plate_class": classify_plate(plate, colour),
        "confidence": None if trust is None else per_cent(trust),
        "direction": _WAYS.get((text(car, "Direction") or "").lower()),
    }


def _access(merged: Mapping[str, Any], resolve: DeviceIndex) -> dict[str, Any]:
    method = number(merged.get("Method"))
    person = text(merged, "UserID") or text(merged, "CardNo")
    return {
        "method": None if method is None else _METHODS.get(int(method)),
        "direction": _WAYS.get((text(merged, "Type") or "").lower()),
        "granted": number(merged.get("Status")) == 1,
        "subject": resolve.pseudonym(SOURCE, person),
    }
