"""Vehicles: plates, passages under the plate cameras, and how full the car parks are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from geodata.community import Community
from live.plates import classify_plate
from live.simulator.clock import Batch, Bools, Day, Ints, ticks
from live.simulator.trips import Slot, draw_trips

CARS_PER_HOUSEHOLD = 0.315
NEV_SHARE = 0.38
UNREAD_SHARE = 0.013
PARKING_PERIOD_S = 120.0

_LETTERS = np.array(list("ABCDEFGHJKLMNPQRSTUVWXYZ"))
_DIGITS = np.array(list("0123456789"))
_SMALL_HOURS = Slot(0.04, 2.6, 1.5, (20, 90))
_WEEKDAY = (
    _SMALL_HOURS,
    Slot(0.62, 7.8, 0.6, back=17.6, back_spread=0.6, tail=1.0),
    Slot(0.18, 10.2, 1.2, (30, 150)),
    Slot(0.18, 15.0, 1.2, (40, 150)),
    Slot(0.16, 19.8, 0.8, (30, 120)),
)
_WEEKEND = (
    _SMALL_HOURS,
    Slot(0.42, 9.8, 1.2, (60, 360)),
    Slot(0.40, 15.2, 1.3, (60, 260)),
    Slot(0.22, 19.6, 0.9, (40, 140)),
)
_VISITS = (Slot(1.0, 14.6, 3.6, (25, 200)),)
_DELIVERIES = (Slot(1.0, 13.0, 3.2, (6, 25)),)


@dataclass(frozen=True)
class Moves:
    """Every time a vehicle passes on a day, in order of time.

    Attributes:
        at: Moments, milliseconds.
        car: Position in `plates`.
        inward: Whether it drives in.
        plates: Plates of residents, then of the day's visitors and deliveries.
        residents: How many of `plates` are residents'.
        lot: Car park of each of `plates`, -1 for none.
    """

    at: Ints
    car: Ints
    inward: Bools
    plates: list[str]
    residents: int
    lot: Ints


class Fleet:
    """The vehicles of a community, drawn once from the seed."""

    def __init__(self, community: Community, seed: int) -> None:
        rng = np.random.default_rng([seed, 102])
        self._seed = seed
        cameras = community["plate_cameras"]
        self.cameras = [str(value) for value in cameras["id"]]
        facing = cameras["direction"].fillna("both")
        self._lanes = (
            np.flatnonzero(facing.isin(["out", "both"])),
            np.flatnonzero(facing.isin(["in", "both"])),
        )
        self.lots = [str(value) for value in community["parking"]["id"]]
        self.capacity = community["parking"]["capacity"].fillna(0).to_numpy(dtype=np.int64)
        households = int(
            community.meta.get("households") or community["buildings"]["households"].sum() or 0
        )
        size = round(CARS_PER_HOUSEHOLD * households) if self.cameras else 0
        plates: dict[str, None] = {}
        while len(plates) < size:
            plates[make_plate(rng)] = None
        self.plates = list(plates)
        self.lot = self._park(size)

    def _park(self, size: int) -> Ints:
        """Give residents' cars their places, a tenth of each car park left to visitors."""
        places = np.repeat(np.arange(len(self.lots)), (self.capacity * 9) // 10)
        spread = np.random.default_rng([self._seed, 103]).permutation(places)[:size]
        return np.concatenate([spread, np.full(size - len(spread), -1)]).astype(np.int64)

    def moves(self, day: Day) -> Moves:
        """Return the moves of a day; every car is home before midnight, every visitor gone."""
        rng = day.rng(self._seed, 4)
        size = len(self.plates)
        visitors, deliveries = (round(size * share) for share in (0.24, 0.11))
        known = set(self.plates)
        plates = list(self.plates)
        while len(plates) < size + visitors + deliveries:
            plate = make_plate(rng, local=0.7)
            if plate not in known:
                known.add(plate)
                plates.append(plate)
        total = len(plates)
        free = np.zeros(total)
        free[size:] = 6 * 3600
        plan = _WEEKEND if day.weekend else _WEEKDAY
        groups = (
            (np.arange(size), plan),
            (np.arange(size, size + visitors), _VISITS),
            (np.arange(size + visitors, total), _DELIVERIES),
        )
        parts = [draw_trips(rng, who, slots, free) for who, slots in groups]
        who = np.concatenate([part[0] for part in parts])
        first = day.at(np.concatenate([part[1] for part in parts]))
        second = day.at(np.concatenate([part[2] for part in parts]))
        car, at = np.tile(who, 2), np.concatenate([first, second])
        begins = np.repeat([True, False], len(who))
        inward = np.where(car < size, ~begins, begins)  # a visitor's trip begins with coming in
        order = np.lexsort((car, at))
        lot = np.concatenate([self.lot, self._visitor_lots(rng, total - size)])
        return Moves(at[order], car[order], inward[order], plates, size, lot)

    def _visitor_lots(self, rng: np.random.Generator, size: int) -> Ints:
        if not self.capacity.sum():
            return np.full(size, -1)
        return rng.choice(len(self.lots), size, p=self.capacity / self.capacity.sum())

    def batches(self, day: Day, moves: Moves, silent: Bools) -> list[Batch]:
        """Return plate reads and the fill of car parks.

        Args:
            day: The day.
            moves: Its moves.
            silent: For each camera, whether it is out of order that day.
        """
        return [*self._reads(day, moves, silent), *self._fill(day, moves)]

    def _reads(self, day: Day, moves: Moves, silent: Bools) -> list[Batch]:
        rng = day.rng(self._seed, 5)
        size = len(moves.at)
        lanes = [lane[~silent[lane]] for lane in self._lanes]
        lanes = [
            lane if len(lane) else every for lane, every in zip(lanes, self._lanes, strict=True)
        ]
        if not size or not all(len(lane) for lane in lanes):
            return []
        # most keep to the gate nearest their home
        usual = rng.random(size) < 0.75
        draw = np.where(usual, (moves.car * 0.6180339887) % 1.0, rng.random(size))
        out_lane, in_lane = (lane[(draw * len(lane)).astype(int)] for lane in lanes)
        camera = np.where(moves.inward, in_lane, out_lane)
        unread = rng.random(size) < UNREAD_SHARE
        sure = np.round(np.clip(1 - rng.exponential(0.035, size), 0.55, 0.999), 3)
        doubt = np.round(rng.uniform(0.05, 0.45, size), 3)
        trust = np.where(unread, doubt, sure).tolist()
        cars, inward, blank = moves.car.tolist(), moves.inward.tolist(), unread.tolist()

        def data(row: int) -> dict[str, Any]:
            car = cars[row]
            plate = None if blank[row] else moves.plates[car]
            who = "resident" if car < moves.residents else "visitor"
            return {
                "plate": plate,
                "plate_class": classify_plate(plate),
                "confidence": trust[row],
                "direction": "in" if inward[row] else "out",
                "who": "unknown" if plate is None else who,
            }

        return [Batch("plate", "plate", "plate_cameras", self.cameras, moves.at, camera, data)]

    def _fill(self, day: Day, moves: Moves) -> list[Batch]:
        if not self.lots or not self.cameras or not self.capacity.sum():
            return []
        count = len(self.lots)
        period = np.full(count, PARKING_PERIOD_S)
        at, who = ticks(day, period, np.asarray((np.arange(count) * 0.618) % 1.0, dtype=np.float64))
        home = np.bincount(self.lot[self.lot >= 0], minlength=count)
        used = np.empty(len(at), dtype=np.int64)
        lot = moves.lot[moves.car]
        for place in range(count):
            mine = lot == place
            change = np.concatenate([[0], np.cumsum(np.where(moves.inward[mine], 1, -1))])
            rows = who == place
            seen = np.searchsorted(moves.at[mine], at[rows], side="right")
            used[rows] = np.clip(home[place] + change[seen], 0, self.capacity[place])

        taken_at, places = used.tolist(), self.capacity[who].tolist()

        def data(row: int) -> dict[str, Any]:
            taken, capacity = taken_at[row], places[row]
            return {
                "values": {"occupied": taken, "free": capacity - taken, "capacity": capacity},
                "unit": {"occupied": "1", "free": "1", "capacity": "1"},
            }

        return [Batch("parking", "reading", "parking", self.lots, at, who, data)]


def make_plate(rng: np.random.Generator, *, local: float = 0.88) -> str:
    """Return a plate of GA 36-2018, of the city of Fuzhou (闽A) for a share of them."""
    kind = rng.random()
    if kind < local:
        head = "闽A"
    elif kind < local + 0.6 * (1 - local):
        head = "闽" + str(rng.choice(list("BCDEFGHJK")))
    else:
        head = str(rng.choice(list("浙沪粤赣京苏川鄂"))) + str(rng.choice(_LETTERS[:8]))
    if rng.random() < NEV_SHARE:
        mark = str(rng.choice(list("DDDDDAFFG")))
        second = str(rng.choice(_LETTERS if rng.random() < 0.3 else _DIGITS))
        return head + mark + second + "".join(rng.choice(_DIGITS, 4))
    serial = rng.choice(_DIGITS, 5)
    letters = rng.choice(5, int(rng.integers(0, 3)), replace=False)
    serial[letters] = rng.choice(_LETTERS, len(letters))
    return head + "".join(serial)
