"""Saved views over HTTP, for staff: each their own, and those that others share."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, HTTPException, Response
from pydantic import BaseModel, Field

from dashboard.access.viewer import current_viewer
from dashboard.replies import json_response
from dashboard.tables_api import MOST_IDS
from dashboard.view_export import FORMS as EXPORTED
from dashboard.view_export import (
    MOST_PICTURE,
    ExportError,
    Shown,
    export_view,
    read_picture,
)
from dashboard.views import NoViewError, StaleViewError, View, ViewError
from dashboard.words import LANGUAGES, load_words
from dashboard.world import World
from live.past import PastError


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


class ExportedView(BaseModel):
    """What a map shows: ids by layer, the past moment if it is one, its picture for a PDF."""

    ids: dict[str, list[str]] = Field(max_length=20)
    t: float | None = None
    place: str = Field("", max_length=2000)
    picture: str = Field("", max_length=MOST_PICTURE + 100)
    lang: str = Field("zh", max_length=5)


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

    @router.post("/export.{form}", summary="What a map shows now: csv, xlsx, gpkg, pdf, png")
    async def export(form: str, given: ExportedView) -> Response:
        here = world()
        words = load_words(given.lang if given.lang in LANGUAGES else "zh")
        if sum(map(len, given.ids.values())) > MOST_IDS:
            raise HTTPException(413, f"{MOST_IDS} things are exported at a time")
        try:
            at = None if given.t is None else datetime.fromtimestamp(given.t, UTC)
            shown = Shown(given.ids, at, given.place, read_picture(given.picture))
            body, ending, count = await asyncio.to_thread(export_view, here, shown, form, words)
        except (ExportError, PastError, OverflowError, OSError, ValueError) as error:
            raise HTTPException(422, str(error)) from None
        stamp = f"{here.twin.clock().astimezone(here.timezone):%Y%m%d-%H%M%S}"
        headers = {
            "cache-control": "no-store",
            "x-exported": str(count),
            "content-disposition": f'attachment; filename="view-{stamp}.{ending}"',
        }
        if form == "png":
            told = {"notes": body.decode().split("\n"), "name": f"view-{stamp}.png", "count": count}
            return json_response(told)
        return Response(body, media_type=EXPORTED[ending], headers=headers)

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
