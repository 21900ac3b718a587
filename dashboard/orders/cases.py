"""Best cases (优秀案例): what was done well, by whom, how fast."""

from __future__ import annotations

from dash import html

from dashboard import parts
from dashboard.orders import marks, say
from dashboard.orders.reading import Board
from dashboard.words import Words
from live.orders.order import Order

MOST_CASES = 8


def build_cases(words: Words, board: Board) -> html.Section:
    """Return the best cases, the newest first."""
    found = sorted(
        (one for one in board.orders if one.praised), key=lambda one: -(one.done_at or 0.0)
    )
    cards = [html.Li(_case(words, board, one), key=one.id) for one in found[:MOST_CASES]]
    note = words("orders.cases.about")
    if board.simulated:
        note = f"{note} · {words('orders.simulated')}"
    return html.Section(
        [
            html.Header(
                [
                    html.H3(
                        [
                            words("orders.praised"),
                            " ",
                            html.Span(f"{len(found):,}", className="count"),
                        ],
                        className="card-title",
                    ),
                    html.Span(note, className="note"),
                ],
                className="card-head",
            ),
            html.Ul(cards, className="order-cases")
            if cards
            else html.P(words("orders.cases.none"), className="note"),
        ],
        className="card",
    )  # fmt: skip


def _case(words: Words, board: Board, one: Order) -> html.Button:
    done = one.done_at or board.now
    spare = one.due - done
    took = say.span(words, done - one.opened_at)
    margin = (
        words("orders.case.early", span=say.span(words, spare))
        if spare >= 0
        else words("orders.clock.over", span=say.span(words, -spare))
    )
    grid = board.grid(one.grid)
    return html.Button(
        [
            marks.stars(words, one.rating),
            marks.title(words, one, trusted=board.trusted),
            html.Span(
                " · ".join(filter(None, [words(f"order.{one.kind}"), grid])),
                className="order-facts",
            ),
            html.Span(
                [
                    html.Span(words("orders.case.took", span=took), className="order-took"),
                    html.Span(margin, className="muted"),
                ],
                className="order-line",
            ),
            marks.bar(min(1.0, (done - one.opened_at) / max(1.0, one.due - one.opened_at))),
            marks.supplier(words, one),
        ],
        type="button",
        className="order-case",
        **parts.data(order_open=one.id),
    )  # fmt: skip
