"""Bring a database to the tables this version knows, one numbered step after another."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, inspect, select

from live.store.errors import StoreError
from live.store.tables import METADATA, STORE_META


def _create(conn: Connection) -> None:
    METADATA.create_all(conn)


MIGRATIONS: list[tuple[int, Callable[[Connection], None]]] = [(1, _create)]
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
