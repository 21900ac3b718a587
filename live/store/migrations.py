"""Bring a database to the tables this version knows, one numbered step after another."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, func, inspect, select

from live.store.cases import AUDIT
from live.store.cases import TABLES as CASES
from live.store.edits import TABLES as EDITS
from live.store.errors import StoreError
from live.store.hooks import TABLES as HOOKS
from live.store.tables import EVENTS, HEARD_BEFORE, METADATA, PLATES, REFUSALS, STORE_META


def _create(conn: Connection) -> None:
    if conn.dialect.name == "postgresql":  # said here, so that SQLite need not load that dialect
        for index in EVENTS.indexes:
            if index.name == "events_plate":
                index.dialect_options["postgresql"]["where"] = EVENTS.c.plate.is_not(None)
    METADATA.create_all(conn)


def _count_plates(conn: Connection) -> None:
    """Keep the reads of each plate counted, and find the last events of a kind and layer at once.

    Takes a minute where there are ten million events.
    """
    if any(column["name"] == "last_at" for column in inspect(conn).get_columns(PLATES.name)):
        return  # made by this version
    PLATES.drop(conn)
    PLATES.create(conn)
    at = EVENTS.c.observed_at
    counted = select(EVENTS.c.plate, func.count(), func.min(at), func.max(at))
    read = counted.where(EVENTS.c.plate.is_not(None)).group_by(EVENTS.c.plate)
    conn.execute(PLATES.insert().from_select(PLATES.columns.keys(), read))
    for index in EVENTS.indexes:
        if index.name in ("events_subject", "events_layer"):
            index.drop(conn, checkfirst=True)
            index.create(conn)


def _count_refusals(conn: Connection) -> None:
    REFUSALS.create(conn, checkfirst=True)


def _keep_cases(conn: Connection) -> None:
    for table in CASES:
        table.create(conn, checkfirst=True)


def _keep_the_past(conn: Connection) -> None:
    """Let a past moment be found: what was received or done when, and who was alive."""
    HEARD_BEFORE.create(conn, checkfirst=True)
    for table, name in ((EVENTS, "events_received_at"), (AUDIT, "audit_at")):
        for index in table.indexes:
            if index.name == name:
                index.create(conn, checkfirst=True)


def _keep_hooks(conn: Connection) -> None:
    for table in HOOKS:
        table.create(conn, checkfirst=True)


def _keep_edits(conn: Connection) -> None:
    for table in EDITS:
        table.create(conn, checkfirst=True)


MIGRATIONS: list[tuple[int, Callable[[Connection], None]]] = [
    (1, _create),
    (2, _count_plates),
    (3, _count_refusals),
    (4, _keep_cases),
    (5, _keep_the_past),
    (6, _keep_hooks),
    (7, _keep_edits),
]
"""Steps in order. Each runs once, inside the transaction that also notes its number."""

VERSION = MIGRATIONS[-1][0]


def read_version(conn: Connection) -> int:
    """Return the number of the last step that a database has seen; 0 for an empty one."""
    if not inspect(conn).has_table(STORE_META.name):
        return 0
    value = conn.scalar(select(STORE_META.c.value).where(STORE_META.c.key == "version"))
    return int(value) if value is not None else 0


def migrate(conn: Connection) -> int:
    """Run the steps that a database lacks; return its version.

    Raises:
        StoreError: The database comes from a newer version.
    """
    version = read_version(conn)
    if version > VERSION:
        raise StoreError(
            f"The database {conn.engine.url!r} has version {version}, this program knows "
            f"{VERSION}. Run the newer program, or restore a backup made by this one."
        )
    for number, step in MIGRATIONS:
        if number > version:
            step(conn)
            conn.execute(STORE_META.delete().where(STORE_META.c.key == "version"))
            conn.execute(STORE_META.insert().values(key="version", value=str(number)))
    return VERSION
