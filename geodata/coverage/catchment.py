"""Supply against demand by two-step floating catchments, kept up to date provider by provider.

Step one gives each provider a ratio: its supply over the weighted people who can walk to it. Step
two gives each building the weighted sum of the ratios it can walk to (2SFCA: Luo and Wang 2003,
doi:10.1068/b29120; with weights by distance E2SFCA: Luo and Qi 2009,
doi:10.1016/j.healthplace.2009.06.002).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from geodata.coverage import kernels
from geodata.coverage.network import FAR, Bools, Floats, Ints
from geodata.coverage.routing import Pairs
from geodata.coverage.snapping import Snaps, join_snaps

Slots = npt.NDArray[np.int64]


class Catchment:
    """The providers of one kind, who can walk to them, and what that gives each building.

    Sums run in the order in which providers came, so that following changes one by one ends in the
    very numbers that summing everything afresh gives.

    Args:
        demand: People by group, (buildings, groups).
        weights: Steps of distance, millimetres, ascending, and their weights.
        region: One bit of 64 for where each building lies, (buildings,): spares looking at the
            providers of other regions. All in one without it.

    Attributes:
        ids: Ids of providers; None where one was removed.
        counts: Which providers count, (providers,).
        supply: What each gives, (providers,).
        near: Distance to the nearest that counts, (buildings,), millimetres; FAR if none.
        near_slot: Number of that provider, (buildings,); -1 if none.
        access: Supply for each person, (buildings, groups).
    """

    def __init__(
        self,
        demand: Floats,
        weights: tuple[Ints, Floats],
        region: npt.NDArray[np.uint64] | None = None,
    ) -> None:
        buildings, groups = demand.shape
        self.region = np.ones(buildings, np.uint64) if region is None else region
        self._reached = np.zeros(0, np.uint64)
        self._refresh = kernels.make_refresh(groups)
        self.demand = demand
        self.weights = weights
        self.ids: list[str | None] = []
        self.slot: dict[str, int] = {}
        self.places = Snaps.none()
        self.counts: Bools = np.zeros(0, bool)
        self.supply: Floats = np.zeros(0)
        self.near: Ints = np.full(buildings, FAR, np.int32)
        self.near_slot: Ints = np.full(buildings, -1, np.int32)
        self.access: Floats = np.zeros((buildings, groups))
        self.reaching: Floats = np.zeros((0, groups))  # people, weighted, by provider
        self._ratio: Floats = np.zeros((0, groups))
        self._start: Slots = np.zeros(0, np.int64)
        self._length: Slots = np.zeros(0, np.int64)
        self._room: Slots = np.zeros(0, np.int64)
        self._target: Ints = np.zeros(0, np.int32)
        self._mm: Ints = np.zeros(0, np.int32)
        self._used = 0

    def append(self, ids: Sequence[str], places: Snaps, supply: Floats, counts: Bools) -> Slots:
        """Take providers at the end, nobody walking to them yet; return their numbers."""
        first, more, groups = len(self.ids), len(ids), self.demand.shape[1]
        slots = np.arange(first, first + more)
        self.ids += list(ids)
        self.slot |= {id_: first + index for index, id_ in enumerate(ids)}
        self.places = join_snaps([self.places, places])
        self.counts = np.concatenate([self.counts, counts])
        self.supply = np.concatenate([self.supply, supply])
        self.reaching = np.vstack([self.reaching, np.zeros((more, groups))])
        self._ratio = np.vstack([self._ratio, np.zeros((more, groups))])
        self._reached = np.concatenate([self._reached, np.zeros(more, np.uint64)])
        zeros = np.zeros(more, np.int64)
        self._start = np.concatenate([self._start, zeros])
        self._length = np.concatenate([self._length, zeros])
        self._room = np.concatenate([self._room, zeros])
        return slots

    def drop(self, id_: str) -> None:
        """Let a provider go; who walked to it is summed again by `refresh`, then `forget` it."""
        slot = self.slot.pop(id_)
        self.ids[slot] = None
        self.counts[slot] = False
        self.supply[slot] = 0.0

    def forget(self, slot: int) -> None:
        """Forget who walked to a provider that was dropped."""
        self._length[slot] = 0

    def move(self, slot: int, place: Snaps) -> None:
        """Put a provider elsewhere; `set_pairs` must follow."""
        for mine, new in (
            (self.places.xy, place.xy),
            (self.places.edge, place.edge),
            (self.places.at_mm, place.at_mm),
            (self.places.leg_mm, place.leg_mm),
        ):
            mine[slot] = new[0]

    def pairs_of(self, slot: int) -> tuple[Ints, Ints]:
        """Return the buildings that can walk to a provider, ascending, and millimetres."""
        rows = slice(self._start[slot], self._start[slot] + self._length[slot])
        return self._target[rows], self._mm[rows]

    def set_pairs(self, slots: Slots, pairs: Pairs) -> Bools:
        """Store who can walk to some providers; return the buildings concerned, old and new."""
        dirty = self.touched(slots)
        lengths = np.diff(pairs.start)
        grown = np.flatnonzero(lengths > self._room[slots])
        if len(grown):
            self._reserve(int(lengths.sum()))
            grown = np.flatnonzero(lengths > self._room[slots])  # closing gaps takes spare room
            ends = self._used + np.cumsum(lengths[grown])
            self._start[slots[grown]] = ends - lengths[grown]
            self._room[slots[grown]] = lengths[grown]
            self._used = int(ends[-1])
        self._length[slots] = lengths
        if len(grown) and lengths[grown].sum() == len(pairs.target):  # in one piece, as they came
            rows = slice(self._used - len(pairs.target), self._used)
            self._target[rows], self._mm[rows] = pairs.target, pairs.mm
        else:
            for index, slot in enumerate(slots.tolist()):
                rows = slice(self._start[slot], self._start[slot] + self._length[slot])
                self._target[rows], self._mm[rows] = pairs.of(index)
        dirty[pairs.target] = True
        return dirty

    def touched(self, slots: Slots) -> Bools:
        """Return which buildings can walk to any of some providers, (buildings,)."""
        dirty = np.zeros(len(self.near), bool)
        for slot in slots[self._length[slots] > 0].tolist():
            dirty[self.pairs_of(slot)[0]] = True
        return dirty

    def reached_from(self, rows: Ints) -> Slots:
        """Return the providers to which anybody in some buildings can walk."""
        wanted = np.zeros(len(self.near), bool)
        wanted[rows] = True
        found = [slot for slot in range(len(self.ids)) if wanted[self.pairs_of(slot)[0]].any()]
        return np.array(found, np.int64)

    def refresh(self, slots: Slots, dirty: Bools) -> Ints:
        """Sum again for some providers and all buildings concerned; return those that changed."""
        changed: Ints = self._refresh(
            slots,
            dirty,
            (self.counts, self.supply, self.reaching, self._ratio),
            (self._start, self._length, self._target, self._mm),
            self.weights,
            self.demand,
            (self.access, self.near, self.near_slot),
            (self.region, self._reached),
        )
        return changed

    def nearest_among(self, slots: Sequence[int]) -> Ints:
        """Return the distance to the nearest of some providers, (buildings,), millimetres."""
        near = np.full(len(self.near), FAR, np.int32)
        for slot in slots:
            rows, mm = self.pairs_of(slot)
            near[rows] = np.minimum(near[rows], mm)
        return near

    def _reserve(self, more: int) -> None:
        """Make room for pairs at the end; gaps that moves left are closed first."""
        if self._used + more <= len(self._target):
            return
        live = int(self._length.sum())
        target = np.empty((2 if live else 1) * (live + more) + 1024, np.int32)
        mm = np.empty_like(target)
        used = 0
        self._room[self._length == 0] = 0
        for slot in np.flatnonzero(self._length).tolist():
            rows, far = self.pairs_of(slot)
            target[used : used + len(rows)], mm[used : used + len(rows)] = rows, far
            self._start[slot], self._room[slot] = used, len(rows)
            used += len(rows)
        self._target, self._mm, self._used = target, mm, used
