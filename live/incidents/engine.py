"""The incidents of one twin: signals and people's steps made durable, then shown."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import select

from geodata.community import Community
from live.events import Event, utc_now
from live.health import is_heartbeat
from live.incidents import records
from live.incidents.book import Book, Draft
from live.incidents.detect import Detector
from live.incidents.detect.base import Subjects
from live.incidents.errors import MissingError, StaleError
from live.incidents.incident import CLOSED, Incident
from live.incidents.life import decide
from live.incidents.mode import ModeState, decide_mode, pass_mode, read_mode, write_mode
from live.incidents.places import Places, build_places, build_scene
from live.incidents.response import ResponseDesk
from live.incidents.rows import to_counts, to_row
from live.incidents.rules import Rules
from live.incidents.rules_file import RulesFile
from live.incidents.signals import Signal
from live.incidents.staff import Staff
from live.incidents.steady import SteadyClock, boot_seconds
from live.store import Store
from live.store.tables import EVENTS

MEMORY = "incidents.memory"
MEMORY_EVERY_S = 300.0
"""How often what detection remembers is written; what came later is looked at again."""
LOOK_EVERY_S = 15.0
"""How often somebody looks for things that fell silent, and for other rules."""
RELIVE_EVERY_S = 60.0
"""How often time is swept in a past that is lived through, seconds."""
LAYER = "incidents"
COUNTER = "incidents"

log = logging.getLogger(__name__)


class Incidents:
    """Safe for many threads; every call may wait for the disk, so keep it off the event loop.

    Attributes:
        rules_file: The rules, and why a changed file is not used.
        response: Who goes where.

    Args:
        community: Whose incidents these are.
        store: Where they are durable.
        rules_file: The rules; those that come with the product by default.
        clock: Gives the present moment.
        ticks: Seconds that nobody can set.
    """

    def __init__(
        self,
        community: Community,
        store: Store,
        rules_file: RulesFile | None = None,
        *,
        clock: Callable[[], datetime] = utc_now,
        ticks: Callable[[], float] = boot_seconds,
    ) -> None:
        self.store = store
        self.rules_file = rules_file or RulesFile()
        self.response = ResponseDesk(community)
        self.zone = ZoneInfo(str(community.meta.get("timezone") or "Asia/Shanghai"))
        self._lock = threading.RLock()
        self._wall, self._clock = clock, SteadyClock(clock, ticks)
        self._detector = Detector(self.rules_file.rules, build_scene(community))
        self._book = Book(self.rules_file.rules, cache(lambda: build_places(community)))
        self._waiting: list[tuple[Signal, float]] = []
        self._last_event: str | None = None
        self._remembered_at = self._looked_at = float("-inf")
        self._ignored_until: datetime | None = None
        self._mode = ModeState()
        self._day, self._number = "", 0
        self._jump = 0.0
        self._known_after = 0
        # what readers of the stream have, and what they lack; its own lock, held briefly
        self._out = threading.Lock()
        self._rows: dict[str, dict[str, Any]] = {}
        self._sent: dict[str, dict[str, Any]] = {}
        self._counts = to_counts((), None)
        self._sent_counts = self._counts

    def start(self) -> int:
        """Take up what the store has, and events that came since; return how many are open."""
        with self._lock:
            now, _ = self._clock.look()
            last, _count = records.read_last(self.store)
            if last is not None and last - now > 5.0:
                self._jump = now - last  # the clock was set back while we were away
            self._mode = read_mode(self.store)
            self._raise_kinds()
            after, at = self._recall()
            self._reload(min(now, at or now))
            if self._jump:
                self._detector.set_back(now)
            if after is not None:
                for stored in self.store.scan(after=after):
                    self._hear([stored.event], now)
            self._settle(now)
            self._show(self._book.incidents.values())
            self.take_changes()  # nobody reads yet
            return sum(one.state != CLOSED for one in self._book.incidents.values())

    def warm(self) -> None:
        """Read what the first incident needs: where subjects are, and the ways to them."""
        self._book.find_places()
        self.response.open()

    def take(self, events: Sequence[Event]) -> None:
        """Take in events that are durable."""
        with self._lock:
            now = self._look()
            self._hear(events, now)
            if self._waiting:
                self._settle(now)

    def is_due_to_look(self) -> bool:
        """Say whether the next `sweep` wants to know how the twin's things stand."""
        return abs(self._wall().timestamp() - self._looked_at) >= LOOK_EVERY_S

    def sweep(self, subjects: Subjects | None = None) -> None:
        """Move time on.

        Args:
            subjects: How the twin's things stand, where somebody looked.
        """
        with self._lock:
            now = self._look()
            if subjects is not None:
                self._looked_at = now
                if self.rules_file.reread():
                    self._follow_rules()
            ended = pass_mode(self._mode, now)
            if ended is not None:
                self._switch(ended)
            signals = self._detector.sweep(now, subjects)
            self._waiting += [(signal, now) for signal in signals]
            self._settle(now)
            gone = self._book.forget(now)
            if gone:
                self._hide(gone)
            if now - self._remembered_at >= MEMORY_EVERY_S:
                self._remember(now)

    def use_rules(self, edit: Callable[[Rules], Rules]) -> None:
        """Lay edits over the rules' file; what is open goes on by the rules as they are now."""
        with self._lock:
            self.rules_file.use(edit)
            self._follow_rules()

    def _follow_rules(self) -> None:
        self._detector = self._detector.follow(self.rules_file.rules)
        self._book.rules = self.rules_file.rules
        self._raise_kinds()

    def stop(self) -> None:
        """Write what detection remembers."""
        with self._lock:
            self._remember(self._look())

    def act(
        self, number: str, action: str, who: str, version: int, given: dict[str, Any]
    ) -> Incident:
        """Take a step for a person, durable when it returns.

        Args:
            number: The incident.
            action: See `live.incidents.life.MAY`.
            who: The person.
            version: The version the person has seen.
            given: What the action needs.

        Raises:
            MissingError: There is no such incident.
            StaleError: Somebody else was quicker; it says what changed.
            StepError: The step may not be taken.
            StoreError: It could not be written; nothing has happened.
        """
        with self._lock:
            now = self._look()
            known = self._find(number)
            if version != known.version:
                self._refuse_stale(known, version)
            step = decide(known, action, who, now, given, self.rules_file.rules)
            draft = self._book.draft(self._next_number)
            draft.apply(number, step, known)
            try:
                self._commit(draft)
            except StaleError:
                self._reload(now)
                self._refuse_stale(self._find(number), version)
            return draft.changed[number]

    @property
    def mode(self) -> ModeState:
        """The mode of the community."""
        return self._mode

    def set_mode(self, kind: str, who: str, given: dict[str, Any]) -> ModeState:
        """Switch the mode of the community for a person, durable when it returns.

        Args:
            kind: Name of a mode of the rules; empty ends the present one.
            who: The person.
            given: `reason`, and where wanted `for_s` and the `version` that the person saw.

        Raises:
            StaleError: Somebody else switched meanwhile.
            StepError: It cannot be switched to.
            StoreError: It could not be written; nothing has happened.
        """
        with self._lock:
            now = self._look()
            self._switch(decide_mode(self._mode, kind, who, now, given, self.rules_file.rules))
            return self._mode

    def _switch(self, mode: ModeState) -> None:
        with self.store.writing() as conn:
            write_mode(conn, mode)
        self._mode = mode
        self._raise_kinds()
        self._show(())

    def _raise_kinds(self) -> None:
        found = self.rules_file.rules.modes.get(self._mode.kind)
        self._book.raised = frozenset(found.raises) if found is not None else frozenset()

    def get(self, number: str) -> Incident:
        """Return an incident.

        Raises:
            MissingError: There is none of that number.
        """
        with self._lock:
            return self._find(number)

    @property
    def places(self) -> Places:
        """Where the subjects of the community are."""
        return self._book.places

    def open(self) -> list[Incident]:
        """Return all that are not closed, the most urgent first, then the one due first."""
        with self._lock:
            found = [one for one in self._book.incidents.values() if one.state != CLOSED]
        return sorted(found, key=lambda one: (one.severity, one.resolve_due, one.id))

    def ignore_until(self, moment: datetime) -> None:
        """Raise nothing from what was observed before a moment; `relive` will tell of it."""
        with self._lock:
            self._ignored_until = moment

    def relive(
        self,
        events: Iterable[Event],
        until: datetime,
        staff: Staff | None = None,
        periods: Mapping[tuple[str, str], float] | None = None,
    ) -> int:
        """Live through a simulated world's past; the present is not kept waiting meanwhile.

        Args:
            events: Live events in order of time.
            until: The end of that past, as told to `ignore_until`.
            staff: Who does what people would.
            periods: Rhythms of the things that may have fallen silent meanwhile, seconds.

        Returns:
            How many steps were taken.
        """
        with self._lock:
            book = Book(self._book.rules, self._book.find_places)
            book.load(list(self._book.incidents.values()))
            detector = self._detector.follow(self._book.rules)
        draft = book.draft(self._next_number)
        heard: dict[tuple[str, str], tuple[float, float | None]] = {}

        def sweep(now: float) -> None:
            for signal in detector.sweep(now, heard or None):
                draft.route(signal, now)
            draft.pass_time(now)
            if staff is not None:
                staff(draft, now)

        due = 0.0
        for event in events:
            now = round(event.observed_at.timestamp(), 3)
            due = due or now
            while due <= now:
                sweep(due)
                due += RELIVE_EVERY_S
            key = (event.layer, event.subject)
            if periods and key in periods:
                heard[key] = (periods[key], now)
            for signal in detector.take(event):
                draft.route(signal, now)
        end = round(until.timestamp(), 3)
        sweep(end)
        with self._lock:
            # what somebody did meanwhile stands: their incidents are lived no further
            draft.leave_out([n for n, was in _before(draft).items() if self._version(n) != was])
            if draft.moves:
                self._commit(draft)
            detector.wake(end)
            self._detector = detector
            self._book.forget(end)
            self._remember(end)
        return len(draft.moves)

    def act_by(self, staff: Staff) -> None:
        """Let simulated people do what they would now; see `relive`."""
        with self._lock:
            now = self._look()
            draft = self._book.draft(self._next_number)
            staff(draft, now)
            if draft.moves:
                self._commit(draft)

    def take_changes(self) -> dict[str, Any] | None:
        """Return what changed of rows and counts since the last call, as {"a", "c", "r"}."""
        with self._out:
            changes: dict[str, Any] = {"a": {}, "c": {}, "r": {}}
            if self._rows is not self._sent:
                _compare(self._sent, self._rows, changes)
                self._sent = self._rows
            old, new = self._sent_counts, self._counts
            if old != new:
                fields = {name: value for name, value in new.items() if old[name] != value}
                changes["c"]["counters"] = {COUNTER: fields}
            self._sent_counts = new
            return changes if any(changes.values()) else None

    def area_of(self, number: str) -> Any:
        """Return the area of an incident that is shown, as layer and id, or None."""
        with self._out:
            row = self._rows.get(number) or self._sent.get(number)
        return row.get("a") if row else None

    def snapshot(self) -> dict[str, dict[str, Any]]:
        """Return the rows by layer and id; do not change them."""
        with self._out:
            return {LAYER: dict(self._rows), "counters": {COUNTER: self._counts}}

    def _look(self) -> float:
        """Return now; where the clock was set, the time left to each incident stays."""
        now, jump = self._clock.look()
        if jump:
            log.warning("the clock was set by %+.0f s; the time left to incidents stays", jump)
            self._jump += jump
            if self._mode.until is not None:
                self._mode = replace(self._mode, until=self._mode.until + jump)
            self._looked_at = min(self._looked_at, now)
            self._remembered_at = min(self._remembered_at, now)
            if jump < 0:
                self._detector.set_back(now)
        return now

    def _hear(self, events: Iterable[Event], now: float) -> None:
        lived = self._ignored_until
        for event in events:
            if lived is not None and event.observed_at < lived:
                continue
            try:
                signals = self._detector.take(event)
            except Exception:
                # durable already: one odd event must not stop the others
                log.exception("event %s could not be judged", event.event_id)
                continue
            self._waiting += [(signal, now) for signal in signals]
            if not is_heartbeat(event):
                self._last_event = event.event_id

    def _settle(self, now: float) -> None:
        """Draft what waits and what time does, and commit; what cannot be written waits on."""
        draft = self._book.draft(self._next_number)
        if self._jump:
            draft.shift(self._jump, now)
        for signal, at in self._waiting:
            draft.route(signal, at)
        draft.pass_time(now)
        if draft.moves:
            try:
                self._commit(draft)
            except StaleError:
                self._reload(now)
                return
            except Exception:
                self._day = ""
                log.exception("%d steps of incidents wait to be written", len(draft.moves))
                return
        self._waiting, self._jump = [], 0.0

    def _commit(self, draft: Draft) -> None:
        with self.store.writing() as conn:
            records.write(conn, draft.moves, _before(draft))
        self._book.adopt(draft)
        self._show(draft.changed.values())

    def _version(self, number: str) -> int:
        known = self._book.incidents.get(number)
        return known.version if known else 0

    def _reload(self, now: float) -> None:
        since = now - self._book.kept_s
        self._book.load(records.read_open(self.store, since))
        self._day = ""

    def _find(self, number: str) -> Incident:
        found = self._book.incidents.get(number) or records.read_one(self.store, number)
        if found is None:
            raise MissingError(f"there is no incident {number!r}")
        return found

    def _refuse_stale(self, known: Incident, version: int) -> None:
        changed = records.read_steps(self.store, known.id, max(0, version))
        raise StaleError(
            f"incident {known.id} is at version {known.version}, not {version}: "
            "somebody else was quicker; look at what changed and try again",
            known.version,
            changed,
        )

    def _next_number(self, now: float) -> str:
        day = datetime.fromtimestamp(now, self.zone).strftime("%y%m%d")
        with self._lock:
            if day != self._day:
                self._day, self._number = day, records.read_numbers(self.store, day)
            self._number += 1
            return f"{day}-{self._number:03d}"

    def _show(self, changed: Iterable[Incident]) -> None:
        with self._out:
            rows = dict(self._rows)
            for one in changed:
                if one.state == CLOSED:
                    rows.pop(one.id, None)
                else:
                    rows[one.id] = to_row(one)
            self._rows = rows
            newest = max((one.signal_at for one in self._book.incidents.values()), default=None)
            row = self._mode.to_row()
            self._counts = to_counts(self._book.incidents.values(), newest, row)

    def _hide(self, gone: Iterable[str]) -> None:
        with self._out:
            keep = set(self._rows) - set(gone)
            if len(keep) < len(self._rows):
                self._rows = {number: row for number, row in self._rows.items() if number in keep}

    def _remember(self, now: float) -> None:
        if self._waiting:
            return  # what waits comes from events that must be looked at again
        self._remembered_at = now
        try:
            after = self._known_after
            if self._last_event is not None:
                with self.store.reading() as conn:
                    wanted = select(EVENTS.c.id).where(EVENTS.c.event_id == self._last_event)
                    after = conn.scalar(wanted) or after
            ignored = self._ignored_until
            kept = {
                "after": after,
                "at": now,
                "ignored": None if ignored is None else ignored.isoformat(),
                "detector": self._detector.dump(),
            }
            self.store.remember(MEMORY, orjson.dumps(kept).decode())
        except Exception:
            log.exception("what detection remembers could not be written; it is tried again")
            return
        self._known_after = after

    def _recall(self) -> tuple[int | None, float | None]:
        """Take up what detection remembered.

        Returns:
            The last event it knew and when that was; None without any.
        """
        text = self.store.recall(MEMORY)
        if text is None:
            # a store from before there were incidents: its past is not gone through
            with self.store.reading() as conn:
                newest = conn.scalar(select(EVENTS.c.id).order_by(EVENTS.c.id.desc()).limit(1))
            self._known_after = newest or 0
            self._remember(self._clock.look()[0])
            return None, None
        kept = orjson.loads(text)
        self._detector.load(kept["detector"])
        self._known_after = int(kept["after"])
        if kept.get("ignored") is not None:
            self._ignored_until = datetime.fromisoformat(kept["ignored"])
        return self._known_after, float(kept["at"])


def _compare(old: dict[str, Any], new: dict[str, Any], changes: dict[str, Any]) -> None:
    for number, row in new.items():
        before = old.get(number)
        if before is None:
            changes["a"].setdefault(LAYER, {})[number] = row
        elif before is not row:
            fields = {name: value for name, value in row.items() if before[name] != value}
            if fields:
                changes["c"].setdefault(LAYER, {})[number] = fields
    gone = [number for number in old if number not in new]
    if gone:
        changes["r"][LAYER] = gone


def merge_changes(
    first: dict[str, Any] | None, second: dict[str, Any] | None
) -> dict[str, Any] | None:
    """Return two sets of changes as one; neither says anything of a row of the other."""
    if first is None or second is None:
        return first or second
    for kind in ("a", "c"):
        for layer, rows in second[kind].items():
            first[kind][layer] = {**first[kind].get(layer, {}), **rows}
    for layer, gone in second["r"].items():
        first["r"][layer] = [*first["r"].get(layer, []), *gone]
    return first


def _before(draft: Draft) -> dict[str, int]:
    """Return the version of each incident that a draft steps on from; 0 for a new one."""
    versions: dict[str, int] = {}
    for move in draft.moves:
        versions.setdefault(move.number, move.after.version - 1)
    return versions
