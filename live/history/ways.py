"""Ways between gates and buildings on the walking network, and how many people took each lane."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra
from shapely.ops import substring

from geodata.community import Community
from geodata.coverage.network import WalkingNetwork, build_network
from geodata.coverage.snapping import Snapper
from live.history.people import Flow

_UNREACHED = -9999
"""What `scipy.sparse.csgraph.dijkstra` writes where there is no way back."""

Place = tuple[str, str]
"""Layer (gates, buildings) and id."""


@dataclass(frozen=True, slots=True)
class Lane:
    """A stretch of a lane and the published counts of those who are led over it.

    Attributes:
        path: Its line, degrees (longitude, latitude).
        in_: People from gates to buildings.
        out: People from buildings to gates.
    """

    path: tuple[tuple[float, float], ...]
    in_: int
    out: int


@dataclass(frozen=True)
class _Pieces:
    """The network cut where places are: ends (m, 2), millimetres (m,), lines in metres (m,)."""

    ends: npt.NDArray[np.int64]
    mm: npt.NDArray[np.int64]
    shapes: list[shapely.LineString]
    node_of: dict[Place, int]
    nodes: int


class Ways:
    """The shortest ways on foot between every gate and building, found once.

    Nobody is followed: everyone between a gate and a building is led over the same shortest way,
    from the building's first door, all gates open.

    Args:
        community: Whose roads, gates and doors.
    """

    def __init__(self, community: Community) -> None:
        network = build_network(community)
        self._plane = network.plane
        self._pieces = _cut(network, _read_places(community))
        self._number = _shortest_between(self._pieces)
        self._before = self._search()

    def _search(self) -> dict[str, npt.NDArray[np.int32]]:
        pieces, gates = self._pieces, [p for p in self._pieces.node_of if p[0] == "gates"]
        if not gates:
            return {}
        kept = list(self._number.values())
        ends, mm = pieces.ends[kept], pieces.mm[kept]
        graph = coo_array((mm, (ends[:, 0], ends[:, 1])), (pieces.nodes, pieces.nodes)).tocsr()
        starts = [pieces.node_of[gate] for gate in gates]
        _, before = dijkstra(graph, directed=False, indices=starts, return_predecessors=True)
        return dict(zip((key for _, key in gates), before.astype(np.int32), strict=True))

    def route(self, gate: str, building: str) -> list[int]:
        """Return the pieces of lane from a building to a gate; none where no way joins them."""
        before, node = self._before.get(gate), self._pieces.node_of.get(("buildings", building))
        found: list[int] = []
        while before is not None and node is not None and before[node] != _UNREACHED:
            following = int(before[node])
            found.append(self._number[min(node, following), max(node, following)])
            node = following
        return found

    def between(self, gate: str, other: str) -> list[tuple[float, float]]:
        """Return the way from a gate to another, degrees (longitude, latitude); none without one.

        The shortest on foot: which lane a vehicle took between two cameras nobody saw.
        """
        before, node_of = self._before.get(gate), self._pieces.node_of
        node, start = node_of.get(("gates", other)), node_of.get(("gates", gate))
        way: list[tuple[float, float]] = []
        while before is not None and node is not None and before[node] != _UNREACHED:
            following = int(before[node])
            piece = self._number[min(node, following), max(node, following)]
            path = self._path(piece)
            path = path if self._pieces.ends[piece][0] == node else path[::-1]
            way += path[bool(way) :]  # where two pieces meet is one point
            node = following
        return way[::-1] if node == start else []

    def lanes(self, flows: Iterable[Flow]) -> list[Lane]:
        """Return the lanes that people took, with sums of their published counts."""
        counts: dict[str, Counter[int]] = {"in": Counter(), "out": Counter()}
        for flow in flows:
            for piece in self.route(flow.gate, flow.building):
                counts[flow.direction][piece] += flow.count
        used = sorted(counts["in"].keys() | counts["out"].keys())
        return [
            Lane(self._path(piece), counts["in"][piece], counts["out"][piece]) for piece in used
        ]

    def _path(self, piece: int) -> tuple[tuple[float, float], ...]:
        metres = shapely.get_coordinates(self._pieces.shapes[piece])
        return tuple((lon, lat) for lon, lat in self._plane.to_degrees(metres).tolist())


def _read_places(community: Community) -> dict[Place, tuple[float, float]]:
    """Return degrees of every gate, and of the first door of every building."""
    doors, gates = community["entrances"], community["gates"]
    doors = doors[doors["building_id"].notna()].drop_duplicates("building_id")
    frames = (("gates", gates["id"], gates), ("buildings", doors["building_id"], doors))
    return {
        (layer, str(key)): (point.x, point.y)
        for layer, keys, gdf in frames
        for key, point in zip(pd.Series(keys), gdf.geometry, strict=True)
    }


def _cut(network: WalkingNetwork, places: dict[Place, tuple[float, float]]) -> _Pieces:
    snaps = Snapper(network).snap(network.plane.to_xy(list(places.values())))
    on_edge: dict[int, list[tuple[int, Place]]] = defaultdict(list)
    for place, edge, at_mm in zip(places, snaps.edge.tolist(), snaps.at_mm.tolist(), strict=True):
        if edge >= 0:
            on_edge[edge].append((at_mm, place))
    nodes, node_of = len(network.xy), {}
    ends: list[tuple[int, int]] = []
    lengths: list[int] = []
    shapes: list[shapely.LineString] = []
    for edge, ((first, last), mm) in enumerate(
        zip(network.ends.tolist(), network.mm.tolist(), strict=True)
    ):
        stops = [(0, first)]
        for at_mm, place in sorted(on_edge.get(edge, ())):
            if at_mm > stops[-1][0]:
                stops.append((at_mm, nodes))
                nodes += 1
            node_of[place] = stops[-1][1]
        if stops[-1][0] >= mm and len(stops) > 1:  # the last place stands at the very end
            node_of |= {p: last for p, node in node_of.items() if node == stops[-1][1]}
            stops.pop()
        stops.append((mm, last))
        line = network.shapes[edge]
        for (start, one), (end, other) in pairwise(stops):
            ends.append((one, other))
            # a gate is an edge of no length, which a sparse graph would leave out
            lengths.append(max(1, end - start))
            whole = len(stops) == 2
            shapes.append(line if whole else substring(line, start / mm, end / mm, normalized=True))
    return _Pieces(
        np.array(ends, np.int64).reshape(-1, 2), np.array(lengths, np.int64), shapes, node_of, nodes
    )


def _shortest_between(pieces: _Pieces) -> dict[tuple[int, int], int]:
    """Return the shortest piece between two neighbouring nodes."""
    numbers: dict[tuple[int, int], int] = {}
    for piece in np.argsort(-pieces.mm, kind="stable").tolist():
        first, second = sorted(pieces.ends[piece].tolist())
        numbers[first, second] = piece
    return numbers
