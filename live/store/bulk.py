"""Write many rows of a table by prepared statements: SQLite row by row, PostgreSQL by COPY."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from importlib import import_module
from typing import Any

from sqlalchemy import Column, Connection, Dialect, MetaData, Table, select
from sqlalchemy.schema import CreateTable

from live.store.errors import StoreError

Record = tuple[Any, ...]
Finish = Callable[[Any], Any]
"""Ends an INSERT with what happens to a row that is there already."""

COPIED_FROM = 20
"""Fewer rows are not worth a COPY; PostgreSQL takes them one statement each."""


class BulkWriter:
    """Writes rows into one table.

    Rows go to the driver as tuples: Core's own way through each parameter costs as much as SQLite.
    PostgreSQL gets many rows by COPY into a table of the connection's own, and takes them from
    there in one statement: that is a third of the time of a statement a row.

    Args:
        table: Where the rows go; a row is a tuple in the order of its columns.
        dialect: Of the database.
        finish: What to do with rows that are there already.
    """

    def __init__(self, table: Table, dialect: Dialect, finish: Finish) -> None:
        # the other dialect need not be loaded
        insert: Any = import_module(f"sqlalchemy.dialects.{dialect.name}").insert
        self._copies = dialect.name == "postgresql"
        make: Any = type(dialect)
        positional = make(paramstyle="format" if self._copies else "qmark")
        names = table.columns.keys()
        self._key_length = len(table.primary_key)
        one = finish(insert(table))
        self._insert = str(one.compile(dialect=positional, column_keys=names))
        if not self._copies:
            return
        columns = [Column(column.name, column.type) for column in table.columns]
        staging = Table(
            f"incoming_{table.name}",
            MetaData(),
            *columns,
            prefixes=["TEMPORARY"],
            postgresql_on_commit="DELETE ROWS",
        )
        self._find = f"SELECT to_regclass('pg_temp.{staging.name}')"
        self._create = str(CreateTable(staging).compile(dialect=dialect))
        quoted = ", ".join(dialect.identifier_preparer.quote(name) for name in names)
        self._copy = f"COPY {staging.name} ({quoted}) FROM STDIN"
        self._empty = f"DELETE FROM {staging.name}"
        first = next(iter(table.primary_key))
        # in order: of two rows of one event the first counts
        source = select(*columns).order_by(staging.c[first.name])
        every = finish(insert(table).from_select(names, source))
        self._take = str(every.compile(dialect=positional))

    def write(self, conn: Connection, rows: list[Record]) -> int:
        """Write rows, of which each key is there once only; return how many were written."""
        if not self._copies or len(rows) < COPIED_FROM:
            return conn.exec_driver_sql(self._insert, rows).rowcount if rows else 0
        if conn.exec_driver_sql(self._find).scalar() is None:
            conn.exec_driver_sql(self._create)
        self._stage(conn, rows)
        written = conn.exec_driver_sql(self._take).rowcount
        conn.exec_driver_sql(self._empty)
        return written

    def write_in_turn(self, conn: Connection, rows: list[Record]) -> None:
        """Write rows of which several may be of one key, the later upon the earlier."""
        if not self._copies or len(rows) < COPIED_FROM:
            self.write(conn, rows)
            return
        # one statement of PostgreSQL may touch a row once only
        turns: list[list[Record]] = []
        seen: Counter[Record] = Counter()
        for row in rows:
            key = row[: self._key_length]
            if seen[key] == len(turns):
                turns.append([])
            turns[seen[key]].append(row)
            seen[key] += 1
        for turn in turns:
            self.write(conn, turn)

    def _stage(self, conn: Connection, rows: list[Record]) -> None:
        driver: Any = conn.connection.driver_connection
        errors: Any = conn.dialect.loaded_dbapi
        try:
            with driver.cursor() as cursor, cursor.copy(self._copy) as copy:
                for row in rows:
                    copy.write_row(row)
        except errors.Error as error:
            if driver.closed:
                conn.invalidate()
            # its own text holds the row that did not fit
            raise StoreError(
                f"{len(rows)} rows could not be written: {type(error).__name__} "
                f"{error.sqlstate or ''}. Look at the database; the sender tries again."
            ) from None
