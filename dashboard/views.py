"""Saved views: what somebody wants to come back to, named, their own or shared with all staff.

A view is the part of an address after `#`: what is chosen, the camera, layers, the moment or live
(`assets/twin/deeplink.mjs`). Nothing is ever dropped: a deleted view can be brought back.
"""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    MetaData,
    Row,
    SmallInteger,
    Table,
    Text,
    func,
    or_,
    select,
)

from geodata.errors import TwinError
from live import audit
from live.store import Store
from live.store.tables import to_us

LONGEST_NAME, LONGEST_PLACE = 60, 600
MOST = 100
"""Views that one person may keep."""
ABOUT = "views"
_PLACE = re.compile(r"#[\w=&,.%/:+-]+", re.ASCII)

METADATA = MetaData()
VIEWS = Table(
    "views",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("owner", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("shared", SmallInteger, nullable=False),
    Column("gone", SmallInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
)


class ViewError(TwinError):
    """A view cannot be kept or changed; says why."""


class NoViewError(ViewError):
    """There is no such view, or it is somebody else's own."""


class StaleViewError(ViewError):
    """Somebody changed it meanwhile."""


@dataclass(frozen=True, slots=True)
class View:
    """One saved view; `version` grows with each change."""

    id: str
    version: int
    owner: str
    name: str
    place: str
    shared: bool
    gone: bool

    def to_json(self, viewer: str) -> dict[str, Any]:
        """Return it as JSON for somebody, told whether it is theirs."""
        return {**asdict(self), "own": self.owner == viewer}


class ViewBook:
    """Keeps the views of one world; safe for many threads, waits for the disk.

    Args:
        store: Where they are kept.
        clock: Gives the present moment.
    """

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store, self._clock = store, clock
        self._lock = threading.Lock()
        self._ready = False

    def list(self, who: str) -> list[View]:
        """Return what somebody may open: their own and the shared ones, by name."""
        self._prepare()
        mine = or_(VIEWS.c.owner == who, VIEWS.c.shared == 1)
        query = select(VIEWS).where(mine, VIEWS.c.gone == 0).order_by(VIEWS.c.name, VIEWS.c.id)
        with self._store.reading() as conn:
            return [_to_view(row) for row in conn.execute(query)]

    def save(self, who: str, name: str, place: str, *, shared: bool = False) -> View:
        """Keep a new view.

        Raises:
            ViewError: Its name or place is unfit, or there are too many.
        """
        self._prepare()
        made = View(
            secrets.token_hex(6), 1, who, _fit_name(name), _fit_place(place), shared, gone=False
        )
        with self._store.writing() as conn:
            own = select(func.count()).where(VIEWS.c.owner == who, VIEWS.c.gone == 0)
            if (conn.scalar(own) or 0) >= MOST:
                raise ViewError(f"You keep {MOST} views already; delete one first.")
            self._write(conn, made, who, "save", new=True)
        return made

    def change(self, who: str, key: str, version: int, **given: Any) -> View:
        """Change a view of one's own: `name`, `place`, `shared`, or `gone` to delete or bring back.

        Raises:
            NoViewError: There is none of theirs.
            StaleViewError: It was changed since that version.
            ViewError: What it is to be is unfit.
        """
        self._prepare()
        with self._store.writing() as conn:
            row = conn.execute(select(VIEWS).where(VIEWS.c.id == key)).first()
            if row is None or row.owner != who:
                raise NoViewError("There is no such view of yours.")
            old = _to_view(row)
            if old.version != version:
                raise StaleViewError(f"“{old.name}” was changed meanwhile; look again.")
            new = View(
                key,
                old.version + 1,
                who,
                _fit_name(given["name"]) if "name" in given else old.name,
                _fit_place(given["place"]) if "place" in given else old.place,
                bool(given.get("shared", old.shared)),
                bool(given.get("gone", old.gone)),
            )
            action = "delete" if new.gone and not old.gone else "change"
            self._write(conn, new, who, "restore" if old.gone and not new.gone else action)
        return new

    def _write(
        self, conn: Connection, view: View, who: str, action: str, *, new: bool = False
    ) -> None:
        at = to_us(self._clock())
        values = {**asdict(view), "shared": int(view.shared), "gone": int(view.gone), "at": at}
        if new:
            conn.execute(VIEWS.insert().values(values))
        else:
            conn.execute(VIEWS.update().where(VIEWS.c.id == view.id).values(values))
        told = {"name": view.name, "place": view.place, "shared": view.shared}
        audit.append(conn, [audit.Entry(at, who, ABOUT, view.id, view.version, action, told)])

    def _prepare(self) -> None:
        with self._lock:
            if not self._ready:
                with self._store.writing() as conn:
                    METADATA.create_all(conn)
                self._ready = True


def _fit_name(name: object) -> str:
    text = " ".join(str(name).split()) if isinstance(name, str) else ""
    if not 1 <= len(text) <= LONGEST_NAME or not text.isprintable():
        raise ViewError(f"A view needs a name of 1 to {LONGEST_NAME} characters.")
    return text


def _fit_place(place: object) -> str:
    text = place if isinstance(place, str) else ""
    if len(text) > LONGEST_PLACE or not _PLACE.fullmatch(text):
        raise ViewError("A view's place is the part of an address from # on.")
    return text


def _to_view(row: Row[Any]) -> View:
    return View(
        row.id, row.version, row.owner, row.name, row.place, bool(row.shared), bool(row.gone)
    )
