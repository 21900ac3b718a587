"""What goes wrong: devices that fall silent or get stuck, doors cut off, held or forced."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from live.simulator.clock import HOUR_MS, MINUTE_MS, Batch, Bools, Day, Ints, chance
from live.simulator.people import Passages

SILENT_SHARE = 0.03
STUCK_SHARE = 0.008
OFFLINE_DOORS = 0.025
"""Share of doors cut off at any time: about 8 of 324."""

_CHANGE_HOUR = 3.2
_HELD_SHARE = 0.004
_FORCED_A_DAY = 0.3
_TAILGATING_A_DAY = 1.5


def spell(seed: int, stream: int, who: Ints, at: Ints, share: float) -> tuple[Bools, Ints]:
    """Say which devices have a bad spell of 3 to 9 hours at given moments, and since when.

    Every device divides time into spells of its own length; a share of them is bad.
    """
    length = ((3 + 6 * chance(seed, stream, who, 1)) * HOUR_MS).astype(np.int64)
    phase = (chance(seed, stream, who, 2) * length).astype(np.int64)
    block = (at + phase) // length
    return chance(seed, stream, who, block, 3) < share, block * length - phase


def silent(seed: int, stream: int, who: Ints, at: Ints) -> Bools:
    """Say which devices say nothing at given moments."""
    return spell(seed, stream, who, at, SILENT_SHARE)[0]


def door_offline(seed: int, day: Day, who: npt.ArrayLike, at: Ints) -> Bools:
    """Say which doors are cut off at given moments of a day.

    A door is cut off for a day at a time, from the small hours on, when nobody is about: whoever
    leaves unseen also comes back unseen, and a count of people from doors does not drift.
    """
    early = day.hours(at) < _CHANGE_HOUR
    return chance(seed, 201, who, day.date.toordinal() - early.astype(int)) < OFFLINE_DOORS


def door_batches(
    seed: int, day: Day, doors: list[str], passages: Passages, door: Ints, *, faults: bool
) -> list[Batch]:
    """Return the states of doors: closed after each opening, held open now and then, forced rarely.

    Args:
        seed: The seed.
        day: The day.
        doors: Ids of doors.
        passages: Passages that were seen.
        door: Position of each passage's door.
        faults: Whether doors may be held or forced.
    """
    rng = day.rng(seed, 3)
    size = len(door)
    order = np.lexsort((passages.at, door))
    at, who = passages.at[order], door[order]
    shut = np.where(rng.random(size) < 0.9, rng.uniform(4, 8, size), rng.uniform(9, 18, size))
    held = rng.random(size) < (_HELD_SHARE if faults else 0)
    shut = np.where(held, 40 + rng.exponential(260, size), shut)
    close = at + (np.minimum(shut, 1500) * 1000).astype(np.int64)
    following = np.append(at[1:], 0)
    same = np.append(who[1:] == who[:-1], False)
    # the next one through keeps the door open: only the last of a row is seen to close it
    alone = ~(same & (following <= close)) & (close < day.end)
    held &= alone
    moments = [close[alone], at[held] + 30_000]
    subjects = [who[alone], who[held]]
    states = [np.zeros(int(alone.sum()), int), np.ones(int(held.sum()), int)]
    batches = []
    if faults and doors and rng.random() < _FORCED_A_DAY:
        which = np.array([rng.integers(len(doors))])
        when = day.at(np.array([rng.uniform(1, 23)]) * 3600)
        moments += [when, np.minimum(when + int(rng.uniform(1, 5) * MINUTE_MS), day.end - 1)]
        subjects += [which, which]
        states += [np.array([2]), np.array([0])]
        batches.append(_alarm("forced", "entrances", doors, when, which, 2))
    state = np.concatenate(states).tolist()
    words = ("closed", "held", "forced")

    def data(row: int) -> dict[str, Any]:
        return {"state": words[state[row]]}

    if size or batches:
        batches.append(
            Batch(
                "door state",
                "status",
                "entrances",
                doors,
                np.concatenate(moments),
                np.concatenate(subjects),
                data,
            )
        )
    return batches


def offline_batch(seed: int, day: Day, doors: list[str]) -> list[Batch]:
    """Return the doors that the gateway reports as lost or found again on a day."""
    who = np.arange(len(doors))
    change = np.full(len(doors), day.start + int(_CHANGE_HOUR * HOUR_MS), dtype=np.int64)
    before = door_offline(seed, day, who, change - 1)
    after = door_offline(seed, day, who, change)
    changed = np.flatnonzero(before != after)
    lost = after[changed].tolist()

    def data(row: int) -> dict[str, Any]:
        return {"state": "offline" if lost[row] else "closed"}

    if not len(changed):
        return []
    at = change[changed] + changed * 37 % 1000
    return [Batch("door link", "status", "entrances", doors, at, changed, data)]


def alarm_batch(
    seed: int, day: Day, stream: int, ids: list[str], *, kind: str, severity: int, a_day: float
) -> list[Batch]:
    """Return a rare alarm of one kind at one of the devices, and its end some minutes later.

    Args:
        seed: The seed.
        day: The day.
        stream: Tells one kind of chance from another.
        ids: Ids of the devices that may raise it.
        kind: Type of alarm.
        severity: 1 (most urgent) to 4.
        a_day: How many there are a day on average, at most 1.
    """
    rng = day.rng(seed, stream)
    if not ids or rng.random() >= a_day:
        return []
    at = day.at(np.array([rng.uniform(6.5, 22.5)]) * 3600)
    who = np.array([rng.integers(len(ids))])
    over = np.minimum(at + int(rng.uniform(6, 25) * MINUTE_MS), day.end - 1)
    return [_alarm(kind, "devices", ids, at, who, severity), all_clear(kind, ids, over, who)]


def tailgating_batch(seed: int, day: Day, doors: list[str]) -> list[Batch]:
    """Return the moments at which door readers tell that two went through on one card."""
    rng = day.rng(seed, 15)
    count = int(rng.poisson(_TAILGATING_A_DAY)) if doors else 0
    if not count:
        return []
    at = day.at(np.sort(rng.uniform(6.5, 23, count)) * 3600)
    return [_alarm("tailgating", "entrances", doors, at, rng.integers(len(doors), size=count), 3)]


def all_clear(kind: str, ids: list[str], at: Ints, who: Ints) -> Batch:
    """Return the moments at which devices say that an alarm is over."""
    return Batch(f"{kind} over", "status", "devices", ids, at, who, lambda _row: {"state": "ok"})


def _alarm(kind: str, layer: str, ids: list[str], at: Ints, who: Ints, severity: int) -> Batch:
    return Batch(
        f"{kind} alarm", "alarm", layer, ids, at, who,
        lambda _row: {"type": kind, "severity": severity},
    )  # fmt: skip
