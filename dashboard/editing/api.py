"""`/api/v1/settings`: what can be edited, edits with undo and redo, their history, imports."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from fastapi import APIRouter, Query, Request, Response

from dashboard.access.rights import is_open
from dashboard.access.viewer import current_viewer
from dashboard.doors.desk import STORE_BACK_S, Desk
from dashboard.doors.events import to_refusal, to_response
from dashboard.doors.limits import Refusal, read_body
from dashboard.editing.desk import MissingItemError, SettingsDesk
from dashboard.editing.fields import FaultsError
from dashboard.editing.history import few, tell_edit, tell_since, to_table, write_history
from dashboard.editing.imports import (
    IMPORTED,
    apply_import,
    rejected_rows,
    template,
    try_import,
)
from dashboard.incidents_api import read_object
from dashboard.tables_api import FORMS
from dashboard.words import LANGUAGES, load_words
from geodata.errors import TwinError
from live.edits.edit import EditedError, EditError, NoEditError

MOST = 200
EDITORS = "leads*"
"""Who edits; others at the desk read."""


def build_settings_router(desk: Desk) -> APIRouter:
    """Return the routes of settings; the gate has judged by the table who may use them."""
    router = APIRouter(prefix="/settings", tags=["settings"])

    def here() -> SettingsDesk:
        return desk.world.edits

    async def answer(work: Callable[[], Any], status: int = 200) -> Response:
        try:
            return to_response(await asyncio.to_thread(work), status)
        except FaultsError as error:
            faults = [fault.to_json() for fault in error.faults]
            return to_response({"error": str(error), "faults": faults}, 422)
        except EditedError as error:
            since = await asyncio.to_thread(tell_since, here(), error.since)
            return to_response({"error": str(error), "since": since}, 409)
        except (MissingItemError, NoEditError) as error:
            return to_response({"error": str(error)}, 404)
        except (EditError, TwinError) as error:
            return to_response({"error": str(error)}, 422)
        except Refusal as refusal:
            return to_refusal(refusal)
        except Exception as error:
            reason = "the store takes nothing in at present; nothing has changed, try again"
            desk.note_refusal("settings", Refusal(503, repr(error)))
            return to_refusal(Refusal(503, reason, retry_after=str(STORE_BACK_S)))

    async def body_of(request: Request) -> dict[str, Any]:
        async with read_body(request, desk.options, desk.budget) as body:
            return read_object(body)

    @router.get("", summary="What can be edited, and whether the viewer may")
    async def topics() -> Response:
        return await answer(
            lambda: {
                "topics": list(here().topics),
                "imports": list(IMPORTED),
                "revision": here().book.revision(),
                "may_edit": is_open(EDITORS, current_viewer()),
            }
        )

    @router.get("/history", summary="Edits, newest first: who, when, before and after")
    async def history(
        topic: str = "",
        key: str = "",
        limit: int = Query(50, ge=1, le=MOST),
        before: int | None = None,
    ) -> Response:
        def work() -> dict[str, Any]:
            found = here().book.history(topic=topic, key=key, limit=limit, before=before)
            more = found[-1].number if len(found) == limit else None
            return {"items": [tell_edit(here(), one) for one in found], "next": more}

        return await answer(work)

    @router.get("/history.{form}", summary="The same as a table: csv or xlsx")
    async def exported(form: str, topic: str = "", lang: str = "zh") -> Response:
        if form not in ("csv", "xlsx"):
            return to_response({"error": "there are history.csv and history.xlsx"}, 404)
        if lang not in LANGUAGES:
            reason = f"lang is {lang[:20]!r}; use {' or '.join(LANGUAGES)}"
            return to_response({"error": reason}, 400)
        body = await asyncio.to_thread(write_history, here(), topic, form, load_words(lang))
        stamp = f"{_now(here()):%Y%m%d-%H%M%S}"
        return _file(body, f"settings-{stamp}.{form}", form)

    @router.post("/edits/{number}", summary="undo or redo an edit, whole")
    async def turn(number: int, request: Request) -> Response:
        try:
            given = await body_of(request)
        except Refusal as refusal:
            return to_refusal(refusal)
        who = current_viewer().name

        def work() -> dict[str, Any]:
            action = given.get("action")
            if action not in ("undo", "redo"):
                raise Refusal(422, "action: use undo or redo")
            step = here().undo if action == "undo" else here().redo
            return tell_edit(here(), step(who, number, str(given.get("reason") or "")))

        return await answer(work)

    @router.post("/imports/{topic}", summary="A file of changes: tried, or taken in as one edit")
    async def imported(
        topic: str,
        request: Request,
        dry_run: bool = True,
        name: str = "table.csv",
        rejected: str = Query("", description="csv or xlsx: the rows that do not fit, as a file"),
        lang: str = "zh",
    ) -> Response:
        who = current_viewer().name
        words = load_words(lang if lang in LANGUAGES else "zh")
        try:
            seen = None if dry_run else _seen(request, {})
            async with read_body(request, desk.options, desk.budget) as body:
                if rejected in ("csv", "xlsx"):
                    head, rows = await asyncio.to_thread(
                        rejected_rows, here(), topic, name, body, words
                    )
                    return _file(to_table(head, rows, rejected), f"rejected.{rejected}", rejected)
                if dry_run:
                    return await answer(lambda: try_import(here(), topic, name, body, words))
                return await answer(
                    lambda: apply_import(here(), who, topic, name, body, words, seen or 0)
                )
        except Refusal as refusal:
            return to_refusal(refusal)
        except TwinError as error:
            return to_response({"error": str(error)}, 422)

    @router.get("/imports/{topic}.{form}", summary="An empty table with the headers of a topic")
    async def empty(topic: str, form: str, lang: str = "zh") -> Response:
        if topic not in IMPORTED or form not in ("csv", "xlsx"):
            known = ", ".join(f"{one}.csv, {one}.xlsx" for one in IMPORTED)
            return to_response({"error": f"there are {known}"}, 404)
        words = load_words(lang if lang in LANGUAGES else "zh")
        return _file(to_table(template(topic, words), [], form), f"{topic}.{form}", form)

    @router.get("/{topic}", summary="Things of a topic: what holds, and what was edited")
    async def items(topic: str) -> Response:
        def work() -> dict[str, Any]:
            told = {"topic": topic, "revision": here().book.revision()}
            return told | {"items": [_guard(here(), topic, one)
                                     for one in here().list_items(topic)]}  # fmt: skip

        return await answer(work)

    @router.put("/{topic}/{key}", summary="Other values, for who saw the present ones")
    async def edit(topic: str, key: str, request: Request) -> Response:
        try:
            given = await body_of(request)
            seen = _seen(request, given)
            values, back = given.get("values") or {}, given.get("back") or []
            if not isinstance(values, dict) or not isinstance(back, list):
                raise Refusal(422, "send values as an object, and back as a list of fields")
        except Refusal as refusal:
            return to_refusal(refusal)
        who = current_viewer().name

        def work() -> dict[str, Any]:
            made = here().edit(
                who, topic, key, values, seen=seen, back=[str(one) for one in back],
                reason=str(given.get("reason") or ""),
            )  # fmt: skip
            return {"edit": made.number, "item": _guard(here(), topic, here().tell(topic, key))}

        return await answer(work)

    @router.post("/lists", summary="Put a plate on a list")
    async def add(request: Request) -> Response:
        try:
            given = await body_of(request)
            values = given.get("values")
            if not isinstance(values, dict):
                raise Refusal(422, "send values as an object: list, plate, why, until")
        except Refusal as refusal:
            return to_refusal(refusal)
        who = current_viewer().name

        def work() -> dict[str, Any]:
            key, made = here().add(who, values, str(given.get("reason") or ""))
            return {"edit": made.number, "item": here().tell("lists", key)}

        return await answer(work, 201)

    @router.delete("/lists/{key}", summary="Take a plate off its list; undoing puts it back")
    async def remove(key: str, request: Request) -> Response:
        try:
            seen = _seen(request, {})
        except Refusal as refusal:
            return to_refusal(refusal)
        who = current_viewer().name

        def work() -> dict[str, Any]:
            return {"edit": here().remove(who, key, seen=seen).number, "removed": key}

        return await answer(work)

    return router


def _file(body: bytes, name: str, form: str) -> Response:
    headers = {
        "cache-control": "no-store",
        "content-disposition": f'attachment; filename="{name}"',
    }
    return Response(body, media_type=FORMS[form], headers=headers)


def _now(desk: SettingsDesk) -> datetime:
    return desk.world.twin.clock().astimezone(desk.world.timezone)


def _guard(desk: SettingsDesk, topic: str, item: dict[str, Any]) -> dict[str, Any]:
    """Return a thing with small counts of people as such."""
    secret = desk.topic(topic).secret
    if not secret:
        return item
    return {
        **item,
        "values": {one: few(value) if one in secret else value
                   for one, value in item["values"].items()},
        "edited": {one: few(value) if one in secret else value
                   for one, value in item["edited"].items()},
    }  # fmt: skip


def _seen(request: Request, given: Mapping[str, Any]) -> int:
    """Return the revision that somebody saw, from `If-Match` or the body.

    Raises:
        Refusal: They do not say.
    """
    told: Any = request.headers.get("if-match")
    told = given.get("revision") if told is None else unquote(told).strip().strip('"')
    try:
        return int(told)
    except (TypeError, ValueError):
        raise Refusal(
            428, "say by If-Match which revision you saw, so that nothing of others is lost"
        ) from None
