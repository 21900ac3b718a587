"""Try rules on history: what they would have raised, without raising anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from geodata.community import Community
from live.events import Event
from live.incidents.book import Book
from live.incidents.detect import Detector
from live.incidents.places import build_places, build_scene
from live.incidents.rules import Rules
from live.incidents.signals import Signal

SWEEP_S = 60.0


@dataclass
class Trial:
    """What rules would have done.

    Attributes:
        events: Events that were looked at.
        hours: How long a time they cover.
        opened: New incidents by kind and severity.
        worst_hour: New incidents in the busiest hour.
        signals: How often each rule told that something began.
    """

    events: int = 0
    hours: float = 0.0
    opened: Counter[tuple[str, int]] = field(default_factory=Counter)
    worst_hour: int = 0
    signals: Counter[str] = field(default_factory=Counter)


def try_rules(rules: Rules, community: Community, events: Iterable[Event]) -> Trial:
    """Return what rules would have raised, with nobody working on anything.

    Silence of things and of feeds is not tried: heartbeats are not kept one by one.

    Args:
        rules: The rules.
        community: Whose events these are.
        events: History in order of time; replayed events count as well.
    """
    tried = replace(rules, rules=tuple(r for r in rules.rules if r.when not in ("silent", "feed")))
    detector = Detector(tried, build_scene(community))
    places = build_places(community)
    book = Book(tried, lambda: places)
    trial, hours, numbers = Trial(), Counter[int](), iter(range(1, 2**31))
    first = due = now = 0.0
    for event in events:
        now = max(now, event.observed_at.timestamp())
        first = first or now
        due = due or now
        while due <= now:
            _go(trial, hours, book, numbers, detector.sweep(due), due)
            due += SWEEP_S
        signals = detector.take(event if event.live else replace(event, live=True))
        if signals:
            _go(trial, hours, book, numbers, signals, now)
        trial.events += 1
    _go(trial, hours, book, numbers, detector.sweep(now), now)
    trial.hours = (now - first) / 3600
    trial.worst_hour = max(hours.values(), default=0)
    return trial


def _go(
    trial: Trial, hours: Counter[int], book: Book, numbers: Iterator[int],
    signals: list[Signal], now: float,
) -> None:  # fmt: skip
    draft = book.draft(lambda _: str(next(numbers)))
    for signal in signals:
        trial.signals[signal.rule] += signal.what in ("began", "moment")
        draft.route(signal, now)
    draft.pass_time(now)
    for move in draft.moves:
        if move.step.action == "open":
            trial.opened[move.after.kind, move.after.severity] += 1
            hours[int(now // 3600)] += 1
    book.adopt(draft)
    book.forget(now)
