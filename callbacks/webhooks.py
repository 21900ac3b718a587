"""The page of webhooks: the list and the ledger, read anew; changes go through the API."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from dash import Dash, Input, Output, State

from dashboard import ids
from dashboard.orders.hooks import build_hooks
from dashboard.webhooks_api import tell_hooks
from dashboard.words import load_words
from dashboard.world import World

SHOWN = 60


def register(app: Dash, world_of: Callable[[str], World]) -> None:
    """Wire the page; it speaks of the managers' own world, whatever a browser sends."""

    @app.callback(
        Output(ids.HOOKS, "children"),
        Input(ids.HOOKS_CLOCK, "n_intervals"),
        Input(ids.HOOKS_MOVED, "data"),
        State(ids.HOOKS_ASKED, "data"),
    )
    async def show(_n: int | None, _m: Any, asked: dict[str, Any]) -> Any:
        words, world = load_words(str(asked.get("lang"))), world_of("")

        def build() -> Any:
            told = tell_hooks(world.hooks)
            return build_hooks(words, told, world.hooks.deliveries(limit=SHOWN), world.timezone)

        return await asyncio.to_thread(build)
