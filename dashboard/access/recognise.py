"""Tells who sends a request: by the open doors of the demo, a token, or a cookie."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from starlette.requests import Request

from dashboard.access.cookies import SESSION, WALL, read_cookie
from dashboard.access.rights import is_device_door
from dashboard.access.viewer import Viewer
from dashboard.doors.desk import Desk
from live.accounts import Session, SessionBook, WallBook

NOBODY = Viewer("visitor", frozenset({"visitor"}), door="demo")
DEVICE = Viewer("device", frozenset({"feed"}), door="api")
"""Who is at a door of the devices: the door itself asks for the token."""

_VISITOR = replace(NOBODY, open_demo=True)
_WALL = Viewer("wall", frozenset({"wall"}), door="wall", open_demo=True)
_MANAGER = Viewer(
    "演示", frozenset({"admin", "manager"}), door="manage", open_demo=True
)  # the demo's manager may try everything, as everything is simulated

_TOKEN_ROLES = {"admin": "admin", "wall": "wall", "feed": "feed"}
_OF_TOKEN, _OF_WALL = "token:", "wall:"


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
        desk: Knows the tokens.
        sessions: Of people.
        walls: The devices that wall tokens are bound to.
        open_demo: Whether this is the `demo` command.
    """

    def __init__(
        self, desk: Desk, sessions: SessionBook, walls: WallBook, *, open_demo: bool
    ) -> None:
        self.desk, self.sessions, self.walls = desk, sessions, walls
        self.open_demo = open_demo
        self._notes: set[asyncio.Task[None]] = set()

    async def __call__(self, request: Request) -> Viewer:
        """Return who asks.

        Raises:
            Refusal: Too many wrong tokens came from there.
        """
        path = request.url.path
        if self.open_demo:
            return recognise_demo(path)
        if is_device_door(request.method, path):
            return DEVICE
        scheme, _, rest = request.headers.get("authorization", "").partition(" ")
        secret = rest.strip() if scheme.lower() == "bearer" else request.query_params.get("token")
        if secret:
            return await self._by_token(request, secret)
        session = await self.find_session(request)
        if session is not None:
            return to_viewer(session)
        wall = read_cookie(request, WALL)
        return await self._by_wall(wall) if wall else NOBODY

    async def find_session(self, request: Request) -> Session | None:
        """Return the session of a request's cookie, and note its use; None where it has ended."""
        secret = read_cookie(request, SESSION)
        if not secret:
            return None
        await self.refresh()
        session = self.sessions.find(secret)
        # a stream that comes back by itself is no use by a person
        used = session is not None and not request.url.path.endswith("/stream")
        if session is not None and used and self.sessions.touch(session):
            task = asyncio.create_task(asyncio.to_thread(self.sessions.note_use, session))
            self._notes.add(task)
            task.add_done_callback(self._notes.discard)
        return session

    async def refresh(self) -> None:
        """Take in what other processes did to sessions and walls."""
        if self.sessions.is_stale:
            await asyncio.to_thread(self.sessions.read)
        if self.walls.is_stale:
            await asyncio.to_thread(self.walls.read)

    async def is_still(self, viewer: Viewer) -> bool:
        """Say whether somebody may go on with what they began, such as a stream."""
        number = viewer.session
        if not number:
            return True
        await self.refresh()
        if number.startswith((_OF_TOKEN, _OF_WALL)):
            await self.desk.access.reread()
            token = number.partition(":")[2]
            bound = not number.startswith(_OF_WALL) or self.walls.is_bound(token)
            return bound and self.desk.access.is_in_use(token)
        session = self.sessions.get(number)
        if session is None or not self.sessions.is_alive(session):
            return False
        return to_viewer(session) == viewer

    async def _by_token(self, request: Request, secret: str) -> Viewer:
        token = await self.desk.access.find_token(request, secret)
        if token is None:
            return NOBODY
        role = _TOKEN_ROLES[token.kind]
        if role == "wall":
            await self.refresh()
            if self.walls.is_bound(token.id):
                return NOBODY  # it is a screen's own, and opens nothing elsewhere
        return Viewer(token.name, frozenset({role}), door="api", session=_OF_TOKEN + token.id)

    async def _by_wall(self, secret: str) -> Viewer:
        await self.refresh()
        token_id = self.walls.find(secret)
        if token_id is None:
            return NOBODY
        await self.desk.access.reread()
        token = self.desk.access.book.get(token_id)
        if token is None or token.kind != "wall":
            return NOBODY
        return Viewer(token.name, frozenset({"wall"}), door="wall", session=_OF_WALL + token_id)


def to_viewer(session: Session) -> Viewer:
    """Return who looks through a session."""
    account = session.account
    return Viewer(
        name=account.shown,
        roles=frozenset({"visitor"}) if account.must_change else account.roles,
        areas=account.areas,
        layers=account.layers,
        door="manage",
        session=session.id,
        must_change=account.must_change,
    )
