"""Ways within a walk, cut where it ends."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.coverage.network import build_network
from geodata.coverage.routing import Router
from geodata.coverage.rules import load_rules
from geodata.coverage.snapping import Snapper, snap_buildings
from geodata.coverage.ways import cut_ways
from tests.geodata.coverage.worlds import PLANE, community, line, point


def cut(world, spots, limit_m, closed=()):
    network = build_network(world)
    snapper = Snapper(network)
    passable = load_rules().profile("adult").can_pass(network)
    router = Router(network, passable, snap_buildings(snapper, world), 0)
    for gate in closed:
        router.set_gate(gate, closed=True)
    places = snapper.snap(network.plane.to_xy(PLANE.to_degrees(spots)))
    return cut_ways(router, places, round(limit_m * 1000)), router, places


CROSS = [line((-100, 0), (0, 0)), line((0, 0), (100, 0)), line((0, 0), (0, 100))]


@pytest.mark.parametrize(
    ("spots", "limit", "reached"),
    [
        ([(-20, 0)], 10, 20),
        ([(-20, 0)], 50, 50 + 20 + 2 * 30),
        ([(-20, 5)], 50, 45 + 20 + 2 * 25),
        ([(-20, 0)], 500, 300),
        ([(-90, 0), (95, 0)], 20, 30 + 25),
        ([], 50, 0),
    ],
)
def test_a_walk_ends_where_it_ends(spots, limit, reached):
    (near, far), _, _ = cut(community(roads=CROSS), spots, limit)
    assert near.length == pytest.approx(reached, abs=0.05)
    assert far.length == pytest.approx(300 - reached, abs=0.05)


def test_a_locked_gate_ends_it():
    world = community(roads=CROSS, gates=[point(50, 0, id="g")])
    (near, far), _, _ = cut(world, [(0, 0)], 80, closed=["g"])
    assert near.length == pytest.approx(80 + 50 + 80, abs=0.05)
    assert far.length == pytest.approx(20 + 50 + 20, abs=0.05)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.integers(-95, 95), st.integers(0, 9)), min_size=1, max_size=4),
       st.integers(1, 150))  # fmt: skip
def test_each_stretch_is_on_its_side_of_the_walk(spots, limit):
    """Points of the ways are judged one by one, walked to as if a house stood there."""
    world = community(roads=CROSS)
    (near, far), router, places = cut(world, spots, limit)
    snapper = Snapper(router.network)
    for part, inside in ((near, True), (far, False)):
        if part.length < 1:
            continue
        points = shapely.get_coordinates(part.interpolate([0.3, 0.7], normalized=True))
        points = [xy for xy in points if part.boundary.distance(shapely.Point(xy)) > 0.1]
        if not points:
            continue
        doors = snapper.snap(np.array(points))
        other = Router(router.network, router.passable, doors, len(doors))
        reached = set(other.reach(places, round(limit * 1000)).target.tolist())
        assert reached == (set(range(len(doors))) if inside else set())
