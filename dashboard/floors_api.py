"""Floors over HTTP: one building's table as binary columns, and what is counted on each floor."""

import asyncio
from collections.abc import Callable

from fastapi import APIRouter, HTTPException, Request, Response

from dashboard.dwellings import FloorTables, describe_floors
from dashboard.replies import json_response, table_response
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
