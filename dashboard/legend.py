"""What the colours and shapes on the map mean."""

from __future__ import annotations

from dash import html

from dashboard import parts
from dashboard.words import Words

SENSING_LEGEND = (
    ("heard", "s-0 mark-c-accent"),
    ("late", "s-1"),
    ("silent", "offline"),
    ("reach", "reach"),
)
"""What the sensing view draws (assets/twin/sensing.mjs), with the class of its mark."""


def legend_card(words: Words) -> html.Section:
    """Return what the marks on the map mean, drawn as the map draws them."""
    entries = ("closed", "open", "held", "forced", "offline", "fault", "service", "parking")
    return parts.card(
        words("legend.title"),
        None,
        [
            html.Ul(
                [
                    html.Li([html.I(className=f"mark mark-{name}"), words(f"legend.{name}")])
                    for name in entries
                ],
                className="legend legend-states",
            ),
            html.Ul(
                [
                    html.Li(
                        [
                            html.I(className=f"mark mark-{mark}"),
                            words(f"legend.sensing.{name}"),
                        ]
                    )
                    for name, mark in SENSING_LEGEND
                ],
                className="legend legend-sensing",
            ),
        ],
        "legend",
    )
