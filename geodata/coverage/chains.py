"""Edges in a row joined into one: most vertices only bend a way, and need no stop there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from geodata.coverage.noding import Floats, Ints

Objects = npt.NDArray[np.object_]


@dataclass(frozen=True)
class Chains:
    """Edges between crossings, ends of ways, gates, and where the sort of way changes.

    Attributes:
        nodes: Which nodes are left, (n,): neighbours near each other in memory too.
        ends: Edges as rows of `nodes`, (m, 2).
        mm: Their lengths, (m,): the sums of their parts.
        first: One of the edges that each is made of, (m,).
        shapes: LineStrings from the first end to the second, (m,).
        number: {old edge: new one} of those that stay alone for sure.
    """

    nodes: npt.NDArray[np.intp]
    ends: Ints
    mm: Ints
    first: npt.NDArray[np.intp]
    shapes: Objects
    number: dict[int, int]


def join_edges(xy: Floats, ends: Ints, mm: Ints, sort: Ints) -> Chains:
    """Return edges joined at nodes where just two of one sort meet.

    Args:
        xy: Nodes, (n, 2), metres.
        ends: Edges, (m, 2), without loops.
        mm: Their lengths, (m,).
        sort: What must be the same to be joined, (m,); below 0 stays alone.
    """
    count = len(xy)
    source = ends.reshape(-1)
    order = np.argsort(source, kind="stable")
    start = np.searchsorted(source[order], np.arange(count + 1))
    edge_at = order // 2
    two = np.flatnonzero(np.diff(start) == 2)
    a, b = edge_at[start[two]], edge_at[start[two] + 1]
    bends = np.zeros(count, bool)
    bends[two[(sort[a] == sort[b]) & (sort[a] >= 0)]] = True

    pairs, at, starts, bend = ends.tolist(), edge_at.tolist(), start.tolist(), bends.tolist()
    used = [False] * len(pairs)
    new_ends: list[tuple[int, int]] = []
    parts: list[list[int]] = []
    paths: list[list[int]] = []

    def walk(edge: int, node: int) -> None:
        path, mine = [node], []
        while True:
            used[edge] = True
            mine.append(edge)
            one, other = pairs[edge]
            node = other if node == one else one
            path.append(node)
            if not bend[node]:
                break
            low = starts[node]
            edge = at[low + 1] if at[low] == edge else at[low]
            if used[edge]:
                break
        new_ends.append((path[0], path[-1]))
        parts.append(mine)
        paths.append(path)

    for edge, (one, other) in enumerate(pairs):
        if not used[edge] and not (bend[one] and bend[other]):
            walk(edge, one if not bend[one] else other)
    for edge, (one, _) in enumerate(pairs):
        if not used[edge]:  # a round that nothing joins: it begins anywhere
            bend[one] = False
            walk(edge, one)

    kept = np.flatnonzero(~np.array(bend, bool)) if count else np.zeros(0, np.intp)
    kept = kept[np.argsort(_interleave(xy[kept]), kind="stable")]
    rank = np.zeros(count, np.int32)
    rank[kept] = np.arange(len(kept))
    lengths = np.array([len(path) for path in paths], np.intp)
    owner = np.repeat(np.arange(len(paths)), lengths)
    corners = xy[np.concatenate(paths)] if paths else np.zeros((0, 2))
    total: Any = np.zeros(len(parts), np.int64)
    if parts:
        np.add.at(total, np.repeat(np.arange(len(parts)), lengths - 1), mm[np.concatenate(parts)])
    return Chains(
        kept,
        rank[np.array(new_ends, np.int64).reshape(-1, 2)],
        total.astype(np.int32),
        np.array([mine[0] for mine in parts], np.intp),
        np.asarray(shapely.linestrings(corners, indices=owner)) if paths else np.zeros(0, object),
        {mine[0]: new for new, mine in enumerate(parts) if sort[mine[0]] < 0},
    )


def _interleave(xy: Floats) -> npt.NDArray[np.int64]:
    """Return the places' Morton codes (Morton 1966), 16 bits of each coordinate, (n,)."""
    if not len(xy):
        return np.zeros(0, np.int64)
    low = xy.min(axis=0)
    wide = max(float((xy - low).max()), 1e-9)
    code = ((xy - low) / wide * 65535).astype(np.int64)
    for shift, mask in ((8, 0x00FF00FF), (4, 0x0F0F0F0F), (2, 0x33333333), (1, 0x55555555)):
        code = (code | (code << shift)) & mask
    return np.asarray(code[:, 0] | (code[:, 1] << 1), np.int64)
