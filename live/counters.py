"""Counters of the wall, kept up as events come and never recounted: day, estimates, rates."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from live.history.people_now import PeopleNow
from live.history.span import Span
from live.subjects import DOOR_STATES

QUARTERS = 96
HOUR_S = 3600.0
RATE_OVER_S = 10.0
"""`intake.rate` is the mean of this many seconds."""


class Day:
    """The present day of a place, from midnight to midnight by its own clocks."""

    def __init__(self, timezone: str, now: float) -> None:
        self.zone = ZoneInfo(timezone)
        self.start = self.end = 0.0
        self.roll(now)

    def __contains__(self, t: float) -> bool:
        return self.start <= t < self.end

    def roll(self, now: float) -> bool:
        """Move on to the day of a moment, epoch seconds; say whether that is another day."""
        if now in self:
            return False
        date = datetime.fromtimestamp(now, UTC).astimezone(self.zone).date()
        morrow = date + timedelta(days=1)
        self.start, self.end = (
            datetime(d.year, d.month, d.day, tzinfo=self.zone).timestamp() for d in (date, morrow)
        )
        return True

    @property
    def span(self) -> Span:
        """From midnight to midnight."""
        return Span(*(datetime.fromtimestamp(t, UTC) for t in (self.start, self.end)))

    def quarter(self, t: float) -> int:
        """Return the quarter hour of the day, 0..95, on the wall clock of the place."""
        local = datetime.fromtimestamp(t, self.zone)
        return local.hour * 4 + local.minute // 15


@dataclass(slots=True)
class Doors:
    """Doors by state, and what opened them in the hour that was published last."""

    states: Counter[str] = field(default_factory=Counter)
    methods: Mapping[str, int] | None = None
    hour: float | None = None
    t: float | None = None

    def row(self) -> dict[str, Any]:
        """Return the wire row."""
        counts = {state: self.states[state] for state in DOOR_STATES}
        return {
            "total": sum(counts.values()),
            **counts,
            "methods": None if self.methods is None else dict(self.methods),
            "n_1h": None if self.methods is None else sum(self.methods.values()),
            "hour": self.hour,
            "t": self.t,
        }


@dataclass(slots=True)
class Sensing:
    """Things due within five minutes, and how many of them speak."""

    hearing: Counter[str] = field(default_factory=Counter)
    t: float | None = None

    def row(self) -> dict[str, Any]:
        """Return the wire row."""
        due = sum(self.hearing.values())
        heard = self.hearing["heard"]
        return {
            "due": due,
            "heard": heard,
            "silent": self.hearing["silent"],
            "share": round(heard / due, 4) if due else None,
            "t": self.t,
        }


@dataclass(slots=True)
class Kinds:
    """Things by kind, meters among them, and how many of each are silent."""

    n: Counter[str] = field(default_factory=Counter)
    silent: Counter[str] = field(default_factory=Counter)
    t: float | None = None

    def row(self) -> dict[str, Any]:
        """Return the wire row."""
        by = {kind: {"n": n, "silent": self.silent[kind]} for kind, n in sorted(self.n.items())}
        return {"by": by, "t": self.t}


@dataclass(slots=True)
class Vehicles:
    """Plates read today.

    `inside` is an estimate: the baseline at midnight plus in minus out, never below zero, null
    without a baseline.
    """

    way: Counter[str] = field(default_factory=Counter)
    hours: list[int] = field(default_factory=lambda: [0] * 24)
    visitors: int = 0
    reads: int = 0
    read: int = 0
    nev: int = 0
    baseline: int | None = None
    baseline_at: float = 0.0
    net: int = 0
    t: float | None = None

    def add(self, t: float, hour: int, direction: str, plate_class: str, who: str) -> None:
        """Count one read of today; an unread plate still drove in or out."""
        self.reads += 1
        if plate_class != "unread":
            self.read += 1
            self.nev += plate_class.startswith("nev")
        if direction in ("in", "out"):
            self.way[direction] += 1
            self.hours[hour] += 1
            self.visitors += who == "visitor" and direction == "in"
            if t >= self.baseline_at:
                self.net += 1 if direction == "in" else -1

    def row(self) -> dict[str, Any]:
        """Return the wire row."""
        inside = None if self.baseline is None else max(0, self.baseline + self.net)
        return {
            "in": self.way["in"],
            "out": self.way["out"],
            "inside": inside,
            "visitors": self.visitors,
            "nev": round(self.nev / self.read, 4) if self.read else None,
            "read": round(self.read / self.reads, 4) if self.reads else None,
            "hours": list(self.hours),
            "t": self.t,
        }


class People:
    """People at home: an estimate, and said to be one.

    The baseline plus those who came in minus those who went out in the hours that are published
    since, kept between 0 and the residents. It moves when an hour is published and at no other
    moment: an estimate that moved with each person would count them. At midnight, when most are at
    home, it starts again from the baseline, so that missed exits do not add up over days. Doors
    whose exit button tells nobody bias it upwards.
    """

    def __init__(self, residents: int | None) -> None:
        self.residents = residents
        self.baseline: int | None = None
        self.at = 0.0
        self.published: PeopleNow | None = None

    def start(self, inside: int | None, at: float) -> None:
        """Start from a number of people at a moment; hours that began before it do not count."""
        self.baseline, self.at = inside, at

    def row(self, day: Day) -> dict[str, Any]:
        """Return the wire row of a day."""
        hours = {} if self.published is None else self.published.hours
        steps = round((day.end - day.start) / HOUR_S)
        series: list[int | None] = [None] * (steps + 1)
        inside, at, net = None, None, 0
        if self.baseline is not None:
            inside, at = self._within(self.baseline), self.at
            for step in range(steps + 1):
                moment = day.start + step * HOUR_S
                ended = hours.get(moment - HOUR_S)
                if moment - HOUR_S >= self.at and ended is not None:
                    net += ended[0] - ended[1]
                    inside, at = self._within(self.baseline + net), moment
                    series[step] = inside
                elif moment - HOUR_S < self.at <= moment:
                    series[step] = self._within(self.baseline)
        last = None if self.published is None else self.published.last
        told = None if last is None else hours.get(last)
        return {
            "in": inside,
            "of": self.residents,
            "in_1h": None if told is None else told[0],
            "out_1h": None if told is None else told[1],
            "hour": None if told is None else last,
            "series": series,
            "t": at,
        }

    def _within(self, count: int) -> int:
        return max(0, count if self.residents is None else min(count, self.residents))


@dataclass(slots=True)
class Activity:
    """Vehicles of today by quarter hour."""

    bins: list[int] = field(default_factory=lambda: [0] * QUARTERS)
    t: float | None = None

    def row(self) -> dict[str, Any]:
        """Return the wire row."""
        return {"bins": list(self.bins), "t": self.t}


class IntakeCount:
    """What came in since start."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._recent: deque[tuple[float, int]] = deque()
        self._recent_total = 0
        self.t: float | None = None

    def add(self, counts: Mapping[str, int], now: float) -> None:
        """Add to `accepted`, `duplicate` and `quarantined` at a moment, epoch seconds."""
        self.counts.update(counts)
        self._recent.append((now, counts.get("accepted", 0)))
        self._recent_total += counts.get("accepted", 0)
        self.t = now if self.t is None else max(self.t, now)

    def expire(self, now: float) -> bool:
        """Forget what is too old for the rate; say whether anything was."""
        before = len(self._recent)
        while self._recent and self._recent[0][0] <= now - RATE_OVER_S:
            self._recent_total -= self._recent.popleft()[1]
        return len(self._recent) != before

    def row(self) -> dict[str, Any]:
        """Return the wire row."""
        return {
            "accepted": self.counts["accepted"],
            "duplicate": self.counts["duplicate"],
            "quarantined": self.counts["quarantined"],
            "rate": round(self._recent_total / RATE_OVER_S, 1),
            "t": self.t,
        }


def later(t: float | None, other: float) -> float:
    """Return the later of two moments, the first of which may be missing."""
    return other if t is None or other > t else t
