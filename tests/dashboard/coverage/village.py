"""A village on one street: a canteen in the west, people along it, one gate in the middle."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
from shapely.geometry import LineString, Point, Polygon, box

from geodata.community import Community, empty_frame, to_schema
from geodata.schema import CRS, LAYERS
from tests.browser.tiny import to_degrees

HOMES = {  # id: metres east of the middle, residents, those over sixty
    "a": (-450.0, 120, 31),
    "b": (-250.0, 90, 24),
    "c": (-60.0, 80, 3),
    "d": (150.0, 110, 27),
    "e": (350.0, 60, 2),
    "f": (480.0, 140, 41),
}
KITCHEN_X = -440.0


def _block(x: float) -> Polygon:
    corners = box(x - 12, 12, x + 12, 32).exterior.coords
    return Polygon([to_degrees(*corner) for corner in corners])


def make_village(**meta: Any) -> Community:
    """Return the village; walked distances along the street are metres of x."""
    frames = {name: empty_frame(schema) for name, schema in LAYERS.items()}

    def put(layer: str, rows: list[dict[str, Any]], shapes: list[Any]) -> None:
        gdf = gpd.GeoDataFrame(rows, geometry=shapes, crs=CRS)
        frames[layer] = to_schema(gdf, LAYERS[layer])

    edge = [to_degrees(*corner) for corner in box(-520, -60, 520, 60).exterior.coords]
    put("boundary", [{"id": "edge"}], [Polygon(edge)])
    halves = {"west": (-520, 50), "east": (50, 520)}
    put(
        "compounds",
        [{"id": key, "name": name} for key, name in (("west", "西村"), ("east", "东村"))],
        [
            Polygon([to_degrees(*c) for c in box(w, -60, e, 60).exterior.coords])
            for w, e in halves.values()
        ],
    )
    put(
        "grids",
        [{"id": f"grid-{key}", "name": name} for key, name in (("w", "西格"), ("e", "东格"))],
        [
            Polygon([to_degrees(*c) for c in box(w, -60, e, 60).exterior.coords])
            for w, e in halves.values()
        ],
    )
    put(
        "buildings",
        [
            {
                "id": key,
                "name": f"{key} 楼",
                "height_m": 18.0,
                "height_source": "measured",
                "use": "residential",
                "residents": people,
                "residents_60plus": older,
                "compound_id": "west" if x < 50 else "east",
                "grid_id": "grid-w" if x < 50 else "grid-e",
            }
            for key, (x, people, older) in HOMES.items()
        ],
        [_block(x) for x, _, _ in HOMES.values()],
    )
    put(
        "services",
        [
            {"id": "k0", "kind": "canteen", "capacity": 40, "name": "长者食堂",
             "supplier_kind": "community"},
            {"id": "p0", "kind": "pharmacy", "name": "东药房", "hours": "Mo-Su 08:00-20:00",
             "supplier_kind": "enterprise"},
        ],
        [Point(to_degrees(KITCHEN_X, -10)), Point(to_degrees(300, -10))],
    )  # fmt: skip
    put("gates", [{"id": "g0", "access": "both", "name": "中门"}], [Point(to_degrees(50, 0))])
    put(
        "devices",
        [
            {"id": "cam0", "kind": "camera", "period_s": 60.0, "bearing_deg": 90.0},
            {"id": "sos0", "kind": "sos_pole", "period_s": 60.0},
        ],
        [Point(to_degrees(0, -20)), Point(to_degrees(-400, -5))],
    )
    street = LineString([to_degrees(x, 0) for x in range(-520, 521, 40)])
    put("roads", [{"id": "r0", "kind": "residential", "width_m": 6.0, "name": "村道"}], [street])
    base = {"name": "小村", "name_en": "Village", "timezone": "Asia/Shanghai"}
    return Community(frames, base | meta, f"village{len(meta)}")
