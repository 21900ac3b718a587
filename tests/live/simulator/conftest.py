"""Communities made by hand: a full one of 13,000 residents, and a small one."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pytest
from shapely.geometry import Point, Polygon

from geodata.community import Community, empty_frame, to_schema
from geodata.schema import CRS, LAYERS

METHODS = "face,card,code,phone"


def _frame(layer: str, rows: list[dict[str, Any]]) -> gpd.GeoDataFrame:
    schema = LAYERS[layer]
    if not rows:
        return empty_frame(schema)
    if layer == "buildings":
        shapes = [
            Polygon([(x, 26), (x + 1e-4, 26), (x + 1e-4, 26.0001), (x, 26.0001)])
            for x in (119 + i * 2e-4 for i in range(len(rows)))
        ]
    else:
        shapes = [Point(119 + i * 1e-5, 26.08) for i in range(len(rows))]
    return to_schema(gpd.GeoDataFrame(rows, geometry=shapes, crs=CRS), schema)


def make_community(
    buildings: int = 108,
    doors: int = 3,
    residents: int = 13_000,
    meters: int = 7_000,
    scale: int = 1,
) -> Community:
    each = [residents // buildings + (i < residents % buildings) for i in range(buildings)]
    rows: dict[str, list[dict[str, Any]]] = {
        "buildings": [
            {
                "id": f"b{i}",
                "height_m": 18.0,
                "height_source": "assumed",
                "residents": n,
                "residents_60plus": round(n * 0.092),
                "residents_under15": round(n * 0.11),
                "households": round(n / 3.7),
            }
            for i, n in enumerate(each)
        ],
        "entrances": [
            {"id": f"b{i}-u{j}", "building_id": f"b{i}", "methods": METHODS}
            for i in range(buildings)
            for j in range(doors)
        ],
        "gates": [{"id": f"g{i}", "access": a} for i, a in enumerate(["both", "vehicle", "both"])],
        "plate_cameras": [
            {"id": f"p{i}-{d}", "gate_id": f"g{i}", "direction": d}
            for i in range(3)
            for d in ("in", "out")
        ],
        "parking": [{"id": f"park{i}", "capacity": 120} for i in range(10)],
        "services": [
            {"id": "canteen", "kind": "canteen", "capacity": 120, "hours": None},
            {
                "id": "childcare",
                "kind": "childcare",
                "capacity": 90,
                "hours": "Mo-Fr 16:00-18:30; Sa,Su off",
            },
            {"id": "centre", "kind": "service_centre", "capacity": None, "hours": None},
        ],
        "devices": [
            {"id": f"{kind}-{i}", "kind": kind, "period_s": period}
            for kind, count, period in (
                ("sos_pole", 24, 60.0),
                ("waste_bin", 30, 300.0),
                ("charging_pile", 40, 60.0),
                ("rodent_monitor", 12, 300.0),
                ("mailbox", 20, None),
                ("camera", 30, 60.0),
                ("wifi_ap", 16, 120.0),
                ("water_meter", meters // 2, None),
                ("electricity_meter", meters // 2, None),
                ("smoke_alarm", meters // 10, None),
            )
            for i in range(-(-count // (scale if period else 1)))
        ],
    }
    frames = {layer: _frame(layer, rows.get(layer, [])) for layer in LAYERS}
    meta = {"name": "试验社区", "timezone": "Asia/Shanghai", "households": round(residents / 3.7)}
    return Community(frames, meta)


def without(community: Community, *layers: str) -> Community:
    frames = {
        layer: empty_frame(LAYERS[layer]) if layer in layers else gdf
        for layer, gdf in community.frames.items()
    }
    return Community(frames, community.meta)


@pytest.fixture(scope="session")
def community() -> Community:
    return make_community()


@pytest.fixture(scope="session")
def small() -> Community:
    return make_community(buildings=4, doors=2, residents=300, meters=40, scale=8)


@pytest.fixture(scope="session")
def strip():
    return without
