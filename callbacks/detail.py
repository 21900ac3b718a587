"""A click on the map or in a list opens the panel of that feature."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from dash import Dash, Input, Output, no_update

from dashboard import ids
from dashboard.panel import Picked, build_panel
from dashboard.world import World


def register(app: Dash, world_of: Callable[[str], World]) -> None:
    """Wire the store of what was picked to the panel; `world_of` takes a world's URL prefix."""

    @app.callback(Output(ids.DETAIL, "children"), Input(ids.PICKED, "data"))
    async def show_detail(data: dict[str, Any] | None) -> Any:
        if not data:
            return no_update
        if not data.get("id"):
            return []
        picked = Picked.read(data)
        return await asyncio.to_thread(build_panel, world_of(picked.api), picked)
