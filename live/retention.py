"""Lets data go when its time is over: at start and each night, a little at a time."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from datetime import time as time_of_day
from zoneinfo import ZoneInfo

import orjson

from geodata.errors import TwinError
from live.events import utc_now
from live.store import Holding, Store

DEFAULT_DAYS: dict[str, int] = {
    "access": 90,
    "plate": 90,
    "reading": 400,
    "status": 400,
    "alarm": 730,
    "order": 1095,
    "service": 400,
    "hours": 1095,
    "quarantine": 30,
}
"""Days that each kind of data is kept; `hours` are counts by hour without any person in them."""
LONGEST_DAYS = 36_500

AT_NIGHT = time_of_day(3, 30)
"""When the day's purge begins, by the community's clock."""
FIRST_AFTER_S = 60.0
"""From the start of the server until its first purge: what was away comes back first."""
PAUSE_S = 0.05
"""Between two chunks, so that writers take their turns."""
LOOK_S = 60.0
"""The clock is looked at so often, as it may be set."""
RETRY = timedelta(minutes=10)
TRUSTED = timedelta(days=366)
"""A clock further ahead of the newest event is taken for wrong: it must not empty the store."""
COUNTED_FOR_S = 20.0
"""Rows are counted at most so often, seconds."""
COUNTING_SHARE = 0.01
"""Of the time, counting takes at most so much, however long one takes."""
LAST_PURGE, LAST_BACKUP = "last_purge", "last_backup"

log = logging.getLogger(__name__)


class RetentionError(TwinError):
    """The days to keep cannot be read."""


@dataclass(frozen=True, slots=True)
class Purge:
    """One purge: when, how many rows of each kind went, and why it did not run if it did not."""

    at: datetime
    gone: dict[str, int] = field(default_factory=dict)
    held_up: str = ""


def read_policy(text: str) -> dict[str, int]:
    """Return the days to keep by kind of data, from `plate=30, order=3650` over the defaults.

    Raises:
        RetentionError: A part is no `KIND=DAYS`.
    """
    days = dict(DEFAULT_DAYS)
    for part in filter(None, map(str.strip, text.split(","))):
        kind, _, told = (piece.strip() for piece in part.partition("="))
        if kind not in days:
            raise RetentionError(
                f"TWIN_KEEP_DAYS: {part!r}: unknown kind; use {', '.join(DEFAULT_DAYS)}."
            )
        if not (told.isdecimal() and 1 <= int(told) <= LONGEST_DAYS):
            raise RetentionError(
                f"TWIN_KEEP_DAYS: {part!r}: write days, 1 to {LONGEST_DAYS}, such as {kind}=30."
            )
        days[kind] = int(told)
    return days


def next_night(now: datetime, zone: ZoneInfo) -> datetime:
    """Return when the next purge is due, in UTC of `now`'s zone."""
    local = now.astimezone(zone)
    due = datetime.combine(local.date(), AT_NIGHT, zone)
    if due <= local:
        due = datetime.combine(local.date() + timedelta(days=1), AT_NIGHT, zone)
    return due.astimezone(now.tzinfo)


class Keeper:
    """Purges one store while the server runs, beside the event loop.

    Args:
        store: An open store.
        zone: The community's clock.
        policy: Days to keep by kind of data.
        clock: Gives the present moment.
        first_after_s: From `start` until the first purge, seconds.
        look_s: How often the clock is looked at, seconds.
        pause_s: Between two chunks, seconds.
    """

    def __init__(
        self,
        store: Store,
        zone: ZoneInfo,
        policy: dict[str, int] | None = None,
        *,
        clock: Callable[[], datetime] = utc_now,
        first_after_s: float = FIRST_AFTER_S,
        look_s: float = LOOK_S,
        pause_s: float = PAUSE_S,
    ) -> None:
        self.store, self.zone, self.clock = store, zone, clock
        self.policy = dict(DEFAULT_DAYS) if policy is None else policy
        self.next_at: datetime | None = None
        self._times = (first_after_s, look_s, pause_s)
        self._stopping = threading.Event()
        self._task: asyncio.Task[None] | None = None
        self._counting = threading.Lock()
        self._counted: tuple[float, dict[str, Holding]] = (float("-inf"), {})

    def start(self) -> None:
        """Begin on the running event loop."""
        self.next_at = self.clock() + timedelta(seconds=self._times[0])
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """End, after the chunk under way."""
        self._stopping.set()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    def purge(self) -> Purge:
        """Delete what is past its date now; note it in the store.

        Raises:
            StoreError: The store does not take it; what went is gone, the rest stays for later.
        """
        now = self.clock()
        newest = self.store.newest()
        if newest is not None and now - newest > TRUSTED:
            log.error("nothing was purged: the newest event is of %s; is the clock right?", newest)
            done = Purge(now, held_up="clock")
        else:
            done = Purge(
                now,
                self.store.purge(
                    now,
                    self.policy,
                    pause_s=self._times[2],
                    going=lambda: not self._stopping.is_set(),
                ),
            )
        told = {"at": now.isoformat(), "gone": done.gone, "held_up": done.held_up}
        self.store.remember(LAST_PURGE, orjson.dumps(told).decode())
        self._counted = (float("-inf"), {})
        if any(done.gone.values()):
            log.info("past their dates: %s", done.gone)
        return done

    def last(self) -> Purge | None:
        """Return the last purge there was, by this process or one before it."""
        told = self.store.recall(LAST_PURGE)
        if told is None:
            return None
        known = orjson.loads(told)
        return Purge(datetime.fromisoformat(known["at"]), known["gone"], known["held_up"])

    def last_backup(self) -> datetime | None:
        """Return when the store was last backed up by command, None if nobody knows."""
        told = self.store.recall(LAST_BACKUP)
        return None if told is None else datetime.fromisoformat(told)

    def holdings(self) -> dict[str, Holding]:
        """Return what is held of each kind of data, as it was counted a short while ago."""
        with self._counting:
            began = time.monotonic()
            if began > self._counted[0]:
                held = self.store.holdings()
                took = time.monotonic() - began
                again = began + max(COUNTED_FOR_S, took / COUNTING_SHARE)
                self._counted = (again, held)
            return self._counted[1]

    async def _run(self) -> None:
        first_after_s, look_s, _ = self._times
        await asyncio.sleep(first_after_s)
        while True:
            try:
                await asyncio.to_thread(self.purge)
                self.next_at = next_night(self.clock(), self.zone)
            except Exception as error:
                log.error("the purge failed and is tried again: %s", type(error).__name__)
                self.next_at = self.clock() + RETRY
            while (now := self.clock()) < self.next_at:
                # a clock that was set back must not put it off for long
                self.next_at = min(self.next_at, next_night(now, self.zone))
                await asyncio.sleep(min(look_s, (self.next_at - now).total_seconds()))
