"""What each feed brought since the start of the server."""

from __future__ import annotations

import time
from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import datetime

RATE_OVER_S = 60.0


@dataclass
class FeedHealth:
    """What one feed brought since the start of the server.

    Attributes:
        last_at: When its last message came; None if none did.
        accepted: New events by kind.
        duplicate: Events known already.
        quarantined: Messages and parts kept aside.
        things: What it last spoke about: (layer, id).
    """

    last_at: datetime | None = None
    accepted: Counter[str] = field(default_factory=Counter)
    duplicate: int = 0
    quarantined: int = 0
    things: set[tuple[str, str]] = field(default_factory=set)
    _recent: deque[tuple[float, int]] = field(default_factory=deque)

    def add(self, events: int) -> None:
        """Count new events for the rate."""
        self._recent.append((time.monotonic(), events))

    def rate(self) -> float:
        """Return new events a second, over the last minute."""
        limit = time.monotonic() - RATE_OVER_S
        while self._recent and self._recent[0][0] < limit:
            self._recent.popleft()
        return sum(n for _, n in self._recent) / RATE_OVER_S
