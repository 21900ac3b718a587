"""The gate: one pure ASGI layer that every request passes, and that knows who asks."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING
from urllib.parse import quote

import orjson
from starlette.requests import Request

from dashboard.access.rights import (
    UPDATE,
    circle_of_callback,
    circle_of_page,
    is_in,
    read_table,
)
from dashboard.access.viewer import Viewer, seen_by

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

LONGEST_CALL = 16 * 2**20
"""Longest body of a callback, bytes: a mended message of quarantine fits."""

log = logging.getLogger(__name__)

Recognise = Callable[[Request], Awaitable[Viewer]]


class Gate:
    """Finds out who asks and lets them pass where the table of rights says so.

    Args:
        app: What lies behind.
        recognise: Tells who sends a request.
    """

    def __init__(self, app: ASGIApp, recognise: Recognise) -> None:
        self.app, self.recognise = app, recognise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 4001})  # nothing of ours speaks it
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path, method = scope["path"], scope["method"]
        circle = read_table().find(method, path)
        if circle is None:
            await answer(send, 404, "not found")
            return
        viewer = await self.recognise(Request(scope))
        if path == UPDATE:
            body = await _read(receive)
            circle = None if body is None else circle_of_callback(body)
            if circle is None:
                log.warning("a callback that is in no row of the table of rights was refused")
                await answer(send, 403, "this callback is in no row of the table of rights")
                return
            receive = _again(body or b"", receive)
        if not is_in(circle, viewer.roles):
            await self._refuse(scope, send, viewer)
            return
        with seen_by(viewer):
            await self.app(scope, receive, send)

    async def _refuse(self, scope: Scope, send: Send, viewer: Viewer) -> None:
        path = scope["path"]
        if circle_of_page(path) is not None and scope["method"] in ("GET", "HEAD"):
            query = scope["query_string"].decode("latin-1")
            wanted = quote(f"{path}?{query}" if query else path, safe="")
            await redirect(send, f"/login?next={wanted}")
        elif viewer.is_known:
            await answer(send, 403, f"{viewer.name} has no right to this")
        else:
            await answer(send, 401, "log in, or show a token")


async def _read(receive: Receive) -> bytes | None:
    """Return a body; None for one that is too long."""
    chunks, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            return None
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > LONGEST_CALL:
            return None
        chunks.append(chunk)
        more = message.get("more_body", False)
    return b"".join(chunks)


def _again(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives a body that was read already."""
    given = False

    async def once() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return once


async def answer(send: Send, status: int, reason: str) -> None:
    """Answer with a reason as JSON."""
    body = orjson.dumps({"error": reason})
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    if status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def redirect(send: Send, target: str) -> None:
    """Send a browser elsewhere within the product."""
    headers = [
        (b"location", target.encode("ascii", "replace")),
        (b"cache-control", b"no-store"),
        (b"content-length", b"0"),
    ]
    await send({"type": "http.response.start", "status": 303, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
