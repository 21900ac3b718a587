"""The visitors' server: their page and their API over a simulated world, and nothing else.

Browsers see it under `/demo`; the server that passes them on takes that prefix off.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import uvicorn
from fastapi import FastAPI
from fastapi.middleware.gzip import GZipMiddleware

from dashboard.access.viewer import Viewer, seen_by
from dashboard.bundle import load_bundle
from dashboard.compose import LiveWorld
from dashboard.dash_app import Register, draw_pages
from dashboard.guard import Guard, LogErrors
from dashboard.later import Later
from dashboard.pages import PAGES
from dashboard.replies import json_response
from dashboard.server import Worlds, include_files, include_visitors
from dashboard.settings import Settings

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

PREFIX = "/demo"
VISITOR = Viewer("visitor", frozenset({"visitor"}), door="demo")
NICE = 5
"""Whoever waits for the real world comes first."""
MOST_BYTES = 6 << 30
MOST_FILES = 2048
MOST_FILE_BYTES = 8 << 30


class AsVisitor:
    """Takes everybody who asks for a visitor: nobody else comes here, whatever they show."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        with seen_by(VISITOR):
            await self.app(scope, receive, send)


def create_visitors(settings: Settings, world: LiveWorld, register: Sequence[Register]) -> FastAPI:
    """Return the visitors' application, its page at `/`.

    Args:
        settings: Of this process.
        world: The visitors' world.
        register: Wiring of the callbacks that the visitors' page has.
    """
    bundle = load_bundle(settings.var / "cache")
    worlds = Worlds(world, world)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await world.start()
        later.begin()
        try:
            yield
        finally:
            await later.stop()
            await world.stop()

    server = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)

    @server.get("/healthz", include_in_schema=False)
    async def healthz() -> object:
        return json_response({"status": "ok"})

    include_visitors(server, lambda: world, "/api/v1")
    include_files(server, bundle)
    pages = [replace(page, path="/") for page in PAGES if page.world == PREFIX]
    later = Later(lambda: draw_pages(settings, worlds, bundle.url, register, pages, PREFIX))
    server.mount("/", later)
    server.add_middleware(LogErrors)
    server.add_middleware(GZipMiddleware, minimum_size=500)
    server.add_middleware(AsVisitor)
    server.add_middleware(
        Guard,
        policy=lambda: later.policy,
        pages=["/"],
        preload=lambda: later.preload,
        maps=["/"],
    )
    return server


def run_alone(
    settings: Settings, world: LiveWorld, register: Sequence[Register], number: int | None
) -> int:
    """Run the visitors' server until it is told to stop or whoever started it has gone.

    Args:
        settings: Of this process.
        world: The visitors' world.
        register: Wiring of callbacks.
        number: The listening socket; None for loopback, to be looked at through a proxy.
    """
    limit_rights()
    server = create_visitors(settings, world, register)
    config = uvicorn.Config(
        server,
        host="127.0.0.1",
        port=settings.port,
        log_config=None,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=1,
        server_header=False,
    )
    running = uvicorn.Server(config)
    if number is None:
        running.run()
        return 0
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    with socket.socket(fileno=number) as listening:
        asyncio.run(running.serve(sockets=[listening]))
    return 0


def _end_with_parent() -> None:
    """Wait until the other end of standard input is closed, as it is when the server has gone."""
    with contextlib.suppress(OSError):
        while sys.stdin.buffer.read(4096):
            pass
    os.kill(os.getpid(), signal.SIGTERM)


def limit_rights() -> None:
    """Take from this process what it does not need."""
    try:
        import resource
    except ImportError:  # not on this system
        return
    wanted = {
        "RLIMIT_CORE": 0,
        "RLIMIT_DATA": MOST_BYTES,
        "RLIMIT_NOFILE": MOST_FILES,
        "RLIMIT_FSIZE": MOST_FILE_BYTES,
    }
    for name, most in wanted.items():
        which = getattr(resource, name, None)
        if which is None:
            continue
        _, hard = resource.getrlimit(which)
        least = most if hard == resource.RLIM_INFINITY else min(most, hard)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(which, (least, least))
    with contextlib.suppress(OSError):
        os.nice(NICE)
