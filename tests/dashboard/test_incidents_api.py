"""Incidents over HTTP: what everybody reads, what is for administrators, and two at once."""

import json
import urllib.parse
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest

from dashboard.incident_panel import shelf_lives
from live.incidents.rules_file import load_rules
from tests.dashboard.doors.served import record, serving

NOTE = "陈阿姨在 3 单元门口摔倒"


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("served")) as server:
        yield server


@pytest.fixture
def manager(served):
    with served.client("admin") as client:
        yield client


def press(served, device="sos", kind="sos"):
    answer = served.post([record(device, "alarm", data={"type": kind, "severity": 1})])
    assert answer.json()["accepted"] == 1
    return newest(served)


def newest(served):
    with served.client(None) as anybody:
        items = anybody.get("/api/v1/incidents").json()["items"]
    return items[0] if items else None


def clear(served, manager):
    for item in manager.get("/api/v1/incidents").json()["items"]:
        number = item["id"]
        for action in ("start", "resolve", "close"):
            version = manager.get(f"/api/v1/incidents/{number}").json()["v"]
            act(manager, number, action, version)
    for device in ("sos", "smoke"):
        served.post([record(device, "status", data={"state": "ok"})])


def act(client, number, action, version, **given):
    body = {"action": action, "version": version, **given}
    return client.post(f"/api/v1/incidents/{number}", json=body)


def test_an_alarm_is_an_incident_when_its_sender_hears_that_it_is_durable(served, manager):
    clear(served, manager)
    one = press(served)
    assert (one["k"], one["sev"], one["s"], one["l"], one["i"]) == (
        "sos",
        1,
        "new",
        "devices",
        "sos",
    )
    snapshot = json.loads(served.twin.snapshot_bytes())
    row = snapshot["layers"]["incidents"][one["id"]]
    assert {"id": one["id"], **row} == one
    assert snapshot["layers"]["counters"]["incidents"]["by"]["1"] == 1


def test_the_picture_of_an_incident_tells_states_and_counts_but_nobody(served, manager):
    clear(served, manager)
    one = press(served)
    with served.client(None) as anybody:
        told = anybody.get(f"/api/v1/incidents/{one['id']}").json()
    picture = told["response"]
    assert picture["limit_s"] == 180
    # limit - elapsed = remaining: the limit runs from where the clock of the response began
    assert picture["due"] - picture["began"] == picture["limit_s"]
    assert picture["began"] == pytest.approx(one["since"], abs=1)
    assert (picture["sent"], picture["there"]) == (None, None)
    for thing in (*picture["linked"]["doors"], *picture["linked"]["cameras"]):
        assert set(thing) == {"layer", "id", "m", "s", "h", "t", "name"}
    for action, given in (("start", {}), ("step", {"step": "send_nearest"})):
        version = manager.get(f"/api/v1/incidents/{one['id']}").json()["v"]
        answer = act(manager, one["id"], action, version, **given).json()
    assert answer["response"]["sent"] == answer["timeline"][-1]["at"]
    assert answer["response"]["there"] is None


def test_a_manager_works_and_everybody_reads_no_name_and_no_note(served, manager):
    clear(served, manager)
    number = press(served)["id"]
    answer = act(manager, number, "acknowledge", 1, note=NOTE)
    assert answer.status_code == 200, answer.text
    assert answer.json()["owner"] == "test-admin"
    assert act(manager, number, "hand_over", 2, to="王师傅").json()["owner"] == "王师傅"
    assert act(manager, number, "step", 3, step="call_back").json()["done"] == 1
    full = manager.get(f"/api/v1/incidents/{number}").json()
    assert [(s["action"], s["who"]) for s in full["timeline"]] == [
        ("open", "system"), ("acknowledge", "test-admin"), ("hand_over", "test-admin"),
        ("step", "test-admin"),
    ]  # fmt: skip
    assert full["timeline"][1]["data"]["note"] == NOTE
    with served.client(None) as anybody:
        told = anybody.get(f"/api/v1/incidents/{number}")
        assert told.status_code == 200
        assert [s["action"] for s in told.json()["timeline"]] == [
            s["action"] for s in full["timeline"]
        ]
        assert told.json()["timeline"][3]["data"] == {"step": "call_back", "how": "done"}
        for secret in (NOTE, "王师傅", "test-admin"):
            assert secret not in told.text
            assert secret not in anybody.get("/api/v1/incidents").text
            assert secret.encode() not in served.twin.snapshot_bytes()


def test_the_slower_of_two_hears_what_changed_and_nothing_is_overwritten(served, manager):
    clear(served, manager)
    number = press(served)["id"]
    assert act(manager, number, "acknowledge", 1).status_code == 200
    answer = act(manager, number, "start", 1)
    assert answer.status_code == 409
    assert answer.json()["version"] == 2
    assert [one["action"] for one in answer.json()["changed"]] == ["acknowledge"]
    assert manager.get(f"/api/v1/incidents/{number}").json()["s"] == "acknowledged"


