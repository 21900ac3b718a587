import json
from datetime import UTC, datetime, timedelta

import pytest

from dashboard.doors import DoorOptions
from live.store import Refused
from tests.dashboard.doors.served import record, serving


@pytest.fixture
def served(tmp_path):
    with serving(tmp_path, DoorOptions(feed_rate=10_000)) as server:
        yield server


@pytest.fixture
def manager(served):
    with served.client("admin") as client:
        yield client


def listed(manager, **wanted):
    answer = manager.get("/api/v1/quarantine", params=wanted)
    assert answer.status_code == 200, answer.text
    return answer.json()


def order(manager, number, **wanted):
    return manager.post(f"/api/v1/quarantine/{number}", json=wanted)


def test_a_manager_reads_mends_and_replays(served, manager):
    at = datetime.now(UTC).isoformat()
    served.post([{**record("d0"), "kind": "acces", "observed_at": at}])
    (item,) = listed(manager)["items"]
    assert "unknown kind 'acces'" in item["reason"]
    assert item["source"] == "http"
    wrong = json.loads(item["body"])
    # as it is, it does not fit any better
    answer = order(manager, item["id"], action="replay")
    assert answer.status_code == 422
    assert "unknown kind" in answer.json()["quarantined"][0]["reason"]
    assert not served.stored()
    assert len(served.kept()) == 1  # and is not kept a second time
    mended = json.dumps({**wrong, "kind": "access"})
    answer = order(manager, item["id"], action="replay", body=mended)
    assert answer.json() == {
        "id": item["id"], "accepted": 1, "duplicate": 0, "quarantined": [], "state": "replayed",
    }  # fmt: skip
    (event,) = served.stored()
    assert event.subject == "d0"
    assert event.observed_at == datetime.fromisoformat(at)
    assert listed(manager)["items"] == []
    settled = listed(manager, state="replayed")
    assert settled["items"][0]["body"] == mended
    assert settled["counts"] == {"new": 0, "fixed": 0, "replayed": 1, "discarded": 0}
    # what is settled stays settled
    assert order(manager, item["id"], action="replay").status_code == 409
    assert order(manager, item["id"], action="discard").status_code == 409
    assert len(served.stored()) == 1


def test_a_half_mended_message_waits_as_it_was_mended(served, manager):
    served.post(b"nonsense")
    (item,) = listed(manager)["items"]
    body = json.dumps([record("d0"), record("d77")])
    answer = order(manager, item["id"], action="replay", body=body)
    assert answer.status_code == 422
    assert [one["index"] for one in answer.json()["quarantined"]] == [1]
    assert not served.stored()  # all or nothing
    (item,) = listed(manager, state="fixed")["items"]
    assert item["body"] == body
    body = json.dumps([record("d0"), record("d1")])
    assert order(manager, item["id"], action="replay", body=body).json()["accepted"] == 2


def test_an_event_the_community_refused_is_replayed_in_our_own_form(served, manager):
    served.post([record("d0", "status", data={"state": "ajar"}, event_id="odd")])
    (item,) = listed(manager)["items"]
    body = item["body"].replace("ajar", "open")
    assert order(manager, item["id"], action="replay", body=body).json()["accepted"] == 1
    assert served.stored()[0].event_id == "odd"


def test_a_device_that_got_its_alias_later(tmp_path):
    """What its door kept aside is replayed by the same parser, as it is."""
    aliases = tmp_path / "aliases.toml"
    aliases.write_text("")
    plate = (
        "<EventNotificationAlert><eventType>ANPR</eventType><ANPR><licensePlate>闽A12345"
        "</licensePlate></ANPR></EventNotificationAlert>"
    ).encode()
    with serving(tmp_path, DoorOptions(aliases=aliases)) as served:
        with served.client() as client:
            client.post("/feeds/hikvision", params={"device": "cam-9"}, content=plate)
        with served.client("admin") as manager:
            (item,) = listed(manager)["items"]
            assert order(manager, item["id"], action="replay").status_code == 422
            aliases.write_text('"cam-9" = "plate_cameras/c0"')
            assert order(manager, item["id"], action="replay").json()["accepted"] == 1
        (event,) = served.stored()
        assert (event.source, event.subject) == ("hikvision", "c0")
        assert event.data["plate"] == "闽A12345"
        assert event.live  # it came just now


def test_what_waited_long_fills_the_past(served, manager):
    at = datetime.now(UTC) - timedelta(hours=3)
    body = json.dumps(record("d0", "status", data={"state": "forced"}, at=at)).encode()
    served.store.append([], [Refused("http", at, "a test", "application/json", body)])
    (item,) = listed(manager)["items"]
    assert order(manager, item["id"], action="replay").json()["accepted"] == 1
    (event,) = served.stored()
    assert not event.live
    with served.twin.lock:
        assert served.twin.state.subjects["entrances", "d0"].reported is None


def test_discarding_keeps_it_readable(served, manager):
    served.post(b"nonsense")
    (item,) = listed(manager)["items"]
    assert order(manager, item["id"], action="discard").json()["state"] == "discarded"
    found = manager.get(f"/api/v1/quarantine/{item['id']}").json()
    assert (found["state"], found["body"]) == ("discarded", "nonsense")


def test_pages(served, manager):
    for n in range(5):
        served.post(f"nonsense {n}".encode())
    first = listed(manager, limit=3)
    rest = listed(manager, limit=3, before=first["next"])
    bodies = [item["body"] for item in [*first["items"], *rest["items"]]]
    assert bodies == [f"nonsense {n}" for n in range(4, -1, -1)]
    assert rest["next"] is None


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b"{", b'{"action": "eat"}', b'{"action": "replay", "body": 1}']
)
def test_orders_that_are_none(served, manager, body):
    served.post(b"nonsense")
    number = served.kept()[0].id
    answer = manager.post(f"/api/v1/quarantine/{number}", content=body)
    assert answer.status_code == 400
    assert served.kept()[0].state == "new"


def test_numbers_that_are_none(served, manager):
    for number in (0, -1, 5, 2**70):
        assert order(manager, number, action="discard").status_code == 404
    assert manager.get("/api/v1/quarantine/x").status_code == 422
    assert manager.get("/api/v1/quarantine", params={"state": "x"}).status_code == 400


def test_nobody_else_reads_or_orders(served):
    served.post(b"nonsense")
    number = served.kept()[0].id
    for kind, status in ((None, 401), ("feed", 403), ("wall", 403)):
        with served.client(kind) as client:
            assert client.get("/api/v1/quarantine").status_code == status
            assert client.get(f"/api/v1/quarantine/{number}").status_code == status
            assert order(client, number, action="discard").status_code == status
    assert served.kept()[0].state == "new"


def test_in_the_demo_plates_stay_masked(tmp_path):
    with serving(tmp_path, demo=True) as served, served.client(None) as visitor:
        served.post([{**record("c9", "plate"), "data": {"plate": "闽A12345", "note": "闽C0B22K"}}])
        served.post("broken 闽D·98765 <licensePlate>1AB2345</licensePlate>".encode())
        for answer in (visitor.get("/api/v1/quarantine"), visitor.get("/api/v1/quarantine/1")):
            for plate in ("12345", "0B22K", "98765", "1AB2345"):
                assert plate not in answer.text
        with served.client("admin") as manager:
            assert "98765" in manager.get("/api/v1/quarantine").text
