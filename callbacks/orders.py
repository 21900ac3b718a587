"""The order board: its filters, the board, the panel of one order or the form of a new one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from dash import Dash, Input, Output, State, ctx, html, no_update

from dashboard import ids
from dashboard.access import current_viewer
from dashboard.orders.board import build_board
from dashboard.orders.panel import build_form, build_panel
from dashboard.orders.reading import Board, Filter, read_board, read_sources
from dashboard.words import Words, load_words
from dashboard.world import World
from live.incidents.errors import MissingError


def register(app: Dash, world_of: Callable[[str], World]) -> None:
    """Wire the page; `world_of` takes a world's URL prefix."""

    @app.callback(
        Output(ids.ORDERS_CHOSEN, "data"),
        Input(ids.ORDERS_URL, "search"),
    )
    async def open_asked(search: str | None) -> Any:
        asked = parse_qs((search or "").removeprefix("?"))
        if "order" in asked:
            return {"number": asked["order"][0][:64]}
        if "incident" in asked or "new" in asked:
            return {"new": True, "incident": asked.get("incident", [""])[0][:64]}
        return no_update

    @app.callback(
        Output(ids.ORDERS, "children"),
        Output(ids.ORDERS_SUPPLIERS, "children"),
        Input(ids.ORDERS_FILTER, "data"),
        Input(ids.ORDERS_MOVED, "data"),
        Input(ids.ORDERS_CLOCK, "n_intervals"),
        Input(ids.ORDERS_CHOSEN, "data"),
        State(ids.ORDERS_ASKED, "data"),
    )
    async def show_board(given: Any, _m: Any, _n: Any, chosen: Any, asked: dict[str, Any]) -> Any:
        words, world = load_words(str(asked.get("lang"))), world_of(str(asked.get("api", "")))
        wanted, number = Filter.read(given), str((chosen or {}).get("number", ""))

        def build() -> Any:
            board = read_board(world, wanted, current_viewer())
            options = [
                html.Option(words("orders.all_suppliers"), value="", key=""),
                *(html.Option(name, value=name, key=name) for name in board.suppliers),
            ]
            return build_board(words, board, wanted, number), options

        shown, options = await asyncio.to_thread(build)
        return shown, no_update if ctx.triggered_id == ids.ORDERS_CHOSEN else options

    @app.callback(
        Output(ids.ORDER_PANEL, "children"),
        Input(ids.ORDERS_CHOSEN, "data"),
        Input(ids.ORDERS_MOVED, "data"),
        State(ids.ORDERS_ASKED, "data"),
    )
    async def show_panel(chosen: Any, _moved: Any, asked: dict[str, Any]) -> Any:
        if not isinstance(chosen, dict):
            return []
        words, world = load_words(str(asked.get("lang"))), world_of(str(asked.get("api", "")))
        board = await asyncio.to_thread(read_board, world, Filter(), current_viewer())
        if chosen.get("new"):
            sources = await asyncio.to_thread(read_sources, world, words)
            incident = str(chosen.get("incident", ""))
            return build_form(words, board, sources, incident, board.suppliers)
        return await asyncio.to_thread(_panel, words, world, board, str(chosen.get("number", "")))


def _panel(words: Words, world: World, board: Board, number: str) -> Any:
    orders = world.twin.orders
    try:
        one = orders.get(number)
    except MissingError:
        return html.P(words("orders.missing", id=number), className="note")
    if not board.viewer.may_enter(one.grid or None):
        return html.P(words("orders.missing", id=number), className="note")
    return build_panel(words, board, one, orders.steps(number), board.suppliers)
