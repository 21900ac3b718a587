"""The API of incidents: the list, one with its timeline, and the steps that people take."""

import asyncio
from collections.abc import Callable
from typing import Any

import orjson
from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from dashboard.access.scope import incidents_within
from dashboard.doors.desk import STORE_BACK_S, Desk
from dashboard.doors.events import to_refusal, to_response
from dashboard.doors.limits import Refusal, read_body
from dashboard.incident_response import describe_response
from dashboard.world import World
from live.feeds.errors import UnfitError
from live.feeds.fields import to_moment
from live.incidents import records
from live.incidents.errors import MissingError, StaleError, StepError
from live.incidents.incident import CLOSED, OPEN, STATES, SYSTEM, Incident
from live.incidents.life import LONGEST_NAME
from live.incidents.load import measure_load
from live.incidents.places import Places
from live.incidents.rows import to_row
from live.incidents.rules import Rules

MOST = 500
ANYBODY = "demo"
SAID = frozenset(
    {"step", "how", "outcome", "skipped", "level", "late", "until", "on", "why", "severity", "kind"}
)
"""What everybody may read of a step: words of ours. Names, notes and reasons stay behind."""


def build_router(desk: Desk) -> APIRouter:
    """Return the routes of incidents under /api/v1, for reading and for working."""
    router = build_reading(lambda: desk.world, desk)

    @router.post("/{number}", summary="Take a step: who saw an older version is told what changed")
    async def act(request: Request, number: str) -> Response:
        try:
            token = await desk.access.admin(request)
            async with read_body(request, desk.options, desk.budget) as body:
                wanted = read_action(body)
            who = token.name if token is not None else read_name(wanted)
            return await _act(desk.world, number, who, wanted)
        except Refusal as refusal:
            desk.note_refusal("incidents", refusal)
            return to_refusal(refusal)

    return router


def build_reading(world: Callable[[], World], desk: Desk | None = None) -> APIRouter:
    """Return the routes that only read.

    Args:
        world: Gives the world.
        desk: Tells who may read names and notes; nobody where there is none.
    """
    router = APIRouter(prefix="/incidents", tags=["incidents"])

    @router.get("", summary="Incidents, newest first; without names and notes")
    async def list_incidents(
        request: Request,
        state: str = "open",
        kind: str | None = None,
        severity: int | None = Query(None, ge=1, le=4),
        layer: str | None = None,
        place: str | None = None,
        since: str | None = None,
        until: str | None = None,
        limit: int = Query(100, ge=1, le=MOST),
        before: str | None = None,
        mine: bool = False,
    ) -> Response:
        try:
            here = world()
            if mine:
                return to_response(await _list_mine(here, request, desk))
            if (layer is None) != (place is None):
                raise Refusal(400, "name a place by both, layer and place")
            found, following = await asyncio.to_thread(
                records.read_page,
                here.twin.store,
                states=_read_states(state),
                kind=kind,
                severity=severity,
                place=(layer, place) if layer is not None and place is not None else None,
                since=_read_time(here, "since", since),
                until=_read_time(here, "until", until),
                limit=limit,
                before=before,
            )
            found = incidents_within(found)
            if layer is not None and not await is_trusted(request, desk):
                # asking place by place must not tell where somebody discreet is
                found = [one for one in found if not one.discreet]
        except Refusal as refusal:
            return to_refusal(refusal)
        counts = here.twin.incidents.snapshot()["counters"]["incidents"]
        items = [{"id": one.id, **to_row(one)} for one in found]
        return to_response({"items": items, "counts": counts, "next": following})

    @router.get("/load", summary="Alarms an hour for each on duty, held against ISA-18.2")
    async def get_load() -> Response:
        twin = world().twin
        return to_response(
            await asyncio.to_thread(measure_load, twin.store, twin.clock().timestamp())
        )

    @router.get("/{number}", summary="One incident with its causes, checklist and timeline")
    async def get_incident(request: Request, number: str) -> Response:
        try:
            trusted = await is_trusted(request, desk)
            return to_response(await run_in_threadpool(describe, world(), number, trusted))
        except MissingError as error:
            return to_refusal(Refusal(404, str(error)))
        except Refusal as refusal:
            return to_refusal(refusal)

    return router


async def _list_mine(world: World, request: Request, desk: Desk | None) -> dict[str, Any]:
    """Return the open incidents that are in the hands of whoever asks."""
    if desk is None:
        raise Refusal(403, "nobody has anything in hand here")
    token = await desk.access.admin(request)
    name = ANYBODY if token is None else token.name
    found = [one for one in world.twin.incidents.open() if one.owner == name]
    items = [{"id": one.id, **to_row(one)} for one in incidents_within(found)]
    return {"items": items, "next": None}


