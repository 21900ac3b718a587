"""Phones as remotes: a code on the wall is used once, and gives a right to that wall alone."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

CODE_S = 120.0
"""A code that nobody used is void after so long, seconds."""
REMOTE_S = 4 * 3600.0
"""A remote works so long after its last command, seconds."""
LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""No letter that looks like another."""
CODE_LENGTH = 8
MOST_REMOTES = 8
"""Remotes of one wall; the oldest goes when another comes."""
TRIES, TRIES_S = 10, 60.0
"""So many wrong codes from one address within so long; then none is looked at."""
MOST_ADDRESSES = 10_000


class PairingError(Exception):
    """A code opens nothing, or too many were tried."""

    def __init__(self, reason: str, status: int) -> None:
        super().__init__(reason)
        self.status = status


@dataclass
class _Remote:
    wall: str
    used: float
    number: str


class Pairing:
    """Codes and remotes, in memory alone: a restart ends them all.

    Args:
        clock: Gives seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._codes: dict[str, tuple[str, float]] = {}
        self._remotes: dict[str, _Remote] = {}
        self._wrong: dict[str, list[float]] = {}

    def offer(self, wall: str) -> str:
        """Return a new code for a wall; one it showed before is void."""
        self.withdraw(wall)
        code = "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))
        self._codes[_hash(code)] = (wall, self._clock() + CODE_S)
        return code

    def withdraw(self, wall: str) -> None:
        """Make void what a wall shows."""
        now = self._clock()
        self._codes = {
            key: (name, until)
            for key, (name, until) in self._codes.items()
            if name != wall and until > now
        }

    def claim(self, code: str, address: str) -> tuple[str, str]:
        """Use a code up; return its wall and the secret of a new remote.

        Raises:
            PairingError: The code opens nothing, or this address tried too many.
        """
        now = self._clock()
        wrong = [at for at in self._wrong.get(address, []) if now - at < TRIES_S]
        if len(wrong) >= TRIES:
            raise PairingError("too many codes were tried; wait a minute", 429)
        wall, until = self._codes.pop(_hash(code.strip().upper()), ("", 0.0))
        if until <= now:
            if len(self._wrong) >= MOST_ADDRESSES:
                self._wrong.clear()
            self._wrong[address] = [*wrong, now]
            raise PairingError("this code is void; show a new one on the wall", 403)
        mine = sorted((r.used, key) for key, r in self._remotes.items() if r.wall == wall)
        for _, key in mine[: max(0, len(mine) - MOST_REMOTES + 1)]:
            del self._remotes[key]
        secret = secrets.token_urlsafe(24)
        self._remotes[_hash(secret)] = _Remote(wall, now, secrets.token_hex(3))
        return wall, secret

    def wall_of(self, secret: str) -> str | None:
        """Return the wall that a remote may steer, or None; it counts as used."""
        key, now = _hash(secret), self._clock()
        remote = self._remotes.get(key)
        if remote is None or now - remote.used > REMOTE_S:
            self._remotes.pop(key, None)
            return None
        remote.used = now
        return remote.wall

    def count(self, wall: str) -> int:
        """Return how many remotes a wall has."""
        now = self._clock()
        return sum(r.wall == wall and now - r.used <= REMOTE_S for r in self._remotes.values())

    def revoke(self, wall: str) -> int:
        """End every remote of a wall, and its code; return how many there were."""
        self.withdraw(wall)
        mine = [key for key, remote in self._remotes.items() if remote.wall == wall]
        for key in mine:
            del self._remotes[key]
        return len(mine)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
