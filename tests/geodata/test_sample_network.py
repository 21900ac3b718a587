"""The sample's ways: one network, noded, through gates only, past every door."""

from itertools import pairwise

import pytest
import shapely

from geodata.sample import make_sample

METRES = "EPSG:32650"


class Groups:
    """Union-find over anything that can be a key."""

    def __init__(self):
        self.parent = {}

    def find(self, key):
        self.parent.setdefault(key, key)
        while self.parent[key] != key:
            self.parent[key] = self.parent[self.parent[key]]
            key = self.parent[key]
        return key

    def join(self, first, second):
        self.parent[self.find(first)] = self.find(second)


@pytest.fixture(scope="module", params=(350102, 11))
def frames(request):
    return make_sample(request.param)[0]


@pytest.fixture(scope="module")
def groups(frames):
    """Ends of lines joined by lines: only shared end points connect."""
    found = Groups()
    for line in frames["roads"].geometry:
        found.join(line.coords[0], line.coords[-1])
    return found


def key(point):
    return (point.x, point.y)


def test_one_network_reaches_every_door_and_service(frames, groups):
    roots = {groups.find(end) for end in list(groups.parent)}
    assert len(roots) == 1
    for layer in ("entrances", "services"):
        for id_, point in zip(frames[layer]["id"], frames[layer].geometry, strict=True):
            assert key(point) in groups.parent, (layer, id_)


def test_the_network_runs_through_every_gate(frames):
    vertices = {xy for line in frames["roads"].geometry for xy in line.coords}
    assert {key(point) for point in frames["gates"].geometry} <= vertices


def test_lines_meet_only_where_they_end(frames):
    lines = frames["roads"].geometry.to_numpy()
    ends = {xy for line in lines for xy in (line.coords[0], line.coords[-1])}
    for line in lines:
        assert not set(line.coords[1:-1]) & ends
    metric = frames["roads"].to_crs(METRES)
    first, second = metric.sindex.query(metric.geometry, predicate="crosses")
    shapes = metric.geometry.to_numpy()
    for a, b in zip(first, second, strict=True):
        # rounding to centimetres may let neighbours touch a hair past their common end
        meet = shapes[a].intersection(shapes[b])
        near = shapely.MultiPoint([*shapes[a].coords[:: len(shapes[a].coords) - 1]])
        assert meet.distance(near) < 0.05


def test_every_unit_door_has_a_path_of_a_few_metres(frames):
    roads = frames["roads"].to_crs(METRES)
    paths = roads[roads["width_m"] > 1.5].geometry.union_all()
    assert frames["entrances"].to_crs(METRES).distance(paths).max() < 12


def test_ways_pass_walls_only_at_gates(frames):
    compounds = frames["compounds"].to_crs(METRES).set_index("id").geometry
    gates = frames["gates"].to_crs(METRES)
    roads = frames["roads"].to_crs(METRES).geometry
    for id_ in gates["compound_id"].unique():
        wall = compounds[id_].boundary
        own = gates[gates["compound_id"] == id_].geometry.union_all()
        crossing = roads[roads.intersects(wall)].intersection(wall).union_all()
        assert crossing.hausdorff_distance(own) < 0.3, id_


def test_streets_have_their_names_and_run_on_into_the_city(frames):
    names = set(frames["roads"]["name"].dropna())
    assert {"津泰路", "南营巷", "中军后"} <= names
    roads = frames["roads"].to_crs(METRES)
    boundary = frames["boundary"].to_crs(METRES).geometry.iloc[0]
    main = roads[roads["kind"].isin(["primary", "secondary"])]
    assert main.distance(boundary).max() > 900
    steps = roads[roads["steps"]]
    assert len(steps) >= 1
    assert (steps["kind"] == "steps").all()


def test_closing_the_gates_shuts_a_compound_off(frames):
    """Walls are real: without its gates no door of a walled compound is reached from the park."""
    gates = {key(point) for point in frames["gates"].geometry}
    cut = Groups()
    for line in frames["roads"].geometry:
        coords = list(line.coords)
        for a, b in pairwise(coords):
            if a not in gates and b not in gates:
                cut.join(a, b)
    service = frames["services"].set_index("name").geometry
    outside = cut.find(key(service["长者食堂"]))
    walled = set(frames["gates"]["compound_id"])
    homes = frames["buildings"].set_index("id")["compound_id"]
    doors = frames["entrances"]
    for id_, building, point in zip(doors["id"], doors["building_id"], doors.geometry, strict=True):
        reached = cut.find(key(point)) == outside
        assert reached == (homes[building] not in walled), id_
