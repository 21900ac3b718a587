"""The one way in: events are made durable in groups by one thread, then move the state."""

from __future__ import annotations

import asyncio
import json
import logging
import math
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import orjson

from geodata.errors import TwinError
from live.events import KINDS, Event, utc_now
from live.health import is_heartbeat
from live.sensor_truth import SensorTruth
from live.state import TwinState
from live.store import AppendResult, Refused, Store
from live.subjects import STATES, is_passage_word

GROUP = 1000
"""Events that share one commit at most."""
CAPACITY = 20_000
"""Events that may wait; beyond it senders are told to come back."""
RETRY_AFTER_S = 2
AHEAD = timedelta(days=1)
"""A clock further ahead than this is no clock error any more."""
APPLY_AT_ONCE = 100
"""Events applied under one hold of the lock, so that the stream never waits long."""

log = logging.getLogger(__name__)


class BusyError(TwinError):
    """Too many events wait to be written; nothing was lost, the sender keeps its own.

    Attributes:
        retry_after_s: When to come back, seconds.
    """

    def __init__(self, message: str, retry_after_s: int = RETRY_AFTER_S) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


@dataclass(frozen=True, slots=True)
class Refusal:
    """An event that was quarantined: its place in what was submitted, and why."""

    index: int
    reason: str


@dataclass(frozen=True, slots=True)
class SubmitResult:
    """What became of what was submitted: every event is counted once.

    Attributes:
        accepted: New, durable and applied.
        duplicate: Known already.
        quarantined: Kept aside, with the reason.
    """

    accepted: int
    duplicate: int
    quarantined: list[Refusal] = field(default_factory=list)


@dataclass(slots=True)
class _Submission:
    events: list[Event]
    refused: list[tuple[Refusal, Event]]
    done: Future[SubmitResult]


def check_event(event: Event, state: TwinState) -> str | None:
    """Return why an event cannot be taken in, or None when it can."""
    data = event.data
    if not isinstance(data, dict):
        return "data must be an object"
    if event.kind not in KINDS:
        return f"unknown kind {event.kind!r}; use one of {', '.join(KINDS)}"
    if not event.event_id or not event.subject:
        return "event_id and subject must not be empty"
    if not _is_storable(event):
        return "it holds text that cannot be stored (NUL or half a character) or is no JSON"
    if event.observed_at.tzinfo is None or event.received_at.tzinfo is None:
        return "observed_at needs a time zone"
    if event.observed_at - event.received_at > AHEAD:
        return f"observed_at {event.observed_at.isoformat()} is more than a day ahead"
    if not state.knows(event.layer, event.subject):
        return f"{event.layer} has no {event.subject!r} in this community"
    if event.kind == "status" and event.layer in STATES and not is_heartbeat(event):
        known = STATES[event.layer]
        if data.get("state") not in known:
            return f"unknown state {data.get('state')!r}; use one of {', '.join(known)}"
    if event.kind == "access" and data.get("direction") not in ("in", "out", None):
        return f"unknown direction {data['direction']!r}; use in or out"
    for name in ("used", "capacity"):
        if event.kind == "service" and not _is_count(data.get(name)):
            return f"{name} must be a number of places, got {data[name]!r}"
    if event.kind == "reading":
        values = data.get("values")
        if not isinstance(values, dict) or not all(map(_is_number, values.values())):
            return "values must be {quantity: number}"
        if not isinstance(data.get("unit") or {}, dict):
            return "unit must be {quantity: unit}"
    if event.kind == "plate" and not isinstance(data.get("plate"), str | None):
        return "plate must be text, or absent when it was not read"
    return None


def _is_storable(event: Event) -> bool:
    texts = (event.event_id, event.source, event.layer, event.subject)
    try:
        orjson.dumps([*texts, event.data])
    except TypeError:
        return False
    return not any("\0" in text for text in texts)


def _to_refused(refusal: Refusal, event: Event, now: datetime) -> Refused:
    body = json.dumps(event.to_json(), default=str).encode()
    return Refused(event.source, now, refusal.reason, "application/json", body)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_count(value: object) -> bool:
    return value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= 0)


