"""Keeps edits: an append-only list with an audit row each, and what holds by them now."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Row, and_, func, select

from live import audit
from live.edits.edit import (
    EDIT,
    IMPORT,
    REDO,
    UNDO,
    Change,
    Edit,
    EditedError,
    EditError,
    NoEditError,
    Wanted,
)
from live.store import Store
from live.store.edits import EDITED, EDITS
from live.store.tables import to_us

ABOUT = "settings"
TOLD = 100
"""Changes that the audit has in full; of the others of an import it has the hash."""
ROWS = 500

Item = tuple[str, str]
"""Topic and key."""
Present = dict[str, dict[str, Any]]
"""{key: {field: value}} of what is edited of a topic."""


class EditBook:
    """The edits of one world; safe for many threads, waits for the disk.

    Args:
        store: Where they are kept.
        clock: Gives the present moment.
    """

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store, self._clock = store, clock

    def present(self, topic: str) -> Present:
        """Return what is edited of a topic, as it stands now."""
        found: Present = {}
        query = select(EDITED).where(EDITED.c.topic == topic, EDITED.c.value.is_not(None))
        with self._store.reading() as conn:
            for row in conn.execute(query):
                found.setdefault(row.key, {})[row.field] = orjson.loads(row.value)
        return found

    def revisions(self, topic: str) -> dict[str, int]:
        """Return by key the number of the last edit of each thing that was ever edited."""
        query = select(EDITED.c.key, func.max(EDITED.c.number)).where(EDITED.c.topic == topic)
        with self._store.reading() as conn:
            return {key: int(n) for key, n in conn.execute(query.group_by(EDITED.c.key))}

    def revision(self) -> int:
        """Return the number of the last edit; 0 before the first."""
        with self._store.reading() as conn:
            return _last(conn)

    def record(
        self,
        who: str,
        wanted: Sequence[Wanted],
        *,
        seen: Mapping[Item, int],
        reason: str = "",
        action: str = EDIT,
        beside: Callable[[Connection], None] | None = None,
    ) -> Edit:
        """Make one edit, all of it or nothing.

        Args:
            who: By whom.
            wanted: What is to be another; what is so already is left out.
            seen: The revision of each thing that they saw, 0 for one never edited.
            reason: Why.
            action: edit or import.
            beside: Writes more in the same transaction.

        Raises:
            EditedError: Somebody changed one of the things since.
            EditError: Nothing would change.
        """
        with self._store.writing() as conn:
            rows = _read_rows(conn, {one.topic for one in wanted})
            _ensure_seen(conn, rows, seen)
            changes = []
            for one in wanted:
                row = rows.get((one.topic, one.key), {}).get(one.field)
                was = row is not None and row.value is not None
                old = orjson.loads(row.value) if row is not None and was else one.base
                new = one.base if one.back else one.new
                if new != old or (one.back and was):
                    changes.append(
                        Change(one.topic, one.key, one.field, old, new, was, not one.back)
                    )
            if not changes:
                raise EditError("Nothing differs from what holds already.")
            if beside is not None:
                beside(conn)
            return self._write(conn, who, action, changes, reason, None)

    def undo(self, who: str, number: int, reason: str = "") -> Edit:
        """Take an edit back, whole; what was changed again since stands in the way.

        Raises:
            NoEditError: There is none of that number, or it is an undo or redo itself.
            EditError: It is undone already.
            EditedError: Something of it was changed since.
        """
        return self._turn(who, number, reason, UNDO)

    def redo(self, who: str, number: int, reason: str = "") -> Edit:
        """Make an edit again that was undone; see `undo`."""
        return self._turn(who, number, reason, REDO)

    def _turn(self, who: str, number: int, reason: str, action: str) -> Edit:
        with self._store.writing() as conn:
            row = conn.execute(select(EDITS).where(EDITS.c.number == number)).first()
            if row is None or row.action not in (EDIT, IMPORT):
                raise NoEditError(f"There is no edit {number} that could be undone or redone.")
            edit = _to_edit(row, undone=_last_turn(conn, number) == UNDO)
            if edit.undone == (action == UNDO):
                state = "undone already" if edit.undone else "in force"
                raise EditError(f"Edit {number} is {state}.")
            changes = [one.reversed() if action == UNDO else one for one in edit.changes]
            rows = _read_rows(conn, {one.topic for one in changes})
            blocked = [one for one in changes if not _stands(rows, one)]
            if blocked:
                since = {rows[one.topic, one.key][one.field].number for one in blocked
                         if one.field in rows.get((one.topic, one.key), {})}  # fmt: skip
                raise EditedError(
                    f"{len(blocked)} of the {len(changes)} values of edit {number} were changed "
                    "since; undo the later edits first.",
                    _tell(conn, since, {(one.topic, one.key) for one in blocked}),
                )
            return self._write(conn, who, action, changes, reason, number)

    def find(self, number: int) -> Edit:
        """Return an edit.

        Raises:
            NoEditError: There is none of that number.
        """
        with self._store.reading() as conn:
            row = conn.execute(select(EDITS).where(EDITS.c.number == number)).first()
            if row is None:
                raise NoEditError(f"There is no edit {number}.")
            return _to_edit(row, undone=_last_turn(conn, number) == UNDO)

    def history(
        self, *, topic: str = "", key: str = "", limit: int = 100, before: int | None = None
    ) -> list[Edit]:
        """Return edits, newest first.

        Args:
            topic: Only those that touch it.
            key: Only those that touch this one of the topic.
            limit: So many at most.
            before: Only those with a smaller number.
        """
        query = select(EDITS).order_by(EDITS.c.number.desc())
        if topic:
            query = query.where(EDITS.c.topics.contains(f",{topic},", autoescape=True))
        if before is not None:
            query = query.where(EDITS.c.number < before)
        found: list[Edit] = []
        with self._store.reading() as conn:
            turns = _last_turns(conn)
            for row in conn.execute(query if key else query.limit(limit)):
                edit = _to_edit(row, undone=turns.get(row.number) == UNDO)
                if key and not any((c.topic, c.key) == (topic, key) for c in edit.changes):
                    continue
                found.append(edit)
                if len(found) >= limit:
                    break
        return found

    def _write(
        self,
        conn: Connection,
        who: str,
        action: str,
        changes: Sequence[Change],
        reason: str,
        reverses: int | None,
    ) -> Edit:
        number, at = _last(conn) + 1, to_us(self._clock())
        told = orjson.dumps([one.to_json() for one in changes])
        topics = sorted({one.topic for one in changes})
        conn.execute(
            EDITS.insert().values(
                number=number, at=at, who=who, action=action, reverses=reverses, reason=reason,
                topics=f",{','.join(topics)},", changes=told.decode(),
            )
        )  # fmt: skip
        for one in changes:
            mine = and_(
                EDITED.c.topic == one.topic, EDITED.c.key == one.key, EDITED.c.field == one.field
            )
            conn.execute(EDITED.delete().where(mine))
        rows = [
            {
                "topic": one.topic, "key": one.key, "field": one.field, "number": number,
                "value": orjson.dumps(one.new).decode() if one.set else None,
            }
            for one in changes
        ]  # fmt: skip
        for start in range(0, len(rows), ROWS):
            conn.execute(EDITED.insert(), rows[start : start + ROWS])
        data = {
            "reason": reason,
            "reverses": reverses,
            "count": len(changes),
            "changes": [one.to_json() for one in changes[:TOLD]],
            "sha256": hashlib.sha256(told).hexdigest(),
        }
        audit.append(conn, [audit.Entry(at, who, ABOUT, str(number), 1, action, data)])
        return Edit(number, at, who, action, reverses, reason, tuple(changes))


def _last(conn: Connection) -> int:
    return int(conn.scalar(select(func.max(EDITS.c.number))) or 0)


def _read_rows(conn: Connection, topics: set[str]) -> dict[Item, dict[str, Row[Any]]]:
    found: dict[Item, dict[str, Row[Any]]] = {}
    for row in conn.execute(select(EDITED).where(EDITED.c.topic.in_(topics))):
        found.setdefault((row.topic, row.key), {})[row.field] = row
    return found


def _ensure_seen(
    conn: Connection, rows: dict[Item, dict[str, Row[Any]]], seen: Mapping[Item, int]
) -> None:
    late = {
        item: fields
        for item, number in seen.items()
        if (fields := rows.get(item)) and max(row.number for row in fields.values()) > number
    }
    if not late:
        return
    newer = {
        row.number for item, fields in late.items() for row in fields.values()
        if row.number > seen[item]
    }  # fmt: skip
    since = _tell(conn, newer, set(late))
    who = ", ".join(sorted({one["who"] for one in since}))
    raise EditedError(f"Changed meanwhile by {who}: look at what they did, then edit anew.", since)


def _tell(conn: Connection, numbers: set[int], items: set[Item]) -> list[dict[str, Any]]:
    """Return what some edits did to some things."""
    told: list[dict[str, Any]] = []
    query = select(EDITS).where(EDITS.c.number.in_(sorted(numbers)[-50:])).order_by(EDITS.c.number)
    for row in conn.execute(query):
        told += [
            {"number": row.number, "at": row.at / 1e6, "who": row.who, **one.to_json()}
            for one in _to_edit(row).changes
            if (one.topic, one.key) in items
        ]
    return told[-100:]


def _stands(rows: dict[Item, dict[str, Row[Any]]], change: Change) -> bool:
    """Say whether what a change starts from is what holds now."""
    row = rows.get((change.topic, change.key), {}).get(change.field)
    if row is None or row.value is None:
        return not change.was
    return change.was and orjson.loads(row.value) == change.old


def _last_turn(conn: Connection, number: int) -> str | None:
    turns = select(EDITS.c.action).where(EDITS.c.reverses == number)
    found: str | None = conn.scalar(turns.order_by(EDITS.c.number.desc()).limit(1))
    return found


def _last_turns(conn: Connection) -> dict[int, str]:
    turns = select(EDITS.c.reverses, EDITS.c.action).where(EDITS.c.reverses.is_not(None))
    return {row.reverses: row.action for row in conn.execute(turns.order_by(EDITS.c.number))}


def _to_edit(row: Row[Any], *, undone: bool = False) -> Edit:
    changes = tuple(Change(**one) for one in orjson.loads(row.changes))
    return Edit(row.number, row.at, row.who, row.action, row.reverses, row.reason, changes, undone)
