"""A building's table of floors: one block a flat, in its place, all alike without the right."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.community import DWELLINGS, Community, to_columns, to_schema
from geodata.schema import CRS, LAYERS, TENURES
from layers import floors
from layers.columns import decode_table, encode_table
from layers.scene import Scene
from tests.browser.tiny import BLOCKS, make_tiny

SLAB, BLOCK, ROOF = range(3)


def _scene(rows=(), **columns):
    """The tiny community with flats, and with columns set for its building mid."""
    tiny = make_tiny()
    for name, value in columns.items():
        tiny["buildings"].loc[tiny["buildings"]["id"] == "mid", name] = value
    doors = tiny["entrances"]
    doors.loc[doors["id"].isin(["d0", "d1"]), "unit"] = ["1", "2"]
    flats = pd.DataFrame(
        [
            {"id": f"f{n}", "building_id": "mid", "unit": unit, "floor": floor, "room": room,
             "tenure": tenure}
            for n, (unit, floor, room, tenure) in enumerate(rows)
        ],
        columns=["id", "building_id", "unit", "floor", "room", "tenure"],
    )  # fmt: skip
    return Scene(Community(tiny.frames, tiny.meta, "x", to_columns(flats, DWELLINGS)))


def _shapes(table, kind=None):
    """Every solid's outline in metres with its row."""
    c = table.columns
    for row in range(table.length):
        if kind is None or c["kinds"][row] == kind:
            points = c["positions"][c["starts"][row] : c["starts"][row + 1], :2]
            yield row, shapely.Polygon(points)


flats = st.lists(
    st.tuples(st.sampled_from("123"), st.integers(1, 9), st.just("x"), st.sampled_from(TENURES)),
    max_size=30,
)


@settings(deadline=None, max_examples=40)
@given(flats)
def test_one_block_a_flat_within_its_floor_and_none_over_another(rows):
    scene = _scene(rows)
    table = floors.build_columns(scene, "mid")
    kinds = table.columns["kinds"]
    blocks = [table.meta["ids"][row] for row in np.flatnonzero(kinds == BLOCK)]
    assert len(set(blocks)) == len(blocks) == len(rows)
    storeys = max([7, *(floor for _, floor, *_ in rows)])
    assert (kinds == SLAB).sum() == table.meta["storeys"] == storeys
    footprint = next(_shapes(table, SLAB))[1].buffer(0.01)
    by_floor = {}
    for row, shape in _shapes(table, BLOCK):
        assert footprint.covers(shape)
        by_floor.setdefault(int(table.columns["floors"][row]), []).append(shape)
    for shapes in by_floor.values():
        assert shapely.union_all(shapes).area == pytest.approx(sum(s.area for s in shapes))
    if rows:
        counted = {one["floor"]: one["households"] for one in table.meta["floors"]}
        assert counted == {
            floor: sum(row[1] == floor for row in rows) for floor in range(1, storeys + 1)
        }


def test_floors_alone_where_nothing_is_known_of_flats():
    table = floors.build_columns(_scene(), "mid")
    assert set(table.columns["kinds"].tolist()) == {SLAB, ROOF}
    assert [one["households"] for one in table.meta["floors"]] == [None] * 7
    assert [unit["unit"] for unit in table.meta["units"]] == ["1", "2"]


def test_floors_stack_up_to_the_roof():
    table = floors.build_columns(_scene([("1", 2, "201", "owner")], storeys=6), "mid")
    c = table.columns
    first = c["starts"][:-1]
    under = c["positions"][first, 2]
    assert under[c["kinds"] == SLAB].tolist() == [0, 3.5, 7, 10.5, 14, 17.5]
    assert under[c["kinds"] == ROOF].tolist() == [BLOCKS["mid"][4]]
    block = np.flatnonzero(c["kinds"] == BLOCK)[0]
    assert under[block] + c["elevations"][first[block]] < 7.0
    assert table.meta["ids"][block] == "mid/2/1/1"


