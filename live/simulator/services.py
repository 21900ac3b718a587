"""Services: how many places are taken by hour, within their opening hours."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd

from geodata.community import Community
from live.simulator.clock import Batch, Day, Floats, bump, chance, ticks

PERIOD_S = 600.0
_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_RULE = re.compile(r"^(?:([A-Z][a-z][A-Za-z,\- ]*?)\s+)?((?:\d{1,2}:\d\d-\d{1,2}:\d\d,?\s*)+|off)$")

Spans = list[tuple[float, float]]

_HOURS: dict[str, Spans] = {
    "canteen": [(6.5, 8.5), (10.8, 13.0), (16.8, 18.8)],
    "childcare": [(16.0, 18.8)],
    "kindergarten": [(7.5, 17.0)],
    "school": [(7.4, 17.0)],
    "elderly_care": [(0.0, 24.0)],
    "fire_station": [(0.0, 24.0)],
    "police": [(0.0, 24.0)],
    "toilet": [(0.0, 24.0)],
    "market": [(5.5, 19.0)],
    "shop": [(7.0, 22.0)],
    "pharmacy": [(8.0, 21.5)],
    "sports": [(6.0, 21.5)],
    "culture": [(8.5, 20.5)],
}
_OFFICE: Spans = [(8.5, 12.0), (14.0, 17.5)]
_PEAKS: dict[str, tuple[tuple[float, float, float], ...]] = {
    "canteen": ((7.4, 0.5, 0.55), (11.8, 0.55, 0.97), (17.6, 0.5, 0.75)),
    "childcare": ((17.0, 0.9, 1.0),),
    "kindergarten": ((12.0, 9.0, 0.93),),
    "school": ((12.0, 9.0, 0.95),),
    "elderly_care": ((12.0, 12.0, 0.82),),
    "market": ((7.3, 1.3, 0.8), (16.8, 1.0, 0.6)),
    "culture": ((9.8, 1.2, 0.5), (15.3, 1.4, 0.6), (19.4, 0.8, 0.5)),
    "sports": ((7.0, 1.0, 0.6), (19.3, 1.2, 0.85)),
}
_USUAL = ((9.8, 1.3, 0.55), (15.4, 1.4, 0.5))
_WEEKDAYS_ONLY = frozenset({"childcare", "kindergarten", "school"})


def opening_spans(text: str | None, kind: str, weekday: int) -> Spans:
    """Return the open hours of a service on a weekday (0 is Monday).

    Reads the plain part of OSM opening_hours (days and spans, `off`, `24/7`); what it cannot read,
    and what is not given, falls back to hours usual for the kind.
    """
    usual = _HOURS.get(kind, _OFFICE)
    if kind in _WEEKDAYS_ONLY and weekday >= 5:
        usual = []
    if not text:
        return usual
    if text.strip() == "24/7":
        return [(0.0, 24.0)]
    spans: Spans = []
    for part in text.split(";"):
        rule = _RULE.match(part.strip())
        if rule is None:
            return usual
        if rule[1] is None or weekday in _weekdays(rule[1]):
            spans = [] if rule[2] == "off" else _spans(rule[2])
    return spans


def _weekdays(text: str) -> set[int]:
    days: set[int] = set()
    for part in text.replace(" ", "").split(","):
        ends = [_DAYS.index(day) for day in part.split("-") if day in _DAYS]
        if len(ends) == 2:
            days |= {day % 7 for day in range(ends[0], ends[1] + 1 + 7 * (ends[1] < ends[0]))}
        else:
            days |= set(ends)
    return days


def _spans(text: str) -> Spans:
    spans: Spans = []
    for part in text.replace(" ", "").strip(",").split(","):
        low, high = (int(h) + int(m) / 60 for h, m in (t.split(":") for t in part.split("-")))
        spans += [(low, high)] if low < high else [(low, 24.0), (0.0, high)]
    return spans


def service_batches(community: Community, seed: int, day: Day) -> list[Batch]:
    """Return the fill of services with a capacity, and the state of all, every ten minutes."""
    services = community["services"]
    ids = [str(value) for value in services["id"]]
    if not ids:
        return []
    count = len(ids)
    at, who = ticks(day, np.full(count, PERIOD_S), chance(seed, 301, np.arange(count)))
    hours = day.hours(at)
    capacity = services["capacity"].fillna(0).to_numpy(dtype=np.int64)
    share = np.zeros(len(at))
    opened = np.zeros(len(at), dtype=bool)
    for row, (kind, text) in enumerate(zip(services["kind"], services["hours"], strict=True)):
        mine = who == row
        text = None if pd.isna(text) else str(text)
        for low, high in opening_spans(text, str(kind), day.date.weekday()):
            opened[mine] |= (hours[mine] >= low) & (hours[mine] < high)
        share[mine] = _share(str(kind), hours[mine])
    ordinal = day.date.toordinal()
    today = 0.82 + 0.28 * chance(seed, 302, who, ordinal)
    moment = 0.93 + 0.14 * chance(seed, 303, who, at // 600_000)
    used = np.where(opened, np.round(capacity[who] * share * today * moment), 0).astype(np.int64)
    used = np.minimum(used, capacity[who])

    def data(row: int) -> dict[str, Any]:
        places = int(capacity[who[row]])
        if not places:
            return {"state": "open" if opened[row] else "closed"}
        full = bool(opened[row]) and used[row] >= places
        state = "full" if full else "open" if opened[row] else "closed"
        return {"state": state, "used": int(used[row]), "capacity": places}

    return [Batch("service", "service", "services", ids, at, who, data)]


def _share(kind: str, hours: Floats) -> Floats:
    total = np.zeros(len(hours))
    for middle, width, height in _PEAKS.get(kind, _USUAL):
        total += height * bump(hours, middle, width)
    return np.asarray(np.clip(total, 0.02, 1.0))
