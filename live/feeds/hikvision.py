"""Hikvision ISAPI: plate reads and door events, as XML, multipart or JSON, of every dialect seen.

XML is read without entities, DTDs or the network. Namespaces are dropped, as firmwares differ.
`serialNo` makes repeats count once; `currentEvent` false is a replay of history.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from lxml import etree

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
    lower_keys,
    per_cent,
    read_json,
    split_parts,
    text,
    to_moment,
)
from live.plates import classify_plate, normalise_plate

SOURCE = "hikvision"

_DEPTH = 30
_ACCESS = {
    1: ("card", True),
    2: ("card", True),  # card and password
    3: ("card", False),
    6: ("card", False),  # no right to this door
    7: ("card", False),
    8: ("card", False),  # expired
    9: ("card", False),  # no such card
    75: ("face", True),
    76: ("face", False),
    101: ("code", True),
    102: ("code", False),
}
"""Minor codes of major 5 (events) -> method, granted."""
_DOOR = {21: "open", 22: "closed", 25: "open", 26: "closed", 27: "forced", 28: "held"}
_EXIT_BUTTON = 23
_YELLOW = ("yellow", "黄", "黄色")


class HikvisionFeed:
    """Bodies of the event push, of alertStream, and of AcsEvent search pages."""

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
        sender = given.get(DEVICE_HEADER)
        content_type = given.get("content-type", "")
        if not body.lstrip().startswith((b"<", b"{", b"[")):
            boundary = boundary_of(body, content_type)
            if boundary is not None:
                for kind, content in split_parts(body, boundary):
                    if kind.startswith("image/") or content.startswith(b"\xff\xd8\xff"):
                        result.skipped += 1
                    else:
                        result.merge(_read_document(content, sender, received_at, resolve))
                if not (result.events or result.rejects or result.skipped):
                    result.reject("multipart without a part", body)
                return result
        result.merge(_read_document(body, sender, received_at, resolve))
        return result


def read_xml(body: bytes) -> dict[str, Any]:
    """Return an XML document as nested objects under local names.

    Raises:
        UnfitError: It is not XML, or it brings a DTD (entity expansion).
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False, recover=False
    )
    if b"<!DOCTYPE" in body[:2000] or b"<!ENTITY" in body:
        raise UnfitError("XML with a DTD or entities is refused")
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnfitError(f"not XML: {error}") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise UnfitError("XML with a DTD or entities is refused")
    return {etree.QName(root).localname: _to_dict(root, _DEPTH)}


def _to_dict(element: Any, depth: int) -> Any:
    children = [child for child in element if isinstance(child.tag, str)]
    if not children or depth <= 0:
        return element.text
    found: dict[str, Any] = {}
    for child in children:
        found.setdefault(etree.QName(child).localname, _to_dict(child, depth - 1))
    return found


def _read_document(
    body: bytes, sender: str | None, received_at: datetime, resolve: DeviceIndex
) -> ParseResult:
    result = ParseResult()
    try:
        plain = body.removeprefix(b"\xef\xbb\xbf").lstrip()
        document = read_xml(plain) if plain.startswith(b"<") else read_json(plain)
    except UnfitError as error:
        result.reject(str(error), body)
        return result
    document = as_dict(document)
    page = as_dict(document.get("AcsEvent"))

    def read_row(record: Any) -> list[Event]:
        row = as_dict(record)
        row.pop("name", None)  # who it was is nobody's need, not even in quarantine
        return [_access(row, row, sender, received_at, resolve, history=True)]

    def read(record: Any) -> list[Event]:
        alert = as_dict(as_dict(record).get("EventNotificationAlert", record))
        kind = text(alert, "eventType")
        if kind == "ANPR":
            return [_plate(alert, sender, received_at, resolve)]
        if kind == "AccessControllerEvent":
            detail = as_dict(alert.get("AccessControllerEvent"))
            detail.pop("name", None)
            return [_access(detail, alert, sender, received_at, resolve, history=False)]
        raise UnfitError(f"event type {kind!r} is not taken in (ANPR and doors are)")

    if page:
        read_each(result, as_list(page.get("InfoList")), read_row)
        if not (result.events or result.rejects):
            result.skipped += 1  # a search that found nothing
    else:
        read_each(result, [document], read)
    return result


