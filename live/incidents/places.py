"""Where incidents are: the thing on the map that may be shown, its area, and how far apart."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import pandas as pd

from geodata.community import Community
from geodata.schema import METER_KINDS
from live.incidents.detect.base import Scene

METRES_A_DEGREE = 111_195.0
"""Of a great circle, on a sphere of 6,371 km."""
AREAS = ("grids", "compounds")
LAYERS = ("entrances", "gates", "plate_cameras", "devices", "services", "parking")


@dataclass(frozen=True, slots=True)
class Place:
    """One place.

    Attributes:
        layer: Layer of the thing to show; empty for the whole community.
        id: Its id.
        area: The grid (or compound) it lies in, as layer and id; None where there is none.
        x: Metres east of the middle of the community.
        y: Metres north of it.
    """

    layer: str = ""
    id: str = ""
    area: tuple[str, str] | None = None
    x: float = 0.0
    y: float = 0.0

    def distance_m(self, other: Place) -> float:
        """Return how far another place is, metres, straight."""
        return math.hypot(self.x - other.x, self.y - other.y)


@dataclass(frozen=True)
class Places:
    """The places of a community, by layer and id of a subject.

    A thing inside a flat is at its building, and never shown nearer.
    """

    known: dict[tuple[str, str], Place] = field(default_factory=dict)

    def of(self, layer: str, subject: str) -> Place:
        """Return where a subject is; the whole community where nobody knows."""
        return self.known.get((layer, subject), Place())

    def area_of(self, layer: str, subject: str) -> Place:
        """Return the area a subject lies in; the whole community where there is none."""
        area = self.of(layer, subject).area
        return self.known.get(area, Place()) if area else Place()


_READ = ("id", "kind", "building_id", "gate_id")
"""The columns that places need; a row made of all of them costs a restart tenths of a second."""


def build_places(community: Community) -> Places:
    """Return the places of a community."""
    lon, lat = community.centre
    shrink = math.cos(math.radians(lat))

    def to_xy(gdf: gpd.GeoDataFrame) -> list[tuple[float, float]]:
        points = gdf.geometry.representative_point()
        return [
            ((p.x - lon) * METRES_A_DEGREE * shrink, (p.y - lat) * METRES_A_DEGREE) for p in points
        ]

    area_layer = next((name for name in AREAS if len(community[name])), None)
    known: dict[tuple[str, str], Place] = {}
    areas = community[area_layer] if area_layer else None
    if areas is not None and area_layer:
        for key, (x, y) in zip(areas["id"], to_xy(areas), strict=True):
            known[area_layer, str(key)] = Place(area_layer, str(key), (area_layer, str(key)), x, y)
    for layer in ("buildings", *LAYERS):
        gdf = community[layer]
        inside = _areas(gdf, areas)
        for row, (x, y), area in zip(_records(gdf), to_xy(gdf), inside, strict=True):
            where = (area_layer, area) if area_layer and area else None
            shown = (layer, str(row["id"]))
            if layer == "devices" and row.get("kind") in METER_KINDS:
                building = row.get("building_id")
                found = known.get(("buildings", str(building))) if building else None
                # a meter that names no building is somewhere in its area
                known[shown] = found or (known.get(where) if where else None) or Place()
                continue
            known[shown] = Place(*shown, where, x, y)
    return Places(known)


def build_scene(community: Community) -> Scene:
    """Return what detection knows of a community."""
    cameras = _records(community["plate_cameras"])
    return Scene(
        device_kinds={str(r["id"]): str(r["kind"]) for r in _records(community["devices"])},
        gate_of={str(r["id"]): str(r["gate_id"]) for r in cameras if r.get("gate_id")},
    )


def _records(gdf: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    read = [name for name in _READ if name in gdf.columns]
    columns = [gdf[name].to_numpy(dtype=object, na_value=None) for name in read]
    return [dict(zip(read, cells, strict=True)) for cells in zip(*columns, strict=True)]


def _areas(gdf: gpd.GeoDataFrame, areas: gpd.GeoDataFrame | None) -> list[str | None]:
    """Return the area that each row lies in."""
    if areas is None or not len(gdf):
        return [None] * len(gdf)
    points = gpd.GeoDataFrame(geometry=gdf.geometry.representative_point(), crs=gdf.crs)
    joined = gpd.sjoin(points, areas[["id", "geometry"]], how="left", predicate="within")
    first = joined.groupby(level=0)["id"].first()
    return [None if pd.isna(v) else str(v) for v in first.reindex(range(len(gdf)))]
