"""What could not be taken in: kept whole with its reason until somebody mends or discards it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from live.store.errors import StoreError
from live.store.tables import QUARANTINE, from_us, to_us

STATES = ("new", "fixed", "replayed", "discarded")


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
