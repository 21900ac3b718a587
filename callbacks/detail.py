"""A click on the map or in a list opens the panel of that feature."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from dash import Dash, Input, Output, no_update

from dashboard import ids
from dashboard.detail import build_detail, build_missing
from dashboard.features import FeatureNotFoundError, describe_feature, describe_vehicle
from dashboard.words import load_words
from dashboard.world import World


def register(app: Dash, world_of: Callable[[str], World]) -> None:
    """Wire the store of what was picked to the panel; `world_of` takes a world's URL prefix."""

    @app.callback(Output(ids.DETAIL, "children"), Input(ids.PICKED, "data"))
    async def show_detail(picked: dict[str, Any] | None) -> Any:
        if not picked:
            return no_update
        if not picked.get("id"):
            return []
        words = load_words(str(picked.get("lang")))
        world = world_of(str(picked.get("api", "")))
        try:
            feature = await asyncio.to_thread(
                _describe, world, str(picked.get("layer")), str(picked["id"])
            )
        except FeatureNotFoundError:
            return build_missing(words)
        return build_detail(
            words, feature, api=str(picked.get("api", "")), day=picked.get("day") or None
        )


def _describe(world: World, layer: str, key: str) -> dict[str, Any]:
    if layer == "vehicles":
        return describe_vehicle(world.twin, key, world.vehicles.find(key))
    return describe_feature(world.twin, layer, key)
