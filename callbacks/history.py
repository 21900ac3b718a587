"""The panel is there: its charts follow by a call of their own, so that nobody waits for them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date
from typing import Any

from dash import Dash, Input, Output, no_update

from dashboard import ids
from dashboard.access.scope import is_within
from dashboard.history_panel import build_history
from dashboard.words import load_words
from dashboard.world import World
from live.history.span import YEARS


def register(app: Dash, world_of: Callable[[str], World]) -> None:
    """Wire the store inside a panel to the place of its charts."""

    @app.callback(Output(ids.HISTORY, "children"), Input(ids.SHOWN, "data"))
    async def show_history(shown: dict[str, Any] | None) -> Any:
        if not shown:
            return no_update
        words = load_words(str(shown.get("lang")))
        world = world_of(str(shown.get("api", "")))
        layer, key = str(shown.get("layer")), str(shown.get("id"))
        day = read_day(shown.get("day"))
        if not is_within(world.twin, layer, key):
            return []
        return await asyncio.to_thread(build_history, world, words, layer, key, day=day)


def read_day(text: Any) -> date | None:
    """Return the day that an address names; None where it names none that there is."""
    try:
        day = date.fromisoformat(str(text)) if text else None
    except ValueError:
        return None
    return day if day is not None and day.year in YEARS else None
