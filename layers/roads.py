"""Streets, green and water as shapes, for the plain map that stands in where WebGL is missing."""

from __future__ import annotations

import numpy as np
import shapely

from layers.columns import ColumnTable
from layers.scene import Scene, floats


def build_columns(scene: Scene) -> ColumnTable:
    """Return flat shapes in metres.

    Columns: `roads` float32 (v, 2) with `road_starts` and `road_widths` (metres); `green` and
    `water` outer rings with `green_starts`, `water_starts`.
    """
    roads = scene.community["roads"]
    coords, starts = _flat(scene.to_metres(roads.geometry.to_numpy()))
    columns: dict[str, np.ndarray] = {
        "roads": coords,
        "road_starts": starts,
        "road_widths": floats(roads["width_m"], 4.0).astype(np.float32),
    }
    for name in ("green", "water"):
        areas = scene.to_metres(scene.community[name].geometry.to_numpy())
        rings = shapely.get_exterior_ring(areas)
        columns[name], columns[f"{name}_starts"] = _flat(rings)
    return ColumnTable("roads", len(roads), columns)


def _flat(lines: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    coords, index = shapely.get_coordinates(lines, return_index=True)
    starts = np.searchsorted(index, np.arange(len(lines) + 1)).astype(np.uint32)
    return coords.astype(np.float32).reshape(-1, 2), starts
