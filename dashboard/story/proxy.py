"""Passes `/demo` on to the visitors' process: bounded, streaming, without the managers' cookies.

What is asked and what is answered goes by short lists of headers; a cookie, an authorization or a
forwarded address never crosses, in either direction.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import httpx

from dashboard.story.process import HOST, VisitorsProcess
from dashboard.words import load_words

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

PREFIX = "/demo"
METHODS = frozenset({"GET", "HEAD", "POST"})
MOST_AT_ONCE = 400
"""Requests in flight, streams among them; one more is asked to come again."""
MOST_BODY = 64 * 1024
"""Bytes of a request; the visitors' page sends a few hundred."""
BODY_S = 10.0
ASKED = frozenset(
    {b"accept", b"accept-encoding", b"accept-language", b"content-type", b"if-none-match",
     b"last-event-id", b"cache-control"}
)  # fmt: skip
ANSWERED = frozenset(
    {"content-type", "content-encoding", "content-length", "cache-control", "etag", "vary", "link",
     "retry-after", "content-security-policy", "x-content-type-options", "referrer-policy",
     "x-frame-options", "permissions-policy", "x-accel-buffering", "allow", "content-disposition"}
)  # fmt: skip
QUIET = [
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline'; "
     b"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
]  # fmt: skip


def is_visitors(path: str) -> bool:
    """Say whether a path is the visitors'."""
    return path == PREFIX or path.startswith(PREFIX + "/")


class VisitorsProxy:
    """An ASGI layer outside of all others: sessions and accounts never see a visitor's request."""

    def __init__(self, app: ASGIApp, visitors: VisitorsProcess, language: str = "zh") -> None:
        self.app = app
        self.visitors = visitors
        self.language = language
        self.open = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] not in ("http", "websocket") or not is_visitors(scope["path"]):
            await self.app(scope, receive, send)
            return
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["method"] not in METHODS:
            await _say(send, 405, b'{"error":"use GET or POST"}')
            return
        if self.open >= MOST_AT_ONCE:
            await self._tell_away(scope, send)
            return
        self.open += 1
        try:
            await self._pass(scope, receive, send)
        finally:
            self.open -= 1

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _read_body(scope, receive)
        if body is None:
            await _say(send, 413, b'{"error":"too much at once"}')
            return
        client = self.visitors.client
        if not self.visitors.ready or client is None:
            await self._tell_away(scope, send)
            return
        started = False
        try:
            async with client.stream(
                scope["method"], _target(scope), headers=_asked(scope), content=body or None
            ) as answer:
                head = [
                    (name.encode(), value.encode("latin-1"))
                    for name, value in answer.headers.items()
                    if name in ANSWERED
                ]
                started = True
                await send(
                    {"type": "http.response.start", "status": answer.status_code, "headers": head}
                )
                await _pour(answer.aiter_raw(), receive, send)
        except httpx.HTTPError:
            if started:
                raise
            await self._tell_away(scope, send)

    async def _tell_away(self, scope: Scope, send: Send) -> None:
        """Answer that the visitors' world is not there at present, as a page or as JSON."""
        accepts = dict(scope["headers"]).get(b"accept", b"").decode("latin-1")
        if scope["path"].rstrip("/") != PREFIX or "json" in accepts:
            await _say(send, 503, b'{"error":"the visitors\' world is starting; come again"}')
            return
        asked = parse_qs(scope["query_string"].decode("latin-1")).get("lang", [self.language])[-1]
        await _say(send, 503, away_page(asked), "text/html; charset=utf-8")


def away_page(lang: str) -> bytes:
    """Return the page that is shown while the visitors' world is not there."""
    words = load_words(lang)
    title, text, link = (escape(words(f"story.away.{part}")) for part in ("title", "text", "try"))
    tag = "zh-CN" if words.language == "zh" else "en"
    return f"""<!DOCTYPE html>
<html lang="{tag}"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="6">
<style>
:root {{ color-scheme: light dark }}
body {{ margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 24px;
  box-sizing: border-box; font: 20px/1.6 Inter, "Noto Sans SC", "Noto Sans CJK SC", "PingFang SC",
  "Microsoft YaHei", system-ui, sans-serif; background: #090d12; color: #b6c2ce }}
main {{ max-width: 26em }}
h1 {{ font-size: 1.8em; line-height: 1.25; color: #eef3f7; margin: 0 0 .4em }}
p {{ margin: 0 0 1.2em }}
a {{ display: inline-block; padding: .7em 1.6em; border-radius: 12px; background: #5ed1c0;
  color: #06231f; font-weight: 700; text-decoration: none }}
</style></head>
<body><main><h1>{title}</h1><p>{text}</p><a href="?lang={words.language}">{link}</a></main></body>
</html>""".encode()


def _target(scope: Scope) -> httpx.URL:
    """Return the address in the visitors' process: the same without the prefix."""
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    raw = raw.split(b"?", 1)[0]
    rest = raw[len(PREFIX) :] if raw.startswith(PREFIX.encode()) else b"/nothing"
    query = b"?" + scope["query_string"] if scope["query_string"] else b""
    return httpx.URL(scheme="http", host=HOST, raw_path=(rest or b"/") + query)


def _asked(scope: Scope) -> list[tuple[bytes, bytes]]:
    return [(name, value) for name, value in scope["headers"] if name in ASKED]


async def _read_body(scope: Scope, receive: Receive) -> bytes | None:
    """Return the body, or None where it is too large or does not come."""
    if scope["method"] != "POST":
        return b""
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_S):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return bytes(body)
                body += message.get("body", b"")
                if len(body) > MOST_BODY:
                    return None
                if not message.get("more_body", False):
                    return bytes(body)
    except TimeoutError:
        return None


async def _pour(chunks: AsyncIterator[bytes], receive: Receive, send: Send) -> None:
    """Send what comes as it comes, until the end or until the reader has gone."""

    async def pump() -> None:
        async for chunk in chunks:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def leave() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    pumping, leaving = asyncio.create_task(pump()), asyncio.create_task(leave())
    try:
        await asyncio.wait({pumping, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if pumping.done():
            pumping.result()
    finally:
        for task in (pumping, leaving):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, httpx.HTTPError):
                await task


async def _say(send: Send, status: int, body: bytes, kind: str = "application/json") -> None:
    head = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode()), *QUIET]
    if status == 503:
        head.append((b"retry-after", b"6"))
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": body})
