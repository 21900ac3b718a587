"""The order board (在办项目): the frame; callbacks fill in the board and the panel of one order.

For staff; a grid worker sees the orders of their own grids. Steps go through the API.
"""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from dashboard import ids, parts
from dashboard.access import current_viewer
from dashboard.access.roles import CIRCLES
from dashboard.fields import choice
from dashboard.office import office_page
from dashboard.orders.reading import PICKS
from dashboard.words import Words

FORMS = ("csv", "xlsx")
REFRESH_MS = 20_000
WORD_OF = {"supplier_kind": "supplier_kind", "source": "order_source", "kind": "order"}


def layout(words: Words, about: dict[str, Any]) -> html.Main:
    """Return the page."""
    return office_page(
        words,
        about,
        "orders",
        [
            dcc.Location(id=ids.ORDERS_URL, refresh=False),
            dcc.Store(id=ids.ORDERS_ASKED, data={"lang": words.language, "api": about["api"]}),
            dcc.Store(id=ids.ORDERS_FILTER, data={}),
            dcc.Store(id=ids.ORDERS_CHOSEN),
            dcc.Store(id=ids.ORDERS_MOVED),
            dcc.Interval(id=ids.ORDERS_CLOCK, interval=REFRESH_MS),
            html.P(words("orders.about"), className="office-about"),
            _tools(words, about),
            dcc.Loading(
                html.Div(id=ids.ORDERS, className="ledger orders"),
                type="dot",
                delay_show=800,
                color="var(--accent)",
            ),
            _import(words) if current_viewer().roles & CIRCLES["leads"] else None,
            html.Aside(
                id=ids.ORDER_PANEL,
                className="order-panel",
                **parts.aria(label=words("orders.panel")),
            ),
        ],
    )


def _tools(words: Words, about: dict[str, Any]) -> html.Section:
    grids = [("", words("orders.all_grids")), *((a["id"], a["name"]) for a in about["areas"])]
    lang = words.language
    roles = current_viewer().roles
    leads = bool(roles & CIRCLES["leads"])
    exports = [
        html.A(
            words(f"orders.export.{form}"),
            href=f"{about['api']}/api/v1/orders/table.{form}?lang={lang}",
            className="action",
            download=f"orders.{form}",
        )
        for form in FORMS
        if leads
    ]
    return html.Section(
        [
            html.Div(
                [
                    html.Button(
                        words("orders.new"),
                        type="button",
                        className="action primary",
                        **parts.data(order_new="true"),
                    ),
                    html.Div(
                        [
                            html.Button(
                                words(f"orders.view.{view}"),
                                type="button",
                                className="preset",
                                **parts.data(order_view=view),
                                **parts.aria(pressed=str(view == "board").lower()),
                            )
                            for view in ("board", "table")
                        ],
                        className="presets",
                        role="group",
                        **parts.aria(label=words("orders.view")),
                    ),
                    html.Div(
                        [
                            dcc.Link(words("orders.hooks"), href=f"/manage/webhooks?lang={lang}",
                                     className="action") if "admin" in roles else None,
                            *exports,
                        ],
                        className="order-exports",
                    ),
                ],
                className="orders-line",
            ),
            html.Div(
                [
                    choice(words("order_field.grid"), grids, **parts.data(order_filter="grid")),
                    choice(
                        words("order_field.supplier"),
                        [("", words("orders.all_suppliers"))],
                        id=ids.ORDERS_SUPPLIERS,
                        **parts.data(order_filter="supplier"),
                    ),
                    *(
                        choice(words(f"order_field.{name}"), [
                            ("", words("orders.all")),
                            *((value, words(f"{WORD_OF[name]}.{value}")) for value in known),
                        ], **parts.data(order_filter=name))
                        for name, known in PICKS.items()
                    ),
                    html.Button(
                        words("orders.only_overdue"),
                        type="button",
                        className="preset",
                        **parts.data(order_overdue="true"),
                        **parts.aria(pressed="false"),
                    ),
                ],
                className="orders-filters",
                role="group",
                **parts.aria(label=words("orders.filters")),
            ),
        ],
        className="orders-tools",
    )  # fmt: skip


def _import(words: Words) -> html.Details:
    return html.Details(
        [
            html.Summary(words("orders.import")),
            html.P(words("orders.import.about"), className="note"),
            html.Div(
                html.Button(
                    words("orders.import.choose"),
                    type="button",
                    className="action",
                    **parts.data(order_import="choose"),
                ),
                className="incident-actions",
            ),
            html.Div(className="order-import", role="status", **parts.data(order_imported="true")),
        ],
        className="card related orders-import",
    )
