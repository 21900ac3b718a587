from __future__ import annotations

import pytest

from geodata import headers
from geodata.schema import DEVICE_KINDS, LAYERS, SERVICE_KINDS, SUPPLIER_KINDS


@pytest.mark.parametrize(
    ("name", "layer"),
    [
        ("楼栋", "buildings"),
        ("军门社区楼栋", "buildings"),
        ("鼓楼区边界", "boundary"),
        ("西湖社区边界", "boundary"),
        ("停车场出入口", "gates"),
        ("停车场", "parking"),
        ("水表", "devices"),
        ("水系", "water"),
        ("单元门", "entrances"),
        ("车牌识别", "plate_cameras"),
        ("监控点位", "devices"),
        ("便民服务", "services"),
        ("道路中心线", "roads"),
        ("绿地", "green"),
        ("gis_osm_buildings_a_free_1", "buildings"),
        ("BuildingParts", "building_parts"),
        ("plate_cameras", "plate_cameras"),
        ("streets", "roads"),
        ("tessellation", None),
        ("plots", None),
        ("investigate", None),
        ("Export_Output", None),
    ],
)
def test_names_tell_layers(name, layer):
    assert headers.to_layer(name) == layer


def test_every_layer_of_the_brief_can_be_named():
    assert set(headers.LAYERS) <= set(LAYERS)
    for layer in LAYERS:
        assert headers.to_layer(layer) in (layer, None)


@pytest.mark.parametrize(
    ("header", "key"),
    [("高度（m）", "高度"), (" Building:Levels ", "buildinglevels"), ("户数 [户]", "户数")],
)
def test_headers_are_compared_without_units_and_case(header, key):
    assert headers.header_key(header) == key


def test_words_give_values_of_the_schema():
    assert set(headers.DEVICE_WORDS) <= set(DEVICE_KINDS)
    assert set(headers.SERVICE_WORDS) <= set(SERVICE_KINDS)
    assert set(headers.SUPPLIER_WORDS) <= set(SUPPLIER_KINDS)
    for kind in DEVICE_KINDS:
        assert headers.to_word(kind, headers.DEVICE_WORDS) == kind
    for kind in SERVICE_KINDS:
        assert headers.to_word(kind, headers.SERVICE_WORDS) == kind
    # what each device is called in the paper
    for word, kind in {
        "自助报警灯杆": "sos_pole",
        "智能垃圾分类箱": "waste_bin",
        "三合一智能充电桩": "charging_pile",
        "智能信报箱": "mailbox",
        "智能鼠类检测仪": "rodent_monitor",
        "网络覆盖": "wifi_ap",
        "烟感": "smoke_alarm",
        "智能水表": "water_meter",
        "智能电表": "electricity_meter",
    }.items():
        assert headers.to_word(word, headers.DEVICE_WORDS) == kind
