"""Read events back: by subject and time, the newest of each, counts by hour, plates by pattern."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import (
    BinaryExpression,
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    func,
    or_,
    select,
    union_all,
)

from live.events import KINDS, Event
from live.plates import WILDCARD, near_keys, normalise_plate
from live.store.errors import StoreError
from live.store.tables import EVENTS, HEARD, HOURS, LATEST, PLATE_KEYS, PLATES, from_us, to_us

_LAST_CHARACTER = "\U0010ffff"
FEW_PLATES = 2000
"""So many plates are looked up one by one; more are met soon on a walk back in time."""
PLATE_LENGTH = 7
"""A plate has seven characters or eight; a shorter search text is a part of one."""


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event with its number, which is the order of arrival."""

    id: int
    event: Event


@dataclass(frozen=True, slots=True)
class Page:
    """A page of events, newest first, and the `before` of the next page, None at the end."""

    events: list[StoredEvent]
    next: str | None


@dataclass(frozen=True, slots=True)
class HourCount:
    """How many events of a kind a subject had in the hour that begins at `hour`."""

    hour: datetime
    layer: str
    subject: str
    kind: str
    count: int


@dataclass(frozen=True, slots=True)
class PlateHit:
    """A plate that was read: unmasked, for those who may see it."""

    plate: str
    reads: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Latest:
    """The newest live event of a subject and kind, and when its unbroken run of one state began."""

    event: Event
    since: datetime


def to_event(row: Row[Any]) -> Event:
    """Return the event of a row that begins with the columns of `events`."""
    # by position: by name it would take twice as long
    fields: Any = row[:12]
    _, event_id, kind, source, layer, subject, observed, received, skew_s, live, _, data = fields
    return Event(
        event_id,
        kind,
        source,
        layer,
        subject,
        from_us(observed),
        from_us(received),
        skew_s,
        live != 0,
        orjson.loads(data),
    )


def matching(
    kind: str | None,
    layer: str | None,
    subject: str | None,
    since: datetime | None,
    until: datetime | None,
    plate: str | None = None,
) -> list[ColumnElement[bool]]:
    """Return the conditions of a query; `since` is within, `until` is not."""
    wanted: list[ColumnElement[bool]] = [
        column == value
        for column, value in (
            (EVENTS.c.kind, kind),
            (EVENTS.c.layer, layer),
            (EVENTS.c.subject, subject),
            (EVENTS.c.plate, normalise_plate(plate)),
        )
        if value is not None
    ]
    if since is not None:
        wanted.append(EVENTS.c.observed_at >= to_us(since))
    if until is not None:
        wanted.append(EVENTS.c.observed_at < to_us(until))
    return wanted


def read_page(
    conn: Connection, wanted: Sequence[ColumnElement[bool]], limit: int, before: str | None
) -> Page:
    """Return the newest events that match, by when they were observed."""
    at, number = EVENTS.c.observed_at, EVENTS.c.id
    conditions = list(wanted)
    if before is not None:
        last_at, last_id = _read_cursor(before)
        conditions += [at <= last_at, or_(at < last_at, number < last_id)]
    query = select(EVENTS).where(*conditions).order_by(at.desc(), number.desc()).limit(limit)
    if _names(wanted, EVENTS.c.layer) and not _names(wanted, EVENTS.c.kind):
        # each kind in the order of its index, and of those the newest
        each = [query.where(EVENTS.c.kind == kind).subquery() for kind in KINDS]
        merged = union_all(*[select(part) for part in each]).subquery()
        query = select(merged).order_by(merged.c.observed_at.desc(), merged.c.id.desc())
        query = query.limit(limit)
    rows = conn.execute(query).all()
    following = f"{rows[-1].observed_at}-{rows[-1].id}" if len(rows) == limit else None
    return Page([StoredEvent(row.id, to_event(row)) for row in rows], following)


def _names(wanted: Sequence[ColumnElement[bool]], column: ColumnElement[str]) -> bool:
    """Say whether conditions ask for one value of a column."""
    return any(isinstance(one, BinaryExpression) and one.left is column for one in wanted)


def _read_cursor(before: str) -> tuple[int, int]:
    try:
        at, number = before.rsplit("-", 1)
        return int(at), int(number)
    except ValueError:
        raise StoreError(
            f"{before!r} is no page of events; pass on the `next` of the page before."
        ) from None


def scan(
    conn: Connection, wanted: Sequence[ColumnElement[bool]], *, after: int = 0, page: int = 2000
) -> Iterator[StoredEvent]:
    """Yield the events that match in their order of arrival, however many."""
    query = select(EVENTS).where(*wanted, EVENTS.c.id > after).order_by(EVENTS.c.id)
    for row in conn.execution_options(yield_per=page).execute(query):
        yield StoredEvent(row[0], to_event(row))


def read_first_id(conn: Connection, since: datetime) -> int:
    """Return the lowest number of the events observed at a moment or later, 0 without any."""
    # the sum keeps SQLite from walking up all numbers: the index of times knows them too
    query = select(func.min(EVENTS.c.id + 0)).where(EVENTS.c.observed_at >= to_us(since))
    return int(conn.scalar(query) or 0)


def read_latest(conn: Connection, until: datetime | None) -> list[Latest]:
    """Return the newest live event of each subject and kind, oldest first.

    Args:
        conn: Where to read.
        until: Leave out those observed at this moment or later.
    """
    query: Select[Any] = (
        select(EVENTS, LATEST.c.since)
        .join(LATEST, LATEST.c.event == EVENTS.c.id)
        .order_by(LATEST.c.observed_at, EVENTS.c.id)
    )
    if until is not None:
        query = query.where(EVENTS.c.observed_at < to_us(until))
    return [Latest(to_event(row), from_us(row.since)) for row in conn.execute(query)]


