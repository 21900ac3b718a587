"""Made-up towns for the bench of coverage: ways in walled compounds, people, services.

Ways meet every 28 m, in walled compounds of 300 m. Inside, they form a tree with a few rounds; a
compound has two gates of its own and about as many of its neighbours'. So 2.3 ways meet at a node
on average, as in road networks of towns. An open district has more of both, for comparison.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import minimum_spanning_tree

from geodata.coverage.access import Access
from geodata.coverage.chains import join_edges
from geodata.coverage.network import Floats, Ints, Plane, WalkingNetwork
from geodata.coverage.routing import Router
from geodata.coverage.snapping import Snaps

LIMIT_MM = 1_000_000
KINDS = tuple(f"kind{number:02}" for number in range(12))
GROUPS = 3
WEIGHTS = (np.array([300_000, 500_000, 1_000_000], np.int32), np.array([1.0, 0.68, 0.22]))
BLOCK, APART_M = 11, 28.0


@dataclass(frozen=True)
class Size:
    """How large a town is: nodes along a side, buildings, services; how open its compounds are."""

    name: str
    side: int
    buildings: int
    services: int
    rounds: float = 0.2
    gates: int = 2


SIZES = (
    Size("community", 39, 200, 60),
    Size("district", 346, 35_000, 5_000),
    Size("city", 1_000, 300_000, 40_000),
)
OPEN = Size("open district", 346, 35_000, 5_000, rounds=0.6, gates=12)


@dataclass(frozen=True)
class Town:
    """A town as the product sees it, and the same ways as a plain graph for other libraries.

    Attributes:
        network: As built from lines: joined at bends, gates as edges.
        doors: One of each building.
        places: One of each service.
        kind: Of each service, index into `KINDS`.
        supply: Places of each service.
        demand: People by group, (buildings, groups).
        graph: Every vertex of the ways, metres, both directions.
        xy: The vertices of `graph`, metres.
        door_node: Vertex of `graph` nearest along the way to each door.
        place_node: The same of each service.
    """

    size: Size
    network: WalkingNetwork
    doors: Snaps
    places: Snaps
    kind: npt.NDArray[np.int64]
    supply: Floats
    demand: Floats
    graph: csr_array
    xy: Floats
    door_node: npt.NDArray[np.int64]
    place_node: npt.NDArray[np.int64]

    def router(self) -> Router:
        """Return the ways with all gates open."""
        whole = np.ones(len(self.network.ends), bool)
        return Router(self.network, whole, self.doors, self.size.buildings)

    def access(self, router: Router, closed: frozenset[int] = frozenset()) -> Access:
        """Return everything summed from nothing: pairs, catchments, nearest, of all kinds."""
        whole = Access(router, self.demand, WEIGHTS, LIMIT_MM)
        for number, kind in enumerate(KINDS):
            rows = np.flatnonzero(self.kind == number)
            counts = np.array([row not in closed for row in rows.tolist()], bool)
            whole.add(kind, [str(row) for row in rows], self.places.take(rows),
                      self.supply[rows], counts)  # fmt: skip
        return whole


def build_town(size: Size, seed: int = 1) -> Town:
    """Return a town of a size, the same for the same seed."""
    rng = np.random.default_rng(seed)
    xy, ends, gates = _lattice(size, rng)
    mm = np.maximum(np.rint(np.hypot(*(xy[ends[:, 0]] - xy[ends[:, 1]]).T) * 1000), 1)
    sort = np.zeros(len(ends), np.int32)
    sort[gates], mm[gates] = -1, 1
    mm = mm.astype(np.int32)
    chains = join_edges(xy, ends, mm, sort)
    edges = len(chains.ends)
    network = WalkingNetwork(
        plane=Plane(119.3, 26.08),
        xy=xy[chains.nodes],
        ends=chains.ends,
        shapes=chains.shapes,
        mm=chains.mm,
        steps=np.zeros(edges, bool),
        width_m=np.full(edges, np.nan),
        road=np.where(sort[chains.first] < 0, -1, 0).astype(np.int32),
        gate_edges={f"gate{edge}": (chains.number[edge],) for edge in gates.tolist()},
        loose_gates=(),
        component=np.zeros(len(chains.nodes), np.int32),
        way_nodes=len(xy),
        way_edges=len(ends),
    )
    metres = mm / 1000
    both = (np.concatenate([ends[:, 0], ends[:, 1]]), np.concatenate([ends[:, 1], ends[:, 0]]))
    graph = coo_array((np.tile(metres, 2), both), shape=(len(xy), len(xy))).tocsr()
    doors, door_node = _scatter(network, chains.nodes, size.buildings, rng)
    places, place_node = _scatter(network, chains.nodes, size.services, rng)
    return Town(
        size, network, doors, places, rng.integers(0, len(KINDS), size.services),
        rng.integers(5, 200, size.services).astype(float),
        rng.integers(0, 60, (size.buildings, GROUPS)).astype(float),
        graph, xy, door_node, place_node,
    )  # fmt: skip


def _lattice(size: Size, rng: np.random.Generator) -> tuple[Floats, Ints, Any]:
    """Return nodes, edges, and which edges are gates."""
    side = size.side
    row, column = np.divmod(np.arange(side * side), side)
    xy = np.column_stack([column, row]) * APART_M + rng.uniform(-8, 8, (side * side, 2))
    compound = (row // BLOCK) * (side // BLOCK + 1) + column // BLOCK
    first = np.arange(side * side)
    pairs = np.vstack([
        np.column_stack([first, first + 1])[column < side - 1],
        np.column_stack([first, first + side])[row < side - 1],
    ])  # fmt: skip
    inner = compound[pairs[:, 0]] == compound[pairs[:, 1]]
    inside, across = pairs[inner], pairs[~inner]
    # inside, a tree of all its nodes and some ways more; 1 + weight keeps edges from being nothing
    weights = (1 + rng.random(len(inside)), (inside[:, 0], inside[:, 1]))
    tree = minimum_spanning_tree(coo_array(weights, shape=(len(xy), len(xy))).tocsr()).tocoo()
    in_tree = np.isin(
        inside[:, 0] * len(xy) + inside[:, 1], tree.row.astype(np.int64) * len(xy) + tree.col
    )
    ways = inside[in_tree | (rng.random(len(inside)) < size.rounds)]
    # of the places where two compounds touch, some have a gate
    order = rng.permutation(len(across))
    order = order[np.argsort(compound[across[order, 0]], kind="stable")]
    _, start = np.unique(compound[across[order, 0]], return_index=True)
    rank = np.arange(len(order)) - np.repeat(start, np.diff([*start, len(order)]))
    gates = across[order[rank < size.gates]]
    # a gate stands where the inner way ends, an edge of its own; the outer way begins behind it
    made = len(xy) + np.arange(len(gates))
    leaf = np.column_stack([gates[:, 0], made])
    beyond = np.column_stack([made, gates[:, 1]])
    xy = np.vstack([xy, xy[gates[:, 0]]])
    ends = np.vstack([ways, beyond, leaf]).astype(np.int32)
    return xy, ends, len(ways) + len(beyond) + np.arange(len(gates))


def _scatter(
    network: WalkingNetwork, nodes: Any, count: int, rng: np.random.Generator
) -> tuple[Snaps, npt.NDArray[np.int64]]:
    """Return places anywhere along ways, and the end of the way that is nearer to each."""
    ways = np.flatnonzero(network.road >= 0)
    edge = rng.choice(ways, count, p=network.mm[ways] / network.mm[ways].sum(dtype=np.int64))
    at = (rng.random(count) * network.mm[edge]).astype(np.int32)
    leg = rng.integers(2_000, 15_000, count).astype(np.int32)
    near = np.where(at * 2 < network.mm[edge], network.ends[edge, 0], network.ends[edge, 1])
    xy = network.xy[near]
    return (
        Snaps(xy, edge.astype(np.int32), at, leg, np.arange(count, dtype=np.int32)),
        np.asarray(nodes[near], np.int64),
    )
