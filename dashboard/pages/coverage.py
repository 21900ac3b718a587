"""Who is served, now: coverage on the map, and what would close its gaps (`/manage/coverage`)."""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from dashboard import ids, parts
from dashboard.coverage.cards import legend, place
from dashboard.coverage.kinds import DEVICES
from dashboard.office import manage_bar
from dashboard.words import Words

PROFILES = ("adult", "older", "wheelchair")
GROUPS = ("all", "older", "children", "living_alone")
TIERS = ("5min", "10min", "15min")
MOMENTS = ("08:00", "10:00", "12:00", "15:00", "18:00", "21:00")
"""Times of today that coverage can be looked at beside now."""


def layout(words: Words, about: dict[str, Any]) -> html.Main:
    """Return the page, which the browser fills (assets/twin/coverage.mjs); arguments as usual."""
    return html.Main(
        [
            manage_bar(words, about, "coverage"),
            html.Div(
                [
                    _choices(words),
                    html.Div(className="cov-cards", **parts.data(cov="cards")),
                    html.P(
                        words("coverage.loading"), className="cov-foot", **parts.data(cov="foot")
                    ),
                ],
                className="rail rail-left",
                tabIndex=0,
            ),
            html.Div(
                [
                    legend(words),
                    place(words, "gaps"),
                    place(words, "why"),
                    place(words, "demand"),
                    place(words, "suppliers"),
                    place(words, "tiers"),
                    html.Section(
                        [
                            html.H2(words("coverage.saved.title"), className="card-title"),
                            html.Ul(className="rows", **parts.data(cov="saved")),
                        ],
                        className="card card-saved",
                        hidden=True,
                    ),
                ],
                className="rail rail-right",
                tabIndex=0,
            ),
            html.Div([_scenario(words, about)], className="bottom"),
            parts.map_tools(words),
            parts.progress(words),
            parts.provenance(
                words, illustrative=about["illustrative"], simulated=about["simulated"]
            ),
        ],
        id=ids.PAGE,
        className="page page-manage page-coverage",
        lang="zh-CN" if words.language == "zh" else "en",
        **parts.data(page="coverage", api=about["api"], lang=words.language),
    )


def _choices(words: Words) -> html.Section:
    """Return who walks, for whom, how far, and whether now or on paper."""

    def segment(name: str, options: tuple[str, ...]) -> html.Div:
        return html.Div(
            [
                html.Button(
                    words(f"coverage.{name}.{option}"),
                    type="button",
                    **parts.data(cov_set=f"{name}={option}"),
                    **parts.aria(pressed="false"),
                )
                for option in options
            ],
            className="cov-segment",
            role="group",
            **parts.aria(label=words(f"coverage.{name}")),
        )

    return html.Section(
        [
            segment("mode", ("now", "paper")),
            segment("profile", PROFILES),
            html.Div(
                [
                    _select(
                        words,
                        name,
                        [
                            (value, words(f"coverage.{name}.{value or 'usual'}"))
                            for value in ("", *values)
                        ],
                    )
                    for name, values in (("group", GROUPS), ("tier", TIERS))
                ],
                className="cov-selects",
            ),
            html.Div(className="cov-moment", **parts.data(cov="moment")),
        ],
        className="card card-choices",
    )


def _select(words: Words, name: str, options: list[tuple[str, str]]) -> html.Select:
    return html.Select(
        [html.Option(label, value=value) for value, label in options],
        className="cov-select",
        **parts.data(cov_pick=name),
        **parts.aria(label=words(f"coverage.{name}")),
    )


def _scenario(words: Words, about: dict[str, Any]) -> html.Section:
    """Return what can be tried out, and what that would change."""

    def button(name: str, glyph: str, class_name: str = "action") -> html.Button:
        return html.Button(
            words(f"coverage.do.{name}"),
            type="button",
            className=class_name,
            **parts.data(cov_do=name, icon=glyph),
        )

    def toggle(name: str, glyph: str) -> html.Button:
        return html.Button(
            words(f"coverage.do.{name}"),
            type="button",
            className="action",
            **parts.data(cov_do=name, icon=glyph),
            **parts.aria(pressed="false"),
        )

    return html.Section(
        [
            html.Div(
                [
                    html.H2(words("coverage.scenario.title"), className="card-title"),
                    button("sites", "search", "action primary"),
                    button("add", "plus"),
                    _select(
                        words,
                        "at",
                        [
                            ("", words("coverage.at.now")),
                            *((time, words("coverage.at.today", time=time)) for time in MOMENTS),
                        ],
                    ),
                    toggle("gates", "gate"),
                    toggle("circles", "north"),
                    toggle("demand", "layers"),
                    _select(
                        words,
                        "devices",
                        [
                            (kind, words(f"coverage.devices.{kind or 'none'}"))
                            for kind in ("", *DEVICES)
                        ],
                    ),
                    html.A(
                        words("coverage.do.pack"),
                        href=f"{about['api']}/api/v1/coverage/pack.pdf?lang={words.language}",
                        className="action",
                        target="_blank",
                        **parts.data(cov_pack="", icon="market"),
                    ),
                ],
                className="cov-tools",
            ),
            html.Div(
                [
                    html.Div(**parts.data(cov="compare")),
                    html.Div(
                        [
                            html.Span(
                                dcc.Input(
                                    id=ids.COVERAGE_NAME,
                                    type="text",
                                    maxLength=40,
                                    placeholder=words("coverage.name"),
                                ),
                                className="cov-field",
                                **parts.data(cov="name"),
                            ),
                            button("save", "layers"),
                            button("reset", "back"),
                        ],
                        className="cov-keep",
                    ),
                ],
                className="cov-outcome",
            ),
            html.P(
                words("coverage.scenario.hint"),
                className="note cov-said",
                role="status",
                **parts.data(cov="said"),
            ),
        ],
        className="card card-scenario",
    )
