"""The flats of the sample, one row a household (户): where they are and whose they are.

They follow from the finished community: a building has as many as it has households, a floor as
many as it has water meters, a unit as many as its neighbours within one.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata.sample.people import Ints, share_out
from geodata.schema import TENURES

VACANT = (0.03, 0.09)
"""Least and most share of empty flats by building, about that of an old city centre."""
LET = (0.18, 0.36)
MOST_PEOPLE = 9

Generator = np.random.Generator


def make_dwellings(frames: dict[str, gpd.GeoDataFrame], rng: Generator) -> pd.DataFrame:
    """Return the flats of every building.

    Args:
        frames: The sample's buildings, entrances and devices.
        rng: Source of chance.

    Returns:
        Columns of `geodata.schema.TABLES["dwellings"]`; per building as many rows as households,
        and residents that add up to the building's, none in a vacant flat.
    """
    devices = frames["devices"]
    meters = devices[devices["kind"] == "water_meter"]
    per_floor = meters.groupby(["building_id", "floor"]).size()
    units = frames["entrances"].groupby("building_id")["unit"].agg(list)
    rows = []
    homes = frames["buildings"][frames["buildings"]["households"] > 0]
    for id_, households, people in zip(
        homes["id"], homes["households"], homes["residents"], strict=True
    ):
        counts = per_floor.loc[id_]
        flats = [
            (str(unit), int(floor), index)
            for floor, count in counts.items()
            for unit, within in zip(
                units[id_], _deal(int(count), len(units[id_]), rng), strict=True
            )
            for index in range(1, within + 1)
        ]
        tenures = _tenures(int(households), rng)
        residents = _people(int(people), tenures, rng)
        rows += [
            {
                "id": f"{id_}-{unit}-{floor:02d}{index:02d}",
                "building_id": id_,
                "unit": unit,
                "floor": floor,
                "room": f"{floor}{index:02d}",
                "tenure": TENURES[tenure],
                "residents": count,
            }
            for (unit, floor, index), tenure, count in zip(flats, tenures, residents, strict=True)
        ]
    return pd.DataFrame(rows)


def _deal(count: int, units: int, rng: Generator) -> Ints:
    """Return how many of a floor's flats each unit has: alike, the odd ones by chance."""
    dealt = np.full(units, count // units)
    dealt[rng.choice(units, count % units, replace=False)] += 1
    return dealt


def _tenures(count: int, rng: Generator) -> Ints:
    """Return for each flat of a building the index of its tenure."""
    vacant = int(count * rng.uniform(*VACANT))
    let = int(count * rng.uniform(*LET))
    return rng.permutation(np.repeat([0, 1, 2], [count - let - vacant, let, vacant]))


def _people(total: int, tenures: Ints, rng: Generator) -> Ints:
    """Return residents by flat, nobody in a vacant one."""
    lived_in = (tenures != TENURES.index("vacant")).astype(float)
    weights = lived_in * rng.uniform(0.4, 1.6, len(tenures))
    return share_out(total, weights, lived_in * MOST_PEOPLE)
