"""A small community that feeds speak about, and the real payloads where they are at hand."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import geopandas as gpd
import pytest
from shapely.geometry import Point

from geodata.community import Community, empty_frame, to_schema
from geodata.schema import CRS, LAYERS
from live.feeds import DeviceIndex

RECEIVED = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
ROWS = {
    "entrances": [{"id": "door-1"}, {"id": "door-2"}],
    "gates": [{"id": "gate-1"}],
    "plate_cameras": [
        {"id": "cam-in", "direction": "in"},
        {"id": "cam-both", "direction": "both"},
    ],
    "devices": [{"id": f"dev-{i}", "kind": "other"} for i in range(4)],
    "parking": [{"id": "park-1", "capacity": 500}],
    "services": [{"id": "canteen", "kind": "canteen"}],
}


def _frame(layer: str) -> gpd.GeoDataFrame:
    rows = ROWS.get(layer)
    if rows is None:
        return empty_frame(LAYERS[layer])
    points = [Point(119.3, 26.08)] * len(rows)
    return to_schema(gpd.GeoDataFrame(rows, geometry=points, crs=CRS), LAYERS[layer])


COMMUNITY = Community({layer: _frame(layer) for layer in LAYERS}, {"timezone": "Asia/Shanghai"})


@pytest.fixture(scope="session")
def index():
    """Make an index with aliases."""

    def make(key: bytes = b"secret", /, **aliases: str) -> DeviceIndex:
        return DeviceIndex(COMMUNITY, aliases, key=key)

    return make


@pytest.fixture(scope="session")
def parse():
    """Read a message as it comes in."""

    def read(feed, body, resolve, **headers):
        if isinstance(body, str):
            body = body.encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return feed.parse(body, named, received_at=RECEIVED, resolve=resolve)

    return read


@pytest.fixture(scope="session")
def payloads():
    """The folder of real payloads."""
    folder = Path(__file__).resolve().parents[3] / ".." / "shared" / "data" / "payloads"
    if not folder.is_dir():
        pytest.skip("the real payloads (../shared/data/payloads) are not at hand")
    return folder
