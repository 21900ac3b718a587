"""Orders and satisfaction laid over coverage: where people ask and nothing is near enough."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from geodata.coverage.overlay import GAP, LOST, Overlay
from live.coverage.watch import show_people
from live.orders.book import count_by, count_figures
from live.orders.order import OPEN, Order

if TYPE_CHECKING:
    from dashboard.coverage.places import Places

ASKS = {
    "canteen": ("elderly_care",),
    "elderly_care": ("elderly_care",),
    "health_station": ("elderly_care",),
    "pharmacy": ("elderly_care",),
    "toilet": ("environment",),
    "waste_bin": ("environment",),
    "charging_pile": ("parking", "facility"),
    "sos_pole": ("safety",),
    "police": ("safety",),
    "fire_station": ("safety",),
    "sports": ("facility",),
    "culture": ("facility",),
    "childcare": ("facility",),
}
"""{kind of service: kinds of orders that ask for such}; orders of all kinds where it is not named.

An order is about a place, not a person: it is counted as it is.
"""


def lay_orders(
    orders: Iterable[Order], overlay: Overlay, places: Places, unit: str, now: float
) -> dict[str, Any]:
    """Return orders by grid beside the people there who are not served, most asked first.

    Args:
        orders: All there are.
        overlay: Of the service that is asked about.
        places: Names and places of the world.
        unit: Of the overlay's people.
        now: Epoch seconds.

    Returns:
        `kinds` of orders that ask for such a service (empty for all), and `areas`: grid, name,
        orders `open` and `overdue` there, how many of the open have `asked` for it, `satisfied` of
        those `rated`, people `unserved` of all (`of`), whether that is demand `without` supply, and
        where (`at`).
    """
    asked = ASKS.get(overlay.kind, ())
    by_grid: dict[str, list[Order]] = defaultdict(list)
    for order in orders:
        by_grid[places.grid_of(order.layer, order.place) or order.grid].append(order)
    away = (overlay.state == GAP) | (overlay.state == LOST)
    areas = []
    for grid, rows in places.grids.items():
        mine = by_grid.get(grid, [])
        figures = count_figures(mine, now)
        wanted = [each for each in mine if not asked or each.kind in asked]
        open_ = count_figures(wanted, now)["open"]
        people = float(overlay.people[rows].sum())
        missing = float((overlay.people * away)[rows].sum())
        if figures["open"] or missing:
            areas.append(
                {
                    "grid": grid,
                    "name": places.names.get(grid, grid),
                    **{key: figures[key] for key in ("open", "overdue", "rated", "satisfied")},
                    "asked": open_,
                    "unserved": show_people(missing, unit),
                    "of": show_people(people, unit),
                    "without": bool(open_ and missing),
                    "at": places.middle_of_rows(np.flatnonzero(rows)),
                }
            )
    areas.sort(key=lambda each: (not each["without"], -each["asked"], -each["open"], each["grid"]))
    return {"kinds": list(asked), "areas": areas}


def find_spots(
    orders: Iterable[Order], kind: str, places: Places, may_see: Callable[[str], bool] | None
) -> list[dict[str, Any]]:
    """Return the buildings where open orders ask for a service of a kind: `id`, `at`, `n`, `kinds`.

    Args:
        orders: All there are.
        kind: Of the service.
        places: Names and places of the world.
        may_see: Tells of a grid whether the viewer may see orders there one by one; None for no.
    """
    if may_see is None:
        return []
    asked = ASKS.get(kind, ())
    found: dict[str, list[str]] = defaultdict(list)
    for order in orders:
        building = places.building_of(order.layer, order.place)
        if order.state not in OPEN or building is None or (asked and order.kind not in asked):
            continue
        if may_see(places.grid_of(order.layer, order.place) or order.grid):
            found[building].append(order.kind)
    return [
        {
            "id": building,
            "at": places.middle([building]),
            "n": len(kinds),
            "kinds": sorted(set(kinds)),
        }
        for building, kinds in sorted(found.items())
    ]


def by_supplier(orders: Iterable[Order], now: float) -> dict[str, dict[str, Any]]:
    """Return {kind of supplier: orders `open`, share `satisfied` of those `rated`}."""
    return {
        kind: {key: figures[key] for key in ("open", "rated", "satisfied")}
        for kind, figures in count_by(orders, "supplier_kind", now).items()
        if kind
    }
