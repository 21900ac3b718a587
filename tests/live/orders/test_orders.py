"""Orders: their steps, clocks and figures, tables out and in, and a seeded past."""

import io
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from live import audit
from live.incidents.errors import MissingError, StaleError, StepError
from live.orders.book import Orders, check_steps, count_by, count_figures
from live.orders.order import KINDS, LIMITS_S, OrderError
from live.orders.sample import add_sample
from live.orders.tables import read_table, write_csv, write_xlsx
from live.store import open_store
from tests.live.incidents.test_engine import Hands
from tests.live.incidents.town import TOWN

ZONE = ZoneInfo("Asia/Shanghai")
LAMP = {"kind": "repair", "title": "楼道灯不亮", "level": "utility", "grid": "west"}
FIRM = {"supplier": "物业工程部", "supplier_kind": "enterprise"}


def open_orders(store):
    hands = Hands()
    return Orders(store, ZONE, hands.now), hands


def problems(store):
    with store.reading() as conn:
        return [*audit.verify(conn).problems, *check_steps(conn)]


def finish(orders, hands, after_s, **asked):
    (one,) = orders.create("li", [{**LAMP, **FIRM, **asked}])
    orders.act(one.id, "start", "li", 1, {})
    hands.pass_(after_s)
    return orders.act(one.id, "finish", "li", 2, {})


def test_an_order_from_asking_to_praise(store):
    orders, hands = open_orders(store)
    (one,) = orders.create("li", [LAMP])
    assert (one.id, one.state) == ("P261123-001", "new")
    assert one.due - one.opened_at == 24 * 3600
    with pytest.raises(StepError, match="while order P261123-001 is new"):
        orders.act(one.id, "start", "li", 1, {})
    orders.act(one.id, "assign", "li", 1, FIRM)
    orders.act(one.id, "start", "wu", 2, {"note": "带梯子"})
    orders.act(one.id, "progress", "wu", 3, {"progress": 60})
    hands.pass_(3600)
    orders.act(one.id, "finish", "wu", 4, {})
    with pytest.raises(StepError, match="rating: 1 to 5"):
        orders.act(one.id, "rate", "li", 5, {"rating": 6})
    orders.act(one.id, "rate", "li", 5, {"rating": 5})
    with pytest.raises(StaleError) as error:
        orders.act(one.id, "close", "chen", 5, {})
    assert [(c["action"], c["data"]) for c in error.value.changed] == [("rate", {"rating": 5})]
    orders.act(one.id, "close", "chen", 6, {})
    after = orders.act(one.id, "praise", "chen", 7, {})
    assert (after.state, after.praised, after.progress) == ("closed", True, 100)
    again = orders.act(one.id, "reopen", "li", 8, {"reason": "又坏了"})
    assert (again.state, again.rating, again.reopened) == ("assigned", None, 1)
    assert again.due - hands.wall == LIMITS_S["utility"]
    with pytest.raises(MissingError):
        orders.get("P1")
    assert problems(store) == []


def test_figures_by_hand(store):
    orders, hands = open_orders(store)
    first = finish(orders, hands, 3600)  # in time
    finish(orders, hands, 90_000, grid="east")  # a day's limit, late
    third = finish(orders, hands, 60, supplier="街道市政班", supplier_kind="government")
    orders.act(first.id, "rate", "li", 3, {"rating": 4})
    orders.act(third.id, "rate", "li", 3, {"rating": 2})
    (late,) = orders.create("li", [{**LAMP, "level": "emergency"}])
    orders.create("li", [{**LAMP, "level": "complex"}])
    (gone,) = orders.create("li", [{**LAMP, "level": "emergency"}])
    orders.act(gone.id, "cancel", "li", 1, {"reason": "重复"})
    hands.pass_(7201)
    every, now = orders.all(), orders.now()
    assert count_figures(every, now) == {
        "open": 2, "overdue": 1, "done": 3, "on_time": 0.6667, "rated": 2, "satisfied": 0.5,
    }  # fmt: skip
    by = count_by(every, "supplier", now)
    assert by["街道市政班"]["on_time"] == 1.0
    assert by["物业工程部"] | {"done": 2, "on_time": 0.5} == by["物业工程部"]
    assert count_by(every, "grid", now)["east"]["on_time"] == 0.0
    # nothing done yet is no hundred percent
    assert count_figures([late], now)["on_time"] is None
    assert count_figures([], now)["satisfied"] is None
    page, following = orders.page(states=("new",), limit=1)
    assert len(page) == 1
    assert len(orders.page(states=("new",), limit=5, before=following)[0]) == 1


