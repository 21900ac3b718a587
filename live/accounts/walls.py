"""Wall screens: a wall token is bound to the first device that shows it."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from live.accounts.account import AccountError
from live.accounts.tables import METADATA, WALLS
from live.events import utc_now
from live.store import Store
from live.store.tables import to_us
from live.tokens import Token

REREAD_S = 1.0


class WallBook:
    """Which device each wall token is bound to. Safe for many threads.

    Args:
        store: Where it is kept.
        clock: Gives the present moment.
    """

    def __init__(self, store: Store, clock: Callable[[], datetime] = utc_now) -> None:
        self._store, self._clock = store, clock
        self._lock = threading.Lock()
        self._by_hash: dict[str, str] = {}
        self._read_at = float("-inf")
        with store.writing() as conn:
            METADATA.create_all(conn)

    def bind(self, token: Token, secret: str, agent: str) -> str:
        """Bind a wall token to a device; return what the device's cookie is to hold.

        Args:
            token: The wall token it shows.
            secret: What its cookie holds already; empty for a device that is new.
            agent: Its browser.

        Raises:
            AccountError: Another device has the token.
        """
        self.read()
        bound = self.find(secret) if secret else None
        if bound == token.id:
            return secret
        fresh = secrets.token_urlsafe(32)
        values = {
            "token": token.id,
            "sha256": _hash(fresh),
            "bound_at": to_us(self._clock()),
            "agent": agent[:200],
        }
        try:
            with self._store.writing() as conn:
                conn.execute(WALLS.insert().values(values))
        except IntegrityError:
            raise AccountError(
                "bound",
                f"The wall token {token.name!r} belongs to another screen. Make a new one: "
                f"app.py token create --kind wall --name NAME, or free it: "
                f"app.py token rebind {token.id}",
            ) from None
        self.read()
        return fresh

    def free(self, token_id: str) -> bool:
        """Unbind a wall token, so that the next device that shows it gets it."""
        with self._store.writing() as conn:
            done = conn.execute(WALLS.delete().where(WALLS.c.token == token_id))
        self.read()
        return bool(done.rowcount)

    def find(self, secret: str) -> str | None:
        """Return the id of the token that a device's cookie is bound to, of those in memory."""
        return self._by_hash.get(_hash(secret))

    def is_bound(self, token_id: str) -> bool:
        """Say whether a token belongs to a device, of those in memory."""
        return token_id in self._by_hash.values()

    @property
    def is_stale(self) -> bool:
        """Whether what is in memory should be read again."""
        return time.monotonic() - self._read_at > REREAD_S

    def read(self) -> None:
        """Take the devices into memory."""
        with self._store.reading() as conn:
            rows = conn.execute(select(WALLS.c.sha256, WALLS.c.token)).all()
        with self._lock:
            self._by_hash = {row.sha256: row.token for row in rows}
            self._read_at = time.monotonic()


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
