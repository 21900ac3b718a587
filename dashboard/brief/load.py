"""Alarm load per operator against ISA-18.2: how many alarms came, and how often too many at once.

The limits are those of ANSI/ISA-18.2 (and EEMUA 191) for one operator over a month: about 150
alarms a day are likely acceptable, 300 the most that can be managed; one in ten minutes on
average, two at most; more than ten in ten minutes are a flood, which less than 1 % of the time
should be.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

WINDOW_S = 600.0
ACCEPTABLE_A_DAY, MOST_A_DAY = 150, 300
FLOOD, MOST_FLOOD = 10, 0.01


@dataclass(frozen=True)
class Load:
    """The alarms of a span.

    Attributes:
        alarms: How many came: each incident that was opened, whatever it joined together.
        operators: How many people took a step in the span, one at least.
        a_day: Alarms a day and operator.
        in_window: Alarms in ten minutes and operator, on average.
        peak: Most in any ten minutes, all operators together.
        flood: Share of the ten minutes with more than `FLOOD` an operator.
        verdict: acceptable, manageable or too_many.
    """

    alarms: int
    operators: int
    a_day: float
    in_window: float
    peak: int
    flood: float
    verdict: str


def count_load(opened: Iterable[float], operators: int, since: float, until: float) -> Load:
    """Return the load of a span.

    Args:
        opened: When each alarm came, epoch seconds.
        operators: People who took a step.
        since: From when.
        until: To when.
    """
    people = max(1, operators)
    times = [at for at in opened if since <= at < until]
    seconds = max(WINDOW_S, until - since)
    windows = max(1, round(seconds / WINDOW_S))
    counts = Counter(int((at - since) // WINDOW_S) for at in times)
    a_day = len(times) / people * 86_400 / seconds
    flood = sum(n > FLOOD * people for n in counts.values()) / windows
    verdict = "acceptable" if a_day <= ACCEPTABLE_A_DAY else "manageable"
    if a_day > MOST_A_DAY or flood > MOST_FLOOD:
        verdict = "too_many"
    return Load(
        len(times), people, a_day, len(times) / people / windows,
        max(counts.values(), default=0), flood, verdict,
    )  # fmt: skip
