"""Lanes between gates and buildings: along the road, with the sum of those led over each."""

from __future__ import annotations

import pytest

from geodata.community import Community
from live.history import Flow
from live.history.ways import Lane, Ways
from tests.live.history.town import LON, STEP


@pytest.fixture(scope="module")
def ways(town: Community) -> Ways:
    return Ways(town)


def _along(lanes: list[Lane], x: float) -> tuple[int, int]:
    """Return who passes a place of the town's one road, in steps from its origin."""
    here = [
        (lane.in_, lane.out)
        for lane in lanes
        if min(lon for lon, _ in lane.path) < LON + x * STEP < max(lon for lon, _ in lane.path)
    ]
    return tuple(map(sum, zip(*here, strict=True))) if here else (0, 0)


def test_people_are_led_along_the_road_and_summed_by_lane(ways):
    lanes = ways.lanes(
        [
            Flow("gA", "b1", "in", 10),  # from 0 to 4, the door of b1
            Flow("gB", "a1", "in", 5),  # from 4 back to 0
            Flow("gA", "a2", "out", 20),  # from 2 to 0
        ]
    )
    assert [_along(lanes, x) for x in (-0.5, 0.5, 1.5, 2.5, 3.5, 4.3)] == [
        (0, 0), (15, 20), (15, 20), (15, 0), (15, 0), (0, 0),
    ]  # fmt: skip


def test_a_building_right_at_its_gate_has_no_lane_to_walk(ways):
    assert ways.lanes([Flow("gA", "a1", "in", 10)]) == []


def test_a_place_that_no_way_joins_has_no_lanes(ways):
    assert ways.lanes([Flow("gA", "nowhere", "in", 10), Flow("nowhere", "a1", "out", 10)]) == []
