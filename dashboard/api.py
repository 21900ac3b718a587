"""The HTTP API of one world, under `/api/v1` (and `/demo/api/v1` for the visitors' own world)."""

import asyncio
from collections.abc import Callable

from fastapi import APIRouter, HTTPException, Request, Response

from dashboard.access.scope import current_scope
from dashboard.coverage.api import build_coverage_router
from dashboard.directory import describe_directory
from dashboard.features import FeatureNotFoundError, describe_feature
from dashboard.past_api import build_past_router, past_snapshot
from dashboard.people_api import build_people_router
from dashboard.replies import json_response, table_response
from dashboard.search_api import build_search_router
from dashboard.tables_api import build_tables_router
from dashboard.vehicles_api import build_vehicles_router
from dashboard.world import World
from live.events import utc_now
from live.scope import ScopedRows
from live.sse import stream_response


def build_router(world: Callable[[], World]) -> APIRouter:
    """Return the routes of a world; `world` is asked at each request, as it is made at start-up."""
    router = APIRouter()

    @router.get("/community", summary="What a browser needs to start")
    async def community() -> Response:
        return json_response(await asyncio.to_thread(world().describe))

    @router.get("/layers/{layer}", summary="A layer's table as binary columns")
    async def layer(layer: str, request: Request, theme: str = "") -> Response:
        try:
            if layer == "shadows":
                sun = world().sun(utc_now())
                table = await asyncio.to_thread(
                    world().layers.shadows, sun["azimuth"], sun["altitude"]
                )
            else:
                table = await asyncio.to_thread(world().layers.get, layer, theme)
        except KeyError:
            raise HTTPException(404, f"there is no layer {layer!r} {theme!r}") from None
        return table_response(table, request)

    @router.get("/features/{layer}/{feature_id}", summary="What is known of one feature")
    async def feature(layer: str, feature_id: str) -> Response:
        try:
            found = await asyncio.to_thread(describe_feature, world().twin, layer, feature_id)
        except FeatureNotFoundError as error:
            raise HTTPException(404, str(error)) from None
        return json_response(found)

    @router.get("/snapshot", summary="The whole live state at one sequence number, or as it was")
    async def snapshot(at: str = "") -> Response:
        if at:
            return await past_snapshot(world(), at)
        twin, scope = world().twin, current_scope()
        body = twin.snapshot_bytes() if scope.is_whole else twin.scoped_snapshot_bytes(scope)
        return Response(
            body,
            media_type="application/json",
            headers={"cache-control": "no-store"},
        )

    @router.get("/stream", summary="Changes as server-sent events, resumable")
    async def stream(request: Request, last: str = "", packed: bool = False) -> Response:
        # a browser that reconnects by itself sends the header; its URL still has the older ?last=
        known = request.headers.get("last-event-id") or last or None
        twin, scope = world().twin, current_scope()
        if scope.is_whole:
            return stream_response(twin.hub, known, packed=packed)
        view = ScopedRows(twin, scope).patch
        return stream_response(twin.hub, known, role=f"scope:{scope.key}", view=view)

    @router.get("/directory", summary="Services and car parks, open or free now")
    async def directory() -> Response:
        return json_response(await asyncio.to_thread(describe_directory, world(), utc_now()))

    router.include_router(build_coverage_router(world))
    router.include_router(build_past_router(world))
    router.include_router(build_people_router(world))
    router.include_router(build_vehicles_router(world))

    @router.get("/sun", summary="Where the sun stands")
    async def sun() -> Response:
        return json_response(world().sun(utc_now()))

    router.include_router(build_search_router(world))
    router.include_router(build_tables_router(world))

    @router.api_route(
        "/{path:path}", methods=["GET", "POST", "PUT", "DELETE", "PATCH"], include_in_schema=False
    )
    async def unknown(path: str) -> Response:
        raise HTTPException(404, f"there is nothing at {path!r}")

    return router