class Intake:
    """Takes in events from every feed.

    One thread writes: what waits while a commit is under way shares the next one, so that a lone
    event commits at once and a crowd commits together. Accepted events move the state under
    `lock`, on that thread, before the sender hears of them.

    Args:
        store: Where events become durable.
        state: What they move.
        lock: Held around every use of the state.
        capacity: Events that may wait.
        on_accepted: Called with the accepted events of a commit, on the writer thread, after they
            moved the state.
        clock: Gives the present moment.
    """

    def __init__(
        self,
        store: Store,
        state: TwinState,
        lock: threading.Lock,
        *,
        capacity: int = CAPACITY,
        on_accepted: Callable[[list[Event]], None] | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.store, self.state, self.lock = store, state, lock
        self.truth = SensorTruth()
        self.on_accepted = on_accepted
        self._clock = clock
        self._capacity = capacity
        self._waiting: deque[_Submission] = deque()
        self._count = 0
        self._stopping = False
        self._ready = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="intake", daemon=True)

    @property
    def waiting(self) -> int:
        """How many events wait to be written."""
        return self._count

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def stop(self) -> None:
        """Write what waits, then end; later submissions are refused."""
        with self._ready:
            self._stopping = True
            self._ready.notify()
        if self._thread.is_alive():
            self._thread.join()

    def submit(self, events: Sequence[Event]) -> Future[SubmitResult]:
        """Hand in events; the result is there once they are durable and the state has moved.

        The future raises `StoreError` when nothing of it could be written.

        Raises:
            BusyError: Too many events wait already; none of these was taken.
        """
        good: list[Event] = []
        refused: list[tuple[Refusal, Event]] = []
        for index, event in enumerate(events):
            reason = check_event(event, self.state)
            if reason is None:
                thing = self.state.subjects.get((event.layer, event.subject))
                good.append(self.truth.judge(event, thing.capacity if thing else None))
            else:
                refused.append((Refusal(index, reason), event))
        submission = _Submission(good, refused, Future())
        with self._ready:
            if self._stopping:
                raise BusyError("The server is stopping; send the events again in a moment.")
            # a lone batch larger than the room is let in, else it could never be
            if self._count and self._count + len(events) > self._capacity:
                raise BusyError(
                    f"{self._count:,} events wait to be written; "
                    f"send these {len(events):,} again in {RETRY_AFTER_S} s."
                )
            self._waiting.append(submission)
            self._count += len(events)
            self._ready.notify()
        return submission.done

    async def submit_async(self, events: Sequence[Event]) -> SubmitResult:
        """Hand in events and wait for the result; see `submit`."""
        return await asyncio.wrap_future(self.submit(events))

    def refuse(
        self, source: str, body: bytes, reason: str, *, content_type: str, at: datetime
    ) -> int:
        """Quarantine a message that never became an event; return its number."""
        number = self.store.quarantine(
            source, body, reason, content_type=content_type, received_at=at
        )
        with self.lock:
            self.state.count_intake(0, 0, 1, at)
        return number

    def _run(self) -> None:
        while True:
            with self._ready:
                while not self._waiting and not self._stopping:
                    self._ready.wait()
                if not self._waiting:
                    return
                group = self._take_group()
            self._write(group)

    def _take_group(self) -> list[_Submission]:
        group = [self._waiting.popleft()]
        size = len(group[0].events)
        while self._waiting and size + len(self._waiting[0].events) <= GROUP:
            group.append(self._waiting.popleft())
            size += len(group[-1].events)
        self._count -= sum(len(s.events) + len(s.refused) for s in group)
        # a sender that went away was told nothing, so that nothing is owed to it
        return [s for s in group if s.done.set_running_or_notify_cancel()]

    def _write(self, group: list[_Submission]) -> None:
        if not group:
            return
        events = [event for submission in group for event in submission.events]
        now = self._clock()
        refused = [_to_refused(one, event, now) for s in group for one, event in s.refused]
        try:
            result = self.store.append(events, refused)
        except Exception as error:
            if len(group) > 1:
                # whatever one of them brought must not hurt the others
                for submission in group:
                    self._write([submission])
                return
            log.error("%s", error)
            group[0].done.set_exception(error)
            return
        self._apply(result, len(refused))
        new = {id(event) for event in result.accepted}
        for submission in group:
            mine = {id(event) for event in submission.events} & new
            new -= mine
            accepted = len(mine)
            duplicate = len(submission.events) - accepted
            quarantined = [one for one, _ in submission.refused]
            submission.done.set_result(SubmitResult(accepted, duplicate, quarantined))

    def _apply(self, result: AppendResult, refused: int) -> None:
        for start in range(0, len(result.accepted), APPLY_AT_ONCE):
            with self.lock:
                for event in result.accepted[start : start + APPLY_AT_ONCE]:
                    try:
                        self.state.apply(event)
                    except Exception:
                        # durable already: one odd event must not stop the others
                        log.exception("event %s could not be applied", event.event_id)
        # on the wire a number that moved with each passage would count people
        told = sum(not is_passage_word(event) for event in result.accepted)
        if told or result.duplicates or refused:
            with self.lock:
                self.state.count_intake(told, result.duplicates, refused, self._clock())
        if self.on_accepted is not None and result.accepted:
            try:
                self.on_accepted(result.accepted)
            except Exception:
                log.exception("a listener failed on %d events", len(result.accepted))
