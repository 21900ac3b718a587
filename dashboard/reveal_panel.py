"""The question in a panel for what is masked, and the mark over what is shown."""

from __future__ import annotations

from dash import dcc, html

from dashboard import ids, parts
from dashboard.words import Words

MARKS = 40


def build_question(words: Words, layer: str, key: str) -> html.Div:
    """Return the field for a reason with its button; assets/twin/reveal.mjs does the rest.

    Example:
        build_question(words, "vehicles", "9f3a6c")
    """
    return html.Div(
        [
            html.Div(
                [
                    dcc.Input(
                        id=ids.REVEAL_REASON,
                        type="text",
                        maxLength=200,
                        placeholder=words("reveal.reason"),
                        autoComplete="off",
                    ),
                    html.Button(
                        words(f"reveal.ask.{layer}"),
                        type="button",
                        className="action",
                        **parts.data(reveal=layer, reveal_id=key),
                    ),
                ],
                className="reveal-ask",
            ),
            html.P(words("reveal.note"), className="note", role="status"),
        ],
        className="reveal",
    )


def build_watermark(text: str) -> html.Div:
    """Return who looks, and when, to lie over a whole panel."""
    marks = [html.Span(text) for _ in range(MARKS)]
    return html.Div(marks, className="watermark", **parts.aria(hidden="true"))
