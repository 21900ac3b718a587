"""The directory of services: filled when it opens, and again each half minute."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from dash import Dash, Input, Output

from dashboard import ids
from dashboard.directory import describe_directory
from dashboard.pages.directory import build_directory
from dashboard.words import load_words
from dashboard.world import World
from live.events import utc_now


def register(app: Dash, world_of: Callable[[str], World]) -> None:
    """Wire the directory's clock to its entries; `world_of` takes a world's URL prefix."""

    @app.callback(
        Output(ids.DIRECTORY, "children"),
        Input(ids.DIRECTORY_ASKED, "data"),
        Input(ids.DIRECTORY_CLOCK, "n_intervals"),
    )
    async def show_directory(asked: dict[str, Any], _: int | None) -> Any:
        world = world_of(str(asked.get("api", "")))
        found = await asyncio.to_thread(describe_directory, world, utc_now())
        return build_directory(load_words(str(asked.get("lang"))), found, world.timezone)
