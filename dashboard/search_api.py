"""`GET /search`: names, addresses, pinyin, ids, and plates for those who say why."""

import asyncio
from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, HTTPException, Query, Response

from dashboard.access.rights import DESK, is_open
from dashboard.access.scope import is_within
from dashboard.access.viewer import current_viewer
from dashboard.replies import json_response
from dashboard.search.plates import (
    LONGEST_REASON,
    NOBODY,
    PlateRefusedError,
    PlateSearch,
    is_plate_query,
)
from dashboard.search.text import LONGEST
from dashboard.world import World

MOST_HITS = 50
DEFAULT_HITS = 10


def build_search_router(world: Callable[[], World]) -> APIRouter:
    """Return the route of a world's search; `world` is asked at each request."""
    router = APIRouter()
    plates: dict[int, PlateSearch] = {}

    def plates_of(one: World) -> PlateSearch:
        return plates.setdefault(id(one), PlateSearch(one.twin.store, one.pseudonym_key))

    def find(q: str, limit: int, reason: str) -> dict[str, Any]:
        twin = world().twin
        found = [hit.as_dict() for hit in world().search_index.search(q, limit)]
        hits = [hit for hit in found if is_within(twin, str(hit["layer"]), str(hit["id"]))]
        if not may_search_plates():
            return {"hits": hits, "plates": None}
        return {"hits": hits, "plates": _find_plates(plates_of(world()), q, reason, limit)}

    @router.get("/search", summary="Find by name, address, pinyin, id, or (with a reason) by plate")
    async def search(
        q: str = Query("", description="What is looked for"),
        limit: int = Query(DEFAULT_HITS, description="So many hits at most"),
        reason: str = Query("", description="Why a plate is searched for (事由)"),
    ) -> Response:
        if len(q) > LONGEST:
            raise HTTPException(400, f"q has {len(q)} characters; send {LONGEST} at most")
        if not 1 <= limit <= MOST_HITS:
            raise HTTPException(400, f"limit is {limit}; send a number from 1 to {MOST_HITS}")
        if len(reason) > LONGEST_REASON:
            raise HTTPException(
                400, f"reason has {len(reason)} characters; send {LONGEST_REASON} at most"
            )
        found = await asyncio.to_thread(find, q, limit, reason)
        return json_response(found)

    return router


def may_search_plates() -> bool:
    """Say whether the viewer may search for plates at all: those at the desk, for all grids."""
    viewer = current_viewer()
    return is_open(DESK, viewer) or (viewer.door == "demo" and not viewer.is_known)


def _find_plates(search: PlateSearch, q: str, reason: str, limit: int) -> dict[str, Any] | None:
    """Return the answer's part on plates; None where nobody can have meant a plate."""
    if not is_plate_query(q):
        return None
    try:
        who = viewer.name if (viewer := current_viewer()).is_known else NOBODY
        return {"refused": None, "hits": search.search(q, reason, limit, who=who)}
    except PlateRefusedError as error:
        return {"refused": error.code, "message": str(error), "hits": []}
