"""Device coverage: what cameras see, where radio reaches, and the blind spots that are left."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geodata.coverage.network import Floats, Plane
from geodata.coverage.rules import Rules
from geodata.coverage.viewshed import Camera, Obstacles
from geodata.errors import TwinError

if TYPE_CHECKING:
    from geodata.community import Community


@dataclass(frozen=True)
class Watched:
    """The areas of one kind of device, and the ground that they should cover, metres.

    Attributes:
        kind: "camera" or "wifi_ap".
        ground: The boundary without buildings; all ground near buildings where there is none.
        areas: {device id: the area it covers while it works}.
        faults: {device id: why it can cover nothing where it stands}.
        assumed: Ids whose range or field of view is the rule file's, not their own.
    """

    kind: str
    ground: Any
    areas: dict[str, Any]
    faults: dict[str, str]
    assumed: frozenset[str]


def read_obstacles(community: Community, plane: Plane) -> Obstacles:
    """Return a community's buildings as what stands in the way."""
    buildings = community["buildings"]
    return Obstacles(
        plane.project(buildings.geometry.to_numpy()),
        buildings["height_m"].to_numpy(float),
        buildings["base_m"].to_numpy(float),
    )


def watch_cameras(community: Community, plane: Plane, rules: Rules) -> Watched:
    """Return what each camera sees of the ground.

    A camera's own `range_m` and `fov_deg` count where the file has such columns; one without a
    bearing looks all around.
    """
    obstacles = read_obstacles(community, plane)
    areas, faults, assumed = {}, {}, set()
    for row, x, y in _rows(community, plane, "camera"):
        usual = rules.devices["camera"]
        reach, angle = _number(row, "range_m"), _number(row, "fov_deg")
        if reach is None or angle is None:
            assumed.add(row["id"])
        camera = Camera(
            row["id"], x, y, _number(row, "height_m") or usual["height_m"],
            _number(row, "bearing_deg"), angle or usual["fov_deg"], reach or usual["range_m"],
            usual["target_m"],
        )  # fmt: skip
        view = obstacles.see(camera)
        areas[camera.id] = view.shape
        if view.fault:
            faults[camera.id] = view.fault
    ground = _find_ground(community, plane)
    return Watched("camera", ground, areas, faults, frozenset(assumed))


def watch_radio(community: Community, plane: Plane, rules: Rules) -> Watched:
    """Return where each access point reaches: a disc, walls left aside."""
    areas, assumed = {}, set()
    for row, x, y in _rows(community, plane, "wifi_ap"):
        reach = _number(row, "range_m")
        if reach is None:
            assumed.add(row["id"])
        areas[row["id"]] = shapely.Point(x, y).buffer(
            reach or rules.devices["wifi_ap"]["radio_m"], quad_segs=32
        )
    return Watched("wifi_ap", _find_ground(community, plane), areas, {}, frozenset(assumed))


class LiveSight:
    """What working devices of one kind cover, following each that goes silent or comes back.

    Args:
        watched: Their areas.
        silent: Ids of devices that are silent: they cover nothing.
    """

    def __init__(self, watched: Watched, silent: Iterable[str] = ()) -> None:
        self.watched = watched
        self.silent = set(silent) & set(watched.areas)
        self._ids = list(watched.areas)
        shapes = [watched.areas[id_] for id_ in self._ids]
        self._shapes = np.array(shapely.intersection(shapes, watched.ground), object)
        self._row = {id_: row for row, id_ in enumerate(self._ids)}
        self._tree = shapely.STRtree(self._shapes)
        self.ground_m2 = float(watched.ground.area)
        self.seen_m2 = float(self.seen().area)

    @property
    def share(self) -> float | None:
        """Share of the ground that is covered; None if there is no ground."""
        return self.seen_m2 / self.ground_m2 if self.ground_m2 else None

    def seen(self) -> Any:
        """Return all ground that working devices cover, metres."""
        return shapely.union_all(
            [self._shapes[row] for id_, row in self._row.items() if id_ not in self.silent]
        )

    def blind_spots(self, least_m2: float = 1.0) -> list[Any]:
        """Return the areas that no working device covers, largest first, metres."""
        parts = shapely.get_parts(self.watched.ground.difference(self.seen()))
        parts = [part for part in parts if part.geom_type == "Polygon" and part.area >= least_m2]
        return sorted(parts, key=lambda part: -part.area)

    def set_silent(self, id_: str, silent: bool) -> Any:
        """Take a device as silent or not; return the ground that this alone changes, metres.

        Raises:
            TwinError: There is no such device.
        """
        if id_ not in self._row:
            raise TwinError(f"There is no {self.watched.kind} {id_!r} here.")
        if silent == (id_ in self.silent):
            return shapely.Polygon()
        own = self._shapes[self._row[id_]]
        near = self._tree.query(own, predicate="intersects")
        others = [
            self._shapes[row]
            for row in near
            if self._ids[row] != id_ and self._ids[row] not in self.silent
        ]
        alone = own.difference(shapely.union_all(others)) if others else own
        self.seen_m2 += -alone.area if silent else alone.area
        (self.silent.add if silent else self.silent.discard)(id_)
        return alone


def _find_ground(community: Community, plane: Plane) -> Any:
    """Return the ground to be covered: inside the boundary, outside the buildings."""
    built = shapely.union_all(plane.project(community["buildings"].geometry.to_numpy()))
    boundary = community["boundary"]
    if len(boundary):
        inside = shapely.union_all(plane.project(boundary.geometry.to_numpy()))
    else:
        inside = built.convex_hull.buffer(10)
    return inside.difference(built)


def _rows(
    community: Community, plane: Plane, kind: str
) -> Iterable[tuple[Mapping[str, Any], float, float]]:
    devices = community["devices"]
    chosen = devices[(devices["kind"] == kind).fillna(False).to_numpy(bool)]
    spots = plane.to_xy(shapely.get_coordinates(chosen.geometry.to_numpy()))
    for row, (x, y) in zip(chosen.to_dict("records"), spots, strict=True):
        yield row, float(x), float(y)


def _number(row: Mapping[str, Any], column: str) -> float | None:
    try:
        number = float(row.get(column))  # type: ignore[arg-type]
    except (TypeError, ValueError):  # missing, or words in a column of a file's own
        return None
    return number if math.isfinite(number) else None


def show(plane: Plane, shapes: Iterable[Any]) -> list[Any]:
    """Return areas in degrees, for the map."""
    kept: Floats = np.array(list(shapes), object)
    return list(plane.unproject(kept)) if len(kept) else []
