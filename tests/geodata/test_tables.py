from __future__ import annotations

import codecs

import openpyxl
import pandas as pd
import pytest

from geodata.check import check_file
from geodata.community import load_community
from geodata.importer import import_sources

TABLE = (
    "编号,名称,经度,纬度,层数,户数,类型\n"
    "L1,1号楼,119.2965,26.0843,7层,28,住宅\n"
    "L2,2号楼,119.2970,26.0846,6,24户,住宅\n"
)


def errors(report):
    return [p["message"] for p in report["problems"] if p["level"] == "error"]


def run(tmp_path, *sources, **options):
    out = tmp_path / "out.gpkg"
    result = import_sources(list(sources), out=out, **options)
    assert not result.refused, errors(result.report)
    assert errors(check_file(out)) == []
    return result.report, load_community(out)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_every_encoding_gives_the_same_buildings(tmp_path, encoding):
    path = tmp_path / "楼栋.csv"
    path.write_bytes(TABLE.encode(encoding))
    report, community = run(tmp_path, path)
    buildings = community["buildings"]
    assert buildings["id"].tolist() == ["L1", "L2"]
    assert buildings["name"].tolist() == ["1号楼", "2号楼"]
    assert buildings["storeys"].tolist() == [7, 6]
    assert buildings["households"].tolist() == [28, 24]
    assert report["heights"]["from_storeys"] == 2
    assert any("square" in p["message"] and p["row"] == 2 for p in report["problems"])
    assert buildings.geometry[0].centroid.x == pytest.approx(119.2965, abs=1e-6)


@pytest.mark.parametrize("delimiter", ["\t", ";", "|"])
def test_other_delimiters(tmp_path, delimiter):
    path = tmp_path / "楼栋.txt"
    path.write_text(TABLE.replace(",", delimiter), encoding="utf-8")
    _, community = run(tmp_path, path)
    assert len(community["buildings"]) == 2


def test_table_speaks_of_the_outline_it_lies_in(tmp_path, write_geojson, square):
    outlines = write_geojson("footprints.geojson", [square(0, id="f1"), square(5, id="f2")])
    table = tmp_path / "楼栋.csv"
    table.write_text(
        "名称,经度,纬度,层数,户数\n1号楼,119.2966,26.0844,7,28\n孤楼,119.3100,26.0900,3,6\n",
        encoding="utf-8",
    )
    report, community = run(tmp_path, outlines, table)
    buildings = community["buildings"]
    assert len(buildings) == 3
    first = buildings.set_index("id").loc["f1"]
    assert first["name"] == "1号楼"
    assert (first["storeys"], first["households"]) == (7, 28)
    assert (first["height_m"], first["height_source"]) == (21, "from_storeys")
    assert report["layers"]["buildings"] == {"read": 3, "kept": 3, "repaired": 0, "rejected": 0}
    assert any("joined" in p["message"] and p["count"] == 1 for p in report["problems"])


