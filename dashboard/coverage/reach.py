"""What devices of a kind see or reach, or the ways within a walk of them, and what is left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from dashboard.coverage.places import Places, to_rings
from geodata.coverage.providers import WALKED_DEVICES
from geodata.coverage.snapping import Snaps
from geodata.coverage.ways import cut_ways

if TYPE_CHECKING:
    from geodata.community import Community
    from live.coverage import CoverageWatch

WAY_M = 2.5
"""Ways within a walk are drawn as wide to either side."""


def draw_reach(
    watch: CoverageWatch, community: Community, places: Places, kind: str
) -> dict[str, Any]:
    """Return figures of a kind of devices, what working ones cover, and blind spots, in metres."""
    if kind in WALKED_DEVICES:
        told, seen, blind = _walk_to(watch, community, kind)
    else:
        sight = watch.sight(kind)
        seen, blind = sight.seen(), sight.blind_spots(4.0)
        told = {
            "reach": "sight" if kind == "camera" else "radio",
            "reach_m": None,
            "n": len(sight.watched.areas),
            "silent": len(sight.silent),
            "assumed": len(sight.watched.assumed),
            "share": None if sight.share is None else round(sight.share, 4),
        }
    plane = watch.base.network.plane
    return {
        "kind": kind,
        **told,
        "seen": to_rings(seen, plane, places),
        "blind": [ring for part in blind for ring in to_rings(part, plane, places)],
        "blind_m2": round(sum(part.area for part in blind)),
    }


def _walk_to(
    watch: CoverageWatch, community: Community, kind: str
) -> tuple[dict[str, Any], Any, list[Any]]:
    """Return figures of devices of a kind, the ways within their walk, and the ways beyond."""
    live = watch.live()
    reach = live.base.rules.radius_m(kind, live.profile)
    table = live.now.kinds.get(kind)
    mine = [] if table is None else list(table.slot.values())
    work = np.array([slot for slot in mine if table is not None and table.counts[slot]], int)
    places = Snaps.none() if table is None else table.places.take(work)
    near, far = cut_ways(live.now.router, places, round(reach * 1000))
    boundary = community["boundary"]
    if len(boundary):
        inside = shapely.union_all(live.base.network.plane.project(boundary.geometry.to_numpy()))
        near, far = near.intersection(inside), far.intersection(inside)
    length = near.length + far.length
    told = {
        "reach": "walk",
        "reach_m": round(reach),
        "n": len(mine),
        "silent": len(mine) - len(work),
        "assumed": 0,
        "share": round(near.length / length, 4) if length else None,
    }
    near, far = (lines.buffer(WAY_M, quad_segs=2) for lines in (near, far))
    return told, near, [part for part in shapely.get_parts(far.difference(near)) if part.area]
