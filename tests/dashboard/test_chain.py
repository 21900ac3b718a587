import pytest

from dashboard.chain import chain_of
from dashboard.features import describe_feature
from geodata.community import load_community
from geodata.sample import write_sample

LAYERS = (
    "grids", "compounds", "buildings", "entrances", "gates", "plate_cameras", "services", "parking",
)  # fmt: skip


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    path = tmp_path_factory.mktemp("chain") / "sample.gpkg"
    write_sample(path)
    return load_community(path)


def _ways(community, layer):
    return {key: chain_of(community, layer, key) for key in community[layer]["id"]}


@pytest.mark.parametrize("layer", LAYERS)
def test_every_way_begins_with_the_community_and_ends_at_the_thing(sample, layer):
    for key, way in _ways(sample, layer).items():
        assert (way[0].layer, way[0].name) == ("community", sample.name)
        assert (way[-1].layer, way[-1].id) == (layer, key)
        assert len({(step.layer, step.id) for step in way}) == len(way)
        assert all(step.name for step in way)


def test_a_door_is_two_steps_below_its_building_and_that_below_its_grid(sample):
    doors, buildings = sample["entrances"], sample["buildings"].set_index("id")
    for key, building in zip(doors["id"], doors["building_id"], strict=True):
        way = chain_of(sample, "entrances", key)
        assert [step.layer for step in way] == ["community", "grids", "buildings", "entrances"]
        assert way[2].id == building
        assert way[1].id == buildings.loc[building, "grid_id"]


def test_what_names_no_parent_belongs_to_the_grid_it_stands_in(sample):
    devices = sample["devices"]
    poles = devices[devices["kind"] == "sos_pole"]
    areas = sample["grids"].set_index("id").geometry
    for key, point in zip(poles["id"], poles.geometry, strict=True):
        way = chain_of(sample, "devices", key)
        inside = [area for area, shape in areas.items() if shape.contains(point)]
        assert [step.id for step in way if step.layer == "grids"] == inside[:1]


def test_a_name_does_not_say_again_what_its_parent_said(sample):
    way = chain_of(sample, "entrances", "jmxy-01-u1")
    assert [step.name for step in way] == ["军门社区", "军门第 1 网格", "军门新苑 1 号楼", "1 单元"]


def test_floor_and_what_stands_on_it(sample):
    assert [step.layer for step in chain_of(sample, "floors", "jmxy-01/4")] == [
        "community", "grids", "buildings", "floors",
    ]  # fmt: skip
    assert chain_of(sample, "floors", "no-such/4")[0].layer == "community"
    assert len(chain_of(sample, "floors", "no-such/4")) == 1


def test_areas_add_up_to_the_whole(served, sample):
    buildings = sample["buildings"]
    inside = buildings[buildings["grid_id"].notna()]
    assert len(inside) == len(buildings)
    twin = _Twin(sample, served.world.twin)
    found = [describe_feature(twin, "grids", key) for key in sample["grids"]["id"]]
    assert sum(f["totals"]["buildings"] for f in found) == len(buildings)
    assert sum(f["totals"]["households"] for f in found) == 3500
    assert sum(f["totals"]["residents"] for f in found) == 13000
    doors = [row["id"] for f in found for row in f["related"].get("entrances", [])]
    assert sorted(doors) == sorted(sample["entrances"]["id"])


class _Twin:
    """A community beside a running twin that knows none of its things: nothing was heard."""

    def __init__(self, community, twin):
        self.community, self.lock, self.state = community, twin.lock, twin.state
        self.store = twin.store
