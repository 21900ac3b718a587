"""Labelled fields of the managers' forms."""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from dashboard import parts

LONGEST = 500


def choice(label: Any, options: list[tuple[str, str]], **attributes: Any) -> html.Label:
    """Return a labelled choice.

    Args:
        label: What it is called.
        options: Values with their words.
        attributes: Further attributes of the choice, such as `name`, `id` or `data-...`.

    >>> choice("Grid", [("", "all"), ("g1", "East")], name="grid").className
    'order-field'
    """
    chosen = html.Select(
        [html.Option(said, value=value, **parts.lang_of(said)) for value, said in options],
        className="order-select",
        **attributes,
    )
    return html.Label([html.Span(label), chosen], className="order-field")


def field(label: str, name: str, *, most: int = LONGEST, known: str | None = None) -> html.Label:
    """Return a labelled line of text; `known` is the id of a list to choose from."""
    line: dict[str, Any] = {"list": known} if known else {}
    text = dcc.Input(
        type="text", name=name, maxLength=most, autoComplete="off", className="order-text", **line
    )
    return html.Label([html.Span(label), text], className="order-field")
