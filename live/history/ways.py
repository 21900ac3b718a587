"""Ways between gates and buildings on the walking network, and how many people took each lane."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from geodata.community import Community
from geodata.coverage.network import WalkingNetwork, build_network
from geodata.coverage.snapping import Snapper, Snaps
from live.history.people import Flow

_UNREACHED = -9999
"""What `scipy.sparse.csgraph.dijkstra` writes where there is no way back."""


@dataclass(frozen=True, slots=True)
class Lane:
    """A stretch of a lane and the published counts of those who are led over it.

    Attributes:
        path: Its two ends, degrees (longitude, latitude).
        in_: People from gates to buildings.
        out: People from buildings to gates.
    """

    path: tuple[tuple[float, float], tuple[float, float]]
    in_: int
    out: int


class Ways:
    """The shortest ways on foot between every gate and building, found once.

    Nobody is followed: everyone between a gate and a building is led over the same shortest way,
    all gates open.

    Args:
        community: Whose roads, gates and doors.
    """

    def __init__(self, community: Community) -> None:
        self._network = build_network(community)
        self._ends = self._network.plane.to_degrees(self._network.xy)
        snapper = Snapper(self._network)
        self._building = _nodes(snapper, _doors(community))
        gates = community["gates"]
        self._gate = _nodes(
            snapper,
            pd.DataFrame({"of": gates["id"], "at": gates.geometry.to_numpy()}),
        )
        self._edge = _number_edges(self._network)
        self._before = self._search()

    def _search(self) -> dict[str, npt.NDArray[np.int32]]:
        size = len(self._network.xy)
        if not size or not self._gate:
            return {}
        kept = list(self._edge.values())
        ends, mm = self._network.ends[kept], self._network.mm[kept]
        # a gate is an edge of no length, which a sparse graph would leave out
        graph = coo_array((np.maximum(mm, 1), (ends[:, 0], ends[:, 1])), (size, size)).tocsr()
        starts = list(self._gate.values())
        _, before = dijkstra(graph, directed=False, indices=starts, return_predecessors=True)
        return dict(zip(self._gate, before.astype(np.int32), strict=True))

    def route(self, gate: str, building: str) -> list[int]:
        """Return the edges from a building to a gate; none where no way joins them."""
        before, node = self._before.get(gate), self._building.get(building)
        edges: list[int] = []
        while before is not None and node is not None and before[node] != _UNREACHED:
            following = int(before[node])
            edges.append(self._edge[min(node, following), max(node, following)])
            node = following
        return edges

    def between(self, gate: str, other: str) -> list[tuple[float, float]]:
        """Return the way from a gate to another, degrees (longitude, latitude); none without one.

        The shortest on foot: which lane a vehicle took between two cameras nobody saw.
        """
        before, node = self._before.get(gate), self._gate.get(other)
        if before is None or node is None or gate == other:
            return []
        nodes = [node]
        while before[nodes[-1]] != _UNREACHED:
            nodes.append(int(before[nodes[-1]]))
        if nodes[-1] != self._gate[gate]:
            return []
        return [(float(x), float(y)) for x, y in self._ends[nodes[::-1]]]

    def lanes(self, flows: Iterable[Flow]) -> list[Lane]:
        """Return the lanes that people took, with sums of their published counts."""
        counts: dict[str, Counter[int]] = {"in": Counter(), "out": Counter()}
        for flow in flows:
            for edge in self.route(flow.gate, flow.building):
                counts[flow.direction][edge] += flow.count
        used = sorted(counts["in"].keys() | counts["out"].keys())
        return [Lane(self._path(edge), counts["in"][edge], counts["out"][edge]) for edge in used]

    def _path(self, edge: int) -> tuple[tuple[float, float], tuple[float, float]]:
        first, second = (self._ends[node] for node in self._network.ends[edge])
        return (float(first[0]), float(first[1])), (float(second[0]), float(second[1]))


def _doors(community: Community) -> pd.DataFrame:
    doors = community["entrances"]
    doors = doors[doors["building_id"].notna()]
    return pd.DataFrame({"of": doors["building_id"], "at": doors.geometry.to_numpy()})


def _nodes(snapper: Snapper, places: pd.DataFrame) -> dict[str, int]:
    """Return the node nearest to each thing's first place, of those on the network."""
    network = snapper.network
    first = places.drop_duplicates("of")
    snaps: Snaps = snapper.snap(network.plane.to_xy(shapely.get_coordinates(list(first["at"]))))
    found = {}
    for of, edge, at in zip(first["of"], snaps.edge, snaps.at_mm, strict=True):
        if edge >= 0:
            end = int(2 * at > network.mm[edge])
            found[str(of)] = int(network.ends[edge, end])
    return found


def _number_edges(network: WalkingNetwork) -> dict[tuple[int, int], int]:
    """Return the shortest edge between two neighbouring nodes."""
    numbers: dict[tuple[int, int], int] = {}
    for edge in np.argsort(-network.mm, kind="stable").tolist():
        first, second = sorted(network.ends[edge].tolist())
        numbers[first, second] = edge
    return numbers
