"""The tables of things (数据台账): one for each layer that there is; the grid comes after."""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from dashboard import ids, parts
from dashboard.office import office_page
from dashboard.tables.columns import TABLES
from dashboard.words import Words

FORMS = ("csv", "xlsx", "gpkg")


def layout(words: Words, about: dict[str, Any]) -> html.Main:
    """Return the page; callbacks put the grid of the chosen layer into it."""
    layers = [layer for layer in TABLES if about["counts"].get(layer)]
    return office_page(
        words,
        about,
        "tables",
        [
            html.P(words("tables.about"), className="office-about"),
            dcc.Location(id=ids.TABLES_URL, refresh=False),
            dcc.Store(id=ids.TABLES_ASKED, data={"lang": words.language, "api": about["api"]}),
            dcc.Store(id=ids.TABLES_READY),
            dcc.Store(id=ids.TABLES_DRAWN),
            dcc.Store(id=ids.TABLES_LAYER),
            html.Div(
                [
                    html.Button(
                        [
                            words(f"layer.{layer}"),
                            html.Span(f"{about['counts'][layer]:,}", className="count"),
                        ],
                        type="button",
                        className="tables-tab",
                        **parts.data(table_layer=layer),
                        **parts.aria(pressed="false"),
                    )
                    for layer in layers
                ],
                className="tables-tabs",
                role="group",
                **parts.aria(label=words("tables.layer")),
            ),
            html.Div(
                [
                    html.Label(
                        [
                            html.Span(words("tables.quick"), className="tables-hidden"),
                            dcc.Input(
                                id=ids.TABLES_QUICK,
                                type="search",
                                placeholder=words("tables.quick"),
                                maxLength=64,
                                autoComplete="off",
                            ),
                        ],
                        className="tables-quick",
                    ),
                    html.Span(
                        words("tables.loading"), className="tables-count note", role="status"
                    ),
                    html.Div(
                        [
                            html.Span(words("tables.export"), className="note"),
                            *(
                                html.Button(
                                    words(f"tables.{form}"),
                                    type="button",
                                    className="action",
                                    **parts.data(export=form),
                                )
                                for form in FORMS
                            ),
                        ],
                        className="tables-export",
                        role="group",
                        **parts.aria(label=words("tables.export")),
                    ),
                ],
                className="tables-bar",
            ),
            html.Div(id=ids.TABLES_FRAME, className="tables-frame"),
            html.P(words("tables.few"), className="note"),
        ],
    )
