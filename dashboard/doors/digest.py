"""HTTP Digest (RFC 7616): MD5 and SHA-256, qop=auth, nonces that end and never serve twice."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from urllib.parse import unquote, urlsplit

from live.tokens import REALM

ALGORITHMS: Mapping[str, Callable[[bytes], str]] = {
    "SHA-256": lambda text: hashlib.sha256(text).hexdigest(),
    "MD5": lambda text: hashlib.md5(text, usedforsecurity=False).hexdigest(),
}
"""In the order they are offered: a client takes the first one it knows."""

NONCES = 10_000
COUNTS = 10_000
"""Requests that one nonce serves."""

_FIELD = re.compile(r'([a-zA-Z*]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')


class Nonces:
    """Makes nonces and tells whether one is ours, fresh, and used with a new count.

    Args:
        life_s: How long a nonce serves, seconds.
        clock: Seconds that only go forward.
    """

    def __init__(self, life_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._life_s, self._clock = life_s, clock
        self._secret = secrets.token_bytes(32)
        self._seen: OrderedDict[str, set[int]] = OrderedDict()

    def make(self) -> str:
        """Return a new nonce; it carries its own time and seal."""
        head = f"{int(self._clock() * 1000):x}.{secrets.token_hex(8)}"
        return f"{head}.{self._seal(head)}"

    def is_ours(self, nonce: str) -> bool:
        """Say whether a nonce was made here and has not ended."""
        head, _, seal = nonce.rpartition(".")
        if not hmac.compare_digest(seal.encode(), self._seal(head).encode()):
            return False
        made = int(head.partition(".")[0], 16) / 1000
        return self._clock() - made <= self._life_s

    def use(self, nonce: str, count: int) -> bool:
        """Note a request; False when the nonce served this count before."""
        seen = self._seen.setdefault(nonce, set())
        if count in seen or len(seen) >= COUNTS:
            return False
        seen.add(count)
        # the oldest nonces end first anyway; the life is short
        while len(self._seen) > NONCES:
            self._seen.popitem(last=False)
        return True

    def _seal(self, head: str) -> str:
        return hmac.new(self._secret, head.encode(), hashlib.sha256).hexdigest()[:32]


def challenges(nonces: Nonces, *, stale: bool = False) -> list[tuple[str, str]]:
    """Return the WWW-Authenticate headers of a 401, the strongest algorithm first."""
    nonce = nonces.make()
    more = ", stale=true" if stale else ""
    return [
        (
            "www-authenticate",
            f'Digest realm="{REALM}", qop="auth", algorithm={algorithm}, nonce="{nonce}", '
            f'charset="UTF-8"{more}',
        )
        for algorithm in ALGORITHMS
    ]


def read_digest(header: str) -> dict[str, str]:
    """Return the fields of an `Authorization: Digest` header, names in lower case."""
    found: dict[str, str] = {}
    for name, quoted, bare in _FIELD.findall(header):
        found.setdefault(name.lower(), re.sub(r"\\(.)", r"\1", quoted) if quoted else bare)
    return found


def read_username(fields: Mapping[str, str]) -> str:
    """Return the user that a Digest answer names: plain, in raw UTF-8, or as `username*`."""
    charset, mark, quoted = fields.get("username*", "").partition("''")
    if mark and charset.lower() == "utf-8":
        return unquote(quoted)
    name = fields.get("username", "")
    try:
        return name.encode("latin-1").decode()
    except UnicodeError:
        return name


class BadDigestError(Exception):
    """A Digest answer that opens nothing; `stale` when a new nonce would make it good."""

    def __init__(self, *, stale: bool = False) -> None:
        super().__init__("stale" if stale else "wrong")
        self.stale = stale


def check_digest(
    fields: Mapping[str, str],
    method: str,
    target: str,
    ha1s: Mapping[str, str],
    nonces: Nonces,
) -> None:
    """Check a Digest answer against the hashes of one user.

    Args:
        fields: Of `read_digest`.
        method: Of the request.
        target: Path and query of the request.
        ha1s: By algorithm.
        nonces: What was given out.

    Raises:
        BadDigestError: It is wrong, or its nonce ended or served this count before.
    """
    response = fields.get("response", "").lower()
    algorithm = fields.get("algorithm", "MD5").upper()
    # cameras echo an algorithm that they do not know, and answer in MD5
    if len(response) == 32:
        algorithm = "MD5"
    digest, ha1 = ALGORITHMS.get(algorithm), ha1s.get(algorithm)
    count, cnonce = fields.get("nc", ""), fields.get("cnonce", "")
    if digest is None or not ha1 or fields.get("qop") != "auth" or not cnonce:
        raise BadDigestError
    if not re.fullmatch(r"[0-9a-fA-F]{8}", count) or not _same_target(fields.get("uri"), target):
        raise BadDigestError
    nonce = fields.get("nonce", "")
    ha2 = digest(f"{method}:{fields['uri']}".encode())
    wanted = digest(f"{ha1}:{nonce}:{count}:{cnonce}:auth:{ha2}".encode())
    if not hmac.compare_digest(wanted.encode(), response.encode()):
        raise BadDigestError
    if not nonces.is_ours(nonce) or not nonces.use(nonce, int(count, 16)):
        raise BadDigestError(stale=True)


def _same_target(told: str | None, target: str) -> bool:
    """Say whether a Digest answer was made for this address; some cameras leave the query out."""
    if not told:
        return False
    if told in (target, target.partition("?")[0]):
        return True
    if not told.startswith(("http://", "https://")):
        return False
    try:
        parts = urlsplit(told)
    except ValueError:
        return False
    return target in (parts.path, f"{parts.path}?{parts.query}")
