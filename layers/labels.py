"""Names on the map: compounds, streets, notable services and buildings, with their rank."""

from __future__ import annotations

import numpy as np
import shapely

from layers.columns import ColumnTable
from layers.scene import Scene, floats, texts

RANKS = {"compound": 0, "service": 1, "road": 2, "building": 3}
"""Who gives way to whom when labels would collide; lower is kept first."""

NAMED_SERVICES = frozenset({"service_centre", "canteen", "school", "fire_station", "childcare"})
SERVICE_LIFT_M = 14.0
STREET_KINDS = frozenset({"trunk", "primary", "secondary", "tertiary", "residential"})
MOST_BUILDINGS = 400


def build_columns(scene: Scene) -> ColumnTable:
    """Return where the names stand.

    Returns:
        `positions` float32 (n, 3) metres; `ranks` uint8 (n,); `bearings` float32 (n,) degrees of a
        street's direction, else 0; meta `texts`, `kinds` (a rank's name or a service kind) and
        `ids` (of the feature named).
    """
    rows: list[tuple[float, float, float, int, float, str, str, str]] = []
    community = scene.community
    roofs = shapely.STRtree(scene.to_metres(community["buildings"].geometry.to_numpy()))
    heights = floats(community["buildings"]["height_m"], 6.0)

    def roof_m(x: float, y: float, reach: float) -> float:
        near = roofs.query(shapely.Point(x, y), predicate="dwithin", distance=reach)
        return float(heights[near].max()) if len(near) else 0.0

    gdf = community["compounds"]
    for (x, y), name, key in zip(
        scene.points_m("compounds"), texts(gdf["name"]), texts(gdf["id"]), strict=True
    ):
        if name:
            rows.append((x, y, roof_m(x, y, 25) + 5, 0, 0.0, name, "compound", key))

    gdf = community["services"]
    for (x, y), name, key, kind in zip(
        scene.points_m("services"),
        texts(gdf["name"]),
        texts(gdf["id"]),
        texts(gdf["kind"]),
        strict=True,
    ):
        if name and kind in NAMED_SERVICES:
            lift = roof_m(x, y, 3) + SERVICE_LIFT_M
            rows.append((x, y, lift, 1, 0.0, name, kind, key))

    rows += _streets(scene)
    gdf = community["buildings"]
    if len(gdf) <= MOST_BUILDINGS:
        for (x, y), name, key, top in zip(
            scene.points_m("buildings"), texts(gdf["name"]), texts(gdf["id"]), heights, strict=True
        ):
            if name:
                rows.append((x, y, float(top) + 2, 3, 0.0, name, "building", key))

    positions = np.array([row[:3] for row in rows], np.float32).reshape(-1, 3)
    return ColumnTable(
        "labels",
        len(rows),
        {
            "positions": positions,
            "ranks": np.array([row[3] for row in rows], np.uint8),
            "bearings": np.array([row[4] for row in rows], np.float32),
        },
        {
            "texts": [row[5] for row in rows],
            "kinds": [row[6] for row in rows],
            "ids": [row[7] for row in rows],
        },
    )


def _streets(scene: Scene) -> list[tuple[float, float, float, int, float, str, str, str]]:
    """Return one label a named street, at the middle of its longest piece inside the view."""
    gdf = scene.community["roads"]
    west, south, east, north = scene.extent_m
    view = shapely.box(west - 60, south - 60, east + 60, north + 60)
    best: dict[str, tuple[float, shapely.LineString, str]] = {}
    lines = shapely.intersection(scene.to_metres(gdf.geometry.to_numpy()), view)
    for line, name, key, kind in zip(
        lines, texts(gdf["name"]), texts(gdf["id"]), texts(gdf["kind"]), strict=True
    ):
        if not name or line.geom_type != "LineString" or line.is_empty:
            continue
        length = line.length * (2 if kind in STREET_KINDS else 1)
        if length > best.get(name, (0.0,))[0]:
            best[name] = (length, line, key)
    rows = []
    for name, (_, line, key) in sorted(best.items()):
        at = line.interpolate(0.5, normalized=True)
        ahead = line.interpolate(min(1.0, 0.5 + 4 / max(line.length, 8)), normalized=True)
        bearing = float(np.degrees(np.arctan2(ahead.x - at.x, ahead.y - at.y)) % 360)
        rows.append((at.x, at.y, 0.3, 2, bearing, name, "road", key))
    return rows
