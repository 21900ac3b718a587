"""What the wall says of orders, counted anew when one moved and as time goes by."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from live.orders.book import Orders, count_figures
from live.orders.order import CANCELLED, Order

COUNTER = "orders"
EVERY_S = 60.0
"""Without a step it is counted again after so long: what is overdue moves with the clock."""
WINDOW_S = 30 * 86_400.0
"""Shares are of what was done in so long."""
WINDOW = "30d"


class OrderCounter:
    """Keeps the row `orders` of the counters; safe for many threads.

    Args:
        orders: The orders that are counted.
    """

    def __init__(self, orders: Orders) -> None:
        self._orders = orders
        self._seen = (-1, 0.0)
        self._row: dict[str, Any] | None = None
        self._sent: dict[str, Any] | None = None
        self._out = threading.Lock()

    def look(self) -> None:
        """Count again where something moved; may wait for the disk."""
        revision, now = self._orders.revision, self._orders.now()
        if revision == self._seen[0] and 0 <= now - self._seen[1] < EVERY_S:
            return
        zone = self._orders.zone
        quarter = start_of_quarter(datetime.fromtimestamp(now, zone)).timestamp()
        found = self._orders.recent(min(quarter, now - WINDOW_S))
        row = count_row(found, now, datetime.fromtimestamp(now, zone))
        with self._out:
            self._row, self._seen = row, (revision, now)

    def take_changes(self) -> dict[str, Any] | None:
        """Return what changed since the last call, as {"a", "c", "r"}."""
        with self._out:
            old, new = self._sent, self._row
            if new is None or new == old:
                return None
            self._sent = new
            fields = {k: v for k, v in new.items() if old is None or old[k] != v}
            kind = "a" if old is None else "c"
            changes: dict[str, Any] = {"a": {}, "c": {}, "r": {}}
            changes[kind]["counters"] = {COUNTER: fields}
            return changes

    def snapshot(self) -> dict[str, dict[str, Any]]:
        """Return the row by layer and id; do not change it."""
        with self._out:
            return {"counters": {COUNTER: self._row}} if self._row is not None else {}


def count_row(orders: Iterable[Order], now: float, local: datetime) -> dict[str, Any]:
    """Return the wire row.

    Args:
        orders: Every order that is open, and those done or closed this quarter or in `WINDOW_S`.
        now: The present moment, epoch seconds.
        local: The same by the community's clock.

    Returns:
        `open` (在办), `since` (how many more than at midnight), `overdue`; of those done in
        `WINDOW_S`: `done`, `on_time`, `rated`, `satisfied`; `praised` this quarter; `t`.
    """
    found = list(orders)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
    quarter = start_of_quarter(local).timestamp()
    at_work = count_figures((one for one in found if one.done_at is None), now)
    done = [one for one in found if one.done_at is not None and one.done_at > now - WINDOW_S]
    figures = count_figures(done, now)
    return {
        "open": at_work["open"],
        "since": at_work["open"] - sum(_was_open(one, midnight) for one in found),
        "overdue": at_work["overdue"],
        **{name: figures[name] for name in ("done", "on_time", "rated", "satisfied")},
        "praised": sum(one.praised and (one.done_at or 0.0) >= quarter for one in found),
        "t": now,
    }


def start_of_quarter(local: datetime) -> datetime:
    """Return midnight of the first day of a quarter."""
    first = local.replace(month=local.month - (local.month - 1) % 3, day=1)
    return first.replace(hour=0, minute=0, second=0, microsecond=0)


def start_of_week(local: datetime) -> datetime:
    """Return midnight of a week's Monday."""
    day = local - timedelta(days=local.weekday())
    return day.replace(hour=0, minute=0, second=0, microsecond=0)


def _was_open(one: Order, at: float) -> bool:
    over = one.closed_at if one.state == CANCELLED else one.done_at
    return one.opened_at <= at and (over is None or over > at)
