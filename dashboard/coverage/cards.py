"""Cards of coverage that the desk and the wall share."""

from __future__ import annotations

from dash import html

from dashboard import parts
from dashboard.words import Words


def legend(words: Words) -> html.Section:
    """Return what the colours of the buildings mean."""
    entries = (
        ("now", None),
        ("paper", None),
        ("gap", "coverage.legend.gap.test"),
        ("unknown", None),
        ("circle", "coverage.legend.circle.test"),
    )
    return html.Section(
        [
            html.H2(words("legend.title"), className="card-title"),
            html.Ul(
                [
                    html.Li(
                        [
                            html.I(className=f"cov-swatch cov-{name}"),
                            html.Div(
                                [
                                    html.P(words(f"coverage.legend.{name}")),
                                    html.P(
                                        "" if radius else words(f"coverage.legend.{name}.test"),
                                        className="row-detail",
                                        **(parts.data(cov_radius=radius) if radius else {}),
                                    ),
                                ]
                            ),
                        ]
                    )
                    for name, radius in entries
                ],
                className="cov-legend",
            ),
        ],
        className="card card-cov-legend",
    )


def place(words: Words, name: str) -> html.Section:
    """Return a card that the browser fills."""
    return html.Section(
        [
            html.Header(
                html.H2(words(f"coverage.{name}.title"), className="card-title"),
                className="card-head",
            ),
            html.Div(**parts.data(cov=name)),
        ],
        className=f"card card-cov-{name}",
    )


def wall_left(words: Words) -> html.Div:
    """Return what the wall's left rail shows while it shows coverage."""
    return html.Div(
        [
            html.Div(className="cov-cards", **parts.data(cov="cards")),
            html.Div(className="cov-moment", **parts.data(cov="moment")),
            html.P(words("coverage.loading"), className="cov-foot", **parts.data(cov="foot")),
        ],
        className="cov-wall",
    )


def wall_right(words: Words) -> html.Div:
    """Return what the wall's right rail shows while it shows coverage."""
    return html.Div(
        [legend(words), place(words, "why"), place(words, "suppliers"), place(words, "gaps")],
        className="cov-wall",
    )
