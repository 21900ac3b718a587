"""The command centre's wall."""

from __future__ import annotations

from typing import Any

from dash import html

from dashboard import cards, ids, parts
from dashboard.coverage.cards import wall_left, wall_right
from dashboard.legend import legend_card
from dashboard.orders.card import projects_card
from dashboard.words import Words


def layout(words: Words, about: dict[str, Any]) -> html.Main:
    """Return the wall.

    Args:
        words: The catalogue of its language.
        about: `name`, `illustrative`, `simulated`, `counts`, `heights`, `source` of the community,
            and `api`, the world's URL prefix.
    """
    return html.Main(
        [
            html.Header(
                [
                    parts.brand(about["name"], words("wall.subtitle")),
                    html.Div(
                        [parts.connection(words), parts.sensing_chip(words), parts.clock()],
                        className="top-right",
                    ),
                ],
                className="top",
            ),
            html.Div(
                [
                    cards.people_card(words),
                    cards.doors_card(words),
                    projects_card(words, simulated=about["simulated"]),
                    cards.vehicles_card(words),
                    cards.kinds_card(words),
                    cards.overview_card(words, about),
                    wall_left(words),
                ],
                className="rail rail-left",
            ),
            html.Div(
                [
                    html.Div(id=ids.DETAIL, className="detail"),
                    cards.incidents_card(words),
                    cards.attention_card(words),
                    cards.feed_card(words),
                    cards.places_card(words),
                    legend_card(words),
                    wall_right(words),
                ],
                className="rail rail-right",
            ),
            html.Div([parts.dock(words, coverage=True), parts.timeline(words)], className="bottom"),
            parts.progress(words),
            parts.provenance(
                words, illustrative=about["illustrative"], simulated=about["simulated"]
            ),
        ],
        id=ids.PAGE,
        className="page page-wall",
        lang="zh-CN" if words.language == "zh" else "en",
        **parts.data(page="wall", api=about["api"], lang=words.language),
    )
