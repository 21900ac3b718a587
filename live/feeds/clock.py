"""Clock errors of devices, judged from their live messages, and their correction."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from statistics import median

from live.events import Event

WINDOW = 15
"""Latest live messages of a device that its clock is judged by."""
ENOUGH = 3
"""Messages before anything is said of a clock."""
TOLERANCE_S = 5.0
"""Differences below this are the way of the message, not an error of the clock, seconds."""


class SkewClock:
    """Estimates each device's clock error and corrects the times of its events.

    Apply it to new events only, once each: a repeat would count twice.
    """

    def __init__(self, window: int = WINDOW) -> None:
        self._window = window
        self._late: dict[tuple[str, str, str], deque[float]] = {}

    def skew_s(self, source: str, layer: str, subject: str) -> float:
        """Return how fast a device's clock runs, seconds; negative when it runs slow.

        The median of (device's time - time of receipt) over its latest live messages: one message
        that was held up on its way does not move it.
        """
        seen = self._late.get((source, layer, subject), ())
        skew = median(seen) if len(seen) >= ENOUGH else 0.0
        return skew if abs(skew) > TOLERANCE_S else 0.0

    def correct(self, events: Iterable[Event]) -> list[Event]:
        """Return events in corrected time, with the error taken out as `skew_s`.

        The device's own time is `observed_at` + `skew_s`. Live messages teach; history is corrected
        by what is known and teaches nothing.
        """
        corrected = []
        for event in events:
            if event.live:
                key = (event.source, event.layer, event.subject)
                seen = self._late.setdefault(key, deque(maxlen=self._window))
                seen.append((event.observed_at - event.received_at).total_seconds())
            skew = self.skew_s(event.source, event.layer, event.subject)
            corrected.append(
                replace(
                    event,
                    observed_at=event.observed_at - timedelta(seconds=skew),
                    skew_s=skew,
                )
                if skew
                else event
            )
        return corrected
