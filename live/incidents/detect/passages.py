"""Passages: more of them than openings, and a crowd at a gate."""

from __future__ import annotations

from collections import deque
from typing import Any

from live.events import Event
from live.incidents.detect.base import Watch, key_of
from live.incidents.signals import MOMENT, Key, Signal

CROWD_OVER = 0.5
"""A crowd is over below this share of its limit."""
KNOWN = ("resident", "visitor")
WALK = "walk"


class TailgatingWatch(Watch):
    """More people or vehicles passed on one opening than were let in.

    A barrier's opening begins when it reports `open` and ends when it reports `closed`, at the
    latest after `window_s` without anything. Each plate read at the gate's cameras passed; each
    known one was let in, and one more where somebody opened by hand. A barrier that never reports
    `open` cannot be judged. Of people on foot, a door that counts tells how many `passages` an
    access opened for; without that number it is one.
    """

    kinds = ("status", "access", "plate")

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        # key -> [last, passed, let in, told]
        self._open: dict[Key, list[float]] = {}

    def wants(self, event: Event) -> bool:
        """Say whether it is about a door, a gate, or a camera of a gate."""
        if event.layer == "plate_cameras":
            return event.subject in self.scene.gate_of and "gates" in self.rule.layers
        return super().wants(event)

    def take(self, event: Event, t: float) -> list[Signal]:
        """Take in an opening, a passage or a closing."""
        # on foot and by car are two ways through a gate
        key = key_of(event, WALK if event.kind == "access" else "")
        if event.kind == "plate":
            key = ("gates", self.scene.gate_of[event.subject], "")
        elif event.layer == "plate_cameras":
            return []
        now = self._open.get(key)
        if now is not None and t - now[0] > self.rule.window_s:
            del self._open[key]
            now = None
        if event.kind == "status":
            return self._turn(key, now, t, event)
        if event.kind == "access":
            if event.data.get("granted") is False:
                return []
            if now is None:
                now = self._open[key] = [t, 0, 0, 0]
            passed = event.data.get("passages")
            now[1] += passed if isinstance(passed, int) and 0 < passed < 1000 else 1
            now[2] += 1
        else:
            if now is None:
                return []
            now[1] += 1
            now[2] += event.data.get("who") in KNOWN
        now[0] = max(t, now[0])
        return self._judge(key, now, t, event)

    def _turn(self, key: Key, now: list[float] | None, t: float, event: Event) -> list[Signal]:
        state = event.data.get("state")
        if state == "open" and now is None:
            self._open[key] = [t, 0, 0, 0]
        elif state in ("closed", "offline", "forced"):
            self._open.pop(key, None)
            self._open.pop((key[0], key[1], WALK), None)
        return []

    def _judge(self, key: Key, now: list[float], t: float, event: Event) -> list[Signal]:
        _, passed, let_in, told = now
        if passed <= max(1, let_in) or told:
            return []
        now[3] = 1
        rule, detail = self.rule, {"passed": int(passed), "let_in": int(max(1, let_in))}
        return [
            Signal(MOMENT, rule.id, rule.kind, rule.severity, key, t, t, event.event_id, detail)
        ]

    def set_back(self, now: float) -> None:
        """Forget what lies ahead of now."""
        super().set_back(now)
        self._open = {key: one for key, one in self._open.items() if one[0] <= now}

    def dump(self) -> dict[str, Any]:
        """Return what is remembered, as JSON."""
        return {**super().dump(), "open": [[*key, *now] for key, now in self._open.items()]}

    def load(self, kept: dict[str, Any]) -> None:
        """Go on from what `dump` gave."""
        super().load(kept)
        for layer, subject, extra, *now in kept.get("open", []):
            self._open[layer, subject, extra] = now


class CrowdWatch(Watch):
    """At least `count` people through one gate or door within `window_s`."""

    kinds = ("access",)

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._passed: dict[Key, deque[float]] = {}

    def take(self, event: Event, t: float) -> list[Signal]:
        """Take in a passage."""
        if event.data.get("granted") is False:
            return []
        key = key_of(event)
        passed = self._passed.setdefault(key, deque())
        if passed and t < passed[-1]:
            return []  # told too late: the crowd of back then is gone
        passed.append(t)
        self._forget(passed, t)
        if len(passed) < self.rule.count:
            return []
        return self.latch.on(key, t, event.event_id, {"count": len(passed)})

    def sweep(self, now: float) -> list[Signal]:
        """Move time on; a crowd disperses."""
        found = super().sweep(now)
        for key, passed in list(self._passed.items()):
            self._forget(passed, now)
            if self.latch.holds(key) and len(passed) < self.rule.count * CROWD_OVER:
                found += self.latch.off(key, now)
            if not passed:
                del self._passed[key]
        return found

    def _forget(self, passed: deque[float], now: float) -> None:
        while passed and passed[0] <= now - self.rule.window_s:
            passed.popleft()

    def set_back(self, now: float) -> None:
        """Forget what lies ahead of now."""
        super().set_back(now)
        for passed in self._passed.values():
            while passed and passed[-1] > now:
                passed.pop()

    def dump(self) -> dict[str, Any]:
        """Return what is remembered, as JSON."""
        return {**super().dump(), "passed": [[*k, list(v)] for k, v in self._passed.items()]}

    def load(self, kept: dict[str, Any]) -> None:
        """Go on from what `dump` gave."""
        super().load(kept)
        for layer, subject, extra, passed in kept.get("passed", []):
            self._passed[layer, subject, extra] = deque(passed)
