"""Where a thing belongs: from the whole community down to it, each step a stop of the camera."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from geodata.community import Community

AREAS = ("grids", "compounds")
"""Layers of named areas, the ones that divide the community first."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way: a feature and the name it has below its parent."""

    layer: str
    id: str
    name: str
    name_en: str = ""

    def as_dict(self) -> dict[str, str]:
        """Return it as JSON has it, `name_en` only where it has another name in English."""
        told = asdict(self)
        return told if self.name_en else {k: v for k, v in told.items() if k != "name_en"}


def chain_of(community: Community, layer: str, feature_id: str) -> list[Step]:
    """Return the way from the community to a feature, itself last.

    Args:
        community: Where it stands.
        layer: A layer of the community, `floors` (id `BUILDING/FLOOR`) or `community`.
        feature_id: Its id; one that is not there gives the community alone.
    """
    name_en = community.name_in("en")
    top = [Step("community", "", community.name, name_en if name_en != community.name else "")]
    if layer == "floors":
        building, _, floor = feature_id.partition("/")
        way = chain_of(community, "buildings", building)
        return [*way, Step("floors", feature_id, floor.split("/")[0])] if len(way) > 1 else way
    row = find_row(community, layer, feature_id)
    if row is None:
        return top
    me = Step(layer, feature_id, _text(row.get("name")) or feature_id)
    parent = _parent(community, layer, row)
    above = chain_of(community, *parent) if parent else top
    return [*above, _shortened(me, above[-1])]


def find_row(community: Community, layer: str, feature_id: str) -> pd.Series[Any] | None:
    """Return the row of a feature, or None."""
    if layer not in community.frames:
        return None
    gdf = community[layer]
    rows = gdf[gdf["id"] == feature_id]
    return None if rows.empty else rows.iloc[0]


def _parent(community: Community, layer: str, row: pd.Series[Any]) -> tuple[str, str] | None:
    links = {
        "buildings": (("grid_id", "grids"), ("compound_id", "compounds")),
        "plate_cameras": (("gate_id", "gates"),),
        "gates": (("compound_id", "compounds"),),
    }.get(layer, (("building_id", "buildings"),))
    for column, parent in links:
        key = row.get(column)
        if key is not None and not pd.isna(key) and (community[parent]["id"] == key).any():
            floor = row.get("floor")
            if parent == "buildings" and floor is not None and not pd.isna(floor):
                return "floors", f"{key}/{int(floor)}"
            return parent, str(key)
    if layer in AREAS:
        return None
    # what names no parent belongs to the area it stands in
    point = row.geometry.representative_point()
    for area in AREAS:
        gdf = community[area]
        inside = gdf[gdf.geometry.contains(point)] if len(gdf) else gdf
        if len(inside):
            return area, str(inside.iloc[0]["id"])
    return None


def _shortened(step: Step, above: Step) -> Step:
    """Return a step without the part of its name that its parent has said already."""
    name = step.name
    if name.startswith(above.name) and len(name) > len(above.name):
        name = name[len(above.name) :].strip(" -·") or name
    return Step(step.layer, step.id, name)


def _text(value: Any) -> str:
    return "" if value is None or pd.isna(value) else str(value)
