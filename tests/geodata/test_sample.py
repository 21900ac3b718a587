"""The sample community: published totals, believable form, no word of a person or a flat."""

import re

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import STRtree

from geodata.community import load_community
from geodata.sample import make_sample, write_sample
from geodata.schema import DEVICE_KINDS, LAYERS, META_KEYS, SERVICE_KINDS, SUPPLIER_KINDS

METRES = "EPSG:32650"
SEEDS = (350102, 77)
COMPOUNDS = {
    "军门新苑",
    "军门里",
    "北营小区",
    "东营里",
    "南营小区",
    "中军后",
    "津泰苑",
    "津泰新苑",
}


@pytest.fixture(scope="module", params=SEEDS)
def sample(request):
    """Every layer in metres, for some seeds: what holds for one must hold for all."""
    frames, _ = make_sample(request.param)
    return {name: gdf.to_crs(METRES) for name, gdf in frames.items()}


@pytest.fixture(scope="module")
def usual():
    return make_sample()


def same(first, second):
    return all(
        first[name].drop(columns="geometry").equals(second[name].drop(columns="geometry"))
        and shapely.equals_exact(first[name].geometry, second[name].geometry).all()
        for name in LAYERS
    )


def overlaps(gdf):
    shapes = gdf.geometry.to_numpy()
    first, second = STRtree(shapes).query(shapes, predicate="intersects")
    return [
        (gdf.id[a], gdf.id[b])
        for a, b in zip(first, second, strict=True)
        if a < b and shapes[a].intersection(shapes[b]).area > 0.01
    ]


def test_published_totals_are_exact(sample):
    buildings = sample["buildings"]
    assert buildings["households"].sum() == 3_500
    assert buildings["residents"].sum() == 13_000
    assert buildings["residents_60plus"].sum() == 1_200
    assert buildings["residents_under15"].sum() == 1_700
    assert len(buildings) == 133
    assert len(sample["entrances"]) == 324
    assert sample["boundary"].area.sum() == pytest.approx(180_000, rel=0.002)
    assert sample["parking"]["capacity"].sum() == 900


def test_people_fit_their_buildings(sample):
    buildings = sample["buildings"]
    assert (
        buildings["residents_60plus"] + buildings["residents_under15"] <= buildings["residents"]
    ).all()
    lived_in = buildings[buildings["households"] > 0]
    size = lived_in["residents"] / lived_in["households"]
    assert size.between(1, 6).all()
    assert set(lived_in["id"]) == set(sample["entrances"]["building_id"])
    assert set(lived_in["use"]) == {"apartments", "house"}


def test_it_stands_at_its_true_place(usual):
    frames, meta = usual
    boundary = frames["boundary"].geometry.iloc[0]
    assert boundary.contains(shapely.Point(119.296486, 26.084364))
    nanying = frames["roads"][frames["roads"]["name"] == "南营巷"].to_crs(METRES)
    point = gpd.GeoSeries([shapely.Point(119.296486, 26.084364)], crs=4326).to_crs(METRES)[0]
    assert nanying.distance(point).min() < 20
    assert meta["illustrative"] is True
    assert "非实测" in meta["source"]["zh"]
    assert "not surveyed" in meta["source"]["en"]
    assert set(meta) <= set(META_KEYS)


def test_the_same_seed_repeats_and_another_does_not(usual):
    again = make_sample()
    assert same(usual[0], again[0])
    assert usual[1] == again[1]
    assert not same(usual[0], make_sample(7)[0])


def test_it_survives_the_file(usual, tmp_path):
    write_sample(tmp_path / "sample.gpkg")
    write_sample(tmp_path / "again.gpkg")
    community = load_community(tmp_path / "sample.gpkg")
    assert community.digest == load_community(tmp_path / "again.gpkg").digest
    assert community.meta == usual[1]
    for name, schema in LAYERS.items():
        gdf = community[name]
        assert len(gdf) == len(usual[0][name]) > 0
        assert list(gdf.columns) == [*schema.columns, "geometry"]
        assert set(gdf.geom_type) <= schema.geometry
        assert gdf.geometry.is_valid.all()
        for column, rule in schema.columns.items():
            values = gdf[column].dropna()
            if rule.required:
                assert len(values) == len(gdf), (name, column)
            if rule.values:
                assert set(values) <= set(rule.values)
            if rule.minimum is not None:
                assert (values >= rule.minimum).all()
            if rule.maximum is not None:
                assert (values <= rule.maximum).all()


