"""The server: one FastAPI application with its lifespan, the API, and the pages behind them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request, Response
from fastapi.middleware.gzip import GZipMiddleware

from dashboard import incidents_api, mode_api, orders_api
from dashboard.access.account import build_account
from dashboard.access.front import Front
from dashboard.access.gate import Gate
from dashboard.access.login import build_login
from dashboard.access.roles import REAL
from dashboard.access.sign_on import build_sign_on
from dashboard.access.users import build_users
from dashboard.access.viewer import current_viewer
from dashboard.api import build_router
from dashboard.api_docs import build_docs
from dashboard.bundle import IMMUTABLE, Bundle, load_bundle
from dashboard.compose import LiveWorld
from dashboard.coverage.api import build_coverage_writing
from dashboard.doors import Desk, DoorOptions, build_doors
from dashboard.floors_api import build_floors_router
from dashboard.guard import Guard, LogErrors
from dashboard.health import build_health
from dashboard.later import Later
from dashboard.metrics import Metrics
from dashboard.pages import PAGES
from dashboard.replies import json_response
from dashboard.reveal_api import build_reveal_router
from dashboard.settings import Settings
from dashboard.story.api import build_story_router
from dashboard.views_api import build_views_router
from dashboard.wall.setup import REMOTE_PAGE, open_walls
from dashboard.words import LANGUAGES, load_words

if TYPE_CHECKING:
    from dashboard.dash_app import Drawn, Register
    from dashboard.story.process import VisitorsProcess


class Worlds:
    """The worlds that the doors look into, by URL prefix ("" and "/demo").

    Args:
        main: What the wall and the managers see.
        visitors: What the visitors see; None where a process of its own shows it.
        open_demo: Whether all doors are open without an account, as all is simulated; so by
            default where there is one world only.
    """

    def __init__(
        self, main: LiveWorld, visitors: LiveWorld | None = None, *, open_demo: bool | None = None
    ) -> None:
        self._by_prefix = {"": main} | ({"/demo": visitors} if visitors is not None else {})
        self.open_demo = main is visitors if open_demo is None else open_demo

    def __call__(self, prefix: str) -> LiveWorld:
        """Return a world; an unknown prefix gives the visitors', which holds nothing real.

        Whoever has no right to the real world gets the visitors' whatever they ask for.

        Raises:
            PreventUpdate: The visitors' world is not in this process.
        """
        wanted = prefix if current_viewer().roles & REAL else "/demo"
        world = self._by_prefix.get(wanted) or self._by_prefix.get("/demo")
        if world is None:
            from dash.exceptions import PreventUpdate

            raise PreventUpdate
        return world

    @property
    def has_visitors(self) -> bool:
        """Whether the visitors' world is in this process."""
        return "/demo" in self._by_prefix

    @property
    def distinct(self) -> list[LiveWorld]:
        """Each world once."""
        return list({id(world): world for world in self._by_prefix.values()}.values())


