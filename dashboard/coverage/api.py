"""Coverage over HTTP: answers, scenarios, sites, what devices see, and the page for a meeting."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson
from fastapi import APIRouter, HTTPException, Request, Response

from dashboard.coverage.errors import ScenarioError, UnknownThingError
from dashboard.coverage.kinds import DEVICES
from dashboard.replies import json_response
from dashboard.words import LANGUAGES, load_words
from dashboard.world import World

if TYPE_CHECKING:
    from dashboard.coverage.desk import CoverageDesk
    from dashboard.coverage.view import Question

MOST_BYTES = 64_000
MOST_SITES = 10


def build_coverage_router(world: Callable[[], World]) -> APIRouter:
    """Return the routes that change nothing; `world` is asked at each request."""
    router = APIRouter(prefix="/coverage")

    def desk() -> "CoverageDesk":
        return world().coverage

    async def read(service: str, profile: str, group: str, tier: str) -> "Question":
        here = desk()
        try:
            return await here.ask(here.read_question, service, profile, group, tier)
        except UnknownThingError as error:
            raise HTTPException(422, str(error)) from None

    async def when(at: str) -> datetime | None:
        here = desk()
        try:
            return await here.ask(here.read_moment, at)
        except ScenarioError as error:
            raise HTTPException(422, str(error)) from None

    @router.get("", summary="Who is served now and on paper; states of all buildings")
    async def coverage(
        service: str = "",
        profile: str = "",
        group: str = "",
        tier: str = "",
        at: str = "",
        rev: str = "",
    ) -> Response:
        here = desk()
        question = await read(service, profile, group, tier)
        return _json(await here.ask(here.answer, question, await when(at)))

    @router.post("/scenario", summary="The same with edits, and what they change")
    async def scenario(request: Request) -> Response:
        told = await _body(request)
        here = desk()
        words = [str(told.get(key) or "") for key in ("service", "profile", "group", "tier")]
        question = await read(*words)
        try:
            token = str(told.get("session") or "")
            return _json(await here.ask(here.imagine, token, question, told.get("edits")))
        except ScenarioError as error:
            raise HTTPException(422, str(error)) from None

    @router.get("/sites", summary="Where one more would help most")
    async def sites(
        service: str = "",
        profile: str = "",
        group: str = "",
        tier: str = "",
        session: str = "",
        count: int = 3,
    ) -> Response:
        if not 1 <= count <= MOST_SITES:
            raise HTTPException(422, f"count is {count}; use 1 to {MOST_SITES}")
        here = desk()
        question = await read(service, profile, group, tier)
        return json_response(await here.ask(here.rank_sites, session, question, count))

    @router.get("/devices", summary="What devices see, and blind spots")
    async def devices(kind: str = "camera") -> Response:
        if kind not in DEVICES:
            raise HTTPException(422, f"kind is {kind!r}; use one of {', '.join(DEVICES)}")
        here = desk()
        return json_response(await here.ask(here.draw_devices, kind))

    @router.get("/pack.pdf", summary="One page for the residents' meeting")
    async def pack(
        service: str = "canteen",
        profile: str = "",
        group: str = "",
        tier: str = "",
        at: str = "",
        lang: str = "zh",
    ) -> Response:
        here = desk()
        question = await read(service, profile, group, tier)
        if lang not in LANGUAGES:
            raise HTTPException(422, f"lang is {lang!r}; use {' or '.join(LANGUAGES)}")
        body = await here.ask(here.print_pack, question, load_words(lang), await when(at))
        headers = {
            "cache-control": "no-store",
            "content-disposition": f'inline; filename="coverage-{question.service}-{lang}.pdf"',
        }
        return Response(body, media_type="application/pdf", headers=headers)

    @router.get("/rules", summary="The rules as they are edited: tiers, profiles, weights, reach")
    async def rules() -> Response:
        here = desk()
        return json_response(await here.ask(lambda: here.rule_data))

    @router.get("/scenarios", summary="Scenarios that are kept")
    async def scenarios() -> Response:
        here = desk()
        return json_response(await here.ask(here.saved))

    return router


def build_coverage_writing(world: Callable[[], World]) -> APIRouter:
    """Return the routes that keep and forget scenarios, which all see; not for visitors."""
    router = APIRouter(prefix="/coverage")

    def desk() -> "CoverageDesk":
        return world().coverage

    @router.put("/scenarios/{name}", summary="Keep a scenario")
    async def save(name: str, request: Request) -> Response:
        told = await _body(request)
        here = desk()
        try:
            await here.ask(here.save, name, told)
        except ScenarioError as error:
            raise HTTPException(422, str(error)) from None
        return json_response(await here.ask(here.saved))

    @router.delete("/scenarios/{name}", summary="Forget a scenario")
    async def delete(name: str) -> Response:
        here = desk()
        if not await here.ask(here.delete, name):
            raise HTTPException(404, f"there is no scenario {name!r}")
        return json_response(await here.ask(here.saved))

    return router


def _json(body: bytes) -> Response:
    return Response(body, media_type="application/json", headers={"cache-control": "no-store"})


async def _body(request: Request) -> dict[str, Any]:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise HTTPException(413, f"at most {MOST_BYTES} bytes")
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise HTTPException(422, f"send JSON: {error}") from None
    if not isinstance(told, dict):
        raise HTTPException(422, "send a JSON object")
    return told