def describe(world: World, number: str, trusted: bool) -> dict[str, Any]:
    """Return one incident as JSON.

    Args:
        world: Whose incident.
        number: Its number.
        trusted: Whether names, notes, reasons and exact places are shown.

    Raises:
        MissingError: There is none of that number.
    """
    incidents = world.twin.incidents
    one = ensure_mine(world, number)
    steps = records.read_steps(world.twin.store, number)
    causes = [_to_cause(cause, one, incidents.places, trusted) for cause in one.causes.values()]
    told: dict[str, Any] = {
        "id": one.id,
        **to_row(one),
        "closed": one.closed_at,
        "started": one.started_at,
        "outcome": one.outcome,
        "checklist": [
            {"step": name, "how": one.checklist[name]}
            for name in order_steps(one, incidents.rules_file.rules)
        ],
        "causes": sorted(causes, key=lambda cause: cause["since"]),
        "timeline": [_to_entry(step, trusted) for step in steps],
        "late_response": one.late_response,
        "late_resolution": one.late_resolution,
        "response": None,
    }
    if not one.discreet and one.state != CLOSED:
        told["response"] = describe_response(world, one, steps)
    if trusted:
        told |= {
            "owner": one.owner,
            "resolved_by": one.resolved_by,
            "paused_reason": one.paused_reason,
            "shelf_s": shelf_of(incidents.rules_file.rules, one.severity),
            "place": list(one.place),
        }
    return told


def order_steps(one: Incident, rules: Rules) -> list[str]:
    """Return the steps of a checklist in the order of the rules, then what they no longer have."""
    kind = rules.kinds.get(one.kind)
    steps = [] if kind is None else [name for name in kind.steps if name in one.checklist]
    return steps + [name for name in one.checklist if name not in steps]


def shelf_of(rules: Rules, severity: int) -> float:
    """Return for how long an incident of a severity may be hidden at most, seconds."""
    return rules.shelve_longest_s if severity in rules.shelve_severities else 0.0


def ensure_mine(world: World, number: str) -> Incident:
    """Return an incident of the viewer's grids.

    Raises:
        MissingError: There is none of that number, or it is in none of their grids.
    """
    one = world.twin.incidents.get(number)
    if not incidents_within([one]):
        raise MissingError(f"there is no incident {number!r} within your grids")
    return one


def _to_cause(
    cause: dict[str, Any], one: Incident, places: Places, trusted: bool
) -> dict[str, Any]:
    names = ("rule", "kind", "severity", "since", "last", "n", "over")
    told: dict[str, Any] = {name: cause[name] for name in names}
    place = places.of(cause["layer"], cause["id"])
    # what lives inside a flat is at its building, and tells nothing of itself
    shown = (place.layer, place.id) == (cause["layer"], cause["id"]) and not one.discreet
    if trusted or shown:
        told |= {"layer": cause["layer"], "id": cause["id"], "detail": cause["detail"]}
    if trusted:
        told["event"] = cause["event"]
    return told


def _to_entry(step: dict[str, Any], trusted: bool) -> dict[str, Any]:
    if trusted:
        return step
    data = {name: value for name, value in step["data"].items() if name in SAID}
    who = SYSTEM if step["who"] == SYSTEM else "staff"
    return {**{k: step[k] for k in ("version", "at", "action")}, "who": who, "data": data}


async def is_trusted(request: Request, desk: Desk | None) -> bool:
    """Say whether a request may read names; one with a token that opens nothing is refused."""
    if desk is None:
        return False
    if request.headers.get("authorization") or request.query_params.get("token"):
        await desk.access.admin(request)
        return True
    try:
        await desk.access.admin(request)
    except Refusal:
        return False
    return True


async def _act(world: World, number: str, who: str, wanted: dict[str, Any]) -> Response:
    given = {key: value for key, value in wanted.items() if key not in ("action", "version")}
    try:
        await asyncio.to_thread(ensure_mine, world, number)
        await asyncio.to_thread(
            world.twin.incidents.act, number, wanted["action"], who, wanted["version"], given
        )
    except MissingError as error:
        raise Refusal(404, str(error)) from error
    except StaleError as error:
        answer = {"error": str(error), "version": error.version, "changed": error.changed}
        return to_response(answer, 409)
    except StepError as error:
        raise Refusal(422, str(error)) from error
    except Exception as error:
        reason = "the store does not take anything in at present; nothing has happened, try again"
        raise Refusal(503, reason, retry_after=str(STORE_BACK_S)) from error
    world.twin.flush()
    return to_response(await asyncio.to_thread(describe, world, number, True))


def read_action(body: bytes) -> dict[str, Any]:
    """Return the action that a body holds.

    Raises:
        Refusal: It is none.
    """
    wanted = read_object(body)
    if (
        not isinstance(wanted.get("action"), str)
        or not isinstance(wanted.get("version"), int)
        or isinstance(wanted["version"], bool)
    ):
        reason = 'send {"action": what to do, "version": the version you saw, ...}'
        raise Refusal(400, reason)
    return wanted


def read_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object that a body holds; an empty one where it holds none."""
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        found = None
    return found if isinstance(found, dict) else {}


def read_name(wanted: dict[str, Any]) -> str:
    """Return what somebody without a token is called, where none is needed."""
    name = wanted.get("by")
    if isinstance(name, str) and 0 < len(name.strip()) <= LONGEST_NAME and name.isprintable():
        return name.strip()
    return ANYBODY


def _read_states(text: str) -> tuple[str, ...]:
    if text == "any":
        return ()
    if text == "open":
        return OPEN
    names = tuple(filter(None, text.split(",")))
    for name in names:
        if name not in STATES:
            known = ", ".join((*STATES, "open", "any"))
            raise Refusal(400, f"unknown state {name[:20]!r}; use {known}")
    return names or (CLOSED,)


def _read_time(world: World, name: str, value: str | None) -> Any:
    plain = value.strip().replace(" ", "+") if value and "T" in value else value
    try:
        return to_moment(plain, world.timezone)
    except UnfitError as error:
        raise Refusal(400, f"{name}: {error}; use ISO 8601") from None
