from __future__ import annotations

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.check import check_file
from geodata.community import load_community
from geodata.importer import import_sources


def adds_up(report):
    return all(
        count["read"] == count["kept"] + count["repaired"] + count["rejected"]
        for count in report["layers"].values()
    )


def errors(report):
    return [p["message"] for p in report["problems"] if p["level"] == "error"]


def run(tmp_path, *sources, **options):
    out = tmp_path / "out.gpkg"
    result = import_sources(list(sources), out=out, **options)
    assert not result.refused, errors(result.report)
    assert adds_up(result.report)
    assert errors(check_file(out)) == []
    return result, load_community(out)


def test_what_was_imported_is_what_is_loaded(tmp_path, write_geojson, square):
    source = write_geojson(
        "楼栋.geojson",
        [
            square(0, id="b1", 名称="1号楼", 层数="6层", 户数="36户", 类型="住宅", 电梯="无"),
            square(1, id="b2", 名称="2号楼", 层数="18", 户数=120, 类型="商业", 备注="沿街"),
            square(2, id="b3", 名称="门卫"),
        ],
    )
    result, community = run(tmp_path, source, name="军门社区")
    buildings = community["buildings"]
    assert buildings["id"].tolist() == ["b1", "b2", "b3"]
    assert buildings["name"].tolist() == ["1号楼", "2号楼", "门卫"]
    assert buildings["storeys"].tolist()[:2] == [6, 18]
    assert buildings["households"].tolist()[:2] == [36, 120]
    assert buildings["height_m"].tolist()[:2] == [18, 54]
    assert buildings["use"].tolist()[:2] == ["apartments", "retail"]
    assert not buildings["lift"][0]
    assert buildings["备注"].tolist()[1] == "沿街"
    assert result.report["heights"] == {"measured": 0, "from_storeys": 2, "assumed": 1}
    assert community.meta["name"] == "军门社区"
    assert community.meta["timezone"] == "Asia/Shanghai"
    assert community.meta["source"] == "楼栋.geojson"
    assert community.meta["import_report"] == result.report
    frame = result.community_frames["buildings"]
    assert frame.geometry.geom_equals_exact(buildings.geometry, 1e-9).all()


def test_import_of_a_community_changes_nothing(tmp_path, write_geojson, square):
    source = write_geojson("buildings.geojson", [square(0, levels=6), square(1, use="garage")])
    _, first = run(tmp_path, source)
    again = tmp_path / "again"
    again.mkdir()
    saved = (tmp_path / "out.gpkg").rename(again / "first.gpkg")
    _, second = run(tmp_path, saved)
    columns = ["id", "height_m", "height_source", "storeys", "use"]
    pd.testing.assert_frame_equal(
        pd.DataFrame(first["buildings"][columns]), pd.DataFrame(second["buildings"][columns])
    )


def test_refusal_leaves_the_old_file_as_it_was(tmp_path, write_geojson, square):
    good = write_geojson("buildings.geojson", [square()])
    run(tmp_path, good)
    out = tmp_path / "out.gpkg"
    before = out.read_bytes()
    bad = write_geojson("roads.geojson", [])
    result = import_sources([good, bad], out=out)
    assert result.refused
    assert out.read_bytes() == before
    assert not list(tmp_path.glob(".*"))


def test_dry_run_writes_nothing(tmp_path, write_geojson, square):
    out = tmp_path / "out.gpkg"
    result = import_sources([write_geojson("buildings.geojson", [square()])], out=out, dry_run=True)
    assert not result.refused
    assert result.report["layers"]["buildings"]["kept"] == 1
    assert not out.exists()


def test_all_open_questions_come_at_once(tmp_path, write_geojson, square):
    empty = tmp_path / "empty.csv"
    empty.write_bytes(b"")
    result = import_sources(
        [empty, tmp_path / "gone.gpkg", write_geojson("no.geojson", [])], out=None
    )
    assert result.refused
    assert len(errors(result.report)) == 3


def test_duplicate_ids_are_told_and_made_unique(tmp_path, write_geojson, square):
    steps = [square(i, id=f"b{min(i, 18)}") for i in range(20)]
    result, community = run(tmp_path, write_geojson("buildings.geojson", steps))
    assert community["buildings"]["id"].is_unique
    assert community["buildings"]["id"].tolist()[:19] == [f"b{i}" for i in range(19)]
    assert any(p["column"] == "id" for p in result.report["problems"])


