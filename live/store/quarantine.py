"""What could not be taken in: kept whole with its reason until somebody mends or discards it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select

from live.store.errors import StoreError
from live.store.tables import HOUR_US, QUARANTINE, REFUSALS, from_us, to_us

STATES = ("new", "fixed", "replayed", "discarded")
OPEN_STATES = ("new", "fixed")
"""States of messages that wait for somebody."""

KEPT_AN_HOUR = 1000
"""Messages of one feed, reason and hour that are kept; those beyond are counted."""
KEPT_BYTES_AN_HOUR = 64 * 2**20
"""Likewise bytes; the first message is kept however long it is."""

_DIFFERING = re.compile(r"'[^']*'|\"[^\"]*\"|“[^”]*”|(?<![\w/])(?<!GA/T )\d[\d.,:+TZ-]*")
_LONGEST_KIND = 160


@dataclass(frozen=True, slots=True)
class Quarantined:
    """One refused message.

    Attributes:
        id: Its number.
        source: Feed it came from.
        received_at: When, aware UTC.
        reason: Why it was refused, for people.
        content_type: Media type of `body`.
        body: The message, byte for byte, or as mended.
        state: new, fixed, replayed or discarded.
    """

    id: int
    source: str
    received_at: datetime
    reason: str
    content_type: str
    body: bytes
    state: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A message about to be quarantined; see `Quarantined`."""

    source: str
    received_at: datetime
    reason: str
    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Kept:
    """A message of quarantine without its body; see `Quarantined`.

    Attributes:
        size: Length of the body, bytes.
    """

    id: int
    source: str
    received_at: datetime
    reason: str
    content_type: str
    state: str
    size: int


@dataclass(slots=True)
class Tally:
    """How often a feed was refused for one kind of reason.

    Attributes:
        seen: All of them.
        kept: Those that came into quarantine whole.
        size: Bytes of those.
    """

    seen: int = 0
    kept: int = 0
    size: int = 0


def to_reason_kind(reason: str) -> str:
    """Return a reason without what differs from message to message: what is quoted, numbers."""
    return _DIFFERING.sub("…", to_text(reason))[:_LONGEST_KIND]


def keep_refused(conn: Connection, refused: Sequence[Refused], most: int = KEPT_AN_HOUR) -> int:
    """Keep refused messages, of endless repeats the first ones; all of them are counted.

    Args:
        conn: A transaction that no other writer shares.
        refused: The messages in their order.
        most: Messages of one feed, reason and hour that are kept whole.

    Returns:
        The number of the last one that was kept, 0 if none was.
    """
    tallies: dict[tuple[int, str, str], tuple[bool, Tally]] = {}
    number = 0
    for one in refused:
        at = to_us(one.received_at)
        key = (at - at % HOUR_US, to_text(one.source), to_reason_kind(one.reason))
        if key not in tallies:
            tallies[key] = _read_tally(conn, key)
        tally = tallies[key][1]
        tally.seen += 1
        room = tally.kept < most and tally.size + len(one.body) <= KEPT_BYTES_AN_HOUR
        if room or not tally.kept:
            number = insert_refused(conn, one)
            tally.kept += 1
            tally.size += len(one.body)
    for key, (known, tally) in tallies.items():
        counted = {"seen": tally.seen, "kept": tally.kept, "bytes": tally.size}
        if known:
            conn.execute(REFUSALS.update().where(*_is_tally(key)).values(counted))
        else:
            conn.execute(REFUSALS.insert().values((*key, *counted.values())))
    return number


def _read_tally(conn: Connection, key: tuple[int, str, str]) -> tuple[bool, Tally]:
    row = conn.execute(select(REFUSALS).where(*_is_tally(key))).first()
    return (False, Tally()) if row is None else (True, Tally(row.seen, row.kept, row.bytes))


def _is_tally(key: tuple[int, str, str]) -> tuple[ColumnElement[bool], ...]:
    columns = (REFUSALS.c.hour, REFUSALS.c.source, REFUSALS.c.reason)
    return tuple(column == value for column, value in zip(columns, key, strict=True))


def read_unkept(conn: Connection) -> dict[tuple[str, str], int]:
    """Return by feed and kind of reason how many messages were counted and not kept."""
    unkept = func.sum(REFUSALS.c.seen - REFUSALS.c.kept)
    query = select(REFUSALS.c.source, REFUSALS.c.reason, unkept)
    query = query.group_by(REFUSALS.c.source, REFUSALS.c.reason).having(unkept > 0)
    return {(source, reason): int(n) for source, reason, n in conn.execute(query)}


def list_kept(conn: Connection, states: Sequence[str], limit: int) -> list[Kept]:
    """Return messages in some states, newest first, without their bodies."""
    columns = [column for column in QUARANTINE.c if column.name != "body"]
    query = select(*columns, func.length(QUARANTINE.c.body).label("size"))
    query = query.where(QUARANTINE.c.state.in_(states)).order_by(QUARANTINE.c.id.desc())
    return [
        Kept(r.id, r.source, from_us(r.received_at), r.reason, r.content_type, r.state, r.size)
        for r in conn.execute(query.limit(limit))
    ]


def insert_refused(conn: Connection, refused: Refused) -> int:
    """Keep a refused message; return its number."""
    values = {**asdict(refused), "received_at": to_us(refused.received_at), "state": "new"}
    # a sender's name may hold what a text column cannot
    values["source"] = to_text(refused.source)
    values["reason"] = to_text(refused.reason)
    key = conn.execute(QUARANTINE.insert().values(values)).inserted_primary_key
    return int(key[0]) if key is not None else 0


def to_text(text: str) -> str:
    """Return a text without the characters that a database refuses."""
    return text.replace("\0", "\ufffd").encode(errors="replace").decode()


def read_quarantined(
    conn: Connection, state: str | None, limit: int, before: int | None
) -> list[Quarantined]:
    """Return refused messages, newest first, from below a number on."""
    query = select(QUARANTINE).order_by(QUARANTINE.c.id.desc()).limit(limit)
    if state is not None:
        query = query.where(QUARANTINE.c.state == state)
    if before is not None:
        query = query.where(QUARANTINE.c.id < before)
    return [
        Quarantined(
            r.id, r.source, from_us(r.received_at), r.reason, r.content_type, bytes(r.body), r.state
        )
        for r in conn.execute(query)
    ]


def count_quarantined(conn: Connection) -> dict[str, int]:
    """Return how many refused messages are in each state."""
    query = select(QUARANTINE.c.state, func.count()).group_by(QUARANTINE.c.state)
    counts = {state: int(n) for state, n in conn.execute(query)}
    return {state: counts.get(state, 0) for state in STATES}


def update_quarantined(conn: Connection, number: int, state: str, body: bytes | None) -> None:
    """Move a refused message to another state, with its mended body if there is one.

    Raises:
        StoreError: No such state, or no such message.
    """
    if state not in STATES:
        raise StoreError(f"Quarantine knows no state {state!r}; use one of {', '.join(STATES)}.")
    values: dict[str, object] = {"state": state}
    if body is not None:
        values["body"] = body
    update = QUARANTINE.update().where(QUARANTINE.c.id == number).values(values)
    if conn.execute(update).rowcount != 1:
        raise StoreError(f"Quarantine holds no message {number}; it may have been purged.")
