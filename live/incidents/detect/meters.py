"""Meters: water that never stops, and a home where none runs."""

from __future__ import annotations

from typing import Any

from live.events import Event
from live.incidents.detect.base import Watch, key_of
from live.incidents.signals import Signal
from live.sensor_truth import DOUBT

HOUR_S = 3600.0


class FlowWatch(Watch):
    """A total that grows by at least `rate` an hour between any two readings for `for_s`.

    A pause longer than `gap_s`, or a total that runs back (another meter), begins anew.
    """

    kinds = ("reading",)

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._seen: dict[str, tuple[float, float]] = {}

    def take(self, event: Event, t: float) -> list[Signal]:
        """Take in a reading of a total."""
        rule = self.rule
        total = event.data.get("values", {}).get(rule.quantity)
        if total is None or rule.quantity in (event.data.get(DOUBT) or {}):
            return []
        before = self._seen.get(event.subject)
        if before is not None and t <= before[0]:
            return []
        self._seen[event.subject] = (t, total)
        key = key_of(event)
        if before is None:
            return []
        hours = (t - before[0]) / HOUR_S
        rate = (total - before[1]) / hours
        if t - before[0] > rule.gap_s or rate < rule.rate:
            return self.latch.off(key, t, until=before[0])
        detail = {"quantity": rule.quantity, "value": round(rate, 4), "unit": "m3/h"}
        return self.latch.on(key, t, event.event_id, detail, since=before[0])

    def sweep(self, now: float) -> list[Signal]:
        """Do nothing: only a reading proves that it still flows."""
        return []

    def set_back(self, now: float) -> None:
        """Forget what lies ahead of now."""
        super().set_back(now)
        self._seen = {key: seen for key, seen in self._seen.items() if seen[0] <= now}

    def dump(self) -> dict[str, Any]:
        """Return what is remembered, as JSON."""
        return {**super().dump(), "seen": [[k, *v] for k, v in self._seen.items()]}

    def load(self, kept: dict[str, Any]) -> None:
        """Go on from what `dump` gave."""
        super().load(kept)
        self._seen = {key: (t, total) for key, t, total in kept.get("seen", [])}


class NoFlowWatch(Watch):
    """A total that grew by less than `amount` over the last `for_s`, by readings without a gap.

    Only the meters named in `subjects` are watched: those whose household agreed.
    """

    kinds = ("reading",)

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._seen: dict[str, list[tuple[float, float]]] = {}

    def wants(self, event: Event) -> bool:
        """Say whether the meter is one of those named."""
        return event.subject in self.rule.subjects and super().wants(event)

    def take(self, event: Event, t: float) -> list[Signal]:
        """Take in a reading of a total."""
        rule = self.rule
        total = event.data.get("values", {}).get(rule.quantity)
        if total is None or rule.quantity in (event.data.get(DOUBT) or {}):
            return []
        seen = self._seen.setdefault(event.subject, [])
        key = key_of(event)
        if seen and t <= seen[-1][0]:
            return []
        if seen and (t - seen[-1][0] > rule.gap_s or total < seen[-1][1]):
            seen.clear()  # nobody knows what happened meanwhile
        seen.append((t, total))
        while len(seen) > 1 and seen[1][0] <= t - rule.for_s:
            del seen[0]
        first_t, first = seen[0]
        used = round(total - first, 6)
        if used >= rule.amount:
            return self.latch.off(key, t)
        if t - first_t < rule.for_s:
            return []
        detail = {"quantity": rule.quantity, "value": used, "unit": "m3"}
        return self.latch.on(key, t, event.event_id, detail, since=first_t)

    def sweep(self, now: float) -> list[Signal]:
        """Do nothing: a meter that is silent does not tell that nobody drinks."""
        return []

    def set_back(self, now: float) -> None:
        """Forget what lies ahead of now."""
        super().set_back(now)
        self._seen = {key: seen for key, seen in self._seen.items() if seen[-1][0] <= now}

    def dump(self) -> dict[str, Any]:
        """Return what is remembered, as JSON."""
        return {**super().dump(), "seen": {k: [list(p) for p in v] for k, v in self._seen.items()}}

    def load(self, kept: dict[str, Any]) -> None:
        """Go on from what `dump` gave."""
        super().load(kept)
        self._seen = {key: [(t, v) for t, v in seen] for key, seen in kept.get("seen", {}).items()}