def create_server(
    settings: Settings,
    worlds: Worlds,
    register: "Callable[[], Sequence[Register]]",
    options: DoorOptions | None = None,
    visitors: "VisitorsProcess | None" = None,
    *,
    then: Callable[[], None] = lambda: None,
) -> FastAPI:
    """Return the application.

    Args:
        settings: See `dashboard.settings`.
        worlds: What the doors show.
        register: Gives the wiring of callbacks once the pages are made, after the start.
        options: What the devices' doors let in.
        visitors: Shows the visitors' world where `worlds` has none.
        then: Called once everything is made that stays, the pages included.
    """
    bundle = load_bundle(settings.var / "cache")
    metrics = Metrics()
    walls = open_walls(settings, bundle.url)
    desk = Desk(
        lambda: worlds(""),
        options,
        demo=worlds.open_demo,
        on_commit=metrics.commit_seconds.observe,
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await asyncio.to_thread(desk.open)
        for world in worlds.distinct:
            await world.start()
        if visitors is not None:
            await visitors.start()  # comes up by itself, after this server
        later.begin()
        try:
            yield
        finally:
            await later.stop()
            walls.close()
            if visitors is not None:
                await visitors.stop()
            for world in worlds.distinct:
                await world.stop()

    server = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    front = Front(settings, worlds, desk)
    server.state.front = front
    for build in (build_login, build_sign_on, build_account, build_users):
        server.include_router(build(front))
    server.include_router(build_doors(desk))
    if worlds.has_visitors:
        include_visitors(server, lambda: worlds("/demo"), "/demo/api/v1")
    server.include_router(build_health(desk, metrics, settings.var))
    server.include_router(walls.router)
    floors = build_floors_router(lambda: worlds(""))
    server.include_router(floors, prefix="/api/v1")
    server.include_router(build_reveal_router(lambda: worlds("")), prefix="/api/v1")
    server.include_router(build_views_router(lambda: worlds("")), prefix="/api/v1")
    server.include_router(build_coverage_writing(lambda: worlds("")), prefix="/api/v1")
    server.include_router(build_router(lambda: worlds("")), prefix="/api/v1")
    include_files(server, bundle)
    pages = [page for page in PAGES if page.world == "" or worlds.has_visitors]

    async def draw() -> "Drawn":
        from dashboard.dash_app import draw_pages

        return await draw_pages(settings, worlds, bundle.url, register(), pages)

    later = Later(draw, then)
    server.state.pages = later
    server.mount("/", later)
    server.add_middleware(LogErrors)
    server.add_middleware(GZipMiddleware, minimum_size=500)
    server.add_middleware(Gate, front=front)
    server.add_middleware(
        Guard,
        policy=lambda: later.policy,
        pages=[*(page.path for page in pages), REMOTE_PAGE],
        preload=lambda: later.preload,
    )
    if visitors is not None:
        from dashboard.story.proxy import VisitorsProxy

        # outside of everything: no session is read, no cookie seen, where a visitor asks
        server.add_middleware(VisitorsProxy, visitors=visitors, language=settings.language)
    return server


def include_visitors(server: FastAPI, world: Callable[[], LiveWorld], prefix: str) -> None:
    """Add what visitors may ask of a simulated world; anybody may, without an account."""
    server.include_router(incidents_api.build_reading(world), prefix=prefix)
    server.include_router(orders_api.build_reading(world), prefix=prefix)
    server.include_router(mode_api.build_mode_reading(world), prefix=prefix)
    server.include_router(build_floors_router(world, visitors=True), prefix=prefix)
    server.include_router(build_story_router(world), prefix=prefix)
    server.include_router(build_router(world), prefix=prefix)


def include_files(server: FastAPI, bundle: Bundle) -> None:
    """Add what every page needs besides Dash's own files: the 3D engine and the words."""

    @server.get("/vendor/{name}", include_in_schema=False)
    async def vendor(name: str, request: Request) -> Response:
        if f"/vendor/{name}" != bundle.url:
            return Response(status_code=404)
        headers = {"cache-control": IMMUTABLE, "vary": "accept-encoding"}
        body = bundle.raw
        if "br" in request.headers.get("accept-encoding", ""):
            body = bundle.compressed
            headers["content-encoding"] = "br"
        return Response(body, media_type="text/javascript", headers=headers)

    @server.get("/api/words/{language}", include_in_schema=False)
    @server.get("/demo/api/words/{language}", include_in_schema=False)
    async def words(language: str) -> Response:
        if language not in LANGUAGES:
            return Response(status_code=404)
        return json_response(load_words(language).entries)

    server.include_router(build_docs(server))

    @server.get("/api/{path:path}", include_in_schema=False)
    @server.get("/demo/api/{path:path}", include_in_schema=False)
    async def unknown(path: str) -> Response:
        return Response(status_code=404)
