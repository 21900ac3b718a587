"""Floors over HTTP: one building's table as binary columns, and what is counted on each floor."""

import asyncio
from collections.abc import Callable

from fastapi import APIRouter, HTTPException, Request, Response

from dashboard.bundle import IMMUTABLE
from dashboard.dwellings import FloorTables, describe_floors
from dashboard.replies import json_response
from dashboard.static_layers import StaticTable
from dashboard.world import World


def build_floors_router(world: Callable[[], World], *, visitors: bool = False) -> APIRouter:
    """Return the routes of a world; to be asked before those of all layers.

    Args:
        world: Asked at each request, as it is made at start-up.
        visitors: Whether these are the demo's, which never tell what a flat is.
    """
    router = APIRouter()
    tables = FloorTables()

    @router.get("/layers/floors", summary="One building floor by floor as binary columns")
    async def floors(request: Request, building: str = "", detail: bool = False) -> Response:
        asked = detail and not visitors
        try:
            table = await asyncio.to_thread(tables.get, world(), building, detail=asked)
        except KeyError:
            raise HTTPException(404, f"there is no building {building!r}") from None
        return table_response(table, request)

    @router.get("/floors/{building}", summary="Households and meters by floor, as counts")
    async def counts(building: str) -> Response:
        try:
            found = await asyncio.to_thread(describe_floors, world(), building)
        except KeyError:
            raise HTTPException(404, f"there is no building {building!r}") from None
        return json_response(found)

    return router


def table_response(table: StaticTable, request: Request) -> Response:
    """Return a table's bytes, or that the browser has them; kept for ever under its own hash."""
    headers = {
        "etag": f'"{table.etag}"',
        "cache-control": "private, " + IMMUTABLE.removeprefix("public, ")
        if request.query_params.get("v") == table.etag
        else "private, no-cache",
        "vary": "accept-encoding",
    }
    if request.headers.get("if-none-match") == headers["etag"]:
        return Response(status_code=304, headers=headers)
    body = table.raw
    if "br" in request.headers.get("accept-encoding", ""):
        body = table.compressed
        headers["content-encoding"] = "br"
    return Response(body, media_type="application/octet-stream", headers=headers)
