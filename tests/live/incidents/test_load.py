"""The load of alarms, counted by hand and held against ISA-18.2."""

from __future__ import annotations

import pytest

from live.incidents.load import DAY_S, judge_load

NOW = 1_000_000.0


@pytest.mark.parametrize(
    ("moments", "people", "state", "hour_each"),
    [
        ([], 0, "fine", 0.0),
        ([NOW - 500 * k for k in range(6)], 1, "fine", 6.0),
        ([NOW - 500 * k for k in range(7)], 1, "high", 7.0),
        ([NOW - 270 * k for k in range(13)], 1, "over", 13.0),
        # two people bear twice as much
        ([NOW - 270 * k for k in range(13)], 2, "high", 6.5),
        ([NOW - 59 * k for k in range(10)], 1, "flood", 10.0),
        ([NOW - 59 * k for k in range(9)], 1, "high", 9.0),
        ([NOW - 59 * k for k in range(10)], 2, "fine", 5.0),
    ],
)
def test_the_state_is_that_of_one_operator(moments, people, state, hour_each):
    told = judge_load(sorted(moments), NOW, people)
    assert (told["state"], told["hour_each"]) == (state, hour_each)


def test_a_flood_lasts_as_long_as_ten_lie_within_ten_minutes():
    began = NOW - 7200
    told = judge_load([began + 30 * k for k in range(10)], NOW, 1)
    # from the tenth, after 270 s, until the first of them is ten minutes old
    assert told["flood_share"] == pytest.approx((600 - 270) / DAY_S, abs=1e-4)
    assert (told["worst_ten_minutes"], told["ten_minutes"], told["hour"]) == (10, 0, 0)
