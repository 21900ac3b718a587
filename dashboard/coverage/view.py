"""One question put to coverage, and all that the screen shows of the answer."""

from __future__ import annotations

import base64
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from dashboard.coverage.demand import by_supplier, find_spots, lay_orders
from geodata.coverage.now import LiveCoverage
from geodata.coverage.overlay import Overlay, draw_overlay, measure_straight_share
from geodata.coverage.summary import rank_gaps, share_by_supplier
from geodata.coverage.tiers import measure_tiers
from live.coverage.watch import provider_words, show_people, to_row

if TYPE_CHECKING:
    from dashboard.coverage.places import Places
    from live.orders.order import Order

NOW, PAPER, GAP, UNKNOWN, ASIDE = range(5)
"""States of a building on the wire: reached now; on paper only; a gap; no way is known to it; it
is no place where people live. They tell of ways alone: who lives there does not move them."""
GAPS = 12


@dataclass(frozen=True)
class Question:
    """What is asked.

    Attributes:
        service: Kind of service or device.
        profile: Who walks.
        group: For whom; None for those whom each kind is for.
        tier: Within the minutes of which circle of life; None for each kind's own distance.
    """

    service: str
    profile: str = "adult"
    group: str | None = None
    tier: str | None = None

    def radius_m(self, live: LiveCoverage) -> float | None:
        """Return the walked distance that counts, metres; None for each kind's own."""
        return None if self.tier is None else live.base.rules.reach_m(self.tier, live.profile)


def draw_view(
    live: LiveCoverage,
    question: Question,
    places: Places,
    orders: Sequence[Order] = (),
    now: float = 0.0,
    *,
    at: datetime | None = None,
    may_see: Callable[[str], bool] | None = None,
) -> dict[str, Any]:
    """Return the answer to a question, ready for JSON.

    Args:
        live: The coverage of the question's profile, real or a scenario's.
        question: What is asked.
        places: Names and places of the world on the screen.
        orders: What is to be done, to be laid over.
        now: Epoch seconds.
        at: The moment that is looked at; None for now.
        may_see: Tells of a grid whether the viewer may see orders there one by one; None for no.
    """
    rules = live.base.rules
    radius = question.radius_m(live)
    asked = {"group": question.group, "radius_m": radius}
    overlay = draw_overlay(live, question.service, group=question.group, radius_m=radius)
    shut = set(live.shut_gates())
    work = by_supplier(orders, now)
    kinds = dict.fromkeys(provider.kind for provider in live.providers.values())
    unit = live.base.people.unit
    return {
        "service": question.service,
        "profile": question.profile,
        "group": overlay.group,
        "tier": question.tier,
        "radius_m": round(overlay.radius_m),
        "at": None if at is None else at.timestamp(),
        "unit": unit,
        "rules": {"version": rules.version, "source": rules.source},
        "kinds": [
            {
                "kind": kind,
                **to_row(live, kind, group=question.group, radius_m=radius),
                **_hours(live, kind),
            }
            for kind in kinds
        ],
        "states": pack(to_states(overlay, places)[places.drawn]),
        "gaps": _gaps(live, question, radius, places, overlay),
        "why": _why(live, overlay, unit),
        "services": _services(live, question.service, places),
        "suppliers": [
            {
                "supplier": each.supplier_kind,
                "n": each.providers,
                "share": _share(each.share),
                "alone": _share(each.alone),
                "all": each.carries_all,
                **work.get(each.supplier_kind, {"open": 0, "rated": 0, "satisfied": None}),
            }
            for each in share_by_supplier(live, [question.service], **asked)  # type: ignore[arg-type]
        ],
        "tiers": [
            {
                "id": each.item.id,
                "tier": each.item.tier,
                "reach_m": round(each.reach_m),
                "n": len(each.providers),
                "now": _share(each.now_share),
                "paper": _share(each.paper_share),
            }
            for each in measure_tiers(live)
        ],
        "demand": {
            **lay_orders(orders, overlay, places, unit, now),
            "spots": find_spots(orders, overlay.kind, places, may_see),
        },
        "straight": _share(measure_straight_share(live, overlay)),
        "gates": [
            {"id": id_, "name": name, "at": places.gate_spots[id_], "shut": id_ in shut}
            for id_, name in places.gates.items()
        ],
        "shut": [places.gates.get(gate, gate) for gate in live.shut_gates()],
    }


