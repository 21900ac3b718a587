"""What the live wire may say of people: figures out of hours that are published, and nothing else.

Whatever is worked out here is a sum of published cells (docs/decisions/0003-small-numbers.md), so
that a reader who records the stream all day knows no more than one who reads the ledger at night.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from geodata.schema import ACCESS_METHODS
from live.history.people import METHODS, NOWHERE, HourTable, PeopleSpan
from live.history.people_book import GRACE
from live.history.span import HOUR, Span

ROW_EVERY = timedelta(minutes=1)
"""A published hour is told in the feed place by place, one in so long, the busiest first."""
ROWS_AN_HOUR = 45
TOLD_FROM = 5
"""Places with fewer people than this in and out are not told in the feed."""
SPEAKS_BY_PASSAGES = 3
"""Published hours with passages after which a door that says nothing else counts as alive."""

Place = tuple[str, str]
"""Layer and id."""


@dataclass(frozen=True, slots=True)
class PlaceFigure:
    """Published people of a place in the last published hour."""

    layer: str
    id: str
    in_: int
    out: int


@dataclass(frozen=True)
class PeopleNow:
    """What is published of people by a moment.

    Attributes:
        span: The day and a few hours before it.
        hours: Beginning of each hour, people in and out; None while it is not published.
        last: Beginning of the newest published hour, if any is.
        methods: What opened doors and gates in that hour.
        places: Buildings and gates in that hour, the busiest first.
        passed: Doors and gates with passages in several hours, with the end of the newest such one.
    """

    span: Span
    hours: dict[float, tuple[int, int] | None] = field(default_factory=dict)
    last: float | None = None
    methods: dict[str, int] = field(default_factory=dict)
    places: list[PlaceFigure] = field(default_factory=list)
    passed: dict[Place, float] = field(default_factory=dict)

    @property
    def until(self) -> float | None:
        """End of the newest published hour, epoch seconds."""
        return None if self.last is None else self.last + HOUR.total_seconds()

    def feed_rows(self, now: float) -> dict[str, dict[str, Any]]:
        """Return the wire rows that have been told of the newest hour by a moment, by id."""
        if self.last is None or self.until is None:
            return {}
        rows = {}
        for n, place in enumerate(self.places[:ROWS_AN_HOUR]):
            t = self.until + GRACE.total_seconds() + n * ROW_EVERY.total_seconds()
            if t > now:
                break
            rows[f"people/{place.layer}/{place.id}/{self.last:.0f}"] = {
                "k": "people",
                "l": place.layer,
                "i": place.id,
                "t": t,
                "d": {"from": self.last, "until": self.until, "in": place.in_, "out": place.out},
            }
        return rows


def to_people_now(people: PeopleSpan) -> PeopleNow:
    """Return what the wire may say, out of what is published of a span."""
    hours: dict[float, tuple[int, int] | None] = {
        one.hour.timestamp(): None if one.in_ is None or one.out is None else (one.in_, one.out)
        for one in people.by_hour("community")
    }
    published = [hour for hour, table in people.hours.items() if table is not None]
    if not published:
        return PeopleNow(people.span, hours)
    last = max(published)
    table = people.hours[last]
    assert table is not None
    methods, places = _sum_hour(table, people)
    seen: dict[Place, list[datetime]] = {}
    for hour in sorted(published):
        for place in _passed(people.hours[hour]):
            seen.setdefault(place, []).append(hour)
    passed = {
        place: (at[-1] + HOUR).timestamp()
        for place, at in seen.items()
        if len(at) >= SPEAKS_BY_PASSAGES
    }
    return PeopleNow(people.span, hours, last.timestamp(), methods, places, passed)


def _sum_hour(table: HourTable, people: PeopleSpan) -> tuple[dict[str, int], list[PlaceFigure]]:
    methods = dict.fromkeys(METHODS, 0)
    ways: Counter[tuple[str, str, str]] = Counter()
    building_of = people.places.building_of
    for (layer, way), cells in table.tables.items():
        for name, count in cells.items():
            place, method, _ = name.split("|")
            methods[method] += count
            if layer == "gates":
                ways["gates", place, way] += count
            else:
                ways["buildings", building_of.get(place, NOWHERE), way] += count
    found = [
        PlaceFigure(layer, key, ways[layer, key, "in"], ways[layer, key, "out"])
        for layer, key in dict.fromkeys((layer, key) for layer, key, _ in ways)
        if key != NOWHERE
    ]
    told = [one for one in found if max(one.in_, one.out) >= TOLD_FROM]
    told.sort(key=lambda one: (-(one.in_ + one.out), one.layer, one.id))
    return {method: methods[method] for method in ACCESS_METHODS}, told


def _passed(table: HourTable | None) -> set[Place]:
    tables = {} if table is None else table.tables
    return {
        (layer, name.partition("|")[0])
        for (layer, _), cells in tables.items()
        for name, count in cells.items()
        if count
    }
