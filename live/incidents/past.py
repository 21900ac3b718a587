"""Incidents as they stood at a moment gone by: their steps up to then, and nothing after."""

from __future__ import annotations

from typing import Any

import orjson
from sqlalchemy import Connection, or_, select

from live.incidents.incident import CLOSED, Incident, Step, apply_step
from live.incidents.rows import to_counts, to_row
from live.store.cases import AUDIT, INCIDENTS
from live.store.tables import from_us

ABOUT = "incidents"

Row = dict[str, Any]


class PastIncidents:
    """The incidents of one past moment, which `advance` moves on.

    Attributes:
        at: The moment, microseconds since 1970.
        t: Moment of the newest step, epoch seconds.
    """

    def __init__(self) -> None:
        self.at = -1
        self.t: float | None = None
        self._found: dict[str, Incident] = {}

    def advance(self, conn: Connection, until: int) -> set[str]:
        """Take the steps up to a moment, that one included; return the numbers they touch."""
        if self.at < 0:
            touched = self._begin(conn, until)
        else:
            query = select(AUDIT).where(
                AUDIT.c.about == ABOUT, AUDIT.c.at > self.at, AUDIT.c.at <= until
            )
            touched = set()
            for row in conn.execute(query.order_by(AUDIT.c.at, AUDIT.c.seq)):
                if row.version > 1 and row.subject not in self._found:
                    self._recall(conn, row.subject, row.version)
                self._take(row)
                touched.add(row.subject)
        self.at = until
        return touched

    def row(self, number: str) -> Row | None:
        """Return the row of an incident, None of one that is closed."""
        one = self._found.get(number)
        return None if one is None or one.state == CLOSED else to_row(one)

    def rows(self) -> dict[str, Row]:
        """Return the rows of all that are not closed."""
        return {one.id: to_row(one) for one in self._found.values() if one.state != CLOSED}

    def counts(self) -> Row:
        """Return `counters.incidents`."""
        return to_counts(self._found.values(), self.t)

    def _begin(self, conn: Connection, until: int) -> set[str]:
        living = select(INCIDENTS.c.id).where(
            INCIDENTS.c.opened_at <= until,
            or_(INCIDENTS.c.closed_at.is_(None), INCIDENTS.c.closed_at > until),
        )
        query = select(AUDIT).where(
            AUDIT.c.about == ABOUT, AUDIT.c.subject.in_(living), AUDIT.c.at <= until
        )
        for row in conn.execute(query.order_by(AUDIT.c.subject, AUDIT.c.version)):
            self._take(row)
        newest = select(AUDIT.c.at).where(AUDIT.c.about == ABOUT, AUDIT.c.at <= until)
        last = conn.scalar(newest.order_by(AUDIT.c.at.desc()).limit(1))
        self.t = None if last is None else from_us(last).timestamp()
        return set(self._found)

    def _recall(self, conn: Connection, number: str, before: int) -> None:
        """Take up one that was closed and comes back."""
        query = select(AUDIT).where(
            AUDIT.c.about == ABOUT, AUDIT.c.subject == number, AUDIT.c.version < before
        )
        for row in conn.execute(query.order_by(AUDIT.c.version)):
            self._take(row)

    def _take(self, row: Any) -> None:
        step = Step(row.action, row.at / 1e6, row.who, orjson.loads(row.data))
        before = self._found.get(row.subject)
        self._found[row.subject] = apply_step(row.subject, before, step)
        self.t = max(self.t or step.at, step.at)
        if self._found[row.subject].state == CLOSED and before is not None:
            self._forget_old(step.at)

    def _forget_old(self, now: float) -> None:
        old = [
            number
            for number, one in self._found.items()
            if one.state == CLOSED and (one.closed_at or 0) < now - 3600
        ]
        for number in old:
            del self._found[number]
