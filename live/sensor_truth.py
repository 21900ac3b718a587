"""Marks numbers that cannot be true: out of range or over capacity a fault, a stuck zero stale.

The mark is `data["doubt"]`, {quantity: "fault" or "stale"}. The number itself is kept as it came,
and nothing shows it as the present one.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from live.events import Event

DOUBT = "doubt"
FAULT, STALE = "fault", "stale"

RANGES = {
    "%": (0.0, 100.0),
    "Cel": (-60.0, 125.0),
    "hPa": (300.0, 1100.0),
    "lx": (0.0, 200_000.0),
    "ppm": (0.0, 1e6),
    "dB(A)": (0.0, 194.0),
    "m3": (0.0, math.inf),
}
"""What a sensor of a community can read, by UCUM unit; -127 Cel is how a broken probe answers."""
ERROR_CODES = frozenset({-999.0, -9999.0, -99999.0})
"""What sensors and gateways send in place of a number they do not have."""
NEVER_NEGATIVE = frozenset({"occupied", "free", "capacity", "used", "people", "count", "level"})
WITHIN_CAPACITY = ("occupied", "free", "used")

NEVER_ZERO_FOR_LONG = frozenset({"occupied", "humidity", "pressure", "temperature", "voltage"})
"""Quantities whose sensor is dead when it says exactly 0 all day and night.

An empty bin and a flat whose tap is shut say 0 for days and are right.
"""
STUCK_AFTER = timedelta(hours=24)
"""In eight car parks of Aarhus (2014) the longest true zero lasted 7 hours, the stuck 50 days."""
ENOUGH_ZEROS = 12


def find_faults(event: Event, capacity: int | None = None) -> dict[str, str]:
    """Return {quantity: "fault"} of the numbers of an event that cannot be true.

    Args:
        event: A reading or a service event.
        capacity: Places of its thing, where the event itself tells none.
    """
    told = _numbers(event)
    places = told.get("capacity", capacity)
    units: dict[str, Any] = event.data.get("unit") or {}
    faults = {}
    for name, value in told.items():
        low, high = RANGES.get(str(units.get(name)), (-math.inf, math.inf))
        over = name in WITHIN_CAPACITY and places is not None and value > places
        below = value in ERROR_CODES or (name in NEVER_NEGATIVE and value < 0)
        if over or below or not low <= value <= high:
            faults[name] = FAULT
    return faults


def _numbers(event: Event) -> dict[str, float]:
    if event.kind == "reading":
        values: dict[str, float] = event.data.get("values") or {}
        return values
    if event.kind == "service":
        named = {name: event.data.get(name) for name in ("used", "capacity")}
        return {name: value for name, value in named.items() if value is not None}
    return {}


@dataclass(slots=True)
class _Zeros:
    """A run of zeros of one quantity: since when, and how many."""

    since: datetime
    count: int


class SensorTruth:
    """Marks what cannot be true, knowing how long each quantity has been zero.

    History and the present are judged apart. Safe for many threads.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._zeros: dict[tuple[bool, str, str, str], _Zeros] = {}

    def judge(self, event: Event, capacity: int | None = None) -> Event:
        """Return an event with its doubts, and without any that its sender claims.

        Args:
            event: As it came.
            capacity: Places of its thing, where the event itself tells none.
        """
        if event.kind not in ("reading", "service") and DOUBT not in event.data:
            return event
        doubt = find_faults(event, capacity)
        for name, value in _numbers(event).items():
            if (
                name in NEVER_ZERO_FOR_LONG
                and name not in doubt
                and self._is_stuck(event, name, value)
            ):
                doubt[name] = STALE
        if not doubt and DOUBT not in event.data:
            return event
        data: dict[str, Any] = {k: v for k, v in event.data.items() if k != DOUBT}
        return replace(event, data={**data, DOUBT: doubt} if doubt else data)

    def _is_stuck(self, event: Event, name: str, value: float) -> bool:
        key = (event.live, event.layer, event.subject, name)
        at = event.observed_at
        with self._lock:
            zeros = self._zeros.get(key)
            if value:
                if zeros is not None and at >= zeros.since:
                    del self._zeros[key]
                return False
            if zeros is None or at < zeros.since:
                zeros = self._zeros[key] = _Zeros(at, 0)
            zeros.count += 1
            return zeros.count >= ENOUGH_ZEROS and at - zeros.since >= STUCK_AFTER

    def resume(self, latest: Iterable[Event]) -> None:
        """Go on after a restart: what was stuck is so until it says something else.

        Args:
            latest: The newest live events of each thing.
        """
        for event in latest:
            doubt: dict[str, str] = event.data.get(DOUBT) or {}
            for name, what in doubt.items():
                if what == STALE:
                    key = (True, event.layer, event.subject, name)
                    self._zeros[key] = _Zeros(event.observed_at - STUCK_AFTER, ENOUGH_ZEROS)
