"""Devices on poles, walls and corners: what each kind reports in its own rhythm."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from live.simulator.clock import HOUR_MS, MINUTE_MS, Batch, Day, Floats, Ints, bump, chance, ticks
from live.simulator.faults import STUCK_SHARE, alarm_batch, all_clear, silent, spell

PERIODS_S = {
    "sos_pole": 60.0,
    "waste_bin": 300.0,
    "charging_pile": 60.0,
    "mailbox": 300.0,
    "rodent_monitor": 300.0,
    "camera": 60.0,
    "wifi_ap": 120.0,
    "smoke_alarm": 43_200.0,
    "water_meter": 3_600.0,
    "electricity_meter": 3_600.0,
    "other": 300.0,
}
"""Reporting rhythm of a kind when the file does not give the device's own, seconds."""

BIN_FULL = 90.0
_BIN_CYCLE_MS = 8 * HOUR_MS
_OVERHEAT_A_DAY = 0.2
Values = dict[str, tuple[Floats, str]]


@dataclass(frozen=True)
class Moment:
    """What decides a reading: whose, when, and how many people are at home."""

    seed: int
    day: Day
    ids: list[str]
    who: Ints
    at: Ints
    inside: Callable[[Ints], Floats]

    def chance(self, stream: int, *keys: Any) -> Floats:
        """Return numbers in [0, 1) by device and the given keys."""
        return chance(self.seed, stream, self.who, *keys)


def outdoors(day: Day, at: Ints) -> Floats:
    """Return the air temperature in Fuzhou, degrees Celsius, by season and hour."""
    season = 20.3 - 8.5 * np.cos(2 * np.pi * (day.date.timetuple().tm_yday - 20) / 365.25)
    swing = -3.6 * np.cos(2 * np.pi * (day.hours(at) - 3.5) / 24)
    return np.asarray(season + swing)


