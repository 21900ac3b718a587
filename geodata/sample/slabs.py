"""A walk-up slab block (板式多层): its measures, its outline and its stairwells.

Coordinates are a row's own p and q in metres, q roughly north (see `geodata.sample.plane.Block`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

STAIR_M = 1.0
"""How far a stairwell stands out of the north wall."""
WING_WIDTH = 9.2


@dataclass
class Slab:
    """One slab of a row.

    Attributes:
        west: West end, metres.
        east: East end, without the wing.
        south: South wall.
        depth: South wall to north wall.
        units: Stairwells.
        storeys: Floors.
        form: straight, stepped or bent.
        wing: Length of a wing to the north, 0 for none.
        wing_side: -1 the wing is at the west end, 1 at the east.
        twin: The slab of the next row that this one is joined to (a U), if any.
        joined: Whether another slab has this one as its twin.
    """

    west: float
    east: float
    south: float
    depth: float
    units: int
    storeys: int
    form: str = "straight"
    wing: float = 0.0
    wing_side: int = 0
    twin: Slab | None = None
    joined: bool = False

    @property
    def length(self) -> float:
        """Length of the part with stairwells, metres."""
        return self.east - self.west


def stairs(slab: Slab) -> list[tuple[float, float]]:
    """Return (p, q) of the unit doors, in the middle of each stairwell's north wall."""
    inset = WING_WIDTH if slab.wing or slab.twin else 0.0
    west = slab.west + (inset if slab.wing_side < 0 else 0)
    east = slab.east - (inset if slab.wing_side > 0 else 0)
    if slab.joined:  # the connecting wing comes from the row to the south: north side is free
        west, east = slab.west, slab.east
    width = (east - west) / slab.units
    places = west + width * (np.arange(slab.units) + 0.5)
    return [(float(p), _north(slab, float(p)) + STAIR_M) for p in places]


def _step(slab: Slab, p: float) -> float:
    """Return how far north the slab stands at p."""
    share = (p - slab.west) / slab.length
    if slab.form == "stepped":
        return 1.5 if share > _break(slab) else 0.0
    if slab.form == "bent":
        return 1.7 * max(0.0, share - 0.5) * 2
    return 0.0


def _break(slab: Slab) -> float:
    return (slab.units // 2) / slab.units


def _north(slab: Slab, p: float) -> float:
    return slab.south + _step(slab, p) + slab.depth


def slab_shape(slab: Slab) -> shapely.Polygon:
    """Return a slab's outline with its stairwells, wing or twin."""
    west, east, south, north = slab.west, slab.east, slab.south, slab.south + slab.depth
    parts: list[shapely.Polygon]
    if slab.form == "stepped":
        middle = west + slab.length * _break(slab)
        parts = [
            shapely.box(west, south, middle, north),
            shapely.box(middle, south + 1.5, east, north + 1.5),
        ]
    elif slab.form == "bent":
        middle = (west + east) / 2
        ridge = [(west, south), (middle, south), (east, south + 1.7)]
        back = [(p, q + slab.depth) for p, q in reversed(ridge)]
        parts = [shapely.Polygon([*ridge, *back])]
    else:
        parts = [shapely.box(west, south, east, north)]
    parts += [shapely.box(p - 1.5, q - 2.5, p + 1.5, q) for p, q in stairs(slab)]
    if slab.wing or slab.twin:
        end = west if slab.wing_side < 0 else east - WING_WIDTH
        top = slab.twin.south + 1.0 if slab.twin else north + slab.wing
        parts.append(shapely.box(end, north - 2.5, end + WING_WIDTH, top))
    if slab.twin:
        parts.append(slab_shape(slab.twin))
    return shapely.union_all(parts, grid_size=0.01)


def middle(slab: Slab) -> tuple[float, float]:
    """Return the point about which a slab is carried to the plan."""
    west, south, east, north = slab_shape(slab).bounds
    return (west + east) / 2, (south + north) / 2
