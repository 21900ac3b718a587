"""The time machine: how everything stood at any moment that the store still knows of.

The past is worked out from the log by the reducer that makes the present (`TwinState.apply`), in
the order in which the twin came to know of things. A day is walked through once and leaves marks
(checkpoints) on its way; a jump takes the last mark before its moment and the few events after it.
"""

from __future__ import annotations

import logging
import threading
import time
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from geodata.community import Community
from geodata.errors import TwinError
from live.events import Event
from live.history.people_book import GRACE, PeopleBook
from live.history.people_now import to_people_now
from live.history.span import Span, to_hour
from live.hub import WIRE_VERSION
from live.incidents.past import PastIncidents
from live.marks import Mark, put_down, take_up
from live.state import DEFAULT_TIMEZONE, Rows, TwinState
from live.store import Store, past
from live.store.tables import HOUR_US, from_us, to_us

SECOND_US = 1_000_000
LEAD_US = 3600 * SECOND_US
"""A day is entered so long before its midnight, to know what lasts across it."""
WALKED = 25_000
"""A day of more events than this is entered shortly before the moment that is asked for."""
ENTRY_US = 600 * SECOND_US
"""Such a day has an entry every so often; the one before the last is taken."""
BEFORE_MIDNIGHT_US = 4 * 3600 * SECOND_US
"""So long before the day published hours are read, like `live.twin` does."""
MARK_EVENTS, MARK_US = 1000, 1800 * SECOND_US
"""A mark is left after so many events, or after so much time."""
AHEAD, MARKS_A_DAY = 400_000, 200
"""A day of up to so many events is walked through before somebody asks, leaving so many marks."""
STRIDE = 2000
"""Events of a stride ahead, about."""
PAUSE_S = 0.01
"""Between two strides ahead, so that whoever asks meanwhile need not wait."""
COUNT_EVERY_US = 600 * SECOND_US
SHORTEST_US = 30 * SECOND_US
"""A busy day is walked in strides of so much at least."""
GRACE_US = GRACE // timedelta(microseconds=1)
_NEVER = 2**62
MARKS_BYTES, ANSWERS_BYTES = 96_000_000, 32_000_000
MOST_PATCHES = 600
LONGEST = timedelta(hours=24)
UNSETTLED = timedelta(seconds=30)
"""What was received a moment ago may not be durable yet: answers so young are not kept."""
COMING = timedelta(seconds=2)
"""Clocks of browsers run ahead so much at most."""


log = logging.getLogger(__name__)


class PastError(TwinError):
    """The moment cannot be shown; says why."""


class PastState:
    """One past moment of a community, which can be moved on and never back.

    Attributes:
        at: The moment, microseconds since 1970.
        seen: Events that were applied since the last mark.
    """

    def __init__(self, at: int, state: TwinState, incidents: PastIncidents) -> None:
        self.at, self.state, self.incidents = at, state, incidents
        self.seen = 0

    @classmethod
    def begin(cls, place: _Place, start: int, midnight: int) -> PastState:
        """Return a moment worked out from the newest that was known of each thing by then."""
        moment = from_us(start)
        state = TwinState(place.community, moment)
        state.relived = True
        people, vehicles = place.baseline()
        state.set_baseline(people, from_us(int(state.day.start * SECOND_US)), vehicles)
        with place.store.reading() as conn:
            for layer, subject, since, until in past.read_last_alive(conn, start):
                state.assume_heard(layer, subject, from_us(since), from_us(until))
            for turn, event in past.read_base(conn, start):
                if event.kind != "plate" or turn <= midnight:
                    state.apply(event)
            # what is counted from midnight on
            for event in past.read_plates(conn, midnight, start):
                state.apply(event)
            state.hear_assumed_until(_seconds(start))
            for layer, subject, shown, began in past.read_runs(conn, start):
                state.extend_run(layer, subject, shown, from_us(began))
        found = cls(start, state, PastIncidents())
        found._publish(place)
        state.sweep(moment)
        state.take_changes()
        return found

    @classmethod
    def of(cls, mark: Mark) -> PastState:
        """Return the moment of a mark."""
        state, incidents = take_up(mark)
        return cls(mark.at, state, incidents)

    def mark(self, before: Mark | None) -> Mark:
        """Return a mark of this moment; `before` is one to share with."""
        return put_down(self.at, self.state, self.incidents, before)

    def advance(self, place: _Place, until: int) -> set[str]:
        """Move on to a moment; return the incidents that were touched on the way."""
        touched: set[str] = set()
        while self.at < until:
            # hours of people are published at their time, before what comes after
            due = self._next_publishing(place)
            touched |= self._go(place.store, min(until, due))
            if self.at == due:
                self._publish(place)
        return touched

    def _next_publishing(self, place: _Place) -> int:
        if place.people() is None:
            return _NEVER
        return (self.at - GRACE_US) // HOUR_US * HOUR_US + HOUR_US + GRACE_US

    def _publish(self, place: _Place) -> None:
        """Show what was published of people by now."""
        book = place.people()
        if book is None:
            return
        day = self.state.day
        first = to_hour(from_us(int(day.start * SECOND_US) - BEFORE_MIDNIGHT_US))
        over = to_hour(from_us(self.at - GRACE_US))
        if first < over:
            span = Span(first, min(over, day.span.until))
            self.state.publish(to_people_now(book.read(span, from_us(self.at))))

    def _go(self, store: Store, until: int) -> set[str]:
        state = self.state
        with store.reading() as conn:
            spans = past.read_alive(conn, self.at, until)
            ahead = [span for span in spans if span[2] > self.at]
            for layer, subject, since, last in spans:
                if since <= self.at:
                    state.follow_heard(layer, subject, _seconds(since), _seconds(last))
            k = 0
            for turn, event in past.read_span(conn, self.at, until):
                while k < len(ahead) and ahead[k][2] <= turn:
                    self._follow(ahead[k])
                    k += 1
                state.apply(event)
                self.seen += 1
            for span in ahead[k:]:
                self._follow(span)
            touched = self.incidents.advance(conn, until)
        state.hear_assumed_until(_seconds(until))
        state.sweep(from_us(until))
        self.at = until
        return touched

    def layers(self) -> Rows:
        """Return every row by layer and id, as the live snapshot has them."""
        layers = self.state.snapshot()
        layers["incidents"] = self.incidents.rows()
        layers["counters"] = {
            **layers["counters"],
            "incidents": self.incidents.counts(),
            "intake": dict.fromkeys(layers["counters"]["intake"]),
        }
        return layers

    def _follow(self, span: tuple[str, str, int, int]) -> None:
        layer, subject, since, last = span
        self.state.follow_heard(layer, subject, _seconds(since), _seconds(last))


