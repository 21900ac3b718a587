"""A community small enough to reckon by hand, and events for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import geopandas as gpd
from shapely.geometry import Point, box

from geodata.community import Community, empty_frame, to_schema
from geodata.schema import CRS, LAYERS
from live.events import Event

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
"""12:00 of 23 November 2026 in Fuzhou."""
DOORS = ["d0", "d1", "d2", "d3"]
PERIODS = {"sos": 60.0, "bin": 600.0, "meter": 3600.0, "smoke": 86400.0}
_numbers = count()


def small_community(**meta: Any) -> Community:
    rows: dict[str, list[dict[str, Any]]] = {
        "entrances": [{"id": door} for door in DOORS],
        "gates": [{"id": "g0", "access": "both"}],
        "plate_cameras": [{"id": "c0", "direction": "in"}, {"id": "c1", "direction": "both"}],
        "devices": [
            {"id": "sos", "kind": "sos_pole", "period_s": 60},
            {"id": "bin", "kind": "waste_bin", "period_s": 600},
            {"id": "meter", "kind": "water_meter", "period_s": 3600},
            {"id": "smoke", "kind": "smoke_alarm"},
        ],
        "parking": [{"id": "p0", "capacity": 20}],
        "services": [{"id": "s0", "kind": "canteen", "capacity": 10}],
    }
    frames = {name: empty_frame(schema) for name, schema in LAYERS.items()}
    for layer, records in rows.items():
        points = [Point(119.3 + i / 1e4, 26.08) for i in range(len(records))]
        gdf = gpd.GeoDataFrame(records, geometry=points, crs=CRS)
        frames[layer] = to_schema(gdf, LAYERS[layer])
    boundary = gpd.GeoDataFrame([{"id": "b"}], geometry=[box(119.2, 26.0, 119.4, 26.1)], crs=CRS)
    frames["boundary"] = to_schema(boundary, LAYERS["boundary"])
    base = {"name": "小区", "timezone": "Asia/Shanghai", "residents": 500}
    return Community(frames, base | meta, "small")


def make_event(
    kind: str,
    subject: str,
    at: datetime | float = 0.0,
    /,
    *,
    layer: str | None = None,
    live: bool = True,
    received: datetime | None = None,
    event_id: str | None = None,
    **data: Any,
) -> Event:
    """Return an event; `at` in seconds counts from NOON."""
    moment = NOON + timedelta(seconds=at) if isinstance(at, int | float) else at
    found = layer or next(name for start, name in _LAYERS if subject.startswith(start))
    number = f"e{next(_numbers)}" if event_id is None else event_id
    return Event(
        number, kind, "test", found, subject, moment, received or moment, live=live, data=data
    )


_LAYERS = (
    ("d", "entrances"),
    ("g", "gates"),
    ("c", "plate_cameras"),
    ("p", "parking"),
    ("s0", "services"),
    ("", "devices"),
)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)