def test_rejected_rows_are_listed_by_row(tmp_path, write_geojson, square):
    features = [square(0), square(1), square(2)]
    features[1]["geometry"] = None
    result, _ = run(tmp_path, write_geojson("buildings.geojson", features))
    assert result.report["layers"]["buildings"] == {
        "read": 3,
        "kept": 2,
        "repaired": 0,
        "rejected": 1,
    }
    listed = [p for p in result.report["problems"] if p["layer"] == "buildings" and p["row"] == 2]
    assert "no geometry" in listed[0]["message"]


def test_multipolygons_become_buildings_that_can_be_picked(tmp_path, write_geojson, square):
    parts = [square(i)["geometry"]["coordinates"] for i in range(5)]
    feature = {
        "type": "Feature",
        "properties": {"height": 18},
        "geometry": {"type": "MultiPolygon", "coordinates": parts},
    }
    result, community = run(tmp_path, write_geojson("buildings.geojson", [feature]))
    assert result.report["layers"]["buildings"]["read"] == 5
    assert len(community["buildings"]) == 5
    assert (community["buildings"]["height_m"] == 18).all()


def test_personal_columns_stay_out(tmp_path, write_geojson, square):
    source = write_geojson("buildings.geojson", [square(0, 户主姓名="某某", 联系电话="1300000")])
    result, _ = run(tmp_path, source)
    stored = (tmp_path / "out.gpkg").read_bytes()
    assert "某某".encode() not in stored
    assert b"1300000" not in stored
    assert any("户主姓名" in p["message"] for p in result.report["problems"])


def test_parts_stay_with_their_building(tmp_path, write_geojson, square):
    podium = square(0, building="yes", id="w1")
    tower = square(0, **{"building:part": "yes", "height": "60", "min_height": "12", "id": "w2"})
    alone = square(9, **{"building:part": "yes", "height": "9", "id": "w3"})
    result, community = run(tmp_path, write_geojson("city.geojson", [podium, tower, alone]))
    parts = community["building_parts"]
    assert parts[["id", "building_id"]].to_numpy().tolist() == [["w2", "w1"]]
    assert parts["base_m"][0] == 12
    buildings = community["buildings"].set_index("id")
    assert buildings.loc["w1", "height_m"] == 60  # as high as its part, not assumed
    assert buildings.loc["w3", "height_m"] == 9  # a part without a building is one itself
    assert result.report["layers"]["buildings"]["kept"] == 2
    assert result.report["layers"]["building_parts"]["kept"] == 1


def test_doors_find_their_house(tmp_path, write_geojson, square):
    house = square(0, id="h1", name="3号楼")
    by_word = {
        "type": "Feature",
        "properties": {"楼号": "3号楼", "单元": "2", "开门方式": "人脸、刷卡"},
        "geometry": {"type": "Point", "coordinates": [119.2990, 26.0843]},
    }
    by_place = json.loads(json.dumps(by_word))
    by_place["properties"] = {"单元": "1"}
    by_place["geometry"]["coordinates"] = [119.29651, 26.08428]
    far = json.loads(json.dumps(by_place))
    far["geometry"]["coordinates"] = [119.2999, 26.0843]
    _, community = run(
        tmp_path,
        write_geojson("楼栋.geojson", [house]),
        write_geojson("单元门.geojson", [by_word, by_place, far]),
    )
    doors = community["entrances"]
    assert doors["building_id"].fillna("").tolist() == ["h1", "h1", ""]
    assert doors["methods"][0] == "face,card"
    assert doors["unit"].tolist() == ["2", "1", "1"]


def test_sources_far_apart_are_refused(tmp_path, write_geojson, square):
    other = square(0)
    other["geometry"]["coordinates"] = [[[24.9, 60.1], [24.91, 60.1], [24.9, 60.11], [24.9, 60.1]]]
    result = import_sources(
        [write_geojson("buildings.geojson", [square()]), write_geojson("parks.geojson", [other])],
        out=None,
    )
    assert result.refused
    assert "km from" in errors(result.report)[0]


def test_both_sides_of_the_antimeridian_are_refused(tmp_path, write_geojson, square):
    west, east = square(0), square(1)
    for feature, lon in ((west, -179.999), (east, 179.998)):
        ring = feature["geometry"]["coordinates"][0]
        feature["geometry"]["coordinates"] = [[[lon + x - ring[0][0], y - 42] for x, y in ring]]
    result = import_sources([write_geojson("buildings.geojson", [west, east])], out=None)
    assert result.refused
    assert "antimeridian" in errors(result.report)[0]


