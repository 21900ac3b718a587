"""Saved views over HTTP, and what a map shows as files: cut, masked, written down."""

import base64
import io
import zipfile

import openpyxl
import orjson
import pyogrio
import pytest

from live.store.cases import AUDIT

IDS = {"services": ["s1", "s0"], "buildings": ["mid"], "devices": ["meter0", "sos0"]}
# one grey pixel
JPEG = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAgGBgcGBQgHBwcJCQgKDBQNDAsLDBkSEw8UHRofHh0aHBwgJC4nICIsIxwcKDcp"
    "LDAxNDQ0Hyc5PTgyPC4zNDL/wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAACf/EABQQAQAAAAAAAAAAAAAAAAAA"
    "AAD/2gAIAQEAAD8AKp//2Q=="
)


def export(http, form, **given):
    return http.post(f"/api/v1/views/export.{form}", json={"ids": IDS, **given})


def test_a_workbook_has_a_sheet_a_layer_and_says_where_it_is_from(http, served):
    found = export(http, "xlsx", place="#off=parking", lang="en")
    assert found.status_code == 200, found.text
    assert found.headers["x-exported"] == "4"  # a meter inside a flat is in no table
    book = openpyxl.load_workbook(io.BytesIO(found.content))
    assert len(book.sheetnames) == 4
    services = list(book.worksheets[0].iter_rows(values_only=True))
    assert [row[0] for row in services[1:]] == ["小店", "长者食堂"]
    notes = " ".join(str(row[0]) for row in book.worksheets[-1].iter_rows(values_only=True))
    assert "Moment shown" in notes
    assert "Exported by" in notes
    with served.world.twin.store.reading() as conn:
        row = conn.execute(
            AUDIT.select().where(AUDIT.c.about == "exports").order_by(AUDIT.c.seq)
        ).all()[-1]
    data = orjson.loads(row.data)
    assert (data["form"], data["counts"]) == ("xlsx", {"services": 2, "buildings": 1, "devices": 1})


def test_several_layers_are_one_geopackage_and_one_archive(http, tmp_path):
    path = tmp_path / "view.gpkg"
    path.write_bytes(export(http, "gpkg").content)
    assert {name for name, _ in pyogrio.list_layers(path)} == set(IDS)
    packed = zipfile.ZipFile(io.BytesIO(export(http, "csv").content))
    assert set(packed.namelist()) == {*(f"{layer}.csv" for layer in IDS), "notes.txt"}
    one = http.post("/api/v1/views/export.csv", json={"ids": {"services": ["s0"]}})
    assert one.content.startswith("\ufeff".encode())


def test_a_picture_is_printed_with_what_must_be_known(http):
    picture = f"data:image/jpeg;base64,{base64.b64encode(JPEG).decode()}"
    found = export(http, "pdf", picture=picture)
    assert found.status_code == 200, found.text
    assert found.content.startswith(b"%PDF")
    notes = export(http, "png").json()["notes"]
    assert len(notes) >= 6


@pytest.mark.parametrize(
    ("form", "given", "said"),
    [
        ("doc", {}, "a view is no"),
        ("csv", {"ids": {"people": ["p"]}}, "no table"),
        ("csv", {"ids": {}}, "nothing to export"),
        ("pdf", {"picture": "data:image/png;base64,AAAA"}, "JPEG"),
        ("csv", {"t": 4e9}, "has not come yet"),
    ],
)
def test_what_cannot_be_exported_is_said(http, form, given, said):
    refused = export(http, form, **given)
    assert refused.status_code == 422
    assert said in refused.json()["detail"]


def test_views_are_kept_renamed_and_brought_back_over_http(http):
    made = http.post("/api/v1/views", json={"name": "早高峰", "place": "#off=parking"}).json()
    path = f"/api/v1/views/{made['id']}"
    gone = http.put(path, json={"version": made["version"], "gone": True}).json()
    assert made["id"] not in str(http.get("/api/v1/views").json())
    late = http.put(path, json={"version": made["version"], "name": "晚高峰"})
    assert late.status_code == 409
    http.put(path, json={"version": gone["version"], "gone": False, "name": "晚高峰"})
    assert "晚高峰" in str(http.get("/api/v1/views").json())
    assert http.post("/api/v1/views", json={"name": "", "place": "#off="}).status_code == 422
