"""/metrics, /healthz and /readyz against what was done."""

import threading

import pytest
from prometheus_client.parser import text_string_to_metric_families

from dashboard.doors import DoorOptions
from tests.dashboard.doors.served import record, serving


@pytest.fixture
def served(tmp_path):
    with serving(tmp_path, DoorOptions(feed_rate=10_000)) as server:
        yield server


@pytest.fixture
def scrape(served):
    with served.client(None) as client:

        def read():
            answer = client.get("/metrics")
            assert answer.headers["content-type"].startswith("text/plain")
            return {
                (sample.name, *sample.labels.values()): sample.value
                for family in text_string_to_metric_families(answer.text)
                for sample in family.samples
                if "le" not in sample.labels
            }

        yield read


def test_the_numbers_are_those_of_what_was_done(served, scrape):
    first = scrape()
    assert first["twin_devices", "silent"] == 11
    assert ("twin_feed_last_heard_seconds", "http") not in first
    sent = [record("d0", event_id="a"), record("c0", "plate", data={"plate": "闽A12345"})]
    served.post(sent)
    served.post(sent[:1])
    served.post([{"kind": "x"}])
    served.post([record("c0", "plate", event_id="alone", data={"plate": "闽A54321"})])
    with served.client(None) as client:
        client.post("/api/v1/events", json=[])
    numbers = scrape()
    # who counts single passages counts people: they are told by the hundred, and not in commits
    assert numbers["twin_events_accepted_total", "http", "access"] == 0
    assert numbers["twin_events_accepted_total", "http", "plate"] == 2
    assert numbers["twin_events_duplicate_total", "http"] == 1
    assert numbers["twin_events_quarantined_total", "http"] == 1
    assert numbers["twin_refused_requests_total", "http", "401"] == 1
    assert numbers[("twin_commit_seconds_count",)] == 1
    assert numbers[("twin_queue_events",)] == 0
    assert numbers["twin_devices", "heard"] == 1
    assert numbers["twin_devices", "silent"] == 10
    assert numbers["twin_feed_things", "http", "heard"] == 1
    assert numbers[("twin_disk_free_bytes",)] > 0
    assert numbers["twin_feed_last_heard_seconds", "http"] > 1.7e9
    served.post([record("d0", event_id=f"a{n}") for n in range(99)])
    assert scrape()["twin_events_accepted_total", "http", "access"] == 100


def test_no_plate_and_no_token_is_a_label(served, scrape):
    token = served.token()
    served.post([record("c0", "plate", data={"plate": "闽A12345"}, source="闽A12345")])
    with served.client(None) as client:
        client.post("/feeds/dahua", params={"token": token, "device": "闽A12345"})
        text = client.get("/metrics").text
    assert "12345" not in text
    assert token not in text
    assert scrape()["twin_events_accepted_total", "other", "plate"] == 1


def test_a_server_that_cannot_take_events_in_is_alive_but_not_ready(served, monkeypatch):
    from dashboard import health

    monkeypatch.setattr(health, "KEEP_S", 0.0)
    monkeypatch.setattr(health, "PROBE_S", 0.5)
    with served.client(None) as client:

        def checks():
            answer = client.get("/readyz")
            assert answer.status_code == (200 if answer.json()["status"] == "ok" else 503)
            assert client.get("/healthz").status_code == 200
            return {name: value == "ok" for name, value in answer.json()["checks"].items()}

        assert checks() == {"store": True, "intake": True}
        with monkeypatch.context() as patch:

            def full(*_):
                raise OSError(28, "No space left on device")

            patch.setattr(served.store, "remember", full)
            assert checks() == {"store": False, "intake": True}
        going = threading.Event()
        append = served.store.append
        with monkeypatch.context() as patch:
            patch.setattr(served.store, "append", lambda *args: going.wait(30) and append(*args))
            assert checks() == {"store": True, "intake": False}
            going.set()
        assert checks() == {"store": True, "intake": True}
