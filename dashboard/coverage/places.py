"""Where and how the things of coverage stand on the screen: names, metres, order of buildings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from geodata.community import Community
from geodata.coverage.network import Plane
from geodata.coverage.now import Base
from geodata.coverage.summary import find_areas
from layers.buildings import PUBLIC_USES, solids
from layers.scene import Scene, texts


@dataclass(frozen=True)
class Places:
    """Names and places of one world.

    Attributes:
        scene: The community with its frame.
        areas: The area of each building.
        grids: {grid: which buildings lie in it, (n,)}.
        homes: {(layer, id): the grid of a building or an entrance}.
        doors: {entrance: its building}.
        names: {area: its name}; a building's own where it is in no area.
        gates: {gate id: its name}.
        gate_spots: {gate id: x, y in metres from the origin}.
        row: {building id: its row}.
        middles: Middle and height of each building, (n, 3), metres from the frame's origin.
        drawn: The building's row of each row of the map's table of buildings.
        joined: Which buildings a way is known to, (n,).
        aside: Which are no homes by their use, (n,).
    """

    scene: Scene
    areas: list[str]
    grids: dict[str, np.ndarray[Any, np.dtype[np.bool_]]]
    homes: dict[tuple[str, str], str]
    doors: dict[str, str]
    names: dict[str, str]
    gates: dict[str, str]
    gate_spots: dict[str, list[float]]
    row: dict[str, int]
    middles: np.ndarray[Any, np.dtype[np.float64]]
    drawn: np.ndarray[Any, np.dtype[np.int64]]
    joined: np.ndarray[Any, np.dtype[np.bool_]]
    aside: np.ndarray[Any, np.dtype[np.bool_]]

    def to_metres(self, lon_lat: Sequence[tuple[float, float]]) -> list[list[float]]:
        """Return x, y in metres from the origin, to a decimetre."""
        if not lon_lat:
            return []
        spots = np.array(lon_lat, float)
        metres: list[list[float]] = (
            self.scene.frame.to_metres(spots[:, 0], spots[:, 1]).round(1).tolist()
        )
        return metres

    def middle(self, buildings: Sequence[str]) -> list[float]:
        """Return x, y and the greatest height of some buildings: of the one nearest the middle."""
        return self.middle_of_rows(np.array([self.row[id_] for id_ in buildings], np.int64))

    def middle_of_rows(self, rows: np.ndarray[Any, np.dtype[np.int64]]) -> list[float]:
        """Return the same of some buildings by their rows."""
        spots = self.middles[rows]
        away = np.hypot(*(spots[:, :2] - spots[:, :2].mean(axis=0)).T)
        x, y, _ = spots[int(np.argmin(away))]
        return [round(float(x), 1), round(float(y), 1), round(float(spots[:, 2].max()), 1)]

    def grid_of(self, layer: str, id_: str) -> str | None:
        """Return the grid that a building or an entrance lies in; None where nobody knows."""
        return self.homes.get((layer, id_))

    def building_of(self, layer: str, id_: str) -> str | None:
        """Return the building that a building or an entrance is or leads to; None for others."""
        building = self.doors.get(id_) if layer == "entrances" else id_
        return building if layer in ("buildings", "entrances") and building in self.row else None


def read_places(community: Community, scene: Scene, base: Base) -> Places:
    """Return the names and places of a community."""
    buildings = community["buildings"]
    shapes = scene.to_metres(buildings.geometry.to_numpy())
    tops = buildings["height_m"].to_numpy(float) + buildings["base_m"].fillna(0).to_numpy(float)
    names = dict(zip(texts(buildings["id"]), texts(buildings["name"]), strict=True))
    compounds = community["compounds"]
    names |= dict(zip(texts(compounds["id"]), texts(compounds["name"]), strict=True))
    grids = community["grids"]
    names |= dict(zip(texts(grids["id"]), texts(grids["name"]), strict=True))
    gates = community["gates"]
    spots = scene.frame.to_metres(*shapely.get_coordinates(gates.geometry.to_numpy()).T)
    of_building = dict(zip(texts(buildings["id"]), texts(buildings["grid_id"]), strict=True))
    entrances = community["entrances"]
    homes = {("buildings", id_): grid for id_, grid in of_building.items() if grid}
    for id_, building in zip(texts(entrances["id"]), texts(entrances["building_id"]), strict=True):
        if of_building.get(building):
            homes["entrances", id_] = of_building[building]
    grid_ids = np.array(texts(buildings["grid_id"]), object)
    joined = np.zeros(len(buildings), bool)
    joined[base.doors.of[base.doors.edge >= 0]] = True
    return Places(
        scene,
        find_areas(community),
        {grid: grid_ids == grid for grid in texts(grids["id"]) if (grid_ids == grid).any()},
        homes,
        dict(zip(texts(entrances["id"]), texts(entrances["building_id"]), strict=True)),
        {id_: name or id_ for id_, name in names.items()},
        {
            id_: name or id_
            for id_, name in zip(texts(gates["id"]), texts(gates["name"]), strict=True)
        },
        dict(zip(texts(gates["id"]), spots.round(1).tolist(), strict=True)),
        base.row,
        np.column_stack([shapely.get_coordinates(shapely.centroid(shapes)), np.nan_to_num(tops)]),
        np.array([base.row[id_] for id_ in texts(solids(scene)["id"])], np.int64),
        joined,
        buildings["use"].isin(PUBLIC_USES).to_numpy(bool),
    )


def to_rings(shape: Any, plane: Plane, places: Places) -> list[list[list[list[float]]]]:
    """Return polygons of the walking plane as rings in the frame's metres, holes after the edge."""
    found = []
    for part in shapely.get_parts(shapely.simplify(shape, 0.4)):
        if part.geom_type == "Polygon" and not part.is_empty:
            rings = [part.exterior, *part.interiors]
            found.append(
                [
                    places.to_metres(
                        [tuple(spot) for spot in plane.to_degrees(shapely.get_coordinates(ring))]
                    )
                    for ring in rings
                ]
            )
    return found
