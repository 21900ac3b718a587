"""Tells who sends a request: by the open doors of the demo, a token, or a cookie."""

from __future__ import annotations

from starlette.requests import Request

from dashboard.access.viewer import Viewer

_VISITOR = Viewer("visitor", frozenset({"visitor"}), door="demo", open_demo=True)
_WALL = Viewer("wall", frozenset({"wall"}), door="wall", open_demo=True)
_MANAGER = Viewer(
    "演示", frozenset({"admin", "manager"}), door="manage", open_demo=True
)  # the demo's manager may try everything, as everything is simulated


def recognise_demo(path: str) -> Viewer:
    """Return whom the `demo` command takes a caller for: it asks nobody for an account.

    The pages of one door and their API tell it; the wall's API is the managers'.
    """
    if path == "/demo" or path.startswith("/demo/"):
        return _VISITOR
    return _WALL if path == "/wall" or path.startswith("/wall/") else _MANAGER


class Recogniser:
    """Tells who sends a request.

    Args:
        open_demo: Whether this is the `demo` command.
    """

    def __init__(self, *, open_demo: bool) -> None:
        self.open_demo = open_demo

    async def __call__(self, request: Request) -> Viewer:
        """Return who asks."""
        return recognise_demo(request.url.path)
