"""Histories of devices, car parks and doors: values over time with their gaps, spells of states."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from live.events import Event
from live.health import SILENT_AFTER
from live.history.span import Span
from live.sensor_truth import DOUBT


@dataclass(frozen=True, slots=True)
class Point:
    """A value at a moment."""

    at: datetime
    value: float


@dataclass(frozen=True, slots=True)
class Series:
    """Values of one quantity over a span, oldest first.

    Attributes:
        quantity: Its name.
        unit: UCUM code, "" where none came.
        points: What may be believed.
        doubted: What cannot be true, with why: never part of the line.
        gaps: Where nothing came for longer than the device's rhythm allows; draw them hatched.
    """

    quantity: str
    unit: str
    points: list[Point]
    doubted: list[tuple[Point, str]] = field(default_factory=list)
    gaps: list[Span] = field(default_factory=list)


def device_history(
    events: Iterable[Event], span: Span, period_s: float, now: datetime
) -> dict[str, Series]:
    """Return readings over time by quantity.

    Args:
        events: Of one device; those that are no readings are left out.
        span: What is shown.
        period_s: The device's rhythm, seconds (`live.health.to_period_s`); 0 for none.
        now: The present moment: what lies ahead is no gap.
    """
    units: dict[str, str] = {}
    points: dict[str, list[Point]] = {}
    doubted: dict[str, list[tuple[Point, str]]] = {}
    readings = sorted(
        (event for event in events if event.kind == "reading" and event.observed_at in span),
        key=lambda event: event.observed_at,
    )
    for event in readings:
        doubt = event.data.get(DOUBT) or {}
        units |= event.data.get("unit") or {}
        for quantity, value in (event.data.get("values") or {}).items():
            point = Point(event.observed_at, float(value))
            points.setdefault(quantity, [])
            if quantity in doubt:
                doubted.setdefault(quantity, []).append((point, str(doubt[quantity])))
            else:
                points[quantity].append(point)
    return {
        quantity: Series(
            quantity,
            units.get(quantity, ""),
            mine,
            doubted.get(quantity, []),
            find_gaps([point.at for point in mine], span, period_s, now),
        )
        for quantity, mine in points.items()
    }


def find_gaps(at: list[datetime], span: Span, period_s: float, now: datetime) -> list[Span]:
    """Return where nothing came for longer than `SILENT_AFTER` periods, up to the present.

    Args:
        at: When something came, in order of time.
        span: What is looked at.
        period_s: The rhythm, seconds; 0 for none, which has no gaps.
        now: The present moment.
    """
    if not period_s:
        return []
    longest = timedelta(seconds=SILENT_AFTER * period_s)
    until = min(span.until, now)
    ends = [*at, until]
    starts = [span.since, *at]
    return [
        Span(since, end) for since, end in zip(starts, ends, strict=True) if end - since > longest
    ]


PARKING_PERIOD_S = 300.0
"""Rhythm assumed of car parks, which name none."""


@dataclass(frozen=True, slots=True)
class ParkingHistory:
    """Free places over time, with the capacity last told and where nothing was heard."""

    free: list[Point]
    capacity: int | None
    gaps: list[Span]


def parking_history(
    events: Iterable[Event], span: Span, now: datetime, capacity: int | None = None
) -> ParkingHistory:
    """Return free places of a car park over time.

    Args:
        events: Of one car park.
        span: What is shown.
        now: The present moment.
        capacity: Places by the community's file; what the car park itself tells goes first.
    """
    series = device_history(events, span, PARKING_PERIOD_S, now)
    told = series["capacity"].points if "capacity" in series else []
    size = int(told[-1].value) if told else capacity
    free = series["free"].points if "free" in series else []
    if not free and "occupied" in series and size is not None:
        free = [Point(p.at, max(0.0, size - p.value)) for p in series["occupied"].points]
    gaps = find_gaps([point.at for point in free], span, PARKING_PERIOD_S, now)
    return ParkingHistory(free, size, gaps)


SPELLS = ("held", "forced", "offline")
"""States of a door worth a line; that it opened and closed is people coming and going."""


@dataclass(frozen=True, slots=True)
class Spell:
    """A state of a door from a moment on; `until` is None while it lasts."""

    state: str
    since: datetime
    until: datetime | None


def door_history(events: Iterable[Event], span: Span) -> list[Spell]:
    """Return when a door or gate was held, forced or offline, oldest first.

    A spell ends with the next word of another state. Single openings are left out: they are counts
    of people, which come from `live.history.people` alone. Silence is not kept event by event, so
    that it shows only where a gateway reported the door as offline.

    Args:
        events: Of one door or gate; those of access are left out.
        span: What is shown; a spell that began before it is known only if its event is given.
    """
    spells: list[Spell] = []
    state, since = "", span.since
    for event in sorted(events, key=lambda event: event.observed_at):
        told = _door_state(event)
        if told is None or told == state or event.observed_at >= span.until:
            continue
        if state in SPELLS and event.observed_at >= span.since:
            spells.append(Spell(state, since, event.observed_at))
        state, since = told, event.observed_at
    if state in SPELLS:
        spells.append(Spell(state, since, None))
    return spells


def _door_state(event: Event) -> str | None:
    if event.kind == "status":
        state = event.data.get("state")
        return str(state) if state is not None else None
    if event.kind == "alarm" and event.data.get("type") in ("forced", "held"):
        return str(event.data["type"])
    # an access event says no more than that somebody passed, and when
    return None
