"""The API of webhooks, for administrators: subscriptions, the ledger of deliveries, sent again."""

import asyncio
from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Query, Request, Response

from dashboard.access import current_viewer
from dashboard.access.roles import CIRCLES
from dashboard.doors.desk import STORE_BACK_S, Desk
from dashboard.doors.events import to_refusal, to_response
from dashboard.doors.limits import Refusal, read_body
from dashboard.incidents_api import read_object
from live.incidents.errors import MissingError
from live.store.hooks import DEAD, DELIVERED, WAITING
from live.webhooks.book import HookError, Hooks
from live.webhooks.outbox import EVENTS
from live.webhooks.target import TargetError

STATES = (WAITING, DELIVERED, DEAD)
MOST = 500


def build_webhooks_router(desk: Desk) -> APIRouter:
    """Return the routes below /api/v1/webhooks; who is no administrator is refused by the desk."""
    router = APIRouter(prefix="/webhooks", tags=["webhooks"])

    def hooks() -> Hooks:
        return desk.world.hooks

    async def answer(
        request: Request, work: Callable[[str, dict[str, Any]], Any], status: int = 200
    ) -> Response:
        try:
            token = await desk.access.admin(request, CIRCLES["admins"])
            async with read_body(request, desk.options, desk.budget) as body:
                given = read_object(body)
            who = token.name if token is not None else current_viewer().name
            return to_response(await _refusing(asyncio.to_thread(work, who, given)), status)
        except Refusal as refusal:
            desk.note_refusal("webhooks", refusal)
            return to_refusal(refusal)

    @router.get("", summary="Every webhook, how its deliveries stand, and the events there are")
    async def list_hooks(request: Request) -> Response:
        return await answer(request, lambda who, given: tell_hooks(hooks()))

    @router.post("", summary="A new webhook; its secret is told this once")
    async def add(request: Request) -> Response:
        def work(who: str, given: dict[str, Any]) -> dict[str, Any]:
            names = ("name", "url", "events", "secret")
            name, url, events, secret = (given.get(key) for key in names)
            made = hooks().add(who, name, url, events, secret)  # type: ignore[arg-type]
            return {**made.to_json(), "secret": made.secret}

        return await answer(request, work, 201)

    @router.get("/deliveries", summary="The ledger of deliveries, newest first")
    async def deliveries(
        request: Request,
        hook: str | None = None,
        state: str | None = None,
        limit: int = Query(100, ge=1, le=MOST),
    ) -> Response:
        def work(who: str, given: dict[str, Any]) -> dict[str, Any]:
            if state is not None and state not in STATES:
                raise HookError(f"state: there is no {state[:20]!r}; use {', '.join(STATES)}")
            return {"items": hooks().deliveries(hook=hook, state=state, limit=limit)}

        return await answer(request, work)

    @router.post("/deliveries/{number}", summary="Send a delivery again that was given up")
    async def replay(request: Request, number: str) -> Response:
        return await answer(request, lambda who, given: hooks().replay(who, number))

    @router.post("/{key}", summary="pause, resume or test a webhook")
    async def act(request: Request, key: str) -> Response:
        def work(who: str, given: dict[str, Any]) -> dict[str, Any]:
            action = given.get("action")
            if action == "test":
                return {"delivery": hooks().test(key)}
            if action not in ("pause", "resume"):
                raise HookError("action: use pause, resume or test")
            return hooks().switch(who, key, active=action == "resume").to_json()

        return await answer(request, work)

    @router.delete("/{key}", summary="Remove a webhook with its deliveries")
    async def remove(request: Request, key: str) -> Response:
        def work(who: str, given: dict[str, Any]) -> dict[str, Any]:
            hooks().remove(who, key)
            return {"removed": key}

        return await answer(request, work)

    return router


def tell_hooks(hooks: Hooks) -> dict[str, Any]:
    """Return every webhook without its secret, with its counts."""
    counts = hooks.counts()
    none = dict.fromkeys(STATES, 0)
    items = [{**each.to_json(), "counts": counts.get(each.id, none)} for each in hooks.all()]
    return {"items": items, "events": list(EVENTS)}


async def _refusing(work: Any) -> Any:
    try:
        return await work
    except MissingError as error:
        raise Refusal(404, str(error)) from error
    except (HookError, TargetError) as error:
        raise Refusal(422, str(error)) from error
    except Exception as error:
        reason = "the store does not take anything in at present; nothing has happened, try again"
        raise Refusal(503, reason, retry_after=str(STORE_BACK_S)) from error
