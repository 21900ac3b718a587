"""Subscriptions and the ledger of deliveries: kept, listed, sent again."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import orjson
from sqlalchemy import Connection, Row, delete, func, insert, select, update

from geodata.errors import TwinError
from live import audit
from live.events import utc_now
from live.incidents.errors import MissingError
from live.store import Store
from live.store.cases import AUDIT
from live.store.hooks import DEAD, DELIVERED, HOOKS, OUTBOX, WAITING
from live.webhooks.outbox import EVENTS, TEST, to_delivery
from live.webhooks.signing import SignatureError, make_secret, read_secret
from live.webhooks.target import Network, check_url

ABOUT = "webhooks"
MOST_HOOKS, LONGEST_NAME = 50, 64


class HookError(TwinError):
    """A subscription does not fit; says what and where."""


@dataclass(frozen=True, slots=True)
class Hook:
    """Somebody who wants to hear.

    Attributes:
        id: Its id.
        name: What people call it.
        url: Where to.
        secret: What its messages are signed with.
        events: Which events, of `live.webhooks.outbox.EVENTS`.
        active: Whether it hears now.
        made_at: When it was made, epoch seconds.
        made_by: By whom.
    """

    id: str
    name: str
    url: str
    secret: str
    events: tuple[str, ...]
    active: bool
    made_at: float
    made_by: str

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON, without the secret."""
        names = ("id", "name", "url", "active", "made_at", "made_by")
        return {**{name: getattr(self, name) for name in names}, "events": list(self.events)}


