"""Gaps ranked by people, and who serves which share: by kind, by area, by supplier."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geodata.coverage.access import Access
from geodata.coverage.network import Bools
from geodata.coverage.now import LiveCoverage
from geodata.coverage.overlay import GAP, LOST, draw_overlay
from geodata.coverage.tiers import share

if TYPE_CHECKING:
    from geodata.community import Community

UNKNOWN = "unknown"
"""Supplier kind of services that do not say."""


@dataclass(frozen=True)
class Gap:
    """People of one area without one kind of service near enough.

    Attributes:
        kind: Kind of service.
        group: Whom it is asked for.
        area: Id of the compound or grid; the building's own where it is in none.
        people: People not served now; small numbers as they are.
        lost: Those of them whom an opened door, room or gate would serve.
        of: All people of the group there.
        buildings: Ids of the buildings concerned.
    """

    kind: str
    group: str
    area: str
    people: float
    lost: float
    of: float
    buildings: tuple[str, ...]


def find_areas(community: Community, column: str = "compound_id") -> list[str]:
    """Return the area of each building: `compound_id` or `grid_id`, else the building itself."""
    buildings = community["buildings"]
    areas = buildings[column].astype(object).where(buildings[column].notna(), buildings["id"])
    return [str(area) for area in areas]


def rank_gaps(
    live: LiveCoverage,
    areas: list[str],
    kinds: Iterable[str] | None = None,
    *,
    group: str | None = None,
    radius_m: float | None = None,
) -> list[Gap]:
    """Return where people are not served now, most people first.

    Args:
        live: The coverage.
        areas: The area of each building, as `find_areas` gives them.
        kinds: Kinds of services; default those of the tiers and those that are there.
        group: Of whom; default the one that each kind is for.
        radius_m: Walked metres that count as served; default the rule file's.
    """
    asked = list(kinds) if kinds is not None else _usual_kinds(live)
    codes, names = pd.factorize(np.array(areas, object))
    gaps = []
    for kind in asked:
        overlay = draw_overlay(live, kind, group=group, radius_m=radius_m)
        open_ = (overlay.state == GAP) | (overlay.state == LOST)
        people = np.bincount(codes, overlay.people * open_, len(names))
        lost = np.bincount(codes, overlay.people * (overlay.state == LOST), len(names))
        all_ = np.bincount(codes, overlay.people, len(names))
        for area in np.flatnonzero(people > 0):
            rows = np.flatnonzero(open_ & (codes == area))
            gaps.append(
                Gap(
                    kind, overlay.group, str(names[area]), float(people[area]), float(lost[area]),
                    float(all_[area]), tuple(overlay.ids[row] for row in rows),
                )
            )  # fmt: skip
    return sorted(gaps, key=lambda gap: (-gap.people, gap.kind, gap.area))


@dataclass(frozen=True)
class SupplierShare:
    """What one kind of supplier carries of one kind of service.

    Attributes:
        kind: Kind of service.
        supplier_kind: Who: one of `geodata.schema.SUPPLIER_KINDS`, or "unknown".
        providers: How many it has.
        share: People with one of them near enough, of all; None if there are none.
        alone: People who have nobody else's near enough, of all.
        carries_all: Whether without it nobody would be served, and with it somebody is.
    """

    kind: str
    supplier_kind: str
    providers: int
    share: float | None
    alone: float | None
    carries_all: bool


def share_by_supplier(
    live: LiveCoverage,
    kinds: Iterable[str] | None = None,
    *,
    on_paper: bool = False,
    group: str | None = None,
    radius_m: float | None = None,
) -> list[SupplierShare]:
    """Return the share of people that each kind of supplier serves, by kind of service.

    Group and radius are the rule file's unless given.
    """
    access = live.paper if on_paper else live.now
    found = []
    for kind in kinds if kinds is not None else _service_kinds(live):
        overlay = draw_overlay(live, kind, group=group, radius_m=radius_m)
        people = overlay.people
        served = _served_by(live, access, kind, overlay.radius_m)
        for supplier, (count, mine) in sorted(served.items()):
            others: Bools = np.zeros(len(people), bool)
            for other, (_, theirs) in served.items():
                if other != supplier:
                    others |= theirs
            carries = bool((people[mine] > 0).any() and not (people[others] > 0).any())
            found.append(
                SupplierShare(
                    kind, supplier, count, share(people, mine), share(people, mine & ~others),
                    carries,
                )
            )  # fmt: skip
    return found


def _served_by(
    live: LiveCoverage, access: Access, kind: str, radius_m: float
) -> dict[str, tuple[int, Bools]]:
    """Return {supplier kind: its providers, the buildings near enough to one that counts}."""
    radius = radius_m * 1000
    found: dict[str, tuple[int, Bools]] = {}
    table = access.kinds.get(kind)
    for id_, slot in table.slot.items() if table is not None else ():
        supplier = live.providers[id_].supplier_kind or UNKNOWN
        count, served = found.get(supplier, (0, np.zeros(access.router.buildings, bool)))
        if table is not None and table.counts[slot]:
            rows, mm = table.pairs_of(slot)
            served[rows[mm <= radius]] = True
        found[supplier] = (count + 1, served)
    return found


def _service_kinds(live: LiveCoverage) -> list[str]:
    return sorted({each.kind for each in live.providers.values() if each.layer == "services"})


def _usual_kinds(live: LiveCoverage) -> list[str]:
    asked = {kind for item in live.base.rules.items for kind in item.kinds}
    return sorted(asked | set(_service_kinds(live)))
