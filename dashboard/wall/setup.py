"""Puts the walls together: desk, tour, pairing, and the routes that lead to them."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, Response

from dashboard.settings import Settings
from dashboard.wall.api import build_walls_router
from dashboard.wall.desk import WallDesk
from dashboard.wall.dimming import read_dimming
from dashboard.wall.pairing import Pairing
from dashboard.wall.playlist import PlaylistFile
from dashboard.wall.remote_api import build_remote_router
from dashboard.wall.remote_page import write_remote_page

ASSETS = Path(__file__).parent.parent.parent / "assets"
REMOTE_PAGE = "/remote"


@dataclass(frozen=True)
class Walls:
    """The walls of a server and their routes.

    Attributes:
        desk: What each shows.
        pairing: Who may steer them.
        router: Every route, with its whole path.
        close: Ends every stream of theirs.
    """

    desk: WallDesk
    pairing: Pairing
    router: APIRouter
    close: Callable[[], None]


def open_walls(settings: Settings, bundle_url: str) -> Walls:
    """Return the walls of a server.

    Args:
        settings: `wall_playlist`, `wall_dim` and `remote_url` count here.
        bundle_url: Where deck.gl's bundle is; another one is another version of the assets.

    Raises:
        PlaylistError, DimmingError: A setting cannot be used as it is.
    """
    playlist = PlaylistFile(Path(settings.wall_playlist) if settings.wall_playlist else None)
    dimming = read_dimming(settings.wall_dim)
    desk, pairing = WallDesk(name_assets(bundle_url)), Pairing()
    router = APIRouter()
    routes = build_walls_router(desk, pairing, playlist, dimming, settings.remote_url)
    router.include_router(routes, prefix="/api/v1")
    router.include_router(build_remote_router(desk, pairing, playlist), prefix="/api/v1")

    @router.get(REMOTE_PAGE, include_in_schema=False)
    async def remote(lang: str = settings.language) -> Response:
        headers = {"cache-control": "no-store"}
        return Response(write_remote_page(lang), media_type="text/html", headers=headers)

    return Walls(desk, pairing, router, desk.close)


def name_assets(bundle_url: str) -> str:
    """Return a name of the files that browsers run; others have another one."""
    digest = hashlib.blake2b(bundle_url.encode(), digest_size=6)
    for path in sorted(ASSETS.rglob("*")):
        if path.suffix in (".mjs", ".js", ".css"):
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()
