"""The order board (在办项目): figures, columns by state or a table, by grid and supplier, cases."""

from __future__ import annotations

from typing import Any

from dash import html

from dashboard import parts
from dashboard.orders import marks, say
from dashboard.orders.cases import build_cases
from dashboard.orders.figures import build_by, build_figures
from dashboard.orders.reading import Board, Filter
from dashboard.words import Words
from live.orders.order import CLOSED, DONE, OPEN, STATES, Order

COLUMNS = (*OPEN, DONE, CLOSED)
MOST_DONE, MOST_ROWS = 12, 200
"""Cards of a column of what is over, rows of the table."""


def build_board(words: Words, board: Board, wanted: Filter, chosen: str = "") -> list[Any]:
    """Return what is under the filters.

    Args:
        words: The language.
        board: What was read.
        wanted: The filter, which also says board or table.
        chosen: Number of the order whose panel is open.
    """
    found = _table(words, board) if wanted.view == "table" else _columns(words, board, chosen)
    return [
        build_figures(words, board),
        found,
        html.Div(
            [
                build_by(words, board, "grid"),
                build_by(words, board, "supplier"),
            ],
            className="ledger-pair",
        ),
        build_cases(words, board),
    ]


def _columns(words: Words, board: Board, chosen: str) -> html.Section:
    columns = []
    for state in COLUMNS:
        found = sort_orders([one for one in board.orders if one.state == state])
        most = len(found) if state in OPEN else MOST_DONE
        rest = len(found) - most
        columns.append(
            html.Section(
                [
                    html.Header(
                        [
                            html.H3(words(f"order_state.{state}"), className="card-title"),
                            html.Span(f"{len(found):,}", className="count"),
                        ],
                        className="order-column-head",
                    ),
                    html.Ul(
                        [
                            html.Li(build_card(words, board, one, chosen), key=one.id)
                            for one in found[:most]
                        ],
                        className="order-cards",
                        tabIndex=0,
                        **parts.aria(label=words(f"order_state.{state}")),
                    )
                    if found
                    else html.P(words("orders.column.none"), className="note order-none"),
                    html.P(words("orders.column.more", n=f"{rest:,}"), className="note")
                    if rest > 0
                    else None,
                ],
                className=f"order-column order-column-{state}",
                key=state,
            )
        )
    return html.Section(columns, className="order-columns", key="board")


def sort_orders(orders: list[Order]) -> list[Order]:
    """Return orders in the order of a column: the next due first, the last done first."""
    return sorted(orders, key=lambda one: (-(one.done_at or 0.0), one.due, one.id))


def build_card(words: Words, board: Board, one: Order, chosen: str) -> html.Button:
    """Return the card of one order: a button that opens its panel."""
    grid = board.grid(one.grid)
    facts = [words(f"order.{one.kind}"), *([grid] if grid else [])]
    return html.Button(
        [
            html.Span(
                [
                    html.Span(one.id, className="order-number"),
                    html.Span(words(f"order_limit.{one.level}"), className="order-limit"),
                    html.Span(words("orders.praised"), className="order-case-mark")
                    if one.praised
                    else None,
                ],
                className="order-line",
            ),
            marks.title(words, one, trusted=board.trusted),
            html.Span(" · ".join(facts), className="order-facts"),
            marks.supplier(words, one),
            _progress(words, one),
            marks.clock(words, one, board.now),
            marks.stars(words, one.rating),
        ],
        type="button",
        className=f"order-card{' chosen' if one.id == chosen else ''}",
        **parts.data(order_open=one.id),
    )  # fmt: skip


def _progress(words: Words, one: Order) -> html.Span | None:
    if one.state != "in_progress":
        return None
    return html.Span(
        [
            marks.bar(one.progress / 100, "progress"),
            html.Span(words("orders.progress", n=one.progress), className="clock-text"),
        ],
        className="order-clock",
    )


def _table(words: Words, board: Board) -> html.Section:
    rank = {state: number for number, state in enumerate(STATES)}
    found = sorted(sort_orders(board.orders), key=lambda one: rank[one.state])
    names = ("id", "title", "kind", "grid", "supplier", "supplier_kind", "source", "state")
    head = [
        *(html.Th(words(f"order_field.{name}"), scope="col") for name in names),
        html.Th(words("orders.clock"), scope="col"),
        html.Th(words("order_field.progress"), scope="col"),
        html.Th(words("order_field.rating"), scope="col"),
    ]
    rows = [_row(words, board, one) for one in found[:MOST_ROWS]]
    said = words("orders.table.shown", n=f"{min(len(found), MOST_ROWS):,}", of=f"{len(found):,}")
    return html.Section(
        [
            html.P(said, className="note"),
            html.Div(
                html.Table(
                    [
                        html.Caption(words("orders.title")),
                        html.Thead(html.Tr(head)),
                        html.Tbody(rows),
                    ],
                    className="ledger-table",
                ),
                className="table-scroll order-table",
                tabIndex=0,
                role="region",
                **parts.aria(label=words("orders.title")),
            ),
        ],
        className="card",
        key="table",
    )


def _row(words: Words, board: Board, one: Order) -> html.Tr:
    text, late = say.clock_text(words, one, board.now)
    kind = words(f"supplier_kind.{one.supplier_kind}") if one.supplier_kind else "–"
    return html.Tr(
        [
            html.Td(
                html.Button(
                    one.id, type="button", className="link", **parts.data(order_open=one.id)
                )
            ),
            html.Td(marks.title(words, one, trusted=board.trusted)),
            html.Td(words(f"order.{one.kind}")),
            html.Td(board.grid(one.grid) or "–"),
            html.Td(one.supplier or "–"),
            html.Td(kind),
            html.Td(words(f"order_source.{one.source}")),
            html.Td(words(f"order_state.{one.state}")),
            html.Td(html.Span(text, className="over-mark" if late else "")),
            html.Td(f"{one.progress}%", className="num"),
            html.Td("–" if one.rating is None else f"{one.rating}/5", className="num"),
        ],
        key=one.id,
        className="over" if late and one.state in OPEN else "",
    )  # fmt: skip
