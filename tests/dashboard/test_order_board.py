"""The board by hand: filters, clocks in words, the rows of a table that do not fit."""

import pytest

from dashboard.access import Viewer
from dashboard.orders.reading import Filter
from dashboard.orders.say import clock_text, span
from dashboard.orders_api import meant_by_words, to_report
from dashboard.words import load_words
from live.orders.order import Order
from live.orders.tables import read_sheet, write_csv
from live.store import open_store
from tests.live.orders.test_orders import LAMP, ZONE, open_orders

ZH, EN = load_words("zh"), load_words("en")


def order(**given):
    told = {
        "id": "P1", "version": 1, "state": "new", "kind": "repair", "level": "utility",
        "title": "t", "source": "staff", "incident": "", "grid": "west", "layer": "", "place": "",
        "supplier": "", "supplier_kind": "", "opened_at": 0.0, "due": 86_400.0,
    }  # fmt: skip
    return Order(**{**told, **given})


def test_clocks_in_words():
    assert span(ZH, 0) == "0 分钟"
    assert span(EN, 3 * 86_400 + 3600 + 59) == "3 d 1 h"
    assert clock_text(ZH, order(), 82_800) == ("剩 1 小时", False)
    assert clock_text(ZH, order(), 90_000) == ("超期 1 小时", True)
    done = order(state="done", done_at=7200.0)
    assert clock_text(EN, done, 9e9) == ("In time, took 2 h", False)
    assert clock_text(EN, order(state="closed", done_at=90_000.0), 9e9)[1] is True
    assert clock_text(EN, order(state="cancelled"), 9e9) == ("Cancelled", False)


def test_filters_take_what_they_say_and_nothing_a_browser_makes_up():
    wanted = Filter.read({"grid": "west", "overdue": True, "source": "odd", "view": "table"})
    assert wanted == Filter(grid="west", overdue=True, view="table")
    assert wanted.takes(order(), 90_000)
    assert not wanted.takes(order(), 1)
    assert not wanted.takes(order(grid="east"), 90_000)
    assert Filter.read("odd") == Filter()
    assert not Filter.read({"overdue": "yes"}).active


@pytest.mark.parametrize("words", [ZH, EN], ids=["zh", "en"])
def test_a_table_in_words_comes_back(words):
    store = open_store("sqlite://")
    orders, _ = open_orders(store)
    made = orders.create("li", [{**LAMP, "supplier": "物业", "supplier_kind": "enterprise"}])
    body = write_csv(made, ZONE, words.entries)
    assert words("order.repair") in body.decode("utf-8-sig")
    (back,) = read_sheet(body, meant_by_words()).rows
    assert back == back | {**LAMP, "supplier_kind": "enterprise", "source": "staff"}
    store.close()


def test_rows_that_do_not_fit_are_told_apart():
    body = "类别,事项,承办,承办性质\n房屋维修,灯,,\n奇怪,门,,\n安全隐患,,,\n停车秩序,线,某,外星\n"
    told = to_report(read_sheet(body.encode(), meant_by_words()))
    assert (told["rows"], told["fit"], told["faulty"]) == (4, 1, 3)
    assert [(f["row"], f["field"], f["why"]) for f in told["faults"]] == [
        (3, "kind", "choice"), (4, "title", "missing"), (5, "supplier_kind", "choice")
    ]  # fmt: skip
    for fault in told["faults"]:
        for words in (ZH, EN):
            assert f"orders.fault.{fault['why']}" in words.entries
            assert f"order_field.{fault['field']}" in words.entries


def test_a_grid_worker_enters_their_own_grids_only():
    worker = Viewer("w", frozenset({"grid_worker"}), areas=frozenset({"west"}))
    assert worker.may_enter(order().grid)
    assert not worker.may_enter(order(grid="").grid or None)
