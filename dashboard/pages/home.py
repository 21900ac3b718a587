"""The front door: choose the wall, the managers' page or the demo."""

from __future__ import annotations

from typing import Any

from dash import html

from dashboard import ids, parts
from dashboard.words import Words


def layout(words: Words, about: dict[str, Any]) -> html.Main:
    """Return the choice of doors; arguments as of the wall."""
    suffix = "" if words.language == "zh" else f"?lang={words.language}"
    other = "en" if words.language == "zh" else "zh"
    return html.Main(
        [
            parts.brand(about["name"], words("home.subtitle")),
            html.Nav(
                [
                    html.A(
                        [
                            html.I(className="glyph", **parts.data(icon=glyph)),
                            html.H2(words(f"home.{name}")),
                            html.P(words(f"home.{name}.text")),
                        ],
                        href=f"/{name}{suffix}",
                        className="door-card",
                    )
                    for name, glyph in (
                        ("wall", "layers"),
                        ("manage", "building"),
                        ("demo", "people"),
                    )
                    if name != "demo" or about["visitors"]
                ],
                className="doors",
            ),
            html.A(
                words("language.other"),
                href=f"/?lang={other}",
                className="chip",
                lang="en" if other == "en" else "zh-CN",
            ),
        ],
        id=ids.PAGE,
        className="page page-home",
        lang="zh-CN" if words.language == "zh" else "en",
        **parts.data(page="home", lang=words.language),
    )
