"""Residents: where they live, what they are, and their passages through doors and gates."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from geodata.community import Community
from geodata.schema import ACCESS_METHODS
from live.simulator.clock import Batch, Bools, Day, Floats, Ints
from live.simulator.trips import Slot, draw_trips

METHOD_SHARES = (0.46, 0.31, 0.15, 0.08)
"""Shares of face, card, code and phone over the whole community."""

RESIDENTS_PER_DOOR = 40
"""Residents assumed behind a door when the file does not tell how many live in the building."""

ABSENT, WORKER, HOME, ELDER, PUPIL, NIGHT, TODDLER = range(7)

_EVENING = (19.6, 0.7, (20.0, 80.0))
_SMALL_HOURS = Slot(0.035, 2.4, 1.5, (15, 60))  # late shifts, early markets, a walk with the dog
WEEKDAY: dict[int, tuple[Slot, ...]] = {
    WORKER: (
        _SMALL_HOURS,
        Slot(0.08, 6.2, 0.4, (25, 50)),
        Slot(0.93, 7.9, 0.55, back=17.5, back_spread=0.55, tail=1.0),
        Slot(0.32, *_EVENING),
        Slot(0.10, 21.2, 0.5, (10, 40)),
    ),
    HOME: (
        _SMALL_HOURS,
        Slot(0.35, 7.4, 0.25, (15, 45)),
        Slot(0.65, 9.3, 0.8, (30, 120)),
        Slot(0.30, 11.8, 0.4, (10, 40)),
        Slot(0.55, 15.2, 1.0, (30, 150)),
        Slot(0.46, *_EVENING),
    ),
    ELDER: (
        Slot(0.60, 6.1, 0.5, (40, 100)),
        Slot(0.50, 9.0, 0.7, (30, 90)),
        Slot(0.50, 15.0, 0.8, (40, 120)),
        Slot(0.42, 19.0, 0.5, (30, 75)),
    ),
    PUPIL: (
        Slot(0.50, 7.45, 0.18, back=11.9, back_spread=0.15),
        Slot(0.93, 13.6, 0.15, back=16.8, back_spread=0.35, tail=0.5),
        Slot(0.30, 19.0, 0.5, (20, 60)),
    ),
}
WEEKEND: dict[int, tuple[Slot, ...]] = {
    WORKER: (
        _SMALL_HOURS,
        Slot(0.22, 8.2, 0.6, back=17.6, back_spread=0.6, tail=0.8),
        Slot(0.55, 9.9, 1.1, (40, 240)),
        Slot(0.50, 15.0, 1.3, (40, 200)),
        Slot(0.38, *_EVENING),
        Slot(0.12, 21.3, 0.5, (10, 60)),
    ),
    HOME: (
        _SMALL_HOURS,
        Slot(0.55, 9.5, 0.9, (30, 150)),
        Slot(0.55, 14.9, 1.2, (40, 180)),
        Slot(0.48, *_EVENING),
    ),
    ELDER: WEEKDAY[ELDER],
    PUPIL: (
        Slot(0.50, 9.6, 0.9, (60, 180)),
        Slot(0.55, 15.0, 1.1, (60, 180)),
        Slot(0.30, 19.0, 0.5, (20, 60)),
    ),
}
_GATE_SHARE = 0.16
_DENIED_SHARE = 0.006


@dataclass(frozen=True)
class Passages:
    """Everyone who goes out or comes back on a day, in order of time."""

    at: Ints
    person: Ints
    inward: Bools


class Population:
    """The people of a community, drawn once from the seed."""

    def __init__(self, community: Community, seed: int) -> None:
        rng = np.random.default_rng([seed, 101])
        self._seed = seed
        self.doors = [str(value) for value in community["entrances"]["id"]]
        gates = community["gates"]
        walkable = gates[gates["access"].fillna("both").isin(["pedestrian", "both"])]
        self.gates = [str(value) for value in walkable["id"]]
        self.door, self.group = _settle(community, rng)
        residents = np.bincount(self.door[self.door >= 0], minlength=len(self.doors))
        self._cumulative = method_odds(community["entrances"]["methods"], residents)
        self.size = len(self.door)
        self.method = rng.random(self.size)
        self.gate = rng.integers(0, max(1, len(self.gates)), self.size)
        self._names = [
            hashlib.blake2b(f"{seed}/{i}".encode(), digest_size=8).hexdigest()
            for i in range(self.size)
        ]

    @property
    def away_at_midnight(self) -> int:
        """People who are outside when a day begins."""
        return int(np.isin(self.group, (ABSENT, NIGHT)).sum())

    def passages(self, day: Day) -> Passages:
        """Return the passages of a day; all but night workers are back before midnight."""
        rng = day.rng(self._seed, 1)
        free = np.zeros(self.size)
        plan = WEEKEND if day.weekend else WEEKDAY
        parts = []
        for group, slots in plan.items():
            parts.append(draw_trips(rng, np.flatnonzero(self.group == group), slots, free))
        night = np.flatnonzero(self.group == NIGHT)
        back = rng.normal(7.3 * 3600, 1800, len(night))
        leave = rng.normal(21.6 * 3600, 1500, len(night))
        person = np.concatenate([p[0] for p in parts] * 2 + [night, night])
        seconds = np.concatenate([p[1] for p in parts] + [p[2] for p in parts] + [leave, back])
        trips = sum(len(p[0]) for p in parts)
        inward = np.repeat([False, True, False, True], [trips, trips, len(night), len(night)])
        at = day.at(seconds)
        order = np.lexsort((inward, person, at))
        return Passages(at[order], person[order], inward[order])

    def batches(self, day: Day, passages: Passages, offline: Bools) -> list[Batch]:
        """Return what doors and gates report of the passages.

        Args:
            day: The day.
            passages: Its passages.
            offline: For each passage, whether its door is cut off and reports nothing.
        """
        rng = day.rng(self._seed, 2)
        size = len(passages.at)
        habit = self.method[passages.person]
        draw = np.where(rng.random(size) < 0.85, habit, rng.random(size))
        denied = rng.random(size) < _DENIED_SHARE
        by_gate = rng.random(size) < _GATE_SHARE
        walk = rng.uniform(40, 200, size) * 1000
        door = self.door[passages.person]
        if not self.doors:
            door = np.full(size, -1)
        seen = np.flatnonzero((door >= 0) & ~offline)
        batches = [self._batch("door", self.doors, passages, seen, passages.at, door, draw)]
        # a few are turned away and get in at the second try
        again = seen[denied[seen]]
        tries = np.maximum(day.start, passages.at - 4000)
        batches.append(
            self._batch("denied", self.doors, passages, again, tries, door, draw, granted=False)
        )
        if self.gates:
            chosen = np.flatnonzero(by_gate)
            at = passages.at + np.where(passages.inward, -walk, walk).astype(np.int64)
            at = np.clip(at, day.start, day.end - 1)
            gate = self.gate[passages.person]
            batches.append(self._batch("gate", self.gates, passages, chosen, at, gate, draw))
        return [batch for batch in batches if len(batch.at)]

    def _batch(
        self,
        name: str,
        ids: list[str],
        passages: Passages,
        rows: Ints,
        at: Ints,
        who: Ints,
        draw: Floats,
        *,
        granted: bool = True,
    ) -> Batch:
        layer = "gates" if name == "gate" else "entrances"
        odds = method_odds(pd.Series([None]), np.ones(1))[np.zeros(len(rows), dtype=int)]
        if layer == "entrances":
            odds = self._cumulative[who[rows]]
        method = (draw[rows, None] >= odds).sum(axis=1).tolist()
        person, inward = passages.person[rows].tolist(), passages.inward[rows].tolist()

        def data(row: int) -> dict[str, Any]:
            return {
                "method": ACCESS_METHODS[method[row]],
                "direction": "in" if inward[row] else "out",
                "granted": granted,
                "subject": self._names[person[row]],
            }

        return Batch(name, "access", layer, ids, at[rows], who[rows], data)


def method_odds(methods: pd.Series[Any], residents: npt.ArrayLike) -> Floats:
    """Return the cumulative shares of `ACCESS_METHODS` at each door, within what it offers.

    Doors that offer all four make up for those that do not, so that the whole comes close to
    `METHOD_SHARES` (iterative proportional fitting, residents as weights).

    Args:
        methods: What each door offers, comma separated; nothing known counts as everything.
        residents: How many use each door.
    """
    weights = np.zeros((len(methods), len(ACCESS_METHODS)))
    for row, text in enumerate(methods):
        offered = {word.strip() for word in str(text).split(",")} if not pd.isna(text) else set()
        known = [method in offered for method in ACCESS_METHODS]
        weights[row] = np.where(known, METHOD_SHARES, 0) if any(known) else METHOD_SHARES
    people = np.asarray(residents, dtype=np.float64)
    for _ in range(40 if people.sum() else 0):
        weights /= weights.sum(axis=1, keepdims=True)
        share = people @ weights / people.sum()
        weights *= np.where(share > 0, METHOD_SHARES / np.maximum(share, 1e-9), 1)
    total = np.cumsum(weights, axis=1)
    odds: Floats = total / total[:, -1:]
    odds[:, -1] = 1.0
    # a method that is not offered after the last that is must stay out of reach
    return np.asarray(np.where(odds >= 1.0 - 1e-12, np.inf, odds))


def _settle(community: Community, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Return the door (-1: none) and the group of every resident, building by building."""
    buildings, entrances = community["buildings"], community["entrances"]
    doors_of: dict[str, list[int]] = {}
    for row, building in enumerate(entrances["building_id"]):
        doors_of.setdefault("" if pd.isna(building) else str(building), []).append(row)
    doors: list[Ints] = []
    groups: list[Ints] = []
    counts = [buildings[name].fillna(0).astype(int).tolist() for name in (
        "residents", "residents_60plus", "residents_under15")]  # fmt: skip
    known = bool(sum(counts[0]))
    for building, residents, old, young in zip(buildings["id"], *counts, strict=True):
        here = doors_of.get(str(building), [])
        total = residents if known else RESIDENTS_PER_DOOR * len(here)
        if not (known and (old or young)):
            old, young = round(0.1 * total), round(0.12 * total)
        groups.append(_groups(total, min(old, total), young, rng))
        doors.append(np.asarray(here)[np.arange(total) % len(here)] if here else np.full(total, -1))
    empty = [np.empty(0, dtype=np.int64)]
    return np.concatenate(doors or empty), np.concatenate(groups or empty)


def _groups(total: int, old: int, young: int, rng: np.random.Generator) -> Ints:
    young = max(0, min(young, total - old))
    adults = rng.choice(
        [WORKER, HOME, NIGHT, ABSENT], total - old - young, p=[0.6, 0.335, 0.012, 0.053]
    )
    children = rng.choice([PUPIL, TODDLER], young, p=[0.66, 0.34])
    members = np.concatenate([np.full(old, ELDER), children, adults]).astype(np.int64)
    return rng.permutation(members)
