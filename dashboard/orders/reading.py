"""What the board shows, read once: the orders that are asked for, names of grids, the figures."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from dashboard.access import Viewer
from dashboard.words import Words
from dashboard.world import World
from geodata.schema import SUPPLIER_KINDS
from live.incidents.incident import OPEN as UNSOLVED
from live.incidents.records import read_open
from live.incidents.rows import to_row
from live.orders.book import count_by, count_figures
from live.orders.counter import WINDOW_S
from live.orders.order import KINDS, OPEN, SOURCES, Order

PICKS = {"supplier_kind": SUPPLIER_KINDS, "source": SOURCES, "kind": KINDS}
"""Filters with few values, and the values."""


@dataclass(frozen=True)
class Filter:
    """Which orders are shown; empty says all.

    Attributes:
        grid: Id of a grid.
        supplier: Name of a supplier.
        supplier_kind: One of them.
        source: Who asked.
        kind: What it is about.
        overdue: Whether only those that are late.
        view: board or table.
    """

    grid: str = ""
    supplier: str = ""
    supplier_kind: str = ""
    source: str = ""
    kind: str = ""
    overdue: bool = False
    view: str = "board"

    @classmethod
    def read(cls, data: Any) -> Filter:
        """Return the filter that a browser sends; what it cannot mean is left out."""
        given = data if isinstance(data, dict) else {}
        texts = {n: str(given.get(n) or "")[:64] for n in ("grid", "supplier", *PICKS)}
        for name, known in PICKS.items():
            if texts[name] not in known:
                texts[name] = ""
        view = "table" if given.get("view") == "table" else "board"
        return cls(**texts, overdue=given.get("overdue") is True, view=view)

    @property
    def active(self) -> bool:
        """Whether it leaves anything out."""
        return bool(self.overdue or any(getattr(self, n) for n in ("grid", "supplier", *PICKS)))

    def takes(self, one: Order, now: float) -> bool:
        """Say whether an order is among them."""
        named = ("grid", "supplier", *PICKS)
        if any(getattr(self, n) and getattr(self, n) != getattr(one, n) for n in named):
            return False
        return not self.overdue or one.is_overdue(now)


@dataclass(frozen=True)
class Board:
    """What a board shows.

    Attributes:
        now: When it was read, epoch seconds.
        zone: The community's clock.
        orders: Those that the filter takes, oldest first.
        total: How many there are without it.
        figures: Of those, see `live.orders.book.count_figures`: now, and of what was done lately.
        by: The same by grid and by supplier.
        grids: Names of grids by id.
        suppliers: Names of all who ever did something, those with most first.
        viewer: Who looks.
        simulated: Whether they are made up.
    """

    now: float
    zone: ZoneInfo
    orders: list[Order]
    total: int
    figures: dict[str, Any]
    by: dict[str, dict[str, dict[str, Any]]]
    grids: dict[str, str]
    suppliers: list[str]
    viewer: Viewer
    simulated: bool

    @property
    def trusted(self) -> bool:
        """Whether titles may be shown, and steps taken."""
        return self.viewer.is_staff

    def grid(self, key: str) -> str:
        """Return the name of a grid."""
        return self.grids.get(key, key)


def read_board(world: World, wanted: Filter, viewer: Viewer) -> Board:
    """Return what the board shows to somebody: the orders of their grids; reads the store."""
    orders = world.twin.orders
    now = orders.now()
    every = [one for one in orders.all() if viewer.may_enter(one.grid or None)]
    shown = [one for one in every if wanted.takes(one, now)]
    lately = [one for one in shown if is_lately(one, now)]
    return Board(
        now=now,
        zone=world.timezone,
        orders=shown,
        total=len(every),
        figures={**count_figures(lately, now), "praised": sum(one.praised for one in shown)},
        by={name: count_by(lately, name, now) for name in ("grid", "supplier")},
        grids=grid_names(world),
        suppliers=[name for name, _ in Counter(o.supplier for o in every).most_common() if name],
        viewer=viewer,
        simulated=world.simulated,
    )


def is_lately(one: Order, now: float) -> bool:
    """Say whether an order counts in the figures: at work, or done within the window."""
    if one.state in OPEN:
        return True
    return one.done_at is not None and one.done_at > now - WINDOW_S


def grid_names(world: World) -> dict[str, str]:
    """Return names of grids by id."""
    return {area["id"]: area["name"] for area in world.areas}


def read_sources(world: World, words: Words) -> list[dict[str, str]]:
    """Return the incidents that an order can come from, newest first.

    Each: `id`, `said` (in words), `grid`, `layer`, `place` (of a discreet kind its area only).
    """
    kept = read_open(world.twin.store, world.twin.orders.now())
    found = [one for one in kept if one.state in UNSOLVED]
    told = []
    for one in sorted(found, key=lambda one: -one.opened_at):
        row = to_row(one)
        area = row["a"] or ["", ""]
        told.append(
            {
                "id": one.id,
                "said": f"{one.id} · {words(f'incident.{one.kind}')}",
                "grid": str(area[1]) if area[0] == "grids" else "",
                "layer": str(row["l"] or ""),
                "place": str(row["i"] or ""),
            }
        )
    return told
