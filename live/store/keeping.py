"""Keep the store: copy it out, copy it back."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Connection, Engine, MetaData, create_engine, delete, insert, select

from live.store.errors import StoreError
from live.store.migrations import VERSION, migrate, read_version
from live.store.tables import METADATA

COPY_ROWS = 5000


def backup(engine: Engine, path: Path) -> None:
    """Write the whole database, as of one moment, into a new SQLite file.

    Raises:
        StoreError: There is a file already.
    """
    if path.exists():
        raise StoreError(f"{path} is there already; a backup never replaces a file. Name another.")
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    if engine.dialect.name == "sqlite":
        with engine.connect() as conn, closing(sqlite3.connect(part)) as target:
            _raw(conn).backup(target)
    else:
        _copy_all(engine, create_engine(f"sqlite:///{part}"))
    part.replace(path)


def restore(engine: Engine, path: Path) -> None:
    """Replace everything in the database by what a backup holds.

    Raises:
        StoreError: The file is no backup that this version can read.
    """
    check_backup(path)
    if engine.dialect.name == "sqlite":
        engine.dispose()
        with engine.connect() as conn, closing(sqlite3.connect(path)) as source:
            source.backup(_raw(conn))
    else:
        with TemporaryDirectory() as folder:
            _copy_all(create_engine(f"sqlite:///{_bring_up(path, Path(folder))}"), engine)


def _bring_up(path: Path, folder: Path) -> Path:
    """Return a backup as this version has its tables: itself, or a migrated copy in a folder."""
    source = create_engine(f"sqlite:///{path}")
    with source.connect() as conn:
        version = read_version(conn)
    source.dispose()
    if version == VERSION:
        return path
    copy = folder / path.name
    shutil.copyfile(path, copy)
    target = create_engine(f"sqlite:///{copy}")
    with target.begin() as conn:
        migrate(conn)
    target.dispose()
    return copy


def check_backup(path: Path) -> None:
    """Refuse a file that is no whole backup of a store."""
    if not path.is_file():
        raise StoreError(f"There is no backup at {path}.")
    source = create_engine(f"sqlite:///{path}")
    try:
        with source.connect() as conn:
            sound = conn.exec_driver_sql("PRAGMA quick_check").scalar() == "ok"
            version = read_version(conn)
    except Exception as error:
        raise StoreError(f"{path} is not a backup: {error}. Choose another file.") from error
    finally:
        source.dispose()
    if not sound:
        raise StoreError(f"{path} is damaged (PRAGMA quick_check). Choose another backup.")
    if not 0 < version <= VERSION:
        raise StoreError(
            f"{path} has version {version}, this program reads 1 to {VERSION}. "
            "Choose a backup of a store, or run the program that made it."
        )


def _raw(conn: Connection) -> sqlite3.Connection:
    raw: Any = conn.connection.driver_connection
    assert isinstance(raw, sqlite3.Connection)
    return raw


def _copy_all(source: Engine, target: Engine) -> None:
    """Copy every table, ours and others, from one database into another, within one transaction."""
    try:
        with source.connect() as reader, target.begin() as writer:
            if source.dialect.name == "postgresql":
                reader.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            found = MetaData()
            found.reflect(reader)
            for table in METADATA.sorted_tables:
                found.remove(found.tables[table.name])
                table.to_metadata(found)
            found.create_all(writer)
            for table in reversed(found.sorted_tables):
                writer.execute(delete(table))
            for table in found.sorted_tables:
                result = reader.execution_options(yield_per=COPY_ROWS).execute(select(table))
                for rows in result.mappings().partitions():
                    writer.execute(insert(table), [dict(row) for row in rows])
    finally:
        # the caller keeps the live engine; the file's is of this call only
        (target if target.dialect.name == "sqlite" else source).dispose()