def _keys(record: Mapping[str, Any], alert: Mapping[str, Any], sender: str | None) -> list[str]:
    """Return everything that may name the device, doors of a controller first."""
    detail = [text(record, "deviceName"), text(alert, "deviceUUID"), text(alert, "deviceID")]
    named = [sender, *detail, text(alert, "macAddress"), text(alert, "ipAddress"),
             text(alert, "channelName")]  # fmt: skip
    known = [key for key in named if key]
    port = text(record, "doorNo") or text(alert, "channelID", "dynChannelID")
    return [f"{key}/{port}" for key in known if port] + known


def _plate(
    alert: Mapping[str, Any], sender: str | None, received_at: datetime, resolve: DeviceIndex
) -> Event:
    detail = as_dict(alert.get("ANPR"))
    if not detail:
        raise UnfitError("ANPR without its ANPR part")
    ref = resolve.find(_reordered(_keys({}, alert, sender)), ["plate_cameras"])
    observed = to_moment(text(alert, "dateTime"), resolve.zone)
    plate = normalise_plate(text(detail, "licensePlate"))
    way = {"forward": "in", "reverse": "out"}.get(text(detail, "direction") or "")
    colour = "yellow" if text(detail, "plateColor") in _YELLOW else None
    data = {
        "plate": plate,
        "plate_class": classify_plate(plate, colour),
        "confidence": per_cent(text(detail, "confidenceLevel")),
        "direction": resolve.direction(ref, way),
    }
    when = text(alert, "dateTime") or received_at
    return make_event(
        "plate",
        ref,
        observed,
        data,
        event_id=stable_id(SOURCE, "anpr", ref.id, when, text(alert, "UUID"), plate),
        source=SOURCE,
        received_at=received_at,
    )


def _reordered(keys: list[str]) -> list[str]:
    """Return keys with the plain names first: what a person reads in a reject."""
    return sorted(keys, key=lambda key: "/" in key)


def _access(
    record: Mapping[str, Any],
    alert: Mapping[str, Any],
    sender: str | None,
    received_at: datetime,
    resolve: DeviceIndex,
    *,
    history: bool,
) -> Event:
    major = text(record, "majorEventType", "major")
    minor = text(record, "subEventType", "minor")
    code = int(minor) if minor and minor.isdecimal() and len(minor) < 9 else -1
    if major != "5" or not (code in _ACCESS or code in _DOOR or code == _EXIT_BUTTON):
        raise UnfitError(f"door event {major}/{minor} tells nothing of who passes or how it stands")
    ref = resolve.find(_keys(record, alert, sender), ["entrances", "gates"])
    when = text(alert, "dateTime", "time") or text(record, "dateTime", "time")
    observed = to_moment(when, resolve.zone)
    kind = "access"
    data: dict[str, Any]
    if code in _DOOR:
        kind, data = "status", {"state": _DOOR[code]}
    elif code == _EXIT_BUTTON:
        data = {"direction": "out", "granted": True}
    else:
        method, granted = _ACCESS[code]
        reader = text(record, "cardReaderNo")
        person = text(record, "employeeNoString", "employeeNo") or text(record, "cardNo")
        data = {
            "method": method,
            "direction": {"1": "in", "2": "out"}.get(reader or ""),
            "granted": granted,
            "subject": resolve.pseudonym(SOURCE, person),
        }
    serial = text(record, "serialNo")
    told = serial if serial and when else to_body(dict(record)).hex()
    identity = stable_id(SOURCE, "door", ref.id, told, observed or received_at)
    return make_event(
        kind,
        ref,
        observed,
        data,
        event_id=identity,
        source=SOURCE,
        received_at=received_at,
        live=_is_live(record, history),
    )


def _is_live(record: Mapping[str, Any], history: bool) -> bool | None:
    """Return what the device itself says of a record, None when it does not say."""
    current = record.get("currentEvent")
    if history or current in (False, "false"):
        return False
    return True if current in (True, "true") else None
