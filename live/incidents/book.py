"""The book of incidents: which incident a signal opens, joins, brings back or ends; pure."""

from __future__ import annotations

from collections import ChainMap, deque
from collections.abc import Callable, Collection, MutableMapping
from dataclasses import dataclass, replace
from typing import Any

from live.incidents.incident import CLOSED, OPEN, RESOLVED, SYSTEM, Incident, Step, apply_step
from live.incidents.life import dues, pass_time
from live.incidents.places import Place, Places
from live.incidents.rules import Rules
from live.incidents.signals import AGAIN, MOMENT, OVER, Signal

KEPT_S = 900.0
"""Closed incidents are kept in mind so long at least, for events that come a second time."""

MOST_RAISED = 2
"""A mode of the community raises nothing beyond this severity."""

Number = Callable[[float], str]
"""Gives a new incident its number, from the moment it opens."""


@dataclass(frozen=True, slots=True)
class Move:
    """One step of one incident, and how it stands after it."""

    number: str
    step: Step
    after: Incident


class Book:
    """The incidents that are not closed, and those closed a short while ago.

    Nothing here changes but by `adopt`: what is to happen is drafted first and made durable.

    Args:
        rules: The rules in force.
        find_places: Gives where subjects are, when that is first asked.
    """

    def __init__(self, rules: Rules, find_places: Callable[[], Places]) -> None:
        self.rules, self.find_places = rules, find_places
        self.raised: frozenset[str] = frozenset()
        self.incidents: dict[str, Incident] = {}
        self.by_cause: dict[str, str] = {}
        self.opened: deque[float] = deque()

    @property
    def places(self) -> Places:
        """Where subjects are."""
        return self.find_places()

    def load(self, incidents: list[Incident]) -> None:
        """Take in incidents as the store has them, oldest first."""
        self.incidents = {one.id: one for one in incidents}
        self.by_cause = {name: one.id for one in incidents for name in one.causes}
        self.opened = deque(sorted(one.opened_at for one in incidents))

    @property
    def kept_s(self) -> float:
        """How long a closed incident is kept in mind, seconds."""
        return max(self.rules.flapping_s, KEPT_S)

    def draft(self, number: Number) -> Draft:
        """Return a draft of what is to happen next."""
        return Draft(self, number)

    def adopt(self, draft: Draft) -> None:
        """Let what was drafted have happened."""
        self.incidents.update(draft.changed)
        for name, number in draft.causes.items():
            self.by_cause[name] = number
        self.opened.extend(draft.opened)

    def forget(self, now: float) -> list[str]:
        """Drop what was closed too long ago to come back; return the numbers."""
        limit = now - self.kept_s
        old = [
            number
            for number, one in self.incidents.items()
            if one.state == CLOSED and (one.closed_at or 0) < limit
        ]
        for number in old:
            gone = self.incidents.pop(number)
            for name in gone.causes:
                if self.by_cause.get(name) == number:
                    del self.by_cause[name]
        while self.opened and self.opened[0] < now - self.rules.flood_s:
            self.opened.popleft()
        return old


