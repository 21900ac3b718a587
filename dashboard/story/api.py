"""What the visitors' page asks for besides the common API; anybody may, without an account."""

from collections.abc import Callable

from fastapi import APIRouter

from dashboard.world import World


def build_story_router(world: Callable[[], World]) -> APIRouter:
    """Return the routes of the story and of the scenarios, under `/demo/api/v1`."""
    return APIRouter(tags=["story"])
