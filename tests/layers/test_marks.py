import numpy as np
import pytest

from geodata.schema import DEVICE_KINDS, METER_KINDS
from layers import marks
from layers.catalogue import BUILDERS, build_table
from layers.scene import Scene
from tests.browser.tiny import POINTS, make_tiny, place_of


@pytest.fixture(scope="module")
def scene():
    return Scene(make_tiny())


@pytest.mark.parametrize("layer", sorted(POINTS))
def test_marks_stand_where_they_are_and_keep_their_order(scene, layer):
    table = build_table(scene, layer)
    expected = [key for key, *_, more in POINTS[layer] if more.get("kind") not in METER_KINDS]
    assert table.meta["ids"] == expected
    middle = scene.frame.to_metres(np.array([119.3]), np.array([26.08]))[0]
    for row, key in enumerate(expected):
        # the tiny community's metres are of the true ellipsoid, deck.gl's of a sphere
        found = table.columns["positions"][row, :2] - middle
        assert found == pytest.approx(place_of(layer, key), abs=0.4)
    assert (table.columns["positions"][:, 2] > 0.5).all(), "marks float above the ground"


def test_meters_inside_flats_are_left_out(scene):
    table = marks.devices_columns(scene)
    kinds = [DEVICE_KINDS[k] for k in table.columns["kinds"]]
    assert kinds == ["sos_pole", "waste_bin"]
    assert "meter0" not in table.meta["ids"]
    assert "水表" not in table.meta["names"]


def test_unknown_capacity_is_not_nought():
    community = make_tiny()
    community["parking"].loc[0, "capacity"] = None
    capacity = marks.parking_columns(Scene(community)).columns["capacity"]
    assert np.isnan(capacity[0])
    assert capacity[1] == 8


@pytest.mark.parametrize("layer", sorted(BUILDERS))
def test_layer_without_features_is_an_empty_table(layer):
    community = make_tiny()
    for name in list(community.frames):
        if name not in ("boundary",):
            community.frames[name] = community.frames[name].iloc[:0]
    assert build_table(Scene(community), layer).length == 0


def test_unknown_layer_or_theme_is_refused(scene):
    with pytest.raises(KeyError):
        build_table(scene, "nothing")
    with pytest.raises(KeyError):
        build_table(scene, "ground", "pink")
