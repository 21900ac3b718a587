"""The card of saved views on the managers' page; staff only, like the page."""

from __future__ import annotations

from typing import Any

from dash import html

from dashboard import parts
from dashboard.words import Words


def views_card(words: Words) -> html.Section:
    """Return the card; the browser fills it (assets/twin/views.mjs)."""
    return parts.card(
        words("views.title"),
        None,
        [
            html.Ul(className="rows views-list", **_part("list")),
            html.P(words("views.none"), className="note", **_part("none")),
            html.P("", className="note views-said", role="status", hidden=True, **_part("said")),
            html.Div(
                [
                    html.Span(className="views-name", **_part("name")),
                    html.Button(
                        words("views.save"), type="button", className="preset", **_part("save")
                    ),
                ],
                className="views-new",
            ),
        ],
        "views",
    )


def _part(name: str) -> dict[str, Any]:
    return parts.data(view_part=name)
