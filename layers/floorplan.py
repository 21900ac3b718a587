"""A floor's plan where nobody drew one: a footprint cut into units and flats of equal areas.

Every cut runs across the footprint's long axis, or within a unit that is too narrow for its flats
also along it. Nothing is lost: the cells of a floor add up to its footprint, whatever its shape.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from shapely.affinity import rotate

from geodata.schema import STOREY_HEIGHT_M

Shapes = list[shapely.Geometry]

NARROW = 0.45
"""A flat less wide than this share of the unit's depth shares the depth with another."""
STEPS = 50
"""Halvings of a cut's place: a footprint of a kilometre to well below a micrometre."""
SLIVER_M2 = 1e-5
"""Pieces below this are rounding, not rooms."""
MIN_UNIT_SHARE = 0.25
"""Doors so close that a unit gets less than this share of its fair area do not tell where units
end."""


@dataclass(frozen=True)
class Axis:
    """The long axis of a footprint: its middle in metres and its angle from east, radians."""

    x: float
    y: float
    angle: float

    def flat(self, shape: shapely.Geometry) -> shapely.Geometry:
        """Return a shape turned so that the axis runs east."""
        return rotate(shape, -self.angle, origin=(self.x, self.y), use_radians=True)

    def back(self, shape: shapely.Geometry) -> shapely.Geometry:
        """Return a turned shape where it belongs, mended where turning rounded it amiss."""
        turned = rotate(shape, self.angle, origin=(self.x, self.y), use_radians=True)
        return turned if turned.is_valid else _areas_only(shapely.make_valid(turned))


def long_axis(footprint: shapely.Geometry) -> Axis:
    """Return the axis along the longer side of the smallest rectangle around a footprint."""
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(footprint))
    middle = footprint.centroid
    if len(corners) < 4:
        return Axis(middle.x, middle.y, 0.0)
    sides = corners[1:3] - corners[:2]
    dx, dy = max(sides, key=lambda side: float(np.hypot(*side)))
    # the same house drawn from another corner is cut from the same end
    angle = float(np.arctan2(dy, dx))
    angle -= np.pi * np.round(angle / np.pi)
    return Axis(middle.x, middle.y, angle)


def storeys_of(storeys: float | None, height_m: float, highest: int = 0) -> int:
    """Return a building's floors above ground.

    Args:
        storeys: As counted, None or NaN where nobody did.
        height_m: Height of the walls, from which floors of `STOREY_HEIGHT_M` are reckoned then.
        highest: Highest floor on which a flat is known to be.
    """
    if storeys is None or np.isnan(storeys):
        storeys = round(height_m / STOREY_HEIGHT_M)
    return max(1, int(storeys), highest)


def split_units(footprint: shapely.Geometry, doors: Sequence[float | None], axis: Axis) -> Shapes:
    """Return one cell a unit, in the order given; together they are the footprint.

    Args:
        footprint: A polygon or several, metres.
        doors: Place of each unit's door along the axis, metres from its middle; None if unknown.
        axis: The footprint's.
    """
    flat = axis.flat(footprint)
    order = list(range(len(doors)))
    known = [place for place in doors if place is not None]
    if len(known) == len(doors):
        order.sort(key=lambda unit: doors[unit] or 0.0)
        places = sorted(known)
        cuts = [axis.x + (a + b) / 2 for a, b in pairwise(places)]
        cells = _cut(flat, cuts)
        fair = flat.area / max(1, len(doors))
        if min(cell.area for cell in cells) >= MIN_UNIT_SHARE * fair:
            return [axis.back(cells[order.index(unit)]) for unit in range(len(doors))]
    cells = _share(flat, [1.0] * len(doors), along_x=True)
    return [axis.back(cells[order.index(unit)]) for unit in range(len(doors))]


def split_flats(cell: shapely.Geometry, count: int, axis: Axis) -> Shapes:
    """Return a unit's cell cut into so many flats of equal area.

    Args:
        cell: A polygon or several, metres.
        count: Flats on this floor of the unit; 0 gives none.
        axis: The footprint's.
    """
    if count <= 0:
        return []
    flat = axis.flat(cell)
    west, south, east, north = flat.bounds
    if count >= 3 and (east - west) / count < NARROW * (north - south):
        front = (count + 1) // 2
        rows = _share(flat, [float(front), float(count - front)], along_x=False)
        cells = [
            part
            for row, within in zip(rows, (front, count - front), strict=True)
            for part in _share(row, [1.0] * within, along_x=True)
        ]
    else:
        cells = _share(flat, [1.0] * count, along_x=True)
    return [axis.back(part) for part in cells]


def _cut(flat: shapely.Geometry, cuts: Sequence[float], *, along_x: bool = True) -> Shapes:
    """Return the pieces of a shape between cuts, from one end to the other."""
    west, south, east, north = flat.bounds
    low, high = (west, east) if along_x else (south, north)
    edges = [low - 1, *cuts, high + 1]
    pieces = []
    for start, end in pairwise(edges):
        box = (
            shapely.box(start, south - 1, end, north + 1)
            if along_x
            else shapely.box(west - 1, start, east + 1, end)
        )
        pieces.append(_areas_only(flat.intersection(box)))
    return pieces


def _share(flat: shapely.Geometry, shares: Sequence[float], *, along_x: bool) -> Shapes:
    """Return a shape cut into areas of given shares."""
    west, south, east, north = flat.bounds
    low, high = (west, east) if along_x else (south, north)
    total, done = sum(shares), 0.0
    cuts: list[float] = []
    for share in shares[:-1]:
        done += share
        a, b = cuts[-1] if cuts else low, high
        for _ in range(STEPS):
            middle = (a + b) / 2
            if _cut(flat, [middle], along_x=along_x)[0].area < flat.area * done / total:
                a = middle
            else:
                b = middle
        cuts.append((a + b) / 2)
    return _cut(flat, cuts, along_x=along_x)


def _areas_only(shape: shapely.Geometry) -> shapely.Geometry:
    """Return a shape without the lines, points and slivers that a cut may leave."""
    parts = shapely.get_parts(shapely.get_parts(shape))  # a collection may hold several in one
    areas = parts[(shapely.get_type_id(parts) == 3) & (shapely.area(parts) > SLIVER_M2)]
    return areas[0] if len(areas) == 1 else shapely.MultiPolygon(list(areas))
