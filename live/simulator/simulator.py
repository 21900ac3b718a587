"""The simulator: the same community, seed and day give the same events, however they are cut."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from geodata.community import Community
from geodata.schema import DEVICE_KINDS, METER_KINDS
from live.events import Event
from live.simulator.clock import (
    Batch,
    Bools,
    Day,
    Floats,
    Ints,
    Timeline,
    chance,
    stretches,
    ticks,
    to_ms,
    to_time,
)
from live.simulator.devices import PERIODS_S, device_batches
from live.simulator.faults import (
    alarm_batch,
    door_batches,
    door_offline,
    offline_batch,
    silent,
    tailgating_batch,
)
from live.simulator.meters import meter_batch, smoke_batch
from live.simulator.people import Passages, Population
from live.simulator.services import service_batches
from live.simulator.vehicles import Fleet, Moves

DEFAULT_ZONE = "Asia/Shanghai"
HEARTBEAT_S = 60.0


@dataclass(frozen=True)
class _Schedule:
    """One local day as it will happen."""

    day: Day
    passages: Passages
    moves: Moves
    core: Timeline
    whole: Timeline | None  # with meters


class Simulator:
    """A seeded simulation of a community.

    It makes nothing for what the community lacks: without doors there are no door events, without
    plate cameras no vehicles. Pure: no clock, no global random numbers.

    Args:
        community: Any community.
        seed: Another seed is another town.
        meters: Whether flats report water, electricity and smoke (most events of a day).
        faults: Whether anything breaks: doors cut off or held, devices silent or stuck.
    """

    def __init__(
        self, community: Community, seed: int = 1, *, meters: bool = True, faults: bool = True
    ) -> None:
        self._community = community
        self._seed = seed
        self._meters = meters
        self._faults = faults
        self.zone = ZoneInfo(str(community.meta.get("timezone") or DEFAULT_ZONE))
        self.population = Population(community, seed)
        self.fleet = Fleet(community, seed)
        devices = community["devices"]
        kinds = devices["kind"].where(devices["kind"].isin(DEVICE_KINDS), "other")
        self._devices: dict[str, tuple[list[str], Floats]] = {
            str(kind): (
                [str(value) for value in frame["id"]],
                frame["period_s"].where(frame["period_s"] > 0, PERIODS_S[str(kind)]).to_numpy(),
            )
            for kind, frame in devices.groupby(kinds, sort=True)
        }
        # two days behind us and the one we are in
        self._day = lru_cache(maxsize=3)(self._make_day)
        self._beats = lru_cache(maxsize=2)(self._make_beats)

    def events(
        self, start: datetime, end: datetime, *, live: bool = True, meters: bool | None = None
    ) -> Iterator[Event]:
        """Yield every event with start <= observed_at < end, in order of time.

        Args:
            start: Aware time.
            end: Aware time.
            live: What the events say of themselves; False for a backfill.
            meters: Leave meters out or in, where the simulator has them.
        """
        low, high = to_ms(start), to_ms(end)
        wanted = self._meters if meters is None else meters and self._meters
        for when in self._dates(start, end):
            schedule = self._day(when)
            timeline = schedule.whole if wanted and schedule.whole else schedule.core
            yield from timeline.events(low, high, seed=self._seed, live=live)

    def heartbeats(self, start: datetime, end: datetime, *, live: bool = True) -> Iterator[Event]:
        """Yield signs of life of doors, gates and plate cameras, each once a minute.

        Apart from `events`, as a store need not keep them: `data` is `{"heartbeat": True}`.
        """
        low, high = to_ms(start), to_ms(end)
        for when in self._dates(start, end):
            yield from self._beats(when).events(low, high, seed=self._seed, live=live)

    def alive(
        self, start: datetime, end: datetime
    ) -> Iterator[tuple[str, str, datetime, datetime]]:
        """Yield layer, id, begin and end of stretches in which things gave signs of life.

        Doors, gates and plate cameras by their heartbeats, meters in flats by their rhythm: enough
        to know of a past who was silent, without any of those messages.
        """
        low, high = to_ms(start), to_ms(end)
        for when in self._dates(start, end):
            day = Day(when, self.zone)
            quick = 3 * int(HEARTBEAT_S * 1000)
            batches = [(batch, quick) for batch in self._beat_batches(day)]
            batches += self._meter_rhythms(day) if self._meters else []
            for batch, gap in batches:
                for key, since, until in stretches(batch, low, high, gap):
                    yield batch.layer, key, to_time(since), to_time(until)

    def inside_at(self, moment: datetime) -> int:
        """Return how many residents are inside at a moment, as it truly is."""
        return int(self._inside(self._day(self._date(moment)), np.array([to_ms(moment)]))[0])

    def vehicles_inside_at(self, moment: datetime) -> int:
        """Return how many vehicles, visitors among them, are inside at a moment."""
        moves = self._day(self._date(moment)).moves
        seen = int(np.searchsorted(moves.at, to_ms(moment), side="right"))
        return moves.residents + int(np.where(moves.inward[:seen], 1, -1).sum())

    def door_rhythm(self, when: date) -> npt.NDArray[np.int64]:
        """Return how many pass each door in each hour of a day: rows as `entrances`, 24 columns."""
        passages = self._day(when).passages
        door = self.population.door[passages.person]
        hour = np.clip(Day(when, self.zone).hours(passages.at), 0, 23.99).astype(int)
        table = np.zeros((len(self.population.doors), 24), dtype=np.int64)
        seen = door >= 0
        np.add.at(table, (door[seen], hour[seen]), 1)
        return table

    @property
    def seed(self) -> int:
        """What it was made from."""
        return self._seed

    @property
    def watched_plates(self) -> tuple[str, ...]:
        """A resident's car that a list of plates may name, so that there is a hit now and then."""
        return tuple(self.fleet.plates[:1])

    @property
    def agreed_meters(self) -> tuple[str, ...]:
        """Water meters whose households let us look after them: a fortieth."""
        ids, _ = self._devices.get("water_meter", ([], None))
        return tuple(ids[20::40])

    @property
    def resident_plates(self) -> frozenset[str]:
        """Plates of residents' cars."""
        return frozenset(self.fleet.plates)

    def _date(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def _dates(self, start: datetime, end: datetime) -> Iterator[date]:
        if end <= start:
            return
        when, last = self._date(start), self._date(end)
        while when <= last:
            yield when
            when += timedelta(days=1)

    def _inside(self, schedule: _Schedule, at: Ints) -> Ints:
        people, passages = self.population, schedule.passages
        change = np.concatenate([[0], np.cumsum(np.where(passages.inward, 1, -1))])
        seen = np.searchsorted(passages.at, at, side="right")
        return np.asarray(people.size - people.away_at_midnight + change[seen])

    def _make_day(self, when: date) -> _Schedule:
        day = Day(when, self.zone)
        passages, moves = self.population.passages(day), self.fleet.moves(day)
        bare = _Schedule(day, passages, moves, Timeline([]), None)
        size = max(1, self.population.size)

        def inside(at: Ints) -> Floats:
            return np.asarray(self._inside(bare, at) / size)

        batches = [
            *self._door_batches(day, passages),
            *self.fleet.batches(day, moves, self._camera_faults(day)),
            *service_batches(self._community, self._seed, day),
        ]
        for kind, (ids, period) in self._devices.items():
            if kind not in METER_KINDS:
                batches += device_batches(
                    self._seed, day, kind, ids, period, inside, faults=self._faults
                )
        if self._faults:
            cameras = self._devices.get("camera", ([], np.empty(0)))[0]
            batches += alarm_batch(
                self._seed, day, 14, cameras, kind="fire_lane", severity=2, a_day=0.8
            )
            batches += tailgating_batch(self._seed, day, self.population.doors)
        meters = self._meter_batches(day) if self._meters else []
        whole = Timeline([*batches, *meters]) if meters else None
        return _Schedule(day, passages, moves, Timeline(batches), whole)

    def _door_batches(self, day: Day, passages: Passages) -> list[Batch]:
        people = self.population
        if not people.doors:
            return people.batches(day, passages, np.zeros(len(passages.at), dtype=bool))
        door = people.door[passages.person]
        offline = np.zeros(len(door), dtype=bool)
        if self._faults:
            offline = door_offline(self._seed, day, door, passages.at)
        seen = (door >= 0) & ~offline
        heard = Passages(passages.at[seen], passages.person[seen], passages.inward[seen])
        states = door_batches(self._seed, day, people.doors, heard, door[seen], faults=self._faults)
        if self._faults:
            states += offline_batch(self._seed, day, people.doors)
        return [*people.batches(day, passages, offline), *states]

    def _camera_faults(self, day: Day) -> Bools:
        who = np.arange(len(self.fleet.cameras))
        if not self._faults:
            return np.zeros(len(who), dtype=bool)
        return chance(self._seed, 601, who, day.date.toordinal()) < 0.03

    def _meter_batches(self, day: Day) -> list[Batch]:
        batches = []
        for kind in METER_KINDS:
            ids, period = self._devices.get(kind, ([], np.empty(0)))
            if not ids:
                continue
            who = np.arange(len(ids))
            quiet = np.zeros(len(ids), dtype=bool)
            if self._faults:
                stream = 610 + METER_KINDS.index(kind)
                quiet = silent(self._seed, stream, who, np.full(len(ids), day.start))
            if kind == "smoke_alarm":
                batches.append(smoke_batch(self._seed, day, ids, period, quiet))
                batches += alarm_batch(
                    self._seed, day, 13, ids, kind="smoke", severity=1, a_day=0.05
                )
            else:
                batches.append(meter_batch(self._seed, day, kind, ids, period, quiet))
        return batches

    def _meter_rhythms(self, day: Day) -> list[tuple[Batch, int]]:
        """Return when meters speak on a day, without what they say, each with its longest pause."""
        found = []
        for number, kind in enumerate(METER_KINDS):
            ids, period = self._devices.get(kind, ([], np.empty(0)))
            if not ids:
                continue
            who = np.arange(len(ids))
            phase = chance(self._seed, 406 if kind == "smoke_alarm" else 401, who)
            at, whose = ticks(day, period, phase)
            if self._faults:
                start = np.full(len(ids), day.start)
                kept = ~silent(self._seed, 610 + number, who, start)[whose]
                at, whose = at[kept], whose[kept]
            batch = Batch("beat", "status", "devices", ids, at, whose, lambda _row: {})
            found.append((batch, 3 * int(period.max() * 1000)))
        return found

    def _make_beats(self, when: date) -> Timeline:
        return Timeline(self._beat_batches(Day(when, self.zone)))

    def _beat_batches(self, day: Day) -> list[Batch]:
        batches = []
        for stream, (layer, ids) in enumerate(
            (
                ("entrances", self.population.doors),
                ("gates", [str(value) for value in self._community["gates"]["id"]]),
                ("plate_cameras", self.fleet.cameras),
            )
        ):
            period = np.full(len(ids), HEARTBEAT_S)
            at, who = ticks(day, period, chance(self._seed, 620 + stream, np.arange(len(ids))))
            if self._faults and layer == "entrances":
                kept = ~door_offline(self._seed, day, who, at)
                at, who = at[kept], who[kept]
            elif self._faults and layer == "plate_cameras":
                kept = ~self._camera_faults(day)[who]
                at, who = at[kept], who[kept]
            batches.append(
                Batch("beat", "status", layer, ids, at, who, lambda _row: {"heartbeat": True})
            )
        return batches