def _waste_bin(m: Moment) -> Values:
    share, peak, _ = _bin_cycle(m.seed, m.who, m.at)
    level = np.clip(peak * share**0.9, 0, 100)
    warm = outdoors(m.day, m.at) + 3 * level / 100 + m.chance(501, m.at // 600_000)
    return {"level": (level, "%"), "temperature": (warm, "Cel")}


def _bin_cycle(seed: int, who: Ints, at: Ints) -> tuple[Floats, Floats, Ints]:
    """Return how far a bin is between two emptyings, how full it gets, and when it was emptied."""
    phase = (chance(seed, 502, who) * 2 * HOUR_MS).astype(np.int64)
    cycle = (at + phase) // _BIN_CYCLE_MS
    begin = cycle * _BIN_CYCLE_MS - phase
    u = chance(seed, 503, who, cycle)
    peak = np.where(u < 0.94, 28 + 55 * u, 92 + 120 * (u - 0.94))
    return (at - begin) / _BIN_CYCLE_MS, peak, begin


def _charging_pile(m: Moment) -> Values:
    span = 4 * HOUR_MS
    block = m.at // span
    begin = (0.05 + 0.25 * m.chance(504, block)) * span
    length = (0.25 + 0.4 * m.chance(505, block)) * span
    evening = 0.25 + 0.5 * bump(m.day.hours(block * span + span // 2), 20, 4)
    busy = m.chance(506, block) < evening
    into = m.at - block * span - begin
    charging = busy & (into >= 0) & (into < length)
    power = np.where(charging, (0.35 + 0.65 * m.chance(507, block)) * 7.0, 0.0)
    power = np.where(charging & (into > 0.75 * length), power * 0.4, power)
    soak = np.where(charging, 1 - np.exp(-into / (25 * MINUTE_MS)), 0.0)
    warm = outdoors(m.day, m.at) + 2.2 * power * soak + m.chance(508, m.at // 60_000)
    victim, when = _overheat(m.seed, m.day, len(m.ids))
    if victim is not None:
        warm += np.where(m.who == victim, 52 * np.exp(-(((m.at - when) / (9 * MINUTE_MS)) ** 2)), 0)
    return {
        "power": (power, "kW"),
        "in_use": (charging.astype(float), "1"),
        "temperature": (warm, "Cel"),
    }


def _overheat(seed: int, day: Day, count: int) -> tuple[int | None, int]:
    rng = day.rng(seed, 11)
    if rng.random() >= _OVERHEAT_A_DAY:
        return None, 0
    return int(rng.integers(count)), int(day.at(np.array([rng.uniform(1, 23) * 3600]))[0])


def _sos_pole(m: Moment) -> Values:
    sun = np.clip(np.sin(np.pi * (m.day.hours(m.at) - 6) / 12), 0, 1)
    battery = 78 + 14 * m.chance(509) + 7 * sun
    return {"battery": (battery, "%"), "link": (-60 - 25 * m.chance(510, m.at // 600_000), "dBm")}


def _rodent_monitor(m: Moment) -> Values:
    ordinal = m.day.date.toordinal()
    night = np.floor(5 * m.chance(511, ordinal) ** 3)
    hour = m.day.hours(m.at)
    passed = np.clip(hour / 5, 0, 1) * 0.6 + np.clip((hour - 20) / 4, 0, 1) * 0.4
    return {"triggers": (np.floor(night * passed + 1e-9), "1")}


def _mailbox(m: Moment) -> Values:
    hour = m.day.hours(m.at)
    level = 6 + 22 * bump(hour, 15, 3) + 6 * m.chance(512, m.at // (20 * MINUTE_MS))
    return {"parcels": (np.floor(level * (0.6 + 0.8 * m.chance(513))), "1")}


def _wifi_ap(m: Moment) -> Values:
    hour = m.day.hours(m.at)
    awake = 0.25 + 0.75 * np.clip(bump(hour, 20, 3.5) + 0.6 * bump(hour, 11, 4), 0, 1)
    clients = 34 * m.inside(m.at) * awake * (0.6 + 0.8 * m.chance(514, m.at // 600_000))
    return {"clients": (np.floor(clients), "1")}


def _camera(m: Moment) -> Values:
    return {"bitrate": (3.1 + 1.6 * m.chance(515, m.at // 60_000), "Mbit/s")}


def _other(m: Moment) -> Values:
    return {"battery": (60 + 38 * m.chance(516), "%")}


_KINDS: dict[str, Callable[[Moment], Values]] = {
    "waste_bin": _waste_bin,
    "charging_pile": _charging_pile,
    "sos_pole": _sos_pole,
    "rodent_monitor": _rodent_monitor,
    "mailbox": _mailbox,
    "wifi_ap": _wifi_ap,
    "camera": _camera,
}


def device_batches(
    seed: int,
    day: Day,
    kind: str,
    ids: list[str],
    period_s: Floats,
    inside: Callable[[Ints], Floats],
    *,
    faults: bool,
) -> list[Batch]:
    """Return a day of one kind of device: its readings, and its rare alarms.

    Args:
        seed: The seed.
        day: The day.
        kind: Kind of device, not a meter.
        ids: Ids of the devices of the kind.
        period_s: Their rhythms, seconds.
        inside: The share of residents at home at given milliseconds.
        faults: Whether devices fall silent, get stuck, or read nonsense.
    """
    stream = 520 + sorted(PERIODS_S).index(kind)
    everyone = np.arange(len(ids))
    at, who = ticks(day, period_s, chance(seed, stream, everyone))
    if faults:
        kept = ~silent(seed, stream, who, at)
        at, who = at[kept], who[kept]
    frozen = at
    if faults:
        stuck, since = spell(seed, stream + 40, who, at, STUCK_SHARE)
        frozen = np.where(stuck, np.clip(since, day.start, day.end - 1), at)
    values = _KINDS.get(kind, _other)(Moment(seed, day, ids, who, frozen, inside))
    wild = chance(seed, stream + 80, who, at) < (2e-5 if faults else 0)
    columns = {
        name: np.round(np.where(wild, -999.0, column), 2).tolist()
        for name, (column, _) in values.items()
    }
    units = {name: unit for name, (_, unit) in values.items()}

    def data(row: int) -> dict[str, Any]:
        return {
            "values": {name: column[row] for name, column in columns.items()},
            "unit": dict(units),
        }

    batches = [Batch(kind, "reading", "devices", ids, at, who, data)]
    if kind == "waste_bin":
        batches += _full_bins(seed, day, ids)
    elif kind == "charging_pile" and faults:
        batches += _overheat_alarm(seed, day, ids)
    elif kind == "sos_pole":
        batches += alarm_batch(seed, day, 12, ids, kind="sos", severity=1, a_day=0.5)
    return batches


def _full_bins(seed: int, day: Day, ids: list[str]) -> list[Batch]:
    """Return the moments at which bins pass `BIN_FULL`, and those at which they are emptied."""
    everyone = np.arange(len(ids))
    moments, whose, ends, ended = [], [], [], []
    for step in range(-1, (day.end - day.start) // _BIN_CYCLE_MS + 2):
        sample = np.full(len(ids), day.start + step * _BIN_CYCLE_MS, dtype=np.int64)
        _, peak, begin = _bin_cycle(seed, everyone, sample)
        crossing = (BIN_FULL / peak) ** (1 / 0.9)
        at = begin + (np.minimum(crossing, 2) * _BIN_CYCLE_MS).astype(np.int64)
        rows = np.flatnonzero((crossing < 1) & (at >= day.start) & (at < day.end))
        moments.append(at[rows])
        whose.append(rows)
        end = begin + _BIN_CYCLE_MS
        rows = np.flatnonzero((crossing < 1) & (end >= day.start) & (end < day.end))
        ends.append(end[rows])
        ended.append(rows)
    at, who = np.concatenate(moments), np.concatenate(whose)
    detail = {"type": "bin_full", "severity": 3, "detail": f"level {BIN_FULL:.0f} %"}
    full = Batch("bin full", "alarm", "devices", ids, at, who, lambda _row: dict(detail))
    return [full, all_clear("bin full", ids, np.concatenate(ends), np.concatenate(ended))]


def _overheat_alarm(seed: int, day: Day, ids: list[str]) -> list[Batch]:
    victim, when = _overheat(seed, day, len(ids))
    if victim is None:
        return []
    at = np.array([max(day.start, when - 3 * MINUTE_MS)])
    over = np.array([min(when + 25 * MINUTE_MS, day.end - 1)])
    who = np.array([victim])
    detail = {"type": "overheat", "severity": 2, "detail": "temperature rises fast"}
    alarm = Batch("overheat", "alarm", "devices", ids, at, who, lambda _row: dict(detail))
    return [alarm, all_clear("overheat", ids, over, who)]
