"""Flats without coordinates: made for the sample, imported, checked, kept in the file."""

from __future__ import annotations

import re

import numpy as np
import openpyxl
import pyogrio
import pytest

from geodata.check import check_file
from geodata.community import load_community, write_community
from geodata.importer import import_sources
from geodata.sample import write_sample
from geodata.sample.dwellings import make_dwellings
from geodata.schema import TABLES, TENURES
from tests.browser.tiny import make_tiny

HEADER = "楼栋,单元,楼层,房号,居住状态,居住人数,户主姓名\n"
ROWS = (
    "mid 楼,1,4,401,自住,3,某甲\n"
    "mid,2,4,402,空置,,\n"
    "mid,2,四层,403,出租房,2,某乙\n"
    "no such,1,1,101,自住,1,\n"
    "low,1,-1,001,自住,1,\n"
    "low,1,2,201,不明,1,\n"
)


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    path = tmp_path_factory.mktemp("sample") / "sample.gpkg"
    write_sample(path)
    return load_community(path)


@pytest.fixture
def plain(tmp_path):
    """A community file from before there were flats."""
    tiny = make_tiny()
    write_community(tiny.frames, tiny.meta, tmp_path / "plain.gpkg")
    return tmp_path / "plain.gpkg"


def test_sample_has_one_flat_a_household_with_its_people(sample):
    homes = sample["buildings"].set_index("id")
    homes = homes[homes["households"] > 0]
    by = sample.dwellings.groupby("building_id")
    assert by.size().reindex(homes.index).tolist() == homes["households"].tolist()
    assert by["residents"].sum().reindex(homes.index).tolist() == homes["residents"].tolist()
    assert len(by) == len(homes)


def test_sample_flats_are_where_their_meters_and_doors_are(sample):
    flats, devices = sample.dwellings, sample["devices"]
    meters = devices[devices["kind"] == "electricity_meter"]
    keys = ["building_id", "floor"]
    assert flats.groupby(keys).size().to_dict() == meters.groupby(keys).size().to_dict()
    doors = set(map(tuple, sample["entrances"][["building_id", "unit"]].to_numpy()))
    assert set(map(tuple, flats[["building_id", "unit"]].to_numpy())) <= doors


def test_sample_tenure_is_believable(sample):
    flats = sample.dwellings
    share = flats["tenure"].value_counts(normalize=True)
    assert 0.02 < share["vacant"] < 0.12
    assert share["owner"] > share["let"] > share["vacant"]
    vacant = flats["tenure"] == "vacant"
    assert (flats.loc[vacant, "residents"] == 0).all()
    assert flats.loc[~vacant, "residents"].between(1, 9).all()
    assert not flats.duplicated(["building_id", "unit", "room"]).any()
    assert flats["id"].is_unique


def test_same_seed_same_flats(sample):
    first, again, other = (
        make_dwellings(sample.frames, np.random.default_rng(seed)) for seed in (5, 5, 6)
    )
    assert first.equals(again)
    assert not first.equals(other)


def test_file_without_flats_is_a_good_file(plain):
    community = load_community(plain)
    assert list(community.dwellings.columns) == list(TABLES["dwellings"].columns)
    assert len(community.dwellings) == 0
    found = check_file(plain)
    assert not [p for p in found["problems"] if p["level"] == "error"]
    assert "dwellings" not in found["layers"]


def test_sample_is_checked_with_its_flats(sample, tmp_path):
    path = tmp_path / "again.gpkg"
    write_community(sample.frames, sample.meta, path, dwellings=sample.dwellings)
    assert load_community(path).digest == sample.digest
    found = check_file(path)
    assert found["layers"]["dwellings"] == {
        "read": 3500, "kept": 3500, "repaired": 0, "rejected": 0,
    }  # fmt: skip
    assert not [p for p in found["problems"] if p["layer"] == "dwellings"]


def _import(plain, source, tmp_path):
    out = tmp_path / "out.gpkg"
    result = import_sources([plain, source], out=out)
    assert not result.refused, result.report
    return result.report, load_community(out).dwellings, out


def test_table_of_flats_finds_its_buildings_by_name_or_id(plain, tmp_path):
    source = tmp_path / "住户.csv"
    source.write_text(HEADER + ROWS, encoding="gb18030")
    report, flats, out = _import(plain, source, tmp_path)
    assert report["layers"]["dwellings"] == {"read": 6, "kept": 4, "repaired": 0, "rejected": 2}
    assert flats["building_id"].tolist() == ["mid", "mid", "mid", "low"]
    assert flats["floor"].tolist() == [4, 4, 4, 2]
    assert flats["tenure"].astype(object).where(flats["tenure"].notna(), None).tolist() == [
        "owner", "vacant", "let", None,
    ]  # fmt: skip
    told = {(p["row"], p["column"]) for p in report["problems"] if p["layer"] == "dwellings"}
    assert {(5, None), (6, None), (7, "tenure")} <= told
    assert "某甲".encode() not in out.read_bytes()
    assert any("户主姓名" in p["message"] for p in report["problems"])


def test_workbook_of_flats_is_read_as_the_csv_is(plain, tmp_path):
    book = openpyxl.Workbook()
    for line in (HEADER + ROWS).splitlines():
        book.active.append(line.split(","))
    book.save(tmp_path / "flats.xlsx")
    report, flats, _ = _import(plain, tmp_path / "flats.xlsx", tmp_path)
    assert report["layers"]["dwellings"]["kept"] == len(flats) == 4


def test_community_file_hands_its_flats_on(sample, tmp_path):
    first, out = tmp_path / "first.gpkg", tmp_path / "second.gpkg"
    write_community(sample.frames, sample.meta, first, dwellings=sample.dwellings)
    report = import_sources([first], out=out).report
    assert load_community(out).dwellings.equals(sample.dwellings)
    assert not [p for p in report["problems"] if "dwellings" in p["message"]]


def test_table_with_coordinates_is_no_table_of_flats(plain, tmp_path):
    source = tmp_path / "单元门.csv"
    source.write_text("楼栋,单元,楼层,经度,纬度\nmid,1,1,119.3,26.08\n", encoding="utf-8")
    report, flats, _ = _import(plain, source, tmp_path)
    assert len(flats) == 0
    assert report["layers"]["entrances"]["read"] == 4


def test_broken_table_in_a_file_is_told(plain):
    raw = make_tiny()["buildings"][["id"]].rename(columns={"id": "building_id"})
    pyogrio.write_dataframe(raw.assign(id="x"), plain, layer="dwellings", driver="GPKG")
    errors = [p["message"] for p in check_file(plain)["problems"] if p["level"] == "error"]
    assert any(re.search("floor", message) for message in errors)


def test_tenures_are_the_three_of_the_design():
    assert TABLES["dwellings"].columns["tenure"].values == TENURES == ("owner", "let", "vacant")
