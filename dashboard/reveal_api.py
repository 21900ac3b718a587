"""`/reveals`: a clear plate, or what flats are, for those at the desk who say why."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

from fastapi import APIRouter, HTTPException, Response
from pydantic import BaseModel, Field

from dashboard.access.reveal import ABOUT, LONGEST_REASON, ReasonError, may_reveal
from dashboard.access.viewer import current_viewer
from dashboard.doors.events import to_refusal
from dashboard.doors.limits import Refusal
from dashboard.replies import json_response
from dashboard.world import World
from live.plates import mask_plate


class Asked(BaseModel):
    """What is asked for, and why (事由)."""

    layer: str = Field(description="vehicles or lists (a plate), or buildings (what its flats are)")
    id: str = Field(max_length=200)
    reason: str = Field(max_length=4 * LONGEST_REASON)


def build_reveal_router(world: Callable[[], World]) -> APIRouter:
    """Return the routes, for the desk alone; `world` is asked at each request."""
    router = APIRouter(prefix="/reveals", tags=["reveals"])

    @router.post("", summary="Show a plate, or what flats are, for ten minutes; written down")
    async def show(asked: Asked) -> Response:
        here, viewer = world(), current_viewer()
        if not may_reveal(viewer):
            raise HTTPException(403, "only somebody at the desk, logged in, is shown this")
        await _ensure(here, asked.layer, asked.id)
        try:
            until = await asyncio.to_thread(
                here.reveals.allow, viewer, asked.layer, asked.id, asked.reason
            )
        except ReasonError as error:
            raise HTTPException(422, str(error)) from None
        except Refusal as refusal:
            return to_refusal(refusal)
        return json_response(await _tell(here, asked.layer, asked.id, until))

    @router.get("/{layer}/{key}", summary="The same again, for as long as it holds")
    async def again(layer: str, key: str) -> Response:
        here = world()
        until = here.reveals.until(current_viewer(), layer, key)
        if until is None:
            raise HTTPException(404, "this is not shown to you; ask with a reason")
        return json_response(await _tell(here, layer, key, until))

    return router


async def _ensure(world: World, layer: str, key: str) -> None:
    if layer not in ABOUT:
        raise HTTPException(404, f"nothing of {layer!r} is masked; use {' or '.join(ABOUT)}")
    if layer == "vehicles":
        found = await asyncio.to_thread(world.vehicles.find, key) is not None
    elif layer == "lists":
        found = await asyncio.to_thread(world.edits.lists.find, key) is not None
    else:
        found = key in set(world.community["buildings"]["id"])
    if not found:
        raise HTTPException(404, f"{layer} has no {key!r}")


async def _tell(world: World, layer: str, key: str, until: datetime) -> dict[str, Any]:
    """Return what is shown, with who looks and when, for the mark over it."""
    now = world.twin.clock().astimezone(world.timezone)
    told: dict[str, Any] = {
        "layer": layer,
        "id": key,
        "who": current_viewer().name,
        "at": f"{now:%Y-%m-%d %H:%M}",
        "until": until.timestamp(),
        "seconds": max(0.0, (until - world.reveals.clock()).total_seconds()),
    }
    if layer == "vehicles":
        plate = await asyncio.to_thread(world.vehicles.find, key)
        told |= {"plate": plate, "masked": mask_plate(plate) if plate else None}
    elif layer == "lists":
        told["plate"] = await asyncio.to_thread(world.edits.lists.find, key)
    return told
