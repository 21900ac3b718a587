"""Takes plates and pseudonyms out of what the API shows."""

from __future__ import annotations

import re
from typing import Any

import orjson

from live.events import Event
from live.plates import PROVINCES, mask_plate

_GAP = r"[\s·•.\-]?"
_PLATE = re.compile(
    rf"(?<![A-Za-z0-9])[{PROVINCES}]{_GAP}[A-Za-z]{_GAP}"
    r"[A-Za-z0-9]{4,6}[警学挂港澳领使]?(?![A-Za-z0-9])"
    r"|[A-Za-z0-9]{3,5}应急"
)
_PLATE_KEY = re.compile(r"plate|chepai|车牌|号牌", re.IGNORECASE)
_HARMLESS = re.compile(r"class|colou?r|type|reliab|confid|rect|belong|country", re.IGNORECASE)
_PLATE_TAG = re.compile(
    r"(<(?:\w+:)?(?:licensePlate|originalLicensePlate|plateNo|plateNumber)>)([^<]*)", re.IGNORECASE
)
_PERSON_KEYS = frozenset({"subject", "employeeNo", "employeeNoString", "cardNo", "UserID"})
_PLATE_EVENT = frozenset({"plate_class", "direction", "who", "lane", "colour", "source"})
"""Fields of a plate read whose text is no plate."""


def mask_text(text: str) -> str:
    """Return a text with the plates in it masked."""
    return _PLATE.sub(lambda found: mask_plate(found[0]), text)


def mask_event(event: Event) -> dict[str, Any]:
    """Return the wire form of an event with its plates masked and without who passed."""
    wire = event.to_json()
    data = dict(event.data)
    if event.kind == "plate":
        shown = {
            key: mask_plate(value) if isinstance(value, str) and key not in _PLATE_EVENT else value
            for key, value in data.items()
        }
        if event.data.get("plate") is None:
            shown["plate"] = None
        data = shown
    elif event.kind == "access":
        data.pop("subject", None)
    wire["data"] = mask_value(data)
    wire["event_id"] = mask_text(event.event_id)
    return wire


def mask_value(value: Any, key: str = "") -> Any:
    """Return a JSON value with the plates in it masked, by their look and by their field."""
    if isinstance(value, dict):
        return {name: mask_value(item, str(name)) for name, item in value.items()}
    if isinstance(value, list):
        return [mask_value(item, key) for item in value]
    if not isinstance(value, str):
        return value
    if _PLATE_KEY.search(key) and not _HARMLESS.search(key) and "*" not in value:
        return mask_plate(value)
    return mask_text(value)


def mask_body(body: bytes) -> str:
    """Return a quarantined message for those who may not see plates."""
    try:
        return orjson.dumps(_without_people(mask_value(orjson.loads(body)))).decode()
    except (orjson.JSONDecodeError, TypeError):
        plain = body.decode(errors="replace")
        return mask_text(_PLATE_TAG.sub(lambda found: found[1] + mask_plate(found[2]), plain))


def _without_people(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: "[masked]" if key in _PERSON_KEYS and isinstance(item, str) else
            _without_people(item)
            for key, item in value.items()
        }  # fmt: skip
    return [_without_people(item) for item in value] if isinstance(value, list) else value
