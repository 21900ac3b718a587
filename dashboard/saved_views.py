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
            html.Details(
                [
                    html.Summary(words("views.export")),
                    html.P(words("views.export.help"), className="note"),
                    html.Div(
                        [
                            html.Button(
                                words(f"views.export.{form}"),
                                type="button",
                                className="preset",
                                **parts.data(view_export=form),
                            )
                            for form in ("csv", "xlsx", "gpkg", "pdf", "png")
                        ],
                        className="presets",
                        role="group",
                        **parts.aria(label=words("views.export")),
                    ),
                ],
                className="related views-export",
            ),
        ],
        "views",
    )


def _part(name: str) -> dict[str, Any]:
    return parts.data(view_part=name)
