"""Wire rows of what the twin knows and of what happened (docs/wire-protocol.md)."""

from __future__ import annotations

import math
from typing import Any

from live.events import Event
from live.plates import classify_plate, mask_plate
from live.subjects import Subject


def to_row(subject: Subject) -> dict[str, Any]:
    """Return the wire row, every field of its layer present (docs/wire-protocol.md)."""
    layer = subject.layer
    if layer == "parking":
        return {
            "free": _free(subject),
            "cap": _capacity(subject),
            "t": subject.last_reported,
        }
    if layer == "services":
        return {
            "s": subject.shown,
            "used": subject.used,
            "cap": subject.capacity,
            "t": subject.last_reported,
        }
    row: dict[str, Any] = {
        "s": subject.shown,
        "h": subject.hearing,
        "t": subject.last_reported,
    }
    if layer == "plate_cameras":
        row["n"] = subject.reads
        return row
    row["since"] = subject.last_changed
    if layer == "devices":
        row["v"] = dict(subject.values)
        row["u"] = dict(subject.units)
    return row


def _capacity(subject: Subject) -> int | None:
    told = subject.values.get("capacity")
    return int(told) if told is not None else subject.capacity


def _free(subject: Subject) -> int | None:
    free, used = subject.values.get("free"), subject.values.get("occupied")
    capacity = _capacity(subject)
    newer = subject.value_at.get("occupied", -math.inf) > subject.value_at.get("free", -math.inf)
    if used is not None and capacity is not None and (free is None or newer):
        return max(0, int(capacity - used))
    return int(free) if free is not None else None


NEWS_STATES = frozenset({"held", "forced", "fault", "alarm", "offline", "full"})


def is_news(event: Event) -> bool:
    """Return whether an event belongs in the feed: a vehicle passed, or something is wrong.

    Readings and services that open as they should would drown it; a row for each person who passes
    would let people be counted (docs/decisions/0003-small-numbers.md).
    """
    if event.kind in ("plate", "alarm", "order"):
        return True
    return event.kind in ("status", "service") and event.data.get("state") in NEWS_STATES


def to_feed_row(event: Event, t: float) -> dict[str, Any]:
    """Return the feed row of an event: what may be shown to everybody, plates masked.

    Pseudonyms, titles and free text of devices stay behind.
    """
    data = event.data
    detail: dict[str, Any] = {}
    if event.kind == "plate":
        detail = {
            "plate": mask_plate(data.get("plate")),
            "plate_class": to_plate_class(data),
            "direction": data.get("direction"),
            "who": to_who(data),
        }
    elif event.kind == "reading":
        detail = {"values": data.get("values") or {}, "unit": data.get("unit") or {}}
    elif event.kind == "alarm":
        detail = {"type": data.get("type"), "severity": data.get("severity")}
    else:
        detail = {"state": data.get("state")}
    return {"k": event.kind, "l": event.layer, "i": event.subject, "t": t, "d": detail}


def to_plate_class(data: dict[str, Any]) -> str:
    """Return the plate class that a read carries, or the one its text tells."""
    plate = data.get("plate")
    if not plate:
        return "unread"
    return str(data.get("plate_class") or classify_plate(plate))


def to_who(data: dict[str, Any]) -> str:
    """Return resident, visitor or unknown for a plate read."""
    who = data.get("who")
    return who if who in ("resident", "visitor") else "unknown"
