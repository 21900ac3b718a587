"""Rows of walk-up slab blocks in a block: where they stand, how long they are, what form they take.

Coordinates are a block's own p and q in metres, or those of a row turned a little against it.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field, replace

import numpy as np
import shapely
from shapely.affinity import rotate

from geodata.sample.build import LayoutError
from geodata.sample.slabs import WING_WIDTH, Slab

Interval = tuple[float, float]

DEPTH_M = 10.6
DAYLIGHT = 0.74
"""Clear gap in heights of the block to the south: dense, as built in old Fuzhou compounds."""
PATH_M = 5.5
"""From a row's north wall to the middle of its path."""
SPINE_CLEAR_M = 4.6
UNIT_M = 11.0
"""Narrowest front of a stairwell with a flat to each side, where a wing takes room."""
SETBACK_M = 1.5


@dataclass
class Row:
    """A row of slabs and the path along its north side.

    Attributes:
        turn: Turn of the row against its block, radians; its coordinates are turned with it.
        path_q: Middle of the path.
        gap: From the row's north wall to the next row's south wall.
        spines: p where the path meets each spine, or None where it does not.
        slabs: West to east.
    """

    turn: float
    path_q: float
    gap: float
    spines: list[float | None] = field(default_factory=list)
    slabs: list[Slab] = field(default_factory=list)


def free_intervals(area: shapely.Polygon, south: float, north: float) -> list[Interval]:
    """Return where on p a band from south to north lies in an area."""
    west, _, east, _ = area.bounds
    found: list[Interval] | None = None
    for q in np.linspace(south, north, 4):
        cut = area.intersection(shapely.LineString([(west - 1, q), (east + 1, q)]))
        here = [
            (part.bounds[0], part.bounds[2])
            for part in shapely.get_parts(cut)
            if part.geom_type == "LineString"
        ]
        found = here if found is None else _both(found, here)
    return found or []


def _both(first: list[Interval], second: list[Interval]) -> list[Interval]:
    pairs = [(max(a[0], b[0]), min(a[1], b[1])) for a in first for b in second]
    return [pair for pair in pairs if pair[1] - pair[0] > 1]


def without(intervals: list[Interval], centres: list[float], clear: float) -> list[Interval]:
    """Return intervals less a clearance to each side of some places."""
    kept = intervals
    for centre in centres:
        kept = [
            piece
            for a, b in kept
            for piece in ((a, min(b, centre - clear)), (max(a, centre + clear), b))
            if piece[1] - piece[0] > 1
        ]
    return kept


def make_rows(
    inner: shapely.Polygon,
    spines: list[float],
    turns: tuple[float, float],
    storeys: tuple[int, ...],
    rng: np.random.Generator,
    *,
    through: frozenset[int] = frozenset(),
) -> list[Row]:
    """Return rows of slabs that fan out between a block's south and north edge.

    Args:
        inner: The block inside its walls, block coordinates.
        spines: p of the inner lanes to be kept free.
        turns: Turn of the first and the last row against the block, radians.
        storeys: Storeys to choose from.
        rng: Source of chance.
        through: Rows whose path leads out to a gate and is not to be built over.
    """
    axis = spines[-1]
    cut = inner.intersection(shapely.LineString([(axis, -1e3), (axis, 1e3)]))
    south, north = cut.bounds[1] + 4.6, cut.bounds[3] - 8.0
    gap = DAYLIGHT * 3.0 * float(np.mean(storeys))
    count = round((north - south + gap) / (DEPTH_M + gap))
    pitch = (north - south - DEPTH_M) / (count - 1)
    rows: list[Row] = []
    for index in range(count):
        share = index / (count - 1)
        turn = turns[0] + share * (turns[1] - turns[0])
        q = south + index * pitch + (rng.uniform(-0.5, 0.5) if 0 < index < count - 1 else 0)
        q = q * math.cos(turn) - axis * math.sin(turn)
        row = Row(turn, q + DEPTH_M + PATH_M, pitch - DEPTH_M)
        turned = rotate(inner, -turn, origin=(0, 0), use_radians=True)
        crossings = [(p + math.sin(turn) * row.path_q) / math.cos(turn) for p in spines]
        core = turned.buffer(-0.3)
        row.spines = [p if core.contains(shapely.Point(p, row.path_q)) else None for p in crossings]
        clear = turned.buffer(-3.2, join_style="mitre")
        for west, east in without(
            free_intervals(clear, q - 0.3, q + DEPTH_M + 2.4), crossings, SPINE_CLEAR_M
        ):
            row.slabs += _fill(west, east, q, storeys, rng)
        if row.slabs:
            rows.append(row)
    _vary(rows, through, rng)
    return rows


