"""The sample community: Junmen at its true place with its true totals, its layout illustrative."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata.community import to_schema, write_community
from geodata.sample import tables
from geodata.sample.build import LayoutError
from geodata.sample.context import make_city
from geodata.sample.devices import place_devices
from geodata.sample.doors import tabulate_doors, tabulate_gates, tabulate_plate_cameras
from geodata.sample.dwellings import make_dwellings
from geodata.sample.grounds import make_grounds
from geodata.sample.meters import place_meters
from geodata.sample.paths import snap_ends
from geodata.sample.people import HOUSEHOLDS, RESIDENTS, share_people
from geodata.sample.plane import to_degrees
from geodata.sample.scene import ensure_sound, make_scene
from geodata.schema import CRS, LAYERS

SEED = 350102
"""Division code of Gulou district; any number will do."""
DRAWS = 25
"""Layouts tried before giving up; about one in thirty does not work out."""
MADE_AT = "2026-01-01T00:00:00+00:00"


def make_sample(seed: int = SEED) -> tuple[dict[str, gpd.GeoDataFrame], dict[str, Any]]:
    """Return every layer of the sample community and its meta.

    The same seed gives the same community to the last digit; another seed gives another layout
    with the same totals.

    Args:
        seed: Any number.

    Returns:
        WGS84 frames by layer name, and meta (see `geodata.schema.META_KEYS`).
    """
    for draw in range(DRAWS):
        try:
            return _draw(np.random.default_rng([seed, draw]).spawn(7)), _meta()
        except LayoutError:
            if draw == DRAWS - 1:
                raise
    raise AssertionError("unreachable")


def _draw(rngs: list[np.random.Generator]) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers of one drawing.

    Raises:
        LayoutError: The drawing does not work out; another one will.
    """
    scene = make_scene(rngs[0])
    ids = tables.building_ids(scene.built.buildings)
    city = make_city(scene.plane, scene.boundary, rngs[2])
    ways = snap_ends(scene.streets + scene.built.paths + city.roads)
    home = ways[: len(scene.streets) + len(scene.built.paths)]
    ensure_sound(scene, home)
    people = share_people(scene.built.buildings, rngs[1])
    grounds = make_grounds(scene, home, rngs[3])
    outdoor = tables.tabulate_devices(scene, ids, place_devices(scene, home, grounds, rngs[5]))
    indoor = place_meters(scene.built.buildings, ids, people.households, rngs[6])
    made = {
        "boundary": pd.DataFrame(
            [{"id": "350102004001", "name": "军门社区", "geometry": scene.boundary}]
        ),
        "compounds": tables.tabulate_compounds(scene),
        "grids": tables.tabulate_grids(scene),
        "buildings": tables.tabulate_buildings(scene, ids, people),
        "building_parts": tables.tabulate_parts(scene, ids),
        "context": tables.tabulate_context(city),
        "entrances": tabulate_doors(scene, ids, rngs[4]),
        "gates": tabulate_gates(scene),
        "plate_cameras": tabulate_plate_cameras(scene),
        "devices": pd.DataFrame(outdoor.to_dict("records") + indoor.to_dict("records")),
        "services": tables.tabulate_services(scene, ids),
        "parking": tables.tabulate_parking(grounds),
        "roads": tables.tabulate_roads(scene, ways, home),
        "green": tables.tabulate_areas("green", grounds.green),
        "water": tables.tabulate_areas("water", grounds.water),
    }
    return {name: _to_frame(made[name], name) for name in LAYERS}


def write_sample(path: Path, seed: int = SEED) -> None:
    """Make the sample community and write it as a community file.

    Args:
        path: The GeoPackage to write; an old one is replaced.
        seed: See `make_sample`.
    """
    frames, meta = make_sample(seed)
    dwellings = make_dwellings(frames, np.random.default_rng([seed, DRAWS]))
    write_community(frames, meta, path, dwellings=dwellings)


def _meta() -> dict[str, Any]:
    return {
        "name": "军门社区",
        "name_en": "Junmen community",
        "timezone": "Asia/Shanghai",
        "households": HOUSEHOLDS,
        "residents": RESIDENTS,
        "illustrative": True,
        "source": {
            "zh": "示意布局，非实测；总数据公开报道",
            "en": "Illustrative layout, not surveyed; totals as published",
        },
        "made_at": MADE_AT,
    }


def _to_frame(table: pd.DataFrame, layer: str) -> gpd.GeoDataFrame:
    shapes = to_degrees(table["geometry"].to_numpy())
    gdf = gpd.GeoDataFrame(table.drop(columns="geometry"), geometry=shapes, crs=CRS)
    return to_schema(gdf, LAYERS[layer])
