"""Who can walk to what, of every kind: distances and supply, following each change by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from geodata.coverage.catchment import Catchment, Slots
from geodata.coverage.network import Bools, Floats, Ints
from geodata.coverage.routing import Router
from geodata.coverage.snapping import Snaps, join_snaps

Changed = dict[str, Ints]
"""By kind, the rows of the buildings whose figures changed."""


class Access:
    """Every kind's catchment over one network, with gates as they stand there.

    Args:
        router: Ways of one profile; this object opens and closes its gates.
        demand: People by group, (buildings, groups).
        weights: Steps of distance, millimetres, ascending, and their weights.
        limit_mm: Nobody is followed farther than this.
        limits_mm: The same for kinds that reach less far.
    """

    def __init__(
        self,
        router: Router,
        demand: Floats,
        weights: tuple[Ints, Floats],
        limit_mm: int,
        limits_mm: Mapping[str, int] | None = None,
    ) -> None:
        self.router = router
        self.demand = demand.copy()
        self.weights = weights
        self.limit_mm = limit_mm
        self.limits_mm = dict(limits_mm or {})
        self.kinds: dict[str, Catchment] = {}
        self.kind_of: dict[str, str] = {}

    def add(
        self, kind: str, ids: Sequence[str], places: Snaps, supply: Floats, counts: Bools
    ) -> Changed:
        """Take providers of one kind."""
        table = self.kinds.setdefault(
            kind, Catchment(self.demand, self.weights, self.router.region)
        )
        self.kind_of |= dict.fromkeys(ids, kind)
        slots = table.append(ids, places, supply, counts)
        return self._walk_again(kind, slots)

    def remove(self, id_: str) -> Changed:
        """Forget a provider."""

        def act(table: Catchment, slot: int) -> None:
            table.drop(id_)

        table = self.kinds[self.kind_of[id_]]
        slot = table.slot[id_]
        changed = self._sum_again(id_, act)
        table.forget(slot)
        del self.kind_of[id_]
        return changed

    def move(self, id_: str, place: Snaps) -> Changed:
        """Put a provider elsewhere."""
        kind = self.kind_of[id_]
        table = self.kinds[kind]
        slot = table.slot[id_]
        table.move(slot, place)
        return self._walk_again(kind, np.array([slot]))

    def set_supply(self, id_: str, supply: float) -> Changed:
        """Change what a provider gives."""

        def act(table: Catchment, slot: int) -> None:
            table.supply[slot] = supply

        return self._sum_again(id_, act)

    def set_counts(self, id_: str, *, counts: bool) -> Changed:
        """Let a provider count, or not."""

        def act(table: Catchment, slot: int) -> None:
            table.counts[slot] = counts

        return self._sum_again(id_, act)

    def set_gates(self, closed: Mapping[str, bool]) -> Changed:
        """Close and open gates; only providers from which somebody walks through are walked again.

        For who walks through a gate of length w, its two sides are just w apart: in whole
        millimetres that tells who does, measured while the gate is open.
        """
        affected: dict[str, set[int]] = {}
        for gate, shut in closed.items():
            if shut == (gate in self.router.closed):
                continue
            if not shut:
                self.router.set_gate(gate, closed=False)
            for kind, users in self._users(gate).items():
                affected.setdefault(kind, set()).update(users)
            if shut:
                self.router.set_gate(gate, closed=True)
        return self._walk_all_again(
            {kind: np.array(sorted(slots), np.int64) for kind, slots in affected.items()}
        )

    def set_demand(self, rows: Ints, people: Floats) -> Changed:
        """Change who lives in some buildings, (rows, groups)."""
        self.demand[rows] = people
        changed: Changed = {}
        for kind, table in self.kinds.items():
            slots = table.reached_from(rows)
            found = table.refresh(slots, table.touched(slots))
            if len(found):
                changed[kind] = found
        return changed

    def _users(self, gate: str) -> dict[str, list[int]]:
        """Return providers, by kind, with a shortest way through an open gate."""
        network = self.router.network
        found: dict[str, list[int]] = {}
        for edge in network.gate_edges.get(gate, ()):
            here, there = (
                self.router.measure_nodes([node], [0], self.limit_mm) for node in network.ends[edge]
            )
            for kind, table in self.kinds.items():
                slots = self.router.mark_users(table.places, here, there, int(network.mm[edge]))
                found.setdefault(kind, []).extend(slots.tolist())
        return {kind: slots for kind, slots in found.items() if slots}

    def _sum_again(self, id_: str, act: Callable[[Catchment, int], None]) -> Changed:
        kind = self.kind_of[id_]
        table = self.kinds[kind]
        slot = table.slot[id_]
        act(table, slot)
        slots = np.array([slot])
        changed = table.refresh(slots, table.touched(slots))
        return {kind: changed} if len(changed) else {}

    def _walk_again(self, kind: str, slots: Slots) -> Changed:
        return self._walk_all_again({kind: slots})

    def _walk_all_again(self, slots: Mapping[str, Slots]) -> Changed:
        """Walk from some providers of each kind, those that are followed as far in one go."""
        by_limit: dict[int, list[str]] = {}
        for kind in slots:
            limit = self.limits_mm.get(kind, self.limit_mm)
            by_limit.setdefault(limit, []).append(kind)
        changed: Changed = {}
        for limit, kinds in by_limit.items():
            places = join_snaps([self.kinds[kind].places.take(slots[kind]) for kind in kinds])
            pairs, begin = self.router.reach(places, limit), 0
            for kind in kinds:
                table, count = self.kinds[kind], len(slots[kind])
                dirty = table.set_pairs(slots[kind], pairs.part(begin, begin + count))
                begin += count
                found = table.refresh(slots[kind], dirty)
                if len(found):
                    changed[kind] = found
        return changed
