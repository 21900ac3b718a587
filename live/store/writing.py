"""Write events: one transaction for the rows, the roll-ups, the newest of each, the plates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, Dialect, Table, case, func, literal_column, select
from sqlalchemy.dialects import postgresql, sqlite

from live.events import Event
from live.health import DOOR_PERIOD_S, SILENT_AFTER, is_heartbeat
from live.plates import near_keys, normalise_plate
from live.store.tables import EVENTS, HEARD, HOUR_US, HOURS, LATEST, PLATE_KEYS, PLATES, to_us

Record = tuple[Any, ...]

PLATES_REMEMBERED = 100_000
REFUSED = "refused"
"""Kind under which `latest` keeps an access that was not granted."""
HEARTBEAT_GAP_US = int(SILENT_AFTER * DOOR_PERIOD_S * 1e6)
"""A longer pause between heartbeats begins a new stretch."""

_ID, _KIND, _LAYER, _SUBJECT, _OBSERVED, _RECEIVED, _PLATE = (
    list(EVENTS.columns.keys()).index(name)
    for name in ("id", "kind", "layer", "subject", "observed_at", "received_at", "plate")
)
_RUN_EVENT, _RUN_AT, _RUN_STATE = (
    list(LATEST.columns.keys()).index(name) for name in ("event", "observed_at", "state")
)


@dataclass(frozen=True, slots=True)
class AppendResult:
    """What became of a batch.

    Attributes:
        accepted: Events that are new, in their order.
        duplicates: How many were there already, or twice in the batch.
    """

    accepted: list[Event]
    duplicates: int


class EventWriter:
    """Prepared statements that write events for one SQL dialect; knows plates it has seen.

    Rows go to the driver as tuples: Core's own way through each parameter costs as much as SQLite.
    """

    def __init__(self, dialect: Dialect) -> None:
        build: Any = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[dialect.name]
        style: Any = "qmark" if dialect.name == "sqlite" else "format"
        make: Any = type(dialect)
        positional = make(paramstyle=style)

        def prepare(table: Table, statement: Any) -> str:
            compiled = statement.compile(dialect=positional, column_keys=table.columns.keys())
            return str(compiled)

        def insert_new(table: Table) -> str:
            return prepare(table, build(table).on_conflict_do_nothing())

        self._events = insert_new(EVENTS)
        self._plates = insert_new(PLATES)
        self._plate_keys = insert_new(PLATE_KEYS)
        hours = build(HOURS)
        counted = {"count": HOURS.c.count + hours.excluded.count}
        self._hours = prepare(
            HOURS, hours.on_conflict_do_update(index_elements=list(HOURS.primary_key), set_=counted)
        )
        latest = build(LATEST)
        new = latest.excluded
        self._latest = prepare(
            LATEST,
            latest.on_conflict_do_update(
                index_elements=list(LATEST.primary_key),
                set_={
                    "event": new.event,
                    "observed_at": new.observed_at,
                    "state": new.state,
                    "since": case((LATEST.c.state == new.state, LATEST.c.since), else_=new.since),
                },
                where=new.observed_at >= LATEST.c.observed_at,
            ),
        )
        heard = build(HEARD)
        beat = heard.excluded
        unbroken = beat.at - HEARD.c.at <= literal_column(str(HEARTBEAT_GAP_US))
        self._heard = prepare(
            HEARD,
            heard.on_conflict_do_update(
                index_elements=list(HEARD.primary_key),
                set_={
                    "at": beat.at,
                    "since": case((unbroken, HEARD.c.since), else_=beat.since),
                },
                where=beat.at > HEARD.c.at,
            ),
        )
        self._last_id = select(func.coalesce(func.max(EVENTS.c.id), 0))
        self._known_plates: set[str] = set()
        self._last_beats: dict[tuple[str, str], int] | None = None

    def append(self, conn: Connection, events: Sequence[Event]) -> AppendResult:
        """Write a batch within the caller's transaction, which no other writer shares."""
        beats = [event for event in events if is_heartbeat(event)]
        if beats:
            accepted = self._append_kept(conn, [e for e in events if not is_heartbeat(e)])
            accepted += self._append_beats(conn, beats)
        else:
            accepted = self._append_kept(conn, events)
        return AppendResult(accepted, len(events) - len(accepted))

    def forget(self) -> None:
        """Distrust what is remembered: a transaction failed, or others changed the tables."""
        self._known_plates.clear()
        self._last_beats = None

    def _append_kept(self, conn: Connection, events: Sequence[Event]) -> list[Event]:
        if not events:
            return []
        first = conn.execute(self._last_id).scalar_one() + 1
        rows = [_to_record(event, first + offset) for offset, event in enumerate(events)]
        accepted = list(events)
        if conn.exec_driver_sql(self._events, rows).rowcount != len(rows):
            kept = set(conn.scalars(select(EVENTS.c.id).where(EVENTS.c.id >= first)))
            pairs = [pair for pair in zip(events, rows, strict=True) if pair[1][_ID] in kept]
            accepted, rows = [event for event, _ in pairs], [row for _, row in pairs]
        if rows:
            conn.exec_driver_sql(self._hours, _to_hours(rows))
            latest = _to_latest(accepted, rows)
            if latest:
                conn.exec_driver_sql(self._latest, latest)
            self._add_plates(conn, {row[_PLATE] for row in rows if row[_PLATE] is not None})
        return accepted

    def _append_beats(self, conn: Connection, beats: Sequence[Event]) -> list[Event]:
        """Note heartbeats; one that is no newer than the last of its subject is a repeat."""
        if self._last_beats is None:
            self._last_beats = {(r.layer, r.subject): r.at for r in conn.execute(select(HEARD))}
        accepted, rows = [], []
        for event in beats:
            key = (event.layer, event.subject)
            at = to_us(min(event.observed_at, event.received_at))
            if at > self._last_beats.get(key, -1):
                accepted.append(event)
                if event.live:
                    self._last_beats[key] = at
                    rows.append((*key, at, at))
        if rows:
            conn.exec_driver_sql(self._heard, rows)
        return accepted

    def _add_plates(self, conn: Connection, plates: set[str]) -> None:
        new = plates - self._known_plates
        if not new:
            return
        conn.exec_driver_sql(self._plates, [(plate,) for plate in new])
        keys = [(key, plate) for plate in new for key in near_keys(plate)]
        conn.exec_driver_sql(self._plate_keys, keys)
        if len(self._known_plates) > PLATES_REMEMBERED:
            self._known_plates.clear()
        self._known_plates |= new