def test_excel_with_a_title_above_the_header_and_several_sheets(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "设备"
    sheet.append(["军门社区设备一览表"])
    sheet.append(["设备编号", "设备名称", "设备类型", "经度（°）", "纬度（°）", "楼层"])
    sheet.append([1001, "东门监控", "监控摄像头", 119.2965, 26.0843, None])
    sheet.append([1002, "3楼烟感", "烟感", 119.2966, 26.0844, "3层"])
    sheet.append([1003, "地库水表", "智能水表", 119.2966, 26.0844, "B1"])
    other = book.create_sheet("单元门")
    other.append(["编号", "经度", "纬度", "单元", "开门方式"])
    other.append(["E1", "119.2965", "26.0843", 1, "刷脸/门禁卡"])
    notes = book.create_sheet("说明")
    notes.append(["填表说明"])
    path = tmp_path / "台账.xlsx"
    book.save(path)
    report, community = run(tmp_path, path)
    devices = community["devices"]
    assert devices["id"].tolist() == ["1001", "1002", "1003"]
    assert devices["kind"].tolist() == ["camera", "smoke_alarm", "water_meter"]
    assert devices["floor"].tolist()[1:] == [3, -1]
    assert community["entrances"]["methods"].tolist() == ["face,card"]
    assert any("说明" in p["message"] for p in report["problems"])


def test_one_table_of_many_things_goes_by_its_column_of_types(tmp_path):
    path = tmp_path / "points.csv"
    rows = ["类型,名称,经度,纬度"]
    kinds = ["监控", "社区药店", "小区大门", "长者食堂", "单元门", "充电桩", "奇怪"]
    rows += [f"{kind},n{i},119.296{i},26.0843" for i, kind in enumerate(kinds)]
    path.write_text("\n".join(rows), encoding="utf-8")
    _, community = run(tmp_path, path)
    assert community["devices"]["kind"].tolist() == ["camera", "charging_pile"]
    assert community["services"]["kind"].tolist() == ["pharmacy", "canteen", "other"]
    assert len(community["gates"]) == 1
    assert len(community["entrances"]) == 1


def test_rows_without_usable_coordinates_are_listed_by_line(tmp_path):
    path = tmp_path / "设备.csv"
    path.write_text(
        "名称,经度,纬度,类型\n"
        "好,119.2965,26.0843,监控\n"
        "好,119.2966,26.0843,监控\n"
        "好,119.2967,26.0843,监控\n"
        "好,119.2968,26.0843,监控\n"
        "空,,,监控\n"
        "字,abc,26.0843,监控\n"
        "零,0,0,监控\n"
        "多,119.2965,26.0843,监控,溢出\n"
        '度,"119°17′47.4″","26°5′3.5″",监控\n',
        encoding="utf-8",
    )
    report, community = run(tmp_path, path)
    assert report["layers"]["devices"] == {"read": 9, "kept": 5, "repaired": 0, "rejected": 4}
    rows = {p["row"] for p in report["problems"] if p["layer"] == "devices"}
    assert rows == {6, 7, 8, 9}
    assert community["devices"].geometry.iloc[4].x == pytest.approx(119.2965, abs=1e-4)


def test_swapped_columns_are_asked_for(tmp_path):
    path = tmp_path / "设备.csv"
    path.write_text("名称,经度,纬度\na,26.0843,119.2965\nb,26.0844,119.2966\n", encoding="utf-8")
    result = import_sources([path], out=tmp_path / "out.gpkg")
    assert result.refused
    assert "swapped" in errors(result.report)[0]


def test_the_pair_of_the_given_datum_is_taken(tmp_path):
    # the bd pair is that of Junmen; the plain pair would lie a kilometre off if read as BD-09
    path = tmp_path / "设备.csv"
    path.write_text(
        "名称,经度,纬度,百度经度,百度纬度\na,119.296486,26.084364,119.307768,26.087417\n",
        encoding="utf-8",
    )
    for crs in (None, "bd09"):
        _, community = run(tmp_path, path, crs=crs)
        point = community["devices"].geometry[0]
        assert (point.x, point.y) == pytest.approx((119.296486, 26.084364), abs=2e-6)


@pytest.mark.parametrize("text", ["119.2965,26.0843", "119.2965，26.0843", "119.2965 26.0843"])
def test_both_numbers_in_one_cell(tmp_path, text):
    path = tmp_path / "设备.csv"
    path.write_text(f'名称\t坐标\na\t"{text}"\n', encoding="utf-8")
    _, community = run(tmp_path, path)
    assert community["devices"].geometry[0].y == pytest.approx(26.0843)


def test_survey_coordinates_with_their_code(tmp_path):
    path = tmp_path / "设备.csv"
    # made with cs2cs from 119.2965 E 26.0843 N
    path.write_text("名称,东坐标,北坐标\na,429633.4,2886187.4\n", encoding="utf-8")
    refused = import_sources([path], out=None)
    assert "--crs 4549" in errors(refused.report)[0]
    report, community = run(tmp_path, path, crs="4549")
    assert report["crs"] == {"declared": None, "used": "EPSG:4549", "by": "person"}
    point = community["devices"].geometry[0]
    assert (point.x, point.y) == pytest.approx((119.2965, 26.0843), abs=2e-3)


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "empty"),
        (b"   \n\n", "empty"),
        ("名称,层数\na,3\n".encode(), "经度"),
        ("名称,经度,纬度\n".encode(), "no line"),
        (b"\x00\x01\x02\x03" * 50, "no kind"),
        (codecs.BOM_UTF8, "empty"),
    ],
)
def test_unusable_tables_say_why(tmp_path, content, word):
    path = tmp_path / "设备.csv"
    path.write_bytes(content)
    result = import_sources([path], out=None)
    assert result.refused
    assert word in errors(result.report)[0]


def test_parquet_without_geometry_is_a_table(tmp_path):
    path = tmp_path / "设备.parquet"
    pd.DataFrame({"名称": ["a"], "lon": [119.2965], "lat": [26.0843]}).to_parquet(path)
    _, community = run(tmp_path, path)
    assert len(community["devices"]) == 1
