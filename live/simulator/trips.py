"""Who goes out when: plans of a day as tables of slots, drawn for many at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from live.simulator.clock import Floats, Ints

_LAST_OUT_S = 23.2 * 3600
_LAST_BACK_S = 23.55 * 3600


@dataclass(frozen=True)
class Slot:
    """One habit: a share of a group leaves around an hour and comes back.

    Attributes:
        share: Share of the group that does it on a day.
        out: Middle of leaving, hours after midnight.
        spread: Standard deviation of leaving, hours.
        stay: Least and greatest minutes away, when `back` is not given.
        back: Middle of coming back, hours after midnight.
        back_spread: Standard deviation of coming back, hours.
        tail: Mean of the extra hours of those who come late.
    """

    share: float
    out: float
    spread: float
    stay: tuple[float, float] = (20.0, 60.0)
    back: float | None = None
    back_spread: float = 0.4
    tail: float = 0.0


def draw_trips(
    rng: np.random.Generator, who: Ints, plan: tuple[Slot, ...], free: Floats
) -> tuple[Ints, Floats, Floats]:
    """Return the trips of a group on one day.

    Args:
        rng: The day's random numbers.
        who: The group, as positions in `free`.
        plan: Habits in the order of the day.
        free: Seconds after midnight from which each one is at home again; brought up to date, so
            that trips of one person never overlap.

    Returns:
        Who, leaving and coming back, seconds after midnight; leaving < coming back < midnight.
    """
    parts: list[tuple[Ints, Floats, Floats]] = []
    for slot in plan:
        chosen = who[rng.random(len(who)) < slot.share]
        size = len(chosen)
        out = rng.normal(slot.out * 3600, slot.spread * 3600, size)
        out = np.maximum(out, free[chosen] + rng.uniform(300, 1500, size))
        if slot.back is None:
            back = out + rng.uniform(slot.stay[0] * 60, slot.stay[1] * 60, size)
        else:
            late = rng.exponential(slot.tail * 3600, size) if slot.tail else np.zeros(size)
            back = rng.normal(slot.back * 3600, slot.back_spread * 3600, size) + late
            back = np.maximum(back, out + rng.uniform(600, 3600, size))
        back = np.minimum(back, _LAST_BACK_S + rng.uniform(0, 1200, size))
        kept = (out < _LAST_OUT_S) & (back > out + 300)
        chosen, out, back = chosen[kept], out[kept], back[kept]
        free[chosen] = back
        parts.append((chosen, out, back))
    return (
        np.concatenate([part[0] for part in parts]),
        np.concatenate([part[1] for part in parts]),
        np.concatenate([part[2] for part in parts]),
    )
