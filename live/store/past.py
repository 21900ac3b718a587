"""Read what was known at a moment gone by: events in their turn, who was alive, how all stood."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import orjson
from sqlalchemy import Connection, and_, bindparam, case, func, or_, select, union_all

from live.events import Event
from live.store.reading import to_event
from live.store.tables import EVENTS, HEARD, HEARD_BEFORE, LATEST
from live.store.writing import REFUSED

LIVE, HISTORY = 1, 0
QUARTER_US = 900_000_000
EARLY_US = 86_400_000_000
LOOK_BACK = 200
"""Reports of one state that are walked back through to find where its run began."""

Moment = tuple[int, Event]
"""When an event takes its place in time, microseconds since 1970, and the event."""


def read_span(conn: Connection, after: int, until: int, *, page: int = 2000) -> Iterator[Moment]:
    """Yield the events whose turn comes within after < moment <= until, in their order.

    The turn of an event that was heard as it happened is when it was received: before that nobody
    knew of it. History that was filled in later takes its turn when it was observed.
    """
    arrived = select(EVENTS, EVENTS.c.received_at.label("turn")).where(
        EVENTS.c.received_at > after, EVENTS.c.received_at <= until, EVENTS.c.live == LIVE
    )
    filled = select(EVENTS, EVENTS.c.observed_at.label("turn")).where(
        EVENTS.c.observed_at > after, EVENTS.c.observed_at <= until, EVENTS.c.live == HISTORY
    )
    both = union_all(arrived, filled).subquery()
    query = select(both).order_by(both.c.turn, both.c.id)
    for row in conn.execution_options(yield_per=page).execute(query):
        event = to_event(row)
        yield row.turn, event if event.live else replace(event, live=True)


def count_events(conn: Connection, start: int, end: int) -> int:
    """Return how many events were observed in a span, without its end."""
    at = EVENTS.c.observed_at
    return conn.scalar(select(func.count()).where(at >= start, at < end)) or 0


def read_plates(conn: Connection, after: int, until: int) -> Iterator[Event]:
    """Yield the plates of a span like `read_span`."""
    turn = case((EVENTS.c.live == LIVE, EVENTS.c.received_at), else_=EVENTS.c.observed_at)
    query = select(EVENTS).where(
        EVENTS.c.kind == "plate",
        EVENTS.c.observed_at > after - EARLY_US,
        turn > after,
        turn <= until,
    )
    for row in conn.execute(query.order_by(turn, EVENTS.c.id)):
        event = to_event(row)
        yield event if event.live else replace(event, live=True)


def read_base(conn: Connection, at: int) -> list[Moment]:
    """Return the newest event of each subject and kind that was known at a moment, oldest first."""
    one, newest = EVENTS.alias("one"), EVENTS.alias("newest")
    # somebody refused opens nothing, so that it must not hide who was let in last
    refused = and_(one.c.kind == "access", one.c.data.contains('"granted":false', autoescape=True))
    of_refused = LATEST.c.kind == REFUSED
    mine = (
        select(one.c.id)
        .where(
            one.c.layer == LATEST.c.layer,
            one.c.subject == LATEST.c.subject,
            one.c.kind == case((of_refused, "access"), else_=LATEST.c.kind),
            one.c.observed_at <= at,
            or_(one.c.live == HISTORY, one.c.received_at <= at),
            refused == of_refused,
        )
        .order_by(one.c.observed_at.desc(), one.c.id.desc())
        .limit(1)
        .scalar_subquery()
        .correlate(LATEST)
    )
    query = select(newest).select_from(LATEST).join(newest, newest.c.id == mine)
    found = []
    for row in conn.execute(query):
        event = to_event(row)
        turn = row.received_at if event.live else row.observed_at
        found.append((turn, row.id, event if event.live else replace(event, live=True)))
    found.sort(key=lambda entry: entry[:2])
    return [(turn, event) for turn, _, event in found]


def read_runs(conn: Connection, at: int) -> Iterator[tuple[str, str, str, int]]:
    """Yield layer, subject, state and beginning of the run of states each was in at a moment."""
    keys = select(LATEST.c.layer, LATEST.c.subject, LATEST.c.kind).where(
        LATEST.c.kind.in_(("status", "service")), LATEST.c.state != ""
    )
    for key in conn.execute(keys).all():
        run: tuple[str, int] | None = None
        # most rows are read for a few things: those that repeat one state for long
        for rows in (_FIRST_ROWS, _MORE_ROWS):
            found = conn.execute(rows, {**key._mapping, "at": at}).all()
            for observed, received, live, data in found:
                state = str(orjson.loads(data).get("state") or "")
                if not state or (run is not None and state != run[0]):
                    break
                run = state, min(observed, received) if live else observed
            else:
                if len(found) == FIRST_LOOK:
                    continue
            break
        if run is not None:
            yield key.layer, key.subject, *run


FIRST_LOOK = 12
_RUN_ROWS = (
    select(EVENTS.c.observed_at, EVENTS.c.received_at, EVENTS.c.live, EVENTS.c.data)
    .where(
        EVENTS.c.layer == bindparam("layer"),
        EVENTS.c.subject == bindparam("subject"),
        EVENTS.c.kind == bindparam("kind"),
        EVENTS.c.observed_at <= bindparam("at"),
        or_(EVENTS.c.live == HISTORY, EVENTS.c.received_at <= bindparam("at")),
    )
    .order_by(EVENTS.c.observed_at.desc(), EVENTS.c.id.desc())
)
_FIRST_ROWS = _RUN_ROWS.limit(FIRST_LOOK)
_MORE_ROWS = _RUN_ROWS.limit(LOOK_BACK - FIRST_LOOK).offset(FIRST_LOOK)


def read_alive(conn: Connection, after: int, until: int) -> list[tuple[str, str, int, int]]:
    """Return layer, subject, begin and end of stretches of heartbeats that touch a span."""
    columns = ("layer", "subject", "since", "at")
    parts = [
        select(*(table.c[name] for name in columns)).where(
            table.c.at >= after, table.c.since <= until
        )
        for table in (HEARD_BEFORE, HEARD)
    ]
    both = union_all(*parts).subquery()
    rows = conn.execute(select(both).order_by(both.c.since, both.c.layer, both.c.subject))
    return [(row.layer, row.subject, row.since, row.at) for row in rows]


def read_last_alive(conn: Connection, at: int) -> list[tuple[str, str, int, int]]:
    """Return the last stretch of heartbeats of each thing that had begun by a moment."""
    columns = ("layer", "subject", "since", "at")
    found: dict[tuple[str, str], tuple[str, str, int, int]] = {}
    for table in (HEARD_BEFORE, HEARD):
        query = select(*(table.c[name] for name in columns)).where(table.c.since <= at)
        for row in conn.execute(query.order_by(table.c.since)):
            found[row.layer, row.subject] = (row.layer, row.subject, row.since, row.at)
    return list(found.values())


def read_first(conn: Connection) -> int | None:
    """Return the moment of the oldest event that is kept, None in an empty store."""
    first: Any = conn.scalar(select(func.min(EVENTS.c.observed_at)))
    return None if first is None else int(first)


def read_quarters(conn: Connection, start: int, end: int) -> list[int]:
    """Return how many vehicles were read in each quarter hour of a span; people stay uncounted."""
    quarter = (EVENTS.c.observed_at - start) // QUARTER_US
    query = (
        select(quarter.label("quarter"), func.count())
        .where(
            EVENTS.c.kind == "plate",
            EVENTS.c.observed_at >= start,
            EVENTS.c.observed_at < end,
        )
        .group_by("quarter")
    )
    bins = [0] * -(-(end - start) // QUARTER_US)
    for number, count in conn.execute(query):
        bins[int(number)] += int(count)
    return bins
