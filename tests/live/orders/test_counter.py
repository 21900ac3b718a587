"""The wall's row of orders: counted by hand, anew after a step and as time goes by."""

from live.orders.counter import OrderCounter
from tests.live.orders.test_orders import LAMP, finish, open_orders


def read(counter):
    counter.look()
    return counter.snapshot()["counters"]["orders"]


def test_the_row_follows_steps_and_the_clock(store):
    orders, hands = open_orders(store)
    counter = OrderCounter(orders)
    row = read(counter)
    assert (row["open"], row["on_time"], row["satisfied"]) == (0, None, None)
    assert counter.take_changes()["a"]["counters"]["orders"] == row
    assert counter.take_changes() is None
    one = finish(orders, hands, 3600)
    orders.act(one.id, "rate", "li", 3, {"rating": 5})
    orders.act(one.id, "close", "li", 4, {})
    orders.act(one.id, "praise", "li", 5, {})
    orders.create("li", [{**LAMP, "level": "emergency"}])
    row = read(counter)
    assert {k: row[k] for k in row if k != "t"} == {
        "open": 1, "since": 1, "overdue": 0, "done": 1, "on_time": 1.0, "rated": 1,
        "satisfied": 1.0, "praised": 1,
    }  # fmt: skip
    assert set(counter.take_changes()["c"]["counters"]["orders"]) <= set(row)
    hands.pass_(7201)
    assert read(counter)["overdue"] == 1
    hands.pass_(86_400)
    assert read(counter)["since"] == 0
    hands.pass_(40 * 86_400)
    row = read(counter)
    assert (row["done"], row["on_time"], row["praised"]) == (0, None, 0)  # another quarter by now
