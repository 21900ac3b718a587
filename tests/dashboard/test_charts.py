"""Charts: plotly takes them, three ticks at most, no line over what is missing."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import plotly.graph_objects as go
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dashboard.charts import TONES, Bars, bar_figure, line_figure, nice_ticks
from live.history import Point, Span

T0 = datetime(2026, 11, 20, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
CSS = Path(__file__).parents[2] / "assets" / "charts.css"


def test_plotly_takes_what_is_drawn():
    bars = bar_figure(["a", "b"], [Bars("in", [3, None], ["<5", "–"])], missing=["b"])
    points = [Point(T0 + timedelta(hours=n), n) for n in range(5)]
    span = Span(T0, T0 + timedelta(hours=6))
    gap = Span(T0 + timedelta(hours=1, minutes=10), T0 + timedelta(hours=1, minutes=50))
    line = line_figure(points, ZONE, span, name="x", gaps=[gap], now=T0, usual=points)
    for figure in (bars, line):
        go.Figure(figure)  # raises on anything it does not know
        assert figure["layout"]["showlegend"] is False
        assert len(figure["layout"]["yaxis"]["tickvals"]) <= 3


def test_a_line_breaks_where_data_is_missing_and_the_place_is_hatched():
    points = [Point(T0 + timedelta(hours=n), 1.0) for n in (0, 1, 4, 5)]
    gap = Span(T0 + timedelta(hours=1), T0 + timedelta(hours=4))
    span = Span(T0, T0 + timedelta(hours=6))
    figure = line_figure(points, ZONE, span, name="x", gaps=[gap])
    line, hatch = figure["data"]
    assert line["y"] == [1.0, 1.0, None, 1.0, 1.0]
    assert line["connectgaps"] is False
    assert line["x"][0].startswith("2026-11-20T08:00")  # the place's own clock
    assert hatch["width"] == [3 * 3_600_000]
    assert hatch["marker"]["pattern"]["shape"] == "/"


@given(st.floats(0, 1e7), st.floats(-1e5, 0))
@example(0.0, -5e-324)
@example(5e-324, 0.0)
def test_ticks_are_few_and_hold_every_value(highest, lowest):
    top, ticks = nice_ticks(highest, lowest)
    assert len(ticks) <= 3
    assert max(ticks) == top >= highest or highest == 0
    assert min(ticks) <= lowest


@pytest.mark.parametrize("tone", ["accent", "second", "third", "fourth", "muted"])
def test_every_tone_follows_the_theme(tone):
    red, green, blue = (int(TONES[tone][at : at + 2], 16) for at in (1, 3, 5))
    rule = rf"fill: rgb\({red}, {green}, {blue}\)\"\] {{ fill: var\(--"
    assert re.search(rule, CSS.read_text(encoding="utf-8"))