def test_corners_with_heights(tmp_path, write_geojson, square):
    feature = square(0, height=12)
    ring = feature["geometry"]["coordinates"][0]
    feature["geometry"]["coordinates"] = [[[x, y, 33.0] for x, y in ring]]
    _, community = run(tmp_path, write_geojson("buildings.geojson", [feature]))
    assert not community["buildings"].geometry.has_z.any()
    assert community["buildings"]["height_m"][0] == 12


def test_unknown_layer_word_is_refused(tmp_path, write_geojson, square):
    result = import_sources([write_geojson("x.geojson", [square()])], out=None, layer="houses")
    assert "buildings" in errors(result.report)[0]


def test_nameless_polygons_ask_for_a_layer(tmp_path, write_geojson, square):
    source = write_geojson("export.geojson", [square(), square(1)])
    refused = import_sources([source], out=None)
    assert refused.refused
    assert "--layer" in errors(refused.report)[0]
    run(tmp_path, source, layer="buildings")


box = st.tuples(st.integers(0, 30), st.integers(0, 30)).map(
    lambda at: shapely.box(*(119.29 + at[0] * 1e-4, 26.08 + at[1] * 1e-4,
                             119.2901 + at[0] * 1e-4, 26.0801 + at[1] * 1e-4))
)  # fmt: skip
corner = st.tuples(st.floats(119.29, 119.30), st.floats(26.08, 26.09))
mess = st.one_of(
    box,
    st.lists(corner, min_size=4, max_size=6).map(shapely.Polygon),
    st.lists(corner, min_size=2, max_size=4).map(shapely.LineString),
    corner.map(shapely.Point),
    st.lists(box, min_size=1, max_size=3).map(shapely.MultiPolygon),
    st.none(),
    st.just(shapely.Polygon()),
)
cell = st.one_of(st.none(), st.sampled_from(["6", "abc", "-1", "12,5", "3;4", "六层", "0"]))


@settings(deadline=None, max_examples=25)
@given(rows=st.lists(st.tuples(mess, cell, cell, st.integers(0, 3)), min_size=0, max_size=8))
def test_any_file_adds_up_and_passes_the_check(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("mess")
    rows = [*rows, (shapely.box(119.29, 26.08, 119.2901, 26.0801), "6", "18", 9)]
    gdf = gpd.GeoDataFrame(
        {
            "id": [row[3] for row in rows],
            "levels": [row[1] for row in rows],
            "height": [row[2] for row in rows],
        },
        geometry=gpd.GeoSeries([row[0] for row in rows], crs=4326),
    )
    # most rows must be areas, or the file is one of points
    gdf = pd.concat([gdf, *[gdf.iloc[[-1]]] * len(gdf)], ignore_index=True)
    path = folder / "buildings.parquet"
    gdf.to_parquet(path)
    parts = sum(
        max(len(shape.geoms), 1) if shape is not None and hasattr(shape, "geoms") else 1
        for shape in gdf.geometry
    )
    result, community = run(folder, path)
    count = result.report["layers"]["buildings"]
    assert count["read"] == parts
    assert len(community["buildings"]) == count["kept"] + count["repaired"]
    told = [p for p in result.report["problems"] if p["level"] == "warning"]
    listed = sum(
        p["count"] for p in told
        if p["layer"] == "buildings" and p["column"] is None and "mended" not in p["message"]
        and "taken as" not in p["message"] and "same outline" not in p["message"]
    )  # fmt: skip
    assert listed == count["rejected"]
    frame = result.community_frames["buildings"]
    assert np.allclose(frame.total_bounds, community["buildings"].total_bounds)
    assert frame["height_m"].tolist() == community["buildings"]["height_m"].tolist()


@pytest.mark.parametrize("count", [1, 2])
def test_only_points_get_a_boundary_around_them(tmp_path, write_geojson, count):
    features = [
        {
            "type": "Feature",
            "properties": {"类型": "监控"},
            "geometry": {"type": "Point", "coordinates": [119.2965 + i / 1000, 26.0843]},
        }
        for i in range(count)
    ]
    result, community = run(tmp_path, write_geojson("设备.geojson", features))
    assert community["devices"]["kind"].tolist() == ["camera"] * count
    boundary = community["boundary"].geometry[0]
    assert all(boundary.contains(point) for point in community["devices"].geometry)
    assert any(p["layer"] == "boundary" for p in result.report["problems"])
    assert "boundary" not in result.report["layers"]
