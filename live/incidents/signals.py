"""Signals: a rule says that something began, goes on, or is over, at one subject."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Any

from live.incidents.rules import Rule

Key = tuple[str, str, str]
"""Layer, subject, and what else tells two signals of one subject apart (a hashed plate)."""

AGAIN_S = 60.0
"""A signal that goes on is told again at most this often, seconds."""
REMEMBERED_S = 86_400.0
"""So long it is known when a subject last told something, to pass over what comes late, seconds."""
MOMENT = "moment"
BEGAN, AGAIN, OVER = "began", "again", "over"


@dataclass(frozen=True, slots=True)
class Signal:
    """What a rule found.

    Attributes:
        what: began, again, over, or moment: it happened and is not of a kind that lasts.
        rule: Name of the rule.
        kind: Kind of incident.
        severity: 1 to 4.
        key: Layer, subject and what else tells it apart.
        at: When, epoch seconds.
        since: When it began, epoch seconds.
        event_id: The event that told it, where it was one.
        detail: What to show: numbers and words of ours, nothing personal.
    """

    what: str
    rule: str
    kind: str
    severity: int
    key: Key
    at: float
    since: float
    event_id: str | None = None
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def cause(self) -> str:
        """The name of what it tells of: the same rule at the same subject."""
        return "|".join((self.rule, *self.key))


@dataclass(slots=True)
class _Held:
    since: float
    event_id: str | None
    detail: dict[str, Any]
    raised: bool = False
    told: float = -math.inf


class Latch:
    """What holds at which subjects by one rule, and since when.

    A signal begins once the condition has held for `rule.for_s` without a break, however often
    somebody looks; what is older than what a subject told last is passed over.
    """

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self._held: dict[Key, _Held] = {}
        self._last: dict[Key, float] = {}
        self._due: list[tuple[float, Key]] = []
        self._pruned = -math.inf

    def holds(self, key: Key) -> bool:
        """Say whether the condition holds at a subject."""
        return key in self._held

    def held(self) -> dict[Key, float]:
        """Return where the condition holds, and when each was told of last."""
        return {key: self._last[key] for key in self._held if key in self._last}

    def since(self, key: Key) -> float:
        """Return since when the condition holds at a subject; plus infinity where it does not."""
        held = self._held.get(key)
        return held.since if held is not None else math.inf

    def on(
        self,
        key: Key,
        t: float,
        event_id: str | None,
        detail: dict[str, Any],
        *,
        since: float | None = None,
        again: bool = False,
        anew_s: float = 0.0,
    ) -> list[Signal]:
        """Take in that the condition holds.

        Args:
            key: Where.
            t: Told when, epoch seconds.
            event_id: By which event.
            detail: What to show.
            since: Since when it holds, if earlier than `t`.
            again: Whether to tell again of what was told before.
            anew_s: Told again after so long it is a new beginning; 0 never.
        """
        last = self._last.get(key, -math.inf)
        if t < last:
            return []
        self._last[key] = t
        held = self._held.get(key)
        if held is None:
            held = self._held[key] = _Held(t if since is None else since, event_id, detail)
            heappush(self._due, (held.since + self.rule.for_s, key))
        else:
            held.detail = detail
        if not held.raised:
            return self._raise(key, held, t)
        if anew_s and t - last >= anew_s:
            held.since, held.event_id, held.told = t, event_id, t
            return [self._signal(BEGAN, key, t, held)]
        if not again or t - held.told < AGAIN_S:
            return []
        held.told = t
        return [self._signal(AGAIN, key, t, held)]

    def off(self, key: Key, t: float, until: float | None = None) -> list[Signal]:
        """Take in that the condition does not hold.

        Args:
            key: Where.
            t: Told when, epoch seconds.
            until: When it is last known to have held, if earlier than `t`.
        """
        if t < self._last.get(key, -math.inf):
            return []
        self._last[key] = t
        held = self._held.pop(key, None)
        if held is None:
            return []
        found = [] if held.raised else self._raise(key, held, t if until is None else until)
        return [*found, self._signal(OVER, key, t, held)] if held.raised else []

    def sweep(self, now: float) -> list[Signal]:
        """Move time on."""
        found: list[Signal] = []
        if now - self._pruned > REMEMBERED_S / 24:
            self._pruned = now
            self._last = {key: t for key, t in self._last.items() if t > now - REMEMBERED_S}
        while self._due and self._due[0][0] <= now:
            _, key = heappop(self._due)
            held = self._held.get(key)
            if held is not None and not held.raised:
                found += self._raise(key, held, now)
        return found

    def set_back(self, now: float) -> None:
        """Forget what lies ahead of now: the machine's clock was set back."""
        self._last = {key: t for key, t in self._last.items() if t <= now}
        self._pruned = -math.inf
        for key, held in self._held.items():
            held.since, held.told = min(held.since, now), min(held.told, now)
            heappush(self._due, (held.since + self.rule.for_s, key))

    def dump(self) -> dict[str, Any]:
        """Return what is remembered, as JSON."""
        return {
            "held": [
                [*key, h.since, h.event_id, h.detail, h.raised, h.told]
                for key, h in self._held.items()
            ],
            "last": [[*key, t] for key, t in self._last.items()],
        }

    def load(self, kept: dict[str, Any]) -> None:
        """Go on from what `dump` gave."""
        for layer, subject, extra, since, event_id, detail, raised, told in kept.get("held", []):
            key = (layer, subject, extra)
            told = -math.inf if told is None else told
            self._held[key] = _Held(since, event_id, detail, raised, told)
            heappush(self._due, (since + self.rule.for_s, key))
        for layer, subject, extra, t in kept.get("last", []):
            self._last[layer, subject, extra] = t

    def _raise(self, key: Key, held: _Held, t: float) -> list[Signal]:
        if t - held.since < self.rule.for_s:
            return []
        held.raised, held.told = True, t
        # it was due then, whenever somebody looked
        return [self._signal(BEGAN, key, held.since + self.rule.for_s, held)]

    def _signal(self, what: str, key: Key, at: float, held: _Held) -> Signal:
        rule = self.rule
        return Signal(
            what, rule.id, rule.kind, rule.severity, key, at, held.since, held.event_id,
            held.detail,
        )  # fmt: skip
