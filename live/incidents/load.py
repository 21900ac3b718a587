"""How many alarms the people on duty have to bear, held against ISA-18.2.

The standard's figures for one operator: about 6 an hour are very likely to be acceptable, 12 are
the most that can be managed, and 10 or more in 10 minutes are a flood. One incident is one alarm,
however many signals it has; what is hidden still counts, as somebody had to hide it.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

from sqlalchemy import select

from live.incidents.incident import SYSTEM
from live.incidents.records import ABOUT, to_micros
from live.store import Store
from live.store.cases import AUDIT, INCIDENTS

FINE_AN_HOUR, MOST_AN_HOUR = 6.0, 12.0
FLOOD, FLOOD_S = 10, 600.0
DAY_S, SHIFT_S = 86_400.0, 8 * 3600.0


def measure_load(store: Store, now: float) -> dict[str, Any]:
    """Return the load of the last hour and day for one operator, and floods of the day."""
    opened = select(INCIDENTS.c.opened_at).where(INCIDENTS.c.opened_at > to_micros(now - DAY_S))
    on_duty = (
        select(AUDIT.c.who)
        .where(AUDIT.c.about == ABOUT, AUDIT.c.at > to_micros(now - SHIFT_S), AUDIT.c.who != SYSTEM)
        .distinct()
    )
    with store.reading() as conn:
        moments = sorted(at / 1e6 for at in conn.scalars(opened))
        people = len(list(conn.scalars(on_duty)))
    return judge_load([at for at in moments if at <= now], now, people)


def judge_load(moments: list[float], now: float, people: int) -> dict[str, Any]:
    """Return the load of alarms at ascending moments of the last day, for so many people."""
    each = max(1, people)
    hour = len(moments) - bisect_right(moments, now - 3600)
    ten = len(moments) - bisect_right(moments, now - FLOOD_S)
    worst, flooded = 0, 0.0
    until = now - DAY_S
    for k, at in enumerate(moments):
        count = k + 1 - bisect_right(moments, at - FLOOD_S)
        worst = max(worst, count)
        if count >= FLOOD * each:
            # in flood from here on for as long as the tenth stays within ten minutes
            end = min(now, moments[k + 1 - FLOOD * each] + FLOOD_S)
            flooded += max(0.0, end - max(at, until))
            until = max(until, end)
    rate = hour / each
    state = "fine" if rate <= FINE_AN_HOUR else "high" if rate <= MOST_AN_HOUR else "over"
    return {
        "state": "flood" if ten >= FLOOD * each else state,
        "people": people,
        "hour": hour,
        "hour_each": round(rate, 1),
        "day": len(moments),
        "day_each_hour": round(len(moments) / 24 / each, 2),
        "ten_minutes": ten,
        "worst_ten_minutes": worst,
        "flood_share": round(flooded / DAY_S, 4),
        "fine_an_hour": FINE_AN_HOUR,
        "most_an_hour": MOST_AN_HOUR,
        "flood": FLOOD,
        "t": round(now, 3),
    }
