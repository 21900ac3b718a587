"""How orders are said in plain words: spans of time, clocks, who took a step."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from dashboard.words import Words
from live.orders.order import CANCELLED, Order

DAY_S, HOUR_S, MINUTE_S = 86_400, 3600, 60


def span(words: Words, seconds: float) -> str:
    """Return a span of time in its two largest units: 5 天 3 小时."""
    left = max(0, round(seconds))
    days, left = divmod(left, DAY_S)
    hours, left = divmod(left, HOUR_S)
    minutes = left // MINUTE_S
    if days:
        found = [words("span.d", n=days), *([words("span.h", n=hours)] if hours else [])]
    elif hours:
        found = [words("span.h", n=hours), *([words("span.m", n=minutes)] if minutes else [])]
    else:
        found = [words("span.m", n=minutes)]
    return " ".join(found)


def moment(at: float | None, zone: ZoneInfo) -> str:
    """Return a moment by the community's clock; a dash for none."""
    return "–" if at is None else f"{datetime.fromtimestamp(at, zone):%m-%d %H:%M}"


def clock_text(words: Words, order: Order, now: float) -> tuple[str, bool]:
    """Return what an order's clock says, and whether it is or was late."""
    late = order.is_overdue(now)
    if order.state == CANCELLED:
        return words("orders.clock.cancelled"), False
    if order.done_at is not None:
        took = span(words, order.done_at - order.opened_at)
        return words("orders.clock.late" if late else "orders.clock.in_time", span=took), late
    if late:
        return words("orders.clock.over", span=span(words, now - order.due)), True
    return words("orders.clock.left", span=span(words, order.due - now)), False


def who(words: Words, name: str) -> str:
    """Return who took a step; those that are no person have a word."""
    return words.entries.get(f"orders.who.{name}", name)
