"""A brief on screen."""

from __future__ import annotations

from typing import Any

from dash import html

from dashboard import parts
from dashboard.brief.model import Brief, Part
from dashboard.words import Words


def build_page(words: Words, brief: Brief) -> list[Any]:
    """Return a brief as one sheet to read from top to bottom."""
    return [
        html.Header(
            [
                html.H3(brief.title, className="brief-title"),
                html.P(brief.span, className="brief-span"),
                html.P(
                    " · ".join(filter(None, (brief.made, brief.simulated))), className="note"
                ),
            ],
            className="brief-head",
        ),
        *(_part(part) for part in brief.parts),
    ]  # fmt: skip


def _part(part: Part) -> html.Section:
    figures = [
        html.Div(
            [
                html.Span(each.label, className="label-text"),
                html.P(each.value, className="kpi-2"),
                html.P(each.under, className="note"),
            ],
            className="brief-figure",
        )
        for each in part.figures
    ]
    table: Any = None
    if part.rows:
        table = html.Div(
            html.Table(
                [
                    html.Caption(part.title),
                    html.Thead(html.Tr([html.Th(text, scope="col") for text in part.head])),
                    html.Tbody(
                        [
                            html.Tr([html.Td(text, **parts.lang_of(text)) for text in row])
                            for row in part.rows
                        ]
                    ),
                ],
                className="ledger-table",
            ),
            className="table-scroll brief-table",
            tabIndex=0,
            role="region",
            **parts.aria(label=part.title),
        )
    elif part.head and part.none:
        table = html.P(part.none, className="brief-none")
    return html.Section(
        [
            html.Header(
                [
                    html.H4(part.title, className="card-title"),
                    html.Span(part.source, className="note"),
                ],
                className="card-head",
            ),
            html.Div(figures, className="brief-figures") if figures else None,
            table,
            *(html.P(line, className="brief-text", **parts.lang_of(line)) for line in part.text),
        ],
        className="brief-part",
    )
