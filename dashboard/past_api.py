"""The time machine over HTTP: a past snapshot, patches for playing on from it, a day's outline.

Whoever may see the live state may see how it was; the rows are those that were shown then.
"""

import asyncio
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import orjson
from fastapi import APIRouter, HTTPException, Response

from dashboard.access.scope import current_scope
from dashboard.replies import json_response
from dashboard.world import World
from live.compare import compare_rows
from live.feeds.errors import UnfitError
from live.feeds.fields import to_moment
from live.history.span import day_span
from live.incidents import records
from live.past import PastError
from live.scope import Scope, ScopedRows
from live.store.past import read_quarters
from live.store.tables import to_us

MOST_INCIDENTS = 500
YEARS = range(2000, 2100)


def build_past_router(world: Callable[[], World]) -> APIRouter:
    """Return the routes of the time machine."""
    router = APIRouter()

    @router.get("/replay", summary="What changed between two past moments, as patches")
    async def replay(since: str = "", until: str = "", step: float = 60.0) -> Response:
        here = world()
        first, last = read_time(here, "since", since), read_time(here, "until", until)
        if not 0 < step < 86_400:
            raise HTTPException(422, "`step` is seconds between two patches, up to 86400")
        try:
            body = await asyncio.to_thread(here.twin.past.replay, first, last, step)
        except PastError as error:
            raise HTTPException(422, str(error)) from None
        return await answer(here, body)

    @router.get("/compare", summary="How two moments differ; without `b`, from now")
    async def compare(a: str = "", b: str = "") -> Response:
        here, scope = world(), current_scope()
        past, at = here.twin.past, read_time(here, "a", a)
        until = read_time(here, "b", b) if b else None
        try:
            first = await asyncio.to_thread(past.layers, at)
            if until is None:
                second = orjson.loads(here.twin.snapshot_bytes())["layers"]
            else:
                second = await asyncio.to_thread(past.layers, until)
        except PastError as error:
            raise HTTPException(422, str(error)) from None
        if not scope.is_whole:
            rows = ScopedRows(here.twin, scope)
            first, second = rows.rows(first), rows.rows(second)
        return json_response(compare_rows(first, second))

    @router.get("/timeline", summary="A day in quarter hours, with its incidents")
    async def timeline(day: str = "") -> Response:
        return json_response(await asyncio.to_thread(describe_day, world(), read_day(day)))

    return router


async def past_snapshot(world: World, at: str) -> Response:
    """Return the snapshot of a past moment."""
    moment = read_time(world, "at", at)
    try:
        body = await asyncio.to_thread(world.twin.past.snapshot, moment)
    except PastError as error:
        raise HTTPException(422, str(error)) from None
    return await answer(world, body)


async def answer(world: World, body: bytes) -> Response:
    """Return what a viewer may see of an answer; no cache keeps it, as rights may change."""
    scope = current_scope()
    if not scope.is_whole:
        body = await asyncio.to_thread(narrow, world, scope, body)
    return Response(body, media_type="application/json", headers={"cache-control": "no-store"})


def narrow(world: World, scope: Scope, body: bytes) -> bytes:
    """Return the part of an answer that is within a scope."""
    told, rows = orjson.loads(body), ScopedRows(world.twin, scope)
    if "layers" in told:
        told["layers"] = rows.rows(told["layers"])
    for patch in told.get("patches", ()):
        patch.update(rows.patch(patch))
    return orjson.dumps(told)


def describe_day(world: World, day: date | None) -> dict[str, Any]:
    """Return a day's outline: how much went on in each quarter hour, and what went wrong.

    Args:
        world: Whose day.
        day: By the community's clock; today by default.
    """
    now = world.twin.clock()
    shown = day or now.astimezone(world.timezone).date()
    span = day_span(shown, world.timezone)
    start, end = span.since, span.until
    world.twin.past.expect(start)  # who looks at a day may jump into it
    store = world.twin.store
    with store.reading() as conn:
        bins = read_quarters(conn, to_us(start), to_us(end))
    found, _ = records.read_page(store, since=start, until=end, limit=MOST_INCIDENTS)
    first, scope = world.twin.past.first(), current_scope()
    found = [one for one in found if scope.is_whole or scope.has_area(one.area)]
    return {
        "day": shown.isoformat(),
        "from": start.timestamp(),
        "to": end.timestamp(),
        "first": None if first is None else max(first.timestamp(), 0),
        "now": round(now.timestamp(), 3),
        "bins": bins,
        "incidents": [
            {
                "id": one.id,
                "k": one.kind,
                "sev": one.severity,
                "t": round(one.opened_at, 3),
                "end": None if one.resolved_at is None else round(one.resolved_at, 3),
            }
            for one in sorted(found, key=lambda one: one.opened_at)
        ],
    }


def read_time(world: World, name: str, text: str) -> datetime:
    """Return the moment that a query names; one without a zone is by the community's clock."""
    try:
        # in an address a plus is a space
        moment = to_moment(text.strip().replace(" ", "+"), world.timezone)
    except UnfitError as error:
        raise HTTPException(422, f"{name}: {error}") from None
    if moment is None:
        raise HTTPException(422, f"{name} is missing; write 2026-11-23T10:26:00+08:00")
    return moment - timedelta(microseconds=moment.microsecond % 1000)


def read_day(text: str) -> date | None:
    """Return the day that a query names, None for none."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.year not in YEARS:
        raise HTTPException(422, f"{text[:40]!r} is no day; write 2026-11-23")
    return day
