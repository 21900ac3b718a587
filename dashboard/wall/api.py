"""The walls over HTTP: clock, tour, channel of each wall, heartbeats, pairing.

Who may use them (dashboard/access/table.py): walls and staff; the list of walls is for managers and
administrators. What a remote may do is in `dashboard.wall.remote_api`.
"""

import asyncio
import time
from typing import Any
from urllib.parse import quote

import segno
from fastapi import APIRouter, Request, Response
from starlette.responses import StreamingResponse

from dashboard.replies import json_response
from dashboard.wall.desk import MOST_LISTENERS, NoSuchWallError, WallDesk
from dashboard.wall.dimming import Dimming
from dashboard.wall.pairing import CODE_S, Pairing
from dashboard.wall.playlist import PlaylistFile
from dashboard.wall.saying import MOST_BYTES, SayingError, read_change, read_figures, read_json
from live.sse import HEADERS

LOOPBACK = ("127.0.0.1", "localhost", "::1")


async def read_short(request: Request) -> dict[str, Any]:
    """Return the object that a request carries.

    Raises:
        SayingError: It is too long, or none.
    """
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            break
    return read_json(body)


def refuse(error: Exception, status: int = 422) -> Response:
    """Return an answer that says what was wrong."""
    answer = json_response({"error": str(error)})
    answer.status_code = status
    return answer


def build_walls_router(
    walls: WallDesk, pairing: Pairing, playlist: PlaylistFile, dimming: Dimming, address: str = ""
) -> APIRouter:
    """Return the routes below /api/v1.

    Args:
        walls: The walls.
        pairing: Their remotes.
        playlist: The tour.
        dimming: The hours in which walls are dimmed.
        address: Where phones reach this server; empty for wherever the wall does.
    """
    router = APIRouter(tags=["wall"])

    @router.get("/wall/clock", summary="The server's clock, for screens that move in step")
    async def clock() -> Response:
        return json_response({"at": round(time.time() * 1000, 3)})

    @router.get("/wall/playlist", summary="The scenes of the tour, and the hours of dimming")
    async def scenes() -> Response:
        found = await asyncio.to_thread(playlist.describe)
        return json_response({**found, "dimming": dimming.describe()})

    @router.get("/walls", summary="Every wall with its screens, and how they do")
    async def describe() -> Response:
        found = walls.describe()
        for wall in found:
            wall["remotes"] = pairing.count(wall["wall"])
        return json_response({"walls": found, "assets": walls.assets})

    @router.get("/walls/{wall}/stream", summary="What a wall shows, as server-sent events")
    async def channel(wall: str) -> Response:
        try:
            walls.wall(wall)
        except NoSuchWallError as error:
            return refuse(error, 404)
        if walls.listeners >= MOST_LISTENERS:
            return refuse(NoSuchWallError("too many screens listen; try again later"), 503)
        return StreamingResponse(
            walls.listen(wall), media_type="text/event-stream", headers=HEADERS
        )

    @router.post("/walls/{wall}/say", summary="A screen changes what all tiles of its wall show")
    async def say(wall: str, request: Request) -> Response:
        try:
            change = read_change(await read_short(request))
            return json_response({"seq": walls.say(wall, change)})
        except NoSuchWallError as error:
            return refuse(error, 404)
        except SayingError as error:
            return refuse(error)

    @router.post("/walls/{wall}/beat", summary="A screen says that it lives, and how it does")
    async def beat(wall: str, request: Request) -> Response:
        try:
            given = await read_short(request)
            tile = given.get("tile")
            if not isinstance(tile, str):
                raise SayingError("tile is COLUMN,ROW, or empty for a wall of one screen")
            return json_response(walls.beat(wall, tile, read_figures(given)))
        except NoSuchWallError as error:
            return refuse(error, 404)
        except SayingError as error:
            return refuse(error)

    @router.post("/walls/{wall}/pairing", summary="A code that makes a phone this wall's remote")
    async def offer(wall: str, request: Request, lang: str = "zh") -> Response:
        try:
            walls.wall(wall)
        except NoSuchWallError as error:
            return refuse(error, 404)
        code = pairing.offer(wall)
        base = address or str(request.base_url)
        language = "en" if lang == "en" else "zh"
        # behind #, so that no log on the way keeps it
        url = f"{base.rstrip('/')}/remote?lang={language}#code={quote(code)}"
        image = await asyncio.to_thread(_draw, url)
        return json_response(
            {
                "code": code,
                "url": url,
                "seconds": CODE_S,
                "image": image,
                "near": not address and request.url.hostname in LOOPBACK,
                "remotes": pairing.count(wall),
            }
        )

    @router.get("/walls/{wall}/pairing", summary="How many phones steer a wall")
    async def paired(wall: str) -> Response:
        return json_response({"remotes": pairing.count(wall)})

    @router.delete("/walls/{wall}/pairing", summary="Make the code void and end every remote")
    async def revoke(wall: str) -> Response:
        return json_response({"ended": pairing.revoke(wall)})

    return router


def _draw(url: str) -> str:
    """Return a QR code as a data URI of an SVG picture."""
    code = segno.make_qr(url, error="m")
    return str(code.svg_data_uri(scale=8, border=2, dark="#0b1016", light="#ffffff"))
