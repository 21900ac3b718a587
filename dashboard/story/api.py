"""What the visitors' page asks for besides the common API; anybody may, without an account."""

import asyncio
from collections.abc import Callable

from fastapi import APIRouter, Response

from dashboard.replies import json_response
from dashboard.story.stops import describe_story
from dashboard.world import World


def build_story_router(world: Callable[[], World]) -> APIRouter:
    """Return the routes of the story and of the scenarios, under `/demo/api/v1`."""
    router = APIRouter(tags=["story"])

    @router.get("/story", summary="The stops of the visitors' story, and what they may try")
    async def story() -> Response:
        return json_response(await asyncio.to_thread(describe_story, world()))

    return router