def test_who_may_not_and_what_may_not_be(served, manager):
    clear(served, manager)
    number = press(served)["id"]
    with served.client(None) as anybody:
        assert act(anybody, number, "acknowledge", 1).status_code == 401
    with served.client("feed") as feed:
        assert act(feed, number, "acknowledge", 1).status_code == 403
        # a token that opens nothing here is told so, not taken for nobody
        assert feed.get(f"/api/v1/incidents/{number}").status_code == 403
    assert act(manager, number, "close", 1).status_code == 422
    assert "may be resolved" in act(manager, number, "close", 1).json()["error"]
    assert act(manager, number, "step", 1, step="dance").status_code == 422
    assert act(manager, "0-0", "note", 1, text="x").status_code == 404
    assert manager.post(f"/api/v1/incidents/{number}", content=b"[]").status_code == 400
    assert act(manager, number, "note", "1", text="x").status_code == 400
    assert manager.get("/api/v1/incidents/0-0").status_code == 404
    for bad in ("state=odd", "severity=5", "since=yesterday", "layer=devices", "limit=0"):
        assert manager.get(f"/api/v1/incidents?{bad}").status_code in (400, 422), bad
    assert newest(served)["v"] == 1


def test_the_list_is_filtered_and_paged(served, manager):
    clear(served, manager)
    first = press(served)["id"]
    served.post([record("smoke", "alarm", data={"type": "smoke"})])
    act(manager, first, "acknowledge", 1)

    def numbers(**wanted):
        return [i["id"] for i in manager.get("/api/v1/incidents", params=wanted).json()["items"]]

    both = numbers()
    assert len(both) == 2
    assert numbers(state="acknowledged") == [first]
    assert numbers(kind="smoke") == [both[0]] == [n for n in both if n != first]
    assert numbers(layer="devices", place="sos") == [first]
    assert numbers(severity=4) == []
    hour = datetime.now(UTC) - timedelta(hours=1)
    assert numbers(until=hour.isoformat()) == []
    everything = numbers(state="any", limit=500)
    walked, before = [], None
    while True:
        more = {"before": before} if before else {}
        page = manager.get("/api/v1/incidents", params={"state": "any", "limit": 2, **more}).json()
        walked += [item["id"] for item in page["items"]]
        before = page["next"]
        if before is None:
            break
    assert walked == everything


def test_in_the_demo_this_machine_may_work_without_a_token(tmp_path):
    with serving(tmp_path, demo=True) as demo, demo.client(None) as anybody:
        number = press(demo)["id"]
        answer = act(anybody, number, "acknowledge", 1, by="小林")
        assert answer.status_code == 200, answer.text
        assert answer.json()["owner"] == "小林"
        far = httpx.Client(
            base_url=demo.url, headers={"x-forwarded-for": "203.0.113.9"}, trust_env=False
        )
        with far:
            assert act(far, number, "start", 2).status_code == 401
            assert "小林" not in far.get(f"/api/v1/incidents/{urllib.parse.quote(number)}").text


def test_what_one_has_in_hand_and_for_how_long_it_may_be_hidden(served, manager):
    clear(served, manager)
    number = press(served)["id"]
    assert manager.get("/api/v1/incidents?mine=true").json()["items"] == []
    told = act(manager, number, "acknowledge", 1).json()
    assert told["shelf_s"] == 0, "the most urgent is never hidden"
    assert [step["step"] for step in told["checklist"]] == list(load_rules().kinds["sos"].steps)
    assert [one["id"] for one in manager.get("/api/v1/incidents?mine=true").json()["items"]] == [
        number
    ]
    assert act(manager, number, "hand_over", 2, to="小王").status_code == 200
    assert manager.get("/api/v1/incidents?mine=true").json()["items"] == []
    with served.client(None) as anybody:
        assert anybody.get("/api/v1/incidents?mine=true").status_code == 401


@pytest.mark.parametrize(
    ("at", "morning"),
    [("2026-11-27T23:30", 7.5), ("2026-11-28T06:59", 1 / 60), ("2026-11-28T07:00", None)],
)
def test_until_morning_is_offered_where_the_rules_allow_it(at, morning):
    now = datetime.fromisoformat(at).replace(tzinfo=ZoneInfo("Asia/Shanghai"))
    lives = shelf_lives(now, 8 * 3600)
    assert [lives[name] / 3600 for name in ("30m", "1h", "8h")] == [0.5, 1, 8]
    assert lives.get("morning") == (morning and pytest.approx(morning * 3600))
    assert shelf_lives(now, 3600).keys() - {"morning"} == {"30m", "1h"}
