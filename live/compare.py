"""What is another between two moments: counts side by side, and the things that changed state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

COUNTS: tuple[tuple[str, str], ...] = (
    ("doors", "open"),
    ("doors", "held"),
    ("doors", "forced"),
    ("doors", "offline"),
    ("sensing", "silent"),
    ("vehicles", "in"),
    ("vehicles", "out"),
    ("incidents", "open"),
)
"""Counters that are put side by side."""
COMPARED = ("entrances", "gates", "plate_cameras", "devices", "services", "incidents")
MOST = 300
"""Things that are named; the others are counted."""

Rows = Mapping[str, Mapping[str, Mapping[str, Any]]]


def compare_rows(before: Rows, after: Rows) -> dict[str, Any]:
    """Return how the rows of one moment differ from those of another.

    Returns:
        `counts` [{`of`, `name`, `a`, `b`}], `changed` [{`layer`, `id`, `a`, `b`}] with states, None
        where a thing was not there, and `more`, how many others changed.
    """
    counts = [
        {"of": of, "name": name, "a": _count(before, of, name), "b": _count(after, of, name)}
        for of, name in COUNTS
    ]
    changed = []
    for layer in COMPARED:
        old, new = before.get(layer, {}), after.get(layer, {})
        for key in sorted(old.keys() | new.keys()):
            a, b = _state(old.get(key)), _state(new.get(key))
            if a != b:
                changed.append({"layer": layer, "id": key, "a": a, "b": b})
    # what is wrong with people's things first, doors that merely opened last
    changed.sort(key=lambda one: (one["layer"] != "incidents", {one["a"], one["b"]} <= _PLAIN))
    return {"counts": counts, "changed": changed[:MOST], "more": max(0, len(changed) - MOST)}


_PLAIN = {"open", "closed"}


def _count(rows: Rows, of: str, name: str) -> int | None:
    value = rows.get("counters", {}).get(of, {}).get(name)
    return value if isinstance(value, int) else None


def _state(row: Mapping[str, Any] | None) -> str | None:
    return None if row is None else str(row.get("s"))
