"""The quiet city around the sample: roads that go on, and plain buildings along them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from shapely.ops import polygonize

from geodata.sample.build import Path
from geodata.sample.layout import AROUND, CANAL, CANAL_WIDTH, NORTH, OUTLINE, SOUTH, Street
from geodata.sample.plane import Plane

REACH_M = 900.0
MOST = 1_150
WEST_END, EAST_END, SOUTH_END, NORTH_END = -1230.0, 1680.0, -1230.0, 1600.0

# (place across, name, kind, width); the four roads around the community are in the layout
ACROSS = (
    (-1040, "", "residential", 9), (-840, "", "residential", 9), (-640, "古田路", "primary", 30),
    (-430, "", "residential", 9), (-225, "", "tertiary", 12), (590, "", "residential", 9),
    (790, "东街", "primary", 32), (990, "", "residential", 9), (1200, "", "secondary", 18),
    (1400, "", "residential", 9),
)  # fmt: skip
ALONG = (
    (-1050, "", "residential", 9), (-850, "", "residential", 9), (-640, "", "secondary", 18),
    (-430, "八一七北路", "primary", 30), (-220, "", "residential", 9), (690, "", "residential", 9),
    (900, "五一北路", "primary", 32), (1110, "", "residential", 9), (1330, "", "secondary", 18),
    (1500, "", "residential", 9),
)  # fmt: skip


@dataclass(frozen=True)
class City:
    """Roads beyond the community and buildings with their heights in metres, `xy`."""

    roads: list[Path]
    buildings: list[tuple[shapely.Polygon, float]]


def make_city(plane: Plane, boundary: shapely.Polygon, rng: np.random.Generator) -> City:
    """Return the surroundings to about 900 m beyond the boundary."""
    streets = _streets(rng)
    cells = polygonize(
        shapely.union_all([street.line for street in (*AROUND, *streets)], grid_size=0.01)
    )
    kept_free = shapely.union_all(
        [street.line.buffer(street.width / 2 + 5) for street in (*AROUND, *streets)]
        + [CANAL.buffer(CANAL_WIDTH / 2 + 11)]
    )
    heart = OUTLINE.buffer(-20)
    found: list[tuple[shapely.Polygon, float]] = []
    for cell in cells:
        if cell.intersects(heart):
            continue
        for plot in shapely.get_parts(cell.difference(kept_free)):
            if plot.area > 900:
                found += _fill(plane, plot, boundary, rng)
    far = np.array([shape.distance(boundary) for shape, _ in found])
    order = np.argsort(far + rng.uniform(0, 500, len(found)))[:MOST]
    roads = [
        Path(plane.bend(street.line), street.kind, street.width, street.name or None)
        for street in streets
    ]
    return City(roads, [found[int(index)] for index in np.sort(order) if far[index] <= REACH_M])


def _streets(rng: np.random.Generator) -> list[Street]:
    """Return the city's streets, each with its own slight lean and bend."""
    found = []
    for at, name, kind, width in ACROSS:
        line = _wander(at, WEST_END, EAST_END, rng)
        found.append(Street(name, kind, width, tuple(line)))
    for at, name, kind, width in ALONG:
        line = _wander(at, SOUTH_END, NORTH_END, rng)
        found.append(Street(name, kind, width, tuple((a, b) for b, a in line)))
    # one lane north and one south of the community, from the roads around it
    for street, end in ((NORTH, NORTH_END), (SOUTH, SOUTH_END)):
        u = 215 + rng.uniform(0, 60)
        ray = shapely.LineString([(u, 150), (u + rng.uniform(-25, 25), end)])
        foot = ray.intersection(street.line)
        found.append(Street("", "residential", 9, ((foot.x, foot.y), ray.coords[-1])))
    return found


def _wander(
    at: float, start: float, end: float, rng: np.random.Generator
) -> list[tuple[float, float]]:
    """Return points of a line along its own axis at about a place across it."""
    places = np.linspace(start, end, 8)
    lean = rng.uniform(-0.02, 0.02) * (places - places.mean())
    across = at + lean + rng.uniform(-9, 9, len(places))
    return [(float(a), float(b)) for a, b in zip(places, across, strict=True)]


def _fill(
    plane: Plane, plot: shapely.Polygon, boundary: shapely.Polygon, rng: np.random.Generator
) -> list[tuple[shapely.Polygon, float]]:
    """Return the buildings of one city block."""
    area = plane.bend(plot)
    far = area.distance(boundary)
    if far > REACH_M:
        return []
    # low next to the community, so that it is not hidden from any side
    shares = [0.8, 0.0, 0.2, 0.0] if far < 150 else [0.6, 0.15, 0.1, 0.15]
    style = str(rng.choice(["slab", "tower", "old", "office"], p=shares))
    keep = 0.97 if far < 220 else 0.85 if far < 480 else 0.7
    west, south, east, north = plot.bounds
    turn = float(np.radians(rng.uniform(-2, 2)))
    sizes = {  # shortest and longest front, depth, gap beside, gap behind
        "slab": ((32, 62), (11, 14), (6, 11), (17, 23)),
        "tower": ((22, 30), (19, 26), (20, 32), (26, 38)),
        "old": ((12, 30), (10, 18), (2, 6), (5, 9)),
        "office": ((32, 70), (22, 40), (12, 24), (16, 26)),
    }[style]
    usual = int(rng.integers(6, 9))
    found = []
    v = south + rng.uniform(0, 5)
    while v < north:
        depth = rng.uniform(*sizes[1])
        u = west + rng.uniform(0, 14)
        while u < east:
            front = rng.uniform(*sizes[0])
            height = _height(style, usual, rng)
            if rng.random() < keep:
                outline = _outline(front, depth, style, rng)
                shape = plane.place(outline, u + front / 2, v + depth / 2, turn=turn)
                if area.contains(shape):
                    found.append((shape, height))
            u += front + rng.uniform(*sizes[2])
        v += depth + rng.uniform(*sizes[3])
    return found


def _height(style: str, usual: int, rng: np.random.Generator) -> float:
    """Return a height in metres, 9 to 60."""
    storeys = {
        "slab": usual + int(rng.integers(-1, 2)),
        "tower": int(rng.integers(14, 21)),
        "old": int(rng.integers(3, 6)),
        "office": int(rng.integers(4, 16)),
    }[style]
    return min(60.0, max(9.0, storeys * 3.0))


def _outline(front: float, depth: float, style: str, rng: np.random.Generator) -> shapely.Polygon:
    """Return a plain outline around (0, 0): a box, or an L of about the same size."""
    box = shapely.box(-front / 2, -depth / 2, front / 2, depth / 2)
    if style in ("office", "old") and rng.random() < 0.35:
        side = 1 if rng.random() < 0.5 else -1
        cut = shapely.box(0.1 * front, -0.05 * depth, front, depth)
        if side < 0:
            cut = shapely.box(-front, -0.05 * depth, -0.1 * front, depth)
        return box.difference(cut)
    return box
