"""What the visitors' page asks for besides the common API; anybody may, without an account."""

import asyncio
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from fastapi import APIRouter, HTTPException, Response
from starlette.background import BackgroundTask

from dashboard.replies import json_response
from dashboard.world import World

if TYPE_CHECKING:
    from dashboard.story.scenarios import Theatre


def build_story_router(world: Callable[[], World]) -> APIRouter:
    """Return the routes of the story and of the scenarios, under `/demo/api/v1`."""
    router = APIRouter(tags=["story"])

    @cache
    def theatre() -> "Theatre":
        # what works out scenarios is slow to load: not before somebody visits
        from dashboard.story.scenarios import Theatre

        return Theatre(world())

    @router.get("/story", summary="The stops of the visitors' story, and what they may try")
    async def story() -> Response:
        told = await asyncio.to_thread(lambda: theatre().describe())
        response = json_response(told)
        if "sos" in told["scenarios"]:
            # reading the ways takes a moment the first time: not while somebody waits for help
            response.background = BackgroundTask(lambda: theatre().play("sos"))
        return response

    @router.post("/scenarios/{name}", summary="A scenario as a timeline for this visitor alone")
    async def scenario(name: str) -> Response:
        stage = await asyncio.to_thread(theatre)
        if name not in stage.playable:
            raise HTTPException(404, f"there is no scenario {name[:40]!r} here")
        if name == "canteen":
            return json_response(await world().coverage.ask(stage.play, name))
        return json_response(await asyncio.to_thread(stage.play, name))

    return router
