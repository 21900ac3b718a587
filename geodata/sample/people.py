"""Households and residents of the sample: shared out to the buildings, exact in the sum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from geodata.sample.build import Building

HOUSEHOLDS = 3_500
RESIDENTS = 13_000
RESIDENTS_60PLUS = 1_200
RESIDENTS_UNDER15 = 1_700

# relative household size, share of elders and of children by block; old blocks house more elders
_CHARACTER = {
    "jmxy": (1.06, 0.55, 1.35),
    "jml": (0.96, 1.45, 0.80),
    "by": (0.99, 1.15, 0.95),
    "dy": (1.01, 0.95, 1.00),
    "ny": (0.98, 1.20, 0.90),
    "zjh": (0.92, 1.70, 0.75),
    "jt": (1.00, 0.95, 1.05),
    "jtx": (1.06, 0.50, 1.40),
}

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class People:
    """Totals by building, in the order of the buildings."""

    households: Ints
    residents: Ints
    elders: Ints
    children: Ints


def share_out(
    total: int, weights: npt.NDArray[np.floating[Any]], limits: npt.NDArray[np.floating[Any]]
) -> Ints:
    """Return whole numbers in proportion to weights, none above its limit, that add up.

    Args:
        total: What is shared out.
        weights: Shares, shape (n,).
        limits: Most that each may get, shape (n,); together at least `total`.
    """
    shares = np.zeros(len(weights))
    open_ = weights > 0
    left = float(total)
    while left > 1e-9:
        step = np.where(open_, weights, 0.0)
        step *= left / step.sum()
        shares = np.minimum(shares + step, limits)
        open_ &= shares < limits - 1e-9
        left = total - shares.sum()
    whole = np.floor(shares + 1e-9).astype(np.int64)
    rest = np.where(whole < limits, shares - whole, -1.0)
    whole[np.argsort(-rest, kind="stable")[: total - int(whole.sum())]] += 1
    return whole


def share_people(buildings: list[Building], rng: np.random.Generator) -> People:
    """Return who lives where: by flats, by the character of the block, with some chance."""
    homes = np.array([building.homes for building in buildings], float)
    character = np.array([_CHARACTER.get(building.plot, (1.0, 1.0, 1.0)) for building in buildings])

    def chance(spread: float) -> npt.NDArray[np.float64]:
        return rng.uniform(1 - spread, 1 + spread, len(buildings))

    households = share_out(HOUSEHOLDS, homes * chance(0.06), homes)
    size = households * character[:, 0] * chance(0.08)
    residents = share_out(RESIDENTS, size, households * 6.0)
    elders = share_out(RESIDENTS_60PLUS, residents * character[:, 1] * chance(0.2), residents * 0.4)
    children = share_out(
        RESIDENTS_UNDER15, residents * character[:, 2] * chance(0.2), residents * 0.4
    )
    return People(households, residents, elders, children)
