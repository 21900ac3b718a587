"""The tables in a browser: sort, filter, live rows, files; a row and the map lead to each other."""

from __future__ import annotations

import io

import pandas as pd
import pytest

from tests.browser.tiny import make_event

pytestmark = pytest.mark.browser

# rows in their shown order, as the grid itself tells
SHOWN = """(field) => {
  const rows = [];
  dash_ag_grid.getApi("tables-grid").forEachNodeAfterFilterAndSort((n) => rows.push(n.data[field]));
  return rows;
}"""


def open_table(open_page, tiny, query, **size):
    page = open_page(f"{tiny.url}/manage/tables?{query}", **size)
    page.page.wait_for_selector(".ag-center-cols-container .ag-row")
    page.wait_for(lambda: page.page.inner_text(".tables-count") != "Fetching rows")
    return page


def test_column_sorts_and_the_quick_filter_finds(open_page, tiny):
    page = open_table(open_page, tiny, "layer=buildings&lang=en")
    assert page.run(SHOWN, "id") == ["tall", "low", "mid"]
    header = page.page.locator('.ag-header-cell[col-id="height_m"] .ag-header-cell-label')
    header.click()
    assert page.run(SHOWN, "height_m") == [9, 21, 30]
    header.click()
    assert page.run(SHOWN, "height_m") == [30, 21, 9]
    page.page.fill("#tables-quick", "low")
    page.wait_for(lambda: page.run(SHOWN, "id") == ["low"])
    page.wait_for(lambda: page.page.inner_text(".tables-count") == "1 / 3 rows")
    with page.page.expect_download() as waiting:
        page.page.click('[data-export="csv"]')
    with open(waiting.value.path(), "rb") as file:  # noqa: PTH123
        table = pd.read_csv(io.BytesIO(file.read()))
    assert waiting.value.suggested_filename.startswith("buildings-")
    assert list(table["ID"]) == ["low"]
    assert list(table["Height (m)"]) == [9]


def test_row_follows_the_stream(open_page, tiny):
    page = open_table(open_page, tiny, "layer=gates&lang=en")
    tiny.submit(make_event("gates", "g0", "status", state="held"))
    page.wait_for(lambda: "Held open" in page.run(SHOWN, "state"))
    cell = page.page.locator('.ag-row[row-id="g0"] [col-id="state"]')
    page.wait_for(lambda: cell.inner_text() == "Held open")
    assert cell.locator(".mark-held").count() == 1
    tiny.submit(make_event("gates", "g0", "status", state="closed"))
    page.wait_for(lambda: cell.inner_text() == "Closed")


def test_address_chooses_a_row_and_a_row_leads_to_the_map_and_back(open_page, tiny):
    page = open_table(open_page, tiny, "layer=entrances&id=d1&lang=en")
    page.wait_for(lambda: page.page.locator(".ag-row-selected").count() > 0)
    assert page.page.locator(".ag-row-selected").first.get_attribute("row-id") == "d1"
    page.page.click('[data-table-layer="services"]')
    page.page.wait_for_selector('.ag-row[row-id="s0"]')
    assert "layer=services" in page.page.url
    page.page.click('.ag-row[row-id="s0"] [col-id="kind"]')
    page.page.wait_for_url("**/manage?at=services/s0*")
    page.page.go_back()
    page.page.wait_for_selector('.ag-row-selected[row-id="s0"]')


def test_what_the_address_names_may_be_gone(open_page, tiny):
    page = open_table(open_page, tiny, "layer=gates&id=%3Cb%3Enone&lang=en")
    page.wait_for(lambda: "has no <b>none" in page.page.inner_text(".tables-count"))


def test_pages_without_a_table_do_not_load_the_grid(open_page, tiny):
    page = open_page(f"{tiny.url}/manage/directory?lang=en")
    page.page.wait_for_selector(".office-title")
    assert not [url for url in page.requests if "dash_ag_grid.min" in url]
