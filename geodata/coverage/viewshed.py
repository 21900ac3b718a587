"""What a camera sees of the ground with buildings in the way, their height and its own included.

A building at least as high as the camera hides all behind it. A lower one hides the strip from its
near wall to where the line of sight over its far wall comes down to the target's height again: the
outline stretched away from the camera by (camera - target) / (camera - roof), similar triangles.
The ground is taken as level.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from geodata.coverage.network import Floats
from geodata.coverage.sight import TURN, look, to_ring

Objects = npt.NDArray[np.object_]

ON_WALL_M = 1.0
"""A camera as near as this inside a wall hangs on it, outside."""
_OFF_WALL_M = 0.05


@dataclass(frozen=True)
class Camera:
    """One camera, metres; `bearing_deg` clockwise from north, None looks all around."""

    id: str
    x: float
    y: float
    height_m: float
    bearing_deg: float | None
    fov_deg: float
    range_m: float
    target_m: float = 1.5


@dataclass(frozen=True)
class View:
    """What a camera sees of the ground, metres; empty with a `fault` where it can see nothing."""

    shape: Any
    fault: str | None = None


class Obstacles:
    """Buildings that stand in the way.

    Args:
        shapes: Outlines, metres.
        height_m: Roofs above ground, (n,).
        base_m: Undersides above ground, (n,): what is carried above the camera hides nothing.
    """

    def __init__(self, shapes: Objects, height_m: Floats, base_m: Floats) -> None:
        self.shapes = shapes
        self.height_m = height_m
        self.base_m = np.nan_to_num(base_m)
        self.tree = shapely.STRtree(shapes)
        self.walls, self.owner = _cut_walls(shapes)
        lines = shapely.linestrings(self.walls.reshape(-1, 2, 2)) if len(self.walls) else []
        self.wall_tree = shapely.STRtree(lines)

    def see(self, camera: Camera) -> View:
        """Return what a camera sees, without the footprints of buildings."""
        eye, fault = self._stand(camera)
        if fault:
            return View(shapely.Polygon(), fault)
        span = TURN if camera.bearing_deg is None else math.radians(min(camera.fov_deg, 360.0))
        middle = math.radians(90 - (camera.bearing_deg or 0.0))
        start = middle - span / 2
        point = shapely.Point(eye)
        high = (self.height_m >= camera.height_m) & (self.base_m < camera.height_m)
        near = self.wall_tree.query(point, predicate="dwithin", distance=camera.range_m)
        near = near[high[self.owner[near]]]
        walls = self.walls[np.sort(near)] - np.tile(eye, 2)
        around = self.tree.query(shapely.Point(eye), predicate="intersects")
        pieces = look(walls, camera.range_m, start, span, solid=not high[around].any())
        shape = shapely.Polygon(to_ring(pieces, start, span) + eye)
        if not shape.is_valid:  # pieces that meet along one ray
            shape = shapely.make_valid(shape, method="structure")
        low = self.tree.query(point, predicate="dwithin", distance=camera.range_m)
        low = low[~high[low] & (self.base_m[low] < camera.height_m)]
        hidden = [self._hide(index, eye, camera) for index in np.sort(low)]
        # the eye of a camera on a wall stands a hair off it: cut the wall's own building too
        under = self.tree.query(shape, predicate="intersects")
        hidden += list(self.shapes[under[self.base_m[under] < camera.height_m]])
        return View(shape.difference(shapely.union_all(hidden)) if hidden else shape)

    def _stand(self, camera: Camera) -> tuple[Floats, str | None]:
        """Return where the camera's eye is: just outside the wall it hangs on, or on its roof."""
        eye = np.array([camera.x, camera.y])
        for index in self.tree.query(shapely.Point(eye), predicate="intersects"):
            if self.height_m[index] < camera.height_m or self.base_m[index] >= camera.height_m:
                continue
            wall = self.shapes[index].exterior
            along = wall.project(shapely.Point(eye))
            at = np.array(wall.interpolate(along).coords[0])
            inside = float(np.hypot(*(at - eye)))
            if inside > ON_WALL_M:
                return eye, f"{camera.id} stands inside a building that is higher than it"
            before, after = (np.array(wall.interpolate(along + d).coords[0]) for d in (-0.01, 0.01))
            way = (after - before) / max(float(np.hypot(*(after - before))), 1e-9)
            out = np.array([way[1], -way[0]])
            if shapely.contains_xy(self.shapes[index], *(at + out * _OFF_WALL_M)):
                out = -out
            eye = at + out * _OFF_WALL_M
        return eye, None

    def _hide(self, index: int, eye: Floats, camera: Camera) -> Any:
        """Return what a building lower than the camera hides, its own ground included."""
        shape, roof = self.shapes[index], self.height_m[index]
        stretch = (camera.height_m - camera.target_m) / (camera.height_m - roof)
        if stretch <= 1:
            return shape
        ring = shapely.get_coordinates(shape.exterior) - eye
        a, b = ring[:-1], ring[1:]
        strips = shapely.polygons(np.stack([a, b, b * stretch, a * stretch], axis=1) + eye)
        strips = shapely.make_valid(strips)
        return shapely.union_all([shape, *strips])


def _cut_walls(shapes: Objects) -> tuple[Floats, npt.NDArray[np.intp]]:
    """Return walls, (w, 4), and whose they are, cut where outlines that overlap cross.

    A wall has its building on the left.
    """
    rings = shapely.get_rings(shapely.orient_polygons(shapes))
    ring_owner = np.repeat(np.arange(len(shapes)), shapely.get_num_interior_rings(shapes) + 1)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    if not len(points):
        return np.zeros((0, 4)), np.zeros(0, np.intp)
    joined = ring[1:] == ring[:-1]
    walls = np.hstack([points[:-1], points[1:]])[joined]
    owner = ring_owner[ring[1:][joined]]
    keep = (walls[:, :2] != walls[:, 2:]).any(axis=1)
    walls, owner = walls[keep], owner[keep]
    lines = shapely.linestrings(walls.reshape(-1, 2, 2))
    a, b = shapely.STRtree(lines).query(lines, predicate="crosses")
    cut: dict[int, list[Any]] = {}
    for first, second in zip(a.tolist(), b.tolist(), strict=True):
        cut.setdefault(first, []).append(lines[first].intersection(lines[second]))
    if not cut:
        return walls, owner
    pieces, owners = [], []
    for index, meets in cut.items():
        line = lines[index]
        along = sorted({0.0, 1.0, *(line.project(at, normalized=True) for at in meets)})
        ends = [np.array(line.interpolate(t, normalized=True).coords[0]) for t in along]
        pieces += [np.concatenate(pair) for pair in pairwise(ends)]
        owners += [owner[index]] * (len(ends) - 1)
    whole = np.setdiff1d(np.arange(len(walls)), list(cut))
    return np.vstack([walls[whole], *pieces]), np.concatenate([owner[whole], owners])
