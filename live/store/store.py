"""The store: one small interface over SQLite and PostgreSQL."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import StaticPool

from live.events import Event, utc_now
from live.store import keeping, retention
from live.store import reading as queries
from live.store.errors import StoreError
from live.store.migrations import migrate
from live.store.quarantine import (
    KEPT_AN_HOUR,
    Kept,
    Quarantined,
    Refused,
    count_quarantined,
    keep_refused,
    list_kept,
    read_quarantined,
    read_unkept,
    update_quarantined,
)
from live.store.tables import STORE_META, to_us
from live.store.writing import AppendResult, EventWriter

BUSY_TIMEOUT_S = 10
_WRITER_LOCK = 0x7457494E
"""Number of the PostgreSQL advisory lock that writers of events take in turn."""


class Store:
    """Events and what belongs to them, durable once `append` returns.

    Safe for many threads. Other parts of the house may keep their own tables in the same database
    through `engine`; write there within `writing()`.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.kept_an_hour = KEPT_AN_HOUR
        self._writer = EventWriter(engine.dialect)
        # a database in memory has one connection for all
        shared = isinstance(engine.pool, StaticPool)
        self._guard: AbstractContextManager[object] = threading.RLock() if shared else nullcontext()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Hold a transaction that no other writer shares; it commits at the end or not at all."""
        engine = self.engine.execution_options(twin_writes=True)
        with self._guard, engine.begin() as conn:
            if engine.dialect.name == "postgresql":
                conn.execute(text(f"SELECT pg_advisory_xact_lock({_WRITER_LOCK})"))
            yield conn

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Hold a connection that sees the database as of one moment."""
        with self._guard, self.engine.connect() as conn:
            yield conn

    def remember(self, key: str, value: str | None) -> None:
        """Keep a small fact under a key, or forget it."""
        with self.writing() as conn:
            conn.execute(STORE_META.delete().where(STORE_META.c.key == key))
            if value is not None:
                conn.execute(STORE_META.insert().values(key=key, value=value))

    def recall(self, key: str) -> str | None:
        """Return what was kept under a key."""
        with self.reading() as conn:
            found: str | None = conn.scalar(
                select(STORE_META.c.value).where(STORE_META.c.key == key)
            )
        return found

    def append(self, events: Sequence[Event], refused: Sequence[Refused] = ()) -> AppendResult:
        """Write events and commit; those known by their `event_id` count as duplicates.

        Args:
            events: What to write.
            refused: What to quarantine in the same transaction.

        Raises:
            StoreError: Nothing of the batch was written.
        """
        try:
            with self.writing() as conn:
                if refused:
                    keep_refused(conn, refused, self.kept_an_hour)
                return self._writer.append(conn, events) if events else AppendResult([], 0)
        except Exception as error:
            self._writer.forget()
            if not isinstance(error, SQLAlchemyError):
                raise
            raise StoreError(
                f"{len(events)} events could not be written: {error}. "
                "Look at the disk and the database; the sender keeps them and tries again."
            ) from error

    def quarantine(
        self,
        source: str,
        body: bytes,
        reason: str,
        *,
        content_type: str = "application/octet-stream",
        received_at: datetime | None = None,
    ) -> int:
        """Keep a message that was refused, with the reason.

        Returns:
            Its number; 0 where this hour has enough of its kind already, so that it only counts.
        """
        at = received_at or utc_now()
        with self.writing() as conn:
            one = Refused(source, at, reason, content_type, body)
            return keep_refused(conn, [one], self.kept_an_hour)

    def quarantined(
        self, state: str | None = "new", *, limit: int = 100, before: int | None = None
    ) -> list[Quarantined]:
        """Return refused messages in a state (None: any), newest first."""
        with self.reading() as conn:
            return read_quarantined(conn, state, limit, before)

    def count_quarantined(self) -> dict[str, int]:
        """Return how many refused messages are in each state."""
        with self.reading() as conn:
            return count_quarantined(conn)

    def list_quarantined(self, states: Sequence[str], limit: int) -> list[Kept]:
        """Return refused messages in some states, newest first, without their bodies."""
        with self.reading() as conn:
            return list_kept(conn, states, limit)

    def count_unkept(self) -> dict[tuple[str, str], int]:
        """Return by feed and kind of reason how many messages were counted and not kept."""
        with self.reading() as conn:
            return read_unkept(conn)

    def update_quarantined(self, number: int, state: str, body: bytes | None = None) -> None:
        """Move a refused message to another state, with its mended body if there is one."""
        with self.writing() as conn:
            update_quarantined(conn, number, state, body)

    def query(
        self,
        kind: str | None = None,
        layer: str | None = None,
        subject: str | None = None,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        plate: str | None = None,
        limit: int = 100,
        before: str | None = None,
    ) -> queries.Page:
        """Return a page of events, newest first; `before` is the `next` of the page before.

        Args:
            kind: One of `live.events.KINDS`.
            layer: Layer of the subject.
            subject: Its id.
            since: Observed at this moment or later.
            until: Observed before this moment.
            plate: Exactly this plate, in any spelling.
            limit: Length of the page.
            before: Go on from here.
        """
        wanted = queries.matching(kind, layer, subject, since, until, plate)
        with self.reading() as conn:
            return queries.read_page(conn, wanted, limit, before)

    def last_events(self, layer: str, subject: str, n: int = 50) -> list[Event]:
        """Return the newest events of a subject, newest first."""
        page = self.query(layer=layer, subject=subject, limit=n)
        return [stored.event for stored in page.events]

    def scan(
        self,
        kind: str | None = None,
        layer: str | None = None,
        subject: str | None = None,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        after: int = 0,
    ) -> Iterator[queries.StoredEvent]:
        """Yield events in their order of arrival, from above a number on, however many."""
        wanted = queries.matching(kind, layer, subject, since, until)
        with self.reading() as conn:
            if since is not None:
                # what came in before is not looked at: a restart reads a day out of years
                after = max(after, queries.read_first_id(conn, since) - 1)
            yield from queries.scan(conn, wanted, after=after)

    def latest(self, until: datetime | None = None) -> list[queries.Latest]:
        """Return the newest live event of each subject and kind, oldest first."""
        with self.reading() as conn:
            return queries.read_latest(conn, until)

    def runs(self) -> list[tuple[str, str, str, datetime]]:
        """Return layer, subject, state and beginning of the run of states each subject is in."""
        with self.reading() as conn:
            return list(queries.read_runs(conn))

    def heard(self) -> list[tuple[str, str, datetime, datetime]]:
        """Return layer, subject, begin and end of the last unbroken stretch of heartbeats."""
        with self.reading() as conn:
            return queries.read_heard(conn)

    def note_heard(self, stretches: Sequence[tuple[str, str, datetime, datetime]]) -> None:
        """Keep stretches all through which things spoke: layer, subject, begin and end."""
        rows = [(layer, key, to_us(since), to_us(at)) for layer, key, since, at in stretches]
        with self.writing() as conn:
            self._writer.note_heard(conn, rows)

    def counts_by_hour(
        self,
        since: datetime,
        until: datetime,
        *,
        kind: str | None = None,
        layer: str | None = None,
        subject: str | None = None,
    ) -> list[queries.HourCount]:
        """Return counts by hour and kind from the roll-ups; by subject too if a layer is named."""
        with self.reading() as conn:
            return queries.read_hours(conn, since, until, kind, layer, subject)

    def search_plates(
        self,
        pattern: str,
        *,
        near: bool = False,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 50,
    ) -> list[queries.PlateHit]:
        """Return plates that were read, last seen first, unmasked.

        Args:
            pattern: A plate or a part of one; `?` is any one character, `*` any number.
            near: Take `pattern` as a plate and find reads one character apart at most.
            since: Read at this moment or later.
            until: Read before this moment.
            limit: At most so many.
        """
        with self.reading() as conn:
            return queries.find_plates(conn, pattern, near, since, until, limit)

    def purge(
        self,
        now: datetime,
        policy: retention.Policy,
        *,
        chunk: int = retention.CHUNK,
        pause_s: float = 0.0,
        going: Callable[[], bool] = lambda: True,
    ) -> dict[str, int]:
        """Delete what is older than its days, a chunk a transaction, so that writers go on.

        Args:
            now: The present moment.
            policy: Days to keep by kind of data.
            chunk: Rows a transaction.
            pause_s: Between two transactions, seconds.
            going: Asked before each transaction; False ends the work.

        Returns:
            How many rows of each kind went.
        """
        gone = dict.fromkeys(policy, 0)
        for kind, days in policy.items():
            limit, more = to_us(now - timedelta(days=days)), True
            while more and going():
                with self.writing() as conn:
                    n, more = retention.purge_chunk(conn, kind, limit, chunk)
                    if kind == "plate":
                        self._writer.forget()
                gone[kind] += n
                if more:
                    time.sleep(pause_s)
        return gone

    def expiry(self, policy: retention.Policy) -> dict[str, datetime | None]:
        """Return by event kind when its oldest event is due for deletion."""
        with self.reading() as conn:
            return retention.read_expiry(conn, policy)

    def holdings(self) -> dict[str, retention.Holding]:
        """Return what is held of each kind of data; takes seconds where there is much."""
        with self.reading() as conn:
            return retention.read_holdings(conn)

    def newest(self) -> datetime | None:
        """Return the moment of the newest live event, None in an empty store."""
        with self.reading() as conn:
            return retention.read_newest(conn)

    def backup(self, path: Path) -> None:
        """Write everything, as of one moment, into a new SQLite file; work may go on meanwhile."""
        with self._guard:
            keeping.backup(self.engine, path)

    def restore(self, path: Path) -> None:
        """Replace everything by what a backup holds; nothing else may use the store meanwhile."""
        with self._guard:
            keeping.restore(self.engine, path)
        self._writer.forget()
        with self.writing() as conn:
            migrate(conn)

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()


