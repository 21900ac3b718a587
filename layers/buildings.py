"""Buildings: extruded footprints that the browser dresses with windows, floor bands and roofs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layers.columns import ColumnTable
from layers.polygons import to_polygon_columns
from layers.scene import Scene, floats, texts
from layers.spec import layer_spec

if TYPE_CHECKING:
    import pydeck as pdk

TONES = ("slab", "old", "tower", "public")
"""Wall classes; their colours by theme are in `assets/twin/style.mjs`."""

PUBLIC_USES = frozenset(
    [
        "public",
        "school",
        "kindergarten",
        "university",
        "college",
        "hospital",
        "clinic",
        "office",
        "commercial",
        "retail",
        "civic",
        "government",
        "service",
        "kiosk",
        "industrial",
        "church",
        "temple",
        "train_station",
        "fire_station",
    ]
)
TOWER_M = 36.0
OLD_M = 13.0


def building_tone(use: str, height_m: float) -> str:
    """Return the wall class of a building by use and height above ground in metres."""
    if use in PUBLIC_USES:
        return "public"
    if height_m >= TOWER_M:
        return "tower"
    return "old" if height_m <= OLD_M else "slab"


def solids(scene: Scene) -> gpd.GeoDataFrame:
    """Return what is drawn: outlines, or a building's parts where it has any.

    Returns:
        Rows with `id` (of the building), `name`, `use`, `height_m`, `base_m`, `height_source`.
    """
    buildings = scene.community["buildings"]
    parts = scene.community["building_parts"]
    outlines = buildings[~buildings["id"].isin(parts["building_id"])]
    if parts.empty:
        return outlines
    owner = buildings.drop_duplicates("id").set_index("id")
    drawn = parts.drop(columns=["id", "name"]).rename(columns={"building_id": "id"})
    drawn = drawn[drawn["id"].isin(owner.index)]
    drawn["name"] = drawn["id"].map(owner["name"])
    drawn["use"] = drawn["id"].map(owner["use"])
    columns = ["id", "name", "use", "height_m", "base_m", "height_source", "geometry"]
    return gpd.GeoDataFrame(
        pd.concat([outlines[columns], drawn[columns]], ignore_index=True), crs=buildings.crs
    )


def build_columns(scene: Scene) -> ColumnTable:
    """Return the solids of all buildings, one row a solid, `ids` naming the building."""
    gdf = solids(scene)
    base = floats(gdf["base_m"], 0.0)
    top = np.maximum(floats(gdf["height_m"], 3.0), base + 0.5)
    uses = texts(gdf["use"])
    tones = [TONES.index(building_tone(use, h)) for use, h in zip(uses, top, strict=True)]
    columns = to_polygon_columns(gdf.geometry, scene.frame, base_m=base, top_m=top)
    columns["tones"] = np.array(tones, np.uint8)
    columns |= _roof_boxes(gdf, scene, base, top)
    return ColumnTable(
        "buildings",
        len(gdf),
        columns,
        {"ids": texts(gdf["id"]), "names": texts(gdf["name"])},
    )


def _roof_boxes(
    gdf: gpd.GeoDataFrame,
    scene: Scene,
    base: npt.NDArray[np.float64],
    top: npt.NDArray[np.float64],
) -> dict[str, npt.NDArray[np.float32]]:
    """Return stair heads and solar heaters: decor laid out along each roof's long axis by a rule.

    Columns: `boxes` (k, 7) of x, y, z, half length, half width, height in metres and bearing in
    radians; `box_kinds` (k,) of 0 (stair head) or 1 (heater).
    """
    rng = np.random.default_rng(7)
    rows: list[tuple[float, ...]] = []
    kinds: list[int] = []
    footprints = scene.to_metres(gdf.geometry.to_numpy())
    for polygon, z, foot in zip(footprints, top, base, strict=True):
        box = polygon.minimum_rotated_rectangle
        if box.geom_type != "Polygon" or z - foot < 7 or polygon.area < 90:
            continue
        corners = np.asarray(box.exterior.coords)[:4]
        sides = np.roll(corners, -1, axis=0) - corners
        lengths = np.hypot(sides[:, 0], sides[:, 1])
        k = int(np.argmax(lengths[:2]))
        length, width = lengths[k], lengths[1 - k]
        along = sides[k] / length
        across = np.array([-along[1], along[0]])
        bearing = float(np.arctan2(along[1], along[0]))
        middle = np.asarray(box.centroid.coords[0])
        heads = max(1, int(length // 15))
        inside = polygon.buffer(-1.2)
        for i in range(heads):
            at = middle + along * ((i + 0.5) / heads - 0.5) * length + across * width * 0.12
            if inside.covers(shapely.Point(at)):
                tall = 4.2 if z > TOWER_M else 2.6
                size = (3.4, 2.6) if z > TOWER_M else (1.9, 1.5)
                rows.append((*at, z, *size, tall, bearing))
                kinds.append(0)
            for side in (-1, 1):
                for _ in range(2):
                    jitter = along * rng.uniform(2.6, max(2.7, length / heads / 2 - 1)) * side
                    spot = at + jitter - across * width * rng.uniform(0.12, 0.4)
                    if inside.covers(shapely.Point(spot)):
                        rows.append((*spot, z, 0.95, 0.65, 0.9, bearing))
                        kinds.append(1)
    return {
        "boxes": np.array(rows, np.float32).reshape(-1, 7),
        "box_kinds": np.array(kinds, np.float32),
    }


def describe() -> pdk.Layer:
    """Return the pydeck layer, without data."""
    return layer_spec(
        "SolidPolygonLayer",
        "buildings",
        extruded=True,
        pickable=True,
        position_format="XYZ",
        _normalize=False,
    )
