"""Lets a simulated world run: what happened before the start, then each second as it passes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice

from geodata.schema import METER_KINDS
from live.events import Event
from live.intake import BusyError
from live.simulator import Simulator
from live.twin import Twin

STEP_S = 0.5
BATCH = 1000
SLOW_PAST = timedelta(hours=13)
"""Reaches behind the slowest rhythm (smoke alarms, 12 h), so that nothing starts out silent."""
METER_PAST = timedelta(minutes=65)
"""Meters report each hour; their older readings would be the bulk of the past for nothing."""

log = logging.getLogger(__name__)


class Driver:
    """Feeds one twin from one simulator."""

    def __init__(self, twin: Twin, simulator: Simulator) -> None:
        self.twin, self.simulator = twin, simulator
        self.caught_up = False
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

    def past(self, since: datetime, until: datetime) -> Iterator[Event]:
        """Yield what happened in a stretch before now, meters only in its last hour."""
        for event in self.simulator.events(since, until):
            if event.subject in self._hourly and event.observed_at < until - METER_PAST:
                continue
            yield event
        # the last two minutes of heartbeats are enough to know who is there
        yield from self.simulator.heartbeats(until - timedelta(minutes=2), until)

    async def _run(self) -> None:
        try:
            now = self.twin.clock()
            since = await asyncio.to_thread(self._known_until, now)
            count = 0
            for batch in await asyncio.to_thread(lambda: list(_batches(self.past(since, now)))):
                await self._submit(batch)
                count += len(batch)
            log.info("simulated world caught up: %d events since %s", count, since.isoformat())
            self.caught_up = True
            while True:
                await asyncio.sleep(STEP_S)
                until = self.twin.clock()
                if until <= now:
                    continue  # the clock was set back: wait for it
                events = await asyncio.to_thread(self._between, now, until)
                if events:
                    await self._submit(events)
                now = until
        except asyncio.CancelledError:
            raise
        except Exception:
            log.exception("the simulator stopped")

    def _between(self, since: datetime, until: datetime) -> list[Event]:
        if until - since > timedelta(minutes=5):  # the machine slept
            return list(self.past(since, until))
        both = [*self.simulator.events(since, until), *self.simulator.heartbeats(since, until)]
        return sorted(both, key=lambda event: event.observed_at)

    def _known_until(self, now: datetime) -> datetime:
        """Return from when on the store knows nothing: at most the start of the day or 13 h ago."""
        zone = self.simulator.zone
        midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
        earliest = min(midnight, now - SLOW_PAST)
        latest = max((entry.event.observed_at for entry in self.twin.store.latest()), default=None)
        return max(earliest, latest) if latest is not None else earliest

    async def _submit(self, events: list[Event]) -> None:
        while True:
            try:
                await self.twin.intake.submit_async(events)
                return
            except BusyError as busy:
                await asyncio.sleep(busy.retry_after_s)


def _batches(events: Iterable[Event]) -> Iterator[list[Event]]:
    source = iter(events)
    while batch := list(islice(source, BATCH)):
        yield batch