def open_store(url: str) -> Store:
    """Open a store, making or migrating its tables.

    Args:
        url: `sqlite:///FILE`, `sqlite://` (in memory) or `postgresql://USER@HOST/NAME`.

    Raises:
        StoreError: The URL names no database that we know, or it cannot be opened.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StoreError(
            f"{url!r} is no database URL; use sqlite:///FILE or postgresql://USER@HOST/NAME."
        ) from error
    store = Store(_create_engine(parsed))
    try:
        with store.writing() as conn:
            migrate(conn)
    except SQLAlchemyError as error:
        store.close()
        raise StoreError(f"The database {parsed!r} cannot be opened: {error}") from error
    except StoreError:
        store.close()
        raise
    return store


def _create_engine(url: URL) -> Engine:
    if url.get_backend_name() == "postgresql":
        # an error names the statement, never the plates in it
        return create_engine(url.set(drivername="postgresql+psycopg"), hide_parameters=True)
    if url.get_backend_name() != "sqlite":
        raise StoreError(
            f"The database {url!r} is of an unknown make; use sqlite:///FILE or "
            "postgresql://USER@HOST/NAME."
        )
    if url.database in (None, "", ":memory:"):
        engine = create_engine(
            url,
            poolclass=StaticPool,
            connect_args={"check_same_thread": False},
            hide_parameters=True,
        )
    else:
        Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_S}, hide_parameters=True)
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: object, _record: object) -> None:
    # the driver's own BEGIN comes late: we say when (SQLAlchemy, "SQLite transactions")
    connection.isolation_level = None  # type: ignore[attr-defined]
    cursor = connection.cursor()  # type: ignore[attr-defined]
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_S * 1000}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA cache_size = -65536")  # KiB
    # pages; a checkpoint every few commits would double what is written
    cursor.execute("PRAGMA wal_autocheckpoint = 8000")
    cursor.close()


def _begin_sqlite(conn: Connection) -> None:
    # a writer takes the lock at once: upgrading a read fails where another wrote meanwhile
    writes = conn.get_execution_options().get("twin_writes")
    conn.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
