"""Delete what is past its date, a little at a time, and tell what is kept and until when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, select

from live.events import KINDS
from live.plates import near_keys
from live.store.tables import (
    EVENTS,
    HEARD_BEFORE,
    HOUR_US,
    HOURS,
    LATEST,
    PLATE_KEYS,
    PLATES,
    QUARANTINE,
    REFUSALS,
    from_us,
)

Policy = Mapping[str, int]
"""Days to keep by event kind; `hours` for the roll-ups, `quarantine` for refused messages."""

CHUNK = 1000
"""Rows that go in one transaction, so that writers never wait long."""
IN_LIST = 500
"""Values named in one statement at most."""


@dataclass(frozen=True, slots=True)
class Holding:
    """What the store holds of one kind of data.

    Attributes:
        rows: How many.
        oldest: The moment of the oldest, None where there is none.
    """

    rows: int
    oldest: datetime | None


def purge_chunk(conn: Connection, kind: str, limit: int, most: int = CHUNK) -> tuple[int, bool]:
    """Delete some of what is older than a limit.

    Args:
        conn: A transaction that no other writer shares.
        kind: A kind of event, `hours` or `quarantine`.
        limit: Microseconds since 1970; what is younger or as old stays.
        most: At most so many rows; of the roll-ups one hour at a time.

    Returns:
        How many rows went, and whether there may be more.
    """
    if kind == "hours":
        return _purge_hour(conn, limit)
    if kind == "quarantine":
        conn.execute(delete(REFUSALS).where(REFUSALS.c.hour < limit - limit % HOUR_US))
        at = QUARANTINE.c.received_at
        old = select(QUARANTINE.c.id).where(at < limit).order_by(QUARANTINE.c.id).limit(most)
        numbers = list(conn.scalars(old))
        _delete_in(conn, QUARANTINE.c.id, numbers)
        return len(numbers), len(numbers) == most
    if kind == "status":
        conn.execute(delete(HEARD_BEFORE).where(HEARD_BEFORE.c.at < limit))
    at = EVENTS.c.observed_at
    doomed = select(EVENTS.c.id, EVENTS.c.plate).where(EVENTS.c.kind == kind, at < limit)
    rows = conn.execute(doomed.order_by(at).limit(most)).all()
    numbers = [row.id for row in rows]
    _delete_in(conn, EVENTS.c.id, numbers)
    # nothing may outlive the events it was made of
    _delete_in(conn, LATEST.c.event, numbers)
    _count_again(conn, sorted({row.plate for row in rows if row.plate is not None}))
    return len(rows), len(rows) == most


def _purge_hour(conn: Connection, limit: int) -> tuple[int, bool]:
    first = conn.scalar(select(func.min(HOURS.c.hour)).where(HOURS.c.hour < limit))
    if first is None:
        return 0, False
    return conn.execute(delete(HOURS).where(HOURS.c.hour == first)).rowcount, True


def _count_again(conn: Connection, plates: Sequence[str]) -> None:
    """Count the reads of plates that lost some; forget those that have none left."""
    at = EVENTS.c.observed_at
    left: dict[str, tuple[int, int, int]] = {}
    for some in _in_parts(plates):
        read = select(EVENTS.c.plate, func.count().label("n"), func.min(at), func.max(at))
        found = conn.execute(read.where(EVENTS.c.plate.in_(some)).group_by(EVENTS.c.plate))
        left |= {plate: (n, first, last) for plate, n, first, last in found}
    if left:
        counted = [
            {"of": plate, "reads": n, "first_at": first, "last_at": last}
            for plate, (n, first, last) in left.items()
        ]
        conn.execute(PLATES.update().where(PLATES.c.plate == bindparam("of")), counted)
    gone = [plate for plate in plates if plate not in left]
    _delete_in(conn, PLATES.c.plate, gone)
    keys = [{"k": key, "of": plate} for plate in gone for key in near_keys(plate)]
    if keys:
        mine = PLATE_KEYS.c.key == bindparam("k"), PLATE_KEYS.c.plate == bindparam("of")
        conn.execute(delete(PLATE_KEYS).where(*mine), keys)


def _delete_in(conn: Connection, column: Any, values: Sequence[Any]) -> None:
    for some in _in_parts(values):
        conn.execute(delete(column.table).where(column.in_(some)))


def _in_parts(values: Sequence[Any]) -> list[Sequence[Any]]:
    return [values[start : start + IN_LIST] for start in range(0, len(values), IN_LIST)]


def read_expiry(conn: Connection, policy: Policy) -> dict[str, datetime | None]:
    """Return by event kind when its oldest event is due for deletion, None where there is none."""
    return {
        kind: None if (oldest := _oldest_event(conn, kind)) is None else oldest + timedelta(days)
        for kind, days in policy.items()
        if kind not in ("hours", "quarantine")
    }


def read_holdings(conn: Connection) -> dict[str, Holding]:
    """Return what is held of each kind of data; reads a whole index, seconds where it is long."""
    counted = select(EVENTS.c.kind, func.count()).group_by(EVENTS.c.kind)
    rows = {str(kind): int(n) for kind, n in conn.execute(counted)}
    held = {kind: Holding(rows.get(kind, 0), _oldest_event(conn, kind)) for kind in KINDS}
    for name, column in (("hours", HOURS.c.hour), ("quarantine", QUARANTINE.c.received_at)):
        n, first = conn.execute(select(func.count(), func.min(column))).one()
        held[name] = Holding(int(n), None if first is None else from_us(first))
    return held


def read_newest(conn: Connection) -> datetime | None:
    """Return the moment of the newest word of anything; None in an empty store."""
    newest = conn.scalar(select(func.max(LATEST.c.observed_at)))
    return None if newest is None else from_us(newest)


def _oldest_event(conn: Connection, kind: str) -> datetime | None:
    # one kind at a time: each is one look into the index
    at = conn.scalar(select(func.min(EVENTS.c.observed_at)).where(EVENTS.c.kind == kind))
    return None if at is None else from_us(at)
