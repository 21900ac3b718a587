"""The detector: every rule's watch, fed with events and with time."""

from __future__ import annotations

from typing import Any

from live.events import Event
from live.health import is_heartbeat
from live.incidents.detect.base import Scene, Subjects, Watch
from live.incidents.detect.meters import FlowWatch, NoFlowWatch
from live.incidents.detect.passages import CrowdWatch, TailgatingWatch
from live.incidents.detect.silence import FeedWatch, SilentWatch
from live.incidents.detect.simple import AlarmWatch, ReadingWatch, StateWatch
from live.incidents.detect.vehicles import OverstayWatch, PlateWatch
from live.incidents.rules import Rules
from live.incidents.signals import Signal

WATCHES: dict[str, type[Watch]] = {
    "alarm": AlarmWatch,
    "state": StateWatch,
    "reading": ReadingWatch,
    "flow": FlowWatch,
    "no_flow": NoFlowWatch,
    "tailgating": TailgatingWatch,
    "plate": PlateWatch,
    "overstay": OverstayWatch,
    "silent": SilentWatch,
    "feed": FeedWatch,
    "crowd": CrowdWatch,
}


MOST_ASKED = 200_000
"""Subjects whose rules are remembered; layers without rows of their own take any id."""


class Detector:
    """Turns events and time into signals; pure, and the same however often time is swept.

    Args:
        rules: What to look for.
        scene: What is known of the community.
    """

    def __init__(self, rules: Rules, scene: Scene) -> None:
        self.rules, self.scene = rules, scene
        self._watches = {rule.id: WATCHES[rule.when](rule, scene) for rule in rules.rules}
        # rules look at few subjects each: asked once for each subject and kind of event
        self._asked: dict[tuple[str, str, str], tuple[Watch, ...]] = {}

    def take(self, event: Event) -> list[Signal]:
        """Take in an event; history raises nothing."""
        if not event.live:
            return []
        beat = is_heartbeat(event)
        asked = ("beat" if beat else event.kind, event.layer, event.subject)
        watches = self._asked.get(asked)
        if watches is None:
            if len(self._asked) >= MOST_ASKED:
                self._asked.clear()
            watches = self._asked[asked] = tuple(
                watch
                for watch in self._watches.values()
                if (not watch.kinds or (event.kind in watch.kinds and not beat))
                and watch.wants(event)
            )
        t = round(min(event.observed_at, event.received_at).timestamp(), 3)
        found: list[Signal] = []
        for watch in watches:
            found += watch.take(event, t)
        return found

    def sweep(self, now: float, subjects: Subjects | None = None) -> list[Signal]:
        """Move time on.

        Args:
            now: Epoch seconds.
            subjects: How the twin's things stand, for the rules that look at silence.
        """
        found: list[Signal] = []
        for watch in self._watches.values():
            found += watch.sweep(now)
            if subjects is not None:
                found += watch.look(subjects, now)
        return found

    def wake(self, now: float) -> None:
        """Begin to listen at a moment: what was not heard before it proves nothing."""
        for watch in self._watches.values():
            watch.wake(now)

    def set_back(self, now: float) -> None:
        """Go on after the machine's clock was set back: news must not count as old."""
        for watch in self._watches.values():
            watch.set_back(now)

    def dump(self) -> dict[str, Any]:
        """Return what is remembered, as JSON."""
        return {name: watch.dump() for name, watch in self._watches.items()}

    def load(self, kept: dict[str, Any]) -> None:
        """Go on from what `dump` gave, as far as the rules are still there."""
        for name, watch in self._watches.items():
            if name in kept:
                watch.load(kept[name])

    def follow(self, rules: Rules) -> Detector:
        """Return a detector with other rules that goes on where this one is."""
        other = Detector(rules, self.scene)
        same = {rule.id for rule in self.rules.rules} & {rule.id for rule in rules.rules}
        when = {rule.id: rule.when for rule in self.rules.rules}
        after = {rule.id: rule.when for rule in rules.rules}
        kept = self.dump()
        other.load({name: kept[name] for name in same if when[name] == after[name]})
        return other
