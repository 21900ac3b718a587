"""The panel of one order: its clock, what may be done with it now, and everything that was done."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from dash import dcc, html

from dashboard import parts
from dashboard.fields import choice, field
from dashboard.orders import marks, say
from dashboard.orders.reading import Board
from dashboard.words import Words
from geodata.schema import SUPPLIER_KINDS
from live.orders.order import KINDS, LIMITS_S, RATINGS, SOURCES, Order, allowed

NEXT = {"assigned": "start", "in_progress": "finish", "done": "close"}
"""What comes next in each state; a new one is assigned first."""
NEEDS_TEXT = ("reopen", "cancel", "note")


def build_panel(
    words: Words, board: Board, one: Order, steps: list[dict[str, Any]], suppliers: list[str]
) -> list[Any]:
    """Return the panel.

    Args:
        words: The language.
        board: Names of grids, the clock, whether its reader is trusted.
        one: The order.
        steps: Its steps, oldest first.
        suppliers: Names that are known, to choose from.
    """
    return [
        _head(words, [words(f"order_state.{one.state}"), " · ", one.id],
              marks.title(words, one, trusted=board.trusted)),
        marks.clock(words, one, board.now),
        _facts(words, board, one),
        _actions(words, one, suppliers) if board.trusted else
        html.P(words("orders.read_only"), className="note"),
        html.P(className="order-said", role="status", **parts.data(order_said=one.id)),
        _timeline(words, board, steps),
        html.P(words("orders.simulated"), className="note") if board.simulated else None,
    ]  # fmt: skip


def _head(words: Words, over: Any, title: Any) -> html.Header:
    return html.Header(
        [
            html.Div([html.P(over, className="muted"), html.H3(title)]),
            html.Button(
                type="button",
                className="tool",
                title=words("tool.close"),
                **parts.data(order_close="true", icon="close"),
                **parts.aria(label=words("tool.close")),
            ),
        ],
        className="detail-head",
    )


def _facts(words: Words, board: Board, one: Order) -> html.Dl:
    suffix = "" if words.language == "zh" else f"&lang={words.language}"
    supplier: Any = words("orders.nobody")
    if one.supplier:
        kind = words(f"supplier_kind.{one.supplier_kind}")
        supplier = [html.Span(one.supplier, **parts.lang_of(one.supplier)), f" · {kind}"]
    place = None
    if one.layer and one.place:
        at = quote(f"{one.layer}/{one.place}", safe="/")
        place = dcc.Link(words("orders.to_map"), href=f"/manage?at={at}{suffix}", className="link")
    elif one.grid in board.grids:
        at = quote(f"grids/{one.grid}", safe="/")
        place = dcc.Link(words("orders.to_grid"), href=f"/manage?at={at}{suffix}", className="link")
    incident = None
    if one.incident:
        href = f"/manage?at=incidents/{quote(one.incident)}{suffix}"
        incident = dcc.Link(one.incident, href=href, className="link")
    rows = (
        ("kind", words(f"order.{one.kind}")),
        ("level", words(f"order_level.{one.level}")),
        ("grid", [board.grid(one.grid) or "–", " ", place]),
        ("source", words(f"order_source.{one.source}")),
        ("incident", incident),
        ("supplier", supplier),
        ("opened_at", say.moment(one.opened_at, board.zone)),
        ("due", say.moment(one.due, board.zone)),
        ("done_at", say.moment(one.done_at, board.zone) if one.done_at else None),
        ("progress", f"{one.progress}%"),
        ("rating", marks.stars(words, one.rating)),
        ("reopened", f"{one.reopened}" if one.reopened else None),
    )
    return html.Dl(
        [
            html.Div([html.Dt(words(f"order_field.{name}")), html.Dd(value)])
            for name, value in rows
            if value is not None
        ],
        className="facts",
    )


def supplier_fields(words: Words, suppliers: list[str]) -> list[Any]:
    """Return the choice of who does it, and their kind."""
    kinds = [(kind, words(f"supplier_kind.{kind}")) for kind in SUPPLIER_KINDS]
    return [
        html.Datalist([html.Option(value=name) for name in suppliers], id="order-suppliers"),
        field(words("order_field.supplier"), "supplier", most=64, known="order-suppliers"),
        choice(words("order_field.supplier_kind"), kinds, name="supplier_kind"),
    ]


def _button(words: Words, one: Order, action: str, *, primary: bool = False, **given: str) -> Any:
    label = words(f"order_action.{action}")
    if action == "praise" and one.praised:
        label = words("orders.unpraise")
    return html.Button(
        label,
        type="button",
        className=f"action{' primary' if primary else ''}",
        **parts.data(
            order_act=action,
            order_id=one.id,
            order_version=str(one.version),
            **({"asks": "true"} if action in NEEDS_TEXT else {}),
            **{f"given_{name}": value for name, value in given.items()},
        ),
    )


def _actions(words: Words, one: Order, suppliers: list[str]) -> html.Div:
    may = allowed(one)
    forms: list[Any] = []
    if "assign" in may:
        first = one.state == "new"
        assign = html.Div(
            [*supplier_fields(words, suppliers), _button(words, one, "assign", primary=first)],
            className="order-form",
        )
        forms.append(
            assign
            if first
            else html.Details([html.Summary(words("orders.reassign")), assign], className="related")
        )
    if "progress" in may:
        steps = [(str(n), f"{n}%") for n in range(0, 101, 10)]
        steps.sort(key=lambda step: abs(int(step[0]) - one.progress - 10))
        chosen, rest = steps[0], sorted(steps[1:], key=lambda step: int(step[0]))
        forms.append(
            html.Div(
                [
                    choice(words("order_field.progress"), [chosen, *rest], name="progress"),
                    _button(words, one, "progress"),
                ],
                className="order-form",
            )
        )
    if "rate" in may:
        forms.append(
            html.Div(
                [
                    html.Span(words("orders.rate"), className="label-text"),
                    *(
                        html.Button(
                            str(n),
                            type="button",
                            className="preset",
                            **parts.data(order_act="rate", order_id=one.id,
                                         order_version=str(one.version), given_rating=str(n)),
                            **parts.aria(
                                label=words("orders.rating", n=n),
                                pressed=str(one.rating == n).lower(),
                            ),
                        )
                        for n in RATINGS
                    ),
                ],
                className="order-rates",
                role="group",
                **parts.aria(label=words("orders.rate")),
            )
        )  # fmt: skip
    plain = [
        _button(words, one, action, primary=NEXT.get(one.state) == action,
                **({"on": "false" if one.praised else "true"} if action == "praise" else {}))
        for action in ("start", "finish", "close", "praise", "note", "reopen", "cancel")
        if action in may
    ]  # fmt: skip
    return html.Div(
        [
            *forms,
            field(words("orders.text"), "text"),
            html.Div(plain, className="incident-actions"),
            html.P(words("orders.by"), className="note") if one.state == "new" else None,
        ],
        className="order-actions",
    )


def _timeline(words: Words, board: Board, steps: list[dict[str, Any]]) -> html.Section:
    rows = [
        html.Li(
            [
                html.Time(say.moment(step["at"], board.zone)),
                html.Div(
                    [
                        html.B(words(f"order_action.{step['action']}")),
                        html.Span(tell_step(words, step), className="order-told")
                        if board.trusted
                        else None,
                        html.Span(
                            say.who(words, step["who"]),
                            className="muted",
                            **parts.lang_of(step["who"]),
                        )
                        if board.trusted
                        else None,
                    ]
                ),
            ]
        )
        for step in reversed(steps)
    ]
    return html.Section(
        [
            html.H4(words("orders.timeline", n=len(steps))),
            html.Ol(rows, className="order-timeline"),
        ],
        className="history-part",
    )


def tell_step(words: Words, step: dict[str, Any]) -> str:
    """Return what a step says beside its name."""
    data = step["data"]
    found = []
    if step["action"] != "open":
        found.append(data.get("supplier", ""))
        found.append(f"{data['progress']}%" if "progress" in data else "")
        found.append(words("orders.rating", n=data["rating"]) if "rating" in data else "")
    if step["action"] == "praise" and not data.get("on", True):
        found.append(words("orders.unpraise"))
    found += [data.get("reason", ""), data.get("text", ""), data.get("note", "")]
    return " · ".join(filter(None, found))


def build_form(
    words: Words, board: Board, incidents: list[dict[str, str]], chosen: str, suppliers: list[str]
) -> list[Any]:
    """Return the form of a new order.

    Args:
        words: The language.
        board: Names of grids.
        incidents: Those that an order can come from: `id`, `said`, `grid`, `layer`, `place`.
        chosen: Number of the one that it comes from; empty for none.
        suppliers: Names that are known.
    """
    found = sorted(incidents, key=lambda each: each["id"] != chosen)
    options = [html.Option(words("orders.no_incident"), value="")]
    mine = [
        html.Option(
            each["said"],
            value=each["id"],
            **parts.data(grid=each["grid"], layer=each["layer"], place=each["place"]),
        )
        for each in found
    ]
    given = chosen and any(each["id"] == chosen for each in found)
    sources = sorted(SOURCES, key=lambda name: name != ("incident" if given else "resident"))
    grids = [("", words("orders.grid.none")), *sorted(board.grids.items())]
    if given:
        grid = found[0]["grid"]
        grids.sort(key=lambda each: each[0] != grid)
    levels = sorted(LIMITS_S, key=lambda name: name != "general")
    return [
        _head(words, words("orders.new.over"), words("orders.new")),
        html.Div(
            [
                field(words("order_field.title"), "title", most=120),
                html.Div(
                    [
                        *(
                            choice(
                                words(f"order_field.{name}"),
                                [(value, words(f"{word}.{value}")) for value in values],
                                name=name,
                            )
                            for name, word, values in (
                                ("kind", "order", KINDS),
                                ("level", "order_level", levels),
                                ("source", "order_source", sources),
                            )
                        ),
                        choice(words("order_field.grid"), grids, name="grid"),
                    ],
                    className="order-pair",
                ),
                html.Label(
                    [
                        html.Span(words("order_field.incident")),
                        html.Select([*mine[:1], *options, *mine[1:]] if given else
                                    [*options, *mine], name="incident", className="order-select"),
                    ],
                    className="order-field",
                ),
                html.Div(supplier_fields(words, suppliers), className="order-pair"),
                html.P(words("orders.new.about"), className="note"),
                html.Div(
                    html.Button(
                        words("orders.new.make"),
                        type="button",
                        className="action primary",
                        **parts.data(order_make="true"),
                    ),
                    className="incident-actions",
                ),
            ],
            className="order-actions order-new",
        ),
        html.P(className="order-said", role="status", **parts.data(order_said="new")),
    ]  # fmt: skip
