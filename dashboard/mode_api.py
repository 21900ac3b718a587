"""The mode of the whole community over HTTP: which it is in, what it watches, switching it.

Reading is for every screen, without names and reasons; switching is for staff.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import pandas as pd
from fastapi import APIRouter, Request, Response

from dashboard.doors.desk import STORE_BACK_S, Desk
from dashboard.doors.events import to_refusal, to_response
from dashboard.doors.limits import Refusal, read_body
from dashboard.incidents_api import is_trusted, read_name, read_object
from dashboard.world import World
from live.disclosure import BASE, show_count
from live.health import SILENT
from live.incidents.errors import StaleError, StepError
from live.incidents.incident import OPEN
from live.incidents.rules import Mode


def build_mode_router(desk: Desk) -> APIRouter:
    """Return the routes under /api/v1, for reading and for switching."""
    router = build_mode_reading(lambda: desk.world, desk)

    @router.post("/mode", summary="Switch the mode: typhoon, flood, fire, or none, with a reason")
    async def switch(request: Request) -> Response:
        try:
            token = await desk.access.admin(request)
            async with read_body(request, desk.options, desk.budget) as body:
                wanted = read_object(body)
            kind = wanted.get("mode")
            if kind is not None and not isinstance(kind, str):
                raise Refusal(400, 'send {"mode": name or null, "reason": why, ...}')
            who = token.name if token is not None else read_name(wanted)
            return await _switch(desk.world, kind or "", who, wanted)
        except Refusal as refusal:
            desk.note_refusal("mode", refusal)
            return to_refusal(refusal)

    return router


def build_mode_reading(world: Callable[[], World], desk: Desk | None = None) -> APIRouter:
    """Return the route that only reads; names and reasons for those whom the desk trusts."""
    router = APIRouter(tags=["incidents"])

    @router.get("/mode", summary="The mode of the community and what it watches, as counts")
    async def get_mode(request: Request) -> Response:
        try:
            trusted = await is_trusted(request, desk)
        except Refusal as refusal:
            return to_refusal(refusal)
        return to_response(await asyncio.to_thread(describe_mode, world(), trusted))

    return router


async def _switch(world: World, kind: str, who: str, wanted: dict[str, Any]) -> Response:
    try:
        await asyncio.to_thread(world.twin.incidents.set_mode, kind, who, wanted)
    except StaleError as error:
        return to_response({"error": str(error), "version": error.version}, 409)
    except StepError as error:
        raise Refusal(422, str(error)) from error
    except Exception as error:
        reason = "the store does not take anything in at present; nothing has happened, try again"
        raise Refusal(503, reason, retry_after=str(STORE_BACK_S)) from error
    world.twin.flush()
    return to_response(await asyncio.to_thread(describe_mode, world, True))


def describe_mode(world: World, trusted: bool) -> dict[str, Any]:
    """Return the mode as JSON: which, until when, what it watches; blocking."""
    incidents = world.twin.incidents
    state, rules = incidents.mode, incidents.rules_file.rules
    mode = rules.modes.get(state.kind)
    told: dict[str, Any] = {
        "mode": state.kind or None,
        "version": state.version,
        "since": state.since if state.kind else None,
        "until": state.until,
        "modes": {name: {"longest_s": one.longest_s} for name, one in rules.modes.items()},
        "watch": None if mode is None else _watch(world, mode),
    }
    if trusted:
        told |= {"who": state.who, "reason": state.reason}
    return told


def _watch(world: World, mode: Mode) -> dict[str, Any]:
    """Return what a mode watches: counts alone, people in fives."""
    community, twin = world.community, world.twin
    services = community["services"]
    shelters = services[services["kind"].isin(mode.shelters)]
    with twin.lock:
        subjects = twin.state.subjects
        shut = sum(
            1
            for id_ in shelters["id"]
            if (s := subjects.get(("services", str(id_)))) is not None and s.shown == "closed"
        )
        watched = [
            subject.hearing
            for (layer, _), subject in subjects.items()
            if layer == "devices" and subject.kind in mode.devices
        ]
    buildings = community["buildings"]
    old = pd.to_numeric(buildings["year"], errors="coerce") < mode.built_before
    low = pd.to_numeric(buildings["storeys"], errors="coerce") <= mode.storeys_at_most
    homes = pd.to_numeric(buildings["households"], errors="coerce").fillna(0) > 0
    looked = buildings[(old | low).fillna(False).astype(bool) & homes]
    capacity = pd.to_numeric(shelters["capacity"], errors="coerce")
    kinds = set(mode.raises)
    opened = [one for one in twin.incidents.open() if one.state in OPEN and one.kind in kinds]
    return {
        "shelters": len(shelters),
        "shelters_open": len(shelters) - shut,
        "places": None if capacity.isna().all() else int(capacity.sum()),
        "buildings": len(looked),
        "over_60": _in_fives(looked["residents_60plus"]),
        "devices": len(watched),
        "silent": sum(hearing == SILENT for hearing in watched),
        "incidents": len(opened),
        "raises": list(mode.raises),
        "built_before": round(mode.built_before) or None,
        "storeys_at_most": round(mode.storeys_at_most) or None,
    }


def _in_fives(counts: Any) -> int | str | None:
    numbers = pd.to_numeric(counts, errors="coerce")
    if numbers.isna().all():
        return None
    true = float(numbers.sum())
    return show_count(round(true / BASE) * BASE if true >= BASE else round(true))
