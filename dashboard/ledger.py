"""The ledger of entry and exit: people as protected counts, vehicles one by one with masked plates.

Vehicles are no persons: their counts are exact. Counts of people come from `World.people` alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dashboard.world import World
from geodata.community import Community
from geodata.schema import ACCESS_METHODS
from live.history import (
    CameraDay,
    Inside,
    PeopleSpan,
    Read,
    Span,
    camera_day,
    day_span,
    read_reads,
    still_inside,
)

LOOK_BACK = timedelta(days=3)
"""A vehicle that came in before this is not known to be inside."""
SHOWN_METHODS = (*ACCESS_METHODS, "other")


@dataclass(frozen=True)
class GateRow:
    """A gate's day: people by published counts, vehicles by those of its cameras."""

    id: str
    name: str
    people: tuple[int, int]
    methods: dict[str, int]
    vehicles: tuple[int, int] | None
    """None for a gate without plate cameras."""


@dataclass(frozen=True)
class Ledger:
    """A day of the ledger.

    Attributes:
        day: The day.
        zone: The place's clock.
        now: When it was drawn up.
        people: Published counts.
        gates: Each gate.
        vehicles: All plate cameras together.
        reads: Every read of the day, newest first.
        cameras: Names of plate cameras by id.
        inside: Vehicles inside at `at`: visitors over their time first, then the longest.
        at: The moment `inside` is about: now, or the end of a day gone by.
        limit: How long a visitor may stay.
        classes: Vehicles in and out by plate class.
    """

    day: date
    zone: ZoneInfo
    now: datetime
    people: PeopleSpan
    gates: list[GateRow]
    vehicles: CameraDay
    reads: list[Read]
    cameras: dict[str, str]
    inside: list[Inside]
    at: datetime
    limit: timedelta
    classes: dict[str, tuple[int, int]]

    @property
    def over(self) -> list[Inside]:
        """Visitors inside for longer than their limit."""
        return [inside for inside in self.inside if inside.over]


def read_ledger(world: World, day: date, now: datetime) -> Ledger:
    """Return a day of the ledger; reads the store.

    Args:
        world: Whose.
        day: A day by the place's clock.
        now: The present moment.
    """
    span = day_span(day, world.timezone)
    around = Span(span.since - LOOK_BACK, span.until)
    reads = read_reads(
        world.twin.store, around, world.pseudonym_key, facing=read_facing(world.community)
    )
    people = world.people.read(span, now)
    return build_ledger(
        world.community, people, reads, day, world.timezone, now, world.visitor_limit
    )


def build_ledger(
    community: Community,
    people: PeopleSpan,
    reads: list[Read],
    day: date,
    zone: ZoneInfo,
    now: datetime,
    limit: timedelta,
) -> Ledger:
    """Return a day of the ledger out of what was read.

    Args:
        community: Whose gates and cameras.
        people: Published counts of the day.
        reads: Reads from `LOOK_BACK` before the day to its end, in order of time.
        day: The day.
        zone: The place's clock.
        now: The present moment.
        limit: How long a visitor may stay.
    """
    span = people.span
    mine = [read for read in reads if read.at in span]
    at = min(now, span.until)
    inside = still_inside(reads, at, limit)
    rank = {"visitor": 0, "unknown": 1}
    inside.sort(key=lambda one: (not one.over, rank.get(one.who, 2), one.since))
    gate_of = {
        str(camera): str(gate)
        for camera, gate in zip(
            community["plate_cameras"]["id"], community["plate_cameras"]["gate_id"], strict=True
        )
        if isinstance(gate, str)
    }
    gates = []
    for key, name in _names(community, "gates").items():
        with_cameras = key in gate_of.values()
        seen = [read for read in mine if gate_of.get(read.camera) == key]
        gates.append(
            GateRow(
                key,
                name,
                people.total("gates", key),
                people.methods("gates", key),
                camera_day(seen, span.hours).total if with_cameras else None,
            )
        )
    return Ledger(
        day=day,
        zone=zone,
        now=now,
        people=people,
        gates=gates,
        vehicles=camera_day(mine, span.hours),
        reads=mine[::-1],
        cameras=_names(community, "plate_cameras"),
        inside=inside,
        at=at,
        limit=limit,
        classes=_count_classes(mine),
    )


def _count_classes(reads: list[Read]) -> dict[str, tuple[int, int]]:
    counts: dict[str, list[int]] = {}
    for read in reads:
        ways = counts.setdefault(read.plate_class, [0, 0])
        if read.direction:
            ways[read.direction == "out"] += 1
    ranked = sorted(counts.items(), key=lambda item: -sum(item[1]))
    return {name: (into, out) for name, (into, out) in ranked}


def read_facing(community: Community) -> dict[str, str]:
    """Return what each plate camera sees, in or out, where it sees one of them."""
    cameras = community["plate_cameras"]
    facing: Any = zip(cameras["id"], cameras["direction"], strict=True)
    return {str(key): str(way) for key, way in facing if way in ("in", "out")}


def _names(community: Community, layer: str) -> dict[str, str]:
    gdf = community[layer]
    names = gdf["name"].where(gdf["name"].notna(), gdf["id"])
    return {str(key): str(name) for key, name in zip(gdf["id"], names, strict=True)}