def _to_record(event: Event, number: int) -> Record:
    """Return the row of `events`, in the order of its columns."""
    return (
        number,
        event.event_id,
        event.kind,
        event.source,
        event.layer,
        event.subject,
        to_us(event.observed_at),
        to_us(event.received_at),
        event.skew_s,
        int(event.live),
        normalise_plate(event.data.get("plate")) if event.kind == "plate" else None,
        orjson.dumps(event.data).decode(),
    )


def _to_hours(rows: Sequence[Record]) -> list[Record]:
    counts = Counter(
        (row[_OBSERVED] // HOUR_US * HOUR_US, row[_LAYER], row[_SUBJECT], row[_KIND])
        for row in rows
    )
    return [(*key, n) for key, n in counts.items()]


def _to_latest(events: Sequence[Event], rows: Sequence[Record]) -> list[Record]:
    """Return rows for `latest` in order; a run of one state within the batch is one row."""
    runs: list[list[Any]] = []
    newest: dict[tuple[str, str, str], list[Any]] = {}
    for event, row in zip(events, rows, strict=True):
        if not event.live:
            continue
        # somebody refused opens nothing, so that it must not hide who was let in last
        refused = event.kind == "access" and event.data.get("granted") is False
        key = (event.layer, event.subject, REFUSED if refused else event.kind)
        # a device whose clock runs ahead is not newer than the moment it was heard
        at = min(row[_OBSERVED], row[_RECEIVED])
        state = str(event.data.get("state") or "") if event.kind in ("status", "service") else ""
        run = newest.get(key)
        if run is not None and at < run[_RUN_AT]:
            continue
        if run is not None and state == run[_RUN_STATE]:
            run[_RUN_EVENT], run[_RUN_AT] = row[_ID], at
            continue
        run = [*key, row[_ID], at, state, at]
        newest[key] = run
        runs.append(run)
    return [tuple(run) for run in runs]
