"""The managers' card of walls: which are on and how they do; the browser fills it."""

from __future__ import annotations

from typing import Any

from dash import html

from dashboard import parts
from dashboard.words import Words


def walls_card(words: Words) -> html.Section:
    """Return the card; `assets/twin/wall-list.mjs` asks `GET /api/v1/walls` for what is in it."""
    return html.Section(
        [
            html.Header(html.H3(words("walls.title"), className="card-title")),
            html.P(words("walls.about"), className="note"),
            html.Ul(className="walls-list", **_place()),
        ],
        className="card card-walls",
    )


def _place() -> dict[str, Any]:
    return parts.data(walls="")
