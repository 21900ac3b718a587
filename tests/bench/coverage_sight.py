"""An exact view past walls against VisiLibity where it is installed, and against shapely."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import shapely

from geodata.coverage.network import Floats
from geodata.coverage.sight import TURN, look, measure_area
from tests.bench.report import Line

CAMERAS, SIDE_M, PITCH_M = 60, 120.0, 24.0
TURNS = 9


def measure_sight() -> list[Line]:
    """Return how much longer others take for the same views, and the greatest difference."""
    rng = np.random.default_rng(5)
    views = [_make_view(rng) for _ in range(CAMERAS)]
    # what is solid is on the left of a wall: outlines anticlockwise, the frame's the other way
    walls = [np.vstack([_walls(shapes), _walls([_frame()])[:, [2, 3, 0, 1]]]) for shapes in views]
    look(walls[0], 1e4, -np.pi, TURN, solid=True)
    taken_by_turn = []
    for _ in range(TURNS):
        began = time.process_time()
        areas = np.array([measure_area(look(w, 1e4, -np.pi, TURN, solid=True)) for w in walls])
        taken_by_turn.append(time.process_time() - began)
    mine = float(np.median(taken_by_turn))
    lines = [
        Line(f"what a camera sees past {np.mean([len(each) for each in walls]):.0f} walls: "
             f"{mine / CAMERAS * 1e6:,.0f} us")
    ]  # fmt: skip
    found = {"shapely, shadows": _by_shadows(views)}
    try:
        import visilibity
    except ImportError:
        lines.append(Line("    VisiLibity is not installed: left out"))
    else:
        found = {"VisiLibity": _by_visilibity(visilibity, views)} | found
    for name, (taken, theirs) in found.items():
        lines.append(Line(f"    {name} / here", taken / mine))
        off = float((np.abs(theirs - areas) / areas).max()) * 100
        lines.append(Line("      greatest difference of areas, %", off, 1))
    name, (taken, _) = next(iter(found.items()))
    best = min(taken for taken, _ in found.values())
    return [*lines, Line("  the best library / an exact view here", best / mine, 10, "least")]


def _make_view(rng: np.random.Generator) -> list[Any]:
    """Return buildings around a camera at the origin, none of which touch."""
    shapes = []
    for x in np.arange(-SIDE_M + PITCH_M, SIDE_M, PITCH_M):
        for y in np.arange(-SIDE_M + PITCH_M, SIDE_M, PITCH_M):
            if np.hypot(x, y) > 16 and rng.random() < 0.8:
                wide, deep = rng.uniform(6, 15, 2)
                box = shapely.box(x - wide / 2, y - deep / 2, x + wide / 2, y + deep / 2)
                shapes.append(shapely.affinity.rotate(box, rng.uniform(-20, 20)))
    return shapes


def _frame() -> Any:
    return shapely.box(-SIDE_M, -SIDE_M, SIDE_M, SIDE_M)


def _walls(shapes: list[Any]) -> Floats:
    rings = [shapely.get_coordinates(shapely.orient_polygons(shape).exterior) for shape in shapes]
    return np.vstack([np.hstack([ring[:-1], ring[1:]]) for ring in rings])


def _by_visilibity(visilibity: Any, views: list[list[Any]]) -> tuple[float, Floats]:
    def polygon(ring: Floats) -> Any:
        return visilibity.Polygon([visilibity.Point(x, y) for x, y in ring])

    taken, areas = 0.0, []
    for shapes in views:
        holes = [shapely.get_coordinates(shapely.reverse(shapely.normalize(shape)))[:-1][::-1]
                 for shape in shapes]  # fmt: skip
        frame = shapely.get_coordinates(shapely.box(-SIDE_M, -SIDE_M, SIDE_M, SIDE_M, ccw=True))
        parts = [polygon(frame[:-1]), *(polygon(_clockwise(ring)) for ring in holes)]
        world = visilibity.Environment(parts)
        eye = visilibity.Point(0.0, 0.0)
        began = time.process_time()
        areas.append(visilibity.Visibility_Polygon(eye, world, 1e-7).area())
        taken += time.process_time() - began
    return taken, np.array(areas)


def _clockwise(ring: Floats) -> Floats:
    x, y = ring.T
    area = float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum())
    return ring[::-1] if area > 0 else ring


def _by_shadows(views: list[list[Any]]) -> tuple[float, Floats]:
    """Return time and areas of the frame less the shadow of each building."""
    taken, areas = 0.0, []
    for shapes in views:
        began = time.process_time()
        walls = _walls(shapes)
        a, b = walls[:, :2], walls[:, 2:]
        far = 1000.0
        quads = shapely.make_valid(
            shapely.polygons(np.stack([a, b, b * far, a * far], axis=1))
        )  # fmt: skip
        hidden = shapely.union_all([*shapes, *quads])
        areas.append(_frame().difference(hidden).area)
        taken += time.process_time() - began
    return taken, np.array(areas)
