from __future__ import annotations

import json
import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Geod, Transformer

from geodata.check import check_file
from geodata.community import load_community
from geodata.importer import import_sources

GEOD = Geod(ellps="WGS84")


def errors(report):
    return [p["message"] for p in report["problems"] if p["level"] == "error"]


def run(tmp_path, *sources, **options):
    out = tmp_path / "out.gpkg"
    result = import_sources(list(sources), out=out, **options)
    assert not result.refused, errors(result.report)
    for layer, count in result.report["layers"].items():
        assert count["read"] == count["kept"] + count["repaired"] + count["rejected"], layer
    assert errors(check_file(out)) == []
    return result.report, load_community(out)


def test_shenzhen_is_5438_buildings_not_ten(tmp_path, geo):
    folder = geo / "shenzhen_nanshan"
    report, community = run(
        tmp_path, folder / "nanshan-building.geojson", folder / "nanshan-road1.geojson"
    )
    assert report["layers"]["buildings"]["read"] == 5438
    assert report["layers"]["buildings"]["rejected"] == 0
    assert report["heights"] == {"measured": 5438, "from_storeys": 0, "assumed": 0}
    buildings = community["buildings"]
    assert set(buildings["height_m"]) == {18, 41, 64, 88, 111, 134, 158, 181, 204, 228}
    assert buildings["id"].is_unique
    source = gpd.read_file(folder / "nanshan-building.geojson")
    area = shapely.area(source.geometry.make_valid().to_numpy()).sum()
    assert shapely.area(buildings.geometry.to_numpy()).sum() == pytest.approx(area)
    roads = gpd.read_file(folder / "nanshan-road1.geojson")
    assert set(community["roads"]["kind"]) == set(roads["highway"])
    assert len(community["roads"]) == len(roads.explode())
    assert community.meta["timezone"] == "Asia/Shanghai"


def test_helsinki_broken_outlines_are_counted(tmp_path, geo):
    report, community = run(tmp_path, geo / "osm_helsinki" / "Helsinki.osm.pbf")
    layers = report["layers"]
    # the note says: 572 outlines, 133 of them parts, 2,510 roads whole or in part
    alone = sum(
        p["count"] for p in report["problems"] if "became buildings themselves" in p["message"]
    )
    assert len(community["buildings"]) - alone == 446
    assert len(community["building_parts"]) + alone == 133
    assert layers["buildings"]["rejected"] + layers["building_parts"]["rejected"] == 60
    assert len(community["roads"]) >= 2510
    assert len(community["entrances"]) > 300
    assert community["entrances"]["building_id"].notna().mean() > 0.8
    assert (community["devices"]["kind"] == "camera").all()
    oracle = json.loads((geo / "osm_helsinki" / "helsinki_ORACLE_pharmacy.json").read_text())
    pharmacies = community["services"].query("kind == 'pharmacy'")
    assert len(pharmacies) == oracle["n_pois"]
    assert set(community["building_parts"]["building_id"]) <= set(community["buildings"]["id"])
    assert community["roads"]["steps"].sum() > 10


def test_helsinki_heights_are_those_of_the_tags(tmp_path, geo):
    _, community = run(tmp_path, geo / "osm_helsinki" / "Helsinki.osm.pbf")
    tags = gpd.read_file(geo / "osm_helsinki" / "helsinki_buildings.geojson").set_index("osm")
    buildings = community["buildings"].set_index("id")
    checked = 0
    for osm, tag in tags[tags["height"].notna()].iterrows():
        if osm in buildings.index and str(tag["height"]).replace(".", "").isdigit():
            assert buildings.loc[osm, "height_m"] == pytest.approx(float(tag["height"]))
            assert buildings.loc[osm, "height_source"] == "measured"
            checked += 1
    assert checked >= 10


def test_helsinki_as_geojson_is_the_same_town(tmp_path, geo):
    folder = geo / "osm_helsinki"
    names = ("buildings", "pois", "roads")
    _, community = run(tmp_path, *(folder / f"helsinki_{name}.geojson" for name in names))
    assert len(community["buildings"]) + len(community["building_parts"]) == 579
    assert len(community["roads"]) == 2510


def test_small_cut(tmp_path, geo):
    report, community = run(tmp_path, geo / "osm_helsinki" / "test.osm.pbf")
    assert len(community["buildings"]) == 2171
    assert report["layers"]["buildings"]["rejected"] == 48


def test_delft_heights_stand_on_the_ground(tmp_path, geo):
    path = geo / "cityjson" / "delft.json"
    report, community = run(tmp_path, path)
    assert report["layers"]["buildings"] == {
        "read": 160,
        "kept": 160,
        "repaired": 0,
        "rejected": 0,
    }
    assert report["crs"] == {"declared": "EPSG:7415", "used": "EPSG:7415", "by": "file"}
    city = json.loads(path.read_text())
    z = np.array(city["vertices"])[:, 2] * city["transform"]["scale"][2]
    buildings = community["buildings"].set_index("id")
    for name, item in city["CityObjects"].items():
        if item["type"] == "Building":
            flat = np.ravel(_flatten(item["geometry"][0]["boundaries"]))
            assert buildings.loc[name, "height_m"] == pytest.approx(np.ptp(z[flat]), abs=0.01)
    west, south, east, north = community.bounds
    assert 4.35 < west < east < 4.37
    assert 52.00 < south < north < 52.02


def _flatten(value):
    return [v for item in value for v in _flatten(item)] if isinstance(value, list) else [value]


