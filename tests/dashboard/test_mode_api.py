"""The mode of the community over HTTP: who may switch it, what everybody sees, and two at once."""

import pytest

from live import audit
from tests.dashboard.doors.served import record, serving

WHY = "防台风Ⅲ级应急响应，林主任签发"


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("served")) as server:
        yield server


@pytest.fixture
def lead(served):
    with served.client("admin") as client:
        yield client
        now = client.get("/api/v1/mode").json()
        if now["mode"]:
            switch(client, None, now["version"], reason="结束")


def switch(client, mode, version, reason=WHY, **more):
    return client.post(
        "/api/v1/mode", json={"mode": mode, "reason": reason, "version": version, **more}
    )


def version_of(client):
    return client.get("/api/v1/mode").json()["version"]


def test_everybody_sees_it_and_only_those_who_may_see_who_and_why(served, lead):
    began = version_of(lead)
    answer = switch(lead, "typhoon", began, for_s=7200)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["mode"], told["version"], told["reason"]) == ("typhoon", began + 1, WHY)
    assert told["until"] - told["since"] == pytest.approx(7200, abs=1)
    with served.client(None) as anybody:
        seen = anybody.get("/api/v1/mode")
    streamed = served.twin.incidents.snapshot()["counters"]["incidents"]["mode"]
    assert (seen.json()["mode"], streamed["k"]) == ("typhoon", "typhoon")
    assert "林" not in seen.text
    assert "who" not in seen.json()
    assert list(seen.json()["modes"]) == ["typhoon", "flood", "fire"], "in the order of the rules"


def test_it_counts_what_it_watches(served, lead):
    served.post([record("smoke", "status", data={"state": "ok"})])
    assert switch(lead, "fire", version_of(lead)).status_code == 200
    watch = lead.get("/api/v1/mode").json()["watch"]
    assert (watch["devices"], watch["silent"], watch["incidents"]) == (1, 0, 0)
    assert (watch["shelters"], watch["shelters_open"]) == (0, 0)


def test_who_may_not_and_what_may_not_be(served, lead):
    began = version_of(lead)
    for kind in (None, "feed", "wall"):
        with served.client(kind) as client:
            assert switch(client, "flood", began).status_code in (401, 403)
    for given, said in (
        ({"mode": "earthquake", "reason": WHY}, "earthquake"),
        ({"mode": "flood", "reason": ""}, "reason"),
        ({"mode": "flood", "reason": WHY, "for_s": 9e9}, "up to"),
        ({"mode": "flood", "reason": WHY, "for_s": -1}, "for_s"),
    ):
        answer = lead.post("/api/v1/mode", json={**given, "version": began})
        assert answer.status_code == 422, given
        assert said in answer.json()["error"]
    assert lead.post("/api/v1/mode", json={"mode": 5}).status_code == 400
    assert version_of(lead) == began


def test_the_slower_of_two_is_told_and_each_switch_is_in_the_audit(served, lead):
    began = version_of(lead)
    assert switch(lead, "flood", began).status_code == 200
    late = switch(lead, "typhoon", began)
    assert (late.status_code, late.json()["version"]) == (409, began + 1)
    assert lead.get("/api/v1/mode").json()["mode"] == "flood"
    assert switch(lead, None, began + 1).json()["mode"] is None
    with served.store.reading() as conn:
        assert audit.verify(conn).problems == []
