"""The managers' page of data intake: feeds, late things, quarantine, and how long data is kept."""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from dashboard import cards, ids, parts
from dashboard.office import office_page
from dashboard.wall.card import walls_card
from dashboard.words import Words

TICK_MS = 5_000
SLOW_MS = 60_000


def layout(words: Words, about: dict[str, Any]) -> html.Main:
    """Return the page; what changes comes by callbacks."""
    return office_page(
        words,
        about,
        "intake",
        [
            dcc.Store(id=ids.INTAKE_LANG, data=words.language),
            dcc.Interval(id=ids.INTAKE_TICK, interval=TICK_MS),
            dcc.Interval(id=ids.INTAKE_SLOW, interval=SLOW_MS),
            html.Div([_heard(words), cards.intake_card(words)], className="intake-top"),
            _section(words, "feeds", [html.Div(id=ids.INTAKE_FEEDS)]),
            html.Div(
                [
                    _quarantine(words),
                    html.Div(
                        [
                            _section(words, "late", [html.Div(id=ids.INTAKE_LATE)]),
                            walls_card(words),
                            _section(words, "dates", [html.Div(id=ids.INTAKE_DATES)]),
                        ],
                        className="intake-side",
                    ),
                ],
                className="intake-columns",
            ),
        ],
    )


def _section(words: Words, name: str, children: list[Any]) -> html.Section:
    return html.Section(
        [
            html.Header(html.H3(words(f"intake.{name}"), className="card-title")),
            html.P(words(f"intake.{name}.about"), className="note"),
            *children,
        ],
        className=f"card card-{name}",
    )


def _heard(words: Words) -> html.Section:
    return parts.card(
        words("sensing.title"),
        "counters.sensing.t",
        [
            html.P(
                [
                    parts.value("counters.sensing.share", "share1", "kpi"),
                    html.Span(
                        [
                            parts.value("counters.sensing.heard"),
                            " / ",
                            parts.value("counters.sensing.due"),
                            " · ",
                            words("sensing.window"),
                        ],
                        className="unit",
                    ),
                ],
                className="kpi-line",
            ),
            html.P(
                [
                    html.I(className="hatch"),
                    " ",
                    words("silent"),
                    " ",
                    parts.value("counters.sensing.silent"),
                ],
                className="pair",
            ),
            html.P(words("sensing.help"), className="note"),
        ],
        "heard",
    )


def _quarantine(words: Words) -> html.Section:
    return _section(
        words,
        "quarantine",
        [
            html.Div(
                [
                    html.Label(words("intake.token"), htmlFor=ids.INTAKE_TOKEN),
                    dcc.Input(
                        id=ids.INTAKE_TOKEN,
                        type="password",
                        autoComplete="off",
                        debounce=True,
                        placeholder=words("intake.token.hint"),
                    ),
                    html.Button(
                        words("intake.token.show"),
                        id=ids.INTAKE_UNLOCK,
                        type="button",
                        className="action",
                    ),
                ],
                className="token-row",
            ),
            dcc.Store(id=ids.INTAKE_CHOSEN),
            dcc.Store(id=ids.INTAKE_SETTLED),
            dcc.ConfirmDialog(id=ids.INTAKE_CONFIRM, message=words("intake.confirm")),
            html.Div(id=ids.INTAKE_RESULT, role="status"),
            html.Div(id=ids.INTAKE_LIST),
            html.Div(id=ids.INTAKE_OPEN),
        ],
    )