@pytest.mark.parametrize("units", ["12", "21"])
def test_blocks_stand_on_the_side_of_their_unit_door(units):
    scene = _scene([(unit, 1, "", None) for unit in units])
    doors = scene.community["entrances"]
    doors.loc[doors["id"].isin(["d0", "d1"]), "unit"] = list(units)
    table = floors.build_columns(scene, "mid")
    blocks = {table.meta["ids"][row].split("/")[2]: shape for row, shape in _shapes(table, BLOCK)}
    east = shapely.Point(scene.points_m("entrances")[1])  # the other door is in the middle
    assert blocks[units[1]].distance(east) < blocks[units[0]].distance(east)
    assert [unit["door"] for unit in table.meta["units"]] == sorted(
        ["d0", "d1"], key=lambda door: units[["d0", "d1"].index(door)]
    )


def test_vacant_is_told_by_its_shape_only_with_detail():
    rows = [("1", 1, "101", "owner"), ("1", 1, "102", "vacant"), ("1", 1, "103", None)]
    plain, detailed = (
        floors.build_columns(_scene(rows), "mid", detail=detail) for detail in (False, True)
    )

    def heights(table):
        blocks = np.flatnonzero(table.columns["kinds"] == BLOCK)
        return table.columns["elevations"][table.columns["starts"][blocks]].tolist()

    assert len(set(heights(plain))) == 1
    high = heights(plain)[0]
    assert heights(detailed) == pytest.approx([high, floors.VACANT_M, high])
    blocks = detailed.columns["kinds"] == BLOCK
    assert detailed.columns["tenures"][blocks].tolist() == [0, 2, floors.UNKNOWN]
    assert [n for n in detailed.meta["names"] if n] == ["101", "102", "103"]


def test_table_without_detail_does_not_depend_on_who_lives_where():
    one = [("1", 1, "101", "owner"), ("1", 1, "102", "vacant"), ("2", 1, "101", "let")]
    other = [("1", 1, "7", "vacant"), ("1", 1, "9", "vacant"), ("2", 1, "甲", "owner")]
    wires = {encode_table(floors.build_columns(_scene(rows), "mid")) for rows in (one, other)}
    assert len(wires) == 1
    assert b"tenure" not in wires.pop().replace(b'"tenures":[]', b"")


def test_upper_floors_follow_the_parts_of_a_tower():
    scene = _scene([("1", 5, "501", None)])
    shape = scene.community["buildings"].set_index("id").geometry["mid"]
    west, south, east, north = shape.bounds
    half = shapely.box(west, south, (west + east) / 2, north)
    rows = [
        {"id": "p1", "building_id": "mid", "height_m": 9.0, "height_source": "measured"},
        {"id": "p2", "building_id": "mid", "height_m": 21.0, "base_m": 9.0,
         "height_source": "measured"},
    ]  # fmt: skip
    parts = gpd.GeoDataFrame(rows, geometry=[shape, half], crs=CRS)
    scene.community.frames["building_parts"] = to_schema(parts, LAYERS["building_parts"])
    table = floors.build_columns(scene, "mid")
    areas = [round(shape.area) for _, shape in _shapes(table, SLAB)]
    whole = round(BLOCKS["mid"][2] * BLOCKS["mid"][3])
    assert areas == pytest.approx([whole] * 3 + [whole / 2] * 4, rel=0.01)
    (_, block), (_, roof) = next(_shapes(table, BLOCK)), next(_shapes(table, ROOF))
    assert roof.buffer(0.01).covers(block)


def test_table_survives_the_wire():
    table = floors.build_columns(_scene([("1", 1, "101", "let")]), "mid", detail=True)
    again = decode_table(encode_table(table))
    assert again.meta == table.meta
    assert again.columns["tenures"].tolist() == table.columns["tenures"].tolist()


def test_unknown_building():
    with pytest.raises(KeyError):
        floors.build_columns(_scene(), "nowhere")
