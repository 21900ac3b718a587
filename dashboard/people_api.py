"""Counts of people over HTTP: by hour, and along the lanes between gates and buildings."""

import asyncio
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import numpy as np
from fastapi import APIRouter, HTTPException, Response

from dashboard.access.scope import is_within
from dashboard.replies import json_response
from dashboard.world import World
from live.disclosure import show_count
from live.events import utc_now
from live.history import HourFigure, PeopleSpan, day_span
from live.history.span import YEARS

PLACES = ("community", "grids", "compounds", "buildings", "entrances", "gates")


def build_people_router(world: Callable[[], World]) -> APIRouter:
    """Return the routes of a world; `world` is asked at each request."""
    router = APIRouter(prefix="/people")

    @router.get("", summary="People in and out by hour; small counts protected")
    async def people(layer: str = "community", id: str = "", day: str = "") -> Response:
        if layer not in PLACES:
            raise HTTPException(404, f"people are counted by {', '.join(PLACES)}; not by {layer!r}")
        here = world()
        if layer != "community" and id and id not in set(here.community[layer]["id"]):
            raise HTTPException(404, f"{layer} has no feature {id!r}")
        if layer not in ("community", "gates") and not id:
            raise HTTPException(422, f"say which of {layer}: ?layer={layer}&id=...")
        if id and not is_within(here.twin, layer, id):
            raise HTTPException(404, f"{layer} has no feature {id!r}")
        span = await asyncio.to_thread(read_day, here, read_date(here, day))
        return json_response(describe_people(span, layer, id))

    @router.get("/flows", summary="People between gates and buildings, along the lanes")
    async def flows(day: str = "", hour: int | None = None) -> Response:
        here = world()
        when = read_date(here, day)
        if hour is not None and not 0 <= hour <= 23:
            raise HTTPException(422, f"hour is {hour}; use 0 to 23, or leave it out for the day")
        span = await asyncio.to_thread(read_day, here, when)
        return json_response(await asyncio.to_thread(describe_flows, here, span, hour))

    return router


def read_date(world: World, text: str) -> date:
    """Return the day that a request names, YYYY-MM-DD; today where it names none.

    Raises:
        HTTPException: It names none that there is.
    """
    if not text:
        return utc_now().astimezone(world.timezone).date()
    try:
        day = date.fromisoformat(text)
        if day.year not in YEARS:
            raise ValueError
    except ValueError:
        raise HTTPException(422, f"day is {text!r}; write it as 2026-11-23") from None
    return day


def read_day(world: World, day: date) -> PeopleSpan:
    """Return what is published of a day; reads the store."""
    return world.people.read(day_span(day, world.timezone), utc_now())


def describe_people(span: PeopleSpan, layer: str, key: str) -> dict[str, Any]:
    """Return the counts by hour of a place, and their sum."""
    hours = span.by_hour(layer, key)
    into, out = span.total(layer, key)
    published = any(hour.state == "closed" for hour in hours)
    return {
        "layer": layer,
        "id": key,
        "hours": [
            {"hour": hour.hour.isoformat(), "state": hour.state, **_ways(hour)} for hour in hours
        ],
        "in": show_count(into) if published else None,
        "out": show_count(out) if published else None,
        "until": published_until(hours),
    }


def _ways(hour: HourFigure) -> dict[str, int | str | None]:
    if hour.in_ is None or hour.out is None:
        return {"in": None, "out": None}
    return {"in": show_count(hour.in_), "out": show_count(hour.out)}


def published_until(hours: list[HourFigure]) -> float | None:
    """Return the end of the last published hour, epoch seconds; None where there is none."""
    ends = [hour.hour.timestamp() + 3600 for hour in hours if hour.state == "closed"]
    return ends[-1] if ends else None


def describe_flows(world: World, span: PeopleSpan, hour: int | None) -> dict[str, Any]:
    """Return lanes with published counts; `path` is in metres from the community's origin.

    Args:
        world: Whose.
        span: A day.
        hour: Hour of the day by the place's clock; None for the whole day.
    """
    wanted: set[datetime] = {
        begin
        for begin, state in span.states.items()
        if state == "closed" and hour in (None, begin.astimezone(world.timezone).hour)
    }
    lanes = world.ways.lanes(span.flows(wanted))
    frame = world.scene.frame
    return {
        "hours": [begin.isoformat() for begin in sorted(wanted)],
        "until": max((begin.timestamp() + 3600 for begin in wanted), default=None),
        "lanes": [
            {
                "path": frame.to_metres(*np.array(lane.path).T).round(2).tolist(),
                "in": show_count(lane.in_),
                "out": show_count(lane.out),
            }
            for lane in lanes
        ],
    }