def read_runs(conn: Connection) -> Iterator[tuple[str, str, str, datetime]]:
    """Yield layer, subject, state and beginning of the run of states each subject is in."""
    query = select(LATEST).where(LATEST.c.state != "")
    for row in conn.execute(query):
        yield row.layer, row.subject, row.state, from_us(row.since)


def read_heard(conn: Connection) -> list[tuple[str, str, datetime, datetime]]:
    """Return layer, subject, begin and end of the last unbroken stretch of heartbeats."""
    rows = conn.execute(select(HEARD))
    return [(row.layer, row.subject, from_us(row.since), from_us(row.at)) for row in rows]


def read_hours(
    conn: Connection,
    since: datetime,
    until: datetime,
    kind: str | None,
    layer: str | None,
    subject: str | None,
) -> list[HourCount]:
    """Return counts of hours that begin within a span, summed up where nobody asks for parts."""
    keys = [HOURS.c.hour, HOURS.c.kind]
    if layer is not None:
        keys += [HOURS.c.layer, HOURS.c.subject]
    query = (
        select(*keys, func.sum(HOURS.c.count).label("n"))
        .where(HOURS.c.hour >= to_us(since), HOURS.c.hour < to_us(until))
        .group_by(*keys)
        .order_by(*keys)
    )
    for column, value in (
        (HOURS.c.kind, kind),
        (HOURS.c.layer, layer),
        (HOURS.c.subject, subject),
    ):
        if value is not None:
            query = query.where(column == value)
    return [
        HourCount(
            from_us(r.hour),
            r.layer if layer is not None else "",
            r.subject if layer is not None else "",
            r.kind,
            int(r.n),
        )
        for r in conn.execute(query)
    ]


def find_plates(
    conn: Connection,
    pattern: str,
    near: bool,
    since: datetime | None,
    until: datetime | None,
    limit: int,
) -> list[PlateHit]:
    """Return the plates that match, last seen first."""
    plain = unicodedata.normalize("NFKC", pattern).upper()
    text = "".join(char for char in plain if char.isalnum() or char in "*?")
    if not text.strip("*?"):
        return []
    wanted = [_near(text) if near else and_(_like(text, PLATES.c.plate), *_within(text))]
    if since is not None:
        wanted.append(PLATES.c.last_at >= to_us(since))
    if until is not None:
        wanted.append(PLATES.c.first_at < to_us(until))
    if until is None and since is None:
        query = select(PLATES).where(*wanted)
        query = query.order_by(PLATES.c.last_at.desc(), PLATES.c.plate).limit(limit)
        rows: Sequence[Row[Any]] = conn.execute(query).all()
    else:
        span = matching("plate", None, None, since, until)
        few = select(PLATES.c.plate).where(*wanted).limit(FEW_PLATES + 1)
        plates = list(conn.scalars(few))
        if len(plates) > FEW_PLATES and not near:
            plates = _read_newest(conn, [*span, _like(text, EVENTS.c.plate)], limit)
        rows = _count_reads(conn, plates, span, limit)
    return [PlateHit(r.plate, int(r.reads), from_us(r.first_at), from_us(r.last_at)) for r in rows]


def _read_newest(conn: Connection, wanted: list[ColumnElement[bool]], limit: int) -> list[str]:
    """Return the plates that were read last; as so many match, they are met soon."""
    query = select(EVENTS.c.plate, EVENTS.c.observed_at).where(*wanted)
    query = query.order_by(EVENTS.c.observed_at.desc())
    found: dict[str, int] = {}
    with conn.execute(query, execution_options={"yield_per": 500}) as rows:
        for plate, at in rows:
            # of those read at one moment, all: the caller brings them into order
            if len(found) >= limit and at < min(found.values()):
                break
            found.setdefault(plate, at)
    return list(found)


def _count_reads(
    conn: Connection, plates: list[str], span: list[ColumnElement[bool]], limit: int
) -> Sequence[Row[Any]]:
    """Return plate, reads, first_at and last_at within a span, last seen first."""
    at = EVENTS.c.observed_at
    last_at = func.max(at).label("last_at")
    query = (
        select(EVENTS.c.plate, func.count().label("reads"), func.min(at).label("first_at"), last_at)
        .where(EVENTS.c.plate.in_(plates), EVENTS.c.plate.is_not(None), *span[1:])
        .group_by(EVENTS.c.plate)
        .order_by(last_at.desc(), EVENTS.c.plate)
        .limit(limit)
    )
    return conn.execute(query).all()


def _near(text: str) -> ColumnElement[bool]:
    keys = select(PLATE_KEYS.c.plate).where(PLATE_KEYS.c.key.in_(near_keys(text)))
    return PLATES.c.plate.in_(keys)


def _is_whole(text: str) -> bool:
    return not set("*?") & set(text) and len(text) >= PLATE_LENGTH


def _like(text: str, plate: ColumnElement[str]) -> ColumnElement[bool]:
    """Return a condition by pattern: `*` any run, `?` any one character; a short text is a part."""
    if _is_whole(text):
        return plate == text
    if not set("*?") & set(text):
        text = f"*{text}*"
    like = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return plate.like(like.replace("*", "%").replace(WILDCARD, "_"), escape="\\")


def _within(text: str) -> list[ColumnElement[bool]]:
    """Return the range of the index of plates that a pattern's beginning leaves, if it has one."""
    head = text[: min((text.find(ch) for ch in "*?" if ch in text), default=0)]
    if not head:
        return []
    return [PLATES.c.plate >= head, PLATES.c.plate < head + _LAST_CHARACTER]
