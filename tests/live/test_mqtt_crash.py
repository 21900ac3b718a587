"""kill -9 of the broker and of the server, both at random and both back: every message once."""

import json
import random
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime

import pytest

from dashboard.compose import sample_path
from dashboard.settings import Settings
from geodata.community import load_community
from live.store import open_store
from tests.conftest import ROOT, find_free_port
from tests.live.mosquitto import PATIENCE_S, Publisher, running

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

SERVER = """
import asyncio, sys
from pathlib import Path
from live.feeds.mapping import load_mapping
from live.feeds.mqtt_map import MqttFeed
from live.mqtt import Subscriber
from live.mqtt_broker import read_broker
from live.reception import Reception
from live.store import open_store
from live.twin import Twin
from tests.live.small_world import small_community

async def main(folder, url):
    twin = Twin(small_community(), open_store(f"sqlite:///{folder}/twin.db"))
    reception = Reception(twin)
    await twin.start()
    feed = MqttFeed(load_mapping("thing_model,frigate"))
    subscriber = Subscriber(reception, feed, read_broker(url), reconnect_s=(1, 1))
    await subscriber.start()
    print("up", flush=True)
    await asyncio.Event().wait()

asyncio.run(main(*sys.argv[1:]))
"""
GROUPS, SIZE = 60, 40


class Server:
    """A twin that listens to a broker, in a process of its own."""

    def __init__(self, folder, url):
        self._command = [sys.executable, "-c", SERVER, str(folder), url]

    def start(self):
        self.process = subprocess.Popen(
            self._command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert self.process.stdout is not None
        said = self.process.stdout.readline()
        while said != "up\n":
            assert said, "the server does not start"
            said = self.process.stdout.readline()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(PATIENCE_S)
        self.process.stdout.close()


def make_groups():
    """Readings of a thing model with an id each; each group ends with a tracked car."""
    for group in range(GROUPS):
        told = [
            ("/sys/key/bin/thing/event/property/post",
             json.dumps({"id": f"m{group}-{n}", "params": {"level": n}}))
            for n in range(SIZE)
        ]  # fmt: skip
        car = {"id": f"car{group}", "camera": "c0", "recognized_license_plate": "闽A12345",
               "start_time": datetime.now(UTC).timestamp()}  # fmt: skip
        stages = ("new", "update", "update", "end")
        told += [("frigate/events", json.dumps({"type": one, "after": car})) for one in stages]
        yield told


def count_stored(store):
    with store.reading() as conn:
        return conn.exec_driver_sql("SELECT count(*) FROM events").scalar()


@pytest.mark.parametrize("version", ["5", "3.1.1"])
def test_broker_and_server_killed_at_random(tmp_path, version):
    chance = random.Random(7)
    failed = []

    with running(tmp_path, find_free_port()) as broker:
        server = Server(tmp_path, f"{broker.url}?version={version}")
        server.start()
        store = open_store(f"sqlite:///{tmp_path}/twin.db")
        with Publisher(broker.port) as publisher:

            def publish():
                try:
                    for group in make_groups():
                        publisher.send(group)
                except BaseException as error:
                    failed.append(error)

            publishing = threading.Thread(target=publish)
            publishing.start()
            kills = {"broker": 0, "server": 0, "both": 0}
            while publishing.is_alive() or min(kills.values()) < 1:
                time.sleep(chance.uniform(0.1, 1.0))
                which = chance.choice(list(kills))
                kills[which] += 1
                if which != "server":
                    broker.kill()
                if which != "broker":
                    server.kill()
                if which != "server":
                    broker.start()
                if which != "broker":
                    server.start()
            publishing.join()
        assert failed == []
        wanted = GROUPS * (SIZE + 1)
        until = time.monotonic() + PATIENCE_S
        while count_stored(store) < wanted and time.monotonic() < until:
            time.sleep(0.1)
        server.kill()
    events = [one.event for one in store.scan()]
    levels = sorted(
        (one.data["values"]["level"] for one in events if one.kind == "reading"),
    )
    assert len({one.event_id for one in events}) == len(events) == wanted
    assert levels == sorted(list(range(SIZE)) * GROUPS)
    assert sum(one.kind == "plate" for one in events) == GROUPS
    assert store.count_quarantined().get("new", 0) == 0
    store.close()


def test_the_whole_program_killed_while_the_broker_holds_messages(
    serve, var, tmp_path, monkeypatch
):
    with running(tmp_path, find_free_port()) as broker:
        database = f"sqlite:///{tmp_path}/twin.db"
        monkeypatch.setenv("TWIN_MQTT_URL", broker.url)
        monkeypatch.setenv("TWIN_MQTT_MAPPING", "thing_model")
        community = sample_path(Settings(var=var))
        device = str(load_community(community)["devices"]["id"].iloc[0])
        community = str(community)
        app = serve("serve", "--community", community, "--database", database, TWIN_VISITORS="off")
        store = open_store(database)

        def wait_for(wanted):
            until = time.monotonic() + PATIENCE_S
            while count_stored(store) < wanted and time.monotonic() < until:
                time.sleep(0.05)

        def told(numbers):
            return [(f"/sys/key/{device}/thing/event/property/post",
                     json.dumps({"params": {"level": n}})) for n in numbers]  # fmt: skip

        with Publisher(broker.port) as publisher:
            publisher.send(told([0]))
            wait_for(1)
            publisher.send(told(range(1, 500)))
            app.kill()
            publisher.send(told(range(500, 1000)))
            app.start()
            wait_for(1000)
            publisher.send(told([1000]))
            wait_for(1001)
        levels = [one.event.data["values"]["level"] for one in store.scan()]
        assert sorted(levels) == list(range(1001))
        store.close()
        app.kill(signal.SIGTERM)
