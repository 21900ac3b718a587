"""How orders are said: spans of time, clocks, shares with what they are of."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from dash import html

from dashboard import parts
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


def clock(words: Words, order: Order, now: float) -> html.Span:
    """Return an order's clock: how much of its time is used, and the rest in words."""
    text, late = clock_text(words, order, now)
    until = order.done_at or order.closed_at or now
    used = min(1.0, max(0.0, (until - order.opened_at) / max(1.0, order.due - order.opened_at)))
    return html.Span(
        [
            bar(used, "late" if late else ""),
            html.Span(text, className="over-mark" if late else "clock-text"),
        ],
        className="order-clock",
    )


def bar(share: float, name: str = "") -> html.Span:
    """Return a bar filled to a share; it says nothing to a screen reader, the words beside do."""
    return html.Span(
        html.Span(className="fill", style={"width": f"{share:.1%}"}),
        className=f"order-bar {name}".strip(),
        **parts.aria(hidden="true"),
    )


def share_of(words: Words, share: float | None, part: int, of: int) -> list[Any]:
    """Return a share with its denominator; words where there is nothing to divide."""
    if share is None:
        return [html.Span(words("orders.no_share"), className="muted")]
    return [html.B(f"{share:.1%}"), html.Span(f" {part:,}/{of:,}", className="muted")]


def stars(words: Words, rating: int | None) -> html.Span | None:
    """Return a rating as five marks with its number."""
    if rating is None:
        return None
    return html.Span(
        [
            html.Span("★" * rating + "☆" * (5 - rating), **parts.aria(hidden="true")),
            html.Span(words("orders.rating", n=rating), className="rating-text"),
        ],
        className="order-stars",
    )


def title(words: Words, one: Order, *, trusted: bool) -> html.Span:
    """Return the title of an order; its kind for those who may not read titles."""
    text = one.title if trusted else words(f"order.{one.kind}")
    return html.Span(text, className="order-title", **parts.lang_of(text))


def supplier(words: Words, one: Order) -> html.Span:
    """Return who does it, and their kind."""
    if not one.supplier:
        return html.Span(words("orders.nobody"), className="muted")
    return html.Span(
        [
            html.Span(one.supplier, className="order-supplier", **parts.lang_of(one.supplier)),
            html.Span(words(f"supplier_kind.{one.supplier_kind}"), className="order-kind"),
        ],
        className="order-line",
    )


def who(words: Words, name: str) -> str:
    """Return who took a step; those that are no person have a word."""
    return words.entries.get(f"orders.who.{name}", name)
