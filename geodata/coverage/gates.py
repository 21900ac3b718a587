"""Gates set into a network as edges of their own, which can be closed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from geodata.coverage.noding import Floats, Segments, cut_edges

NEAR_M = 3.0
"""A gate farther than this from every way stands on none."""
ON_NODE_M = 0.5
"""As near as this to a vertex a gate is at it."""
GATE_MM = 1
"""Walked through a gate: not 0, so that it shows who really walks through."""
_LOOK_M = 2.0


@dataclass(frozen=True)
class Gate:
    """One gate, metres, with the area of its compound where that is known."""

    id: str
    x: float
    y: float
    compound: Any = None


def place_gates(
    xy: Floats, segments: Segments, gates: list[Gate]
) -> tuple[Floats, Segments, dict[str, tuple[int, ...]]]:
    """Return the network with gates in it, and {gate id: its edges}.

    A gate's node becomes two, the inner ways at one and the outer ones at the other, and the edge
    between them is the gate. Which ways are inner is told by the compound's area; without one, each
    way gets its own side, so that a locked gate lets nobody past.
    """
    if not gates or not len(segments.ends):
        return xy, segments, {}
    xy, segments, nodes = _find_nodes(xy, segments, gates)
    ends = segments.ends.copy()
    new_xy: list[Floats] = []
    gate_ends: list[tuple[int, int]] = []
    placed: dict[str, tuple[int, ...]] = {}
    taken: set[int] = set()
    count, first = len(xy), len(ends)
    for gate in gates:
        node = nodes.get(gate.id)
        if node is None or node in taken:
            continue  # on no way, or a second leaf of the same gate
        taken.add(node)
        edges, sides = np.nonzero(ends == node)
        numbers = []
        for group in _split(xy, ends, edges, sides, gate):
            ends[edges[group], sides[group]] = count
            numbers.append(first + len(gate_ends))
            gate_ends.append((node, count))
            new_xy.append(xy[node])
            count += 1
        placed[gate.id] = tuple(numbers)
    extra = len(gate_ends)
    return (
        np.vstack([xy, np.array(new_xy).reshape(-1, 2)]),
        Segments(
            np.vstack([ends, np.array(gate_ends, np.int32).reshape(-1, 2)]).astype(np.int32),
            np.concatenate([segments.mm, np.full(extra, GATE_MM, np.int32)]),
            np.concatenate([segments.road, np.full(extra, -1, np.int32)]),
        ),
        placed,
    )


def _find_nodes(
    xy: Floats, segments: Segments, gates: list[Gate]
) -> tuple[Floats, Segments, dict[str, int]]:
    """Return the network with a node at each gate on a way, and {gate id: node}."""
    shapes = shapely.linestrings(xy[segments.ends])
    points = shapely.points([(gate.x, gate.y) for gate in gates])
    found, edge = shapely.STRtree(shapes).query_nearest(
        points, max_distance=NEAR_M, all_matches=False
    )
    nodes: dict[str, int] = {}
    cuts: list[tuple[int, int]] = []
    added: list[tuple[float, float]] = []
    for index, number in zip(found.tolist(), edge.tolist(), strict=True):
        ends = segments.ends[number]
        away = np.hypot(*(xy[ends] - (gates[index].x, gates[index].y)).T)
        along = shapely.line_locate_point(shapes[number], points[index])
        if away.min() <= ON_NODE_M or not 0 < along < shapes[number].length:
            nodes[gates[index].id] = int(ends[np.argmin(away)])
            continue
        at = shapely.line_interpolate_point(shapes[number], along)
        nodes[gates[index].id] = len(xy) + len(added)
        cuts.append((number, len(xy) + len(added)))
        added.append((at.x, at.y))
    xy = np.vstack([xy, np.array(added).reshape(-1, 2)])
    ends, parent = cut_edges(xy, segments.ends, cuts)
    mm = segments.mm[parent]
    cut = np.isin(parent, [number for number, _ in cuts])
    span = np.hypot(*(xy[ends[cut, 1]] - xy[ends[cut, 0]]).T)
    mm[cut] = np.maximum(np.rint(span * 1000), 1).astype(np.int32)
    return xy, Segments(ends, mm, segments.road[parent]), nodes


def _split(xy: Floats, ends: Any, edges: Any, sides: Any, gate: Gate) -> list[list[int]]:
    """Return groups of the ways at a gate that get a node of their own; the rest keep the old."""
    if gate.compound is not None:
        near = xy[ends[edges, sides]]
        away = xy[ends[edges, 1 - sides]] - near
        length = np.maximum(np.hypot(away[:, 0], away[:, 1]), 1e-9)
        look = near + away * (np.minimum(_LOOK_M, length / 2) / length)[:, None]
        inner = shapely.contains_xy(gate.compound, look[:, 0], look[:, 1])
        if inner.any() and not inner.all():
            return [np.flatnonzero(inner).tolist()]
    return [[index] for index in range(1, len(edges))]
