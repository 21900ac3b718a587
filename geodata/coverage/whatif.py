"""Scenarios: where one more would help most, and before and after side by side."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.sparse import csr_array

from geodata.coverage.location import Choice, choose_cover, rank_sites, spread_sites, to_cover
from geodata.coverage.now import LiveCoverage
from geodata.coverage.overlay import draw_overlay

if TYPE_CHECKING:
    from geodata.community import Community
    from geodata.coverage.network import Floats


@dataclass(frozen=True)
class Site:
    """A place on the ways where a service could be, and the people it would newly serve."""

    lon: float
    lat: float
    people: float


class SiteFinder:
    """Candidate sites of a community and who could walk to each, as the gates stand now.

    Build it once for a state of the gates; each question after that is answered from its table.

    Args:
        live: The coverage; providers may change after, gates may not.
        community: Gives the boundary that sites lie within; without one, anywhere on the ways.
        apart_m: One site in each square of this side, metres.
    """

    def __init__(self, live: LiveCoverage, community: Community, *, apart_m: float = 25.0) -> None:
        base = live.base
        network = base.network
        ways = shapely.segmentize(base.snapper.shapes, apart_m / 2)
        spots = shapely.get_coordinates(ways)
        boundary = community["boundary"]
        if len(boundary):
            area = shapely.union_all(network.plane.project(boundary.geometry.to_numpy()))
            spots = spots[shapely.contains_xy(area, spots[:, 0], spots[:, 1])]
        self.live = live
        self.xy: Floats = spread_sites(spots, apart_m)
        self.lon_lat = network.plane.to_degrees(self.xy)
        self.pairs = live.now.router.reach(base.snapper.snap(self.xy), live.limit_mm)

    def rank(
        self,
        kind: str,
        *,
        group: str | None = None,
        count: int = 10,
        radius_m: float | None = None,
        live: LiveCoverage | None = None,
    ) -> list[Site]:
        """Return the sites where one more of a kind would newly serve most people, best first.

        Args:
            kind: Kind of service.
            group: Of whom; default the one that it is for.
            count: At most so many.
            radius_m: Walked metres that count as served; default the rule file's.
            live: In place of the coverage: other providers, the same gates.
        """
        cover, unserved = self._ask(kind, group, radius_m, live)
        gain = rank_sites(cover, unserved)
        best = np.argsort(-gain, kind="stable")[:count]
        return [self._site(int(site), float(gain[site])) for site in best if gain[site] > 0]

    def choose(
        self,
        kind: str,
        count: int,
        *,
        group: str | None = None,
        exact: bool = True,
        radius_m: float | None = None,
        live: LiveCoverage | None = None,
    ) -> tuple[list[Site], Choice]:
        """Return sites that together newly serve most people, and how good that is.

        Each site says what it would serve alone; arguments as of `rank`.
        """
        cover, unserved = self._ask(kind, group, radius_m, live)
        gain = rank_sites(cover, unserved)
        choice = choose_cover(cover, unserved, count, exact=exact)
        return [self._site(site, float(gain[site])) for site in choice.sites], choice

    def _ask(
        self,
        kind: str,
        group: str | None,
        radius_m: float | None = None,
        live: LiveCoverage | None = None,
    ) -> tuple[csr_array, Floats]:
        overlay = draw_overlay(live or self.live, kind, group=group, radius_m=radius_m)
        limit = round(overlay.radius_m * 1000)
        unserved = np.where(overlay.now_m <= overlay.radius_m, 0.0, overlay.people)
        return to_cover(self.pairs, limit, len(overlay.ids)), unserved

    def _site(self, site: int, people: float) -> Site:
        lon, lat = self.lon_lat[site]
        return Site(float(lon), float(lat), people)


@dataclass(frozen=True)
class Difference:
    """One kind of service before and after: people served now, of all of its group."""

    kind: str
    group: str
    before: float
    after: float
    of: float
    gained: tuple[str, ...]
    lost: tuple[str, ...]


def compare(before: LiveCoverage, after: LiveCoverage, kinds: Iterable[str]) -> list[Difference]:
    """Return what a scenario changes, by kind of service: people, and the buildings concerned."""
    found = []
    for kind in kinds:
        first, second = draw_overlay(before, kind), draw_overlay(after, kind)
        was, is_ = (each.now_m <= each.radius_m for each in (first, second))
        found.append(
            Difference(
                kind, first.group, float(first.people[was].sum()), float(second.people[is_].sum()),
                float(second.people.sum()),
                tuple(first.ids[row] for row in np.flatnonzero(~was & is_)),
                tuple(first.ids[row] for row in np.flatnonzero(was & ~is_)),
            )
        )  # fmt: skip
    return found
