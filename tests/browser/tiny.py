"""A community of a few blocks at known places, each layer with a first row to point at."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import geopandas as gpd
import pandas as pd
import pyproj
from shapely.geometry import LineString, Point, Polygon, box

from geodata.community import DWELLINGS, Community, empty_frame, to_columns, to_schema
from geodata.schema import CRS, LAYERS
from live.events import Event

LON, LAT = 119.3, 26.08
ZONE = "Asia/Shanghai"
# metres here are of the true ellipsoid, so the product's own frame is not its own judge
_TO_WGS84 = pyproj.Transformer.from_crs(
    f"+proj=aeqd +lat_0={LAT} +lon_0={LON} +datum=WGS84", CRS, always_xy=True
)

BLOCKS = {  # id: centre x, y, width, depth, height, metres
    "tall": (-42.0, 16.0, 22.0, 20.0, 30.0),
    "low": (44.0, 34.0, 34.0, 16.0, 9.0),
    "mid": (30.0, -26.0, 26.0, 14.0, 21.0),
}
POINTS: dict[str, list[tuple[str, float, float, dict[str, Any]]]] = {
    "entrances": [
        ("d0", 30.0, -36.0, {"building_id": "mid", "name": "一单元"}),
        ("d1", 50.0, -26.0, {"building_id": "mid", "name": "二单元"}),
        ("d2", 44.0, 22.0, {"building_id": "low", "name": "三单元"}),
    ],
    "gates": [
        ("g0", -8.0, -72.0, {"access": "both", "name": "南门"}),
        ("g1", 72.0, 0.0, {"access": "both", "name": "东门"}),
    ],
    "plate_cameras": [
        ("c0", 14.0, -68.0, {"gate_id": "g0", "direction": "both", "name": "南门相机"}),
        ("c1", 72.0, 12.0, {"gate_id": "g1", "direction": "in", "name": "东门相机"}),
    ],
    "devices": [
        # inside a flat: counted, never drawn, so that rows of the frame and of the map differ
        ("meter0", 36.0, -26.0, {"kind": "water_meter", "building_id": "mid", "name": "水表"}),
        ("sos0", -52.0, -22.0, {"kind": "sos_pole", "period_s": 60.0, "name": "报警灯杆"}),
        ("bin0", -26.0, -50.0, {"kind": "waste_bin", "period_s": 600.0, "name": "垃圾箱"}),
    ],
    "services": [
        ("s0", -30.0, -20.0, {"kind": "canteen", "capacity": 40, "name": "长者食堂"}),
        ("s1", 60.0, 52.0, {"kind": "shop", "name": "小店"}),
    ],
    "parking": [
        ("p0", 60.0, -60.0, {"capacity": 20, "name": "南停车场"}),
        ("p1", -66.0, 60.0, {"capacity": 8, "name": "西停车场"}),
    ],
}
GRIDS = {  # id: name, west and east of it, metres, and its buildings
    "west": ("西网格", (-80.0, 0.0), ("tall",)),
    "east": ("东网格", (0.0, 80.0), ("low", "mid")),
}
FLATS = [("mid", unit, floor) for floor in range(1, 8) for unit in "12"]
"""One flat a unit on each of seven floors."""
_numbers = count()


def to_degrees(x: float, y: float) -> tuple[float, float]:
    """Return longitude and latitude of metres east and north of the middle."""
    lon, lat = _TO_WGS84.transform(x, y)
    return float(lon), float(lat)


def _square(x: float, y: float, width: float, depth: float) -> Polygon:
    corners = box(x - width / 2, y - depth / 2, x + width / 2, y + depth / 2).exterior.coords
    return Polygon([to_degrees(*corner) for corner in corners])


def make_tiny(**meta: Any) -> Community:
    frames = {name: empty_frame(schema) for name, schema in LAYERS.items()}

    def put(layer: str, rows: list[dict[str, Any]], shapes: list[Any]) -> None:
        gdf = gpd.GeoDataFrame(rows, geometry=shapes, crs=CRS)
        frames[layer] = to_schema(gdf, LAYERS[layer])

    put("boundary", [{"id": "edge"}], [_square(0, 0, 160, 160)])
    put(
        "buildings",
        [
            {"id": key, "name": f"{key} 楼", "height_m": b[4], "height_source": "measured"}
            for key, b in BLOCKS.items()
        ],
        [_square(*b[:4]) for b in BLOCKS.values()],
    )
    for layer, points in POINTS.items():
        rows = [{"id": key, **columns} for key, _, _, columns in points]
        put(layer, rows, [Point(to_degrees(x, y)) for _, x, y, _ in points])
    street = LineString([to_degrees(-80, 0), to_degrees(80, 0)])
    put("roads", [{"id": "r0", "kind": "residential", "width_m": 8.0, "name": "中路"}], [street])
    base = {
        "name": "小小社区", "name_en": "Tiny", "timezone": ZONE, "residents": 90,
    }  # fmt: skip
    flats = pd.DataFrame(
        [
            {"id": f"f{n}", "building_id": building, "unit": unit, "floor": floor, "tenure": "let"}
            for n, (building, unit, floor) in enumerate(FLATS)
        ]
    )
    return Community(frames, base | meta, f"tiny{len(meta)}", to_columns(flats, DWELLINGS))


def with_grids(community: Community) -> Community:
    """Return the tiny community cut in two grids (网格)."""
    rows = [{"id": key, "name": name} for key, (name, _, _) in GRIDS.items()]
    shapes = [
        Polygon([to_degrees(*corner) for corner in box(west, -80, east, 80).exterior.coords])
        for _, (west, east), _ in GRIDS.values()
    ]
    grids = gpd.GeoDataFrame(rows, geometry=shapes, crs=CRS)
    buildings = community["buildings"].copy()
    for key, (_, _, mine) in GRIDS.items():
        buildings.loc[buildings["id"].isin(mine), "grid_id"] = key
    frames = {"grids": to_schema(grids, LAYERS["grids"]), "buildings": buildings}
    digest = f"{community.digest}-grids"
    return replace(community, frames=community.frames | frames, digest=digest)


PANELS = {
    "grids": "east",
    "buildings": "mid",
    "entrances": "d0",
    "gates": "g0",
    "plate_cameras": "c0",
    "devices": "bin0",
    "services": "s0",
    "parking": "p0",
}
"""One of each kind that has a panel, and a past (`make_past`) but for the first two."""


def place_of(layer: str, feature: str) -> tuple[float, float]:
    """Return metres of a point feature."""
    return next((x, y) for key, x, y, _ in POINTS[layer] if key == feature)


def make_event(layer: str, subject: str, kind: str, **data: Any) -> Event:
    """Return an event of this moment."""
    now = datetime.now(UTC)
    number = f"tiny-{now.timestamp()}-{next(_numbers)}"
    return Event(number, kind, "test", layer, subject, now, now, data=data)


def yesterday() -> date:
    """Return the day before this one by the tiny community's clock."""
    return datetime.now(ZoneInfo(ZONE)).date() - timedelta(days=1)


