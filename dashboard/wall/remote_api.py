"""What a phone may do to the one wall that it was paired with. It is told nothing of anybody.

Anybody may ask; the pairing code, and then the secret that it was changed for, is the right.
"""

import asyncio

from fastapi import APIRouter, Request, Response

from dashboard.doors.limits import Buckets, Refusal
from dashboard.replies import json_response
from dashboard.wall.api import read_short, refuse
from dashboard.wall.desk import WallDesk
from dashboard.wall.pairing import Pairing, PairingError
from dashboard.wall.playlist import PlaylistFile
from dashboard.wall.saying import SayingError, read_command

RATE, BURST = 10.0, 30.0
"""Commands of one remote a second, and at once."""
SCHEME = "remote"


def build_remote_router(walls: WallDesk, pairing: Pairing, playlist: PlaylistFile) -> APIRouter:
    """Return the routes below /api/v1."""
    router = APIRouter(prefix="/remote", tags=["wall"])
    buckets = Buckets(RATE, BURST)

    def admit(request: Request) -> str:
        scheme, _, secret = request.headers.get("authorization", "").partition(" ")
        wall = pairing.wall_of(secret) if scheme.lower() == SCHEME else None
        if wall is None:
            raise PairingError("this remote is none any more; scan the code again", 401)
        try:
            buckets.take(secret)
        except Refusal as refusal:
            raise PairingError("slower, please", refusal.status) from None
        return wall

    @router.post("/pair", summary="Change a code, once, for the right to steer its wall")
    async def pair(request: Request) -> Response:
        try:
            given = await read_short(request)
            code = given.get("code")
            if not isinstance(code, str) or len(code) > 64:
                raise SayingError("code is wanted")
            host = request.client.host if request.client else ""
            wall, secret = pairing.claim(code, host)
        except PairingError as error:
            return refuse(error, error.status)
        except SayingError as error:
            return refuse(error)
        return json_response({"wall": wall, "secret": secret})

    @router.get("/state", summary="What the paired wall shows, in switches and scenes alone")
    async def state(request: Request) -> Response:
        try:
            name = admit(request)
        except PairingError as error:
            return refuse(error, error.status)
        wall = walls.known(name)
        shown = wall.state if wall else {}
        switches = ("blank", "visitors", "mute", "theme", "layers", "mode")
        tour = shown.get("tour") or {}
        found = await asyncio.to_thread(playlist.describe)
        return json_response(
            {
                "wall": name,
                "alive": any(one["alive"] for one in _screens(walls, name)),
                **{key: shown.get(key) for key in switches},
                "tour": {key: tour.get(key) for key in ("on", "paused", "scene")},
                "scenes": [{k: s[k] for k in ("id", "zh", "en")} for s in found["scenes"]],
            }
        )

    @router.post("/command", summary="Steer the paired wall")
    async def command(request: Request) -> Response:
        try:
            wall = admit(request)
            do, argument = read_command(await read_short(request))
        except PairingError as error:
            return refuse(error, error.status)
        except SayingError as error:
            return refuse(error)
        if do == "set":
            return json_response({"seq": walls.say(wall, argument)})
        return json_response({"seq": walls.command(wall, do, argument)})

    return router


def _screens(walls: WallDesk, name: str) -> list[dict[str, bool]]:
    return [s for wall in walls.describe() if wall["wall"] == name for s in wall["screens"]]
