"""What the visitors' page asks for besides the common API; anybody may, without an account."""

import asyncio
from collections.abc import Callable

from fastapi import APIRouter, HTTPException, Response

from dashboard.replies import json_response
from dashboard.story.scenarios import Theatre, playable
from dashboard.story.stops import describe_story
from dashboard.world import World


def build_story_router(world: Callable[[], World]) -> APIRouter:
    """Return the routes of the story and of the scenarios, under `/demo/api/v1`."""
    router = APIRouter(tags=["story"])
    theatre = Theatre()

    @router.get("/story", summary="The stops of the visitors' story, and what they may try")
    async def story() -> Response:
        return json_response(await asyncio.to_thread(describe_story, world()))

    @router.post("/scenarios/{name}", summary="A scenario as a timeline for this visitor alone")
    async def scenario(name: str) -> Response:
        here = world()
        if name not in await asyncio.to_thread(playable, here):
            raise HTTPException(404, f"there is no scenario {name[:40]!r} here")
        if name == "canteen":
            told = await here.coverage.ask(theatre.play, here, name)
        else:
            told = await asyncio.to_thread(theatre.play, here, name)
        return json_response(told)

    return router
