"""The panel of a floor and the bars that lead to it: figures from facts, no flat without right."""

from __future__ import annotations

import copy
import json

import plotly
import pytest

from dashboard.detail_floor import build_floor, floor_bars
from dashboard.words import load_words

FACTS = {
    "building": "b1",
    "name": "1 号楼",
    "chain": [
        {"layer": "community", "id": "", "name": "小小社区"},
        {"layer": "buildings", "id": "b1", "name": "1 号楼"},
    ],
    "source": {"zh": "示意", "en": "Illustrative"},
    "made_at": "2026-01-01T00:00:00+00:00",
    "at": 1795432836.0,
    "floors": [
        {
            "floor": 1,
            "households": 0,
            "units": {},
            "meters": {},
            "devices": [],
            "doors": [{"id": "d1", "name": "1 单元"}],
        },
        {
            "floor": 2,
            "households": 3,
            "units": {"1": 2, "2": 1},
            "meters": {
                "water_meter": {"n": 3, "silent": 1, "alarm": 0},
                "smoke_alarm": {"n": 2, "silent": 0, "alarm": 1},
            },
            "devices": [{"id": "cam", "name": "走廊监控"}],
            "doors": [],
        },
    ],
}
FLATS = [
    {"unit": "1", "index": 1, "room": "201", "tenure": "owner", "residents": "<5"},
    {"unit": "1", "index": 2, "room": "902", "tenure": "vacant", "residents": 0},
    {"unit": "2", "index": 1, "room": "201", "tenure": None, "residents": "5+"},
]
ZH = load_words("zh")


@pytest.fixture
def managed():
    facts = copy.deepcopy(FACTS)
    facts["floors"][1]["flats"] = FLATS
    return facts


def _wire(component):
    """What the browser is sent."""
    return json.dumps(component, cls=plotly.utils.PlotlyJSONEncoder, ensure_ascii=False)


def _texts(component):
    """Every text in the order it is read."""
    if isinstance(component, str | int):
        return [str(component)]
    children = getattr(component, "children", component)
    if children is None or (children is component and not isinstance(component, list)):
        return []
    found = []
    for child in children if isinstance(children, list) else [children]:
        if child is not None:
            found += _texts(child)
    return found


def _targets(component):
    props = [getattr(node, "data-goto-id", None) for node in component._traverse()
             if hasattr(node, "data-goto-id")]  # fmt: skip
    return [one for one in props if one]


def test_floor_tells_its_households_by_unit_and_its_meters():
    text = " ".join(_texts(build_floor(ZH, FACTS, "b1/2")))
    assert "户数 3 1 单元 2 2 单元 1" in text
    assert "水表 1 个静默 2  / 3" in text
    assert "烟感 1 处报警 2  / 2" in text
    assert "走廊监控" in text
    assert "2026-01-01" in text
    assert "示意" in text


def test_ground_floor_has_the_doors_and_says_that_there_are_no_meters():
    panel = build_floor(ZH, FACTS, "b1/1")
    assert "d1" in _targets(panel)
    assert ZH("floors.no_meters") in _texts(panel)
    assert "d1" not in _targets(build_floor(ZH, FACTS, "b1/2"))


@pytest.mark.parametrize("feature_id", ["b1/3", "b1", "b1/x"])
def test_floor_that_is_not_there_has_no_panel(feature_id):
    assert build_floor(ZH, FACTS, feature_id) is None


def test_way_leads_from_a_flat_to_its_floor_and_building(managed):
    panel = build_floor(ZH, managed, "b1/2/1/2")
    crumbs = panel.children[0]
    assert _targets(crumbs) == ["b1", "b1/2"]
    assert _texts(crumbs)[-1] == "1 单元 902"
    assert getattr(panel, "data-detail-id") == "b1/2/1/2"


def test_managers_see_tenure_and_nobody_else_does(managed):
    told = _wire(build_floor(ZH, managed, "b1/2/1/2"))
    plain = _wire(build_floor(ZH, FACTS, "b1/2/1/2"))
    for word in (ZH("floors.tenure.vacant"), "tenure-owner", "902"):
        assert word in told
        assert word not in plain
    assert ZH("floors.alike") in plain
    assert ZH("floors.private") in told


def test_tenure_adds_up_and_what_nobody_told_is_named(managed):
    text = "".join(_texts(build_floor(ZH, managed, "b1/2")))
    for told in ("居住状态 · 3 户", "自住 1", "出租 0", "空置 1", "待核 1"):
        assert told in text


def test_people_of_a_flat_are_told_in_two_sizes_only(managed):
    few, none, many = (
        " ".join(_texts(build_floor(ZH, managed, f"b1/2/{flat['unit']}/{flat['index']}")))
        for flat in FLATS
    )
    assert "<5 人" in few
    assert ZH("floors.people.some") in many
    assert ZH("floors.people", n=0) in none


def test_bars_lead_to_every_floor_from_the_top():
    bars = floor_bars(ZH, FACTS, chosen=2)
    assert _targets(bars) == ["b1/2", "b1/1"]
    rows = [" ".join(_texts(row)) for row in bars.children[1].children]
    assert rows == ["2F 3 1", "1F 0"]
    assert "vacant" not in _wire(bars)


def test_unknown_households_are_a_dash_and_said_so():
    facts = copy.deepcopy(FACTS)
    for floor in facts["floors"]:
        floor["households"] = None
    bars = floor_bars(ZH, facts)
    assert ZH("floors.no_flats") in _texts(bars)
    assert " ".join(_texts(bars.children[1])).startswith("2F –")
    assert ZH("floors.no_flats") in _texts(build_floor(ZH, facts, "b1/1"))


def test_english_has_no_chinese_words(managed):
    managed["floors"][1]["devices"] = []
    managed["name"] = "Block 1"
    managed["chain"] = [{"layer": "community", "id": "", "name": "Tiny"}]
    text = "".join(_texts(build_floor(load_words("en"), managed, "b1/2/1/2")))
    assert not any("一" <= letter <= "鿿" for letter in text), text
