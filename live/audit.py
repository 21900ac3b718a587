"""The audit: every step once, in order, each row bound to the one before by its hash.

A changed, dropped, added or moved row breaks the chain where it stands; the number and hash of the
last row are kept apart, so that rows cut off the end are missed as well. Somebody who may write the
database can make a whole new chain: note the head that `audit verify` prints somewhere else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, Row, insert, select

from live.store.cases import AUDIT
from live.store.tables import STORE_META
from live.webhooks.outbox import enqueue

HEAD = "audit.head"
FIRST = "0" * 64
BATCH = 5000


@dataclass(frozen=True, slots=True)
class Entry:
    """What somebody did: a row to be.

    Attributes:
        at: When, microseconds since 1970.
        who: By whom.
        about: What it is about: incidents, orders, webhooks, shifts.
        subject: Which of them.
        version: Which step of it.
        action: What was done.
        data: Everything it says; JSON.
    """

    at: int
    who: str
    about: str
    subject: str
    version: int
    action: str
    data: dict[str, Any]


def encode(value: Any) -> str:
    """Return JSON in one form only, so that its hash can be made again."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def hash_row(previous: str, seq: int, values: Sequence[Any]) -> str:
    """Return the hash of a row: SHA-256 of the one before and of everything in it."""
    return hashlib.sha256(orjson.dumps([previous, seq, *values])).hexdigest()


def append(conn: Connection, entries: Sequence[Entry]) -> None:
    """Write entries within the caller's transaction, which no other writer shares."""
    if not entries:
        return
    seq, previous = read_head(conn)
    rows = []
    for entry in entries:
        seq += 1
        data = encode(entry.data)
        values = (
            entry.at, entry.who, entry.about, entry.subject, entry.version, entry.action, data,
        )  # fmt: skip
        made = hash_row(previous, seq, values)
        rows.append(
            {
                "seq": seq,
                "at": entry.at,
                "who": entry.who,
                "about": entry.about,
                "subject": entry.subject,
                "version": entry.version,
                "action": entry.action,
                "data": data,
                "previous": previous,
                "hash": made,
            }
        )
        previous = made
    conn.execute(insert(AUDIT), rows)
    enqueue(conn, rows)  # who subscribed hears of it: of each step that was written, and no other
    conn.execute(STORE_META.delete().where(STORE_META.c.key == HEAD))
    conn.execute(STORE_META.insert().values(key=HEAD, value=f"{seq}:{previous}"))


def read_head(conn: Connection) -> tuple[int, str]:
    """Return number and hash of the last row that was written."""
    kept = conn.scalar(select(STORE_META.c.value).where(STORE_META.c.key == HEAD))
    if kept is None:
        return 0, FIRST
    number, _, made = kept.partition(":")
    return int(number), made


def read_entries(
    conn: Connection, about: str, subject: str, after: int = 0
) -> Iterator[tuple[int, Entry]]:
    """Yield the number and the entry of each step of one subject, from above a version on."""
    mine = (AUDIT.c.about == about, AUDIT.c.subject == subject, AUDIT.c.version > after)
    for row in conn.execute(select(AUDIT).where(*mine).order_by(AUDIT.c.version)):
        yield row.seq, _to_entry(row)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check of the audit found.

    Attributes:
        rows: Rows read.
        head: Number and hash of the last row, to be noted elsewhere.
        problems: What is wrong, the first ones; empty when all is well.
    """

    rows: int
    head: str
    problems: list[str]


def verify(conn: Connection, *, head: str = "", most: int = 20) -> Verdict:
    """Read the whole audit and tell where it was tampered with.

    Args:
        conn: A connection that sees one moment.
        head: NUMBER:HASH of a row as it was noted elsewhere; a chain that was made anew lacks it.
        most: Problems told at most.
    """
    problems: list[str] = []
    if head:
        number, _, noted = head.partition(":")
        there = conn.scalar(
            select(AUDIT.c.hash).where(AUDIT.c.seq == (int(number) if number.isdecimal() else -1))
        )
        if there != noted:
            problems.append(f"row {number}: is not the one that was noted")
    expected, previous, rows = 1, FIRST, 0
    result = conn.execution_options(yield_per=BATCH).execute(select(AUDIT).order_by(AUDIT.c.seq))
    for row in result:
        rows += 1
        if row.seq != expected:
            gap = f"row {expected}" if row.seq == expected + 1 else f"rows {expected}-{row.seq - 1}"
            problems.append(f"{gap}: missing")
        if row.previous != previous and row.seq == expected:
            problems.append(f"row {row.seq}: does not follow on the row before it")
        if hash_row(row.previous, row.seq, _values(row)) != row.hash:
            problems.append(f"row {row.seq} ({row.about} {row.subject}): was changed")
        expected, previous = row.seq + 1, row.hash
        if len(problems) >= most:
            break
    seq, made = read_head(conn)
    if len(problems) < most:
        if seq > expected - 1:
            problems.append(f"rows {expected}-{seq}: missing at the end")
        elif seq < expected - 1:
            problems.append(f"rows {seq + 1}-{expected - 1}: added at the end")
        elif made != previous:
            problems.append(f"row {seq}: is not the one that was written last")
    return Verdict(rows, f"{expected - 1}:{previous}", problems)


def _values(row: Row[Any]) -> tuple[Any, ...]:
    return (row.at, row.who, row.about, row.subject, row.version, row.action, row.data)


def _to_entry(row: Row[Any]) -> Entry:
    data = orjson.loads(row.data)
    return Entry(row.at, row.who, row.about, row.subject, row.version, row.action, data)
