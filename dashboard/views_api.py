"""Saved views over HTTP, for staff: each their own, and those that others share."""

import asyncio
from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, HTTPException, Response
from pydantic import BaseModel, Field

from dashboard.access.viewer import current_viewer
from dashboard.replies import json_response
from dashboard.views import NoViewError, StaleViewError, View, ViewError
from dashboard.world import World


class NewView(BaseModel):
    """A view to keep."""

    name: str = Field(max_length=200)
    place: str = Field(max_length=2000)
    shared: bool = False


class ChangedView(BaseModel):
    """What of a view is to be another; `gone` deletes it or brings it back."""

    version: int
    name: str | None = Field(None, max_length=200)
    place: str | None = Field(None, max_length=2000)
    shared: bool | None = None
    gone: bool | None = None


def build_views_router(world: Callable[[], World]) -> APIRouter:
    """Return the routes of saved views."""
    router = APIRouter(prefix="/views", tags=["views"])

    @router.get("", summary="Views of one's own, and those that others share")
    async def list_views() -> Response:
        who = current_viewer().name
        found = await asyncio.to_thread(world().views.list, who)
        return json_response({"items": [view.to_json(who) for view in found]})

    @router.post("", summary="Keep a view")
    async def save(given: NewView) -> Response:
        who = current_viewer().name
        return await answer(
            who, world().views.save, who, given.name, given.place, shared=given.shared
        )

    @router.put("/{view}", summary="Rename, share, move, delete or bring back a view of one's own")
    async def change(view: str, given: ChangedView) -> Response:
        who = current_viewer().name
        wanted = given.model_dump(exclude_none=True, exclude={"version"})
        return await answer(who, world().views.change, who, view, given.version, **wanted)

    return router


async def answer(who: str, step: Callable[..., View], *args: Any, **more: Any) -> Response:
    """Take a step and return the view that came of it, or say why not."""
    try:
        return json_response((await asyncio.to_thread(step, *args, **more)).to_json(who))
    except NoViewError as error:
        raise HTTPException(404, str(error)) from None
    except StaleViewError as error:
        raise HTTPException(409, str(error)) from None
    except ViewError as error:
        raise HTTPException(422, str(error)) from None
