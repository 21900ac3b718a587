"""A vehicle's way from camera to camera over HTTP, by its opaque key, in metres for the map."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any

import numpy as np
from fastapi import APIRouter, HTTPException, Response

from dashboard.people_api import read_date
from dashboard.replies import json_response
from dashboard.world import World
from live.history import day_span
from live.history.reading import read_reads
from live.history.span import Span

MOST_STOPS = 40
DAYS = 7


def build_vehicles_router(world: Callable[[], World]) -> APIRouter:
    """Return the routes of a world; `world` is asked at each request."""
    router = APIRouter(prefix="/vehicles")

    @router.get("/{vehicle}/trail", summary="Where a vehicle was read in a week; never its plate")
    async def trail(vehicle: str, day: str = "") -> Response:
        here = world()
        until = day_span(read_date(here, day), here.timezone).until
        found = await asyncio.to_thread(describe_trail, here, vehicle, until)
        if found is None:
            raise HTTPException(404, f"no vehicle {vehicle!r} was read")
        return json_response(found)

    return router


def describe_trail(world: World, vehicle: str, until: Any) -> dict[str, Any] | None:
    """Return the last reads of a vehicle and the ways between them, or None for an unknown one.

    Args:
        world: Whose.
        vehicle: Opaque key.
        until: End of the week looked at, aware.

    Returns:
        `stops` [{camera, at, x, y}] and `lines` [[[x, y], ...]], oldest first; metres from the
        community's origin. A line is the shortest way between two gates, not one that was seen.
    """
    plate = world.vehicles.find(vehicle)
    if plate is None:
        return None
    week = Span(until - timedelta(days=DAYS), until)
    reads = read_reads(world.twin.store, week, world.pseudonym_key, plate=plate)[-MOST_STOPS:]
    cameras = world.community["plate_cameras"].set_index("id")
    reads = [read for read in reads if read.camera in cameras.index]
    metres = world.scene.frame.to_metres
    stops = []
    for read in reads:
        point = cameras.geometry[read.camera]
        x, y = metres(np.array([point.x]), np.array([point.y]))[0]
        stops.append(
            {
                "camera": read.camera,
                "at": read.at.timestamp(),
                "x": round(float(x), 2),
                "y": round(float(y), 2),
            }
        )
    gates = [str(cameras["gate_id"][read.camera]) for read in reads]
    lines = []
    for first, second in pairwise(gates):
        way = np.array(world.ways.between(first, second), dtype=np.float64).reshape(-1, 2)
        if len(way):
            lines.append(metres(way[:, 0], way[:, 1]).round(2).tolist())
    return {"stops": stops, "lines": lines}
