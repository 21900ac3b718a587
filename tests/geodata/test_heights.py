from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.heights import parse_metres, parse_storeys, to_heights


@pytest.mark.parametrize(
    ("text", "metres"),
    [
        (12, 12),
        ("12", 12),
        ("12 m", 12),
        ("12m", 12),
        ("12,5", 12.5),
        ("3;4", 4),
        ("10-12", 12),
        ("40'", 12.192),
        ("40'6\"", 12.3444),
        ("40 ft", 12.192),
        ("１２米", 12),
        ("约18米", 18),
        ("~7.5", 7.5),
    ],
)
def test_lengths(text, metres):
    assert parse_metres(text) == pytest.approx(metres)


@pytest.mark.parametrize("text", ["", None, "high", "-", "无", float("nan"), "12 apples", "m"])
def test_no_length(text):
    assert math.isnan(parse_metres(text))


@pytest.mark.parametrize(
    ("text", "storeys"),
    [
        ("6", 6),
        ("6层", 6),
        ("6F", 6),
        ("六层", 6),
        ("十一层", 11),
        ("二十", 20),
        ("6+1", 7),
        ("地上6层/地下1层", 6),
        ("2;3", 3),
        ("3.5", 3.5),
    ],
)
def test_storeys(text, storeys):
    assert parse_storeys(text) == storeys


def heights(rows, area=200.0):
    df = pd.DataFrame(rows)
    return to_heights(df, pd.Series(area, index=df.index))


def test_every_height_says_where_it_comes_from():
    found, lost = heights(
        [
            {"height": "21 m", "storeys": "7"},
            {"height": None, "storeys": "6层"},
            {"height": None, "storeys": None, "use": "apartments"},
            {"height": None, "storeys": None, "use": "garage"},
        ]
    )
    assert found["height_source"].tolist() == ["measured", "from_storeys", "assumed", "assumed"]
    assert found["height_m"].tolist()[:2] == [21, 18]
    assert found["height_m"][2] > found["height_m"][3]
    assert lost.empty
    # what was assumed is not passed off as known
    assert found["storeys"].isna().tolist() == [False, False, True, True]


def test_small_unknown_buildings_are_low():
    small, _ = heights([{"height": None}], area=20.0)
    large, _ = heights([{"height": None}], area=900.0)
    assert small["height_m"][0] < large["height_m"][0]


@pytest.mark.parametrize("bad", ["0", "-3", "5000", "tall"])
def test_unusable_height_falls_back_and_is_told(bad):
    found, lost = heights([{"height": bad, "storeys": "4"}])
    assert found["height_source"][0] == "from_storeys"
    assert lost[["column", "value"]].to_numpy().tolist() == [["height", bad]]


def test_base_above_the_top_is_told():
    found, lost = heights([{"height": "10", "base": "12"}, {"height": "10", "min_level": "2"}])
    assert math.isnan(found["base_m"][0])
    assert found["base_m"][1] == 6
    assert len(lost) == 1


CELL = st.one_of(st.none(), st.text(max_size=8), st.integers(-5, 500), st.floats())


@given(st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=20))
def test_any_cells_give_heights_that_can_be_drawn(cells):
    rows = [{"height": h, "storeys": s, "base": b} for h, s, b in cells]
    found, _ = heights(rows)
    assert len(found) == len(rows)
    assert found["height_m"].between(0.5, 1000).all()
    assert (found["base_m"].fillna(0) < found["height_m"]).all()
    assert found["height_source"].isin(["measured", "from_storeys", "assumed"]).all()
