"""The changing twin put together: store, state, intake and hub, and the clock that drives them."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from geodata.community import Community
from live.events import Event, utc_now
from live.history.people_book import GRACE, PeopleBook
from live.history.people_now import to_people_now
from live.history.span import HOUR, Span, to_hour
from live.hub import BEAT_S, WIRE_VERSION, Hub
from live.incidents.engine import Incidents, merge_changes
from live.incidents.rules_file import RulesFile
from live.intake import Intake
from live.orders.book import Orders
from live.orders.counter import OrderCounter
from live.past import Past
from live.restore import restore_state
from live.scope import Scope, ScopedRows
from live.state import TwinState
from live.store import Store

FLUSH_S = 0.1
"""Changes of so long share one patch."""
SWEEP_S = 1.0
MOST_SCOPES = 64
"""Snapshots of so many scopes stay in memory."""
WARM_S = 20.0
"""So long after the start places and ways are read, so that the first incident need not wait."""
ASK_AGAIN = timedelta(seconds=10)
"""How soon hours that should be published, and are not, are asked for again."""
BEFORE_MIDNIGHT = timedelta(hours=4)
"""So long before the day published hours are read: what the newest one tells outlives midnight."""

log = logging.getLogger(__name__)


class Twin:
    """One living community.

    Attributes:
        community: The fixed twin it belongs to.
        store: Durable memory.
        state: What is now; use it under `lock`.
        lock: Held around every use of `state`, briefly.
        incidents: What goes wrong; its calls may wait for the disk.
        orders: What is to be done, likewise.
        intake: The way in.
        hub: The way out; belongs to the event loop that called `start`.
        people: The published counts of people; without them the wire tells none.
        past: How everything stood before; its calls may wait for the disk.

    Args:
        community: Whose things these are.
        store: An open store; the caller closes it.
        inside: People at home to start from today, where known or assumed.
        vehicles: Vehicles inside, likewise.
        clock: Gives the present moment.
        hub: Another hub than the default.
        rules: The rules of incidents; those that come with the product by default.
    """

    def __init__(
        self,
        community: Community,
        store: Store,
        *,
        inside: int | None = None,
        vehicles: int | None = None,
        clock: Callable[[], datetime] = utc_now,
        hub: Hub | None = None,
        rules: RulesFile | None = None,
    ) -> None:
        self.community, self.store, self.clock = community, store, clock
        self.lock = threading.Lock()
        self.hub = hub or Hub()
        now = clock()
        self.state = TwinState(community, now)
        self.state.set_baseline(
            inside, datetime.fromtimestamp(self.state.day.start, now.tzinfo), vehicles
        )
        self.incidents = Incidents(community, store, rules, clock=clock)
        zone = ZoneInfo(str(community.meta.get("timezone") or "Asia/Shanghai"))
        self.orders = Orders(store, zone, clock)
        self._order_counter = OrderCounter(self.orders)
        self.intake = Intake(store, self.state, self.lock, on_accepted=self._take, clock=clock)
        self.past = Past(community, store, self._baseline, clock, lambda: self.people)
        self.people: PeopleBook | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._snapshot: tuple[int, bytes] = (-1, b"")
        self._scoped: dict[str, tuple[int, bytes]] = {}

    async def start(self) -> None:
        """Restore the state, then let events in and changes out."""
        restored = await asyncio.to_thread(restore_state, self.state, self.store, self.clock())
        log.info("%s: %d events restored", self.community.name, restored)
        latest = await asyncio.to_thread(self.store.latest)
        self.intake.truth.resume(entry.event for entry in latest)
        await asyncio.to_thread(self.incidents.start)
        await asyncio.to_thread(self._order_counter.look)
        self.intake.start()
        self._tasks = [
            asyncio.create_task(self._apart("incidents", self.sweep_incidents)),
            asyncio.create_task(self._apart("orders", self._order_counter.look)),
            asyncio.create_task(self._publish_people()),
            asyncio.create_task(self._every(FLUSH_S, self.flush)),
            asyncio.create_task(self._every(SWEEP_S, self.sweep)),
            asyncio.create_task(self._every(BEAT_S, self.hub.beat)),
            asyncio.create_task(self._warm()),
        ]

    async def stop(self) -> None:
        """Write what waits, send what changed, end every reader."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        self.past.stop()
        await asyncio.to_thread(self.intake.stop)
        await asyncio.to_thread(self.incidents.stop)
        self.flush()
        self.hub.close()

    async def _warm(self) -> None:
        await asyncio.sleep(WARM_S)
        try:
            await asyncio.to_thread(self.incidents.warm)
        except Exception as error:  # no roads, say: incidents do without
            log.info("places and ways are not read ahead: %s", error)

    def flush(self) -> None:
        """Publish what changed since the last time, if anything did."""
        with self.lock:
            changes = self._take_changes()
        if changes is not None:
            self.hub.publish(changes, self.clock().timestamp())

    def sweep(self) -> None:
        """Move the state's time on."""
        with self.lock:
            self.state.sweep(self.clock())

    def snapshot(self) -> dict[str, Any]:
        """Return the whole live state at the hub's present `seq`; do not change it."""
        with self.lock:
            changes = self._take_changes()
            layers = self.state.snapshot()
            for part in (self.incidents.snapshot(), self._order_counter.snapshot()):
                for layer, rows in part.items():
                    layers[layer] = {**layers.get(layer, {}), **rows}
        at = self.clock().timestamp()
        if changes is not None:
            self.hub.publish(changes, at)
        return {
            "v": WIRE_VERSION,
            "epoch": self.hub.epoch,
            "seq": self.hub.seq,
            "at": round(at, 3),
            "layers": layers,
        }

    def _take_changes(self) -> dict[str, Any] | None:
        changes = merge_changes(self.state.take_changes(), self.incidents.take_changes())
        return merge_changes(changes, self._order_counter.take_changes())

    def snapshot_bytes(self) -> bytes:
        """Return `snapshot` as JSON, encoded once for each `seq`."""
        self.flush()
        if self._snapshot[0] != self.hub.seq:
            self._snapshot = (self.hub.seq, orjson.dumps(self.snapshot()))
        return self._snapshot[1]

    def scoped_snapshot_bytes(self, scope: Scope) -> bytes:
        """Return what a scope holds of `snapshot` as JSON, encoded once a `seq` and scope."""
        self.flush()
        kept = self._scoped.get(scope.key)
        if kept is None or kept[0] != self.hub.seq:
            whole = self.snapshot()
            rows = ScopedRows(self, scope).rows(whole["layers"])
            if len(self._scoped) > MOST_SCOPES:
                self._scoped.clear()
            kept = self._scoped[scope.key] = (whole["seq"], orjson.dumps({**whole, "layers": rows}))
        return kept[1]

    def sweep_incidents(self) -> None:
        """Move the incidents' time on; may wait for the disk."""
        subjects = None
        if self.incidents.is_due_to_look():
            with self.lock:
                subjects = {
                    key: (subject.period_s, subject.last_reported)
                    for key, subject in self.state.subjects.items()
                    if subject.period_s
                }
        self.incidents.sweep(subjects)

    def publish_people(self) -> datetime:
        """Show what is published of people by now, publishing what is due; may wait for the disk.

        Returns:
            When there may be more.
        """
        now = self.clock()
        if self.people is None:
            return now + ASK_AGAIN
        with self.lock:
            day = self.state.day.span
        span = Span(to_hour(day.since - BEFORE_MIDNIGHT), day.until)
        people = self.people.read(span, now)
        with self.lock:
            self.state.publish(to_people_now(people))
        # of a past that is still being filled in some hours are not heard yet
        if any(state != "closed" and hour + HOUR + GRACE <= now
               for hour, state in people.states.items()):  # fmt: skip
            return now + ASK_AGAIN
        return to_hour(now - GRACE) + HOUR + GRACE

    async def _publish_people(self) -> None:
        due = datetime.fromtimestamp(0, UTC)
        day = self.state.day.span
        while True:
            now = self.clock()
            # the day may have changed, or the clock been set back
            if due <= now or due > now + 2 * HOUR or self.state.day.span != day:
                try:
                    due = await asyncio.to_thread(self.publish_people)
                except Exception:
                    log.exception("no people were published; it goes on")
                    due = now + ASK_AGAIN
                day = self.state.day.span
            await asyncio.sleep(SWEEP_S)

    def _take(self, events: list[Event]) -> None:
        self.past.note(events)
        self.incidents.take(events)

    def _baseline(self) -> tuple[int | None, int | None]:
        return self.state.people.baseline, self.state.vehicles.baseline

    async def _apart(self, name: str, step: Callable[[], None]) -> None:
        """Take a step that may wait for the disk every `SWEEP_S`, in a thread."""
        while True:
            await asyncio.sleep(SWEEP_S)
            try:
                await asyncio.to_thread(step)
            except Exception:
                log.exception("the %s were not swept; it goes on", name)

    async def _every(self, period_s: float, step: Callable[[], None]) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            due = max(due + period_s, loop.time())
            await asyncio.sleep(due - loop.time())
            try:
                step()
            except Exception:
                log.exception("%s failed; it goes on", step.__name__)
