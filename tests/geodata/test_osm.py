from __future__ import annotations

import pytest

from geodata import osm_tags
from geodata.check import check_file
from geodata.community import load_community
from geodata.importer import import_sources
from geodata.schema import DEVICE_KINDS, SERVICE_KINDS

# one house with a shop in it, its part, a door, a gate, a camera, a steps way, a park with a hole
# that is missing, and a way whose last node is outside the cut
XML = """<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6">
  <node id="1" lat="26.0840" lon="119.2960"/>
  <node id="2" lat="26.0840" lon="119.2964"/>
  <node id="3" lat="26.0843" lon="119.2964"/>
  <node id="4" lat="26.0843" lon="119.2960"/>
  <node id="5" lat="26.0840" lon="119.2962"><tag k="entrance" v="yes"/></node>
  <node id="6" lat="26.0839" lon="119.2958">
    <tag k="barrier" v="lift_gate"/><tag k="name" v="东门"/></node>
  <node id="7" lat="26.0839" lon="119.2959">
    <tag k="man_made" v="surveillance"/><tag k="camera:direction" v="90"/></node>
  <node id="8" lat="26.0839" lon="119.2957"><tag k="amenity" v="bench"/></node>
  <way id="10">
    <nd ref="1"/><nd ref="5"/><nd ref="2"/><nd ref="3"/><nd ref="4"/><nd ref="1"/>
    <tag k="building" v="apartments"/><tag k="building:levels" v="7"/>
    <tag k="amenity" v="pharmacy"/><tag k="name:zh" v="军门药店"/><tag k="name" v="Junmen"/>
  </way>
  <way id="11">
    <nd ref="1"/><nd ref="5"/><nd ref="4"/><nd ref="1"/>
    <tag k="building:part" v="yes"/><tag k="height" v="40'"/>
  </way>
  <way id="12"><nd ref="6"/><nd ref="7"/>
    <tag k="highway" v="steps"/><tag k="width" v="2,5 m"/></way>
  <way id="13"><nd ref="6"/><nd ref="7"/><nd ref="999"/><tag k="highway" v="residential"/></way>
  <way id="14"><nd ref="1"/><nd ref="998"/><nd ref="997"/><nd ref="1"/>
    <tag k="building" v="yes"/></way>
  <way id="15"><nd ref="1"/><nd ref="2"/><nd ref="3"/><tag k="building" v="yes"/></way>
  <relation id="20">
    <member type="way" ref="996" role="outer"/>
    <tag k="type" v="multipolygon"/><tag k="leisure" v="park"/>
  </relation>
</osm>
"""


@pytest.fixture
def town(tmp_path):
    path = tmp_path / "town.osm"
    path.write_text(XML, encoding="utf-8")
    out = tmp_path / "out.gpkg"
    result = import_sources([path], out=out)
    assert not result.refused, result.report["problems"]
    assert not [p for p in check_file(out)["problems"] if p["level"] == "error"]
    return result.report, load_community(out)


def test_every_feature_goes_to_its_layer(town):
    _, community = town
    house = community["buildings"].set_index("id").loc["w10"]
    assert (house["name"], house["storeys"], house["height_m"]) == ("军门药店", 7, 21)
    assert community["services"][["kind", "building_id"]].to_numpy().tolist() == [
        ["pharmacy", "w10"]
    ]
    part = community["building_parts"].iloc[0]
    assert (part["building_id"], part["height_m"]) == ("w10", 12.19)
    assert community["entrances"]["building_id"].tolist() == ["w10"]
    assert community["gates"][["id", "access", "name"]].to_numpy().tolist() == [
        ["n6", "vehicle", "东门"]
    ]
    assert community["devices"][["kind", "bearing_deg"]].to_numpy().tolist() == [["camera", 90.0]]
    roads = community["roads"].set_index("id")
    assert bool(roads.loc["w12", "steps"])
    assert roads.loc["w12", "width_m"] == 2.5


def test_what_the_cut_broke_is_counted_not_fatal(town):
    report, _ = town
    assert report["layers"]["buildings"] == {"read": 3, "kept": 1, "repaired": 0, "rejected": 2}
    assert report["layers"]["green"] == {"read": 1, "kept": 0, "repaired": 0, "rejected": 1}
    assert report["layers"]["roads"] == {"read": 2, "kept": 1, "repaired": 1, "rejected": 0}
    listed = " ".join(p["message"] for p in report["problems"])
    for ref in ("w14", "w15", "r20"):
        assert ref in listed


def test_crs_given_for_other_sources_does_not_move_osm(tmp_path):
    path = tmp_path / "town.osm"
    path.write_text(XML, encoding="utf-8")
    result = import_sources([path], out=None, crs="gcj02")
    assert result.community_frames["gates"].geometry[0].x == 119.2958
    assert any("WGS84 by definition" in p["message"] for p in result.report["problems"])


@pytest.mark.parametrize(
    ("tags", "walkable"),
    [
        ({"highway": "footway"}, True),
        ({"highway": "motorway"}, False),
        ({"highway": "residential", "foot": "no"}, False),
        ({"highway": "service", "access": "private"}, False),
        ({"highway": "service", "access": "private", "foot": "yes"}, True),
        ({"highway": "cycleway"}, False),
        ({"highway": "cycleway", "foot": "designated"}, True),
    ],
)
def test_where_people_may_walk(tags, walkable):
    ((layer, columns),) = osm_tags.to_layers(tags, "line")
    assert layer == "roads"
    assert columns["foot"] is walkable


@pytest.mark.parametrize("tags", [{"highway": "construction"}, {"railway": "rail"}, {}])
def test_no_roads(tags):
    assert osm_tags.to_layers(tags, "line") == []


def test_kinds_are_those_of_the_schema():
    for key in ("amenity", "shop", "healthcare", "leisure", "social_facility", "tourism"):
        for value in ("pharmacy", "school", "clinic", "supermarket", "nursing_home", "museum"):
            for layer, columns in osm_tags.to_layers({key: value}, "point"):
                kinds = {"services": SERVICE_KINDS, "devices": DEVICE_KINDS}[layer]
                assert columns["kind"] in kinds
