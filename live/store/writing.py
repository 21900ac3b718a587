"""Write events: one transaction for the rows, the roll-ups, the newest of each, the plates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import orjson
from sqlalchemy import Connection, Dialect, case, func, literal_column, select

from live.events import Event
from live.health import DOOR_PERIOD_S, SILENT_AFTER, is_heartbeat
from live.plates import near_keys, normalise_plate
from live.store.bulk import BulkWriter, Record
from live.store.tables import (
    EPOCH,
    EVENTS,
    HEARD,
    HEARD_BEFORE,
    HOUR_US,
    HOURS,
    LATEST,
    PLATE_KEYS,
    PLATES,
    to_us,
)

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
    """Writes events in one SQL dialect; knows plates it has seen."""

    def __init__(self, dialect: Dialect) -> None:
        self._events = BulkWriter(EVENTS, dialect, _keep_first)
        self._plates = BulkWriter(PLATES, dialect, _count_reads)
        self._plate_keys = BulkWriter(PLATE_KEYS, dialect, _keep_first)
        self._hours = BulkWriter(HOURS, dialect, _add_up)
        self._latest = BulkWriter(LATEST, dialect, _keep_newest)
        self._heard = BulkWriter(HEARD, dialect, _keep_last_beat)
        self._heard_before = BulkWriter(HEARD_BEFORE, dialect, _keep_first)
        self._last_id = select(func.coalesce(func.max(EVENTS.c.id), 0))
        self._known_plates: set[str] = set()
        self._last_beats: dict[tuple[str, str], tuple[int, int]] | None = None

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
        rows = _to_records(events, first)
        accepted = list(events)
        if self._events.write(conn, rows) != len(rows):
            kept = set(conn.scalars(select(EVENTS.c.id).where(EVENTS.c.id >= first)))
            pairs = [pair for pair in zip(events, rows, strict=True) if pair[1][_ID] in kept]
            accepted, rows = [event for event, _ in pairs], [row for _, row in pairs]
        if rows:
            self._hours.write(conn, _to_hours(rows))
            self._latest.write_in_turn(conn, _to_latest(accepted, rows))
            self._add_plates(conn, _to_plates(rows))
        return accepted

    def _append_beats(self, conn: Connection, beats: Sequence[Event]) -> list[Event]:
        """Note heartbeats; one that is no newer than the last of its subject is a repeat."""
        if self._last_beats is None:
            kept = conn.execute(select(HEARD))
            self._last_beats = {(r.layer, r.subject): (r.since, r.at) for r in kept}
        accepted, rows, over = [], [], []
        for event in beats:
            key = (event.layer, event.subject)
            at = to_us(min(event.observed_at, event.received_at))
            since, last = self._last_beats.get(key, (at, -1))
            if at > last:
                accepted.append(event)
                if event.live:
                    if last >= 0 and at - last > HEARTBEAT_GAP_US:
                        over.append((*key, since, last))
                        since = at
                    self._last_beats[key] = since, at
                    rows.append((*key, at, at))
        self._heard.write_in_turn(conn, rows)
        self._heard_before.write(conn, over)
        return accepted

    def note_heard(self, conn: Connection, stretches: list[Record]) -> None:
        """Keep stretches of heartbeats that are over: rows of `heard_before`."""
        self._heard_before.write(conn, stretches)

    def _add_plates(self, conn: Connection, plates: list[Record]) -> None:
        self._plates.write(conn, plates)
        new = {row[0] for row in plates} - self._known_plates
        if not new:
            return
        keys = [(key, plate) for plate in new for key in near_keys(plate)]
        self._plate_keys.write(conn, keys)
        if len(self._known_plates) > PLATES_REMEMBERED:
            self._known_plates.clear()
        self._known_plates |= new


def _keep_first(insert: Any) -> Any:
    return insert.on_conflict_do_nothing()


def _add_up(insert: Any) -> Any:
    counted = {"count": HOURS.c.count + insert.excluded.count}
    return insert.on_conflict_do_update(index_elements=list(HOURS.primary_key), set_=counted)


def _count_reads(insert: Any) -> Any:
    new, old = insert.excluded, PLATES.c
    return insert.on_conflict_do_update(
        index_elements=list(PLATES.primary_key),
        set_={
            "reads": old.reads + new.reads,
            "first_at": case((new.first_at < old.first_at, new.first_at), else_=old.first_at),
            "last_at": case((new.last_at > old.last_at, new.last_at), else_=old.last_at),
        },
    )


def _keep_newest(insert: Any) -> Any:
    new = insert.excluded
    return insert.on_conflict_do_update(
        index_elements=list(LATEST.primary_key),
        set_={
            "event": new.event,
            "observed_at": new.observed_at,
            "state": new.state,
            "since": case((LATEST.c.state == new.state, LATEST.c.since), else_=new.since),
        },
        where=new.observed_at >= LATEST.c.observed_at,
    )


def _keep_last_beat(insert: Any) -> Any:
    beat = insert.excluded
    unbroken = beat.at - HEARD.c.at <= literal_column(str(HEARTBEAT_GAP_US))
    return insert.on_conflict_do_update(
        index_elements=list(HEARD.primary_key),
        set_={"at": beat.at, "since": case((unbroken, HEARD.c.since), else_=beat.since)},
        where=beat.at > HEARD.c.at,
    )


def _to_records(events: Sequence[Event], first: int) -> list[Record]:
    """Return rows of `events`, numbered from `first`, in the order of its columns."""
    # this runs for every event there is: one loop, no calls that can be spared
    epoch, dumps = EPOCH, orjson.dumps
    rows: list[Record] = []
    for number, event in enumerate(events, first):
        data, kind = event.data, event.kind
        observed, received = event.observed_at - epoch, event.received_at - epoch
        rows.append(
            (
                number,
                event.event_id,
                kind,
                event.source,
                event.layer,
                event.subject,
                (observed.days * 86_400 + observed.seconds) * 1_000_000 + observed.microseconds,
                (received.days * 86_400 + received.seconds) * 1_000_000 + received.microseconds,
                event.skew_s,
                int(event.live),
                normalise_plate(data.get("plate")) if kind == "plate" else None,
                dumps(data).decode(),
            )
        )
    return rows


def _to_hours(rows: Sequence[Record]) -> list[Record]:
    # by hand: a Counter over a generator takes twice as long
    counts: dict[Record, int] = {}
    for row in rows:
        at = row[_OBSERVED]
        key = (at - at % HOUR_US, row[_LAYER], row[_SUBJECT], row[_KIND])
        counts[key] = counts.get(key, 0) + 1
    # in the order of the key: neighbours are on one page
    return [(*key, counts[key]) for key in sorted(counts)]


def _to_plates(rows: Sequence[Record]) -> list[Record]:
    """Return rows for `plates`: what a batch adds to each."""
    found: dict[str, list[int]] = {}
    for row in rows:
        if row[_PLATE] is not None:
            found.setdefault(row[_PLATE], []).append(row[_OBSERVED])
    return [(plate, len(at), min(at), max(at)) for plate, at in found.items()]


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
    # in the order of the key, and within a key as they came: neighbours are on one page
    runs.sort(key=itemgetter(0, 1, 2))
    return [tuple(run) for run in runs]
