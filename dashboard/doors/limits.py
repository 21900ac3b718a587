"""What keeps a door from being run over: size, time, unpacked size, records, rate."""

from __future__ import annotations

import asyncio
import time
import zlib
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request

from dashboard.doors.options import DoorOptions

DRAIN_BYTES = 32 * 2**20
"""So much of a message that is too long is read and thrown away, so that its sender listens."""
DRAIN_S = 5.0
BUSY_S = 2
"""When to come back to a busy door, seconds."""
COUNTED_FROM = 64 * 2**10
"""Shorter messages cannot hold too many records."""
BUCKETS = 10_000


class Refusal(Exception):  # noqa: N818 - it is no error of ours
    """A message that is not let in.

    Attributes:
        status: HTTP status.
        reason: For people: what was wrong and what to do.
        headers: Headers that go with the status.
    """

    def __init__(self, status: int, reason: str, **headers: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason
        self.headers = [(name.replace("_", "-"), value) for name, value in headers.items()]


class BodyBudget:
    """Bytes of half-read messages; many slow senders hold little, a few large ones are enough."""

    def __init__(self, limit: int) -> None:
        self.limit, self.held = limit, 0

    def take(self, size: int) -> None:
        """Hold some bytes more.

        Raises:
            Refusal: There is no room; come back.
        """
        if self.held + size > self.limit:
            raise Refusal(503, "too many large messages at once", retry_after=str(BUSY_S))
        self.held += size

    def give(self, size: int) -> None:
        """Let go of bytes."""
        self.held -= size


class Buckets:
    """A token bucket for each sender: `rate` messages a second, `burst` at once."""

    def __init__(self, rate: float, burst: float) -> None:
        self.rate, self.burst = rate, burst
        self._filled: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str, now: float | None = None) -> None:
        """Count one message of a sender.

        Raises:
            Refusal: It sends too many.
        """
        now = time.monotonic() if now is None else now
        left, at = self._filled.get(key, (self.burst, now))
        left = min(self.burst, left + (now - at) * self.rate)
        if left < 1:
            wait = max(1, round((1 - left) / self.rate + 0.5))
            raise Refusal(429, "too many messages; send them in batches", retry_after=str(wait))
        self._filled[key] = (left - 1, now)
        self._filled.move_to_end(key)
        if len(self._filled) > BUCKETS:
            self._filled.popitem(last=False)


@asynccontextmanager
async def read_body(
    request: Request, options: DoorOptions, budget: BodyBudget
) -> AsyncIterator[bytes]:
    """Hold a request's body, as it was sent.

    Raises:
        Refusal: It is too long, too slow, or there is no room.
    """
    told = request.headers.get("content-length", "")
    expects = request.headers.get("expect", "").lower() == "100-continue"
    if told.isdecimal() and len(told) < 20 and int(told) > options.max_body:
        # a sender that asks first hears it before it sends anything
        if not expects:
            await _drain(request)
        raise _too_long(options)
    chunks: list[bytes] = []
    size = 0
    try:
        try:
            async with asyncio.timeout(options.body_timeout_s):
                async for chunk in request.stream():
                    budget.take(len(chunk))
                    size += len(chunk)
                    if size > options.max_body:
                        break
                    chunks.append(chunk)
        except TimeoutError:
            reason = f"the message was not there whole after {options.body_timeout_s:g} s"
            raise Refusal(408, reason, connection="close") from None
        except ClientDisconnect:
            raise Refusal(400, "the sender went away", connection="close") from None
        if size > options.max_body:
            chunks.clear()
            await _drain(request)
            raise _too_long(options)
        yield b"".join(chunks)
    finally:
        budget.give(size)


def unpack(body: bytes, encoding: str, options: DoorOptions) -> bytes:
    """Return a body without its Content-Encoding, never longer than the limit.

    Raises:
        Refusal: It unpacks to more, is damaged, or is packed in a way that is not known.
    """
    for packing in reversed([part.strip().lower() for part in encoding.split(",")]):
        if packing in ("", "identity"):
            continue
        if packing not in ("gzip", "x-gzip", "deflate"):
            raise Refusal(415, f"Content-Encoding {packing[:40]!r} is not taken; use gzip")
        body = _inflate(body, packing, options)
    return body


def _inflate(body: bytes, packing: str, options: DoorOptions) -> bytes:
    wholes = (zlib.MAX_WBITS | 16,) if "gzip" in packing else (zlib.MAX_WBITS, -zlib.MAX_WBITS)
    for bits in wholes:  # deflate comes as zlib or raw
        packer = zlib.decompressobj(bits)
        with suppress(zlib.error):
            plain = packer.decompress(body, options.max_body + 1)
            if len(plain) > options.max_body:
                raise _too_long(options)
            if packer.eof:
                return plain
    raise Refusal(400, f"the {packing} body is damaged; send it again or unpacked")


def check_records(body: bytes, options: DoorOptions) -> None:
    """Refuse a message with more records than are read at once.

    Raises:
        Refusal: It must be split.
    """
    if len(body) < COUNTED_FROM:
        return
    most = options.max_records
    if body.count(b",") < most and body.count(b"\n") < most and body.count(b"\r") < most:
        return  # no list is longer than its commas, whatever stands between them
    lines = max(body.count(b"\n{"), body.count(b"\n--"), body.count(b"\r{"))
    if lines <= most and body.lstrip()[:1] in (b"[", b"{"):
        try:
            lines = _longest(orjson.loads(body), depth=6)
        except orjson.JSONDecodeError:
            lines = max(lines, body.count(b"\n"))
    if lines > most:
        raise Refusal(413, f"{lines} records in one message; send at most {most} at once")


def _longest(value: Any, depth: int) -> int:
    """Return the length of the longest list of a document."""
    if depth <= 0:
        return 0
    if isinstance(value, list):
        inner = value if len(value) < 1000 else value[:1000]
        return max(len(value), max((_longest(item, depth - 1) for item in inner), default=0))
    if isinstance(value, dict):
        return max((_longest(item, depth - 1) for item in value.values()), default=0)
    return 0


def _too_long(options: DoorOptions) -> Refusal:
    reason = f"longer than {options.max_body} bytes; send less at once"
    return Refusal(413, reason, connection="close")


async def _drain(request: Request) -> None:
    """Read on for a while and forget: an answer to a sender that still sends would be lost."""
    size = 0
    with suppress(TimeoutError, ClientDisconnect, RuntimeError):
        async with asyncio.timeout(DRAIN_S):
            async for chunk in request.stream():
                size += len(chunk)
                if size > DRAIN_BYTES:
                    return
