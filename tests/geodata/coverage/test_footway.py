"""Where somebody is sent: the nearest first, the line as long as it says, gates as they stand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.coverage.footway import Footways
from geodata.coverage.network import build_network
from tests.geodata.coverage.test_network import walk
from tests.geodata.coverage.worlds import PLANE, community, house, line, point

STEPS = range(-80, 81, 40)
GRID = community(
    roads=[line(*((x, y) for y in STEPS)) for x in STEPS]
    + [line(*((x, y) for x in STEPS)) for y in STEPS]
)
NETWORK = build_network(GRID)
WAYS = Footways(NETWORK)


def to_xy(network, *spots):
    return network.plane.to_xy(PLANE.to_degrees(list(spots)))


spots = st.tuples(st.floats(-78, 78), st.floats(-78, 78))


@settings(max_examples=15, deadline=None)
@given(spots, spots, spots)
def test_the_nearest_is_first_and_its_line_is_as_long_as_it_says(first, second, goal):
    xy = to_xy(NETWORK, goal, first, second)
    ways = WAYS.find(xy[1:], xy[0])
    assert {way.start for way in ways} == {0, 1}
    assert [way.mm for way in ways] == sorted(way.mm for way in ways)
    for way in ways:
        assert np.hypot(*np.diff(way.path, axis=0).T).sum() * 1000 == pytest.approx(way.mm, abs=25)
        assert np.allclose(way.path[[0, -1]], xy[[1 + way.start, 0]], atol=0.02)
        away = np.abs(xy[0] - xy[1 + way.start])
        # streets of a grid: never shorter than straight, never longer than a block about
        assert np.hypot(*away) - 0.1 <= way.mm / 1000 <= away.sum() + 4 * 40


def test_it_agrees_with_the_distances_of_coverage():
    world = community(
        roads=[line((-50, 0), (0, 0), (50, 0)), line((0, 0), (0, 60), (50, 60))],
        buildings=[house(50, 66)],
    )
    network = build_network(world)
    xy = to_xy(network, (50, 66), (-40, 3))
    (way,) = Footways(network).find(xy[1:], xy[0])
    assert way.mm == pytest.approx(walk(world, (-40, 3))[0], abs=2)


def test_a_gate_that_is_shut_is_walked_around_and_none_is_left_where_it_is_the_only_way():
    network = build_network(
        community(
            roads=[line((-50, 0), (50, 0)), line((-50, 0), (-50, 90), (50, 90), (50, 0))],
            gates=[point(0, 0, id="g")],
        )
    )
    assert network.gate_edges["g"]
    xy = to_xy(network, (40, 0), (-40, 0))
    ways = Footways(network)
    (open_,) = ways.find(xy[1:], xy[0])
    (shut,) = ways.find(xy[1:], xy[0], ["g"])
    assert open_.mm == pytest.approx(80_000, abs=60)
    assert shut.mm == pytest.approx(10_000 + 90_000 + 100_000 + 90_000 + 10_000, abs=200)
    lonely = build_network(community(roads=[line((-50, 0), (50, 0))], gates=[point(0, 0, id="g")]))
    xy = to_xy(lonely, (40, 0), (-40, 0))
    assert Footways(lonely).find(xy[1:], xy[0], ["g"]) == []
    assert Footways(lonely).find(xy[:0], xy[0]) == []
