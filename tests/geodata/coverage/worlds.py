"""Small communities drawn in metres, for tests whose answers can be counted by hand."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import shapely

from geodata.community import Community, empty_frame, to_schema
from geodata.coverage.network import Plane
from geodata.schema import CRS, LAYERS

PLANE = Plane(119.2965, 26.0844)
_EMPTY = {name: empty_frame(schema) for name, schema in LAYERS.items()}


def community(**layers: list[dict[str, Any]]) -> Community:
    """Return a community of rows with geometries in metres around a point of Junmen."""
    frames = dict(_EMPTY)
    for name, rows in layers.items():
        full = []
        for number, row in enumerate(rows, 1):
            shape = shapely.transform(row["geometry"], PLANE.to_degrees)
            full.append({"id": f"{name}-{number}", **_usual(name), **row, "geometry": shape})
        if full:
            gdf = gpd.GeoDataFrame(full, geometry="geometry", crs=CRS)
            frames[name] = to_schema(gdf, LAYERS[name])
    return Community(frames, {"timezone": "Asia/Shanghai"}, "digest")


def _usual(layer: str) -> dict[str, Any]:
    return {
        "buildings": {"height_m": 12.0, "height_source": "assumed"},
        "roads": {"kind": "footway", "foot": True, "steps": False},
        "services": {"kind": "canteen"},
    }.get(layer, {})


def line(*points: tuple[float, float], **columns: Any) -> dict[str, Any]:
    return {"geometry": shapely.LineString(points), **columns}


def point(x: float, y: float, **columns: Any) -> dict[str, Any]:
    return {"geometry": shapely.Point(x, y), **columns}


def house(x: float, y: float, size: float = 10, **columns: Any) -> dict[str, Any]:
    half = size / 2
    return {"geometry": shapely.box(x - half, y - half, x + half, y + half), **columns}
