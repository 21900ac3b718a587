"""Simulated people of a simulated world: they take incidents, work through them, end them."""

from __future__ import annotations

import hashlib

from live.incidents.book import Draft
from live.incidents.errors import StepError
from live.incidents.incident import ACKNOWLEDGED, IN_PROGRESS, NEW, OPEN, Incident
from live.incidents.life import decide

NAME = "simulated"
"""What they are called; whoever else has an incident in hand keeps it."""

MINUTE_S = 60.0
FIRST_S = {1: (20, 58), 2: (90, 540), 3: (400, 3300), 4: (1200, 14_000)}
"""Until somebody takes an incident of a severity, seconds, from and to."""
LATE_SHARE, LATE_TIMES = 0.06, 2.2
SKIP_SHARE = 0.08
AT_LAST_S = 6 * 3600.0
"""So long they wait for a cause to end before they settle what they can, seconds."""
MOST_AT_ONCE = 20


class Staff:
    """Does what is due by now; the same seed and incident give the same deeds.

    Args:
        seed: Of the simulator.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def __call__(self, draft: Draft, now: float) -> None:
        """Take every step that is due."""
        for one in draft.current():
            for _ in range(MOST_AT_ONCE):
                if one.state not in OPEN or one.owner not in ("", NAME):
                    break
                if one.shelved_until is not None or one.paused_at is not None:
                    break
                due, action, given = self._next(one)
                if now < due:
                    break
                try:
                    step = decide(one, action, NAME, now, given, draft.book.rules)
                except StepError:
                    break
                one = draft.apply(one.id, step)

    def _next(self, one: Incident) -> tuple[float, str, dict[str, str]]:
        if one.state == NEW:
            low, high = FIRST_S[one.severity]
            wait = low + (high - low) * self._chance(one, "first")
            if one.severity > 1 and self._chance(one, "late") < LATE_SHARE:
                wait = high * LATE_TIMES
            began = max(one.opened_at, *one.reopens[-1:], one.opened_at)
            return began + wait, "acknowledge", {}
        if one.state == ACKNOWLEDGED:
            wait = 15 + 100 * self._chance(one, "start")
            return (one.responded_at or 0.0) + wait, "start", {}
        return self._work(one)

    def _work(self, one: Incident) -> tuple[float, str, dict[str, str]]:
        assert one.state == IN_PROGRESS
        began = one.started_at or 0.0
        gap = MINUTE_S * (1 + 4 * self._chance(one, "gap")) * (1 if one.severity == 1 else 2)
        left = [name for name, how in one.checklist.items() if how == "open"]
        done = len(one.checklist) - len(left)
        if left:
            given = {"step": left[0]}
            if self._chance(one, left[0]) < SKIP_SHARE:
                given |= {"how": "skipped", "reason": "not_needed"}
            return began + (done + 1) * gap, "step", given
        due = began + (done + 1) * gap
        if one.active_n and one.resolves_itself:  # nothing ever tells the end of a call for help
            due = max(due, began + AT_LAST_S)
        false = self._chance(one, "false") < 0.15
        return due, "resolve", {"outcome": "false_alarm" if false else "handled"}

    def _chance(self, one: Incident, name: str) -> float:
        text = f"{self._seed}|{one.id}|{one.reopened}|{name}"
        digest = hashlib.blake2b(text.encode(), digest_size=4).digest()
        return int.from_bytes(digest, "big") / 2**32
