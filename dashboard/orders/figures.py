"""Figures of orders: at work, overdue, on time, satisfied; by grid and by supplier."""

from __future__ import annotations

from dash import html

from dashboard import parts
from dashboard.orders import marks, say
from dashboard.orders.reading import Board
from dashboard.words import Words


def build_figures(words: Words, board: Board) -> html.Section:
    """Return the figures of what the filter takes, each with what it is of."""
    of = board.figures
    in_time = round((of["on_time"] or 0) * of["done"])
    happy = round((of["satisfied"] or 0) * of["rated"])
    return html.Section(
        [
            _figure(words("projects.open"), f"{of['open']:,}", words("projects.open.unit"),
                    words("orders.of_all", n=f"{board.total:,}")),
            _figure(words("orders.overdue"), f"{of['overdue']:,}", words("projects.open.unit"),
                    words("orders.overdue.of", n=f"{of['open']:,}")),
            _figure(words("projects.on_time"), _percent(of["on_time"]), "",
                    words("orders.on_time.of", part=f"{in_time:,}", of=f"{of['done']:,}")
                    if of["done"] else words("orders.no_share")),
            _figure(words("projects.satisfied"), _percent(of["satisfied"]), "",
                    words("orders.satisfied.of", part=f"{happy:,}", of=f"{of['rated']:,}")
                    if of["rated"] else words("orders.no_share")),
            _figure(words("projects.praised"), f"{of['praised']:,}",
                    words("projects.praised.unit"), words("orders.praised.of")),
        ],
        className="ledger-figures",
        **parts.aria(label=words("orders.figures")),
    )  # fmt: skip


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"


def _figure(label: str, number: str, unit: str, under: str) -> html.Div:
    return html.Div(
        [
            html.Span(label, className="label-text"),
            html.P([html.Span(number, className="kpi-2"), html.Span(unit, className="unit")]),
            html.P(under, className="note"),
        ],
        className="card figure",
    )


def build_by(words: Words, board: Board, name: str) -> html.Section:
    """Return a table of figures by `grid` or `supplier`."""
    rows = []
    ranked = sorted(board.by[name].items(), key=lambda item: (-item[1]["open"], item[0]))
    for key, of in ranked:
        label = (board.grid(key) if name == "grid" else key) or words(f"orders.no_{name}")
        in_time = round((of["on_time"] or 0) * of["done"])
        happy = round((of["satisfied"] or 0) * of["rated"])
        rows.append(
            html.Tr(
                [
                    html.Th(label, scope="row", **parts.lang_of(label)),
                    html.Td(f"{of['open']:,}", className="num"),
                    html.Td(
                        html.Span(
                            f"{of['overdue']:,}", className="over-mark" if of["overdue"] else ""
                        ),
                        className="num",
                    ),
                    html.Td(
                        [
                            marks.bar(of["on_time"]) if of["on_time"] is not None else None,
                            html.Span(marks.share_of(words, of["on_time"], in_time, of["done"])),
                        ]
                    ),
                    html.Td(marks.share_of(words, of["satisfied"], happy, of["rated"])),
                ],
                key=key,
            )
        )
    head = [words(f"orders.head.{h}") for h in ("open", "overdue", "on_time", "satisfied")]
    return html.Section(
        [
            html.Header(
                [
                    html.H3(words(f"orders.by_{name}"), className="card-title"),
                    html.Span(
                        words("orders.window", at=say.moment(board.now, board.zone)),
                        className="note",
                    ),
                ],
                className="card-head",
            ),
            html.Div(
                html.Table(
                    [
                        html.Caption(words(f"orders.by_{name}")),
                        html.Thead(
                            html.Tr(
                                [
                                    html.Th(word, scope="col")
                                    for word in (words(f"order_field.{name}"), *head)
                                ]
                            )
                        ),
                        html.Tbody(rows),
                    ],
                    className="ledger-table order-by",
                ),
                className="table-scroll",
                tabIndex=0,
                role="region",
                **parts.aria(label=words(f"orders.by_{name}")),
            )
            if rows
            else html.P(words("orders.no_share"), className="note"),
        ],
        className="card",
    )  # fmt: skip
