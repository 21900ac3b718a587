"""The wall's card of orders (项目与服务): at work, on time, satisfaction, best cases."""

from __future__ import annotations

from typing import Any

from dash import html

from dashboard import parts
from dashboard.words import Words


def projects_card(words: Words, *, simulated: bool) -> html.Section:
    """Return the card; the stream's counter `orders` fills it."""
    return parts.card(
        words("projects.title"),
        "counters.orders.t",
        html.Div(
            [
                _figure(words, "open", "int", "since", "signed"),
                _figure(words, "on_time", "share1", "done", "int"),
                _figure(words, "satisfied", "share1", "rated", "int"),
                _figure(words, "praised", "int", None, ""),
            ],
            className="figures projects",
            title=words("orders.simulated") if simulated else None,
        ),
        "projects",
    )


def _figure(words: Words, name: str, kind: str, under: str | None, under_kind: str) -> html.Div:
    unit = words.entries.get(f"projects.{name}.unit")
    context = words(f"projects.{name}.under")
    return html.Div(
        [
            html.Span(words(f"projects.{name}"), className="label-text"),
            html.P(
                [
                    parts.value(f"counters.orders.{name}", kind, "kpi-2"),
                    html.Span(unit, className="unit") if unit else None,
                ]
            ),
            html.P(
                around(context, parts.value(f"counters.orders.{under}", under_kind, "n"))
                if under
                else context,
                className="under",
            ),
        ],
        className="figure",
    )


def around(text: str, inner: Any) -> list[Any]:
    """Return a text with a component where its `{n}` stands."""
    before, _, after = text.partition("{n}")
    return [before, inner, after]