PLATE = "闽A12345"


def make_past() -> list[Event]:
    """Return a few things that happened yesterday to one of each kind, which the present forgot."""
    dawn = datetime.combine(yesterday(), time(6), ZoneInfo(ZONE)).astimezone(UTC)
    told: list[tuple[str, str, str, dict[str, Any]]] = []
    for number in range(40):
        way = "in" if number % 2 else "out"
        told += [
            ("entrances", "d0", "access", {"method": "face", "direction": way}),
            ("gates", "g0", "access", {"method": "card", "direction": way}),
            ("plate_cameras", "c0", "plate", {"plate": PLATE, "direction": way, "who": "visitor"}),
            ("devices", "bin0", "reading", {"values": {"level": number}, "unit": {"level": "%"}}),
            ("parking", "p0", "reading", {"values": {"free": number % 20}}),
            ("services", "s0", "service", {"state": "open", "used": number}),
        ]
    told += [
        ("plate_cameras", "c0", "plate", {"plate": None, "direction": "in"}),
        ("entrances", "d0", "status", {"state": "held"}),
        ("entrances", "d0", "status", {"state": "closed"}),
    ]
    return [
        Event(f"past-{step}", kind, "test", layer, subject, at, at, live=False, data=data)
        for step, (layer, subject, kind, data) in enumerate(told)
        for at in [dawn + timedelta(minutes=step)]
    ]


def world_pixels(lon: float, lat: float) -> tuple[float, float]:
    """Return Web Mercator pixels at zoom 0, 512 wide, y down (EPSG:3857 scaled)."""
    x = (lon + 180) / 360 * 512
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 512
    return x, y
