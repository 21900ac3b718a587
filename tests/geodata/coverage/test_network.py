"""Where lines meet, how gates close, and that shortest ways are the shortest."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from geodata.coverage.network import FAR, build_network
from geodata.coverage.routing import Router
from geodata.coverage.rules import load_rules
from geodata.coverage.snapping import LIMIT_M, Snapper, snap_buildings
from tests.geodata.coverage.worlds import PLANE, community, house, line, point

ADULT = load_rules().profile("adult")


def router_of(world, profile=ADULT):
    network = build_network(world)
    snapper = Snapper(network)
    doors = snap_buildings(snapper, world)
    return Router(network, profile.can_pass(network), doors, len(world["buildings"])), snapper


def walk(world, place, *, closed=(), profile=ADULT):
    """Return millimetres from a place to each building, FAR where no way leads."""
    router, snapper = router_of(world, profile)
    for gate in closed:
        router.set_gate(gate, closed=True)
    at = router.network.plane.to_xy(PLANE.to_degrees([place]))
    pairs = router.reach(snapper.snap(at), int(FAR) - 1)
    result = np.full(router.buildings, FAR)
    result[pairs.target] = pairs.mm
    return result.tolist()


def test_a_bridge_does_not_meet_the_street_below():
    street, bridge = line((-50, 0), (50, 0)), line((0, -50), (0, 50))
    around = line((50, 0), (50, 50), (0, 50))
    network = build_network(community(roads=[street, bridge, around]))
    assert (network.way_nodes, network.way_edges, network.components) == (5, 4, 1)
    assert len(network.ends) == 1  # one way from end to end, all its corners bends
    shared = line((0, -50), (0, 0), (0, 50))
    crossing = build_network(community(roads=[line((-50, 0), (0, 0), (50, 0)), shared]))
    degree = np.bincount(crossing.ends.ravel())
    assert degree.max() == 4


@pytest.mark.parametrize(("gap", "meets"), [(0.0, True), (0.09, True), (0.2, False)])
def test_the_end_of_a_line_touches_another(gap, meets):
    network = build_network(community(roads=[line((-50, 0), (50, 0)), line((7, gap), (7, 60))]))
    assert network.components == (1 if meets else 2)
    assert network.way_edges == (3 if meets else 2)


def test_ways_not_for_feet_are_not_walked():
    roads = [line((0, 0), (9, 0), foot=False), line((0, 0), (0, 9), foot=None, kind="motorway")]
    roads += [line((0, 0), (-9, 0), foot=None, kind="service")]
    network = build_network(community(roads=roads))
    assert len(network.ends) == 1
    assert network.road.tolist() == [2]


WALL = {
    "roads": [line((-100, 0), (0, 0), (100, 0)), line((0, 0), (0, 80))],
    "compounds": [house(0, 60, 100, id="yard")],
    "buildings": [house(0, 80, 4, compound_id="yard"), house(90, 0, 4)],
}


def test_a_locked_gate_is_a_closed_edge():
    world = community(gates=[point(0, 10, id="g", compound_id="yard")], **WALL)
    assert walk(world, (-100, 0)) == [180_001, 190_000]
    assert walk(world, (-100, 0), closed=["g"]) == [FAR, 190_000]


def test_a_gate_on_a_corner_shuts_its_compound_and_not_the_street():
    inner = [*WALL["roads"], line((0, 0), (20, 70), (0, 80))]
    on_street = {**WALL, "roads": inner, "compounds": [house(0, 50.5, 100, id="yard")]}
    world = community(gates=[point(0, 0, id="g", compound_id="yard")], **on_street)
    assert walk(world, (-100, 0)) == [180_001, 190_000]
    assert walk(world, (-100, 0), closed=["g"]) == [FAR, 190_000]
    # whose compound is not known, that gate lets nobody past at all
    unknown = community(gates=[point(0, 0, id="g")], **on_street)
    assert walk(unknown, (-100, 0), closed=["g"]) == [FAR, FAR]


def test_who_lives_at_the_gate_is_reached_on_its_own_side():
    doors = [point(0, 8, building_id="buildings-1"), point(0, 12, building_id="buildings-2")]
    world = community(entrances=doors, gates=[point(0, 10, id="g", compound_id="yard")], **WALL)
    assert walk(world, (-100, 0), closed=["g"]) == [108_000, FAR]


def test_gates_far_from_ways_are_told():
    world = community(gates=[point(40, 5, id="far"), point(0, 40.4, id="near")], **WALL)
    network = build_network(world)
    assert network.loose_gates == ("far",)
    assert set(network.gate_edges) == {"near"}


def test_places_join_the_network_that_goes_on():
    roads = [line((0, 0), (100, 0)), line((50, 30), (60, 30))]
    world = community(roads=roads, buildings=[house(55, 32, 2), house(0, LIMIT_M + 9, 2)])
    assert walk(world, (0, 0)) == [55_000 + 32_000, FAR]


def test_neighbours_on_one_way_do_not_walk_to_its_end():
    world = community(roads=[line((0, 0), (100, 0))], buildings=[house(52, 3, 2)])
    assert walk(world, (50, -4)) == [4_000 + 2_000 + 3_000]


def test_the_sample_is_one_network_with_all_its_gates(sample, sample_network):
    assert sample_network.components == 1
    assert sample_network.loose_gates == ()
    assert set(sample_network.gate_edges) == set(sample["gates"]["id"])


def test_closing_all_gates_shuts_the_walled_compounds_off(sample, sample_network):
    snapper = Snapper(sample_network)
    doors = snap_buildings(snapper, sample)
    passable = ADULT.can_pass(sample_network)
    router = Router(sample_network, passable, doors, len(sample["buildings"]))
    canteen = sample["services"].query("kind == 'canteen'").geometry.iloc[0]
    place = snapper.snap(sample_network.plane.to_xy([(canteen.x, canteen.y)]))
    assert len(router.reach(place, 5_000_000).target) == len(sample["buildings"])
    for gate in sample["gates"]["id"]:
        router.set_gate(gate, closed=True)
    reached = set(router.reach(place, 5_000_000).target.tolist())
    homes = sample["buildings"]["compound_id"]
    inside = homes.isin(set(sample["gates"]["compound_id"])).to_numpy(bool)
    lived = sample["buildings"]["households"].to_numpy(int) > 0
    assert not reached & set(np.flatnonzero(inside & lived).tolist())
    assert set(np.flatnonzero(~inside & lived).tolist()) <= reached


def brute_force(router, doors, places):
    """Return distances, (places, buildings), by scipy over every node, a door at a time."""
    network = router.network
    nodes = len(network.xy)
    keep = np.asarray(router.passable).copy()
    for gate in router.closed:
        keep[list(network.gate_edges.get(gate, ()))] = False
    table = np.full((nodes, nodes), np.inf)
    for (a, b), mm in zip(network.ends[keep], network.mm[keep], strict=True):
        if a != b:  # of ways side by side the shorter
            table[a, b] = table[b, a] = min(table[a, b], mm)
    far = dijkstra(csr_array(np.where(np.isinf(table), 0, table)), directed=False)
    result = np.full((len(places), router.buildings), np.inf)
    for place in range(len(places)):
        for door in range(len(doors)):
            e, f = places.edge[place], doors.edge[door]
            if e < 0 or f < 0 or not (router.passable[e] and router.passable[f]):
                continue
            legs = int(places.leg_mm[place]) + int(doors.leg_mm[door])
            ends = [
                far[network.ends[e, i], network.ends[f, j]]
                + abs(i * int(network.mm[e]) - int(places.at_mm[place]))
                + abs(j * int(network.mm[f]) - int(doors.at_mm[door]))
                for i in (0, 1)
                for j in (0, 1)
            ]
            if e == f:
                ends.append(abs(int(places.at_mm[place]) - int(doors.at_mm[door])))
            near = min(ends) + legs
            row = doors.of[door]
            result[place, row] = min(result[place, row], near)
    return result


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), limit=st.sampled_from([60_000, 150_000, 2_000_000]))
def test_nearest_equals_brute_force(seed, limit):
    rng = np.random.default_rng(seed)
    spots = [(float(x), float(y)) for x in range(0, 200, 40) for y in range(0, 160, 40)]
    roads = []
    for x, y in spots:
        for dx, dy in ((40, 0), (0, 40)):
            if (x + dx, y + dy) in spots and rng.random() < 0.6:
                steps = bool(rng.random() < 0.15)
                roads.append(line((x, y), (x + dx, y + dy), steps=steps))
    if not roads:
        return
    gates = [
        point(*np.mean(roads[int(i)]["geometry"].coords, axis=0))
        for i in rng.choice(len(roads), min(3, len(roads)), replace=False)
    ]
    buildings = [house(*rng.uniform(0, 200, 2), 3) for _ in range(6)]
    entrances = [point(*rng.uniform(0, 200, 2), building_id=f"buildings-{i}") for i in (1, 1, 2, 3)]
    world = community(roads=roads, gates=gates, buildings=buildings, entrances=entrances)
    profile = load_rules().profile(("adult", "wheelchair")[seed % 2])
    router, snapper = router_of(world, profile)
    doors = snap_buildings(snapper, world)
    for gate in router.network.gate_edges:
        router.set_gate(gate, closed=bool(rng.random() < 0.5))
    places = snapper.snap(rng.uniform(0, 200, (5, 2)))
    expected = brute_force(router, doors, places)
    for _ in range(2):  # twice: a run leaves nothing behind
        pairs = router.reach(places, limit)
        found = np.full(expected.shape, np.inf)
        for place in range(len(places)):
            target, mm = pairs.of(place)
            assert (np.diff(target) > 0).all()
            found[place, target] = mm
        np.testing.assert_array_equal(found, np.where(expected <= limit, expected, np.inf))


@pytest.mark.parametrize(("limit", "reached"), [(300_000, [0, 1]), (299_999, [0])])
def test_at_just_the_limit_is_within_it(limit, reached):
    roads = [line((0, 0), (100, 0), (300, 0), (400, 0))]
    doors = [point(100, 0, building_id="buildings-1"), point(300, 0, building_id="buildings-2")]
    world = community(roads=roads, buildings=[house(100, 9), house(300, 9)], entrances=doors)
    router, snapper = router_of(world)
    place = snapper.snap(router.network.plane.to_xy(PLANE.to_degrees([(0.0, 0.0)])))
    assert router.reach(place, limit).target.tolist() == reached
