"""The quiet city beyond the boundary: plain blocks that fade into the background."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from layers.columns import ColumnTable
from layers.polygons import to_polygon_columns
from layers.scene import Scene, floats
from layers.spec import layer_spec

if TYPE_CHECKING:
    import pydeck as pdk

FOG_START_M = 60.0
FOG_FULL_M = 640.0
FOG_FLOOR = 0.12


def fog(distance_m: np.ndarray) -> np.ndarray:
    """Return how much of its own colour a thing keeps at a distance from the community, 0..1.

    A smoothstep from 1 at `FOG_START_M` to `FOG_FLOOR` at `FOG_FULL_M` (design language, 6).
    """
    t = np.clip((distance_m - FOG_START_M) / (FOG_FULL_M - FOG_START_M), 0, 1)
    return 1 - (1 - FOG_FLOOR) * t * t * (3 - 2 * t)


def build_columns(scene: Scene) -> ColumnTable:
    """Return the context blocks; `fog` (n,) is the share of its own colour that each keeps."""
    gdf = scene.community["context"]
    top = floats(gdf["height_m"], 6.0)
    columns = to_polygon_columns(gdf.geometry, scene.frame, base_m=np.zeros(len(gdf)), top_m=top)
    boundary = scene.community["boundary"].geometry.to_numpy()
    if len(boundary) and len(gdf):
        area = shapely.union_all(scene.to_metres(boundary))
        distance = shapely.distance(scene.to_metres(gdf.geometry.to_numpy()), area)
    else:
        distance = np.zeros(len(gdf))
    columns["fog"] = fog(distance).astype(np.float32)
    return ColumnTable("context", len(gdf), columns)


def describe() -> pdk.Layer:
    """Return the pydeck layer, without data; never picked."""
    return layer_spec(
        "SolidPolygonLayer",
        "context",
        extruded=True,
        pickable=False,
        position_format="XYZ",
        _normalize=False,
    )
