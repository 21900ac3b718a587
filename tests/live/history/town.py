"""A town of a few doors with a simulated day in its store, for histories."""

from __future__ import annotations

from datetime import date, timedelta

import geopandas as gpd
from shapely.geometry import LineString, Point, box

from geodata.community import Community, empty_frame, to_schema
from geodata.schema import CRS, LAYERS
from live.history import Span, day_span
from live.simulator import Simulator
from live.store import Store, open_store

DAY = date(2026, 11, 20)
KEY = b"a secret of a test, long enough"
LON, LAT, STEP = 119.3, 26.08, 0.001


def make_town() -> Community:
    """Two compounds: one of two buildings with two doors each, one of a building with one door."""
    buildings = [("a1", "A", 60), ("a2", "A", 48), ("b1", "B", 30)]
    doors = [("a1-1", "a1"), ("a1-2", "a1"), ("a2-1", "a2"), ("a2-2", "a2"), ("b1-1", "b1")]
    places = {
        "compounds": [
            ({"id": "A", "name": "甲"}, _box(-1, -1, 5, 3)),
            ({"id": "B", "name": "乙"}, _box(6, -1, 9, 3)),
        ],
        "grids": [({"id": "all"}, _box(-1, -1, 9, 3))],
        "boundary": [({"id": "edge"}, _box(-2, -2, 10, 4))],
        "buildings": [
            (
                {"id": key, "compound_id": compound, "grid_id": "all", "height_m": 18.0,
                 "height_source": "assumed", "households": homes, "residents": homes * 2,
                 "name": key},
                _box(2 * row, 0, 2 * row + 1, 1),
            )
            for row, (key, compound, homes) in enumerate(buildings)
        ],
        "entrances": [
            ({"id": key, "building_id": building, "name": key}, _point(row, 1.1))
            for row, (key, building) in enumerate(doors)
        ],
        "gates": [
            ({"id": "gA", "access": "both", "compound_id": "A", "name": "甲门"}, _point(0, 2.0)),
            ({"id": "gB", "access": "both", "compound_id": "B", "name": "乙门"}, _point(4, 2.0)),
        ],
        "plate_cameras": [
            ({"id": "gA-in", "gate_id": "gA", "direction": "in"}, _point(0, 2.1)),
            ({"id": "gA-out", "gate_id": "gA", "direction": "out"}, _point(0.1, 2.1)),
            ({"id": "gB-both", "gate_id": "gB", "direction": "both"}, _point(4, 2.1)),
        ],
        "parking": [({"id": "p0", "capacity": 60, "name": "车库"}, _point(3, 2.0))],
        "services": [
            ({"id": "s0", "kind": "canteen", "capacity": 40, "hours": "Mo-Su 07:00-19:00",
              "supplier": "居委会", "supplier_kind": "community", "name": "食堂"}, _point(2, 2.5)),
            ({"id": "s1", "kind": "childcare", "hours": "Mo-Fr 16:00-18:30", "name": "托管"},
             _point(2, 2.6)),
        ],
        "devices": [
            ({"id": "bin0", "kind": "waste_bin", "period_s": 600.0}, _point(1, 2.4)),
        ],
        "roads": [
            ({"id": f"r{x}", "kind": "footway"}, LineString([_xy(x, 1.5), _xy(x + 1, 1.5)]))
            for x in range(-1, 5)
        ],
    }  # fmt: skip
    frames = {name: empty_frame(schema) for name, schema in LAYERS.items()}
    for layer, rows in places.items():
        shapes = [shape for _, shape in rows]
        gdf = gpd.GeoDataFrame([row for row, _ in rows], geometry=shapes, crs=CRS)
        frames[layer] = to_schema(gdf, LAYERS[layer])
    meta = {"name": "小镇", "timezone": "Asia/Shanghai", "residents": 276}
    return Community(frames, meta, "town")


def fill_store(town: Community, url: str = "sqlite://") -> tuple[Store, Span]:
    """Return a store that holds the day, and two hours after it, as it was simulated."""
    simulator = Simulator(town, 5, meters=False)
    span = day_span(DAY, simulator.zone)
    store = open_store(url)
    store.append(list(simulator.events(span.since, span.until + timedelta(hours=2))))
    return store, span


def _xy(x: float, y: float) -> tuple[float, float]:
    return LON + x * STEP, LAT + y * STEP


def _point(x: float, y: float) -> Point:
    return Point(_xy(x, y))


def _box(x0: float, y0: float, x1: float, y1: float):
    return box(*_xy(x0, y0), *_xy(x1, y1))
