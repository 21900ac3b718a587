"""The one list of layers: how each is built and how deck.gl is told to draw it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from layers import buildings, context, labels, marks, roads, trees
from layers.columns import ColumnTable
from layers.scene import Scene

if TYPE_CHECKING:
    import pydeck as pdk

THEMES = ("dark", "day")

BUILDERS: dict[str, Callable[[Scene], ColumnTable]] = {
    "buildings": buildings.build_columns,
    "context": context.build_columns,
    "trees": trees.build_columns,
    "roads": roads.build_columns,
    "entrances": marks.entrances_columns,
    "gates": marks.gates_columns,
    "plate_cameras": marks.plate_cameras_columns,
    "devices": marks.devices_columns,
    "services": marks.services_columns,
    "parking": marks.parking_columns,
    "labels": labels.build_columns,
}
"""Layers of which there is one table; `ground` has one a theme."""

DESCRIPTIONS: tuple[Callable[[], pdk.Layer], ...] = (
    context.describe,
    buildings.describe,
    trees.describe,
    marks.describe_parking,
    marks.describe_services,
    marks.describe_entrances,
    marks.describe_gates,
    marks.describe_plate_cameras,
    marks.describe_devices,
)
"""Bottom to top."""

LAYER_NAMES = ("ground", *BUILDERS)


def build_table(scene: Scene, layer: str, theme: str = "dark") -> ColumnTable:
    """Return a layer's table.

    Raises:
        KeyError: There is no such layer or theme.
    """
    if layer == "ground":
        if theme not in THEMES:
            raise KeyError(theme)
        from layers import ground  # draws with Pillow, once

        return ground.build_columns(scene, theme)
    return BUILDERS[layer](scene)


def describe_layers() -> list[dict[str, Any]]:
    """Return deck.gl's JSON of every 3D layer, without data, bottom to top."""
    return [json.loads(describe().to_json()) for describe in DESCRIPTIONS]
