"""Silence: a thing that does not speak any more, and a feed that brings nothing."""

from __future__ import annotations

from typing import Any

from live.events import Event
from live.health import SILENT_AFTER
from live.incidents.detect.base import Subjects, Watch
from live.incidents.signals import Key, Signal

LEARN_S = 120.0
"""A feed's rhythm is known after so long at the least, seconds."""
RHYTHMS = 20.0
"""A feed may be quiet for so many times its mean pause."""


class SilentWatch(Watch):
    """A door, camera or device that has been silent for `for_s`, by the twin's own rule.

    What never spoke since the store began is not put in yet, and no incident.
    """

    kinds = ("none",)

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._started: float | None = None

    def wake(self, now: float) -> None:
        """Begin to listen anew."""
        self._started = now

    def look(self, subjects: Subjects, now: float) -> list[Signal]:
        """Look at who has spoken when; while we ourselves were away nobody could be heard."""
        if self._started is None:
            self._started = now
        found: list[Signal] = []
        rule, kinds = self.rule, self.scene.device_kinds
        for (layer, subject), (period_s, last_reported) in subjects.items():
            if not period_s or last_reported is None:
                continue
            if rule.layers and layer not in rule.layers:
                continue
            if rule.devices and kinds.get(subject) not in rule.devices:
                continue
            key: Key = (layer, subject, "")
            if self.latch.holds(key):
                if last_reported > self.latch.since(key):
                    found += self.latch.off(key, now)
                continue
            since = max(last_reported, self._started) + SILENT_AFTER * period_s
            if now > since:
                found += self.latch.on(key, now, None, {}, since=since)
        return found


class FeedWatch(Watch):
    """A feed that brought at least `count` events and then nothing for `for_s`.

    A feed with a slow rhythm may be quiet for twenty times its mean pause.
    """

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        # source -> [first, last, how many]
        self._heard: dict[str, list[float]] = {}
        self._started: float | None = None

    def wants(self, event: Event) -> bool:
        """Take every event: each tells that its feed lives."""
        return True

    def take(self, event: Event, t: float) -> list[Signal]:
        """Take in that a feed brought something."""
        now = event.received_at.timestamp()
        heard = self._heard.setdefault(event.source, [now, now, 0])
        heard[1] = max(heard[1], now)
        heard[2] += 1
        key = ("feeds", event.source, "")
        return self.latch.off(key, now) if self.latch.holds(key) else []

    def wake(self, now: float) -> None:
        """Begin to listen anew."""
        self._started = now

    def sweep(self, now: float) -> list[Signal]:
        """Look at who brought nothing for long; while we ourselves were away nobody could."""
        if self._started is None:
            self._started = now
        found: list[Signal] = []
        for source, (first, last, count) in self._heard.items():
            if count < self.rule.count or last - first < LEARN_S:
                continue
            quiet = now - max(last, self._started)
            limit = max(self.rule.for_s, RHYTHMS * (last - first) / count)
            key = ("feeds", source, "")
            if quiet > limit and not self.latch.holds(key):
                found += self.latch.on(key, now, None, {"feed": source}, since=now - quiet)
        return found

    def set_back(self, now: float) -> None:
        """Forget what lies ahead of now."""
        super().set_back(now)
        self._started = min(now, self._started or now)
        for heard in self._heard.values():
            heard[0], heard[1] = min(heard[0], now), min(heard[1], now)

    def dump(self) -> dict[str, Any]:
        """Return what is remembered, as JSON."""
        return {**super().dump(), "heard": self._heard}

    def load(self, kept: dict[str, Any]) -> None:
        """Go on from what `dump` gave."""
        super().load(kept)
        self._heard = dict(kept.get("heard", {}))
