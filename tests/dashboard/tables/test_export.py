"""Each file is read back by the libraries that its readers use and compared with the community."""

import csv
import io
from datetime import datetime
from zoneinfo import ZoneInfo

import geopandas as gpd
import openpyxl
import orjson
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from dashboard.export_log import ABOUT
from dashboard.tables import TABLES
from dashboard.tables.export import FORMULA, Sheet, guard, to_csv, to_geopackage, to_xlsx
from dashboard.words import LANGUAGES, load_words
from live.store.cases import AUDIT
from tests.browser.tiny import BLOCKS, POINTS, make_event

SHOWN = [layer for layer in TABLES if layer == "buildings" or layer in POINTS]


def fetch(http, layer, form, prefix="", **query):
    response = http.get(f"{prefix}/api/v1/tables/{layer}.{form}", params=query)
    assert response.status_code == 200, response.text
    assert f'filename="{layer}-' in response.headers["content-disposition"]
    assert response.headers["cache-control"] == "no-store"
    return response.content


def drawn_ids(layer):
    if layer == "buildings":
        return list(BLOCKS)
    return [key for key, *_ in POINTS[layer] if key != "meter0"]


@pytest.mark.parametrize("prefix", ["", "/demo"])
@pytest.mark.parametrize("layer", SHOWN)
def test_every_form_holds_every_row_that_may_be_shown(http, layer, prefix, tmp_path):
    raw = fetch(http, layer, "csv", prefix, lang="en")
    assert raw.startswith(b"\xef\xbb\xbf"), "Excel knows UTF-8 by its mark"
    table = pd.read_csv(io.BytesIO(raw), dtype=str, keep_default_na=False)
    assert list(table["ID"]) == drawn_ids(layer)
    book = pd.read_excel(io.BytesIO(fetch(http, layer, "xlsx", prefix, lang="en")), dtype=str)
    assert list(book["ID"]) == drawn_ids(layer)
    assert list(book.columns) == list(table.columns)
    path = tmp_path / "table.gpkg"
    path.write_bytes(fetch(http, layer, "gpkg", prefix, lang="en"))
    frame = gpd.read_file(path, layer=layer)
    assert list(frame["id"]) == drawn_ids(layer)
    assert frame.crs.to_epsg() == 4326


def test_geopackage_has_the_geometry_and_figures_of_the_community(http, served, tmp_path):
    path = tmp_path / "buildings.gpkg"
    path.write_bytes(fetch(http, "buildings", "gpkg"))
    frame = gpd.read_file(path)
    truth = served.world.community["buildings"]
    assert shapely.equals(frame.geometry.to_numpy(), truth.geometry.to_numpy()).all()
    assert list(frame["height_m"]) == [block[4] for block in BLOCKS.values()]
    assert dict(zip(frame["id"], frame["doors"], strict=True)) == {"tall": 0, "low": 1, "mid": 2}
    assert dict(zip(frame["id"], frame["water_meter"], strict=True))["mid"] == 1


def test_live_columns_tell_what_was_said_last(http, served):
    served.submit(make_event("gates", "g0", "status", state="held"))
    row = (
        pd.read_excel(io.BytesIO(fetch(http, "gates", "xlsx", lang="en"))).set_index("ID").loc["g0"]
    )
    assert row["State"] == "Held open"
    now = datetime.now(served.world.timezone).replace(tzinfo=None)
    assert abs((now - row["Last heard"]).total_seconds()) < 120
    text = fetch(http, "gates", "csv", lang="zh").decode("utf-8-sig")
    assert next(csv.DictReader(io.StringIO(text)))["状态"] == "未关好"


def test_chosen_rows_come_in_the_order_asked_for(http):
    url = "/api/v1/tables/entrances.csv"
    for response in (
        http.post(url, json={"ids": ["d2", "d0", "d2"]}),
        http.get(url, params=[("id", "d2"), ("id", "d0")]),
    ):
        table = pd.read_csv(io.BytesIO(response.content), dtype=str)
        assert list(table["编号"]) == ["d2", "d0"]
    assert len(pd.read_csv(io.BytesIO(http.post(url, json={"ids": []}).content))) == 0


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("nothing.csv", 404),
        ("dwellings.csv", 404),
        ("devices.pdf", 404),
        ("devices.csv?lang=fr", 400),
        ("devices.csv?id=meter0", 400),
        ("devices.gpkg?id=x%27%20OR%201=1", 400),
    ],
)
def test_what_there_is_not_is_refused(http, path, code):
    response = http.get(f"/api/v1/tables/{path}")
    assert response.status_code == code
    assert response.json()["detail"]


