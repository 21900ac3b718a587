"""The meters and smoke alarms inside the sample's flats, without flat numbers.

Ids run in an order shuffled over the whole community, water apart from electricity, so that a
meter's id says nothing of its building, floor or flat; which flat it hangs in is not kept at all.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from geodata.sample.build import Building
from geodata.sample.people import Ints

SMOKE_ALARMS = 1_180
METERS = (
    ("water_meter", "WM", "水表", 3600.0),
    ("electricity_meter", "EM", "电表", 3600.0),
    ("smoke_alarm", "SA", "烟感", 43200.0),
)


def floors_of(building: Building) -> list[int]:
    """Return the floor of every flat of a building."""
    first = 4 if building.parts else 1 if building.ground_floor_homes else 2
    floors = list(range(first, building.storeys + 1))
    return [floors[index % len(floors)] for index in range(building.homes)]


def place_meters(
    buildings: list[Building], ids: list[str], households: Ints, rng: np.random.Generator
) -> pd.DataFrame:
    """Return one water and one electricity meter a household, and smoke alarms in some.

    Args:
        buildings: All buildings.
        ids: Their ids.
        households: Their households.
        rng: Source of chance.

    Returns:
        Columns id, name, kind, building_id, floor, period_s, height_m and geometry (`xy`).
    """
    owner = np.repeat(np.arange(len(buildings)), households)
    floor = np.concatenate(
        [
            rng.choice(floors_of(building), size=int(count), replace=False)
            for building, count in zip(buildings, households, strict=True)
            if count
        ]
    )
    old = np.array([3.0 if building.use == "house" else 1.0 for building in buildings])[owner]
    alarmed = rng.choice(len(owner), SMOKE_ALARMS, replace=False, p=old / old.sum())
    frames = []
    for kind, code, words, period in METERS:
        rows = alarmed if kind == "smoke_alarm" else np.arange(len(owner))
        rows = rng.permutation(rows)
        numbers = [f"{code}-{number:05d}" for number in range(1, len(rows) + 1)]
        frames.append(
            pd.DataFrame(
                {
                    "id": numbers,
                    "name": [f"{words} {number}" for number in numbers],
                    "kind": kind,
                    "building_id": [ids[index] for index in owner[rows]],
                    "floor": floor[rows],
                    "period_s": period,
                    "height_m": np.round((floor[rows] - 1) * 3.0 + 1.2, 1),
                    "geometry": _inside([buildings[index] for index in owner[rows]], rng),
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def _inside(houses: list[Building], rng: np.random.Generator) -> list[shapely.Point]:
    """Return one chance point inside each building."""
    shapes = np.array([house.parts[1 if len(house.parts) > 1 else 0].shape if house.parts
                       else house.shape for house in houses])  # fmt: skip
    bounds = shapely.bounds(shapes)
    xy = np.full((len(shapes), 2), np.nan)
    missing = np.arange(len(shapes))
    shapely.prepare(shapes)
    while len(missing):
        low, high = bounds[missing, :2], bounds[missing, 2:]
        trial = np.round(rng.uniform(low, high), 2)
        hit = shapely.contains_xy(shapes[missing], trial[:, 0], trial[:, 1])
        xy[missing[hit]] = trial[hit]
        missing = missing[~hit]
    return list(shapely.points(xy))
