"""Meters in flats: cumulative water and electricity, hour by hour, never running backwards."""

from __future__ import annotations

from typing import Any

import numpy as np

from live.simulator.clock import Batch, Bools, Day, Floats, Ints, chance, ticks

QUANTITY = {"water_meter": ("water_m3", "m3"), "electricity_meter": ("energy_kwh", "kWh")}

_STALL = 4e-4
_LEAK = 6e-4
# share of a day's use in each hour, from midnight
_WATER = np.array(
    [1, 0.5, 0.4, 0.4, 0.6, 2, 5, 7, 6, 5, 4.5, 5, 5.5, 4, 3, 3, 3.5, 5, 7, 8, 8.5, 8, 5, 2.5]
)
_POWER = np.array(
    [3, 2.5, 2.3, 2.2, 2.2, 2.5, 3.5, 4, 3.5, 3.3, 3.4, 4, 4.6, 4, 3.6, 3.5, 3.7, 4.5, 6, 7, 7.2,
     7, 6, 4.5]
)  # fmt: skip


def _grown(profile: Floats, hours: Floats) -> Floats:
    """Return the share of a day's use that is behind us, 0 at midnight and 1 at the next."""
    steps = np.concatenate([[0.0], np.cumsum(profile)]) / profile.sum()
    return np.asarray(np.interp(hours, np.arange(25), steps))


def meter_batch(
    seed: int, day: Day, kind: str, ids: list[str], period_s: Floats, silent: Bools
) -> Batch:
    """Return the readings of one kind of meter.

    The total is a closed form of time, so any day can be made by itself and totals still grow from
    day to day. A few flats use nothing for most of a day, a few drip all night: there are checks
    for both.
    """
    who_all = np.arange(len(ids))
    at, who = ticks(day, period_s, chance(seed, 401, who_all))
    kept = ~silent[who]
    at, who = at[kept], who[kept]
    hours = np.clip(day.hours(at) * 24 * 3_600_000 / (day.end - day.start), 0, 24)
    ordinal = day.date.toordinal()
    water = kind == "water_meter"
    u = chance(seed, 402, who_all, int(water))
    rate = (0.12 + 0.6 * u**1.5) if water else (1.5 + 11 * u**1.6)

    # between two midnights a flat uses 0.6 to 1.4 of its usual day
    begin = ordinal - 735_000 + 0.4 * chance(seed, 403, who_all, ordinal)
    until = ordinal - 734_999 + 0.4 * chance(seed, 403, who_all, ordinal + 1)
    usual = _grown(_WATER if water else _POWER, hours)
    late = _grown(np.roll(_WATER if water else _POWER, 2), hours)
    mix = chance(seed, 404, who_all, ordinal)[who]
    share = mix * usual + (1 - mix) * late
    odd = chance(seed, 405, who_all, ordinal, int(water))[who]
    share = np.where(odd < _STALL, np.clip((hours - 20) / 4, 0, 1), share)
    share = np.where(odd > 1 - _LEAK, 0.6 * hours / 24 + 0.4 * share, share)
    total = rate[who] * (begin[who] + (until - begin)[who] * share)
    value = np.floor(total * 1000) / 1000 if water else np.floor(total * 100) / 100
    name, unit = QUANTITY[kind]
    units, column = {name: unit}, value.tolist()

    def data(row: int) -> dict[str, Any]:
        return {"values": {name: column[row]}, "unit": dict(units)}

    return Batch(kind, "reading", "devices", ids, at, who, data)


def smoke_batch(seed: int, day: Day, ids: list[str], period_s: Floats, silent: Bools) -> Batch:
    """Return the signs of life of smoke alarms, with their batteries."""
    who_all: Ints = np.arange(len(ids))
    at, who = ticks(day, period_s, chance(seed, 406, who_all))
    kept = ~silent[who]
    at, who = at[kept], who[kept]
    age = (chance(seed, 407, who) * 1500 + day.date.toordinal()) % 1500
    battery = np.round(100 - age / 1500 * 92, 0)

    def data(row: int) -> dict[str, Any]:
        return {
            "values": {"battery": float(battery[row]), "smoke": 0.0},
            "unit": {"battery": "%", "smoke": "1"},
        }

    return Batch("smoke_alarm", "reading", "devices", ids, at, who, data)
