"""Hand-overs on screen: the newest, who has acknowledged it, what it left open."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from dash import html

from dashboard import parts
from dashboard.orders.say import who as say_who
from dashboard.words import Words
from live.shifts import HandOver


def build_shifts(words: Words, found: list[HandOver], zone: ZoneInfo, viewer: str) -> Any:
    """Return the list of hand-overs.

    Args:
        words: The language.
        found: Hand-overs, newest first.
        zone: The community's clock.
        viewer: Who looks: nobody acknowledges what they handed over themselves.
    """
    if not found:
        return html.P(words("brief.notes.none"), className="note")
    return html.Ul([html.Li(_one(words, one, zone, viewer), key=one.id) for one in found],
                   className="shift-list")  # fmt: skip


def _one(words: Words, one: HandOver, zone: ZoneInfo, viewer: str) -> html.Article:
    at = f"{datetime.fromtimestamp(one.at, zone):%m-%d %H:%M}"
    figures = [
        html.Span(words(f"brief.left.{name}", n=value), className="order-kind")
        for name, value in one.figures.items()
        if f"brief.left.{name}" in words.entries
    ]
    if one.taken_at is not None:
        taken = f"{datetime.fromtimestamp(one.taken_at, zone):%m-%d %H:%M}"
        below: Any = [
            html.P(words("brief.taken", who=say_who(words, one.taken_by), at=taken),
                   className="shift-taken"),
            html.P(one.taken_notes, className="brief-text") if one.taken_notes else None,
        ]  # fmt: skip
    elif one.who == viewer:
        below = [html.P(words("brief.wait"), className="note")]
    else:
        below = [
            html.Button(words("brief.acknowledge"), type="button", className="action primary",
                        **parts.data(shift_act="acknowledge", shift_id=one.id))
        ]  # fmt: skip
    return html.Article(
        [
            html.P(
                words("brief.handed", id=one.id, who=say_who(words, one.who), at=at),
                className="muted",
            ),
            html.P(one.notes, className="brief-text", **parts.lang_of(one.notes)),
            html.P(figures, className="order-line"),
            *below,
        ],
        className="card shift",
    )
