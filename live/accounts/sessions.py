"""Sessions: kept in the store, so that they survive a restart and can be ended by anybody."""

from __future__ import annotations

import hashlib
import logging
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import LABEL_STYLE_TABLENAME_PLUS_COL as _LABELS
from sqlalchemy import select

from live.accounts.account import Account
from live.accounts.book import to_account
from live.accounts.tables import ACCOUNTS, METADATA, SESSIONS
from live.events import utc_now
from live.store import Store
from live.store.tables import from_us, to_us

IDLE = timedelta(minutes=60)
LIFE = timedelta(hours=12)
REREAD_S = 1.0
"""What another process did to sessions and accounts holds after this time, seconds."""
NOTED_EVERY_S = 30.0
"""The last use is kept to this precision, seconds."""
MOST_AGENT = 200

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Session:
    """One browser that somebody is logged in with.

    Attributes:
        id: To name it by; opens nothing.
        account: Whose it is.
        created_at: When they logged in.
        used_at: When it was last used, to `NOTED_EVERY_S`.
        address: From where.
        agent: By what browser.
    """

    id: str
    account: Account
    created_at: datetime
    used_at: datetime
    address: str
    agent: str


class SessionBook:
    """The sessions of one store, kept in memory and read again when they may have changed.

    Args:
        store: Where they are kept.
        idle: So long unused ends one.
        life: So long after the log-in it ends anyway.
        clock: Gives the present moment.
    """

    def __init__(
        self,
        store: Store,
        *,
        idle: timedelta = IDLE,
        life: timedelta = LIFE,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store, self._clock = store, clock
        self.idle, self.life = idle, life
        self._lock = threading.Lock()
        self._by_hash: dict[str, Session] = {}
        self._used: dict[str, datetime] = {}
        self._read_at = float("-inf")
        with store.writing() as conn:
            METADATA.create_all(conn)

    def begin(self, account: Account, address: str, agent: str) -> tuple[Session, str]:
        """Begin a session; return it and what its cookie holds, which is kept nowhere."""
        secret, now = secrets.token_urlsafe(32), self._clock()
        kept = _hash(secret)
        values = {
            "id": secrets.token_hex(8),
            "sha256": kept,
            "account": account.id,
            "created_at": to_us(now),
            "used_at": to_us(now),
            "address": address[:64],
            "agent": "".join(c for c in agent if c.isprintable())[:MOST_AGENT],
        }
        with self._store.writing() as conn:
            old = to_us(now - self.life - timedelta(days=30))
            conn.execute(SESSIONS.delete().where(SESSIONS.c.created_at < old))
            conn.execute(SESSIONS.insert().values(values))
        self.read()
        return self._by_hash[kept], secret

    def read(self) -> None:
        """Take sessions into memory; a store that fails leaves what was known."""
        try:
            with self._store.reading() as conn:
                rows = conn.execute(
                    select(SESSIONS, ACCOUNTS)
                    .join(ACCOUNTS, ACCOUNTS.c.id == SESSIONS.c.account)
                    .where(SESSIONS.c.ended_at.is_(None), ACCOUNTS.c.disabled_at.is_(None))
                    .set_label_style(_LABELS)
                ).all()
        except Exception as error:
            log.warning("the sessions could not be read: %s", type(error).__name__)
            return
        found = {row.sessions_sha256: _to_session(row) for row in rows}
        with self._lock:
            self._by_hash, self._read_at = found, time.monotonic()
            alive = {session.id for session in found.values()}
            self._used = {key: at for key, at in self._used.items() if key in alive}

    @property
    def is_stale(self) -> bool:
        """Whether what is in memory should be read again."""
        return time.monotonic() - self._read_at > REREAD_S

    def find(self, secret: str) -> Session | None:
        """Return the session of a cookie, of those in memory; None where it has ended."""
        session = self._by_hash.get(_hash(secret))
        return session if session is not None and self.is_alive(session) else None

    def is_alive(self, session: Session) -> bool:
        """Say whether a session still opens anything."""
        now = self._clock()
        kept = any(one.id == session.id for one in self._by_hash.values())
        used = self._used.get(session.id, session.used_at)
        return kept and now - used < self.idle and now - session.created_at < self.life

    def get(self, number: str) -> Session | None:
        """Return a session by its id, of those in memory."""
        return next((one for one in self._by_hash.values() if one.id == number), None)

    def touch(self, session: Session) -> bool:
        """Note that somebody used a session now; say whether the store should hear of it."""
        now = self._clock()
        last = self._used.get(session.id, session.used_at)
        due = (now - last).total_seconds() > NOTED_EVERY_S
        if due or session.id not in self._used:
            self._used[session.id] = now
        return due

    def note_use(self, session: Session) -> None:
        """Keep when a session was last used; a store that fails must not stop its use."""
        try:
            with self._store.writing() as conn:
                mine = SESSIONS.update().where(SESSIONS.c.id == session.id)
                conn.execute(mine.values(used_at=to_us(self._clock())))
        except Exception as error:
            log.warning("the use of a session could not be kept: %s", type(error).__name__)

    def of_account(self, account_id: str) -> list[Session]:
        """Return the sessions of an account that are alive, newest first."""
        self.read()
        mine = [one for one in self._by_hash.values() if one.account.id == account_id]
        alive = [one for one in mine if self.is_alive(one)]
        return sorted(alive, key=lambda one: one.created_at, reverse=True)

    def end(self, number: str) -> None:
        """End a session by its id."""
        self._end(SESSIONS.c.id == number)

    def end_all(self, account_id: str, *, but: str = "") -> None:
        """End every session of an account, but one."""
        self._end((SESSIONS.c.account == account_id) & (SESSIONS.c.id != but))

    def _end(self, which: Any) -> None:
        with self._store.writing() as conn:
            conn.execute(
                SESSIONS.update()
                .where(which, SESSIONS.c.ended_at.is_(None))
                .values(ended_at=to_us(self._clock()))
            )
        self.read()


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def _to_session(row: Any) -> Session:
    return Session(
        id=row.sessions_id,
        account=to_account(_Prefixed(row)),  # type: ignore[arg-type]
        created_at=from_us(row.sessions_created_at),
        used_at=from_us(row.sessions_used_at),
        address=row.sessions_address,
        agent=row.sessions_agent,
    )


class _Prefixed:
    """The part of a joined row that is the account's."""

    def __init__(self, row: Any) -> None:
        self._row = row

    def __getattr__(self, name: str) -> Any:
        return getattr(self._row, f"accounts_{name}")
