"""The visitors' page: the living map, a story told over it, and nothing real. Anybody may see it.

The browser fills the frame (assets/twin/story.mjs) from `/demo/api/v1/story` and the words.
"""

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
                            html.Span(words("story.mark"), className="chip demo-mark"),
                        ],
                        className="top-right",
                    ),
                ],
                className="top",
            ),
            html.Div(
                [
                    html.Section(
                        className="card card-story",
                        **parts.data(story="card"),
                        **parts.aria(label=words("story.card")),
                    ),
                    html.Div(id=ids.DETAIL, className="detail"),
                ],
                className="rail rail-right",
            ),
            html.Nav(
                className="bottom story-nav",
                **parts.data(story="nav"),
                **parts.aria(label=words("story.stops")),
            ),
            html.Div(
                className="story-notice", role="alert", hidden=True, **parts.data(story="notice")
            ),
            parts.map_tools(words),
            parts.progress(words),
            parts.provenance(words, illustrative=about["illustrative"], simulated=True),
        ],
        id=ids.PAGE,
        className="page page-demo",
        lang="zh-CN" if words.language == "zh" else "en",
        **parts.data(page="demo", api=about["api"], lang=words.language),
    )
