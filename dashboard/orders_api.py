"""The API of orders: the list, figures, tables in and out, and the steps that people take."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from fastapi import APIRouter, Query, Request, Response

from dashboard.access.scope import orders_within
from dashboard.access.viewer import current_viewer
from dashboard.doors.desk import STORE_BACK_S, Desk
from dashboard.doors.events import to_refusal, to_response
from dashboard.doors.limits import Refusal, read_body
from dashboard.incidents_api import ANYBODY, is_trusted, read_action, read_name, read_object
from dashboard.words import LANGUAGES, load_words
from dashboard.world import World
from live.incidents.errors import MissingError, StaleError, StepError
from live.orders.book import Orders, count_by, count_figures
from live.orders.order import OPEN, STATES, Order, OrderError
from live.orders.tables import COLUMNS, SPOKEN, Sheet, read_sheet, write_csv, write_xlsx

MOST = 500
MOST_FAULTS, FIRST_ROWS = 200, 5
"""Rows told of a table: those that do not fit, and the first that do."""
BY = ("grid", "supplier", "supplier_kind", "kind", "level")
_OPEN_SECRETS = ("title",)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@cache
def meant_by_words() -> dict[str, dict[str, str]]:
    """Return the words of both languages for values of a table, and by "" its headings."""
    found: dict[str, dict[str, str]] = {"": {}, **{name: {} for name in SPOKEN}}
    for lang in LANGUAGES:
        entries = load_words(lang).entries
        found[""] |= {entries[f"order_field.{name}"]: name for name in COLUMNS}
        for name, begins in SPOKEN.items():
            found[name] |= {
                word: key.split(".")[1]
                for key, word in entries.items()
                if key.startswith(f"{begins}.")
            }
    return found


def orders_of(world: World) -> Orders:
    """Return the orders of a world."""
    return world.twin.orders


def build_router(desk: Desk) -> APIRouter:
    """Return the routes of orders under /api/v1, for reading and for working."""
    router = APIRouter(prefix="/orders", tags=["orders"])

    @router.get("/table.{form}", summary="Every order as CSV or XLSX")
    async def table(request: Request, form: str, lang: str = "") -> Response:
        try:
            await desk.access.admin(request)
            if form not in ("csv", "xlsx"):
                raise Refusal(404, "there are table.csv and table.xlsx")
            if lang and lang not in LANGUAGES:
                raise Refusal(400, f"lang is {lang[:20]!r}; use {' or '.join(LANGUAGES)}")
            body = await asyncio.to_thread(_write_table, desk.world, form, lang)
        except Refusal as refusal:
            return to_refusal(refusal)
        headers = {
            "cache-control": "no-store",
            "content-disposition": f'attachment; filename="orders.{form}"',
        }
        media = XLSX if form == "xlsx" else "text/csv; charset=utf-8"
        return Response(body, headers=headers, media_type=media)

    @router.post("/table", summary="New orders from a CSV or XLSX table; all of them or none")
    async def take_table(
        request: Request, dry_run: bool = False, partial: bool = False
    ) -> Response:
        try:
            token = await desk.access.admin(request)
            async with read_body(request, desk.options, desk.budget) as body:
                sheet = await _refusing(asyncio.to_thread(read_sheet, body, meant_by_words()))
            told = to_report(sheet)
            if dry_run:
                return to_response(told)
            if sheet.faults and not partial:
                reason = "; ".join(f"row {each['row']}: {each['error']}" for each in told["faults"])
                return to_response({"error": reason, **told}, 422)
            who = token.name if token is not None else ANYBODY
            orders = orders_of(desk.world)
            ensure_grids(sheet.rows)
            made = await _refusing(asyncio.to_thread(orders.create, who, sheet.rows))
            return to_response({**told, "made": [one.id for one in made]})
        except Refusal as refusal:
            desk.note_refusal("orders", refusal)
            return to_refusal(refusal)

    @router.post("", summary="A new order")
    async def create(request: Request) -> Response:
        try:
            token = await desk.access.admin(request)
            async with read_body(request, desk.options, desk.budget) as body:
                given = read_object(body)
            who = token.name if token is not None else read_name(given)
            ensure_grids([given])
            (made,) = await _refusing(asyncio.to_thread(orders_of(desk.world).create, who, [given]))
            return to_response(to_item(made, made.opened_at, True), 201)
        except Refusal as refusal:
            desk.note_refusal("orders", refusal)
            return to_refusal(refusal)

    @router.post("/{number}", summary="Take a step: who saw an older version is told what changed")
    async def act(request: Request, number: str) -> Response:
        try:
            token = await desk.access.admin(request)
            async with read_body(request, desk.options, desk.budget) as body:
                wanted = read_action(body)
            who = token.name if token is not None else read_name(wanted)
            orders = orders_of(desk.world)
            ensure_mine(await _refusing(asyncio.to_thread(orders.get, number)))
            after = await _refusing(
                asyncio.to_thread(
                    orders.act, number, wanted["action"], who, wanted["version"], wanted
                )
            )
            return to_response(to_item(after, orders.now(), True))
        except StaleError as error:
            answer = {"error": str(error), "version": error.version, "changed": error.changed}
            return to_response(answer, 409)
        except Refusal as refusal:
            desk.note_refusal("orders", refusal)
            return to_refusal(refusal)

    every = APIRouter()
    every.include_router(router)  # the tables first: else they were taken for numbers of orders
    every.include_router(build_reading(lambda: desk.world, desk))
    return every


def build_reading(world: Callable[[], World], desk: Desk | None = None) -> APIRouter:
    """Return the routes that only read.

    Args:
        world: Gives the world.
        desk: Tells who may read titles, names and notes; nobody where there is none.
    """
    router = APIRouter(prefix="/orders", tags=["orders"])

    @router.get("", summary="Orders, newest first; titles for administrators")
    async def list_orders(
        request: Request,
        state: str = "open",
        kind: str | None = None,
        grid: str | None = None,
        supplier: str | None = None,
        limit: int = Query(100, ge=1, le=MOST),
        before: str | None = None,
    ) -> Response:
        try:
            orders = orders_of(world())
            trusted = await is_trusted(request, desk)
            states = OPEN if state == "open" else () if state == "any" else (state,)
            if not set(states) <= set(STATES):
                known = ", ".join((*STATES, "open", "any"))
                raise Refusal(400, f"unknown state {state[:20]!r}; use {known}")
            found, following = await asyncio.to_thread(
                orders.page, states=states, kind=kind, grid=grid, supplier=supplier,
                limit=limit, before=before,
            )  # fmt: skip
        except Refusal as refusal:
            return to_refusal(refusal)
        now = orders.now()
        items = [to_item(one, now, trusted) for one in orders_within(found)]
        return to_response({"items": items, "next": following})

    @router.get("/figures", summary="在办, on time, satisfaction, overdue; by grid and supplier")
    async def figures() -> Response:
        orders = orders_of(world())
        every = orders_within(await asyncio.to_thread(orders.all))
        now = orders.now()
        told: dict[str, Any] = {"all": count_figures(every, now), "at": now}
        return to_response({**told, **{f"by_{name}": count_by(every, name, now) for name in BY}})

    @router.get("/{number}", summary="One order with its timeline")
    async def get_order(request: Request, number: str) -> Response:
        try:
            trusted = await is_trusted(request, desk)
            orders = orders_of(world())
            one = ensure_mine(await _refusing(asyncio.to_thread(orders.get, number)))
            steps = await asyncio.to_thread(orders.steps, number)
        except Refusal as refusal:
            return to_refusal(refusal)
        if not trusted:
            steps = [{k: step[k] for k in ("version", "at", "action")} for step in steps]
        return to_response({**to_item(one, orders.now(), trusted), "timeline": steps})

    return router


def to_item(one: Order, now: float, trusted: bool) -> dict[str, Any]:
    """Return an order as JSON; what names people is for those who are trusted."""
    item = {**one.to_json(), "overdue": one.is_overdue(now)}
    return item if trusted else {k: v for k, v in item.items() if k not in _OPEN_SECRETS}


def ensure_mine(one: Order) -> Order:
    """Return an order of the viewer's grids.

    Raises:
        Refusal: It is in none of them.
    """
    if not orders_within([one]):
        raise Refusal(404, f"there is no order {one.id!r} within your grids")
    return one


def ensure_grids(given: Sequence[Mapping[str, Any]]) -> None:
    """Let somebody make orders in their own grids only.

    Raises:
        Refusal: One is elsewhere.
    """
    viewer = current_viewer()
    for row in given:
        grid = row.get("grid")
        if not viewer.may_enter(str(grid) if grid else None):
            raise Refusal(403, f"the grid {grid!r} is none of yours; name one of yours")


def to_report(sheet: Sheet) -> dict[str, Any]:
    """Return what a table asks for as JSON: how many rows fit, which do not and why."""
    return {
        "rows": len(sheet.rows) + len(sheet.faults),
        "fit": len(sheet.rows),
        "faulty": len(sheet.faults),
        "faults": [
            {"row": number, "field": error.field, "why": error.why, "error": str(error),
             **error.told}
            for number, error in sheet.faults[:MOST_FAULTS]
        ],
        "first": sheet.rows[:FIRST_ROWS],
    }  # fmt: skip


def _write_table(world: World, form: str, lang: str) -> bytes:
    write = write_xlsx if form == "xlsx" else write_csv
    spoken = load_words(lang).entries if lang else None
    return write(orders_within(orders_of(world).all()), world.timezone, spoken)


async def _refusing(work: Any) -> Any:
    """Wait for work; what does not fit is a refusal."""
    try:
        return await work
    except MissingError as error:
        raise Refusal(404, str(error)) from error
    except (StepError, OrderError) as error:
        raise Refusal(422, str(error)) from error
    except StaleError:
        raise
    except Exception as error:
        reason = "the store does not take anything in at present; nothing has happened, try again"
        raise Refusal(503, reason, retry_after=str(STORE_BACK_S)) from error
