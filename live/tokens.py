"""Tokens that devices, walls and administrators show: made here, kept as hashes, revocable."""

from __future__ import annotations

import hashlib
import logging
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, Column, Index, MetaData, Row, Table, Text, or_, select

from geodata.errors import TwinError
from live.events import utc_now
from live.store import Store
from live.store.tables import from_us, to_us

KINDS = ("feed", "wall", "admin")
"""What a token opens: the way in for devices, a wall screen, quarantine and the event query."""

REALM = "community-twin"
"""Realm of HTTP Digest; part of the kept hashes, so that it never changes."""

SECRET_BYTES = 32
MAX_NAME = 64
REREAD_S = 2.0
"""A token revoked by another process is refused after this time at the latest, seconds."""
AT_ONCE_S = 0.2
"""An unknown token makes the list be read again, at most this often, seconds."""
USED_EVERY_S = 60.0
"""The last use is noted to this precision, seconds."""

METADATA = MetaData()

TOKENS = Table(
    "tokens",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("sha256", Text, nullable=False),  # of the token itself
    # HTTP Digest needs HA1 = H(name:realm:token); only feeds use it
    Column("ha1_md5", Text, nullable=False),
    Column("ha1_sha256", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
    Column("revoked_at", BigInteger),
    Index("tokens_sha256", "sha256", unique=True),
)

log = logging.getLogger(__name__)


class TokenError(TwinError):
    """A token cannot be made or revoked as asked."""


@dataclass(frozen=True, slots=True)
class Token:
    """One token, without its secret.

    Attributes:
        id: Short number to name it by.
        kind: One of `KINDS`.
        name: What a person called it; the user name in HTTP Digest.
        created_at: When it was made.
        used_at: When it was last shown, to the minute; None if never.
        revoked_at: When it stopped to open anything; None while it does.
        ha1: By digest algorithm (MD5, SHA-256): hash of name, realm and token; empty if no feed.
    """

    id: str
    kind: str
    name: str
    created_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None
    ha1: dict[str, str]


def hash_token(secret: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def make_ha1(name: str, secret: str) -> dict[str, str]:
    """Return HA1 of RFC 7616, section 3.4.2, by algorithm."""
    text = f"{name}:{REALM}:{secret}".encode(errors="replace")
    return {
        "MD5": hashlib.md5(text, usedforsecurity=False).hexdigest(),
        "SHA-256": hashlib.sha256(text).hexdigest(),
    }


class TokenBook:
    """The tokens of one store, kept in memory and read again when they may have changed.

    Safe for many threads.

    Args:
        store: Where they are kept; their table is made if it is not there.
        clock: Gives the present moment.
    """

    def __init__(self, store: Store, clock: Callable[[], datetime] = utc_now) -> None:
        self._store, self._clock = store, clock
        self._lock = threading.Lock()
        self._by_hash: dict[str, Token] = {}
        self._read_at = float("-inf")
        self._used: dict[str, float] = {}
        with store.writing() as conn:
            METADATA.create_all(conn)

    def create(self, kind: str, name: str) -> tuple[Token, str]:
        """Make a token; return it and its secret, which is kept nowhere.

        Raises:
            TokenError: No such kind, or the name cannot be a user name.
        """
        if kind not in KINDS:
            raise TokenError(f"There is no token of kind {kind!r}; use {', '.join(KINDS)}.")
        if not 0 < len(name) <= MAX_NAME or not name.isprintable() or set(name) & set(':"\\'):
            raise TokenError(
                f"A token cannot be called {name!r}: use up to {MAX_NAME} characters without "
                "colon, quote and backslash; cameras send it as their user name."
            )
        secret = secrets.token_urlsafe(SECRET_BYTES)
        ha1 = make_ha1(name, secret) if kind == "feed" else {}
        number, now = secrets.token_hex(4), self._clock()
        values = {
            "id": number,
            "kind": kind,
            "name": name,
            "sha256": hash_token(secret),
            "ha1_md5": ha1.get("MD5", ""),
            "ha1_sha256": ha1.get("SHA-256", ""),
            "created_at": to_us(now),
        }
        with self._store.writing() as conn:
            conn.execute(TOKENS.insert().values(values))
        self._forget()
        return Token(number, kind, name, now, None, None, ha1), secret

    def tokens(self) -> list[Token]:
        """Return every token there ever was, oldest first."""
        with self._store.reading() as conn:
            rows = conn.execute(select(TOKENS).order_by(TOKENS.c.created_at, TOKENS.c.id))
            return [_to_token(row) for row in rows]

    def revoke(self, wanted: str) -> list[Token]:
        """Stop the tokens of an id or a name; return them.

        Raises:
            TokenError: No token of that id or name opens anything.
        """
        named = or_(TOKENS.c.id == wanted, TOKENS.c.name == wanted)
        with self._store.writing() as conn:
            found = conn.execute(select(TOKENS).where(named, TOKENS.c.revoked_at.is_(None))).all()
            conn.execute(
                TOKENS.update()
                .where(TOKENS.c.id.in_([row.id for row in found]))
                .values(revoked_at=to_us(self._clock()))
            )
        self._forget()
        if not found:
            raise TokenError(f"No token {wanted!r} is in use. See them with: app.py token list")
        return [_to_token(row) for row in found]

    @property
    def age_s(self) -> float:
        """How old what is in memory is, seconds."""
        return time.monotonic() - self._read_at

    def read(self) -> None:
        """Take the tokens in use into memory; a store that fails leaves what was known."""
        try:
            with self._store.reading() as conn:
                rows = conn.execute(select(TOKENS).where(TOKENS.c.revoked_at.is_(None))).all()
        except Exception as error:
            log.warning("the tokens could not be read: %s", type(error).__name__)
            return
        with self._lock:
            self._by_hash = {row.sha256: _to_token(row) for row in rows}
            self._read_at = time.monotonic()

    def find(self, secret: str) -> Token | None:
        """Return the token in use that has a secret, of those in memory."""
        return self._by_hash.get(hash_token(secret))

    def get(self, number: str) -> Token | None:
        """Return the token in use of an id, of those in memory."""
        return next((token for token in self._by_hash.values() if token.id == number), None)

    def find_named(self, name: str) -> list[Token]:
        """Return the feed tokens in use of a name, of those in memory."""
        return [t for t in self._by_hash.values() if t.name == name and t.kind == "feed"]

    def is_in_use(self, number: str) -> bool:
        """Say whether a token of an id is in use, of those in memory."""
        return any(token.id == number for token in self._by_hash.values())

    def due_for_note(self, token: Token) -> bool:
        """Say whether the use of a token is worth noting now; the next minute it is not."""
        with self._lock:
            due = time.monotonic() - self._used.get(token.id, float("-inf")) > USED_EVERY_S
            if due:
                self._used[token.id] = time.monotonic()
        return due

    def note_use(self, token: Token) -> None:
        """Keep that a token was used now; a store that fails must not stop its use."""
        try:
            with self._store.writing() as conn:
                mine = TOKENS.update().where(TOKENS.c.id == token.id)
                conn.execute(mine.values(used_at=to_us(self._clock())))
        except Exception as error:
            log.warning("the use of a token could not be noted: %s", type(error).__name__)

    def _forget(self) -> None:
        self._read_at = float("-inf")


def _to_token(row: Row[tuple[object, ...]]) -> Token:
    def moment(us: int | None) -> datetime | None:
        return None if us is None else from_us(us)

    ha1 = {"MD5": row.ha1_md5, "SHA-256": row.ha1_sha256} if row.ha1_md5 else {}
    return Token(
        row.id,
        row.kind,
        row.name,
        from_us(row.created_at),
        moment(row.used_at),
        moment(row.revoked_at),
        ha1,
    )
