"""What can be seen from a point past walls, exactly: compiled, one point at a time."""

from __future__ import annotations

import numpy as np

from geodata.coverage.kernels import Array, compile_loop

TURN = 2 * np.pi
_HAIR = 1e-12


def _look(walls: Array, reach: float, start: float, span: float) -> Array:
    """Return the edge of what is seen from the origin, anticlockwise.

    The angles at which walls begin, end or pass the circle cut the view into intervals; in each,
    one wall is the nearest throughout, as walls do not cross. Each wall is entered in the
    intervals it spans, and the nearest at their middle is kept.

    Args:
        walls: x1, y1, x2, y2 of each, (w, 4), metres from the eye; they may share ends only.
        reach: How far is seen, metres.
        start: Where the view begins, radians anticlockwise from east.
        span: How wide it is, radians.

    Returns:
        Pieces, (p, 5): angle where it begins, distance there, angle where it ends, distance there,
        and 1 where it is wall, 0 where it is the limit of sight. Angles count from the start.
    """
    count = len(walls)
    cuts = np.empty(2 + 4 * count)
    cuts[0], cuts[1] = 0.0, span
    found = 2
    for wall in range(count):
        x1, y1, x2, y2 = walls[wall, 0], walls[wall, 1], walls[wall, 2], walls[wall, 3]
        dx, dy = x2 - x1, y2 - y1
        for x, y in ((x1, y1), (x2, y2)):
            if x * x + y * y <= reach * reach:
                cuts[found] = (np.arctan2(y, x) - start) % TURN
                found += 1
        # where the wall passes the circle: a t^2 + 2 b t + c = 0
        a, b, c = dx * dx + dy * dy, x1 * dx + y1 * dy, x1 * x1 + y1 * y1 - reach * reach
        root = b * b - a * c
        if a > 0 and root > 0:
            for sign in (-1.0, 1.0):
                t = (-b + sign * np.sqrt(root)) / a
                if 0 <= t <= 1:
                    cuts[found] = (np.arctan2(y1 + t * dy, x1 + t * dx) - start) % TURN
                    found += 1
    angles = np.sort(cuts[:found])
    kept = 1
    for index in range(1, found):
        if angles[index] - angles[kept - 1] > _HAIR and angles[index] <= span:
            angles[kept] = angles[index]
            kept += 1
    pieces = kept - 1
    middle = np.empty((pieces, 2))
    for piece in range(pieces):
        angle = start + (angles[piece] + angles[piece + 1]) / 2
        middle[piece, 0], middle[piece, 1] = np.cos(angle), np.sin(angle)
    near = np.full(pieces, reach)
    which = np.full(pieces, -1)
    for wall in range(count):
        x1, y1, x2, y2 = walls[wall, 0], walls[wall, 1], walls[wall, 2], walls[wall, 3]
        cross = x1 * y2 - x2 * y1
        if abs(cross) < _HAIR:
            continue  # seen edge on
        if cross < 0:
            x1, y1, x2, y2, cross = x2, y2, x1, y1, -cross
        first = (np.arctan2(y1, x1) - start) % TURN
        wide = np.arctan2(cross, x1 * x2 + y1 * y2)
        dx, dy = x2 - x1, y2 - y1
        # a wall over the start is there at both ends of the view
        for begin in (first, first - TURN):
            low = np.searchsorted(angles[:kept], begin - _HAIR)
            for piece in range(low, pieces):
                if angles[piece + 1] > begin + wide + 1e-9:
                    break
                along = middle[piece, 0] * dy - middle[piece, 1] * dx
                if abs(along) > _HAIR:
                    away = cross / along
                    if 0 < away < near[piece]:
                        near[piece] = away
                        which[piece] = wall
    out = np.empty((pieces, 5))
    for piece in range(pieces):
        wall = which[piece]
        for side in range(2):
            angle = angles[piece + side]
            away = reach
            if wall >= 0:
                x1, y1 = walls[wall, 0], walls[wall, 1]
                dx, dy = walls[wall, 2] - x1, walls[wall, 3] - y1
                along = np.cos(start + angle) * dy - np.sin(start + angle) * dx
                if abs(along) > _HAIR:
                    away = min(max((x1 * dy - y1 * dx) / along, 0.0), reach)
            out[piece, 2 * side], out[piece, 2 * side + 1] = angle, away
        out[piece, 4] = 1.0 if wall >= 0 else 0.0
    return out


look = compile_loop(_look)


def measure_area(pieces: Array) -> float:
    """Return the area of a view, square metres: triangles before walls, sectors elsewhere."""
    wide = pieces[:, 2] - pieces[:, 0]
    wall = pieces[:, 4] > 0
    triangle = pieces[:, 1] * pieces[:, 3] * np.sin(wide) / 2
    return float(np.where(wall, triangle, pieces[:, 1] ** 2 * wide / 2).sum())


def to_ring(pieces: Array, start: float, span: float, step: float = np.pi / 90) -> Array:
    """Return the corners of a view, (n, 2), metres from the eye; arcs by chords of 2 degrees."""
    angles, away = [], []
    for begin, near, end, far, wall in pieces:
        count = 2 if wall else max(int(np.ceil((end - begin) / step)), 1) + 1
        angles.append(np.linspace(begin, end, count))
        away.append(np.linspace(near, far, count))
    angle, metres = np.concatenate(angles) + start, np.concatenate(away)
    ring = np.column_stack([metres * np.cos(angle), metres * np.sin(angle)])
    return ring if span >= TURN - 1e-9 else np.vstack([[[0.0, 0.0]], ring])
