"""Which stretches of the ways are within a walk of places: service areas as they are drawn."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import shapely
from shapely.ops import substring

from geodata.coverage.network import Bools
from geodata.coverage.routing import Router
from geodata.coverage.snapping import Snaps


def cut_ways(router: Router, places: Snaps, limit_mm: int) -> tuple[Any, Any]:
    """Return the ways within a walk of any place, and those beyond it, as two MultiLineStrings.

    Ways are cut where the walk ends. What is closed to the profile is left out. Metres.

    Args:
        router: The network with its gates as they stand.
        places: From where, or to where, is walked.
        limit_mm: Length of the walk.
    """
    network = router.network
    on = np.flatnonzero(places.edge >= 0)
    on = on[router.passable[places.edge[on]]]
    edge, at, leg = places.edge[on], places.at_mm[on], places.leg_mm[on]
    ends = network.ends[edge]
    far = router.measure_nodes(
        np.concatenate([ends[:, 0], ends[:, 1]]).tolist(),
        np.concatenate([leg + at, leg + network.mm[edge] - at]).tolist(),
        limit_mm,
    ).astype(np.int64)
    walked = np.flatnonzero(router.passable & (network.road >= 0))
    shapes = network.shapes[walked]
    length = network.mm[walked].astype(np.int64)
    # how far the walk comes onto each edge from either end
    first, last = (
        np.clip(limit_mm - far[network.ends[walked, side]], 0, length) for side in (0, 1)
    )
    whole: Bools = first + last >= length
    held = np.isin(walked, edge)
    partly = ~whole & ((first > 0) | (last > 0) | held)
    reached, beyond = list(shapes[whole]), list(shapes[~whole & ~partly])
    for row in np.flatnonzero(partly):
        own = edge == walked[row]
        spans = [(0, int(first[row])), (int(length[row] - last[row]), int(length[row]))]
        spans += [
            (int(a - limit_mm + b), int(a + limit_mm - b))
            for a, b in zip(at[own], leg[own], strict=True)
            if b <= limit_mm
        ]
        _cut(shapes[row], int(length[row]), spans, reached, beyond)
    return shapely.MultiLineString(reached), shapely.MultiLineString(beyond)


def _cut(
    shape: Any, length: int, spans: Iterable[tuple[int, int]], reached: list[Any], beyond: list[Any]
) -> None:
    """Add the reached and the other stretches of one edge, millimetres along it."""
    end = 0
    for low, high in sorted(spans):
        low, high = max(low, end), min(high, length)
        if high <= low:
            continue
        if low > end:
            beyond.append(substring(shape, end / length, low / length, normalized=True))
        reached.append(substring(shape, low / length, high / length, normalized=True))
        end = high
    if end < length:
        beyond.append(substring(shape, end / length, 1.0, normalized=True))
