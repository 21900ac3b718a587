"""Which share of the buildings has a service within walking distance: `app.py coverage`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from scipy.spatial import cKDTree

from geodata.coverage.network import FAR, Floats, Ints, build_network
from geodata.coverage.routing import Router
from geodata.coverage.rules import Rules
from geodata.coverage.snapping import Snapper, Snaps, snap_buildings
from geodata.errors import TwinError
from geodata.schema import DEVICE_KINDS, SERVICE_KINDS

if TYPE_CHECKING:
    from geodata.community import Community


class CoverageError(TwinError):
    """Coverage cannot be computed as asked."""


def measure_coverage(
    community: Community, kind: str, radii_m: Sequence[float], *, rules: Rules, profile: str
) -> dict[str, Any]:
    """Return the object of `coverage --json`: all gates open, every service counted.

    Args:
        community: The community.
        kind: A kind of service, or of device.
        radii_m: Walked distances, metres; a building at just that distance is within it.
        rules: Gives the profiles.
        profile: Who walks.

    Raises:
        CoverageError: There is no such kind, or a radius is not above 0.
        RuleError: There is no such profile.
    """
    walker = rules.profile(profile)
    if not radii_m or any(not 0 < radius < FAR / 1000 for radius in radii_m):
        raise CoverageError("--radius takes metres above 0, such as 300,500,1000.")
    network = build_network(community)
    snapper = Snapper(network)
    buildings = len(community["buildings"])
    doors = snap_buildings(snapper, community)
    places = snapper.snap(network.plane.to_xy(_points(community, kind)))
    router = Router(network, walker.can_pass(network), doors, buildings)
    near = measure_nearest(router, places)
    straight = _measure_straight(doors, places, buildings)
    reached = near[near < FAR]
    return {
        "service": kind,
        "profile": profile,
        "buildings": buildings,
        "services": len(places),
        "unreachable": int((near == FAR).sum()),
        "network": {
            "nodes": network.way_nodes,
            "edges": network.way_edges,
            "components": network.components,
            "km": round(network.km, 3),
        },
        "share_network": {_show(r): _share(near <= round(r * 1000)) for r in radii_m},
        "share_straight": {_show(r): _share(straight <= r) for r in radii_m},
        "median_m": round(float(np.median(reached)) / 1000, 1) if len(reached) else None,
    }


def measure_nearest(router: Router, places: Snaps) -> Ints:
    """Return each building's walked distance to the nearest place, millimetres, however far."""
    pairs = router.reach(places, int(FAR) - 1)
    near = np.full(router.buildings, FAR, np.int32)
    np.minimum.at(near, pairs.target, pairs.mm)
    return near


def _points(community: Community, kind: str) -> Floats:
    if kind in SERVICE_KINDS:
        gdf = community["services"]
    elif kind in DEVICE_KINDS:
        gdf = community["devices"]
    else:
        raise CoverageError(
            f"--service {kind}: no such kind. Services: {', '.join(SERVICE_KINDS)}. "
            f"Devices: {', '.join(DEVICE_KINDS)}."
        )
    chosen = (gdf["kind"] == kind).fillna(False).to_numpy(bool)
    return np.asarray(shapely.get_coordinates(gdf.geometry.to_numpy()[chosen]))


def _measure_straight(doors: Snaps, places: Snaps, buildings: int) -> Floats:
    """Return straight metres from each building's doors to the nearest place, (buildings,)."""
    result = np.full(buildings, np.inf)
    if len(places):
        away, _ = cKDTree(places.xy).query(doors.xy)
        np.minimum.at(result, doors.of, away)
    return result


def _share(within: Any) -> float:
    return round(float(within.mean()), 4) if len(within) else 0.0


def _show(radius: float) -> str:
    return f"{radius:g}"
