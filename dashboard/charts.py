"""Charts of the managers' pages: plotly figures in one look (DESIGN_LANGUAGE, section 7).

A figure is a plain dict, so that making one costs no validation; its colours are the dark theme's
tokens, and `assets/charts.css` turns each into the CSS variable of the theme at hand.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from dash import dcc, html

from dashboard import parts
from live.history import Point, Span

TONES = {
    "accent": "#5ed1c0",
    "second": "#9fb3c8",
    "third": "#66788b",
    "fourth": "#3f4d5c",
    "muted": "#8c99a7",
    "silent": "#77848f",
}
"""Colours of series, in the order of use; each has its rule in `assets/charts.css`."""

_LINE = "rgba(255, 255, 255, 0.085)"
_AREA = "rgba(94, 209, 192, 0.12)"
_HOUR_MS = 3_600_000
HEIGHT_PX = 168

Figure = dict[str, Any]


@dataclass(frozen=True)
class Bars:
    """Bars of one series; None where nothing is known.

    Attributes:
        name: What it is, for the text under the pointer.
        values: One for each place on the x axis.
        texts: What the pointer shows in place of the number ("<5").
        tone: One of `TONES`.
    """

    name: str
    values: Sequence[float | None]
    texts: Sequence[str] | None = None
    tone: str = "muted"


def bar_figure(
    x: Sequence[str],
    series: Sequence[Bars],
    *,
    missing: Sequence[str] = (),
    missing_text: str = "",
    stacked: bool = False,
    height: int = HEIGHT_PX,
) -> Figure:
    """Return bars over named places such as hours; several series stand side by side or stacked.

    Args:
        x: Names of the places, all different.
        series: What stands there.
        missing: Places where data is missing: hatched from bottom to top.
        missing_text: What the pointer says of them.
        stacked: Whether series stand on one another.
        height: Pixels.
    """
    heights = [[value or 0 for value in one.values] for one in series]
    tops = [sum(column) if stacked else max(column) for column in zip(*heights, strict=True)]
    top, ticks = nice_ticks(max(tops, default=0))
    traces: list[dict[str, Any]] = [
        {
            "type": "bar",
            "name": one.name,
            "x": list(x),
            "y": list(one.values),
            "customdata": list(one.texts or [f"{value:,}" for value in one.values]),
            "hovertemplate": f"%{{x}} {one.name} %{{customdata}}<extra></extra>",
            "marker": {"color": TONES[one.tone], "line": {"width": 0}},
        }
        for one in series
    ]
    if missing:
        traces.append(_hatch(list(missing), missing_text, [1.0] * len(missing)))
    layout = _layout(height, top, ticks)
    layout["barmode"] = "stack" if stacked else "group"
    layout["xaxis"] |= {"type": "category", "categoryarray": list(x), "range": [-0.5, len(x) - 0.5]}
    step = max(1, math.ceil(len(x) / 8))
    layout["xaxis"] |= {"tickvals": list(x)[::step]}
    return {"data": traces, "layout": layout}


def line_figure(
    points: Sequence[Point],
    zone: tzinfo,
    span: Span,
    *,
    name: str,
    unit: str = "",
    gaps: Sequence[Span] = (),
    missing_text: str = "",
    now: datetime | None = None,
    usual: Sequence[Point] = (),
    top: float | None = None,
    steps: bool = False,
    height: int = HEIGHT_PX,
) -> Figure:
    """Return a line over time, broken and hatched where nothing was heard.

    Args:
        points: Values, oldest first.
        zone: Clock of the place.
        span: What the x axis shows.
        name: What it is.
        unit: Its unit, for the text under the pointer.
        gaps: Where data is missing (`live.history.find_gaps`); never bridged.
        missing_text: What the pointer says there.
        now: Draws the present value as a dot, where given.
        usual: A forecast or a usual day, dotted.
        top: Upper end of the y axis, such as a capacity.
        steps: Draw steps, for counts that hold until the next.
        height: Pixels.
    """
    x, y = _broken(points, gaps, zone)
    bottom = min((point.value for point in points), default=0.0)
    highest = max((point.value for point in (*points, *usual)), default=0.0)
    end, ticks = nice_ticks(top if top is not None else highest, min(0.0, bottom))
    traces: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": name,
            "x": x,
            "y": y,
            "connectgaps": False,
            "line": {
                "color": TONES["accent"],
                "width": 2.2,
                "shape": "hv" if steps else "spline",
                "smoothing": 0.4,
            },
            "fill": "tozeroy",
            "fillcolor": _AREA,
            "hovertemplate": f"%{{x|%H:%M}} {name} %{{y:,.4~g}} {unit}<extra></extra>",
        }
    ]
    if usual:
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "x": [_local(point.at, zone) for point in usual],
                "y": [point.value for point in usual],
                "line": {"color": TONES["muted"], "width": 1.3, "dash": "dot"},
                "hoverinfo": "skip",
            }
        )
    if gaps:
        middles = [gap.since + (gap.until - gap.since) / 2 for gap in gaps]
        widths = [(gap.until - gap.since).total_seconds() * 1000 for gap in gaps]
        traces.append(_hatch([_local(at, zone) for at in middles], missing_text, widths))
    if now is not None and points:
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": [_local(points[-1].at, zone)],
                "y": [points[-1].value],
                "marker": {
                    "size": 8,
                    "color": TONES["accent"],
                    "line": {"width": 2, "color": "#090d12"},
                },
                "hoverinfo": "skip",
            }
        )
    layout = _layout(height, end, ticks)
    layout["xaxis"] |= {
        "type": "date",
        "range": [_local(span.since, zone), _local(span.until, zone)],
        "nticks": 6,
        "tickformat": "%H:%M" if span.until - span.since <= _DAYS_SHOWN else "%m-%d",
    }
    return {"data": traces, "layout": layout}


_DAYS_SHOWN = datetime(2000, 1, 3) - datetime(2000, 1, 1)


def chart(figure: Figure, label: str, *, hover: bool = True, key: str = "") -> html.Div:
    """Return a figure in its place, without a mode bar.

    Args:
        figure: What `bar_figure` or `line_figure` made.
        label: What a screen reader says in place of the picture.
        hover: Whether the pointer tells values; never on the wall.
        key: Component id, where a callback changes it.
    """
    named: dict[str, Any] = {"id": key} if key else {}
    graph = dcc.Graph(
        figure=figure,
        config={"displayModeBar": False, "responsive": True, "staticPlot": not hover},
        style={"height": f"{figure['layout']['height']}px"},
        **named,
    )
    return html.Div(graph, className="chart", role="img", **parts.aria(label=label))


def legend(entries: Mapping[str, str]) -> html.Ul:
    """Return the names of series by their tone, as the chart itself carries no legend."""
    return html.Ul(
        [
            html.Li([html.I(className=f"tone tone-{tone}"), html.Span(name)])
            for tone, name in entries.items()
        ],
        className="chart-key",
    )


LEAST_REACH = 1e-9
"""No axis is shorter: of what is smaller floats have no round numbers left."""


def nice_ticks(highest: float, lowest: float = 0.0) -> tuple[float, list[float]]:
    """Return the upper end of a y axis and at most three ticks, round numbers.

    Args:
        highest: Greatest value shown.
        lowest: Least value shown, zero or below.
    """
    reach = max(highest, -lowest, 0.0)
    if reach <= 0:
        return 1.0, [0.0]
    reach = max(reach, LEAST_REACH)
    size = 10 ** math.floor(math.log10(reach))
    top = next(step * size for step in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if step * size >= reach)
    return (top, [-top, 0.0, top]) if lowest < 0 else (top, [0.0, top / 2, top])


def _layout(height: int, top: float, ticks: list[float]) -> dict[str, Any]:
    font = {"family": "inherit", "size": 11.5, "color": TONES["muted"]}
    quiet = {"zeroline": False, "showline": False, "fixedrange": True}
    return {
        "height": height,
        "paper_bgcolor": "rgba(0, 0, 0, 0)",
        "plot_bgcolor": "rgba(0, 0, 0, 0)",
        "font": font,
        "margin": {"l": 42, "r": 6, "t": 8, "b": 22},
        "showlegend": False,
        "bargap": 0.35,
        "hoverlabel": {"font": {"size": 12}, "bordercolor": "rgba(0, 0, 0, 0)"},
        "hovermode": "closest",
        "xaxis": {"showgrid": False, "ticks": "", **quiet},
        "yaxis": {
            "gridcolor": _LINE,
            "range": [min(ticks), top * 1.02],
            "tickvals": ticks,
            "tickformat": ",~g",
            "ticks": "",
            **quiet,
        },
        "yaxis2": {
            "overlaying": "y",
            "range": [0, 1],
            "visible": False,
            "fixedrange": True,
        },
    }


def _hatch(x: list[str], text: str, widths: list[float]) -> dict[str, Any]:
    return {
        "type": "bar",
        "x": x,
        "width": widths,  # milliseconds on an axis of time, places on one of names
        "y": [1] * len(x),
        "yaxis": "y2",
        "marker": {
            "color": "rgba(0, 0, 0, 0)",
            "line": {"width": 0},
            "pattern": {"shape": "/", "size": 7, "solidity": 0.25, "fgcolor": TONES["silent"]},
        },
        "hovertemplate": f"{text}<extra></extra>",
    }


def _broken(
    points: Sequence[Point], gaps: Sequence[Span], zone: tzinfo
) -> tuple[list[str], list[float | None]]:
    """Return a line with a hole in each gap."""
    holes = [(gap.since + (gap.until - gap.since) / 2, None) for gap in gaps]
    pairs: list[tuple[datetime, float | None]] = [(point.at, point.value) for point in points]
    ordered = sorted([*pairs, *holes], key=lambda pair: pair[0])
    return [_local(at, zone) for at, _ in ordered], [value for _, value in ordered]


def _local(at: datetime, zone: tzinfo) -> str:
    # plotly knows no time zones: it is told the wall clock
    return at.astimezone(zone).replace(tzinfo=None).isoformat(timespec="milliseconds")
