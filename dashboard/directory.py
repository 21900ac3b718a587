"""The directory of services: what there is for whom, whether it is open now, and who says so."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pandas as pd

from dashboard.access.scope import is_within
from dashboard.editing.places import closed_until
from dashboard.words import Words
from dashboard.world import World
from live.disclosure import show_count

GROUPS: dict[str, tuple[str, ...]] = {
    "convenience": (
        "service_centre", "convenience", "shop", "market", "pharmacy",
        "police", "fire_station", "toilet", "other",
    ),
    "parking": ("parking",),
    "everyone": (
        "elderly_care", "canteen", "kindergarten", "school", "health_station", "culture", "sports",
    ),
    "childcare": ("childcare",),
}  # fmt: skip
"""Groups of the community's public account (便民服务, 小区车位查询, 一老一少一普, 托管) by kind."""

FRESH_S = 1800.0
"""What a service last said of itself counts for so long; then its hours do, seconds."""

_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su", "PH")
_RULE = re.compile(
    r"(?:(?P<days>(?:Mo|Tu|We|Th|Fr|Sa|Su|PH)(?:[-,](?:Mo|Tu|We|Th|Fr|Sa|Su|PH))*)\s+)?"
    r"(?P<times>off|\d{1,2}:\d\d-\d{1,2}:\d\d(?:,\s*\d{1,2}:\d\d-\d{1,2}:\d\d)*)"
)


def describe_directory(world: World, now: datetime) -> dict[str, Any]:
    """Return every service and car park by group: `GET /api/v1/directory`.

    Each entry: `layer`, `id`, `name`, `kind`, `supplier`, `supplier_kind`, `hours` (as the file has
    them), `state` (open closed full unknown), `by` (live, hours, manager or None), `changes_at`
    (when its hours next change that), `capacity`, `used` ("<5" for few), `free` (car parks), `t`
    (clock of what it said itself, epoch seconds, or None), `phone`, `closed_until` (by managers).
    """
    with world.twin.lock:
        live = world.twin.state.snapshot()
    services = [
        _service(world, row, live["services"].get(str(row["id"])), now)
        for row in _rows(world, "services")
    ]
    parking = [
        _car_park(row, live["parking"].get(str(row["id"]))) for row in _rows(world, "parking")
    ]
    entries = [*services, *parking]
    return {
        "at": round(now.timestamp(), 3),
        "groups": [
            {
                "group": group,
                "entries": sorted(
                    (entry for entry in entries if entry["group"] == group),
                    key=lambda entry: (_rank(kinds, entry["kind"]), _natural(entry["name"])),
                ),
            }
            for group, kinds in GROUPS.items()
        ],
    }


def _rows(world: World, layer: str) -> list[dict[str, Any]]:
    frame = pd.DataFrame(world.community[layer].drop(columns="geometry"))
    rows: Any = frame.astype("object").where(frame.notna(), None).to_dict("records")
    return [row for row in rows if is_within(world.twin, layer, str(row["id"]))]


def _service(
    world: World, row: dict[str, Any], live: dict[str, Any] | None, now: datetime
) -> dict[str, Any]:
    state, by = tell_state(world, row["hours"], live, now)
    if closed_until(row, now) is not None:
        state, by = "closed", "manager"
    change = world.hours.next_change(row["hours"], now)
    live = live or {}
    used = live.get("used")
    capacity = live.get("cap") if live.get("cap") is not None else row["capacity"]
    return {
        "group": _group(str(row["kind"])),
        "layer": "services",
        "id": str(row["id"]),
        "name": row["name"] or str(row["id"]),
        "kind": str(row["kind"]),
        "supplier": row["supplier"],
        "supplier_kind": row["supplier_kind"],
        "hours": row["hours"],
        "state": state,
        "by": by,
        "changes_at": change.timestamp() if change is not None and by == "hours" else None,
        "capacity": None if capacity is None else int(capacity),
        "used": None if used is None else show_count(int(used)),
        "free": None,
        "t": live.get("t"),
        "phone": row.get("phone"),
        "closed_until": row.get("closed_until") if by == "manager" else None,
    }


def _car_park(row: dict[str, Any], live: dict[str, Any] | None) -> dict[str, Any]:
    live = live or {}
    free, capacity = live.get("free"), live.get("cap")
    capacity = row["capacity"] if capacity is None else capacity
    state = "unknown" if free is None else "full" if free == 0 else "open"
    return {
        "group": "parking",
        "layer": "parking",
        "id": str(row["id"]),
        "name": row["name"] or str(row["id"]),
        "kind": "parking",
        "supplier": None,
        "supplier_kind": None,
        "hours": None,
        "state": state,
        "by": "live" if free is not None else None,
        "changes_at": None,
        "capacity": None if capacity is None else int(capacity),
        "used": None,
        "free": free,
        "t": live.get("t"),
        "phone": None,
        "closed_until": None,
    }


def _group(kind: str) -> str:
    return next((group for group, kinds in GROUPS.items() if kind in kinds), "convenience")


def _rank(kinds: tuple[str, ...], kind: str) -> int:
    return kinds.index(kind) if kind in kinds else len(kinds)


def _natural(name: str) -> list[tuple[int, str]]:
    """Return a name as something to sort by, in which 2 comes before 10."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name)]


def tell_state(
    world: World, hours: str | None, live: dict[str, Any] | None, now: datetime
) -> tuple[str, str | None]:
    """Return whether a service is open (open, closed, full, unknown), and who says so.

    What it said itself within `FRESH_S` goes first, its opening hours second.
    """
    if live is not None and live["s"] in ("open", "closed", "full"):
        said_at = live.get("t")
        if said_at is not None and now.timestamp() - said_at <= FRESH_S:
            return str(live["s"]), "live"
    opened = world.hours.is_open(hours, now)
    if opened is None:
        return "unknown", None
    return ("open" if opened else "closed"), "hours"


def plain_hours(words: Words, hours: str | None) -> str:
    """Return opening hours in plain words; what is not plain stays as it was written.

    Args:
        words: The language.
        hours: OSM opening_hours, or None.
    """
    if not hours:
        return words("directory.hours.unknown")
    if hours.strip() == "24/7":
        return words("directory.hours.always")
    said = []
    for rule in hours.split(";"):
        found = _RULE.fullmatch(rule.strip())
        if found is None:
            return hours
        times = (
            words("directory.hours.off")
            if found["times"] == "off"
            else words("directory.hours.and").join(
                part.strip().replace("-", "–") for part in found["times"].split(",")
            )
        )
        days = _plain_days(words, found["days"])
        said.append(f"{days} {times}" if days else times)
    return words("directory.hours.then").join(said)


def _plain_days(words: Words, days: str | None) -> str:
    if days in (None, "Mo-Su"):
        return words("directory.hours.daily")
    parts = []
    for part in str(days).split(","):
        ends = [words(f"directory.day.{day}") for day in part.split("-") if day in _DAYS]
        parts.append(words("directory.hours.to").join(ends))
    return words("directory.hours.and").join(parts)
