"""The ledger of entry and exit (出入台账): the frame; `build_ledger_page` fills it for a day."""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from dashboard import ids, parts
from dashboard.office import office_page
from dashboard.words import Words

REFRESH_MS = 60_000


def layout(words: Words, about: dict[str, Any]) -> html.Main:
    """Return the page; callbacks fill in the days and what happened on the chosen one."""
    return office_page(
        words,
        about,
        "ledger",
        [
            html.P(words("ledger.about"), className="office-about"),
            dcc.Store(id=ids.LEDGER_ASKED, data={"lang": words.language, "api": about["api"]}),
            dcc.Store(id=ids.LEDGER_DAY),
            dcc.Store(id=ids.LEDGER_PAGE, data=0),
            dcc.Interval(id=ids.LEDGER_CLOCK, interval=REFRESH_MS),
            html.Div(
                [
                    html.Button(words("ledger.earlier"), id=ids.LEDGER_EARLIER, className="action"),
                    html.Div(id=ids.LEDGER_DAYS, className="days"),
                    html.Button(words("ledger.later"), id=ids.LEDGER_LATER, className="action"),
                ],
                className="ledger-days",
                role="group",
                **parts.aria(label=words("ledger.day")),
            ),
            dcc.Loading(
                html.Div(id=ids.LEDGER, className="ledger"),
                type="dot",
                delay_show=400,
                color="var(--accent)",
            ),
            html.Div(
                [
                    html.Button(words("ledger.newer"), id=ids.LEDGER_NEWER, className="action"),
                    html.Span(id=ids.LEDGER_COUNT, className="note"),
                    html.Button(words("ledger.older"), id=ids.LEDGER_OLDER, className="action"),
                ],
                className="pager",
                role="group",
                **parts.aria(label=words("ledger.reads")),
            ),
        ],
    )
