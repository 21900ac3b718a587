from __future__ import annotations

import json

import pytest

from geodata import community as community_file
from geodata.importer import import_sources


def errors(report):
    return [p["message"] for p in report["problems"] if p["level"] == "error"]


def test_a_write_that_fails_midway_leaves_only_the_old_file(
    tmp_path, write_geojson, square, monkeypatch
):
    out = tmp_path / "town" / "out.gpkg"
    source = write_geojson("buildings.geojson", [square(0, height=12)])
    assert not import_sources([source], out=out).refused
    before = out.read_bytes()
    whole = community_file.pyogrio.write_dataframe

    def full_disk(frame, path, *, layer, driver):
        whole(frame, path, layer=layer, driver=driver)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(community_file.pyogrio, "write_dataframe", full_disk)
    result = import_sources([source], out=out)
    assert result.refused
    assert "No space left" in errors(result.report)[0]
    assert out.read_bytes() == before
    assert [path.name for path in out.parent.iterdir()] == ["out.gpkg"]


def test_an_out_that_is_a_folder_is_refused(tmp_path, write_geojson, square):
    source = write_geojson("buildings.geojson", [square(0)])
    out = tmp_path / "folder.gpkg"
    out.mkdir()
    result = import_sources([source], out=out)
    assert result.refused
    assert "folder.gpkg" in errors(result.report)[0]
    assert sorted(path.name for path in tmp_path.iterdir()) == [source.name, out.name]


def test_import_over_its_own_source(tmp_path, write_geojson, square):
    out = tmp_path / "out.gpkg"
    import_sources([write_geojson("buildings.geojson", [square(0, id="b1")])], out=out)
    result = import_sources([out], out=out)
    assert not result.refused
    assert result.community_frames["buildings"]["id"].tolist() == ["b1"]


@pytest.mark.parametrize("content", [b"SQLite format 3\0" + bytes(300), b"{", b"PK\x03\x04x"])
def test_no_folder_of_this_machine_is_told(tmp_path, content):
    path = tmp_path / "buildings.gpkg"
    path.write_bytes(content)
    result = import_sources([path], out=tmp_path / "out.gpkg")
    assert result.refused
    assert str(tmp_path) not in json.dumps(result.report)


def test_the_same_source_twice_is_told_not_hidden(tmp_path, write_geojson, square):
    source = write_geojson("buildings.geojson", [square(0, id="b1"), square(1, id="b2")])
    result = import_sources([source, source], out=None)
    assert result.report["layers"]["buildings"]["read"] == 4
    assert result.community_frames["buildings"]["id"].is_unique
    twins = [p for p in result.report["problems"] if "same outline" in p["message"]]
    assert sum(p["count"] for p in twins) == 2


@pytest.mark.parametrize(
    "names",
    [{"Name": "a", "NAME": "b"}, {"fid": 7}, {"geom": "x"}, {"_row": 3}, {"id": 1, "ID": 2}],
)
def test_headers_that_collide_in_a_geopackage(tmp_path, write_geojson, square, names):
    out = tmp_path / "out.gpkg"
    source = write_geojson("buildings.geojson", [square(0, **names), square(1, **names)])
    result = import_sources([source], out=out)
    assert not result.refused, errors(result.report)
    loaded = community_file.load_community(out)["buildings"]
    assert len(loaded) == 2
    for value in names.values():
        cells = {str(cell) for cell in loaded.drop(columns="geometry").to_numpy().ravel()}
        assert any(cell.startswith(str(value)) for cell in cells)
