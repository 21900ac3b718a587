"""Walked distances from providers to buildings for one profile, with gates that open and close."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from geodata.coverage import kernels
from geodata.coverage.network import FAR, Bools, Ints, WalkingNetwork
from geodata.coverage.snapping import Snaps

Slots = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Pairs:
    """Who is within reach of whom: rows `start[p]:start[p + 1]` are those of provider p.

    Attributes:
        start: (p + 1,).
        target: Buildings, ascending for each provider, (pairs,).
        mm: Walked distance, both ways to the door included, (pairs,), millimetres.
    """

    start: npt.NDArray[np.int64]
    target: Ints
    mm: Ints

    def of(self, provider: int) -> tuple[Ints, Ints]:
        """Return buildings and millimetres of one provider."""
        rows = slice(self.start[provider], self.start[provider + 1])
        return self.target[rows], self.mm[rows]

    def part(self, first: int, end: int) -> Pairs:
        """Return the pairs of providers from one to before another."""
        rows = slice(self.start[first], self.start[end])
        start = self.start[first : end + 1] - self.start[first]
        return Pairs(start, self.target[rows], self.mm[rows])


class Router:
    """Shortest ways of one profile between places on a network.

    Not for two threads at once: runs share scratch memory.

    Args:
        network: The network.
        passable: Which edges the profile can walk, (m,); gates included.
        doors: The buildings' doors; `doors.of` numbers the buildings.
        buildings: How many buildings there are.
    """

    def __init__(
        self, network: WalkingNetwork, passable: Bools, doors: Snaps, buildings: int
    ) -> None:
        self.network = network
        self.buildings = buildings
        nodes, edges = len(network.xy), len(network.ends)
        source = network.ends.T.reshape(-1)
        order = np.argsort(source, kind="stable")
        self._arc_edge = (np.arange(2 * edges) % max(edges, 1))[order]
        self._to = network.ends[:, ::-1].T.reshape(-1)[order].astype(np.int32)
        self._indptr = np.searchsorted(source[order], np.arange(nodes + 1)).astype(np.int64)
        self._arc_mm = np.where(passable, network.mm, -1).astype(np.int32)[self._arc_edge]
        # the arcs of an edge, to close and open it in place
        self._arcs_of = np.argsort(self._arc_edge, kind="stable").reshape(-1, 2)
        self.passable = passable
        self.closed: set[str] = set()
        self._edges = (network.ends, network.mm, passable & (network.road >= 0))
        self._doors = self._index_doors(doors)
        self.region = self._find_regions(doors)
        self._scratch: tuple[npt.NDArray[np.generic], ...] = (
            np.full(nodes, FAR, np.int32),
            np.full(kernels.BUCKETS, -1, np.int32),
            np.zeros((2 * len(self._to) + 4, 3), np.int32),
            np.zeros(nodes, np.int32),
            np.full(buildings, FAR, np.int32),
            np.zeros(buildings, np.int32),
            np.zeros((buildings >> 6) + 1, np.uint64),
        )

    def _find_regions(self, doors: Snaps) -> npt.NDArray[np.uint64]:
        """Return one bit of 64 for where each building lies: nodes near each other are in a row."""
        region = np.ones(self.buildings, np.uint64)
        held = np.flatnonzero(doors.edge >= 0)
        node = self.network.ends[doors.edge[held], 0].astype(np.int64)
        part = (node * 64 // max(len(self.network.xy), 1)).astype(np.uint64)
        region[doors.of[held]] = np.uint64(1) << part
        return region

    def _index_doors(self, doors: Snaps) -> tuple[npt.NDArray[np.generic], ...]:
        """Return doors by node (start, building, mm) and by edge (start, building, at, leg)."""
        network = self.network
        held = np.flatnonzero(doors.edge >= 0)
        held = held[self.passable[doors.edge[held]]]
        edge, at, leg, of = (
            array[held] for array in (doors.edge, doors.at_mm, doors.leg_mm, doors.of)
        )
        node = network.ends[edge].T.reshape(-1)
        mm = np.concatenate([leg + at, leg + network.mm[edge] - at])
        by_node = np.argsort(node, kind="stable")
        by_edge = np.argsort(edge, kind="stable")
        return (
            np.searchsorted(node[by_node], np.arange(len(network.xy) + 1)),
            np.concatenate([of, of])[by_node],
            mm[by_node],
            np.searchsorted(edge[by_edge], np.arange(len(network.ends) + 1)),
            of[by_edge],
            at[by_edge],
            leg[by_edge],
        )

    def set_gate(self, gate: str, *, closed: bool) -> bool:
        """Close or open a gate; return whether that changed anything on the network."""
        if closed == (gate in self.closed):
            return False
        (self.closed.add if closed else self.closed.discard)(gate)
        edges = list(self.network.gate_edges.get(gate, ()))
        arcs = self._arcs_of[edges].reshape(-1)
        self._arc_mm[arcs] = -1 if closed else self.network.mm[self._arc_edge[arcs]]
        return bool(edges)

    def reach(self, places: Snaps, limit_mm: int) -> Pairs:
        """Return the buildings within a walked distance of places, limit included."""
        count = len(places)
        table = np.column_stack([places.edge, places.at_mm, places.leg_mm]).astype(np.int64)
        start = np.zeros(count + 1, np.int64)
        room = max(4 * self.buildings, 64 * count, 1)
        target, mm = np.empty(room, np.int32), np.empty(room, np.int32)
        done = 0
        while True:
            done = kernels.reach(
                done, table, limit_mm, self._edges, (self._indptr, self._to, self._arc_mm),
                self._doors, self._scratch, (start, target, mm),
            )  # fmt: skip
            if done == count:
                break
            if start[done] + self.buildings > len(target):
                target, mm = (_double(array) for array in (target, mm))
            else:
                self._widen()
        return Pairs(start, target[: start[-1]].copy(), mm[: start[-1]].copy())

    def measure_nodes(self, nodes: Iterable[int], mm: Iterable[int], limit_mm: int) -> Ints:
        """Return distances of all nodes from some with a head start each, (n,), millimetres."""
        far = np.full(len(self.network.xy), FAR, np.int32)
        seeds, start = np.array(list(nodes), np.int64), np.array(list(mm), np.int64)
        arcs = (self._indptr, self._to, self._arc_mm)
        while True:
            _, first, entries, order, *_ = self._scratch
            room = len(entries) > len(seeds)
            if room and kernels.settle(
                seeds, start, limit_mm, arcs, far, (first, entries), order
            ) >= 0:  # fmt: skip
                return far
            self._widen()

    def _widen(self) -> None:
        """Make more room for nodes that wait for their turn."""
        far, first, entries, *rest = self._scratch
        self._scratch = (far, first, _double(entries), *rest)

    def mark_users(self, places: Snaps, here: Ints, there: Ints, width_mm: int) -> Slots:
        """Return the places from which a shortest way leads through an edge of some length.

        Args:
            places: Where ways begin; one on the edge itself counts by its ends.
            here: Distances of all nodes from one side of the edge, millimetres.
            there: The same from the other side.
            width_mm: The edge's length.
        """
        found: Slots = kernels.mark_users(
            (places.edge, places.at_mm, places.leg_mm), self._edges, here, there, width_mm
        )
        return found


def _double(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return np.concatenate([array, np.zeros_like(array)])
