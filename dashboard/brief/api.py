"""Briefs over HTTP: the page's PDF, hand-overs made and acknowledged; for operators and above."""

import asyncio
from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.exc import SQLAlchemyError

from dashboard.access import current_viewer
from dashboard.access.roles import CIRCLES
from dashboard.brief.build import build_brief
from dashboard.brief.paper import print_brief
from dashboard.brief.reading import KINDS, Told, read_told
from dashboard.doors.desk import STORE_BACK_S, Desk
from dashboard.doors.events import to_refusal, to_response
from dashboard.doors.limits import Refusal, read_body
from dashboard.incidents_api import ANYBODY, read_name, read_object
from dashboard.words import LANGUAGES, load_words
from dashboard.world import World
from live.incidents.errors import MissingError, StaleError
from live.orders.book import count_figures
from live.shifts import HandOver, ShiftError, Shifts

MOST_BACK = 60


def shifts_of(world: World) -> Shifts:
    """Return the hand-overs of a world."""
    return Shifts(world.twin.store, world.timezone, world.twin.clock)


def build_brief_router(desk: Desk) -> APIRouter:
    """Return the routes below /api/v1."""
    router = APIRouter(tags=["briefs"])

    async def name_of(request: Request, given: dict[str, Any]) -> str:
        token = await desk.access.admin(request, CIRCLES["desk"])
        if token is not None:
            return token.name
        viewer = current_viewer()
        # in the demo everybody is the same; there a name may be given, to try both sides
        return read_name(given) if "by" in given else viewer.name or ANYBODY

    async def answer(
        request: Request, work: Callable[[str, dict[str, Any]], HandOver], status: int
    ) -> Response:
        try:
            async with read_body(request, desk.options, desk.budget) as body:
                given = read_object(body)
            who = await name_of(request, given)
            one = await asyncio.to_thread(work, who, given)
            return to_response(to_item(one), status)
        except MissingError as error:
            return to_refusal(Refusal(404, str(error)))
        except ShiftError as error:
            return to_response({"error": str(error), "why": error.why}, 422)
        except StaleError as error:
            told = {"error": str(error), "version": error.version, "changed": error.changed}
            return to_response(told, 409)
        except Refusal as refusal:
            desk.note_refusal("brief", refusal)
            return to_refusal(refusal)
        except SQLAlchemyError:
            reason = "the store does not take anything in at present; try again"
            return to_refusal(Refusal(503, reason, retry_after=str(STORE_BACK_S)))

    @router.get("/brief.pdf", summary="Hand-over, daily or weekly brief as PDF")
    async def paper(
        request: Request,
        kind: str = "shift",
        back: int = Query(0, ge=0, le=MOST_BACK),
        lang: str = "zh",
    ) -> Response:
        try:
            await desk.access.admin(request, CIRCLES["desk"])
            if kind not in KINDS or lang not in LANGUAGES:
                raise Refusal(422, f"kind is one of {', '.join(KINDS)}, lang zh or en")
        except Refusal as refusal:
            return to_refusal(refusal)

        def work() -> bytes:
            words, world = load_words(lang), desk.world
            return print_brief(words, build_brief(words, world, read_told(world, kind, back)))

        headers = {
            "cache-control": "no-store",
            "content-disposition": f'inline; filename="brief-{kind}.pdf"',
        }
        body = await asyncio.to_thread(work)
        return Response(body, media_type="application/pdf", headers=headers)

    @router.get("/shifts", summary="Hand-overs, newest first")
    async def list_shifts(request: Request, limit: int = Query(20, ge=1, le=200)) -> Response:
        try:
            await desk.access.admin(request, CIRCLES["desk"])
        except Refusal as refusal:
            return to_refusal(refusal)
        found = await asyncio.to_thread(shifts_of(desk.world).latest, limit)
        return to_response({"items": [to_item(one) for one in found]})

    @router.post("/shifts", summary="Hand the shift over")
    async def hand_over(request: Request) -> Response:
        def work(who: str, given: dict[str, Any]) -> HandOver:
            world = desk.world
            figures = count_left(read_told(world, "shift"))
            return shifts_of(world).hand_over(who, given.get("notes", ""), figures)

        return await answer(request, work, 201)

    @router.post("/shifts/{number}", summary="Acknowledge a hand-over")
    async def acknowledge(request: Request, number: str) -> Response:
        def work(who: str, given: dict[str, Any]) -> HandOver:
            return shifts_of(desk.world).acknowledge(number, who, given.get("notes", ""))

        return await answer(request, work, 200)

    return router


def to_item(one: HandOver) -> dict[str, Any]:
    """Return a hand-over as JSON."""
    names = ("id", "at", "who", "notes", "figures", "taken_at", "taken_by", "taken_notes")
    return {name: getattr(one, name) for name in names}


def count_left(told: Told) -> dict[str, int]:
    """Return what a shift leaves behind, which is kept with its hand-over."""
    orders = count_figures((one for one in told.orders if one.done_at is None), told.now)
    return {
        "incidents": len(told.open_now),
        "grave": sum(one.severity <= 2 for one in told.open_now),
        "shelved": sum((one.shelved_until or 0) > told.now for one in told.open_now),
        "orders": orders["open"],
        "overdue": orders["overdue"],
        "silent": int((told.counters.get("sensing") or {}).get("silent") or 0),
    }
