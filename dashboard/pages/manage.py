"""The managers' page."""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from dashboard import cards, ids, parts
from dashboard.legend import legend_card
from dashboard.office import manage_bar
from dashboard.saved_views import views_card
from dashboard.time_machine import machine
from dashboard.words import Words


def layout(words: Words, about: dict[str, Any]) -> html.Main:
    """Return the managers' page; arguments as of the wall."""
    return html.Main(
        [
            manage_bar(words, about, "map"),
            html.Div(
                [
                    parts.search_box(),
                    _layers(words),
                    views_card(words),
                    cards.areas_card(words, about["areas"]),
                    cards.doors_card(words),
                    cards.people_card(words),
                    legend_card(words),
                    cards.overview_card(words, about),
                ],
                className="rail rail-left",
                tabIndex=0,
            ),
            html.Div(
                [
                    dcc.Loading(
                        html.Div(id=ids.DETAIL, className="detail"),
                        type="dot",
                        delay_show=400,
                        color="var(--accent)",
                    ),
                    cards.incidents_card(words),
                    cards.attention_card(words),
                    cards.feed_card(words),
                    cards.vehicles_card(words),
                    cards.kinds_card(words),
                    cards.places_card(words),
                    cards.intake_card(words),
                ],
                className="rail rail-right",
                tabIndex=0,
            ),
            html.Div([machine(words)], className="bottom"),
            parts.map_tools(words),
            parts.progress(words),
            parts.provenance(
                words, illustrative=about["illustrative"], simulated=about["simulated"]
            ),
        ],
        id=ids.PAGE,
        className="page page-manage",
        lang="zh-CN" if words.language == "zh" else "en",
        **parts.data(page="manage", api=about["api"], lang=words.language),
    )


PRESETS = ("all", "doors", "vehicles", "devices", "services")


def _layers(words: Words) -> html.Section:
    """Return the switches of the layers, ready-made choices of them, and the sensing view."""
    presets = [
        html.Button(
            words(f"layers.preset.{name}"),
            type="button",
            className="preset",
            **parts.data(preset=name),
            **parts.aria(pressed="false"),
        )
        for name in PRESETS
    ]
    switches = [
        html.Li(
            html.Button(
                [
                    html.Span(words(f"layer.{name}"), className="name"),
                    html.Span("–", className="number", **parts.data(count=name)),
                    html.I(className="toggle"),
                ],
                type="button",
                role="switch",
                className="switch-row",
                **parts.data(layer=name, icon=glyph),
                **parts.aria(checked="true"),
            )
        )
        for name, glyph in parts.LAYER_SWITCHES
    ]
    sliders = html.Details(
        [
            html.Summary(words("layers.clearness")),
            html.Ul(
                [
                    html.Li(
                        [
                            html.Span(words(f"layer.{name}")),
                            html.Span(className="slider", **parts.data(opacity=name)),
                        ]
                    )
                    for name, _ in parts.LAYER_SWITCHES
                ],
                className="sliders",
            ),
        ],
        className="related",
    )
    sensing = html.Button(
        words("layers.sensing"),
        type="button",
        className="preset sensing-toggle",
        **parts.data(tool="sensing", icon="sensing"),
        **parts.aria(pressed="false"),
    )
    return parts.card(
        words("layers.title"),
        None,
        [
            html.Div([*presets, sensing], className="presets"),
            html.Ul(switches, className="switches"),
            sliders,
        ],
        "layers",
    )