def test_rotterdam_asks_and_takes_the_answer(tmp_path, geo):
    path = geo / "cityjson" / "rotterdam_subset.json"
    out = tmp_path / "out.gpkg"
    refused = import_sources([path], out=out)
    assert refused.refused
    assert not out.exists()
    (question,) = errors(refused.report)
    assert "--crs 28992" in question
    assert "51.91 N" in question
    for code in ("28992", "7415"):
        report, community = run(tmp_path, path, crs=code)
        assert report["layers"]["buildings"]["kept"] == 16
        lon, lat = Transformer.from_crs(28992, 4326, always_xy=True).transform(90725, 435830)
        assert math.dist(community.centre, (lon, lat)) < 0.002
    assert import_sources([path], out=None, crs="4326").refused


@pytest.mark.parametrize("name", ["cube.json", "minimal.json"])
def test_cityjson_without_a_place_or_content_is_refused(geo, name):
    result = import_sources([geo / "cityjson" / name], out=None)
    assert result.refused
    assert name in errors(result.report)[0]


def test_bubenec_areas_are_square_metres_on_the_ground(tmp_path, geo):
    path = geo / "bubenec_prague" / "bubenec.gpkg"
    report, community = run(tmp_path, path)
    assert len(community["buildings"]) == 144
    assert len(community["roads"]) == 35
    assert report["heights"]["assumed"] == 144
    unused = {p["layer"]: p["count"] for p in report["problems"] if "not used" in p["message"]}
    assert unused == {"tessellation": 144, "plots": 407}
    geodesic = sum(
        abs(GEOD.geometry_area_perimeter(shapely.geometry.polygon.orient(shape))[0])
        for shape in community["buildings"].geometry
    )
    source = gpd.read_file(path, layer="buildings")
    assert geodesic == pytest.approx(source.to_crs(32633).area.sum(), rel=0.002)
    # Web Mercator says 2.4 times as much at 50 degrees north
    assert source.area.sum() / geodesic == pytest.approx(2.43, abs=0.03)


def test_wuhan_keeps_names_and_storeys(tmp_path, geo):
    folder = geo / "cug_wuhan"
    report, community = run(
        tmp_path, *(folder / f"{name}_wgs84.geojson" for name in ("building", "entrance", "road"))
    )
    source = gpd.read_file(folder / "building_wgs84.geojson")
    buildings = community["buildings"]
    assert buildings["name"].tolist() == source["name"].tolist()
    assert buildings["storeys"].tolist() == source["layer"].tolist()
    assert buildings["height_m"].tolist() == source["height"].tolist()
    assert len(community["entrances"]) == 50
    assert len(community["roads"]) == 50
    assert report["layers"]["buildings"]["kept"] == 39


def test_wuhan_with_the_wrong_crs_is_asked_and_then_drawn_right(tmp_path, geo):
    folder = geo / "cug_wuhan"
    raw = folder / "building_raw_DECLARES_32649_but_is_3857.geojson"
    refused = import_sources([raw], out=tmp_path / "out.gpkg")
    assert refused.refused
    (question,) = errors(refused.report)
    for part in ("EPSG:32649", "EPSG:3857", "114.61 E 30.46 N", "Wuhan", "--crs 3857"):
        assert part in question
    _, community = run(tmp_path, raw, crs="3857")
    right = gpd.read_file(folder / "building_wgs84.geojson").geometry
    distance = shapely.hausdorff_distance(
        community["buildings"].geometry.to_numpy(), right.to_numpy()
    )
    assert distance.max() < 1e-6
    assert import_sources([raw], out=None, crs="32649").refused


def test_fuzhou_in_three_datums_is_one_place(tmp_path, geo):
    path = geo / "fuzhou_gulou" / "gulou_public_bike_stations.csv"
    df = pd.read_csv(path)
    found = {}
    for prefix, crs in (("wgs", None), ("gcj", "gcj02"), ("bd", "bd09")):
        table = df[["name", "addr", "docks"]].assign(
            经度=df[f"{prefix}_lon"], 纬度=df[f"{prefix}_lat"]
        )
        source = tmp_path / f"{prefix}站点.csv"
        table.to_csv(source, index=False)
        _, community = run(tmp_path, source, crs=crs)
        found[prefix] = community["services"]
        assert len(found[prefix]) == 59
        assert found[prefix]["capacity"].tolist() == df["docks"].tolist()
    for prefix in ("gcj", "bd"):
        for a, b in zip(found["wgs"].geometry, found[prefix].geometry, strict=True):
            assert GEOD.inv(a.x, a.y, b.x, b.y)[2] < 20


def test_columns_that_name_their_datum_are_read_by_it(tmp_path, geo):
    path = geo / "fuzhou_gulou" / "gulou_public_bike_stations.csv"
    report, plain = run(tmp_path, path)
    assert report["crs"]["by"] == "columns"
    _, shifted = run(tmp_path, path, crs="bd09")
    for a, b in zip(plain["services"].geometry, shifted["services"].geometry, strict=True):
        assert GEOD.inv(a.x, a.y, b.x, b.y)[2] < 20


def test_table_without_coordinates_is_refused(geo):
    result = import_sources(
        [geo / "fuzhou_gulou" / "gulou_communities_official_codes.csv"], out=None
    )
    assert result.refused
    assert "经度" in errors(result.report)[0]


def test_district_is_a_boundary(tmp_path, geo):
    _, community = run(tmp_path, geo / "fuzhou_gulou" / "gulou_district_boundary_lowres.geojson")
    assert len(community["boundary"]) == 1
    assert community["boundary"].geometry[0].contains(shapely.Point(119.296486, 26.084364))