def _fill(
    west: float, east: float, q: float, storeys: tuple[int, ...], rng: np.random.Generator
) -> list[Slab]:
    """Return slabs of varying length that fill one stretch of a row."""
    width = rng.uniform(12.0, 13.2)
    slabs: list[Slab] = []
    at = west + rng.uniform(0, 1.5)
    while east - at > 2 * width:
        units = int(rng.choice([2, 3, 4, 5], p=[0.16, 0.34, 0.32, 0.18]))
        gap = rng.uniform(4.2, 6.2)
        room = east - at
        if room - units * width < gap + 2 * width:  # what is left would hold no other slab
            units = min(int(room // width), 5)
            gap = 0.0
        units = min(units, int(room // width))
        shift = rng.uniform(-0.5, 0.5)
        slabs.append(
            Slab(
                at,
                at + units * width,
                q + shift,
                DEPTH_M + rng.uniform(-0.5, 0.4),
                units,
                int(rng.choice(storeys)),
            )
        )
        if gap == 0.0:
            break
        at += units * width + gap
    if slabs:  # spread what is left over
        slack = (east - slabs[-1].east) / max(1, len(slabs))
        step = min(slack, 2.5)
        for place, slab in enumerate(slabs):
            slab.west += step * place
            slab.east += step * place
    return slabs


def _vary(rows: list[Row], through: frozenset[int], rng: np.random.Generator) -> None:
    """Give some slabs another form: stepped, bent, with a wing, or joined to a U."""
    for index, row in enumerate(rows):
        spines = [p for p in row.spines if p is not None]
        for place, slab in enumerate(row.slabs):
            if slab.units >= 3 and not slab.joined and index not in through:
                slab.form = str(rng.choice(["straight", "stepped", "bent"], p=[0.52, 0.33, 0.15]))
            outer = -1 if place == 0 and spines and slab.east < min(spines) else 0
            if place == len(row.slabs) - 1 and spines and slab.west > max(spines):
                outer = 1
            if not outer or index == len(rows) - 1 or index in through:
                continue
            beyond = rows[index + 1].slabs[0 if outer < 0 else -1]
            end, other = (
                (slab.west, beyond.west) if outer < 0 else (slab.east, beyond.east)
            )  # the outer ends must be about in line
            chance = rng.random()
            if chance < 0.10 and abs(end - other) < 3 and not slab.joined and beyond.units > 1:
                slab.twin, slab.wing_side = beyond, outer
                slab.form = beyond.form = "straight"
                beyond.joined = True
                beyond.storeys = slab.storeys
            elif chance < 0.42 and slab.units > 1 and not slab.joined:
                slab.wing, slab.wing_side = float(row.gap - rng.uniform(6.6, 8.2)), outer
                if slab.form == "bent":
                    slab.form = "straight"


def joined_slabs(rows: list[Row]) -> list[tuple[Row, list[Slab]]]:
    """Return the slabs building by building, in their row: one, or the two of a U."""
    return [
        (row, [slab, slab.twin] if slab.twin else [slab])
        for row in rows
        for slab in row.slabs
        if not slab.joined
    ]


def turn_twins(rows: list[Row]) -> None:
    """Give the second slab of each U the coordinates of the first one's row, in place.

    To be called when paths are laid: the twin leaves its own row's turn.
    """
    for row, beyond in itertools.pairwise(rows):
        for slab in row.slabs:
            if slab.twin:
                middle_p = (slab.twin.west + slab.twin.east) / 2
                rise = math.tan(beyond.turn - row.turn) * middle_p
                # carried rigidly over two rows it would drift on to its path: set it back
                south = slab.twin.south + rise - SETBACK_M
                slab.twin = replace(slab.twin, south=south)


def tune_units(slabs: list[Slab], wanted: int) -> None:
    """Make the stairwells of all slabs add up, by narrower or wider flats where that fits best.

    Args:
        slabs: All slabs of the community, changed in place.
        wanted: Their stairwells in all.

    Raises:
        LayoutError: The slabs cannot hold that many.
    """

    def usable(slab: Slab) -> float:
        return slab.length - (WING_WIDTH if slab.wing or slab.twin else 0.0)

    for slab in slabs:  # a wing takes the room of a stairwell
        slab.units = max(1, min(slab.units, int(usable(slab) // UNIT_M)))
    while (missing := wanted - sum(slab.units for slab in slabs)) != 0:
        step = 1 if missing > 0 else -1
        best = max(
            (slab for slab in slabs if slab.units + step > 0),
            key=lambda slab: step * usable(slab) / (slab.units + step),
        )
        width = usable(best) / (best.units + step)
        if not 9.5 <= width <= 24:
            raise LayoutError(f"{wanted} stairwells do not fit: {missing} are left over")
        best.units += step


def strips(row: Row) -> list[shapely.Polygon]:
    """Return the ground between a row's path and the next row, slab by slab."""
    low = row.path_q + 2.0
    high = row.path_q - PATH_M + row.gap - 1.6
    return [
        shapely.box(slab.west + 1, low, slab.east - 1, high)
        for slab in row.slabs
        if high - low > 2.5
    ]