def test_all_of_a_batch_or_nothing(store):
    orders, _ = open_orders(store)
    with pytest.raises(OrderError, match="kind: there is no 'odd'"):
        orders.create("li", [LAMP, {**LAMP, "kind": "odd"}])
    with pytest.raises(OrderError, match="supplier_kind: there is no None"):
        orders.create("li", [{**LAMP, "supplier": "某公司"}])
    assert orders.all() == []
    assert [one.id for one in orders.create("li", [LAMP] * 3)][-1] == "P261123-003"


typed = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufeff"), max_size=40
).map(str.strip)


@settings(max_examples=30)
@given(st.lists(st.tuples(st.sampled_from(KINDS), st.sampled_from(sorted(LIMITS_S)),
                          typed.filter(bool), typed), min_size=1, max_size=6))  # fmt: skip
def test_tables_come_back_as_they_went_out(rows):
    given_ = [
        {"kind": k, "level": level, "title": title, "grid": grid} for k, level, title, grid in rows
    ]
    store = open_store("sqlite://")
    orders, _ = open_orders(store)
    made = orders.create("li", given_)
    store.close()
    for body in (write_csv(made, ZONE), write_xlsx(made, ZONE)):
        back = read_table(body)
        assert [
            {"kind": one["kind"], "level": one["level"], "title": one["title"],
             "grid": one.get("grid", "")} for one in back
        ] == given_  # fmt: skip


def test_nothing_typed_runs_as_a_formula(store):
    orders, _ = open_orders(store)
    made = orders.create("li", [{**LAMP, "title": "=HYPERLINK(1)"}])
    assert b",'=HYPERLINK(1)," in write_csv(made, ZONE)
    sheet = openpyxl.load_workbook(io.BytesIO(write_xlsx(made, ZONE))).active
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "inlineStr"}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "empty"),
        ("类别,状态\nrepair,new\n".encode(), "no column title"),
        ("类别,事项\nrepair,灯\nodd,门\n,\nrepair,\n".encode(),
         "row 3: kind: there is no 'odd'.*row 5: title"),
        (b"PK\x03\x04 no zip", "no XLSX"),
        (b"\xff\xfe\xff", "neither XLSX, nor CSV"),
    ],
)  # fmt: skip
def test_a_table_that_does_not_fit_says_where(body, said):
    with pytest.raises(OrderError, match=said):
        read_table(body)


def test_a_register_kept_by_hand_in_gb_18030():
    body = "事项,类别,网格,承办,承办性质\n路灯坏,repair,西,物业,enterprise\n".encode("gb18030")
    assert read_table(body) == [
        {"title": "路灯坏", "kind": "repair", "grid": "西", "supplier": "物业",
         "supplier_kind": "enterprise"}
    ]  # fmt: skip


def test_the_made_up_past_is_seeded_whole_and_of_the_past(store):
    orders, hands = open_orders(store)
    made = add_sample(TOWN, 1, orders)
    assert made > 100
    assert add_sample(TOWN, 1, orders) == 0
    every, now = orders.all(), hands.now().timestamp()
    assert {one.grid for one in every} == {"west", "east"}
    assert all(step["at"] <= now for one in every[-20:] for step in orders.steps(one.id))
    figures = count_figures(every, now)
    assert 0.75 < figures["on_time"] < 1
    assert 0.6 < figures["satisfied"] < 1
    assert figures["open"] > 3
    assert any(one.praised for one in every)
    assert problems(store) == []
    other = open_store("sqlite://")
    again, _ = open_orders(other)
    add_sample(TOWN, 1, again)
    assert again.all() == every
    other.close()


def test_tampering_with_an_order_is_found(store):
    orders, hands = open_orders(store)
    finish(orders, hands, 3600)
    with store.writing() as conn:
        conn.execute(text("UPDATE orders SET state = 'closed'"))
    assert problems(store) == ["order P261123-001: is not what its steps lead to"]


def test_numbers_go_on_the_next_day(store):
    orders, hands = open_orders(store)
    orders.create("li", [LAMP])
    hands.pass_(86_400)
    assert orders.create("li", [LAMP])[0].id == "P261124-001"
    assert datetime.fromtimestamp(orders.now(), UTC) == hands.now()
