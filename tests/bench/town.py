"""A town of any size for benchmarks, and the changes that devices send."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from geodata.community import Community, empty_frame, to_schema
from geodata.schema import CRS, LAYERS

LON, LAT = 119.3, 26.08
STEP = 0.0004
DEVICE_KINDS = ("sos_pole", "waste_bin", "mailbox")


def make_town(buildings: int, devices: int) -> Community:
    """Return blocks on a wavy grid with devices between them; about eight corners a block."""
    rng = np.random.default_rng(5)
    side = int(np.ceil(np.sqrt(buildings)))
    i, j = np.divmod(np.arange(buildings), side)
    x = LON + (i - side / 2) * STEP + rng.normal(0, STEP / 20, buildings)
    y = LAT + (j - side / 2) * STEP + rng.normal(0, STEP / 20, buildings)
    outline = np.array([(-1, -0.4), (0.2, -0.4), (0.2, -0.6), (1, -0.6), (1, 0.5), (-0.3, 0.5),
                        (-0.3, 0.6), (-1, 0.6)]) * STEP * 0.32  # fmt: skip
    polygons = [shapely.Polygon(outline + at) for at in np.column_stack([x, y])]
    blocks = gpd.GeoDataFrame(
        {
            "id": [f"b-{k}" for k in range(buildings)],
            "name": [f"{k} 号楼" for k in range(buildings)],
            "height_m": rng.choice([18.0, 21.0, 54.0], buildings),
            "height_source": "measured",
        },
        geometry=polygons,
        crs=CRS,
    )
    extent = side * STEP / 2
    spots = shapely.points(
        LON + rng.uniform(-extent, extent, devices), LAT + rng.uniform(-extent, extent, devices)
    )
    things = gpd.GeoDataFrame(
        {
            "id": [f"d-{k}" for k in range(devices)],
            "name": [f"设备 {k}" for k in range(devices)],
            "kind": [DEVICE_KINDS[k % 3] for k in range(devices)],
            "period_s": 60.0,
        },
        geometry=spots,
        crs=CRS,
    )
    frames = {name: empty_frame(schema) for name, schema in LAYERS.items()}
    frames["buildings"] = to_schema(blocks, LAYERS["buildings"])
    frames["devices"] = to_schema(things, LAYERS["devices"])
    return Community(
        frames, {"name": "bench", "timezone": "Asia/Shanghai"}, f"{buildings}-{devices}"
    )
