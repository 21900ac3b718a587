"""The tables: which layer the address asks for, its grid, and the browser's part of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, no_update

from dashboard import ids
from dashboard.tables.columns import TABLES
from dashboard.tables.grid import build_grid
from dashboard.tables.rows import read_rows
from dashboard.words import load_words
from dashboard.world import World


def register(app: Dash, world_of: Callable[[str], World]) -> None:
    """Wire the page of tables; `world_of` takes a world's URL prefix."""
    in_browser: Callable[..., None] = app.clientside_callback
    in_browser(
        ClientsideFunction("tables", "load"),
        Output(ids.TABLES_READY, "data"),
        Input(ids.TABLES_ASKED, "data"),
    )
    in_browser(
        ClientsideFunction("tables", "layer"),
        Output(ids.TABLES_LAYER, "data"),
        Input(ids.TABLES_URL, "search"),
        State(ids.TABLES_LAYER, "data"),
    )
    in_browser(
        ClientsideFunction("tables", "drawn"),
        Output(ids.TABLES_DRAWN, "data"),
        Input(ids.TABLES_FRAME, "children"),
    )

    @app.callback(
        Output(ids.TABLES_FRAME, "children"),
        Input(ids.TABLES_READY, "data"),
        Input(ids.TABLES_LAYER, "data"),
        State(ids.TABLES_ASKED, "data"),
    )
    async def show_table(ready: bool | None, layer: str | None, asked: dict[str, Any]) -> Any:
        if not ready or layer not in TABLES:
            return no_update
        words = load_words(str(asked.get("lang")))
        world = world_of(str(asked.get("api", "")))
        return build_grid(words, layer, await asyncio.to_thread(read_rows, world, layer, words))
