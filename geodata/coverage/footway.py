"""The way on foot from the nearest of some places to another, its line included, gates as told."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra
from shapely.ops import substring

from geodata.coverage.network import Floats, Ints, WalkingNetwork
from geodata.coverage.snapping import Snapper, Snaps

_UNREACHED = -9999
"""What `scipy.sparse.csgraph.dijkstra` writes where there is no way back."""


@dataclass(frozen=True)
class Footway:
    """A way on foot.

    Attributes:
        start: Which of the places it begins at.
        mm: Its length, from the place itself to the goal itself, millimetres.
        path: Its line from the place to the goal, (k, 2), metres in the network's plane.
    """

    start: int
    mm: int
    path: Floats


class Footways:
    """Finds ways to one goal at a time; what it holds never changes, so threads may share it.

    Args:
        network: The network.
    """

    def __init__(self, network: WalkingNetwork) -> None:
        self.network = network
        self._snapper = Snapper(network)

    def find(self, starts: Floats, goal: Floats, shut: Collection[str] = ()) -> list[Footway]:
        """Return the ways from places to a goal, the shortest first; none where no way joins them.

        Args:
            starts: (n, 2), metres in the network's plane.
            goal: (2,), likewise.
            shut: Gates that let nobody past.
        """
        if not len(starts) or not len(self.network.ends):
            return []
        places = self._snapper.snap(np.vstack([np.reshape(goal, (1, 2)), starts]))
        if places.edge[0] < 0:
            return []
        far, before = self._search(places, shut)
        found = []
        for row in range(1, len(places)):
            way = self._way(places, row, far, before)
            if way is not None:
                found.append(way)
        return sorted(found, key=lambda way: (way.mm, way.start))

    def _search(self, places: Snaps, shut: Collection[str]) -> tuple[Floats, Ints]:
        """Return millimetres from the goal to every node, and the node before each on that way."""
        network = self.network
        closed = [edge for gate in shut for edge in network.gate_edges.get(gate, ())]
        keep = np.ones(len(network.ends), bool)
        keep[closed] = False
        edge, at = int(places.edge[0]), int(places.at_mm[0])
        goal = len(network.xy)
        ends = np.vstack([network.ends[keep], [[goal, network.ends[edge, k]] for k in (0, 1)]])
        mm = np.concatenate([network.mm[keep], [at, int(network.mm[edge]) - at]])
        # of two edges between the same nodes the shorter counts; one of no length is still one
        order = np.argsort(-mm, kind="stable")
        low, high = np.sort(ends[order], axis=1).T
        lengths = dict(
            zip(zip(low.tolist(), high.tolist(), strict=True), mm[order].tolist(), strict=True)
        )
        pairs = np.array(list(lengths), np.int64)
        weights = np.maximum(np.array(list(lengths.values()), np.int64), 1)
        graph = coo_array((weights, (pairs[:, 0], pairs[:, 1])), (goal + 1, goal + 1)).tocsr()
        far, before = dijkstra(graph, directed=False, indices=goal, return_predecessors=True)
        return far, before.astype(np.int32)

    def _way(self, places: Snaps, row: int, far: Floats, before: Ints) -> Footway | None:
        network, edge = self.network, int(places.edge[row])
        if edge < 0:
            return None
        at, legs = int(places.at_mm[row]), int(places.leg_mm[row]) + int(places.leg_mm[0])
        first, last = (int(node) for node in network.ends[edge])
        choices: list[tuple[float, str]] = [
            (far[first] + at, "first"),
            (far[last] + int(network.mm[edge]) - at, "last"),
        ]
        if edge == places.edge[0]:
            choices.append((abs(at - int(places.at_mm[0])), "along"))
        length, choice = min(choices)
        if not np.isfinite(length):
            return None
        if choice == "along":
            lines = [self._piece(edge, at, int(places.at_mm[0]))]
        else:
            node = first if choice == "first" else last
            lines = [self._piece(edge, at, 0 if choice == "first" else int(network.mm[edge]))]
            lines += self._back(node, before, int(places.edge[0]), int(places.at_mm[0]))
        path = np.vstack([places.xy[row : row + 1], *lines, places.xy[:1]])
        moved = np.append(True, np.any(np.abs(np.diff(path, axis=0)) > 0.01, axis=1))
        return Footway(row - 1, round(float(length)) + legs, path[moved])

    def _back(self, node: int, before: Ints, goal_edge: int, goal_at: int) -> list[Floats]:
        network, lines = self.network, []
        while before[node] != _UNREACHED:
            following = int(before[node])
            if following == len(network.xy):
                whole = int(network.mm[goal_edge])
                lines.append(
                    self._piece(goal_edge, 0 if network.ends[goal_edge, 0] == node else whole,
                                goal_at)
                )  # fmt: skip
                break
            lines.append(self._between(node, following))
            node = following
        return lines

    def _between(self, node: int, following: int) -> Floats:
        """Return the line of the shortest edge from a node to its neighbour."""
        network = self.network
        either = np.flatnonzero(
            ((network.ends[:, 0] == node) & (network.ends[:, 1] == following))
            | ((network.ends[:, 1] == node) & (network.ends[:, 0] == following))
        )
        edge = int(either[np.argmin(network.mm[either])])
        whole = int(network.mm[edge])
        return self._piece(edge, 0, whole) if network.ends[edge, 0] == node else (
            self._piece(edge, whole, 0)
        )  # fmt: skip

    def _piece(self, edge: int, start_mm: int, end_mm: int) -> Floats:
        """Return the line along an edge from one spot to another."""
        whole = max(1, int(self.network.mm[edge]))
        line = substring(
            self.network.shapes[edge], start_mm / whole, end_mm / whole, normalized=True
        )
        return np.asarray(shapely.get_coordinates(line), float)
