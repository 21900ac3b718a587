"""What can be seen from a point past walls, exactly: compiled, one point at a time."""

from __future__ import annotations

import numpy as np

from geodata.coverage.kernels import Array, compile_loop

TURN = 2 * np.pi
_HAIR = 1e-12


def _to_bearing(x: float, y: float) -> float:
    """Return where a direction lies on a square of corners (1, 0), (0, 1) ..., 0 to below 4.

    It grows with the angle and costs a division, where an angle costs a function.
    """
    wide = x / (abs(x) + abs(y))
    return 1.0 - wide if y >= 0 else 3.0 + wide


to_bearing = compile_loop(_to_bearing)


def _to_direction(bearing: float) -> tuple[float, float]:
    """Return the point of that square, which is no unit vector."""
    x = 1.0 - bearing if bearing < 2 else bearing - 3.0
    y = 1.0 - abs(x)
    return x, y if bearing < 2 else -y


to_direction = compile_loop(_to_direction)


def _find(bearings: Array, count: int, bearing: float) -> int:
    """Return how many of the first, ascending, lie before a bearing."""
    low, high = 0, count
    while low < high:
        middle = (low + high) >> 1
        if bearings[middle] < bearing:
            low = middle + 1
        else:
            high = middle
    return low


find = compile_loop(_find)


def _look(walls: Array, reach: float, start: float, span: float, solid: bool) -> Array:
    """Return the edge of what is seen from the origin, anticlockwise.

    The bearings at which walls begin, end or pass the circle cut the view into intervals; in each,
    one wall is the nearest throughout, as walls do not cross. Each wall is entered in the
    intervals it spans, and the nearest at their middle is kept: that of the greatest inverse
    distance, which takes no division.

    Args:
        walls: x1, y1, x2, y2 of each, (w, 4), metres from the eye; they may share ends only.
        reach: How far is seen, metres.
        start: Where the view begins, radians anticlockwise from east.
        span: How wide it is, radians.
        solid: Whether walls are whole outlines with what is solid on their left, none of it around
            the eye: those that turn their back hide nothing that others do not hide, and are left
            out.

    Returns:
        Pieces, (p, 5): angle where it begins, distance there, angle where it ends, distance there,
        and 1 where it is wall, 0 where it is the limit of sight. Angles count from the start.
    """
    count = len(walls)
    cos, sin = np.cos(start), np.sin(start)
    end_x, end_y = np.cos(span), np.sin(span)
    whole = span >= TURN - 1e-9
    last = 4.0 if whole else to_bearing(end_x, end_y)
    faces = np.empty((count, 4))  # bearings of both ends; inverse distance by direction
    cuts = np.empty(2 + 4 * count)
    cuts[0], cuts[1] = 0.0, last
    found, kept, before = 2, 0, -2
    for wall in range(count):
        x1 = walls[wall, 0] * cos + walls[wall, 1] * sin
        y1 = walls[wall, 1] * cos - walls[wall, 0] * sin
        x2 = walls[wall, 2] * cos + walls[wall, 3] * sin
        y2 = walls[wall, 3] * cos - walls[wall, 2] * sin
        cross = x1 * y2 - x2 * y1
        if abs(cross) < _HAIR or (solid and cross > 0):
            continue  # seen edge on, or from within
        joined = (
            before == wall - 1
            and walls[wall, 0] == walls[wall - 1, 2]
            and walls[wall, 1] == walls[wall - 1, 3]
        )  # its beginning is the end of the one before
        before = wall
        dx, dy = x2 - x1, y2 - y1
        first, second = to_bearing(x1, y1), to_bearing(x2, y2)
        inside, within = x1 * x1 + y1 * y1 <= reach * reach, x2 * x2 + y2 * y2 <= reach * reach
        if inside and not joined:
            cuts[found] = first
            found += 1
        if within:
            cuts[found] = second
            found += 1
        if not (inside and within):
            # where the wall passes the circle: a t^2 + 2 b t + c = 0
            a, b, c = dx * dx + dy * dy, x1 * dx + y1 * dy, x1 * x1 + y1 * y1 - reach * reach
            root = b * b - a * c
            if root <= 0:
                continue  # out of sight
            for sign in (-1.0, 1.0):
                t = (-b + sign * np.sqrt(root)) / a
                if 0 <= t <= 1:
                    cuts[found] = to_bearing(x1 + t * dx, y1 + t * dy)
                    found += 1
        if cross < 0:
            first, second = second, first
        faces[kept, 0], faces[kept, 1] = first, second
        faces[kept, 2], faces[kept, 3] = dy / cross, -dx / cross
        kept += 1
    bearings = np.sort(cuts[:found])
    cut = 1
    for index in range(1, found):
        if bearings[index] - bearings[cut - 1] > _HAIR and bearings[index] <= last:
            bearings[cut] = bearings[index]
            cut += 1
    pieces = cut - 1
    middle_x, middle_y, near = np.empty(pieces), np.empty(pieces), np.empty(pieces)
    for piece in range(pieces):
        x, y = to_direction((bearings[piece] + bearings[piece + 1]) / 2)
        middle_x[piece], middle_y[piece] = x, y
        near[piece] = np.sqrt(x * x + y * y) / reach
    which = np.full(pieces, -1)
    for wall in range(kept):
        first, second, inverse_x, inverse_y = faces[wall]
        # a wall over the start is there at both ends of the view
        for turn in range(1 if first < second else 2):
            low, high = 0, pieces
            if turn == 0:
                low = find(bearings, cut, first - _HAIR)
            if turn == 1 or first < second:
                high = find(bearings, cut, second + 1e-9) - 1
            for piece in range(low, high):
                inverse = middle_x[piece] * inverse_x + middle_y[piece] * inverse_y
                if inverse > near[piece]:
                    near[piece] = inverse
                    which[piece] = wall
    out = np.empty((pieces, 5))
    made = 0
    piece = 0
    while piece < pieces:
        wall, begin = which[piece], piece
        while piece < pieces and which[piece] == wall:
            piece += 1
        for side in range(2):
            bearing = bearings[piece if side else begin]
            if bearing >= last:
                x, y, angle = end_x, end_y, span
            else:
                x, y = to_direction(bearing)
                angle = np.arctan2(y, x)
                if angle < 0:
                    angle += TURN
            away = reach
            if wall >= 0:
                inverse = x * faces[wall, 2] + y * faces[wall, 3]
                if inverse > _HAIR:
                    away = min(np.sqrt(x * x + y * y) / inverse, reach)
            out[made, 2 * side], out[made, 2 * side + 1] = angle, away
        out[made, 4] = 1.0 if wall >= 0 else 0.0
        made += 1
    return out[:made]


_look_compiled = compile_loop(_look)


def look(walls: Array, reach: float, start: float, span: float, *, solid: bool = False) -> Array:
    """See `_look`, compiled."""
    pieces: Array = _look_compiled(walls, reach, start, span, solid)
    return pieces


def _measure_area(pieces: Array) -> float:
    """Return the area of a view, square metres: triangles before walls, sectors elsewhere."""
    area = 0.0
    for piece in range(len(pieces)):
        wide = pieces[piece, 2] - pieces[piece, 0]
        if pieces[piece, 4] > 0:
            area += pieces[piece, 1] * pieces[piece, 3] * np.sin(wide) / 2
        else:
            area += pieces[piece, 1] ** 2 * wide / 2
    return area


measure_area = compile_loop(_measure_area)


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