Baseline = tuple[int | None, int | None]
"""People and vehicles at home at midnight, where known or assumed."""


@dataclass(frozen=True)
class _Place:
    """Where a past is worked out from."""

    community: Community
    store: Store
    baseline: Callable[[], Baseline]
    people: Callable[[], PeopleBook | None]


class Past:
    """Answers for any past moment, shared by all who look; safe for many threads.

    Args:
        community: Whose past.
        store: The log.
        baseline: Gives what the estimates of people and vehicles start from each midnight.
        clock: Gives the present moment.
        people: Gives the published counts of people, once they are there.
    """

    def __init__(
        self,
        community: Community,
        store: Store,
        baseline: Callable[[], Baseline],
        clock: Callable[[], datetime],
        people: Callable[[], PeopleBook | None] = lambda: None,
    ) -> None:
        self.store = store
        self._place = _Place(community, store, baseline, people)
        self.zone = ZoneInfo(str(community.meta.get("timezone") or DEFAULT_TIMEZONE))
        self._clock = clock
        self._lock = threading.Lock()
        self._marks: dict[int, list[Mark]] = {}
        self._marks_bytes = 0
        self._newest = -1
        self._stale: int | None = None
        self._note_lock = threading.Lock()
        self._counted: dict[int, tuple[int, int]] = {}
        self._answers: OrderedDict[tuple[int, ...], bytes] = OrderedDict()
        self._answers_bytes = 0
        self._fresh = 0
        self._ahead = threading.Lock()
        self._going = True

    def first(self) -> datetime | None:
        """Return the moment of the oldest event that is kept."""
        with self.store.reading() as conn:
            at = past.read_first(conn)
        return None if at is None else from_us(at)

    def note(self, events: Iterable[Event]) -> None:
        """Hear of events that came in: what they say of a past that was worked out is new.

        Never waits for somebody who looks at the past.
        """
        newest = self._newest
        if newest < 0:
            return
        turns = (event.received_at if event.live else event.observed_at for event in events)
        earliest = min(map(to_us, turns), default=newest + 1)
        if earliest <= newest:
            self.forget(earliest)

    def forget(self, since: int = 0) -> None:
        """Work everything from a moment on out anew, microseconds since 1970."""
        with self._note_lock:
            self._stale = since if self._stale is None else min(self._stale, since)

    def _freshen(self) -> None:
        """Drop what is stale; the caller holds the lock."""
        with self._note_lock:
            since, self._stale = self._stale, None
        if since is None:
            return
        self._fresh += 1
        for day, marks in list(self._marks.items()):
            self._marks[day] = [mark for mark in marks if mark.at < since]
        self._answers.clear()
        self._answers_bytes = 0
        self._newest = min(self._newest, since - 1)
        self._marks_bytes = sum(one.size for marks in self._marks.values() for one in marks)

    def snapshot(self, at: datetime) -> bytes:
        """Return the wire snapshot of a moment as JSON.

        Raises:
            PastError: The moment is ahead of now, or before everything that is kept.
        """
        moment = self._check(at)
        with self._lock:
            self._freshen()
            kept = self._recall((moment,))
            if kept is None:
                state = self._state(moment)
                kept = orjson.dumps(_head(moment) | {"layers": state.layers()})
                self._keep((moment,), kept, moment)
        return kept

    def replay(self, since: datetime, until: datetime, step_s: float) -> bytes:
        """Return the patches that lead from one moment to a later one, as JSON.

        Args:
            since: Where the reader is: it has the snapshot of this moment, or the patches up to it.
            until: Where to go.
            step_s: What happens within so many seconds shares a patch.

        Raises:
            PastError: The span is not of the past, runs backwards, or is too long for its step.
        """
        step = max(1, round(step_s * SECOND_US))
        first, last = self._check(since), self._check(until)
        if last <= first:
            raise PastError("`to` must be later than `from`.")
        if last - first > LONGEST // timedelta(microseconds=1) or (
            (last - first - 1) // step >= MOST_PATCHES
        ):
            raise PastError(
                f"A replay goes over {LONGEST.total_seconds() / 3600:.0f} hours and "
                f"{MOST_PATCHES} steps at most; ask for a shorter span or a longer `step`."
            )
        with self._lock:
            self._freshen()
            kept = self._recall((first, last, step))
            if kept is None:
                patches = list(self._patches(first, last, step))
                kept = orjson.dumps(
                    {
                        "v": WIRE_VERSION,
                        "from": _seconds(first),
                        "to": _seconds(last),
                        "step": step / SECOND_US,
                        "patches": patches,
                    }
                )
                self._keep((first, last, step), kept, last)
        return kept

    def layers(self, at: datetime) -> Rows:
        """Return every row of a moment by layer and id."""
        found: Rows = orjson.loads(self.snapshot(at))["layers"]
        return found

    def stop(self) -> None:
        """Walk ahead no longer."""
        self._going = False

    def expect(self, at: datetime) -> None:
        """Get ready for jumps within a day that somebody looks at; does not wait.

        Args:
            at: A moment of the day.
        """
        if self._ahead.acquire(blocking=False):
            threading.Thread(target=self._walk_ahead, args=(at,), name="past", daemon=True).start()

    def _walk_ahead(self, at: datetime) -> None:
        try:
            self.walk(at)
        except Exception:
            log.exception("a day was not walked through ahead; jumps in it take longer")
        finally:
            self._ahead.release()

    def walk(self, at: datetime) -> None:
        """Walk through the day of a moment, as far as it is over, leaving marks on the way."""
        local = at.astimezone(self.zone).replace(hour=0, minute=0, second=0, microsecond=0)
        midnight, end = to_us(local), to_us(local + timedelta(days=1))
        entry, current, fresh = midnight - LEAD_US, None, -1
        with self._lock:
            count = self._count_day(midnight, end, AHEAD)
        if not WALKED < count <= AHEAD:
            return  # short days are walked by whoever asks first
        events = max(MARK_EVENTS, count // MARKS_A_DAY)
        end = min(end, to_us(self._clock() - UNSETTLED))
        while self._going:
            with self._lock:
                self._freshen()
                if current is None or fresh != self._fresh:
                    marks = self._marks.get(entry)
                    if marks:
                        current = PastState.of(marks[-1])
                    else:
                        current = PastState.begin(self._place, entry, midnight)
                        self._leave(current, entry)
                    fresh, stride = self._fresh, MARK_US
                if current.at >= end:
                    return
                before = current.seen
                current.advance(self._place, min(end, current.at + stride))
                heard = current.seen - before
                stride = max(SHORTEST_US, stride // 2) if heard > STRIDE else min(
                    MARK_US, stride * 2
                )  # fmt: skip
                self._mark(current, entry, events)
            time.sleep(PAUSE_S)

    def _check(self, at: datetime) -> int:
        now = self._clock()
        if at > now + COMING:
            raise PastError(f"{at.isoformat()} has not come yet; it is {now.isoformat()}.")
        first = self.first()
        if first is None or at < first - timedelta(minutes=1):
            begins = "there is no event at all" if first is None else f"it begins {first}"
            raise PastError(f"The log does not reach back to {at.isoformat()}: {begins}.")
        return to_us(min(at, now))

    def _patches(self, first: int, last: int, step: int) -> Iterator[dict[str, Any]]:
        current = self._state(first)
        state, incidents = current.state, current.incidents
        state.take_changes()
        rows, counts = incidents.rows(), incidents.counts()
        while current.at < last:
            touched = current.advance(self._place, min(last, current.at + step))
            changes = state.take_changes() or {"a": {}, "c": {}, "r": {}}
            changes["c"].get("counters", {}).pop("intake", None)
            for number in touched:
                row, old = incidents.row(number), rows.pop(number, None)
                if row is not None:
                    rows[number] = row
                    if row != old:
                        changes["a"].setdefault("incidents", {})[number] = row
                elif old is not None:
                    changes["r"].setdefault("incidents", []).append(number)
            new = incidents.counts()
            if touched and new != counts:
                changes["c"].setdefault("counters", {})["incidents"] = new
                counts = new
            yield {"v": WIRE_VERSION, "at": _seconds(current.at), **changes}

    def _state(self, moment: int) -> PastState:
        """Return the state at a moment, from the last mark before it."""
        midnight, entry = self._entry(moment)
        marks = self._marks.get(entry, [])
        k = bisect_right(marks, moment, key=_at)
        if k:
            current = PastState.of(marks[k - 1])
        else:
            current = PastState.begin(self._place, entry, midnight)
            self._leave(current, entry)
        stride = MARK_US
        while current.at < moment:
            before = current.seen
            current.advance(self._place, min(moment, current.at + stride))
            heard = current.seen - before
            if heard > MARK_EVENTS:
                stride = max(SHORTEST_US, stride // 2)
            elif heard < MARK_EVENTS // 3:
                stride = min(MARK_US, stride * 2)
            self._mark(current, entry)
        return current

    def _entry(self, moment: int) -> tuple[int, int]:
        """Return midnight before a moment, and where the walk to it begins."""
        local = from_us(moment).astimezone(self.zone)
        midnight = to_us(local.replace(hour=0, minute=0, second=0, microsecond=0))
        walked = midnight - LEAD_US
        if self._count_day(midnight, moment) <= WALKED:
            return midnight, walked
        marks = self._marks.get(walked, [])
        k = bisect_right(marks, moment, key=_at)
        if k and moment - marks[k - 1].at <= 2 * MARK_US:
            return midnight, walked
        entry = midnight + (moment - midnight) // ENTRY_US * ENTRY_US - ENTRY_US
        return midnight, max(entry, midnight - LEAD_US)

    def _count_day(self, midnight: int, moment: int, most: int = WALKED) -> int:
        """Return how many events a day has up to now, or a little less, or just over `most`."""
        end = min(midnight + 26 * HOUR_US, to_us(self._clock()))
        counted_to, count = self._counted.get(midnight, (midnight, 0))
        if count <= most and (end - counted_to > COUNT_EVERY_US or not count):
            with self.store.reading() as conn:
                count += past.count_events(conn, counted_to, end)
            self._counted[midnight] = end, count
        return count

    def _mark(self, current: PastState, entry: int, events: int = MARK_EVENTS) -> None:
        marks = self._marks.get(entry, [])
        k = bisect_right(marks, current.at, key=_at)
        far = not k or current.at - marks[k - 1].at >= MARK_US or current.seen >= events
        if far and not (k and marks[k - 1].at == current.at):
            self._leave(current, entry)

    def _leave(self, current: PastState, entry: int) -> None:
        if self._is_young(current.at):
            return
        marks = self._marks.setdefault(entry, [])
        k = bisect_right(marks, current.at, key=_at)
        mark = current.mark(marks[k - 1] if k else None)
        marks.insert(k, mark)
        current.seen = 0
        self._newest = max(self._newest, current.at)
        self._marks_bytes += mark.size
        self._marks[entry] = self._marks.pop(entry)
        while self._marks_bytes > MARKS_BYTES and len(self._marks) > 1:
            # what nobody asked for longest goes first
            oldest = next(iter(self._marks))
            self._marks_bytes -= sum(one.size for one in self._marks.pop(oldest))

    def _is_young(self, moment: int) -> bool:
        return moment > to_us(self._clock() - UNSETTLED)

    def _recall(self, key: tuple[int, ...]) -> bytes | None:
        kept = self._answers.get(key)
        if kept is not None:
            self._answers.move_to_end(key)
        return kept

    def _keep(self, key: tuple[int, ...], answer: bytes, moment: int) -> None:
        if self._is_young(moment):
            return
        self._newest = max(self._newest, moment)
        self._answers[key] = answer
        self._answers_bytes += len(answer)
        while self._answers_bytes > ANSWERS_BYTES and len(self._answers) > 1:
            self._answers_bytes -= len(self._answers.popitem(last=False)[1])


def _head(moment: int) -> dict[str, Any]:
    return {
        "v": WIRE_VERSION, "epoch": "past", "seq": 0, "at": _seconds(moment), "past": True,
    }  # fmt: skip


def _at(mark: Mark) -> int:
    return mark.at


def _seconds(us: int) -> float:
    return round(us / SECOND_US, 3)
