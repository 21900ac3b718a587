"""The time machine (时光机) below the map: a day to slide along, play and go back from.

Who may see the page may use it; the past is masked like the present (`dashboard.past_api`).
"""

from __future__ import annotations

from typing import Any

from dash import html

from dashboard import parts
from dashboard.words import Words


def machine(words: Words) -> html.Section:
    """Return the bar; the browser fills it (assets/twin/time-machine.mjs)."""
    return html.Section(
        [
            html.Header(
                [
                    html.Button(
                        [html.I(className="live-dot"), html.Span(words("live"), **_part("clock"))],
                        type="button",
                        className="machine-flag",
                        **_part("flag"),
                        **_do("live"),
                    ),
                    html.H2(words("machine.title"), className="card-title"),
                    html.Div(
                        [
                            _button(words, "previous", "prev"),
                            _button(words, "play", "play"),
                            _button(words, "next", "next"),
                            html.Button(
                                "60×",
                                type="button",
                                className="preset",
                                title=words("machine.speed"),
                                **_part("speed"),
                                **_do("speed"),
                            ),
                            html.Button(
                                words("compare.title"),
                                type="button",
                                className="preset",
                                title=words("compare.help"),
                                **_do("compare"),
                            ),
                        ],
                        className="machine-steps",
                        role="group",
                        **parts.aria(label=words("machine.title")),
                    ),
                    html.Span("", className="machine-said", role="status", **_part("said")),
                    html.Div(
                        [
                            _day(words, "back"),
                            html.Span(className="machine-date", **_part("day")),
                            _day(words, "forth"),
                        ],
                        className="machine-days",
                    ),
                ],
                className="machine-head",
            ),
            html.Div(
                [
                    html.Div(className="day", **_part("bars")),
                    html.Div(className="machine-handle"),
                    html.Div(className="machine-slide", **_part("slide")),
                    html.Div(className="machine-marks", **_part("marks")),
                ],
                className="machine-track",
            ),
            html.Div(
                [html.Span(f"{hour:02d}:00") for hour in range(0, 25, 6)],
                className="machine-hours",
                **parts.aria(hidden="true"),
            ),
        ],
        className="timeline card machine",
        **parts.data(machine="", label=words("machine.slide"), date_label=words("machine.date")),
    )


def _part(name: str) -> dict[str, Any]:
    return parts.data(part=name)


def _do(name: str) -> dict[str, Any]:
    return parts.data(machine_do=name)


def _button(words: Words, name: str, glyph: str) -> html.Button:
    return html.Button(
        type="button",
        className="machine-button",
        title=words(f"machine.{name}"),
        **parts.data(part=name, machine_do=name, icon=glyph),
        **parts.aria(label=words(f"machine.{name}")),
    )


def _day(words: Words, name: str) -> html.Button:
    return html.Button(
        words(f"machine.{name}"),
        type="button",
        className="preset",
        **_part(name),
        **_do(name),
    )
