"""The HTTP feed and what came in by any: POST and GET /events, GET /feeds."""

import asyncio
from datetime import datetime
from typing import Any

import orjson
from fastapi import APIRouter, Query, Request, Response

from dashboard.doors.desk import Desk
from dashboard.doors.limits import Refusal
from dashboard.doors.masking import mask_event
from live.events import KINDS
from live.feeds.errors import UnfitError
from live.feeds.fields import to_moment
from live.health import HEARD, LATE, SILENT

MOST = 1000


def to_response(value: Any, status: int = 200) -> Response:
    """Return JSON that no cache keeps."""
    headers = {"cache-control": "no-store"}
    return Response(orjson.dumps(value), status, headers, media_type="application/json")


def to_refusal(refusal: Refusal) -> Response:
    """Return a refusal as JSON."""
    response = to_response({"error": refusal.reason}, refusal.status)
    for name, value in refusal.headers:
        response.headers.append(name, value)
    return response


def build_router(desk: Desk) -> APIRouter:
    """Return the routes of events under /api/v1."""
    router = APIRouter(tags=["events"])

    @router.post("/events", summary="The HTTP feed: a JSON array of events, or NDJSON")
    async def post_events(request: Request) -> Response:
        try:
            token = await desk.access.feed(request)
            desk.count_message(token.id)
            _, taken = await desk.take(request, "http")
        except Refusal as refusal:
            desk.note_refusal("http", refusal)
            return to_refusal(refusal)
        return to_response(
            {
                "accepted": taken.accepted,
                "duplicate": taken.duplicate,
                "quarantined": [
                    {"index": one.index, "reason": one.reason} for one in taken.quarantined
                ],
            }
        )

    @router.get("/events", summary="Events, newest first; plates masked")
    async def get_events(
        request: Request,
        kind: str | None = None,
        layer: str | None = None,
        subject: str | None = None,
        since: str | None = None,
        until: str | None = None,
        limit: int = Query(100, ge=1, le=MOST),
        cursor: str | None = None,
    ) -> Response:
        try:
            await desk.access.admin(request)
            if kind is not None and kind not in KINDS:
                raise Refusal(400, f"unknown kind {kind[:40]!r}; use one of {', '.join(KINDS)}")
            page = await asyncio.to_thread(
                desk.world.twin.store.query,
                kind,
                layer,
                subject,
                since=_read_time(desk, "since", since),
                until=_read_time(desk, "until", until),
                limit=limit,
                before=_read_cursor(cursor),
            )
        except Refusal as refusal:
            desk.note_refusal("query", refusal)
            return to_refusal(refusal)
        events = [mask_event(stored.event) for stored in page.events]
        return to_response({"events": events, "next": page.next})

    @router.get("/feeds", summary="How the feeds do: heard, counts, rates, clocks")
    async def get_feeds(request: Request) -> Response:
        try:
            await desk.access.admin(request)
        except Refusal as refusal:
            desk.note_refusal("query", refusal)
            return to_refusal(refusal)
        return to_response({"feeds": [describe_feed(desk, name) for name in feed_names(desk)]})

    return router


def feed_names(desk: Desk) -> list[str]:
    """Return the feeds there are, in one order."""
    return sorted(desk.reception.health)


def count_hearing(desk: Desk, name: str) -> dict[str, int]:
    """Return how many of a feed's things are heard, late and silent."""
    twin = desk.world.twin
    counts = {HEARD: 0, LATE: 0, SILENT: 0}
    things = list(desk.reception.health[name].things)
    with twin.lock:
        for thing in things:
            subject = twin.state.subjects.get(thing)
            if subject is not None and subject.period_s:
                counts[subject.hearing] += 1
    return counts


def describe_feed(desk: Desk, name: str) -> dict[str, Any]:
    """Return one feed for `GET /api/v1/feeds`; counts are since the start of the server."""
    health = desk.reception.health[name]
    return {
        "feed": name,
        "last_heard": None if health.last_at is None else health.last_at.isoformat(),
        "accepted": sum(health.accepted.values()),
        "by_kind": dict(health.accepted),
        "duplicate": health.duplicate,
        "quarantined": health.quarantined,
        "rate": round(health.rate(), 2),
        "devices": count_hearing(desk, name),
        "skew": [
            {"layer": layer, "id": key, "skew_s": round(skew_s, 1)}
            for layer, key, skew_s in desk.reception.skews(name)
        ],
    }


def _read_time(desk: Desk, name: str, value: str | None) -> datetime | None:
    # a plus of a zone that was not quoted has become a space
    plain = value.strip().replace(" ", "+") if value and "T" in value else value
    try:
        return to_moment(plain, desk.world.timezone)
    except UnfitError as error:
        raise Refusal(400, f"{name}: {error}; use ISO 8601") from None


def _read_cursor(cursor: str | None) -> str | None:
    if cursor is None:
        return None
    at, _, number = cursor.rpartition("-")
    if not (at.lstrip("-").isdecimal() and number.isdecimal() and len(cursor) < 60):
        raise Refusal(400, "cursor is no page of events; pass on the next of the page before")
    return cursor