class Draft:
    """What is to happen, on top of a book.

    Attributes:
        moves: The steps, in order.
        changed: How the incidents that they touch stand after them.
        causes: Causes that belong to another incident than before.
        opened: When new ones opened.
    """

    def __init__(self, book: Book, number: Number) -> None:
        self.book, self._number = book, number
        self.moves: list[Move] = []
        self.changed: dict[str, Incident] = {}
        self.causes: dict[str, str] = {}
        self.opened: list[float] = []
        self._incidents: MutableMapping[str, Incident] = ChainMap(self.changed, book.incidents)
        self._by_cause: MutableMapping[str, str] = ChainMap(self.causes, book.by_cause)

    def current(self) -> list[Incident]:
        """Return every incident of the book as it would stand now."""
        return list(self._incidents.values())

    def apply(self, number: str, step: Step, before: Incident | None = None) -> Incident:
        """Take a step; `before` is for an incident that is not in the book."""
        old = self._incidents.get(number, before)
        after = apply_step(number, old, step)
        self.changed[number] = after
        self.moves.append(Move(number, step, after))
        return after

    def leave_out(self, numbers: Collection[str]) -> None:
        """Take back what was to happen to some incidents."""
        self.moves = [move for move in self.moves if move.number not in numbers]
        for number in numbers:
            self.changed.pop(number, None)
        for name in [name for name, number in self.causes.items() if number in numbers]:
            del self.causes[name]

    def route(self, signal: Signal, now: float) -> None:
        """Let a signal open, join, bring back or end an incident."""
        if signal.kind in self.book.raised and signal.severity > MOST_RAISED:
            signal = replace(signal, severity=signal.severity - 1)
        name = signal.cause
        number = self._by_cause.get(name)
        found = self._incidents.get(number) if number is not None else None
        cause = found.causes.get(name) if found is not None else None
        if cause is not None and signal.at <= max(cause["last"], cause["over"] or 0.0):
            return  # known: after a crash events are looked at a second time
        if signal.what == OVER:
            if found is not None and found.state != CLOSED:
                self.apply(found.id, Step("over", now, SYSTEM, {"name": name, "at": signal.at}))
                self.settle(found.id, now)
            return
        if found is not None and found.state in OPEN:
            self._repeat(found, signal, now)
        elif signal.what == AGAIN:
            return  # somebody has settled it while it goes on: only a new beginning counts
        elif found is not None and self._comes_back(found, now):
            self._bring_back(found, signal, now)
        elif (near := self._find_near(signal)) is not None:
            self._join(near, signal, now)
        elif (group := self._find_group(signal, now)) is not None:
            self._join(group, signal, now)
        else:
            self._open(signal, now, group=self._is_flooded(signal, now))

    def pass_time(self, now: float) -> None:
        """Let time act on every incident."""
        for number in [n for n, one in self._incidents.items() if one.state != CLOSED]:
            self.settle(number, now)

    def settle(self, number: str, now: float) -> None:
        """Let time act on one incident."""
        while (step := pass_time(self._incidents[number], now, self.book.rules)) is not None:
            self.apply(number, step)

    def shift(self, by_s: float, now: float) -> None:
        """Keep the time that is left to every incident while the machine's clock is set."""
        for number in [n for n, one in self._incidents.items() if one.state != CLOSED]:
            self.apply(number, Step("clock", now, SYSTEM, {"by_s": by_s}))

    def _repeat(self, found: Incident, signal: Signal, now: float) -> None:
        cause = found.causes.get(signal.cause)
        if cause is not None and (cause["over"] is None or signal.what == MOMENT):
            data = {"name": signal.cause, "at": signal.at, "detail": signal.detail}
            self.apply(found.id, Step("again", now, SYSTEM, data))
        elif signal.what != AGAIN:
            self._join(found, signal, now)

    def _comes_back(self, found: Incident, now: float) -> bool:
        if found.state == RESOLVED:
            return True
        ended_itself = found.outcome == "by_itself"
        return ended_itself and now - (found.resolved_at or 0) <= self.book.rules.flapping_s

    def _bring_back(self, found: Incident, signal: Signal, now: float) -> None:
        rules = self.book.rules
        data: dict[str, Any] = {"reason": "signal", **dues(found.severity, now, rules)}
        after = self.apply(found.id, Step("reopen", now, SYSTEM, data))
        self._join(after, signal, now)
        lately = [at for at in after.reopens if now - at <= rules.flapping_s]
        if len(lately) >= rules.flapping_count and not after.flapping:
            self.apply(found.id, Step("flapping", now, SYSTEM, {"on": True}))

    def _find_near(self, signal: Signal) -> Incident | None:
        """Return the open incident that a signal is another cause of: the nearest, the oldest."""
        rules = self.book.rules
        kind = rules.kinds[signal.kind]
        place = self._place(signal)
        best: tuple[float, float, str] | None = None
        for one in self._incidents.values():
            if one.state not in OPEN or one.family != kind.family or one.group:
                continue
            if signal.key[2] and any(_is_of(signal, name) for name in one.causes):
                return one  # the same car, at another gate
            if kind.by_area:
                # what falls silent in one area in one shift is one walk of one technician
                if signal.at - one.opened_at > rules.area_s:
                    continue
            elif abs(signal.at - one.signal_at) > rules.together_s:
                continue
            far = 0.0
            if one.place != (place.layer, place.id):
                if not place.layer or not one.place[0] or kind.by_area:
                    continue
                far = place.distance_m(Place(x=one.xy[0], y=one.xy[1]))
            if far <= rules.together_m and (best is None or (far, one.opened_at, one.id) < best):
                best = (far, one.opened_at, one.id)
        return None if best is None else self._incidents[best[2]]

    def _place(self, signal: Signal) -> Place:
        layer, subject, _ = signal.key
        if self.book.rules.kinds[signal.kind].by_area:
            return self.book.places.area_of(layer, subject)
        return self.book.places.of(layer, subject)

    def _is_flooded(self, signal: Signal, now: float) -> bool:
        rules = self.book.rules
        since = now - rules.flood_s
        lately = sum(at > since for at in (*self.book.opened, *self.opened))
        if lately < rules.flood_count:
            return False
        keep = rules.flood_keep_severe if signal.severity == 1 else rules.flood_keep
        mine = sum(
            one.kind == signal.kind and one.state in OPEN and not one.group
            for one in self._incidents.values()
        )
        return mine >= keep

    def _find_group(self, signal: Signal, now: float) -> Incident | None:
        if not self._is_flooded(signal, now):
            return None
        return next(
            (
                one
                for one in self._incidents.values()
                if one.group and one.kind == signal.kind and one.state in OPEN
            ),
            None,
        )

    def _open(self, signal: Signal, now: float, *, group: bool) -> None:
        rules = self.book.rules
        kind = rules.kinds[signal.kind]
        place = Place() if group else self._place(signal)
        number = self._number(now)
        data = {
            "kind": signal.kind,
            "severity": signal.severity,
            "place": [place.layer, place.id],
            "area": list(place.area) if place.area else None,
            "xy": [round(place.x, 1), round(place.y, 1)],
            "family": kind.family,
            "discreet": kind.discreet,
            "resolves_itself": kind.resolves_itself,
            "group": group,
            "steps": list(kind.steps),
            "cause": {"name": signal.cause, **_to_cause(signal)},
            **dues(signal.severity, now, rules),
        }
        self.opened.append(now)
        self.causes[signal.cause] = number
        self.apply(number, Step("open", now, SYSTEM, data))

    def _join(self, found: Incident, signal: Signal, now: float) -> None:
        rules = self.book.rules
        data: dict[str, Any] = {"name": signal.cause, "cause": _to_cause(signal)}
        if signal.severity < found.severity:
            data |= {
                "severity": signal.severity,
                "kind": signal.kind,
                "steps": list(rules.kinds[signal.kind].steps),
                **dues(signal.severity, now, rules),
            }
        self.causes[signal.cause] = found.id
        self.apply(found.id, Step("join", now, SYSTEM, data))


def _is_of(signal: Signal, cause: str) -> bool:
    """Say whether a cause is of the same rule and the same plate as a signal."""
    rule, _, rest = cause.partition("|")
    return rule == signal.rule and rest.rpartition("|")[2] == signal.key[2]


def _to_cause(signal: Signal) -> dict[str, Any]:
    layer, subject, _ = signal.key
    return {
        "rule": signal.rule,
        "kind": signal.kind,
        "severity": signal.severity,
        "layer": layer,
        "id": subject,
        "since": signal.since,
        "last": signal.at,
        "n": 1,
        "over": signal.at if signal.what == MOMENT else None,
        "event": signal.event_id,
        "detail": signal.detail,
    }
