"""Places tied to the walking network: the way beside them, where along it, and how far off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import shapely

if TYPE_CHECKING:
    from geodata.community import Community
    from geodata.coverage.network import Bools, Floats, Ints, WalkingNetwork

LIMIT_M = 250.0
"""A place farther than this from every way is not on the network."""


@dataclass(frozen=True)
class Snaps:
    """Places on the network.

    Attributes:
        xy: The places themselves, (n, 2), metres.
        edge: Edge of each, (n,); -1 where no way is near.
        at_mm: Along that edge from its first node, (n,), millimetres.
        leg_mm: From the place to the way, (n,), millimetres.
        of: What each place belongs to, (n,): a building may have several doors.
    """

    xy: Floats
    edge: Ints
    at_mm: Ints
    leg_mm: Ints
    of: Ints

    def __len__(self) -> int:
        return len(self.edge)

    def take(self, rows: npt.NDArray[np.int64]) -> Snaps:
        """Return some of the places."""
        return Snaps(
            self.xy[rows], self.edge[rows], self.at_mm[rows], self.leg_mm[rows], self.of[rows]
        )

    @staticmethod
    def none() -> Snaps:
        """Return no places."""
        return Snaps(np.zeros((0, 2)), *(np.zeros(0, np.int32) for _ in range(4)))


def join_snaps(parts: Sequence[Snaps]) -> Snaps:
    """Return places one after another."""
    return Snaps(
        np.vstack([each.xy for each in parts]),
        np.concatenate([each.edge for each in parts]),
        np.concatenate([each.at_mm for each in parts]),
        np.concatenate([each.leg_mm for each in parts]),
        np.concatenate([each.of for each in parts]),
    )


class Snapper:
    """Finds the way nearest to a place, in the largest component, never on steps or in a gate.

    What stands beside a path that leads nowhere is reached from the network that goes on, not
    lost; a way of another profile's is used alike, so that nobody is moved past a stair.
    """

    def __init__(self, network: WalkingNetwork) -> None:
        self.network = network
        main = network.component[network.ends[:, 0]] == 0
        self.edges = np.flatnonzero(main & (network.road >= 0) & ~network.steps)
        self.shapes = network.shapes[self.edges]
        self.tree = shapely.STRtree(self.shapes)

    def snap(self, xy: Floats, of: Ints | None = None) -> Snaps:
        """Return where places, (n, 2) in metres, are on the network."""
        count = len(xy)
        edge, at, leg = (np.full(count, fill, np.int32) for fill in (-1, 0, 0))
        if len(self.edges) and count:
            points = shapely.points(xy)
            found, near = self.tree.query_nearest(points, max_distance=LIMIT_M, all_matches=False)
            along = shapely.line_locate_point(self.shapes[near], points[found], normalized=True)
            off = shapely.distance(self.shapes[near], points[found])
            number = self.edges[near]
            edge[found] = number
            at[found] = np.rint(along * self.network.mm[number])
            leg[found] = np.rint(off * 1000)
        owner = np.arange(count, dtype=np.int32) if of is None else of
        return Snaps(np.asarray(xy, float).reshape(-1, 2), edge, at, leg, owner)


def snap_buildings(snapper: Snapper, community: Community) -> Snaps:
    """Return the doors of every building; a building without doors counts from its middle."""
    buildings, doors = community["buildings"], community["entrances"]
    plane = snapper.network.plane
    row = {id_: index for index, id_ in enumerate(buildings["id"])}
    owned = doors["building_id"].map(row)
    known = owned.notna().to_numpy(bool)
    middles = shapely.get_coordinates(shapely.centroid(buildings.geometry.to_numpy()))
    of = owned[known].to_numpy(np.int32)
    without = np.setdiff1d(np.arange(len(buildings), dtype=np.int32), of).astype(np.int32)
    degrees = np.vstack(
        [shapely.get_coordinates(doors.geometry.to_numpy()[known]), middles[without]]
    )
    return snapper.snap(plane.to_xy(degrees), np.concatenate([of, without]))


def are_on_network(snaps: Snaps) -> Bools:
    """Return which places are on the network, (n,)."""
    return snaps.edge >= 0