HOSTILE = ['=HYPERLINK("http://x","y")', "+1+1", "-2+3", "@SUM(A1)", "\t=1", " =1", "＝1+1",
           'a"b,c\nd', "null\x00byte", "\ud800", "'quoted", "名,称", "<b>x</b>"]  # fmt: skip


def make_sheet(texts):
    rows = [
        {"id": f"r{k}", "name": text, "buildings": k, "households": None}
        for k, text in enumerate(texts)
    ]
    zone = ZoneInfo("Asia/Shanghai")
    return Sheet("grids", rows, load_words("zh"), zone, ["=1+1"])


def test_hostile_names_stay_texts_in_every_form(tmp_path):
    sheet = make_sheet(HOSTILE)
    rows = list(csv.reader(io.StringIO(to_csv(sheet).decode("utf-8-sig"), newline="")))[1:]
    assert len(rows) == len(HOSTILE)
    for row, text in zip(rows, HOSTILE, strict=True):
        assert not FORMULA.match(row[0])
        assert row[0].removeprefix("'") == text.replace("\x00", "").replace(
            "\ud800", ""
        ).removeprefix("'")
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx(sheet)))
    for page in book:
        for line in page.iter_rows():
            assert "f" not in {cell.data_type for cell in line}
    names = [cell.value for cell in book.worksheets[0]["A"]][1:]
    assert names[0] == HOSTILE[0]
    assert book.worksheets[0]["A2"].quotePrefix
    shapes = gpd.GeoDataFrame(
        {"id": [row["id"] for row in sheet.rows]},
        geometry=[shapely.Point(k, k) for k in range(len(HOSTILE))],
        crs="EPSG:4326",
    )
    path = tmp_path / "x.gpkg"
    path.write_bytes(to_geopackage(sheet, shapes))
    frame = gpd.read_file(path)
    assert frame["name"][0] == HOSTILE[0]
    assert list(frame.geometry.x) == list(range(len(HOSTILE)))
    assert list(frame["buildings"]) == list(range(len(HOSTILE)))


@given(st.text())
def test_no_text_is_a_formula_once_guarded(text):
    assert guard(text).removeprefix("'") == text.removeprefix("'")
    opened = guard(text).lstrip(" \ufeff\u200b")
    assert not opened or opened[0] not in "=+-@\t\r＝＋－＠"


def test_few_people_are_no_number_in_any_form(tmp_path):
    rows = [
        {"id": key, "name": key, "residents": people}
        for key, people in (("a", "<5"), ("b", 12), ("c", 0), ("d", None))
    ]
    zone = ZoneInfo("Asia/Shanghai")
    sheet = Sheet("buildings", rows, load_words("en"), zone)
    table = pd.read_csv(io.BytesIO(to_csv(sheet)), dtype=str, keep_default_na=False)
    assert list(table["Residents"]) == ["<5", "12", "0", ""]
    shapes = gpd.GeoDataFrame(
        {"id": list("abcd")}, geometry=[shapely.Point(k, k) for k in range(4)], crs="EPSG:4326"
    )
    path = tmp_path / "x.gpkg"
    path.write_bytes(to_geopackage(sheet, shapes))
    frame = gpd.read_file(path)
    assert frame["residents"].tolist()[1:3] == [12, 0]
    assert pd.isna(frame["residents"][0])
    assert frame["residents_few"].tolist()[0] == "<5"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("layer", SHOWN)
def test_no_heading_and_no_value_is_a_bare_code(http, layer, language):
    text = fetch(http, layer, "csv", lang=language).decode("utf-8-sig")
    headings = next(csv.reader(io.StringIO(text)))
    assert len(set(headings)) == len(headings)
    assert not [name for name in headings if "_" in name or "." in name]
    if language == "zh":
        assert not [name for name in headings if name.isascii()]


def test_a_table_taken_is_written_down_and_a_visitors_is_not(http, served):
    def taken():
        with served.world.twin.store.reading() as conn:
            query = AUDIT.select().where(AUDIT.c.about == ABOUT).order_by(AUDIT.c.seq)
            found = conn.execute(query).all()
        return [orjson.loads(row.data) for row in found]

    before = taken()
    fetch(http, "services", "csv", "/demo")
    assert taken() == before
    fetch(http, "services", "xlsx")
    *_, last = taken()
    assert (last["form"], last["counts"]) == ("xlsx", {"services": len(drawn_ids("services"))})