def test_ids_and_names_are_unique(sample):
    for name, gdf in sample.items():
        assert gdf["id"].is_unique, name
        if name != "roads":  # a street is many lines
            assert gdf["name"].dropna().is_unique, name


def test_references_hold(sample):
    buildings = set(sample["buildings"]["id"])
    for layer in ("building_parts", "entrances", "devices", "services"):
        assert set(sample[layer]["building_id"].dropna()) <= buildings
    compounds = set(sample["compounds"]["id"])
    assert set(sample["buildings"]["compound_id"].dropna()) == compounds
    assert set(sample["gates"]["compound_id"]) <= compounds
    assert set(sample["buildings"]["grid_id"]) == set(sample["grids"]["id"])
    assert set(sample["plate_cameras"]["gate_id"]) <= set(sample["gates"]["id"])


def test_nothing_stands_on_anything_else(sample):
    assert overlaps(sample["buildings"]) == []
    assert overlaps(sample["context"]) == []
    assert overlaps(sample["parking"]) == []
    shapes = [*sample["buildings"].geometry, *sample["context"].geometry]
    tree = STRtree(shapes)
    water = sample["water"].geometry.union_all()
    assert len(tree.query(water, predicate="intersects")) == 0
    roads = sample["roads"]
    carriageways = [
        line.buffer(width / 2 - 0.05)
        # narrower ones lead up to a door and end at its wall
        for line, width in zip(roads.geometry, roads["width_m"], strict=True)
        if width > 1.5
    ]
    assert tree.query(carriageways, predicate="intersects").size == 0
    for lot in sample["parking"].geometry:
        assert len(tree.query(lot.buffer(-0.1), predicate="intersects")) == 0


def test_the_community_is_inside_and_the_city_outside(sample):
    boundary = sample["boundary"].geometry.iloc[0].buffer(0.01)
    for layer in ("buildings", "compounds", "entrances", "gates", "devices", "services", "parking"):
        assert sample[layer].within(boundary).all(), layer
    assert not sample["context"].intersects(boundary).any()
    assert sample["context"].distance(boundary).max() <= 905
    assert 700 <= len(sample["context"]) <= 1_200
    grids = sample["grids"].geometry
    assert grids.area.sum() == pytest.approx(grids.union_all().area, rel=1e-4)
    assert grids.union_all().symmetric_difference(boundary).area < 40


def test_compounds_hold_their_buildings(sample):
    assert set(sample["compounds"]["name"]) == COMPOUNDS
    walls = sample["compounds"].set_index("id").geometry.buffer(0.05)
    inside = sample["buildings"].dropna(subset="compound_id")
    assert inside.within(walls.loc[inside["compound_id"]].set_axis(inside.index)).all()
    assert len(sample["grids"]) == 6


def test_storeys_suit_the_fabric(sample):
    by_compound = sample["buildings"].groupby("compound_id")["storeys"]
    for key in ("jml", "by", "dy", "ny", "jt"):
        assert by_compound.get_group(key).between(6, 8).all()
    houses = sample["buildings"][sample["buildings"]["use"] == "house"]
    assert len(houses) >= 25
    assert houses["storeys"].between(2, 4).all()
    towers = sample["buildings"][sample["buildings"]["storeys"] > 20]
    assert towers["compound_id"].value_counts().to_dict() == {"jmxy": 4, "jtx": 5}
    assert towers["storeys"].between(25, 32).all()
    assert towers["lift"].all()
    # a part never tops its building, and each tower has a podium and a taller body
    parts = sample["building_parts"].merge(
        sample["buildings"][["id", "height_m"]].rename(columns={"id": "building_id"}),
        on="building_id",
        suffixes=("", "_whole"),
    )
    assert (parts["height_m"] <= parts["height_m_whole"] + 0.01).all()
    assert set(towers["id"]) <= set(parts.loc[parts["base_m"] > 0, "building_id"])


def test_doors_sit_in_a_wall_and_open_outward(sample):
    shapes = sample["buildings"].set_index("id").geometry
    doors = sample["entrances"]
    own = shapes.loc[doors["building_id"]].set_axis(doors.index)
    assert doors.distance(own.boundary).max() < 0.05
    angle = np.radians(doors["bearing_deg"].to_numpy())
    ahead = shapely.points(
        doors.geometry.x + 0.6 * np.sin(angle), doors.geometry.y + 0.6 * np.cos(angle)
    )
    assert not shapely.intersects(shapes.union_all(), ahead).any()
    behind = shapely.points(
        doors.geometry.x - 0.6 * np.sin(angle), doors.geometry.y - 0.6 * np.cos(angle)
    )
    assert shapely.contains(own.to_numpy(), behind).all()


