from __future__ import annotations

import argparse
import json
import sqlite3

import pytest

from geodata import cli


def run(*arguments):
    parser = argparse.ArgumentParser()
    cli.register(parser.add_subparsers(required=True))
    args = parser.parse_args([str(argument) for argument in arguments])
    return args.run(args)


SHAPE = {"name", "crs", "layers", "heights", "problems"}


def test_done_prints_one_object_and_returns_0(tmp_path, write_geojson, square, capsys):
    source = write_geojson("buildings.geojson", [square(0, height=12)])
    out = tmp_path / "out.gpkg"
    assert run("import", source, "--out", out, "--name", "军门社区", "--json") == 0
    printed = json.loads(capsys.readouterr().out)
    assert set(printed) == SHAPE
    assert printed["name"] == "军门社区"
    assert printed["crs"] == {"declared": "EPSG:4326", "used": "EPSG:4326", "by": "file"}
    assert printed["layers"] == {"buildings": {"read": 1, "kept": 1, "repaired": 0, "rejected": 0}}
    assert printed["heights"] == {"measured": 1, "from_storeys": 0, "assumed": 0}
    assert run("check", out, "--json") == 0
    checked = json.loads(capsys.readouterr().out)
    assert set(checked) == SHAPE
    assert checked["layers"] == printed["layers"]
    assert checked["name"] == "军门社区"


def test_refused_prints_the_question_and_returns_2(tmp_path, capsys):
    source = tmp_path / "设备.csv"
    source.write_text("x,y\n429633.4,2886187.4\n", encoding="utf-8")
    out = tmp_path / "out.gpkg"
    assert run("import", source, "--out", out, "--json") == 2
    printed = json.loads(capsys.readouterr().out)
    assert set(printed) == SHAPE
    assert printed["problems"][0]["level"] == "error"
    assert "--crs 4549" in printed["problems"][0]["message"]
    assert not out.exists()
    assert run("import", source, "--out", out) == 2
    assert "Refused, nothing written" in capsys.readouterr().out


def test_dry_run_needs_no_out(tmp_path, write_geojson, square, capsys):
    source = write_geojson("buildings.geojson", [square(0, height=12)])
    assert run("import", source, "--dry-run") == 0
    assert "nothing written" in capsys.readouterr().out
    assert run("import", source, "--json") == 2
    assert "--out" in json.loads(capsys.readouterr().out)["problems"][0]["message"]
    assert list(tmp_path.iterdir()) == [source]


@pytest.mark.parametrize("name", ["x.txt", "gone.gpkg"])
def test_check_of_what_is_no_community_returns_2(tmp_path, name, capsys):
    path = tmp_path / name
    if name == "x.txt":
        path.write_text("hello")
    assert run("check", path) == 2
    assert "import" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("sql", "column"),
    [
        ("UPDATE buildings SET height_m = 5000", "height_m"),
        ("UPDATE buildings SET height_source = 'guess'", "height_source"),
        ("UPDATE buildings SET id = 'same'", "id"),
        ("UPDATE buildings SET id = NULL", "id"),
    ],
)
def test_check_finds_what_breaks_the_schema(tmp_path, write_geojson, square, capsys, sql, column):
    source = write_geojson("buildings.geojson", [square(0, height=12), square(1, height=9)])
    out = tmp_path / "out.gpkg"
    run("import", source, "--out", out, "--json")
    capsys.readouterr()
    with sqlite3.connect(out) as db:
        # the triggers of the spatial index need functions that only GDAL has
        for (trigger,) in db.execute("SELECT name FROM sqlite_master WHERE type='trigger'"):
            db.execute(f'DROP TRIGGER "{trigger}"')
        db.execute(sql)
    db.close()
    assert run("check", out, "--json") == 2
    printed = json.loads(capsys.readouterr().out)
    count = printed["layers"]["buildings"]
    assert count["rejected"] >= 1
    assert count["read"] == count["kept"] + count["repaired"] + count["rejected"] == 2
    assert {p["column"] for p in printed["problems"] if p["level"] == "error"} == {column}
