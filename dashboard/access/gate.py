"""The gate: one pure ASGI layer that every request passes, and that knows who asks."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING
from urllib.parse import quote

import orjson
from starlette.requests import Request
from starlette.responses import Response

from dashboard.access.cookies import WALL, WALL_S, give_cookie, read_cookie
from dashboard.access.forms import OURS, SAFE_METHODS, is_cross_site, is_from_us
from dashboard.access.rights import (
    UPDATE,
    circle_of_callback,
    circle_of_page,
    is_open,
    read_table,
)
from dashboard.access.viewer import Viewer, seen_by
from dashboard.doors.access import is_loopback
from dashboard.doors.limits import Refusal

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from dashboard.access.front import Front

LONGEST_CALL = 16 * 2**20
"""Longest body of a callback, bytes: a mended message of quarantine fits."""

log = logging.getLogger(__name__)


class Gate:
    """Finds out who asks and lets them pass where the table of rights says so.

    Args:
        app: What lies behind.
        front: Knows the accounts, sessions and tokens.
    """

    def __init__(self, app: ASGIApp, front: Front) -> None:
        self.app, self.front = app, front

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
        request = Request(scope)
        try:
            if path == "/wall" and "token" in request.query_params:
                await (await self.front.pair_wall(request))(scope, receive, send)
                return
            viewer = await self.front.recognise(request)
        except Refusal as refusal:
            await answer(send, refusal.status, refusal.reason)
            return
        if method not in SAFE_METHODS and circle != "door" and not self._is_ours(request, viewer):
            await answer(send, 403, "this came from another site's page, or from no page of ours")
            return
        if path == UPDATE:
            body = await _read(receive)
            circle = None if body is None else circle_of_callback(body)
            if circle is None:
                log.warning("a callback that is in no row of the table of rights was refused")
                await answer(send, 403, "this callback is in no row of the table of rights")
                return
            receive = _again(body or b"", receive)
        by_machine = circle == "machine" and is_loopback(request)
        if not by_machine and not is_open(circle, viewer):
            await self._refuse(scope, send, viewer)
            return
        with seen_by(viewer):
            if path.endswith("/stream") and viewer.session:
                await self._watch(viewer, scope, receive, send)
            else:
                await self.app(scope, receive, self._renewing(request, viewer, send))

    def _is_ours(self, request: Request, viewer: Viewer) -> bool:
        """Say whether something that changes things comes from a page of ours, or no browser."""
        if viewer.door == "api":
            return True  # a token is shown on purpose; no browser adds it by itself
        if viewer.is_known:
            return is_from_us(request.headers)
        return not is_cross_site(request.headers)

    async def _watch(self, viewer: Viewer, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a stream run for as long as its viewer may see it."""
        over = asyncio.Event()

        async def watched(message: Message) -> None:
            if over.is_set():
                return
            if message["type"] == "http.response.body" and not await self.front.recognise.is_still(
                viewer
            ):
                over.set()
                message = {"type": "http.response.body", "body": b"", "more_body": False}
            await send(message)

        async def gone() -> Message:
            heard = asyncio.ensure_future(receive())
            ended = asyncio.ensure_future(over.wait())
            try:
                await asyncio.wait((heard, ended), return_when=asyncio.FIRST_COMPLETED)
                return await heard if heard.done() else {"type": "http.disconnect"}
            finally:
                heard.cancel()
                ended.cancel()

        await self.app(scope, gone, watched)

    def _renewing(self, request: Request, viewer: Viewer, send: Send) -> Send:
        """Return a `send` that lets a wall keep its cookie for another year when it starts."""
        if request.url.path != "/wall" or viewer.door != "wall" or viewer.open_demo:
            return send
        kept = Response()
        give_cookie(kept, request, WALL, read_cookie(request, WALL), WALL_S)
        cookie = (b"set-cookie", kept.headers["set-cookie"].encode("latin-1"))

        async def renewed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], cookie]
            await send(message)

        return renewed

    async def _refuse(self, scope: Scope, send: Send, viewer: Viewer) -> None:
        path = scope["path"]
        shown = circle_of_page(path) is not None or path in OURS
        if shown and viewer.must_change:
            await redirect(send, "/account")
        elif shown and scope["method"] in ("GET", "HEAD") and viewer.door != "api":
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
