"""What each feed brought since the start of the server."""

from __future__ import annotations

import time
from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import datetime

from live.events import Event
from live.subjects import is_passage_word

RATE_OVER_S = 60.0
PASSED_STEP = 100
"""Words that come with passages are told in full hundreds: one by one they would count people."""
QUARTER_S = 900


@dataclass
class FeedHealth:
    """What one feed brought since the start of the server.

    Attributes:
        last_at: When its last message came; None if none did.
        told_at: The same for everybody to see: passages alone move it by the quarter hour.
        accepted: New events by kind.
        passed: Those among them that came with somebody's passage.
        duplicate: Events known already.
        quarantined: Messages and parts kept aside.
        things: What it last spoke about: (layer, id).
    """

    last_at: datetime | None = None
    told_at: datetime | None = None
    accepted: Counter[str] = field(default_factory=Counter)
    passed: Counter[str] = field(default_factory=Counter)
    duplicate: int = 0
    quarantined: int = 0
    things: set[tuple[str, str]] = field(default_factory=set)
    _recent: deque[tuple[float, int]] = field(default_factory=deque)

    def add(self, events: list[Event], at: datetime) -> None:
        """Count new events of a moment; those of passages leave the rate alone."""
        passed = Counter(event.kind for event in events if is_passage_word(event))
        self.accepted.update(event.kind for event in events)
        self.passed.update(passed)
        self.last_at = at
        others = len(events) - passed.total()
        if others:
            self._recent.append((time.monotonic(), others))
            self.told_at = at
        else:
            quarter = datetime.fromtimestamp(at.timestamp() // QUARTER_S * QUARTER_S, at.tzinfo)
            self.told_at = max(quarter, self.told_at or quarter)

    @property
    def told(self) -> Counter[str]:
        """New events by kind for everybody to see."""
        return Counter(
            {kind: n - self.passed[kind] % PASSED_STEP for kind, n in self.accepted.items()}
        )

    def rate(self) -> float:
        """Return new events a second over the last minute, those of passages left out."""
        limit = time.monotonic() - RATE_OVER_S
        while self._recent and self._recent[0][0] < limit:
            self._recent.popleft()
        return sum(n for _, n in self._recent) / RATE_OVER_S
