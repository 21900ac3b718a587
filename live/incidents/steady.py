"""Time that is not fooled: tells when the machine's clock was set, so that time left stays left."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

TOLERANCE_S = 5.0
"""A clock that is off by less was not set, only trimmed."""


def boot_seconds() -> float:
    """Return seconds that nobody can set, those asleep among them where the machine can tell."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)


class SteadyClock:
    """Compares the wall clock with one that nobody can set.

    Args:
        wall: Gives the present moment.
        ticks: Seconds that nobody can set.
    """

    def __init__(
        self, wall: Callable[[], datetime], ticks: Callable[[], float] = boot_seconds
    ) -> None:
        self._wall, self._ticks = wall, ticks
        self._at, self._tick = round(wall().timestamp(), 3), ticks()

    def look(self) -> tuple[float, float]:
        """Return now, and by how much the clock was set since the last look.

        Both in seconds, now since 1970 and to the millisecond.
        """
        now, tick = round(self._wall().timestamp(), 3), self._ticks()
        jump = now - (self._at + tick - self._tick)
        self._at, self._tick = now, tick
        return now, jump if abs(jump) > TOLERANCE_S else 0.0
