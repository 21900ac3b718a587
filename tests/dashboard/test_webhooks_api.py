"""Webhooks over HTTP: for administrators only, the secret told once, private targets refused."""

import pytest

from tests.dashboard.doors.served import serving

HOOK = {"name": "街道", "url": "https://example.org/hook", "events": ["order.created"]}


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("served")) as server:
        yield server


def test_made_listed_paused_removed(served):
    with served.client("admin") as admin:
        made = admin.post("/api/v1/webhooks", json=HOOK)
        assert made.status_code == 201, made.text
        key, secret = made.json()["id"], made.json()["secret"]
        assert secret.startswith("whsec_")
        listed = admin.get("/api/v1/webhooks")
        assert secret not in listed.text
        (item,) = listed.json()["items"]
        assert item["counts"] == {"waiting": 0, "delivered": 0, "dead": 0}
        path = f"/api/v1/webhooks/{key}"
        assert admin.post(path, json={"action": "pause"}).json()["active"] is False
        assert admin.post(path, json={"action": "odd"}).status_code == 422
        assert admin.post(path, json={"action": "test"}).status_code == 200
        ledger = admin.get("/api/v1/webhooks/deliveries?state=waiting").json()["items"]
        assert [(each["event"], each["attempts"]) for each in ledger] == [("test", 0)]
        assert admin.post(f"/api/v1/webhooks/deliveries/{ledger[0]['id']}").status_code == 404
        assert admin.get("/api/v1/webhooks/deliveries?state=odd").status_code == 422
        assert admin.delete(path).status_code == 200
        assert admin.delete(path).status_code == 404


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"url": "http://example.org/"}, "https is wanted"),
        ({"url": "https://u:p@example.org/"}, "name or password"),
        ({"url": 5}, "url"),
        ({"url": "https://169.254.169.254/"}, "not public"),
        ({"url": "https://[::1]/"}, "not public"),
        ({"events": ["order.lost"]}, "order.lost"),
        ({"events": []}, "events"),
        ({"name": ""}, "name"),
        ({"secret": "short"}, "secret"),
    ],
)
def test_what_does_not_fit_is_told(served, change, said):
    with served.client("admin") as admin:
        answer = admin.post("/api/v1/webhooks", json={**HOOK, **change})
    assert answer.status_code == 422
    assert said in answer.json()["error"]


def test_nobody_else_comes_near(served):
    for token in (None, "feed"):
        with served.client(token) as client:
            for url in ("/api/v1/webhooks", "/api/v1/webhooks/deliveries"):
                assert client.get(url).status_code in (401, 403)
            assert client.post("/api/v1/webhooks", json=HOOK).status_code in (401, 403)
