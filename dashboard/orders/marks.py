"""How orders are drawn: clocks, shares with what they are of, ratings, suppliers."""

from __future__ import annotations

from typing import Any

from dash import html

from dashboard import parts
from dashboard.orders.say import clock_text
from dashboard.words import Words
from live.orders.order import Order


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
