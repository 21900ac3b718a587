"""People by building as coverage counts them: rounded once, so that no sum tells a small number.

Every figure that leaves the server is a sum of these rounded numbers, whatever is opened, moved or
dragged; so comparing two figures tells no more than the rounded numbers themselves
(live/disclosure.py, docs/decisions/0003-small-numbers.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geodata.coverage.rules import GROUPS
from live.disclosure import round_chain

if TYPE_CHECKING:
    from geodata.coverage.network import Floats
    from geodata.coverage.people import People


def protect_people(people: People, areas: list[str], key: bytes, name: str) -> Floats:
    """Return people by building and group as they may be published, (buildings, groups).

    Where the file counts nobody, each building is one and nothing is to be protected.

    Args:
        people: As the file has them.
        areas: The area of each building: neighbours in the chain belong together.
        key: The world's secret.
        name: What the numbers are of; other numbers want another name.
    """
    if people.unit != "people":
        return people.counts.copy()
    order = np.argsort(np.array(areas, object), kind="stable")
    counts = np.zeros_like(people.counts)
    for column, group in enumerate(GROUPS):
        if people.counts[:, column].any():
            whole = [round(n) for n in people.counts[order, column].tolist()]
            counts[order, column] = round_chain(whole, key, f"coverage.{name}.{group}")
    return counts