class Hooks:
    """Safe for many threads; every call may wait for the disk.

    Args:
        store: Where they are durable.
        allowed: Networks that may be reached though they are private.
        clock: Gives the present moment.
    """

    def __init__(
        self,
        store: Store,
        allowed: tuple[Network, ...] = (),
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.store, self.allowed, self._clock = store, allowed, clock

    def now(self) -> int:
        """Return the present moment, microseconds."""
        return round(self._clock().timestamp() * 1e6)

    def add(
        self, who: str, name: str, url: str, events: Sequence[str], secret: str | None = None
    ) -> Hook:
        """Subscribe; the secret is made where none is given, and told this once.

        Raises:
            HookError: Something does not fit.
            TargetError: The URL may not be.
        """
        if not isinstance(name, str) or not 0 < len(name.strip()) <= LONGEST_NAME:
            raise HookError(f"name: 1 to {LONGEST_NAME} characters are wanted")
        if not isinstance(events, list | tuple) or not events:
            raise HookError(f"events: one or more of {', '.join(EVENTS)}")
        for event in events:
            if event not in EVENTS:
                raise HookError(f"events: there is no {event!r}; use {', '.join(EVENTS)}")
        check_url(url, self.allowed)
        try:
            read_secret(secret if isinstance(secret, str) and secret else make_secret())
        except SignatureError as error:
            raise HookError(str(error)) from error
        hook = Hook(
            uuid.uuid4().hex[:12], name.strip(), url, secret or make_secret(),
            tuple(event for event in EVENTS if event in events), True, self.now() / 1e6, who,
        )  # fmt: skip
        with self.store.writing() as conn:
            if (conn.scalar(select(func.count()).select_from(HOOKS)) or 0) >= MOST_HOOKS:
                raise HookError(f"there are {MOST_HOOKS} webhooks already; remove one first")
            values = {**hook.to_json(), "secret": hook.secret, "made_at": self.now()}
            values["events"] = orjson.dumps(list(hook.events)).decode()
            conn.execute(insert(HOOKS).values(values))
            said = {"host": urlsplit(url).hostname or "", "events": list(hook.events)}
            self._note(conn, who, hook.id, "add", said)
        return hook

    def switch(self, who: str, key: str, *, active: bool) -> Hook:
        """Let one hear, or not for now.

        Raises:
            MissingError: There is none of that id.
        """
        with self.store.writing() as conn:
            changed = conn.execute(update(HOOKS).where(HOOKS.c.id == key).values(active=active))
            if not changed.rowcount:
                raise MissingError(f"there is no webhook {key!r}")
            self._note(conn, who, key, "resume" if active else "pause", {})
        return self.get(key)

    def remove(self, who: str, key: str) -> None:
        """Forget one with its deliveries.

        Raises:
            MissingError: There is none of that id.
        """
        with self.store.writing() as conn:
            if not conn.execute(delete(HOOKS).where(HOOKS.c.id == key)).rowcount:
                raise MissingError(f"there is no webhook {key!r}")
            conn.execute(delete(OUTBOX).where(OUTBOX.c.hook == key))
            self._note(conn, who, key, "remove", {})

    def get(self, key: str) -> Hook:
        """Return one.

        Raises:
            MissingError: There is none of that id.
        """
        with self.store.reading() as conn:
            row = conn.execute(select(HOOKS).where(HOOKS.c.id == key)).one_or_none()
        if row is None:
            raise MissingError(f"there is no webhook {key!r}")
        return to_hook(row)

    def all(self) -> list[Hook]:
        """Return every one, oldest first."""
        with self.store.reading() as conn:
            rows = conn.execute(select(HOOKS).order_by(HOOKS.c.made_at, HOOKS.c.id)).all()
        return [to_hook(row) for row in rows]

    def counts(self) -> dict[str, dict[str, int]]:
        """Return by subscription how many deliveries are in which state."""
        counted = select(OUTBOX.c.hook, OUTBOX.c.state, func.count()).group_by(
            OUTBOX.c.hook, OUTBOX.c.state
        )
        found: dict[str, dict[str, int]] = {}
        with self.store.reading() as conn:
            for hook, state, n in conn.execute(counted):
                found.setdefault(hook, dict.fromkeys((WAITING, DELIVERED, DEAD), 0))[state] = n
        return found

    def deliveries(
        self, *, hook: str | None = None, state: str | None = None, limit: int = 50
    ) -> list[dict[str, Any]]:
        """Return the ledger, newest first."""
        wanted = select(OUTBOX)
        if hook is not None:
            wanted = wanted.where(OUTBOX.c.hook == hook)
        if state is not None:
            wanted = wanted.where(OUTBOX.c.state == state)
        wanted = wanted.order_by(OUTBOX.c.made_at.desc(), OUTBOX.c.id).limit(limit)
        with self.store.reading() as conn:
            return [_to_json(row) for row in conn.execute(wanted)]

    def replay(self, who: str, key: str) -> dict[str, Any]:
        """Send a dead delivery again, under its own id.

        Raises:
            MissingError: There is no dead one of that id.
        """
        now = self.now()
        with self.store.writing() as conn:
            again = (
                update(OUTBOX)
                .where(OUTBOX.c.id == key, OUTBOX.c.state == DEAD)
                .values(state=WAITING, attempts=0, next_at=now, done_at=None)
            )
            if not conn.execute(again).rowcount:
                raise MissingError(f"there is no dead delivery {key!r}")
            row = conn.execute(select(OUTBOX).where(OUTBOX.c.id == key)).one()
            self._note(conn, who, row.hook, "replay", {"delivery": key})
        return _to_json(row)

    def test(self, key: str) -> str:
        """Send a message that tells of nothing; return the delivery's id."""
        self.get(key)
        row = to_delivery(key, TEST, 0, self.now())
        with self.store.writing() as conn:
            conn.execute(insert(OUTBOX).values(row))
        return str(row["id"])

    def _note(
        self, conn: Connection, who: str, key: str, action: str, data: dict[str, Any]
    ) -> None:
        mine = (AUDIT.c.about == ABOUT, AUDIT.c.subject == key)
        last = conn.scalar(select(func.max(AUDIT.c.version)).where(*mine)) or 0
        entry = audit.Entry(self.now(), who, ABOUT, key, last + 1, action, data)
        audit.append(conn, [entry])


def to_hook(row: Row[Any]) -> Hook:
    """Return the subscription that a row holds."""
    return Hook(
        row.id, row.name, row.url, row.secret, tuple(orjson.loads(row.events)), bool(row.active),
        row.made_at / 1e6, row.made_by,
    )  # fmt: skip


def _to_json(row: Row[Any]) -> dict[str, Any]:
    told = {n: getattr(row, n) for n in ("id", "hook", "event", "state", "attempts", "status",
                                         "error")}  # fmt: skip
    times = {n: getattr(row, n) for n in ("made_at", "next_at", "done_at")}
    return told | {n: None if at is None else at / 1e6 for n, at in times.items()}
