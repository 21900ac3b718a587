"""Lines cut into the edges of a graph, at the points where they meet."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Objects = npt.NDArray[np.object_]

SAME_M = 0.01
"""Vertices as near as this are one: coordinates of files are rounded to about a centimetre."""
TOUCH_M = 0.1
"""The end of a line as near as this to another line touches it."""


@dataclass(frozen=True)
class Segments:
    """Edges before they are a network: nodes (m, 2), millimetres (m,), row of the line (m,)."""

    ends: Ints
    mm: Ints
    road: Ints


def measure_mm(start: Floats, end: Floats) -> Ints:
    """Return distances in whole millimetres, at least 1."""
    metres = np.hypot(end[:, 0] - start[:, 0], end[:, 1] - start[:, 1])
    return np.asarray(np.maximum(np.rint(metres * 1000), 1), np.int32)


def node_lines(lines: Objects, road: Ints) -> tuple[Floats, Segments]:
    """Return nodes, (n, 2), metres, and edges of lines that meet in vertices or touch with ends.

    Args:
        lines: LineStrings in metres.
        road: What each line is numbered, (lines,).
    """
    points, line = shapely.get_coordinates(lines, return_index=True)
    if not len(points):
        empty = np.zeros(0, np.int32)
        return np.zeros((0, 2)), Segments(np.zeros((0, 2), np.int32), empty, empty)
    is_end = np.ones(len(points), bool)
    is_end[1:-1] = (line[1:-1] != line[:-2]) | (line[1:-1] != line[2:])
    label = _merge(points, is_end)
    count = int(label.max()) + 1
    xy = np.zeros((count, 2))
    xy[label[::-1]] = points[::-1]  # the first of the points that are one gives the place
    ends_at = np.zeros(count, bool)
    ends_at[label[is_end]] = True

    follows = line[1:] == line[:-1]
    ends = np.column_stack([label[:-1], label[1:]])[follows]
    number = road[line[1:][follows]]
    cuts = _touches(xy, ends, np.flatnonzero(ends_at))
    ends, parent = cut_edges(xy, ends, cuts)
    return xy, _tidy(xy, ends, number[parent])


def _merge(points: Floats, is_end: npt.NDArray[np.bool_]) -> Ints:
    """Return the node of each point: equal ones, and ends that touch a vertex."""
    places, index = np.unique(points, axis=0, return_inverse=True)
    index = index.reshape(-1)
    end_here = np.zeros(len(places), bool)
    end_here[index[is_end]] = True
    pairs = cKDTree(places).query_pairs(TOUCH_M, output_type="ndarray")
    gap = np.hypot(*(places[pairs[:, 0]] - places[pairs[:, 1]]).T)
    pairs = pairs[(gap <= SAME_M) | end_here[pairs].any(axis=1)]
    graph = coo_array(
        (np.ones(len(pairs), np.int8), (pairs[:, 0], pairs[:, 1])), (len(places), len(places))
    )
    _, label = connected_components(graph, directed=False)
    return np.asarray(label[index], np.int32)


def _touches(xy: Floats, ends: Ints, nodes: npt.NDArray[np.intp]) -> list[tuple[int, int]]:
    """Return (edge, node) where a line ends on the edge of another between its vertices."""
    shapes = shapely.linestrings(xy[ends])
    node, edge = shapely.STRtree(shapes).query(
        shapely.points(xy[nodes]), predicate="dwithin", distance=TOUCH_M
    )
    node = nodes[node]
    own = (ends[edge] == node[:, None]).any(axis=1)
    # beside the corner of another line, whose vertex would have been merged: no touch
    along = shapely.line_locate_point(shapes[edge], shapely.points(xy[node]))
    inside = (along > 0) & (along < shapely.length(shapes[edge]))
    keep = ~own & inside
    return list(zip(edge[keep].tolist(), node[keep].tolist(), strict=True))


def cut_edges(xy: Floats, ends: Ints, cuts: list[tuple[int, int]]) -> tuple[Ints, Ints]:
    """Return edges cut at nodes that lie on them, and the edge each came from.

    Args:
        xy: Nodes, (n, 2), metres.
        ends: Edges, (m, 2).
        cuts: Pairs of edge and node.
    """
    parent = np.arange(len(ends), dtype=np.int32)
    if not cuts:
        return ends.astype(np.int32), parent
    by_edge: dict[int, list[int]] = {}
    for edge, node in cuts:
        by_edge.setdefault(edge, []).append(node)
    new, origin = [], []
    for edge, nodes in by_edge.items():
        first, last = ends[edge]
        away = {node: float(np.hypot(*(xy[node] - xy[first]))) for node in nodes}
        chain = [int(first), *sorted(away, key=lambda node: (away[node], node)), int(last)]
        new += list(pairwise(chain))
        origin += [edge] * (len(chain) - 1)
    keep = np.ones(len(ends), bool)
    keep[list(by_edge)] = False
    return (
        np.vstack([ends[keep], np.array(new, np.int32)]).astype(np.int32),
        np.concatenate([parent[keep], np.array(origin, np.int32)]),
    )


def _tidy(xy: Floats, ends: Ints, road: Ints) -> Segments:
    """Return edges without loops, and of those drawn twice the first."""
    keep = ends[:, 0] != ends[:, 1]
    ends, road = ends[keep], road[keep]
    mm = measure_mm(xy[ends[:, 0]], xy[ends[:, 1]])
    _, first = np.unique(np.sort(ends, axis=1), axis=0, return_index=True)
    first.sort()
    return Segments(ends[first], mm[first], road[first])
