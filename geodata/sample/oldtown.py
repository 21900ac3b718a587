"""中军后: two to four storeys of old houses packed along narrow alleys, never walled."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import shapely
from shapely.affinity import rotate

from geodata.sample.build import Building, Built, Part, inner_path, place_door
from geodata.sample.layout import Plot
from geodata.sample.rows import Interval, free_intervals

ALLEY_M = 2.4
COLUMNS = 6
MARKET_M = 33.0
CLINIC_M = 17.0


def build_old(plot: Plot, count: int, streets: shapely.Geometry, rng: np.random.Generator) -> Built:
    """Return the old houses, the market hall, the health station and the alleys.

    Args:
        plot: The block.
        count: Old houses wanted.
        streets: Centrelines around the block, block coordinates.
        rng: Source of chance.
    """
    built = Built()
    edge = plot.inner.buffer(-0.8)
    sides = _sides(edge)
    columns = COLUMNS - 1  # the last is for the market and the health station
    for column in range(columns):
        houses = count // columns + (1 if column < count % columns else 0)
        low, high = _reach(edge, sides, column)
        cuts = _cuts(low, high, houses, rng)
        for along in pairwise(cuts):
            span = _span(sides, *along, column)
            side = -1 if column % 2 == 0 else 1
            built.buildings.append(_house(plot, span, along, side, rng))
    _public(plot, sides, _reach(edge, sides, COLUMNS - 1), built)
    _, south, _, north = plot.inner.bounds
    for boundary in (2, 4):  # the alleys run out to the streets on both sides
        line = [(_at(sides, boundary, q), q) for q in (south - 12, north + 12)]
        ends = shapely.get_coordinates(shapely.LineString(line).intersection(streets))
        way = [(float(p), float(q)) for p, q in (min(ends, key=_q), max(ends, key=_q))]
        built.paths.append(inner_path(plot.block, way, "footway", ALLEY_M))
    return built


def _q(point: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    return float(point[1])


def _cuts(low: float, high: float, count: int, rng: np.random.Generator) -> list[float]:
    """Return where a column is cut into houses of unequal fronts."""
    shares = rng.uniform(0.78, 1.28, count)
    return [
        float(q) for q in low + (high - low) * np.concatenate([[0], shares.cumsum()]) / shares.sum()
    ]


Sides = tuple[tuple[float, float], tuple[float, float]]


def _sides(edge: shapely.Polygon) -> Sides:
    """Return p of the west and the east side as (at q = 0, growth with q)."""
    _, south, _, north = edge.bounds
    low, high = south + 0.3 * (north - south), south + 0.7 * (north - south)
    (a0, b0), (a1, b1) = (free_intervals(edge, q, q + 0.1)[0] for q in (low, high))
    west, east = (a1 - a0) / (high - low), (b1 - b0) / (high - low)
    return (a0 - west * low, west), (b0 - east * low, east)


def _at(sides: Sides, boundary: int, q: float) -> float:
    """Return p of the line between two columns."""
    west, east = (side[0] + side[1] * q for side in sides)
    return west + (east - west) * boundary / COLUMNS


def _reach(edge: shapely.Polygon, sides: Sides, column: int) -> Interval:
    """Return the southern and northern end of a column."""
    lines = [
        shapely.LineString([(_at(sides, column, q) + inset, q) for q in (-200, 200)])
        for inset in (1.5, 14.0)
    ]
    ends = [edge.intersection(line).bounds for line in lines]
    return max(end[1] for end in ends) + 0.3, min(end[3] for end in ends) - 0.3


def _span(sides: Sides, south: float, north: float, column: int) -> Interval:
    """Return west and east of a column between two q, alleys and yards taken off."""
    a = max(_at(sides, column, q) for q in (south, north))
    b = min(_at(sides, column + 1, q) for q in (south, north))
    alley = ALLEY_M / 2 + 0.95
    # columns stand back to back in pairs: 0 | 1 alley 2 | 3 alley 4 | 5
    return (a + (alley if column in (2, 4) else 0.7), b - (alley if column in (1, 3) else 0.7))


def _house(
    plot: Plot, span: Interval, along: Interval, side: int, rng: np.random.Generator
) -> Building:
    """Return one house; `side` is -1 when its door faces west, 1 east."""
    # fronts: column 0 west, 1 and 2 their alley, 3 and 4 theirs
    south, north = along[0] + rng.uniform(0.3, 0.9), along[1] - rng.uniform(0.3, 0.9)
    depth = min(span[1] - span[0], rng.uniform(10.0, 15.0))
    setback = rng.uniform(0.0, max(0.0, min(1.2, span[1] - span[0] - depth)))
    west = span[0] + setback if side < 0 else span[1] - setback - depth
    east = west + depth
    outline = shapely.box(west, south, east, north)
    form = rng.random()
    if form < 0.34:  # a yard at the back corner
        cut = rng.uniform(3.0, 5.0)
        back = (east - cut, east + 1) if side < 0 else (west - 1, west + cut)
        top = rng.random() < 0.5
        yard_q = (north - cut, north + 1) if top else (south - 1, south + cut)
        outline = outline.difference(shapely.box(back[0], yard_q[0], back[1], yard_q[1]))
    about = ((west + east) / 2, (south + north) / 2)
    turn = float(rng.uniform(-2.2, 2.2))
    outline = rotate(outline, turn, origin=about)
    front = west if side < 0 else east
    at = shapely.Point(front, (south + north) / 2 + rng.uniform(-1.5, 1.5))
    at = rotate(at, turn, origin=about)
    storeys = int(rng.choice([2, 3, 4], p=[0.38, 0.42, 0.2]))
    return Building(
        plot.spec.key,
        "house",
        plot.block.place(outline, *about),
        storeys,
        [place_door(plot.block, about, at.x, at.y, (float(side), 0.0))],
        homes=storeys + int(rng.integers(0, 2)),
        year=int(rng.integers(1948, 1979)),
    )


def _public(plot: Plot, sides: Sides, reach: Interval, built: Built) -> None:
    """Add the market hall and the health station along 南营巷."""
    low, high = reach
    for name, use, south, length, storeys, height in (
        ("军门农贸市场", "retail", low, MARKET_M, 2, 4.5),
        ("军门社区卫生服务站", "clinic", high - CLINIC_M, CLINIC_M, 3, 3.6),
        (
            "军门便民商铺",
            "retail",
            low + MARKET_M + 3,
            high - low - MARKET_M - CLINIC_M - 6,
            2,
            3.9,
        ),
    ):
        north = south + length
        west, east = _span(sides, south, north, COLUMNS - 1)
        about = ((west + east) / 2, (south + north) / 2)
        outline = shapely.box(west + 0.8, south, east - 0.4, north)
        shape = plot.block.place(outline, *about)
        parts = []
        if use == "retail" and length > 20:
            lantern = shapely.box(west + 5, south + 6, east - 5, north - 6)
            parts = [
                Part(shape, 6.6, 0.0),
                Part(plot.block.place(lantern, *about), storeys * height, 6.6),
            ]
        door = place_door(plot.block, about, east - 0.4, about[1], (1.0, 0.0))
        built.buildings.append(
            Building(
                plot.spec.key, use, shape, storeys, [door], storey_m=height, parts=parts,
                name=name, year=2005,
            )
        )  # fmt: skip
