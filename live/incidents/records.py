"""Incidents in the store: how each stands and every step, written together or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Connection, Row, and_, func, insert, or_, select, update

from live import audit
from live.incidents.book import Move
from live.incidents.errors import StaleError
from live.incidents.incident import CLOSED, Incident, Step, from_json, replay
from live.store import Store
from live.store.cases import AUDIT, INCIDENTS
from live.store.tables import to_us
from live.typed import read_last_number

ABOUT = "incidents"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_micros(at: float) -> int:
    """Return whole microseconds of epoch seconds."""
    return round(at * 1e6)


def write(conn: Connection, moves: Sequence[Move], versions: dict[str, int]) -> None:
    """Write steps and where they lead, within the caller's transaction.

    Args:
        conn: A transaction that no other writer shares.
        moves: The steps, in order.
        versions: The version of each incident before them; 0 for a new one.

    Raises:
        StaleError: Another process wrote one of them meanwhile; nothing is to be kept.
    """
    after = {move.number: move.after for move in moves}
    for number, incident in after.items():
        values = _to_record(incident)
        if versions.get(number, 0) == 0:
            conn.execute(insert(INCIDENTS).values(values))
            continue
        mine = and_(INCIDENTS.c.id == number, INCIDENTS.c.version == versions[number])
        if conn.execute(update(INCIDENTS).where(mine).values(values)).rowcount != 1:
            raise StaleError(f"incident {number} was changed by another process", -1, [])
    audit.append(
        conn,
        [
            audit.Entry(
                to_micros(move.step.at), move.step.who, ABOUT, move.number, move.after.version,
                move.step.action, move.step.data,
            )
            for move in moves
        ],
    )  # fmt: skip


def read_open(store: Store, since: float) -> list[Incident]:
    """Return what is not closed, and what was closed since a moment, oldest first."""
    recent = or_(INCIDENTS.c.state != CLOSED, INCIDENTS.c.closed_at >= to_micros(since))
    wanted = select(INCIDENTS.c.data).where(recent)
    with store.reading() as conn:
        found = conn.scalars(wanted.order_by(INCIDENTS.c.opened_at, INCIDENTS.c.id))
        return [from_json(orjson.loads(data)) for data in found]


def read_one(store: Store, number: str) -> Incident | None:
    """Return an incident by its number."""
    with store.reading() as conn:
        data = conn.scalar(select(INCIDENTS.c.data).where(INCIDENTS.c.id == number))
    return None if data is None else from_json(orjson.loads(data))


def read_last(store: Store) -> tuple[float | None, int]:
    """Return the moment of the newest step of all, and how many incidents there are."""
    with store.reading() as conn:
        newest = conn.scalar(select(AUDIT.c.at).order_by(AUDIT.c.seq.desc()).limit(1))
        count = conn.scalar(select(func.count()).select_from(INCIDENTS)) or 0
    return None if newest is None else newest / 1e6, count


def read_numbers(store: Store, prefix: str) -> int:
    """Return the highest running number among incidents of one day."""
    with store.reading() as conn:
        return read_last_number(conn, INCIDENTS.c.id, prefix)


def read_steps(store: Store, number: str, after: int = 0) -> list[dict[str, Any]]:
    """Return the steps of an incident from above a version on, oldest first, as JSON."""
    with store.reading() as conn:
        return [
            {
                "seq": seq,
                "version": entry.version,
                "at": entry.at / 1e6,
                "who": entry.who,
                "action": entry.action,
                "data": entry.data,
            }
            for seq, entry in audit.read_entries(conn, ABOUT, number, after)
        ]


def read_page(
    store: Store,
    *,
    states: Sequence[str] = (),
    kind: str | None = None,
    severity: int | None = None,
    place: tuple[str, str] | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 100,
    before: str | None = None,
) -> tuple[list[Incident], str | None]:
    """Return a page of incidents, newest first, and where the next one begins.

    Args:
        store: The store.
        states: Only in these states.
        kind: Only of this kind.
        severity: Only of this severity.
        place: Only at this place, as layer and id.
        since: Opened at this moment or later.
        until: Opened before this moment.
        limit: Length of the page.
        before: Go on from here: the number of the last one of the page before.
    """
    at, key = INCIDENTS.c.opened_at, INCIDENTS.c.id
    wanted = select(INCIDENTS.c.data, key)
    if states:
        wanted = wanted.where(INCIDENTS.c.state.in_(states))
    if kind is not None:
        wanted = wanted.where(INCIDENTS.c.kind == kind)
    if severity is not None:
        wanted = wanted.where(INCIDENTS.c.severity == severity)
    if place is not None:
        wanted = wanted.where(INCIDENTS.c.layer == place[0], INCIDENTS.c.place == place[1])
    if since is not None:
        wanted = wanted.where(at >= to_us(since))
    if until is not None:
        wanted = wanted.where(at < to_us(until))
    with store.reading() as conn:
        if before is not None:
            last = conn.scalar(select(at).where(key == before))
            if last is None:
                return [], None
            wanted = wanted.where(or_(at < last, and_(at == last, key < before)))
        rows = conn.execute(wanted.order_by(at.desc(), key.desc()).limit(limit)).all()
    found = [from_json(orjson.loads(row.data)) for row in rows]
    return found, found[-1].id if len(found) == limit else None


def check_steps(conn: Connection, *, most: int = 20) -> list[str]:
    """Tell which incidents are not what their steps lead to; empty when all are."""
    problems: list[str] = []
    mine = select(AUDIT).where(AUDIT.c.about == ABOUT).order_by(AUDIT.c.subject, AUDIT.c.version)
    kept = {row.id: row for row in conn.execute(select(INCIDENTS))}
    steps: dict[str, list[Step]] = {}
    for row in conn.execute(mine):
        steps.setdefault(row.subject, []).append(to_step(row))
    for number in sorted(steps.keys() | kept.keys()):
        try:
            told = replay(number, steps.get(number, ()))
        except (KeyError, TypeError, ValueError):
            problems.append(f"incident {number}: its steps cannot be read")
            continue
        if number not in kept:
            problems.append(f"incident {number}: has steps and is not there")
        elif told is None:
            problems.append(f"incident {number}: is there and has no steps")
        elif _to_record(told) != dict(kept[number]._mapping):
            problems.append(f"incident {number}: is not what its steps lead to")
    return problems[:most]


def to_step(row: Row[Any]) -> Step:
    """Return the step that a row of the audit holds."""
    return Step(row.action, row.at / 1e6, row.who, orjson.loads(row.data))


def _to_record(one: Incident) -> dict[str, Any]:
    return {
        "id": one.id,
        "version": one.version,
        "state": one.state,
        "kind": one.kind,
        "severity": one.severity,
        "layer": one.place[0],
        "place": one.place[1],
        "opened_at": to_micros(one.opened_at),
        "closed_at": None if one.closed_at is None else to_micros(one.closed_at),
        "data": audit.encode(one.to_json()),
    }


def to_datetime(at: float) -> datetime:
    """Return the aware UTC moment of epoch seconds."""
    return _EPOCH + timedelta(microseconds=to_micros(at))
