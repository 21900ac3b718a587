"""Who may speak: bearer token, token in the address, HTTP Basic or Digest with the token."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
import ipaddress
import time
from datetime import UTC, datetime

from starlette.requests import Request

from dashboard.access import current_viewer
from dashboard.access.roles import STAFF
from dashboard.doors.digest import (
    BadDigestError,
    Nonces,
    challenges,
    check_digest,
    read_digest,
    read_username,
)
from dashboard.doors.limits import Buckets, Refusal
from dashboard.doors.options import DoorOptions
from live.tokens import AT_ONCE_S, REREAD_S, Token, TokenBook, hash_token, make_ha1

WRONG_RATE, WRONG_BURST = 5.0, 100.0
"""Wrong tokens a second, and at once, from one address."""
_OWN = "environment"
PERSON = "person"
"""Kind of what stands for somebody who is logged in, where a token is asked for."""


class Access:
    """Tells who sends a request, and refuses those that may not.

    Args:
        book: The tokens of the store.
        options: Settings of the doors.
        demo: Whether everything behind the doors is simulated.
    """

    def __init__(self, book: TokenBook, options: DoorOptions, *, demo: bool) -> None:
        self.book, self.options, self.demo = book, options, demo
        self.nonces = Nonces(options.nonce_s)
        self._wrong = Buckets(WRONG_RATE, WRONG_BURST)
        self._notes: set[asyncio.Task[None]] = set()
        self._reading = asyncio.Lock()
        self._own: Token | None = None
        if options.feed_token:
            self._own = Token(
                _OWN, "feed", _OWN, datetime.fromtimestamp(0, UTC), None, None,
                make_ha1(_OWN, options.feed_token),
            )  # fmt: skip

    async def feed(self, request: Request, *, digest: bool = False) -> Token:
        """Return the feed token that a request shows.

        Args:
            request: The request.
            digest: Whether to offer Digest to those that show none.

        Raises:
            Refusal: It shows none, or none that opens this.
        """
        return await self._ask(request, ("feed",), digest=digest)

    async def digest_only(self, request: Request) -> Token:
        """Return the feed token that a request proves by Digest; see `feed`."""
        scheme, _, rest = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "digest":
            raise self._unauthorised("show who you are by HTTP Digest", digest=True)
        return self._noted(await self._digest(request, rest))

    async def admin(self, request: Request, people: frozenset[str] = STAFF) -> Token | None:
        """Return the admin token of a request, or what stands for somebody of the staff.

        None for a caller on this machine in the demo.

        Args:
            request: The request.
            people: Roles of those who may do this by their own account.

        Raises:
            Refusal: It shows none, or none that opens this.
        """
        shown = request.headers.get("authorization") or request.query_params.get("token")
        if self.demo and not shown and is_loopback(request):
            return None
        viewer = current_viewer()
        if viewer.is_known and viewer.roles & people and not shown:
            # the gate has found the route to be theirs; their name goes with what they do
            return Token(
                viewer.session, PERSON, viewer.name, datetime.fromtimestamp(0, UTC), None, None, {}
            )
        return await self._ask(request, ("admin",), digest=False)

    async def find_token(self, request: Request, secret: str) -> Token | None:
        """Return the token in use that has a secret; None, and counted, where there is none.

        Raises:
            Refusal: Too many wrong ones came from there.
        """
        token = await self._find(secret)
        if token is None:
            self._count_wrong(request)
            return None
        return self._noted(token)

    async def _ask(self, request: Request, kinds: tuple[str, ...], *, digest: bool) -> Token:
        scheme, _, rest = request.headers.get("authorization", "").partition(" ")
        secret = request.query_params.get("token")
        if scheme.lower() == "bearer":
            secret = rest.strip()
        elif scheme.lower() == "basic" and digest:
            secret = _basic_password(rest)
        elif scheme.lower() == "digest" and digest:
            return self._noted(await self._digest(request, rest))
        if not secret:
            raise self._unauthorised("a token is needed; make one with: token create", digest)
        token = await self._find(secret)
        if token is None:
            self._count_wrong(request)
            raise self._unauthorised("this token opens nothing; it may be revoked", digest)
        if token.kind not in kinds:
            reason = f"a {token.kind} token does not open this; use one of kind {kinds[0]}"
            raise Refusal(403, reason)
        return self._noted(token)

    async def _find(self, secret: str) -> Token | None:
        own = self.options.feed_token
        if own and hmac.compare_digest(hash_token(secret), hash_token(own)):
            return self._own
        await self.reread()
        found = self.book.find(secret)
        if found is None:
            await self._reread_new()
            found = self.book.find(secret)
        return found

    async def reread(self) -> None:
        """Take in what other processes did to the tokens."""
        if self.book.age_s > REREAD_S:
            await asyncio.to_thread(self.book.read)

    async def _reread_new(self) -> None:
        """Take in tokens made just now; many that ask for unknown ones share a reading."""
        asked = time.monotonic()
        async with self._reading:
            if time.monotonic() - self.book.age_s > asked:
                return
            await asyncio.sleep(max(0.0, AT_ONCE_S - self.book.age_s))
            await asyncio.to_thread(self.book.read)

    def is_in_use(self, number: str) -> bool:
        """Say whether the token of an id still opens doors."""
        return number == _OWN or self.book.is_in_use(number)

    async def _digest(self, request: Request, header: str) -> Token:
        fields = read_digest(header)
        name = read_username(fields)
        await self.reread()
        known = self.book.find_named(name)
        if not known:
            await self._reread_new()
            known = self.book.find_named(name)
        if self.options.feed_token and self._own is not None:
            known = [*known, self._own]
        target = request.scope["raw_path"].decode("latin-1")
        query = request.scope["query_string"].decode("latin-1")
        target = f"{target}?{query}" if query else target
        stale = False
        for token in known:
            ha1s = token.ha1 if token.name == name else make_ha1(name, self.options.feed_token)
            try:
                check_digest(fields, request.method, target, ha1s, self.nonces)
            except BadDigestError as error:
                stale = stale or error.stale
                continue
            return token
        if not stale:
            self._count_wrong(request)
        raise self._unauthorised("the Digest answer is wrong or used", digest=True, stale=stale)

    def _unauthorised(self, reason: str, digest: bool, *, stale: bool = False) -> Refusal:
        refusal = Refusal(401, reason)
        refusal.headers = [("www-authenticate", "Bearer")]
        if digest:
            refusal.headers = challenges(self.nonces, stale=stale)
        return refusal

    def _count_wrong(self, request: Request) -> None:
        self._wrong.take(request.client.host if request.client else "")

    def _noted(self, token: Token) -> Token:
        if token is not self._own and self.book.due_for_note(token):
            # beside the answer: it must not wait for this
            task = asyncio.create_task(asyncio.to_thread(self.book.note_use, token))
            self._notes.add(task)
            task.add_done_callback(self._notes.discard)
        return token


def is_loopback(request: Request) -> bool:
    """Say whether a request comes from this machine, and not through a proxy on it."""
    forwarded = {"x-forwarded-for", "forwarded", "x-real-ip"} & set(request.headers.keys())
    if forwarded or request.client is None:
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def _basic_password(value: str) -> str:
    try:
        plain = base64.b64decode(value, validate=True).decode()
    except (binascii.Error, ValueError):
        return ""
    return plain.partition(":")[2]
