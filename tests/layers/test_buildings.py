import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geodata.community import to_schema
from geodata.schema import CRS, LAYERS
from layers import buildings, labels
from layers.scene import Scene
from tests.browser.tiny import BLOCKS, make_tiny, to_degrees


@pytest.fixture
def community():
    return make_tiny()


def _with_parts(community, *parts):
    shape = community["buildings"].geometry[0]
    rows = [{"height_source": "measured", "height_m": 8.0, **part} for part in parts]
    gdf = gpd.GeoDataFrame(rows, geometry=[shape] * len(rows), crs=CRS)
    community.frames["building_parts"] = to_schema(gdf, LAYERS["building_parts"])
    return community


def test_buildings_are_as_high_as_they_are(community):
    table = buildings.build_columns(Scene(community))
    first = table.columns["starts"][:-1]
    heights = table.columns["elevations"][first]
    assert heights.tolist() == [block[4] for block in BLOCKS.values()]
    assert table.meta["ids"] == list(BLOCKS)


def test_parts_are_drawn_in_place_of_the_outline_and_named_as_the_building(community):
    scene = Scene(
        _with_parts(
            community,
            {"id": "p1", "building_id": "tall", "height_m": 20.0, "base_m": 0.0},
            {"id": "p2", "building_id": "tall", "height_m": 30.0, "base_m": 20.0},
            {"id": "p3", "building_id": "no such building"},
        )
    )
    table = buildings.build_columns(scene)
    assert sorted(table.meta["ids"]) == ["low", "mid", "tall", "tall"]
    rows = [i for i, key in enumerate(table.meta["ids"]) if key == "tall"]
    starts = table.columns["starts"]
    spans = sorted(
        (table.columns["positions"][starts[i], 2], table.columns["elevations"][starts[i]])
        for i in rows
    )
    assert spans == [(0.0, 20.0), (20.0, 10.0)]
    assert {table.meta["names"][i] for i in rows} == {"tall 楼"}


@pytest.mark.parametrize(
    ("use", "height", "tone"),
    [
        ("school", 60.0, "public"),
        ("residential", 60.0, "tower"),
        ("", 9.0, "old"),
        ("", 20.0, "slab"),
    ],
)
def test_tone_by_use_and_height(use, height, tone):
    assert buildings.building_tone(use, height) == tone


def test_unknown_height_of_a_base_is_the_ground(community):
    assert pd.isna(community["buildings"]["base_m"]).all()
    positions = buildings.build_columns(Scene(community)).columns["positions"]
    assert np.isfinite(positions).all()
    assert set(positions[:, 2]) == {0.0}


def test_roof_boxes_stay_on_their_roof(community):
    scene = Scene(community)
    table = buildings.build_columns(scene)
    roofs = scene.to_metres(community["buildings"].geometry.to_numpy())
    boxes = table.columns["boxes"]
    assert len(boxes)
    for x, y, z, *_ in boxes.tolist():
        hit = [r for r in roofs if r.buffer(0.1).contains(shapely.Point(x, y))]
        assert hit
        assert z in {block[4] for block in BLOCKS.values()}


def test_labels_name_streets_along_their_own_direction(community):
    table = labels.build_columns(Scene(community))
    row = table.meta["texts"].index("中路")
    assert table.meta["kinds"][row] == "road"
    assert table.columns["bearings"][row] % 180 == pytest.approx(90, abs=1)
    lon, _ = to_degrees(0, 0)
    assert lon == pytest.approx(119.3)
