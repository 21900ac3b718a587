"""Killed between a step and its delivery, and between a delivery and its note in the ledger."""

import subprocess
import sys
from pathlib import Path

import pytest

from live.orders.book import Orders
from live.store import open_store
from live.webhooks.book import Hooks
from live.webhooks.signing import make_secret
from tests.live.orders.test_orders import ZONE, problems
from tests.live.webhooks.receiver import receiving
from tests.live.webhooks.test_sender import HERE, sending, settle

ROOT = Path(__file__).resolve().parents[3]
SECRET = make_secret()

SERVER = """
import asyncio, sys, threading
from live.orders.book import Orders
from live.store import open_store
from live.webhooks.sender import Sender
from tests.live.orders.test_orders import LAMP, ZONE
from tests.live.webhooks.test_sender import QUICK

store = open_store(sys.argv[1])
orders = Orders(store, ZONE)

def work():
    for _ in range(60):
        (one,) = orders.create("li", [LAMP])
        print(one.id, flush=True)  # said only after the commit

async def main():
    threading.Thread(target=work, daemon=True).start()
    await Sender(store, QUICK).start()
    await asyncio.sleep(3600)

asyncio.run(main())
"""


@pytest.mark.parametrize("after", [1, 25])
def test_no_step_is_lost_and_repeats_carry_the_same_id(tmp_path, after):
    url = f"sqlite:///{tmp_path}/twin.db"
    store = open_store(url)
    hooks = Hooks(store, HERE)
    with receiving(SECRET) as receiver:
        hooks.add("li", "a", receiver.url, ("order.created",), SECRET)
        server = subprocess.Popen(
            [sys.executable, "-c", SERVER, url], stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        assert server.stdout is not None
        try:
            made = [server.stdout.readline() for _ in range(after)]
            if after > 1:
                receiver.wait(3)
        finally:
            server.kill()
        made += server.stdout.readlines()
        server.stdout.close()
        server.wait()
        numbers = {line.strip() for line in made if line.endswith("\n")}
        steps = {one.id for one in Orders(store, ZONE).all()}
        assert numbers <= steps
        with sending(store):
            settle(hooks, "delivered", len(steps))
        arrived: dict[str, set[str]] = {}
        for key, body in receiver.got:
            arrived.setdefault(str(body["data"]["id"]), set()).add(key)
        assert set(arrived) == steps
        assert all(len(keys) == 1 for keys in arrived.values())
    assert problems(store) == []
    store.close()
