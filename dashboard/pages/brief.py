"""Shift hand-over and briefs (交接班与简报): the frame; callbacks draw the brief up.

For operators and those above them.
"""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from dashboard import ids, parts
from dashboard.brief.reading import KINDS
from dashboard.office import office_page
from dashboard.words import Words
from live.shifts import LONGEST_NOTES


def layout(words: Words, about: dict[str, Any]) -> html.Main:
    """Return the page."""
    kinds = [
        html.Button(
            words(f"brief.{kind}"),
            type="button",
            className="day-choice",
            **parts.data(brief_kind=kind),
            **parts.aria(pressed=str(kind == "shift").lower()),
        )
        for kind in KINDS
    ]
    return office_page(
        words,
        about,
        "brief",
        [
            dcc.Store(id=ids.BRIEF_ASKED, data={"lang": words.language, "api": about["api"]}),
            dcc.Store(id=ids.BRIEF_KIND, data={"kind": "shift", "back": 0}),
            dcc.Store(id=ids.BRIEF_MOVED),
            html.P(words("brief.about"), className="office-about"),
            html.Div(
                [
                    html.Div(kinds, className="days", role="group",
                             **parts.aria(label=words("brief.kind"))),
                    html.Button(words("brief.earlier"), type="button", className="action",
                                **parts.data(brief_back="1")),
                    html.Button(words("brief.later"), type="button", className="action",
                                **parts.data(brief_back="-1")),
                    html.A(words("brief.pdf"), className="action primary", target="_blank",
                           rel="noopener",
                           href=f"{about['api']}/api/v1/brief.pdf?kind=shift&lang={words.language}",
                           **parts.data(brief_pdf="true")),
                ],
                className="ledger-days",
            ),
            html.Div(
                [
                    dcc.Loading(
                        html.Article(id=ids.BRIEF, className="card brief"),
                        type="dot",
                        delay_show=600,
                        color="var(--accent)",
                    ),
                    html.Div([_write(words), html.Div(id=ids.SHIFTS)], className="brief-side"),
                ],
                className="brief-columns",
            ),
        ],
    )  # fmt: skip


def _write(words: Words) -> html.Section:
    return html.Section(
        [
            html.H3(words("brief.hand_over"), className="card-title"),
            html.P(words("brief.hand_over.about"), className="note"),
            html.Label(
                [
                    html.Span(words("brief.hand_over.notes")),
                    dcc.Textarea(id=ids.BRIEF_NOTES, maxLength=LONGEST_NOTES, rows=5,
                                 className="brief-notes"),
                ],
                className="order-field",
            ),
            html.Button(words("brief.hand_over.do"), type="button", className="action primary",
                        **parts.data(shift_act="hand_over")),
            html.P(className="order-said", role="status", **parts.data(shift_said="true")),
        ],
        className="card brief-write",
    )  # fmt: skip
