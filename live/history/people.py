"""People who came and went, as counts out of one protected table; nothing else may count them.

The table has a cell for each hour, place, direction and method: doors apart, and gates by the
building that the same person's door tells (10 minutes apart at most). `protect_hour` rounds the
cells of an hour when it is over (`live.disclosure`); every view is a sum of rounded cells, so that
no two views can be played off against each other. A published count is a multiple of five; for a
place in one hour it is off by five at most.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

import pandas as pd

from geodata.community import Community
from geodata.schema import ACCESS_METHODS
from live.disclosure import round_chain
from live.events import Event
from live.history.span import HOUR, Span

LINK = timedelta(minutes=10)
"""A person who passes a gate and a door so close together walked between them."""

DIRECTIONS = ("in", "out")
METHODS = (*ACCESS_METHODS, "other")
NOWHERE = ""
"""Building of those who passed a gate and no door."""

Cell = tuple[str, str, str]
"""Place, method, building: of a door its own, of a gate the one that was walked to or from."""
Table = dict[str, int]
"""Counts by `PLACE|METHOD|BUILDING`, those above zero only."""
State = Literal["closed", "open", "missing"]


@dataclass(frozen=True)
class Places:
    """Doors and gates in the fixed order in which their counts are rounded.

    Attributes:
        doors: Ids of entrances, building by building, compound by compound.
        gates: Ids of gates, compound by compound.
        buildings: Ids of buildings that have doors, in the order of `doors`.
        building_of: Building of a door.
        compound_of: Compound of a building or gate.
        grid_of: Grid of a building.
    """

    doors: list[str]
    gates: list[str]
    buildings: list[str]
    building_of: dict[str, str]
    compound_of: dict[str, str]
    grid_of: dict[str, str] = field(default_factory=dict)

    @property
    def door_cells(self) -> list[Cell]:
        """Cells of the doors in their fixed order."""
        return [(d, m, self.building_of.get(d, NOWHERE)) for d in self.doors for m in METHODS]

    @property
    def gate_cells(self) -> list[Cell]:
        """Cells of the gates in their fixed order."""
        return [(g, m, b) for g in self.gates for m in METHODS for b in (*self.buildings, NOWHERE)]

    def doors_of(self, layer: str, key: str) -> set[str]:
        """Return the doors of a building, compound, grid or the whole community."""
        if layer == "entrances":
            return {key} & set(self.doors)
        if layer == "community":
            return set(self.doors)
        if layer == "buildings":
            return {door for door in self.doors if self.building_of.get(door) == key}
        area_of = {"compounds": self.compound_of, "grids": self.grid_of}[layer]
        return {d for d in self.doors if area_of.get(self.building_of.get(d, NOWHERE)) == key}


def read_places(community: Community) -> Places:
    """Return the doors and gates of a community, neighbours together."""
    buildings, doors, gates = (
        pd.DataFrame(community[name].drop(columns="geometry"))
        for name in ("buildings", "entrances", "gates")
    )
    grid_of = _links(buildings, "grid_id")
    compound_of = _links(buildings, "compound_id") | _links(gates, "compound_id")
    building_of = _links(doors, "building_id")

    def nearby(door: str) -> tuple[str, ...]:
        building = building_of.get(door, NOWHERE)
        return compound_of.get(building, ""), grid_of.get(building, ""), building, door

    ordered = sorted((str(key) for key in doors["id"]), key=nearby)
    return Places(
        ordered,
        sorted((str(key) for key in gates["id"]), key=lambda g: (compound_of.get(g, ""), g)),
        list(dict.fromkeys(building_of[door] for door in ordered if door in building_of)),
        building_of,
        compound_of,
        grid_of,
    )


def _links(frame: pd.DataFrame, column: str) -> dict[str, str]:
    known = frame[frame[column].notna()]
    return dict(zip(known["id"].astype(str), known[column].astype(str), strict=True))


@dataclass(frozen=True, slots=True)
class HourTable:
    """Counts of one hour, true or published: by layer (entrances, gates) and direction."""

    hour: datetime
    tables: dict[tuple[str, str], Table]

    def to_json(self) -> dict[str, Any]:
        """Return it for keeping."""
        return {f"{layer}/{way}": table for (layer, way), table in self.tables.items()}

    @classmethod
    def from_json(cls, hour: datetime, kept: Mapping[str, Table]) -> HourTable:
        """Return what `to_json` made."""
        ways = ((tuple(name.split("/")), dict(table)) for name, table in kept.items())
        return cls(hour, {(layer, way): table for (layer, way), table in ways})


def count_hour(events: Iterable[Event], hour: datetime, places: Places) -> HourTable:
    """Return the true counts of an hour; they stay on this side of `protect_hour`.

    Args:
        events: Access events from `LINK` before the hour to `LINK` after it, in any order.
        hour: Its beginning.
        places: What is counted; passages elsewhere are not.
    """
    known = {"entrances": set(places.doors), "gates": set(places.gates)}
    passed = [
        event
        for event in events
        if event.kind == "access"
        and event.data.get("granted", True)
        and event.data.get("direction") in DIRECTIONS
        and event.subject in known.get(event.layer, ())
    ]
    walks = _Walks(passed, places)
    counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    within = Span(hour, hour + HOUR)
    for event in passed:
        if event.observed_at not in within:
            continue
        method = event.data.get("method")
        building = (
            places.building_of.get(event.subject, NOWHERE)
            if event.layer == "entrances"
            else walks.building(event)
        )
        cell = (event.subject, method if method in ACCESS_METHODS else "other", building)
        counts[event.layer, event.data["direction"]]["|".join(cell)] += 1
    return HourTable(hour, {key: dict(table) for key, table in counts.items()})


class _Walks:
    """Tells which door the person at a gate came from or went to."""

    def __init__(self, passed: list[Event], places: Places) -> None:
        self._seen: dict[tuple[str, str], list[tuple[datetime, str]]] = defaultdict(list)
        for event in passed:
            who = event.data.get("subject")
            if event.layer == "entrances" and who and event.subject in places.building_of:
                building = places.building_of[event.subject]
                self._seen[str(who), event.data["direction"]].append((event.observed_at, building))
        for seen in self._seen.values():
            seen.sort()

    def building(self, event: Event) -> str:
        way, at = event.data["direction"], event.observed_at
        seen = self._seen.get((str(event.data.get("subject")), way), [])
        # whoever comes in passes the gate first, whoever leaves passes it last
        row = bisect_left(seen, (at, "")) if way == "in" else bisect_left(seen, (at, "")) - 1
        if 0 <= row < len(seen) and abs(seen[row][0] - at) <= LINK:
            return seen[row][1]
        return NOWHERE


def protect_hour(true: HourTable, places: Places, key: bytes) -> HourTable:
    """Return the counts of an hour as they may be published, for good.

    Args:
        true: True counts of an hour that is over.
        places: The same as they were counted by.
        key: The world's secret.
    """
    published: dict[tuple[str, str], Table] = {}
    for layer, cells in (("entrances", places.door_cells), ("gates", places.gate_cells)):
        names = ["|".join(cell) for cell in cells]
        for way in DIRECTIONS:
            table = true.tables.get((layer, way), {})
            chain = f"{layer}/{way}/{true.hour.isoformat()}"
            rounded = round_chain([table.get(name, 0) for name in names], key, chain)
            published[layer, way] = {
                name: count for name, count in zip(names, rounded, strict=True) if count
            }
    return HourTable(true.hour, published)


@dataclass(frozen=True, slots=True)
class HourFigure:
    """Published counts of people in an hour; None while it is open, or where data is missing."""

    hour: datetime
    state: State
    in_: int | None
    out: int | None


@dataclass(frozen=True, slots=True)
class Flow:
    """People between a gate and a building in one direction, a published count."""

    gate: str
    building: str
    direction: str
    count: int


@dataclass(frozen=True)
class PeopleSpan:
    """What is published of a span: the only source of counts of people.

    Attributes:
        span: The span.
        places: Doors and gates.
        hours: Published tables by beginning of hour; None: not over yet, or nothing was heard.
        states: Which of the two.
    """

    span: Span
    places: Places
    hours: dict[datetime, HourTable | None]
    states: dict[datetime, State]

    @property
    def layer(self) -> str:
        """Where the community counts its people: at its doors, without any at its gates."""
        return "entrances" if self.places.doors else "gates"

    def by_hour(self, layer: str, key: str = "") -> list[HourFigure]:
        """Return counts by hour of a door, gate, building, compound, grid or the community.

        Args:
            layer: entrances, gates, buildings, compounds, grids or community.
            key: Its id; "" for the community, or for all gates.
        """
        table, wanted = self._wanted(layer, key)
        found = []
        for hour, published in self.hours.items():
            ways: list[int | None] = [None, None]
            if published is not None:
                ways = [
                    sum(
                        count
                        for name, count in published.tables.get((table, way), {}).items()
                        if name.partition("|")[0] in wanted
                    )
                    for way in DIRECTIONS
                ]
            found.append(HourFigure(hour, self.states[hour], ways[0], ways[1]))
        return found

    def total(self, layer: str, key: str = "") -> tuple[int, int]:
        """Return people in and out over the hours that are published."""
        hours = self.by_hour(layer, key)
        return sum(hour.in_ or 0 for hour in hours), sum(hour.out or 0 for hour in hours)

    def methods(self, layer: str, key: str = "", direction: str = "") -> dict[str, int]:
        """Return passages by method over the hours that are published."""
        table, wanted = self._wanted(layer, key)
        counts = dict.fromkeys(METHODS, 0)
        for _, way, (place, method, _building), count in self._cells(table):
            if place in wanted and direction in ("", way):
                counts[method] += count
        return counts

    def methods_by_hour(self, layer: str, key: str = "") -> dict[datetime, dict[str, int]]:
        """Return passages by hour and method, for the hours that are published."""
        table, wanted = self._wanted(layer, key)
        found = {h: dict.fromkeys(METHODS, 0) for h, kept in self.hours.items() if kept is not None}
        for hour, _, (place, method, _building), count in self._cells(table):
            if place in wanted:
                found[hour][method] += count
        return found

    def flows(self, hours: Set[datetime] | None = None) -> list[Flow]:
        """Return people between gates and buildings, over some hours of the span or all."""
        counts: Counter[tuple[str, str, str]] = Counter()
        for hour, way, (gate, _, building), count in self._cells("gates"):
            if building != NOWHERE and (hours is None or hour in hours):
                counts[gate, building, way] += count
        return [Flow(*key, count) for key, count in sorted(counts.items())]

    def _wanted(self, layer: str, key: str) -> tuple[str, set[str]]:
        if layer == "community":
            return self.layer, set(self.places.doors or self.places.gates)
        if layer == "gates":
            return "gates", {key} if key else set(self.places.gates)
        return "entrances", self.places.doors_of(layer, key)

    def _cells(self, table: str) -> Iterable[tuple[datetime, str, Cell, int]]:
        for hour, published in self.hours.items():
            if published is None:
                continue
            for way in DIRECTIONS:
                for name, count in published.tables.get((table, way), {}).items():
                    place, method, building = name.split("|")
                    yield hour, way, (place, method, building), count
