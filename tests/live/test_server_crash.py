"""kill -9 of the real server, ten times at random, under a client that tries again."""

import itertools
import random
import threading
import time
from collections import Counter
from datetime import timedelta

import httpx
import pytest

from dashboard.compose import sample_path
from dashboard.sending import Sender
from dashboard.settings import Settings
from live.events import utc_now
from live.store import open_store

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

EVENTS, BATCH, KILLS = 20_000, 100, 10
TOKEN = "crash-test-feed-token"
USED = {"entrances": 40, "plate_cameras": 4, "devices": 40, "parking": 3, "services": 3}


def make_records(things):
    """Events of now about some things, each with an id of its own; nothing is said of the rest."""
    data = {
        "entrances": ("access", {"method": "card", "direction": "in", "granted": True}),
        "plate_cameras": ("plate", {"plate": "闽A12345", "confidence": 0.9, "direction": "in"}),
        "devices": ("reading", {"values": {"level": 5}, "unit": {"level": "%"}}),
        "parking": ("reading", {"values": {"occupied": 1}}),
        "services": ("service", {"state": "open", "used": 1}),
    }
    chance = random.Random(1)
    for number in range(EVENTS):
        layer = chance.choice(list(things))
        kind, told = data[layer]
        yield {
            "event_id": f"crash-{number}", "kind": kind, "data": told,
            "subject": {"layer": layer, "id": chance.choice(things[layer])},
            "observed_at": utc_now().isoformat(),
        }  # fmt: skip


def make_ending(things):
    """What each thing says last, so that all of them are heard and none changes by the clock."""
    for layer, ids in things.items():
        for key in ids:
            told = {"state": "closed"} if layer == "entrances" else {"heartbeat": True}
            if layer in ("parking", "services"):
                continue
            yield {
                "event_id": f"end-{layer}-{key}", "kind": "status", "data": told,
                "subject": {"layer": layer, "id": key}, "observed_at": utc_now().isoformat(),
            }  # fmt: skip


def read_rows(app, things):
    headers = {"authorization": f"Bearer {TOKEN}"}
    url = f"{app.url}/api/v1/snapshot"
    layers = httpx.get(url, headers=headers, timeout=60, trust_env=False).json()["layers"]
    rows = {layer: {key: layers[layer][key] for key in ids} for layer, ids in things.items()}
    counters = {key: layers["counters"][key] for key in ("doors", "vehicles", "activity")}
    return {**rows, "counters": counters, "people": layers["people"], "feed": layers["feed"]}


def test_what_was_acknowledged_is_there_once(serve, var, database, monkeypatch):
    monkeypatch.setenv("TWIN_FEED_TOKEN", TOKEN)
    monkeypatch.setenv("TWIN_FEED_RATE", "100000")
    community = str(sample_path(Settings(var=var)))
    app = serve("serve", "--community", community, "--database", database, TWIN_VISITORS="off")
    with Sender(app.url, TOKEN) as sender:
        known = sender.things()
    things = {layer: known[layer][:n] for layer, n in USED.items()}
    acknowledged, failed, lock = [], [], threading.Lock()
    records = make_records(things)
    totals = []

    def send():
        try:
            with Sender(app.url, TOKEN) as sender:
                totals.append(sender.total)
                while True:
                    with lock:
                        batch = list(itertools.islice(records, BATCH))
                    if not batch:
                        return
                    sender.send(batch)
                    acknowledged.extend(one["event_id"] for one in batch)
        except BaseException as error:
            failed.append(error)

    senders = [threading.Thread(target=send) for _ in range(3)]
    for one in senders:
        one.start()
    chance = random.Random(9)
    # each kill in the midst of some batch: the server never dies idle
    for point in sorted(chance.sample(range(500, EVENTS - 2000), KILLS)):
        while len(acknowledged) < point and any(one.is_alive() for one in senders):
            time.sleep(0.001)
        time.sleep(chance.uniform(0, 0.03))
        assert any(one.is_alive() for one in senders)
        app.kill()
        app.start()
    for one in senders:
        one.join()
    assert failed == []
    total = sum((Counter(vars(one) | {"reasons": 0}) for one in totals), Counter())
    assert total["sent"] == len(acknowledged) == EVENTS
    assert (total["lost"], total["quarantined"]) == (0, 0)
    assert total["retries"] > 0

    with Sender(app.url, TOKEN) as sender:
        sender.send(list(make_ending(things)))
    before = read_rows(app, things)
    app.kill()
    app.start()
    assert read_rows(app, things) == before
    app.kill()

    store = open_store(database)
    stored = [one.event.event_id for one in store.scan()]
    sent = [key for key in stored if key.startswith("crash-")]
    assert len(stored) == len(set(stored))
    assert set(sent) == set(acknowledged)
    # roll-ups were written with the events, or not at all
    now = utc_now()
    hours = store.counts_by_hour(now - timedelta(hours=6), now + timedelta(hours=1))
    assert sum(hour.count for hour in hours) == len(stored)
    if database.startswith("sqlite"):
        with store.reading() as conn:
            assert conn.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    store.close()
