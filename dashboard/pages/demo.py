"""The visitors' page: the same living map, a few words, and nothing real."""

from __future__ import annotations

from typing import Any

from dash import html

from dashboard import ids, parts
from dashboard.words import Words


def layout(words: Words, about: dict[str, Any]) -> html.Main:
    """Return the visitors' page; arguments as of the wall."""
    other = "en" if words.language == "zh" else "zh"
    return html.Main(
        [
            html.Header(
                [
                    parts.brand(about["name"], words("demo.subtitle")),
                    html.Div(
                        [
                            parts.connection(words),
                            html.A(
                                words("language.other"),
                                href=f"?lang={other}",
                                className="chip",
                                lang="en" if other == "en" else "zh-CN",
                                **parts.data(icon="language"),
                            ),
                            html.Span(words("demo.mark"), className="chip demo-mark"),
                        ],
                        className="top-right",
                    ),
                ],
                className="top",
            ),
            html.Div(
                [
                    html.Section(
                        [
                            html.H2(words("demo.headline"), className="headline"),
                            html.P(words("demo.text"), className="prose"),
                            html.Div(
                                [
                                    _number(words("people.title"), "people.community.in"),
                                    _number(words("doors.title"), "counters.doors.total"),
                                    _number(words("vehicles.in"), "counters.vehicles.in"),
                                    _number(words("places.free"), "counters.places.free"),
                                ],
                                className="figures",
                            ),
                            html.P(words("demo.hint"), className="note"),
                        ],
                        className="card card-story",
                    ),
                    html.Div(id=ids.DETAIL, className="detail"),
                ],
                className="rail rail-right",
            ),
            html.Div([parts.dock(words)], className="bottom"),
            parts.map_tools(words),
            parts.progress(words),
            parts.provenance(words, illustrative=about["illustrative"], simulated=True),
        ],
        id=ids.PAGE,
        className="page page-demo",
        lang="zh-CN" if words.language == "zh" else "en",
        **parts.data(page="demo", api=about["api"], lang=words.language),
    )


def _number(label: str, path: str) -> html.Div:
    return html.Div(
        [
            html.Span(label, className="label-text"),
            html.P([parts.value(path, class_name="kpi-2")]),
            parts.age(path.rsplit(".", 1)[0] + ".t"),
        ],
        className="figure",
    )
