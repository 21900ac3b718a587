"""Who lives in each building, by group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geodata.coverage.rules import GROUPS

if TYPE_CHECKING:
    from geodata.community import Community
    from geodata.coverage.network import Floats

_COLUMNS = {
    "all": "residents",
    "older": "residents_60plus",
    "children": "residents_under15",
    "living_alone": "living_alone",
}


@dataclass(frozen=True)
class People:
    """Residents by building and group.

    Attributes:
        counts: (buildings, groups), in the order of `GROUPS`; 0 where unknown.
        known: Groups that the file counts anywhere.
        unit: "people"; or "buildings" where the file counts nobody: then each building is one.
    """

    counts: Floats
    known: tuple[str, ...]
    unit: str

    def of(self, group: str) -> Floats:
        """Return the people of one group, (buildings,)."""
        return self.counts[:, GROUPS.index(group)]


def count_people(community: Community) -> People:
    """Return the residents of a community's buildings.

    `living_alone` is read from a column of that name, which files may have and the schema does not.
    """
    buildings = community["buildings"]
    counts = np.zeros((len(buildings), len(GROUPS)))
    known = []
    for place, group in enumerate(GROUPS):
        column = _COLUMNS[group]
        if column in buildings:
            numbers = pd.to_numeric(buildings[column], errors="coerce").astype("Float64")
            if numbers.notna().any():
                known.append(group)
                counts[:, place] = numbers.fillna(0).to_numpy(float).clip(min=0)
    if not counts[:, 0].any():
        counts[:, 0] = 1.0
        return People(counts, tuple(known), "buildings")
    return People(counts, tuple(known), "people")
