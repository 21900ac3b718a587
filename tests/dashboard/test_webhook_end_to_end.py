"""A pressed pole, told to another system over real HTTP from end to end."""

import httpx

from live.tokens import TokenBook
from live.webhooks.signing import make_secret
from tests.browser.tiny import make_tiny
from tests.browser.worlds import RunningWorld
from tests.dashboard.doors.served import record
from tests.live.webhooks.receiver import receiving

EVENTS = ["incident.opened", "incident.step", "incident.closed"]


def test_an_incident_is_told_step_by_step_and_again_after_a_failure(tmp_path):
    secret = make_secret()
    world = RunningWorld(
        make_tiny(), tmp_path, tmp_path / "twin.db", webhook_networks="127.0.0.0/8"
    ).start()
    try:
        with (
            receiving(secret) as receiver,
            httpx.Client(base_url=world.url, timeout=30, trust_env=False) as http,
        ):
            receiver.answers = lambda number: 500 if number == 1 else 200
            hook = {"name": "街道", "url": receiver.url, "events": EVENTS, "secret": secret}
            assert http.post("/api/v1/webhooks", json=hook).status_code == 201
            feed = TokenBook(world.world.twin.store).create("feed", "poles")[1]
            pressed = record("sos0", "alarm", data={"type": "sos"})
            headers = {"authorization": f"Bearer {feed}"}
            answer = http.post("/api/v1/events", json=[pressed], headers=headers)
            assert answer.json()["accepted"] == 1
            (one,) = http.get("/api/v1/incidents").json()["items"]
            for version, action in enumerate(("start", "resolve", "close"), start=1):
                step = {
                    "action": action,
                    "version": version,
                    "outcome": "handled",
                    "note": "林阿姨",
                }
                answer = http.post(f"/api/v1/incidents/{one['id']}", json=step)
                assert answer.status_code == 200, answer.text
            got = receiver.wait(5)  # four steps, the first of them twice
            ledger = http.get("/api/v1/webhooks/deliveries").json()["items"]
    finally:
        world.stop()
    # the receiver has checked the signature of each
    first = got[0]
    assert [key for key, _ in got].count(first[0]) == 2
    assert [body for key, body in got if key == first[0]] == [first[1]] * 2
    told = dict(got)
    assert sorted((body["data"]["version"], body["type"]) for body in told.values()) == [
        (1, "incident.opened"), (2, "incident.step"), (3, "incident.step"), (4, "incident.closed"),
    ]  # fmt: skip
    assert {body["data"]["id"] for body in told.values()} == {one["id"]}
    assert "林" not in b"".join(receiver.raw).decode()
    assert len(ledger) == 4
