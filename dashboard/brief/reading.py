"""What a brief is about, read from the store: incidents, orders, hand-overs of a span of time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import or_, select

from dashboard.world import World
from live.incidents.incident import CLOSED, Incident, from_json
from live.incidents.records import to_micros
from live.orders.counter import start_of_week
from live.orders.order import Order
from live.shifts import HandOver, Shifts
from live.store.cases import AUDIT, INCIDENTS

KINDS = ("shift", "day", "week")
SHIFT_S = 8 * 3600.0
"""A shift without a hand-over before it is as long."""
LONGEST_SHIFT_S = 24 * 3600.0


@dataclass(frozen=True)
class Span:
    """From when to when, epoch seconds."""

    since: float
    until: float

    def __contains__(self, at: float | None) -> bool:
        return at is not None and self.since <= at < self.until


@dataclass(frozen=True)
class Told:
    """What was read.

    Attributes:
        kind: shift, day or week.
        span: What it is about.
        now: When it was read.
        zone: The community's clock.
        incidents: Those opened in the span, and those open now.
        skipped: Steps passed over in the span: `id`, `step`, `reason`, `who`, `at`.
        orders: Every order.
        counters: Counters of the live state.
        coverage: Rows of coverage of the live state.
        hand_overs: Of the span, and the last before it; newest first.
    """

    kind: str
    span: Span
    now: float
    zone: ZoneInfo
    incidents: list[Incident]
    skipped: list[dict[str, Any]]
    orders: list[Order]
    counters: dict[str, Any]
    coverage: dict[str, Any]
    hand_overs: list[HandOver]

    @property
    def opened(self) -> list[Incident]:
        """Incidents that were opened in the span."""
        return [one for one in self.incidents if one.opened_at in self.span]

    @property
    def open_now(self) -> list[Incident]:
        """Incidents that somebody has still to do something about, the gravest first."""
        found = [one for one in self.incidents if one.state not in (CLOSED, "resolved")]
        return sorted(found, key=lambda one: (one.severity, one.resolve_due))


def find_span(kind: str, now: datetime, zone: ZoneInfo, last: float | None, back: int = 0) -> Span:
    """Return the span of a brief.

    Args:
        kind: shift (since the last hand-over), day or week (of the calendar, up to now).
        now: The present moment.
        zone: The community's clock.
        last: When the last hand-over was, if ever.
        back: How many days or weeks ago.
    """
    local, end = now.astimezone(zone), now.timestamp()
    if kind == "shift":
        since = end - SHIFT_S if last is None else max(last, end - LONGEST_SHIFT_S)
        return Span(since, end)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    first = start_of_week(local) if kind == "week" else midnight
    days = 7 if kind == "week" else 1
    first = (first - timedelta(days=days * back)).replace(hour=0)
    return Span(first.timestamp(), min(end, (first + timedelta(days=days)).timestamp()))


def read_told(world: World, kind: str, back: int = 0) -> Told:
    """Return what a brief is about; reads the store."""
    twin = world.twin
    now = twin.clock()
    shifts = Shifts(twin.store, world.timezone, twin.clock)
    hand_overs = shifts.latest()
    last = hand_overs[0].at if hand_overs else None
    span = find_span(kind, now, world.timezone, last, back)
    with twin.lock:
        layers = twin.state.snapshot()
    in_span = [one for one in hand_overs if one.at in span]
    before = [one for one in hand_overs if one.at < span.since or kind == "shift"][:1]
    return Told(
        kind, span, now.timestamp(), world.timezone,
        _read_incidents(world, span), _read_skipped(world, span), twin.orders.all(),
        layers.get("counters", {}), layers.get("coverage", {}),
        [*in_span, *(one for one in before if one not in in_span)],
    )  # fmt: skip


def _read_incidents(world: World, span: Span) -> list[Incident]:
    at = INCIDENTS.c.opened_at
    mine = (at >= to_micros(span.since)) & (at < to_micros(span.until))
    wanted = select(INCIDENTS.c.data).where(or_(INCIDENTS.c.state != CLOSED, mine))
    with world.twin.store.reading() as conn:
        rows = conn.scalars(wanted.order_by(at, INCIDENTS.c.id))
        return [from_json(orjson.loads(data)) for data in rows]


def _read_skipped(world: World, span: Span) -> list[dict[str, Any]]:
    """Return steps that people passed over, and those nobody had ticked off at the end."""
    wanted = (
        select(AUDIT.c.subject, AUDIT.c.who, AUDIT.c.at, AUDIT.c.action, AUDIT.c.data)
        .where(
            AUDIT.c.at >= to_micros(span.since),
            AUDIT.c.at < to_micros(span.until),
            AUDIT.c.about == "incidents",
            AUDIT.c.action.in_(("step", "resolve")),
        )
        .order_by(AUDIT.c.seq)
    )
    found: dict[tuple[str, str], dict[str, Any]] = {}
    with world.twin.store.reading() as conn:
        for row in conn.execute(wanted):
            data = orjson.loads(row.data)
            if row.action == "step":
                key = (row.subject, data["step"])
                if data["how"] != "skipped":
                    found.pop(key, None)
                    continue
                steps, reason = [data["step"]], data.get("reason", "")
            else:
                steps, reason = data.get("skipped", []), ""
            for step in steps:
                told = {"id": row.subject, "step": step, "reason": reason, "who": row.who,
                        "at": row.at / 1e6}  # fmt: skip
                found.setdefault((row.subject, step), told)
    return list(found.values())
