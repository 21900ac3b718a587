"""The pages are made while the server already answers everything else; who asks for one waits."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from dashboard.guard import content_security_policy

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from dashboard.dash_app import Drawn

FIRST_S = 1.0
"""So long after the start the API has the machine for itself, seconds."""

log = logging.getLogger(__name__)


class Later:
    """An ASGI application that is made in a thread, after the start.

    A server that was killed takes events in and tells its state before its pages are there.

    Attributes:
        app: What was made, once it is there.
        policy: The content security policy: the pages' own once they are there.
        preload: What a page with a map announces, likewise.

    Args:
        make: Makes it; run once, in a thread and an event loop of its own.
        then: Called when that has ended, however it did.
    """

    def __init__(
        self, make: Callable[[], Awaitable[Drawn]], then: Callable[[], None] = lambda: None
    ) -> None:
        self._make, self._then = make, then
        self._wanted = asyncio.Event()
        self._making: asyncio.Future[None] | None = None
        self.app: ASGIApp | None = None
        self.policy = content_security_policy([])
        self.preload = b""

    def begin(self) -> None:
        """Make it soon: when somebody asks for it, or after a moment left to the first answers."""
        self._making = asyncio.ensure_future(self._make_soon())

    async def _make_soon(self) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._wanted.wait(), FIRST_S)
        try:
            await asyncio.to_thread(lambda: asyncio.run(self._draw()))
        finally:
            self._then()

    async def _draw(self) -> None:
        try:
            drawn = await self._make()
        except Exception:
            log.exception("the pages could not be made; the API answers without them")
            raise
        self.policy, self.preload, self.app = drawn.policy, drawn.preload, drawn.app

    async def stop(self) -> None:
        """Wait until nothing is being made any more."""
        self._wanted.set()
        if self._making is not None:
            await asyncio.gather(self._making, return_exceptions=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection.

        Raises:
            RuntimeError: Nothing makes it, or it could not be made.
        """
        self._wanted.set()
        if self.app is None and self._making is not None:
            await asyncio.shield(self._making)
        if self.app is None:
            raise RuntimeError("the pages are asked for before the server has started")
        await self.app(scope, receive, send)
