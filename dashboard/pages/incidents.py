"""The incident desk: every open incident in order of urgency, and the card of the one chosen.

For staff. The list is made from the stream in the browser (assets/twin/incident-desk.mjs); the card
is the same panel as beside the map; steps go through `POST /api/v1/incidents/{number}`.
"""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from dashboard import ids, parts
from dashboard.fields import choice
from dashboard.office import office_page
from dashboard.words import Words
from live.incidents.rules_file import load_rules

STATES = ("new", "acknowledged", "in_progress", "resolved")


def layout(words: Words, about: dict[str, Any]) -> html.Main:
    """Return the page; arguments as of the wall."""
    return office_page(
        words,
        about,
        "incidents",
        [
            html.Div(
                [
                    html.Div(
                        [_filters(words, about), _load(words), _mode(words), _table(words)],
                        className="desk-list",
                    ),
                    dcc.Loading(
                        html.Aside(
                            id=ids.DETAIL,
                            className="detail",
                            **parts.data(empty=words("desk.none_chosen")),
                            **parts.aria(label=words("desk.card")),
                        ),
                        type="dot",
                        delay_show=500,
                        color="var(--accent)",
                        parent_className="desk-card",
                    ),
                ],
                className="incident-desk",
            )
        ],
    )


def _filters(words: Words, about: dict[str, Any]) -> html.Section:
    severities = [
        html.Button(
            [
                html.I(**parts.data(incident_mark=str(level))),
                html.Span(words(f"severity.{level}")),
                html.B("–", **parts.data(desk_severity_n=str(level))),
            ],
            type="button",
            className="desk-severity",
            **parts.data(desk_severity=str(level)),
            **parts.aria(pressed="false"),
        )
        for level in (1, 2, 3, 4)
    ]
    kinds = [("", words("desk.all_kinds"))]
    kinds += [(kind, words(f"incident.{kind}")) for kind in load_rules().kinds]
    grids = [("", words("desk.all_grids")), *((a["id"], a["name"]) for a in about["areas"])]
    states = [("", words("desk.all_states"))]
    states += [(state, words(f"incident_state.{state}")) for state in STATES]
    switches = [
        html.Button(
            [words(f"desk.{name}"), " ", html.B("–", **parts.data(desk_n=name))],
            type="button",
            className="preset",
            **parts.data(desk_switch=name),
            **parts.aria(pressed="false"),
        )
        for name in ("mine", "in_hand", "late", "shelved")
    ]
    return html.Section(
        [
            html.Div(severities, className="desk-severities"),
            html.Div(
                [
                    *(
                        choice(words(f"desk.{name}"), options, **parts.data(desk_filter=name))
                        for name, options in (("kind", kinds), ("grid", grids), ("state", states))
                    ),
                    *switches,
                    html.Button(
                        words("desk.clear"),
                        type="button",
                        className="preset",
                        **parts.data(desk_clear="yes"),
                    ),
                ],
                className="desk-line",
            ),
        ],
        className="desk-filters",
        **parts.aria(label=words("desk.filters")),
    )


def _load(words: Words) -> html.P:
    return html.P(
        words("desk.load.wait"), className="desk-load", role="status", **parts.data(desk_load="yes")
    )


def _mode(words: Words) -> html.Section:
    """Return the switch of the community's mode: which, why, for how long."""
    modes = [
        html.Button(
            words(f"mode.{name or 'none'}"),
            type="button",
            className="preset",
            **parts.data(mode_set=name or "none"),
            **parts.aria(pressed="false"),
        )
        for name in ("", *load_rules().modes)
    ]
    hours = [(str(h * 3600), words("mode.hours", n=h)) for h in (2, 6, 12, 24, 48)]
    return html.Section(
        [
            html.Span(words("mode.title"), className="muted"),
            html.Div(
                modes, className="presets", role="group", **parts.aria(label=words("mode.title"))
            ),
            dcc.Input(
                id=ids.MODE_REASON,
                type="text",
                placeholder=words("mode.reason"),
                className="incident-text",
                maxLength=200,
            ),
            choice(words("mode.for"), hours, **parts.data(mode_for="yes")),
            html.Span(role="status", **parts.data(mode_said="yes")),
        ],
        className="mode-desk",
    )


def _table(words: Words) -> html.Div:
    heads = ("severity", "what", "place", "left", "state", "age")
    return html.Div(
        [
            html.Div(
                [
                    html.Button(
                        words("desk.take_all"),
                        type="button",
                        className="action",
                        disabled=True,
                        **parts.data(desk_all="acknowledge"),
                    ),
                    html.Span(className="muted", **parts.data(desk_shown="yes")),
                    html.Span(
                        className="incident-said", role="status", **parts.data(desk_said="yes")
                    ),
                ],
                className="desk-line",
            ),
            html.Div(
                html.Table(
                    [
                        html.Caption(words("desk.caption"), className="unseen"),
                        html.Thead(
                            html.Tr(
                                [
                                    html.Th(
                                        html.Span(words("desk.choose"), className="unseen"),
                                        scope="col",
                                    ),
                                    *(
                                        html.Th(words(f"desk.head.{name}"), scope="col")
                                        for name in heads
                                    ),
                                ]
                            )
                        ),
                        html.Tbody(**parts.data(desk_rows="yes")),
                    ],
                    className="desk-table",
                ),
                className="desk-scroll",
                tabIndex=0,
            ),
        ]
    )
