"""The API of quarantine: read what was kept aside, mend it, replay it or discard it."""

import asyncio
import base64
from typing import Any, Literal

import orjson
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field, ValidationError

from dashboard.access.roles import CIRCLES
from dashboard.doors.access import PERSON
from dashboard.doors.desk import BY_NAME, Desk
from dashboard.doors.events import to_refusal, to_response
from dashboard.doors.limits import Refusal, check_records, read_body
from dashboard.doors.masking import mask_body, mask_text
from live.feeds import Feed
from live.intake import BusyError
from live.reception import Taken, is_recent, to_headers
from live.store import Quarantined, StoreError
from live.store.quarantine import OPEN_STATES

ADMINS = CIRCLES["admins"]
STATES = ("new", "fixed", "replayed", "discarded", "any")


class Order(BaseModel):
    """What to do with a message: replay it, mended by `body` where one is given, or discard it."""

    action: Literal["replay", "discard"]
    body: str | None = Field(default=None, description="The mended message, as text")


def build_router(desk: Desk) -> APIRouter:
    """Return the routes of quarantine under /api/v1."""
    router = APIRouter(prefix="/quarantine", tags=["quarantine"])

    @router.get("", summary="What was kept aside, newest first, with the reason")
    async def list_quarantined(
        request: Request,
        state: str = "new",
        limit: int = Query(100, ge=1, le=1000),
        before: int | None = None,
    ) -> Response:
        try:
            in_clear = await let_in(desk, request)
            if state not in STATES:
                raise Refusal(400, f"unknown state {state[:20]!r}; use {', '.join(STATES)}")
            store = desk.world.twin.store
            found = await asyncio.to_thread(
                store.quarantined, None if state == "any" else state, limit=limit, before=before
            )
            counts = await asyncio.to_thread(store.count_quarantined)
        except Refusal as refusal:
            desk.note_refusal("quarantine", refusal)
            return to_refusal(refusal)
        following = found[-1].id if len(found) == limit else None
        items = [describe(one, in_clear=in_clear) for one in found]
        return to_response({"items": items, "counts": counts, "next": following})

    @router.get("/{number}", summary="One message that was kept aside")
    async def get_quarantined(request: Request, number: int) -> Response:
        try:
            in_clear = await let_in(desk, request)
            found = await find(desk, number)
        except Refusal as refusal:
            desk.note_refusal("quarantine", refusal)
            return to_refusal(refusal)
        return to_response(describe(found, in_clear=in_clear))

    @router.post("/{number}", summary="Replay a message, mended or as it is, or discard it")
    async def order(request: Request, number: int) -> Response:
        try:
            await let_in(desk, request)
            async with read_body(request, desk.options, desk.budget) as body:
                wanted = read_order(body)
            status, told = await carry_out(desk, await find(desk, number), wanted)
        except Refusal as refusal:
            desk.note_refusal("quarantine", refusal)
            return to_refusal(refusal)
        return to_response(told, status)

    return router


async def let_in(desk: Desk, request: Request) -> bool:
    """Let administrators in; say whether they see plates.

    A program's token does. A person sees them masked, as a whole message has no one reason.

    Raises:
        Refusal: It is no administrator, nor this machine in the demo.
    """
    token = await desk.access.admin(request, ADMINS)
    return token is not None and token.kind != PERSON


def read_order(body: bytes) -> Order:
    """Return the order that a body holds.

    Raises:
        Refusal: It is none.
    """
    try:
        return Order.model_validate(orjson.loads(body))
    except (orjson.JSONDecodeError, ValidationError):
        reason = 'send {"action": "replay" or "discard", "body": mended text where needed}'
        raise Refusal(400, reason) from None


async def find(desk: Desk, number: int) -> Quarantined:
    """Return a message of quarantine.

    Raises:
        Refusal: There is none of that number.
    """
    store = desk.world.twin.store
    found: list[Quarantined] = []
    if 0 < number < 2**53:
        found = await asyncio.to_thread(store.quarantined, None, limit=1, before=number + 1)
    if not found or found[0].id != number:
        raise Refusal(404, f"quarantine holds no message {number}")
    return found[0]


async def carry_out(desk: Desk, kept: Quarantined, wanted: Order) -> tuple[int, dict[str, Any]]:
    """Do what a manager wants with a message.

    Returns:
        HTTP status and what became of it.

    Raises:
        Refusal: It was settled before, or it cannot be done now.
    """
    if kept.state not in OPEN_STATES:
        raise Refusal(409, f"message {kept.id} is {kept.state} already")
    if wanted.action == "discard":
        await _settle(desk, kept.id, "discarded", None)
        return 200, {"id": kept.id, "state": "discarded"}
    mended = None if wanted.body is None else wanted.body.encode(errors="replace")
    body = kept.body if mended is None else mended
    check_records(body, desk.options)
    live = is_recent(kept.received_at, desk.world.twin.clock())
    try:
        taken = await desk.reception.replay(
            feed_of(kept.source, body), body, to_headers(kept.content_type), kept.received_at, live
        )
    except BusyError as busy:
        raise Refusal(503, str(busy), retry_after=str(busy.retry_after_s)) from busy
    except StoreError as error:
        raise Refusal(503, "the store does not take anything in", retry_after="5") from error
    return await _conclude(desk, kept, mended, taken)


async def _conclude(
    desk: Desk, kept: Quarantined, mended: bytes | None, taken: Taken
) -> tuple[int, dict[str, Any]]:
    told: dict[str, Any] = {
        "id": kept.id,
        "accepted": taken.accepted,
        "duplicate": taken.duplicate,
        "quarantined": [{"index": one.index, "reason": one.reason} for one in taken.quarantined],
    }
    if taken.quarantined or not taken.parsed.events:
        if mended is not None:
            await _settle(desk, kept.id, "fixed", mended)
        told["state"] = "fixed" if mended is not None else kept.state
        told["error"] = "it does not fit yet; nothing of it was taken"
        return 422, told
    await _settle(desk, kept.id, "replayed", mended)
    return 200, {**told, "state": "replayed"}


async def _settle(desk: Desk, number: int, state: str, body: bytes | None) -> None:
    store = desk.world.twin.store
    try:
        await asyncio.to_thread(store.update_quarantined, number, state, body)
    except Exception as error:
        raise Refusal(503, "the store does not take anything in", retry_after="5") from error


def feed_of(source: str, body: bytes) -> Feed:
    """Return the feed that reads a kept message.

    An event that a feed read well, and that did not fit the community, is kept in our own form.
    """
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        document = None
    if isinstance(document, dict) and {"kind", "subject", "observed_at"} <= document.keys():
        return BY_NAME["http"]
    return BY_NAME.get(source, BY_NAME["http"])


def describe(kept: Quarantined, *, in_clear: bool) -> dict[str, Any]:
    """Return a message of quarantine as JSON.

    Args:
        kept: The message.
        in_clear: Whether to show plates; they are masked otherwise.
    """
    try:
        text, encoding = kept.body.decode(), "text"
    except UnicodeDecodeError:
        text, encoding = base64.b64encode(kept.body).decode(), "base64"
    if not in_clear:
        text, encoding = mask_body(kept.body), "masked"
    return {
        "id": kept.id,
        "source": kept.source,
        "received_at": kept.received_at.isoformat(),
        "reason": kept.reason if in_clear else mask_text(kept.reason),
        "content_type": kept.content_type,
        "state": kept.state,
        "body": text,
        "encoding": encoding,
    }
