"""Alarms, states and readings: a condition that one event begins and another ends."""

from __future__ import annotations

from heapq import heappop, heappush
from typing import Any

from live.events import Event
from live.incidents.detect.base import Watch, key_of
from live.incidents.signals import Key, Signal
from live.sensor_truth import DOUBT

CALM = frozenset({"ok", "closed"})
"""States that end an alarm."""


class AlarmWatch(Watch):
    """An alarm of some type, until its subject says that all is well."""

    kinds = ("alarm", "status")

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._ends: list[tuple[float, Key]] = []

    def take(self, event: Event, t: float) -> list[Signal]:
        """Take in an alarm, or a status that ends one."""
        rule, key = self.rule, key_of(event)
        if event.kind == "alarm":
            kind = event.data.get("type")
            if kind not in rule.types:
                return []
            found = self.latch.on(
                key, t, event.event_id, {"type": kind}, again=True, anew_s=rule.anew_s
            )
            if rule.over_s:
                heappush(self._ends, (t + rule.over_s, key))
            return found
        state = event.data.get("state")
        if state in rule.states:
            return self.latch.on(key, t, event.event_id, {"state": state})
        return self.latch.off(key, t) if state in CALM else []

    def sweep(self, now: float) -> list[Signal]:
        """Move time on; an alarm that nobody ends nor repeats is over after `over_s`."""
        found = super().sweep(now)
        told = self.latch.held() if self._ends and self._ends[0][0] <= now else {}
        while self._ends and self._ends[0][0] <= now:
            at, key = heappop(self._ends)
            if key in told and told[key] + self.rule.over_s <= at:
                found += self.latch.off(key, at)
        return found

    def load(self, kept: dict[str, Any]) -> None:
        """Go on from what `dump` gave."""
        super().load(kept)
        if self.rule.over_s:
            for key, told in self.latch.held().items():
                heappush(self._ends, (told + self.rule.over_s, key))


class StateWatch(Watch):
    """A state that lasts, such as a door that nobody closes."""

    kinds = ("status",)

    def take(self, event: Event, t: float) -> list[Signal]:
        """Take in a status."""
        state = event.data.get("state")
        if not state:
            return []
        if state in self.rule.states:
            return self.latch.on(key_of(event), t, event.event_id, {"state": state})
        return self.latch.off(key_of(event), t)


class ReadingWatch(Watch):
    """A number beyond a limit, until it is well back."""

    kinds = ("reading",)

    def take(self, event: Event, t: float) -> list[Signal]:
        """Take in a reading; a number that cannot be true tells nothing."""
        rule = self.rule
        value = event.data.get("values", {}).get(rule.quantity)
        if value is None or rule.quantity in (event.data.get(DOUBT) or {}):
            return []
        unit = (event.data.get("unit") or {}).get(rule.quantity)
        upper = rule.below == float("-inf")
        beyond = value >= rule.above if upper else value <= rule.below
        limit = rule.clear if rule.clear is not None else rule.above if upper else rule.below
        back = value < limit if upper else value > limit
        key = key_of(event)
        if beyond or (not back and self.latch.holds(key)):
            detail = {"quantity": rule.quantity, "value": value, "unit": unit}
            return self.latch.on(key, t, event.event_id, detail)
        return self.latch.off(key, t)