def test_some_doors_offer_only_the_face(sample):
    methods = sample["entrances"]["methods"]
    assert 1 <= (methods == "face").sum() <= 12
    assert set(",".join(methods.unique()).split(",")) == {"face", "card", "code", "phone"}


def test_every_vehicle_gate_reads_plates_both_ways(sample):
    gates = sample["gates"]
    assert set(gates["access"]) == {"vehicle", "pedestrian", "both"}
    wide = gates[gates["access"] != "pedestrian"].set_index("id")
    cameras = sample["plate_cameras"]
    assert len(cameras) == 14
    assert set(cameras["gate_id"]) == set(wide.index)
    near = wide.geometry.loc[cameras["gate_id"]].set_axis(cameras.index)
    assert cameras.distance(near).max() < 4
    for _, lanes in cameras.groupby("gate_id"):
        assert sorted(lanes["direction"]) == ["in", "out"]


def test_devices_are_those_the_press_names(sample):
    devices = sample["devices"]
    counts = devices["kind"].value_counts().to_dict()
    assert set(counts) == set(DEVICE_KINDS) - {"other"}
    outdoor = {
        "sos_pole": 45,
        "waste_bin": 35,
        "charging_pile": 12,
        "mailbox": 26,
        "rodent_monitor": 36,
        "camera": 6,
    }
    assert outdoor.items() <= counts.items()
    assert sum(outdoor.values()) + counts["wifi_ap"] == 164
    assert counts["water_meter"] == counts["electricity_meter"] == 3_500
    assert counts["smoke_alarm"] == 1_180
    assert (devices["period_s"] > 0).all()
    solid = sample["buildings"].geometry.union_all()
    outside = devices[devices["floor"].isna()]
    assert len(outside) == 164
    assert not outside.intersects(solid).any()


def test_meters_hang_in_their_building_one_a_household(sample):
    buildings = sample["buildings"].set_index("id")
    for kind in ("water_meter", "electricity_meter"):
        meters = sample["devices"][sample["devices"]["kind"] == kind]
        counts = meters["building_id"].value_counts()
        homes = buildings.loc[buildings["households"] > 0, "households"]
        assert counts.to_dict() == homes.to_dict()
    inside = sample["devices"].dropna(subset="floor")
    house = buildings.loc[inside["building_id"]].set_axis(inside.index)
    assert inside.within(house.geometry).all()
    assert (inside["floor"] >= 1).all()
    assert (inside["floor"] <= house["storeys"]).all()


def test_nothing_tells_a_flat_or_a_person(sample):
    devices = sample["devices"].dropna(subset="floor")
    assert devices["id"].str.fullmatch(r"(WM|EM|SA)-\d{5}").all()
    for gdf in sample.values():
        text = " ".join(gdf["name"].dropna())
        assert not re.search(r"\d+\s*室|\d+\s*层|[一-龥]某|先生|女士", text)
    # an id says nothing of the place: neighbours in number are no neighbours in the building
    water = devices[devices["kind"] == "water_meter"].sort_values("id")
    alike = water["building_id"].to_numpy() == np.roll(water["building_id"].to_numpy(), 1)
    assert alike.mean() < 0.05
    order = water["floor"].rank().corr(water["id"].rank())
    assert abs(order) < 0.1


def test_services_cover_every_supplier(sample):
    services = sample["services"]
    assert set(services["supplier_kind"]) == set(SUPPLIER_KINDS)
    assert set(SERVICE_KINDS) - set(services["kind"]) == {"other"}
    named = services.set_index("name")
    assert named.loc["长者食堂", "kind"] == "canteen"
    assert named.loc["少儿托管中心", "capacity"] == 90
    assert {
        "军门社区党群服务中心",
        "居家养老服务中心",
        "养老服务照料中心",
        "五福缘老人养护中心",
        "颐养阁老年公寓",
        "天年老人护理中心",
        "金色晚年之家",
        "微型消防站",
        "军门小学",
    } <= set(named.index)
    assert services["hours"].notna().all()
    shapes = sample["buildings"].set_index("id").geometry
    housed = services.dropna(subset="building_id")
    own = shapes.loc[housed["building_id"]].set_axis(housed.index)
    assert housed.distance(own.boundary).max() < 0.05
