"""Webhooks against a real receiver that takes, fails, hangs and is sent things again."""

import asyncio
import threading
from contextlib import contextmanager

import pytest

from live.incidents.errors import MissingError
from live.orders.book import Orders
from live.webhooks.book import HookError, Hooks
from live.webhooks.outbox import EVENTS
from live.webhooks.sender import Sender, SendOptions
from live.webhooks.signing import make_secret
from live.webhooks.target import TargetError, read_networks
from tests.live.orders.test_orders import FIRM, LAMP, ZONE, problems
from tests.live.webhooks.receiver import receiving

HERE = read_networks("127.0.0.0/8")
QUICK = SendOptions(HERE, 0.5, 4, 0.01, 0.02, frozenset({"west"}))
SECRET = make_secret()
ORDERS = ("order.created", "order.step", "order.closed")


@contextmanager
def sending(store, options=QUICK):
    """Send from a loop of its own while the body runs."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    sender = Sender(store, options)
    asyncio.run_coroutine_threadsafe(sender.start(), loop).result(10)
    try:
        yield sender
    finally:
        asyncio.run_coroutine_threadsafe(sender.stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


def settle(hooks, state, count=1):
    """Wait until so many deliveries are in a state; return them, oldest first."""
    pause = threading.Event()
    for _ in range(600):
        found = hooks.deliveries(state=state, limit=1000)
        if len(found) >= count:
            return found[::-1]
        pause.wait(0.1)
    raise AssertionError(hooks.deliveries())


def test_each_step_arrives_signed_and_tells_no_names(store):
    hooks, orders = Hooks(store, HERE), Orders(store, ZONE)
    with receiving(SECRET) as receiver, sending(store):
        orders.create("before", [LAMP])  # nobody has subscribed yet
        hook = hooks.add("li", "街道", receiver.url, ORDERS, SECRET)
        with pytest.raises(HookError):
            hooks.add("li", "", receiver.url, ORDERS)
        typed = {"title": "林阿姨 402 室灯不亮", "place": "m-402", "incident": "林阿姨"}
        (one,) = orders.create("林小明", [{**LAMP, "layer": "devices", **typed}])
        orders.act(one.id, "assign", "林小明", 1, {**FIRM, "note": "找林阿姨"})
        orders.act(one.id, "start", "林小明", 2, {})
        orders.act(one.id, "finish", "林小明", 3, {})
        orders.act(one.id, "close", "林小明", 4, {})
        got = receiver.wait(5)
        done = settle(hooks, "delivered", 5)
    assert [body["type"] for _, body in got] == [
        "order.created", "order.step", "order.step", "order.step", "order.closed"
    ]  # fmt: skip
    assert [body["data"]["state"] for _, body in got] == [
        "new", "assigned", "in_progress", "done", "closed"
    ]  # fmt: skip
    assert {key for key, _ in got} == {each["id"] for each in done}
    assert got[1][1]["data"]["supplier"] == FIRM["supplier"]
    assert got[0][1]["data"]["grid"] == "west"
    sent = b"".join(receiver.raw).decode()
    for secret in ("林", "402", "devices", "before"):
        assert secret not in sent
    assert hooks.counts() == {hook.id: {"waiting": 0, "delivered": 5, "dead": 0}}
    assert SECRET not in str([each.to_json() for each in hooks.all()])
    assert problems(store) == []


def test_what_fails_comes_again_under_its_own_id_and_is_given_up_at_last(store):
    hooks, orders = Hooks(store, HERE), Orders(store, ZONE)
    with receiving(SECRET) as receiver, sending(store):
        receiver.answers = lambda number: 500 if number < 3 else 200
        hooks.add("li", "a", receiver.url, ("order.created",), SECRET)
        orders.create("li", [LAMP])
        got = receiver.wait(3)
        (done,) = settle(hooks, "delivered")
        assert {key for key, _ in got} == {done["id"]}
        assert len(set(receiver.raw)) == 1
        assert (done["attempts"], done["status"], done["error"]) == (3, 200, "")
        receiver.answers = lambda number: 302  # leads elsewhere, and is not followed
        orders.create("li", [LAMP])
        (dead,) = settle(hooks, "dead")
        assert (dead["attempts"], dead["error"]) == (4, "answered 302")
        receiver.answers = lambda number: 200
        again = hooks.replay("li", dead["id"])
        assert (again["state"], again["attempts"]) == ("waiting", 0)
        assert {each["id"] for each in settle(hooks, "delivered", 2)} == {done["id"], dead["id"]}
        with pytest.raises(MissingError):
            hooks.replay("li", dead["id"])
        receiver.answers = lambda number: 410  # gone for good: asked once
        orders.create("li", [LAMP])
        (gone,) = settle(hooks, "dead")
        assert gone["attempts"] == 1


def test_one_that_hangs_or_is_not_there_holds_up_no_other(store):
    hooks, orders = Hooks(store, HERE), Orders(store, ZONE)
    with receiving(SECRET) as hangs, receiving(SECRET) as well, sending(store):
        hangs.answers = lambda number: None
        slow = hooks.add("li", "hangs", hangs.url, ("order.created",), SECRET)
        none = hooks.add("li", "none", "http://127.0.0.1:9/", ("order.created",), SECRET)
        hooks.add("li", "well", well.url, ("order.created",), SECRET)
        orders.create("li", [LAMP, LAMP, LAMP])
        assert len(well.wait(3)) == 3
        dead = settle(hooks, "dead", 2)
        said = {each["hook"]: each["error"] for each in dead}
        assert said[slow.id] == "no answer in 0.5 s"
        assert said[none.id].startswith("ConnectError")


def test_paused_removed_tested(store):
    hooks, orders = Hooks(store, HERE), Orders(store, ZONE)
    with receiving(SECRET) as receiver, sending(store):
        hook = hooks.add("li", "a", receiver.url, EVENTS, SECRET)
        assert not hooks.switch("li", hook.id, active=False).active
        orders.create("li", [LAMP])  # while paused nothing is put by
        hooks.switch("li", hook.id, active=True)
        delivery = hooks.test(hook.id)
        assert receiver.wait(1)[0][0] == delivery
        assert receiver.got[0][1]["type"] == "test"
        hooks.remove("li", hook.id)
        for gone in (lambda: hooks.get(hook.id), lambda: hooks.remove("li", hook.id)):
            with pytest.raises(MissingError):
                gone()
    assert hooks.all() == hooks.deliveries() == []
    assert problems(store) == []


def test_a_private_target_is_refused_at_the_latest_when_it_is_sent(store):
    hooks, orders = Hooks(store), Orders(store, ZONE)
    with pytest.raises(TargetError, match="https is wanted"):
        hooks.add("li", "a", "http://127.0.0.1:1/", EVENTS)
    with receiving(SECRET) as receiver, sending(store, SendOptions()):
        port = receiver.url.split(":")[2].split("/")[0]
        hooks.add("li", "a", f"https://localhost:{port}/", EVENTS)
        orders.create("li", [LAMP])
        (dead,) = settle(hooks, "dead")
        assert "not public" in dead["error"]
        assert dead["attempts"] == 1
        assert receiver.got == []
