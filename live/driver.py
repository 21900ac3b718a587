"""Lets a simulated world run: what happened before the start, then each second as it passes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count, islice
from typing import TypeVar

from geodata.schema import METER_KINDS
from live.events import Event
from live.health import is_heartbeat
from live.incidents.staff import Staff
from live.intake import BusyError
from live.simulator import Simulator
from live.twin import Twin

STEP_S = 0.5
STAFF_EVERY = 4
"""Steps between two looks of the simulated people at their incidents."""
BATCH = 1000
SLOW_PAST = timedelta(hours=13)
"""Reaches behind the slowest rhythm (smoke alarms, 12 h), so that nothing starts out silent."""
METER_PAST = timedelta(minutes=65)
PAUSE_S = 0.02
"""Between two batches of history, so that what happens now is not kept waiting."""
GAP = "simulated_gap_from"

log = logging.getLogger(__name__)


class Driver:
    """Feeds one twin from one simulator."""

    def __init__(self, twin: Twin, simulator: Simulator) -> None:
        self.twin, self.simulator = twin, simulator
        self.staff = Staff(simulator.seed)
        self.caught_up = False
        self.on_gap_noted: Callable[[], None] = lambda: None
        devices = twin.community["devices"]
        slow = devices[devices["kind"].isin([k for k in METER_KINDS if k != "smoke_alarm"])]
        self._hourly = frozenset(str(key) for key in slow["id"])
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin on the running event loop."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """End and wait."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    def past(self, since: datetime, until: datetime) -> tuple[list[Event], list[Event]]:
        """Return what happened in a stretch before now, as what still holds and what is history.

        What still holds is each thing's newest event of a kind, and the last two minutes' signs of
        life: it is live, and enough to know how everything stands. All before it is history.
        """
        events = [
            event
            for event in self.simulator.events(since, until)
            # meters report each hour; older readings would be the bulk of the past for nothing
            if event.subject not in self._hourly or event.observed_at >= until - METER_PAST
        ]
        newest = {(event.layer, event.subject, event.kind): event.event_id for event in events}
        holding = set(newest.values())
        alive = self.simulator.heartbeats(max(since, until - timedelta(minutes=2)), until)
        present = [event for event in events if event.event_id in holding]
        present = sorted([*present, *alive], key=lambda event: event.observed_at)
        history = [replace(event, live=False) for event in events if event.event_id not in holding]
        return present, history

    async def _run(self) -> None:
        store = self.twin.store
        try:
            now = self.twin.clock()
            since = await asyncio.to_thread(self._known_until, now)
            # a gap that was not filled to its end is filled at the next start
            await asyncio.to_thread(store.remember, GAP, since.isoformat())
            self.on_gap_noted()
            present, history = await asyncio.to_thread(self.past, since, now)
            self.twin.incidents.ignore_until(now)
            for batch in _batches(present):
                await self._submit(batch)
            await asyncio.to_thread(self._relive, present, history, now)
            filling = asyncio.create_task(self._fill(history, since, now))
            try:
                await self._live(now)
            finally:
                filling.cancel()
                await asyncio.gather(filling, return_exceptions=True)
        except asyncio.CancelledError:
            raise
        except Exception:
            log.exception("the simulator stopped")

    def _relive(self, present: list[Event], history: list[Event], now: datetime) -> None:
        """Let the incidents of the past have happened, and been worked on."""
        lived = [replace(event, live=True) for event in history]
        lived += [event for event in present if not is_heartbeat(event)]
        lived.sort(key=lambda event: event.observed_at)
        state = self.twin.state
        with self.twin.lock:
            periods = {
                key: subject.period_s
                for key, subject in state.subjects.items()
                if subject.layer == "devices" and subject.drawn
            }
        steps = self.twin.incidents.relive(lived, now, self.staff, periods)
        log.info("simulated world: %d steps of incidents since its last end", steps)

    async def _fill(self, history: list[Event], since: datetime, until: datetime) -> None:
        for batch in _batches(history):
            await self._submit(batch)
            await asyncio.sleep(PAUSE_S)
        await asyncio.to_thread(self._keep_alive, since, until)
        await asyncio.to_thread(self.twin.store.remember, GAP, None)
        self.caught_up = True
        log.info("simulated world caught up: %s events of the past", f"{len(history):,}")

    def _keep_alive(self, since: datetime, until: datetime) -> None:
        """Let the past know who gave signs of life in a gap."""
        for some in _batches(self.simulator.alive(since, until)):
            self.twin.store.note_heard(some)
        self.twin.past.forget()

    async def _live(self, now: datetime) -> None:
        for step in count(1):
            await asyncio.sleep(STEP_S)
            if step % STAFF_EVERY == 0:
                await asyncio.to_thread(self.twin.incidents.act_by, self.staff)
            until = self.twin.clock()
            if until <= now:
                continue  # the clock was set back: wait for it
            events = await asyncio.to_thread(self._between, now, until)
            if events:
                await self._submit(events)
            now = until

    def _between(self, since: datetime, until: datetime) -> list[Event]:
        if until - since > timedelta(minutes=5):  # the machine slept
            present, history = self.past(since, until)
            return [*history, *present]
        both = [*self.simulator.events(since, until), *self.simulator.heartbeats(since, until)]
        return sorted(both, key=lambda event: event.observed_at)

    def _known_until(self, now: datetime) -> datetime:
        """Return from when on the store knows nothing: at most the start of the day or 13 h ago."""
        zone = self.simulator.zone
        midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
        earliest = min(midnight, now - SLOW_PAST)
        gap = self.twin.store.recall(GAP)
        if gap is not None:
            return max(earliest, datetime.fromisoformat(gap))
        latest = max((entry.event.observed_at for entry in self.twin.store.latest()), default=None)
        return max(earliest, latest) if latest is not None else earliest

    async def _submit(self, events: list[Event]) -> None:
        while True:
            try:
                await self.twin.intake.submit_async(events)
                return
            except BusyError as busy:
                await asyncio.sleep(busy.retry_after_s)


_Item = TypeVar("_Item")


def _batches(items: Iterable[_Item]) -> Iterator[list[_Item]]:
    source = iter(items)
    while batch := list(islice(source, BATCH)):
        yield batch