def to_states(overlay: Overlay, places: Places) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Return the state of each building by ways alone, (n,), in the order of the overlay."""
    state = np.full(len(overlay.ids), GAP, np.uint8)
    state[overlay.paper_m <= overlay.radius_m] = PAPER
    state[overlay.now_m <= overlay.radius_m] = NOW
    state[~places.joined] = UNKNOWN
    state[places.aside] = ASIDE
    return state


def pack(states: np.ndarray[Any, np.dtype[np.uint8]]) -> str:
    """Return states as text: one byte a building, base64."""
    return base64.b64encode(states.tobytes()).decode()


def _share(share: float | None) -> float | None:
    return None if share is None else round(share, 4)


def _worst(buildings: tuple[str, ...], overlay: Overlay) -> list[str]:
    """Return the buildings that nothing is near on paper either, all where there is none."""
    never = set(np.array(overlay.ids, object)[~(overlay.paper_m <= overlay.radius_m)].tolist())
    return [id_ for id_ in buildings if id_ in never] or list(buildings)


def _gaps(
    live: LiveCoverage,
    question: Question,
    radius: float | None,
    places: Places,
    overlay: Overlay,
) -> list[dict[str, Any]]:
    unit = live.base.people.unit
    found = rank_gaps(live, places.areas, [question.service], group=question.group, radius_m=radius)
    return [
        {
            "area": gap.area,
            "name": places.names.get(gap.area, gap.area),
            "people": show_people(gap.people, unit),
            "lost": show_people(gap.lost, unit),
            "gap": show_people(gap.people - gap.lost, unit),
            "of": show_people(gap.of, unit),
            "buildings": len(gap.buildings),
            "at": places.middle(_worst(gap.buildings, overlay)),
        }
        for gap in found[:GAPS]
    ]


def _why(live: LiveCoverage, overlay: Overlay, unit: str) -> list[dict[str, Any]]:
    """Return why people are served on paper only, by the provider that they would go to."""
    table = live.paper.kinds.get(overlay.kind)
    lost = (overlay.paper_m <= overlay.radius_m) & ~(overlay.now_m <= overlay.radius_m)
    if table is None or not lost.any():
        return []
    people: dict[str, float] = defaultdict(float)
    for slot, count in zip(
        table.near_slot[lost].tolist(), overlay.people[lost].tolist(), strict=True
    ):
        people[table.ids[slot]] += count
    found = []
    for id_, count in sorted(people.items(), key=lambda pair: -pair[1]):
        provider = live.providers[id_]
        word = provider_words(live, provider)
        found.append(
            {
                "reason": "gate" if word == "open" else word,
                "id": id_,
                "name": provider.name or id_,
                "people": show_people(count, unit),
                "next": _next(live, id_) if word == "closed" else None,
            }
        )
    return found


def _hours(live: LiveCoverage, kind: str) -> dict[str, Any]:
    """Return whether all of a kind are closed, and when the first of them opens by its hours."""
    mine = [each for each in live.providers.values() if each.kind == kind]
    shut = bool(mine) and not any(live.is_open(each) for each in mine)
    moments = [found for each in mine if shut and (found := _next(live, each.id)) is not None]
    return {"shut": shut, "next": min(moments, default=None)}


def _next(live: LiveCoverage, id_: str) -> float | None:
    """Return when a provider opens by its hours, epoch seconds; None where nobody can tell."""
    at, hours, clock = live.state.at, live.providers[id_].hours, live.base.clock
    if at is None or clock.is_open(hours, at) is not False:
        return None  # it is closed for another reason
    change = clock.next_change(hours, at)
    return None if change is None else change.timestamp()


def _services(live: LiveCoverage, kind: str, places: Places) -> list[dict[str, Any]]:
    chosen = [each for each in live.providers.values() if each.kind == kind]
    spots = places.to_metres([(each.lon, each.lat) for each in chosen])
    return [
        {
            "id": each.id,
            "layer": each.layer,
            "name": each.name or each.id,
            "at": spot,
            "state": provider_words(live, each),
            "said": each.id in live.state.open,
            "hours": each.hours,
            "cap": each.capacity,
            "used": live.state.used.get(each.id),
            "supplier": each.supplier_kind,
        }
        for each, spot in zip(chosen, spots, strict=True)
    ]
