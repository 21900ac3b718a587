"""The circles of life (生活圈) of GB 50180: each facility that a tier asks for, for itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geodata.coverage.access import Access
from geodata.coverage.network import FAR, Bools, Floats, Ints
from geodata.coverage.now import LiveCoverage
from geodata.coverage.rules import Item


@dataclass(frozen=True)
class ItemCoverage:
    """Whether one facility of a tier is there for whom.

    Attributes:
        item: The facility.
        reach_m: How far this profile comes in the tier's minutes, metres.
        providers: Ids of the services that are it; without any, it may stand outside the file.
        paper: Buildings served on paper, (n,).
        now: Buildings served now, (n,).
        paper_share: People served on paper, of all; None if there are none.
        now_share: The same now.
        unserved: People not served now.
    """

    item: Item
    reach_m: float
    providers: tuple[str, ...]
    paper: Bools
    now: Bools
    paper_share: float | None
    now_share: float | None
    unserved: float


def measure_tiers(live: LiveCoverage, *, group: str = "all") -> list[ItemCoverage]:
    """Return the coverage of every facility of every tier, in the order of the rule file.

    A facility counts for its own tier only: the big one farther off never excuses the small one
    missing near by (GB 50180-2018, 4.0.4 and its explanation).
    """
    rules = live.base.rules
    people = live.paper.demand[:, rules.group_column(group)]
    is_what = {id_: rules.item_of(each.kind, each.name) for id_, each in live.providers.items()}
    found = []
    for item in rules.items:
        ids = [id_ for id_, found_item in is_what.items() if found_item is item]
        reach = rules.reach_m(item.tier, live.profile)
        paper = _nearest(live.paper, item, ids) <= reach * 1000
        now = _nearest(live.now, item, ids) <= reach * 1000
        found.append(
            ItemCoverage(
                item, reach, tuple(ids), paper, now, share(people, paper), share(people, now),
                float(people[~now].sum()),
            )
        )  # fmt: skip
    return found


def share(people: Floats, served: Bools) -> float | None:
    """Return the share of people who are served; None if there is nobody."""
    total = float(people.sum())
    return float(people[served].sum()) / total if total else None


def _nearest(access: Access, item: Item, ids: list[str]) -> Ints:
    near = np.full(access.router.buildings, FAR, np.int32)
    for kind in item.kinds:
        table = access.kinds.get(kind)
        if table is not None:
            slots = [table.slot[id_] for id_ in ids if id_ in table.slot]
            near = np.minimum(near, table.nearest_among([s for s in slots if table.counts[s]]))
    return near
