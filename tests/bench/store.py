"""The store's durable append against a raw batched insert of the same rows, same durability."""

from __future__ import annotations

import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import make_url, select

from live.events import utc_now
from live.intake import GROUP
from live.store import Store, open_store
from live.store.tables import EVENTS
from tests.bench.events import make_events
from tests.bench.report import Line
from tests.postgres import NoPostgresError, make_database, running_postgres

ROUNDS, WARM = 40, 20

RawInsert = Callable[[list[tuple[Any, ...]]], None]


def measure_store() -> list[Line]:
    """Return ours / raw for SQLite, and for PostgreSQL where it can be had."""
    with tempfile.TemporaryDirectory() as name:
        urls = [f"sqlite:///{Path(name) / file}" for file in ("ours.db", "raw.db")]
        lines = _compare("SQLite", *urls)
    with suppress(NoPostgresError), running_postgres(durable=True) as server:
        lines += _compare("PostgreSQL", make_database(server), make_database(server))
    return lines


def _compare(name: str, ours_url: str, raw_url: str) -> list[Line]:
    store = open_store(ours_url)
    open_store(raw_url).close()  # the same tables, indexes and file format
    insert = (sqlite_insert if raw_url.startswith("sqlite") else _postgres)(raw_url)
    source = make_events(utc_now())
    ours, raw = [], []
    try:
        for number in range(-WARM, ROUNDS):  # in turn, so that both meet the same machine
            batch = list(islice(source, GROUP))
            mine = _time(lambda batch=batch: store.append(batch))
            rows = _read_rows(store, GROUP)
            theirs = _time(lambda rows=rows: insert(rows))
            if number >= 0:
                ours.append(mine)
                raw.append(theirs)
    finally:
        store.close()
    # every pair met the same machine; the median forgets the one that met a checkpoint
    ratio = statistics.median(b / a for a, b in zip(ours, raw, strict=True))
    rates = [GROUP / statistics.median(taken) for taken in (ours, raw)]
    return [
        Line(f"store, durable events a second: ours / raw {name}", ratio, 0.5, "least"),
        Line(f"  {name}, {GROUP} events a commit: ours {rates[0]:,.0f}/s, raw {rates[1]:,.0f}/s; "
             f"over all the time {sum(raw) / sum(ours):.2f}"),
    ]  # fmt: skip


def _time(step: Callable[[], object]) -> float:
    began = time.perf_counter()
    step()
    return time.perf_counter() - began


def _read_rows(store: Store, last: int) -> list[tuple[Any, ...]]:
    with store.reading() as conn:
        rows = conn.execute(select(EVENTS).order_by(EVENTS.c.id.desc()).limit(last)).all()
    return [tuple(row) for row in reversed(rows)]


def _statement(mark: str) -> str:
    marks = ", ".join([mark] * len(EVENTS.columns))
    return f"INSERT INTO events ({', '.join(EVENTS.columns.keys())}) VALUES ({marks})"


def open_raw(url: str) -> sqlite3.Connection:
    """Return a plain connection to a SQLite file, set up as the store sets up its own."""
    raw = sqlite3.connect(str(make_url(url).database), isolation_level=None)
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "cache_size = -65536",
                   "wal_autocheckpoint = 8000"):  # fmt: skip
        raw.execute(f"PRAGMA {pragma}")
    return raw


def sqlite_insert(url: str) -> RawInsert:
    """Return a plain insert of rows of `events` into a SQLite file, a commit a call."""
    raw = open_raw(url)
    statement = _statement("?")

    def insert(rows: list[tuple[Any, ...]]) -> None:
        raw.execute("BEGIN IMMEDIATE")
        raw.executemany(statement, rows)
        raw.execute("COMMIT")

    return insert


def _postgres(url: str) -> RawInsert:
    import psycopg

    raw = psycopg.connect(url)
    statement: Any = _statement("%s")

    def insert(rows: list[tuple[Any, ...]]) -> None:
        with raw.cursor() as cursor:
            cursor.executemany(statement, rows)
        raw.commit()

    return insert
