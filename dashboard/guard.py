"""What every answer carries, and what is no page at all: one pure ASGI layer around everything."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger(__name__)

_IMPORT = re.compile(r'^\s*(?:import|export)\b[^;"]*"(\.{1,2}/[^"]+\.mjs)"', re.MULTILINE)
"""A module's static import of a neighbour."""
MAP_PAGES = frozenset({"/wall", "/manage", "/manage/coverage", "/demo"})
_KNOWN = re.compile(
    r"/(_dash-(layout|dependencies|update-component)$|_dash-component-suites/[^/]+/.+\.\w+$"
    r"|_reload-hash$|_favicon\.ico$|assets/|vendor/[^/]+$|api/|demo/api/|healthz$|readyz$|metrics$"
    r"|VIID/|feeds/|login$|login/|logout$|account$|account/|manage/users$|manage/users/)"
)


_ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
)


def content_security_policy(script_hashes: Iterable[str]) -> str:
    """Return the policy: nothing from another host, no inline script but Dash's own by hash."""
    scripts = " ".join(["'self'", *script_hashes])
    return (
        f"default-src 'none'; script-src {scripts}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; worker-src 'self'; "
        "manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    )


def preload_header(prefix: str = "") -> bytes:
    """Return what a browser may fetch while it still reads a page with a map.

    Args:
        prefix: What it has to put before every path of this server.
    """
    assets = Path(__file__).parent.parent / "assets"
    waiting, found = [assets / "main.mjs"], set()
    while waiting:
        module = waiting.pop()
        for name in _IMPORT.findall(module.read_text(encoding="utf-8")):
            path = (module.parent / name).resolve()
            if path not in found and path.is_file():
                found.add(path)
                waiting.append(path)
    links = [
        f"<{prefix}/assets/{path.relative_to(assets).as_posix()}>; rel=modulepreload"
        for path in sorted(found)
    ]
    return ", ".join(links).encode()


class Guard:
    """Adds the security headers and answers unknown paths with a real 404."""

    def __init__(
        self,
        app: ASGIApp,
        policy: Callable[[], str],
        pages: Iterable[str],
        preload: Callable[[], bytes],
        maps: Iterable[str] = MAP_PAGES,
    ) -> None:
        self.app = app
        self.policy = policy
        self.pages = frozenset(pages)
        self.preload = preload
        self.maps = frozenset(maps)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path = scope["path"]
        if path not in self.pages and not _KNOWN.match(path):
            await _not_found(send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name.lower() for name, _ in message["headers"]}
                extra = [(b"content-security-policy", self.policy().encode()), *_ALWAYS]
                if path in self.maps:
                    extra.append((b"link", self.preload()))
                if path.startswith("/assets/") and b"cache-control" not in present:
                    # imported modules carry no cache-busting of their own
                    extra.append((b"cache-control", b"no-cache"))
                message["headers"] = [*message["headers"], *extra]
            await send(message)

        await self.app(scope, receive, guarded)


class LogErrors:
    """Writes an error of the server itself to the log; Dash would answer 500 and say nothing."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        try:
            await self.app(scope, receive, send)
        except Exception:
            log.exception("%s %s failed", scope.get("method", scope["type"]), scope.get("path"))
            raise


async def _not_found(send: Send) -> None:
    body = b'{"error":"not found"}'
    await send(
        {
            "type": "http.response.start",
            "status": 404,
            "headers": [
                (b"content-type", b"application/json"),
                (b"content-length", str(len(body)).encode()),
                (b"x-content-type-options", b"nosniff"),
            ],
        }
    )
    await send({"type": "http.response.body", "body": body})
