"""Shift hand-over (交接班): what one shift leaves to the next, and that the next has read it.

A hand-over has two steps in the audit and no other table: `hand_over` by who goes, with what they
write and the figures they leave, and `acknowledge` by who comes. Neither is ever changed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import Connection, select

from geodata.errors import TwinError
from live import audit
from live.events import utc_now
from live.incidents.errors import MissingError, StaleError
from live.store import Store
from live.store.cases import AUDIT
from live.typed import TypedError, ensure_text, read_last_number

ABOUT = "shifts"
LONGEST_NOTES, LONGEST_NAME = 4000, 64


class ShiftError(TwinError):
    """A hand-over cannot be made or acknowledged so; says why.

    Attributes:
        why: notes, same or done.
    """

    def __init__(self, text: str, why: str) -> None:
        super().__init__(text)
        self.why = why


@dataclass(frozen=True, slots=True)
class HandOver:
    """A hand-over as it stands; times are epoch seconds.

    Attributes:
        id: Its number.
        at: When it was handed over.
        who: By whom.
        notes: What they wrote.
        figures: What stood open then; JSON.
        taken_at: When the next shift acknowledged it, None while it has not.
        taken_by: Who did.
        taken_notes: What they wrote.
    """

    id: str
    at: float
    who: str
    notes: str
    figures: dict[str, Any] = field(default_factory=dict)
    taken_at: float | None = None
    taken_by: str = ""
    taken_notes: str = ""


class Shifts:
    """Safe for many threads; every call may wait for the disk.

    Args:
        store: Where they are durable.
        zone: The community's clock, for the numbers.
        clock: Gives the present moment.
    """

    def __init__(
        self, store: Store, zone: ZoneInfo, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self.store, self.zone, self._clock = store, zone, clock

    def hand_over(self, who: str, notes: str, figures: dict[str, Any]) -> HandOver:
        """Leave the shift to the next one.

        Raises:
            ShiftError: The notes do not fit.
        """
        notes = _text(notes)
        if not notes:
            raise ShiftError("notes: write what the next shift must know, or that all is calm",
                             "notes")  # fmt: skip
        now = self._clock()
        at = round(now.timestamp() * 1e6)
        day = now.astimezone(self.zone).strftime("S%y%m%d")
        with self.store.writing() as conn:
            number = f"{day}-{read_last_number(conn, AUDIT.c.subject, day) + 1:02d}"
            data = {"notes": notes, "figures": figures}
            entry = audit.Entry(at, who[:LONGEST_NAME], ABOUT, number, 1, "hand_over", data)
            audit.append(conn, [entry])
        return self.get(number)

    def acknowledge(self, number: str, who: str, notes: str = "") -> HandOver:
        """Say that the next shift has read it.

        Raises:
            MissingError: There is none of that number.
            StaleError: Somebody else was quicker; it says who.
            ShiftError: It is the one who hands over.
        """
        notes = _text(notes)
        at = round(self._clock().timestamp() * 1e6)
        with self.store.writing() as conn:
            one = _read(conn, number)
            if one.taken_at is not None:
                changed = [{"who": one.taken_by, "at": one.taken_at, "action": "acknowledge"}]
                raise StaleError(f"{number} was acknowledged by {one.taken_by} already", 2, changed)
            if one.who == who:
                raise ShiftError(
                    f"{number} was handed over by {who}: the next shift must acknowledge it", "same"
                )
            entry = audit.Entry(
                at, who[:LONGEST_NAME], ABOUT, number, 2, "acknowledge", {"notes": notes}
            )
            audit.append(conn, [entry])
        return self.get(number)

    def get(self, number: str) -> HandOver:
        """Return a hand-over.

        Raises:
            MissingError: There is none of that number.
        """
        with self.store.reading() as conn:
            return _read(conn, number)

    def latest(self, limit: int = 20, before: float | None = None) -> list[HandOver]:
        """Return hand-overs, newest first; those made before a moment, if one is given."""
        first = select(AUDIT.c.subject).where(AUDIT.c.about == ABOUT, AUDIT.c.version == 1)
        if before is not None:
            first = first.where(AUDIT.c.at < round(before * 1e6))
        with self.store.reading() as conn:
            numbers = conn.scalars(first.order_by(AUDIT.c.subject.desc()).limit(limit)).all()
            return [_read(conn, number) for number in numbers]


def _read(conn: Connection, number: str) -> HandOver:
    mine = (AUDIT.c.about == ABOUT, AUDIT.c.subject == number)
    rows = conn.execute(select(AUDIT).where(*mine).order_by(AUDIT.c.version)).all()
    if not rows:
        raise MissingError(f"there is no hand-over {number!r}")
    first = orjson.loads(rows[0].data)
    one = HandOver(number, rows[0].at / 1e6, rows[0].who, first["notes"], first["figures"])
    if len(rows) == 1:
        return one
    notes = orjson.loads(rows[1].data)["notes"]
    return HandOver(
        one.id, one.at, one.who, one.notes, one.figures, rows[1].at / 1e6, rows[1].who, notes
    )


def _text(value: Any) -> str:
    try:
        return ensure_text(value, LONGEST_NOTES, empty=True)
    except TypedError as error:
        raise ShiftError(f"notes: {error}", "notes") from None
