"""The doors where they are: in the whole program, behind its guard, beside its pages."""

import os
import socket
import subprocess
import sys

import httpx
import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def demo(serve):
    return serve("demo")


@pytest.fixture(scope="module")
def token(demo):
    environ = {**os.environ, "TWIN_VAR": str(demo.var)}
    command = [sys.executable, "app.py", "token", "create", "--kind", "feed", "--name", "cam"]
    done = subprocess.run(
        command, cwd=ROOT, env=environ, capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()[-1]


@pytest.fixture
def client(demo):
    with httpx.Client(base_url=demo.url, timeout=60, trust_env=False) as client:
        yield client


def test_a_token_made_meanwhile_opens_the_running_demo(client, token):
    door = sorted(client.get("/api/v1/snapshot").json()["layers"]["entrances"])[0]
    event = {
        "event_id": "e2e", "kind": "access", "subject": {"layer": "entrances", "id": door},
        "observed_at": "2026-11-23T04:00:00Z", "data": {"method": "card"}, "live": False,
    }  # fmt: skip
    headers = {"authorization": f"Bearer {token}"}
    for wanted in ({"accepted": 1, "duplicate": 0}, {"accepted": 0, "duplicate": 1}):
        answer = client.post("/api/v1/events", json=[event], headers=headers)
        assert answer.json() == {**wanted, "quarantined": []}
    found = client.get("/api/v1/events", params={"subject": door, "kind": "access", "limit": 500,
                                                 "until": "2026-11-23T04:00:01Z"})  # fmt: skip
    assert "e2e" in {one["event_id"] for one in found.json()["events"]}


@pytest.mark.parametrize(
    "path", ["/VIID", "/VIID/x", "/feeds", "/feeds/x", "/api/v1/quarantine/x/y"]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_unknown_paths_are_404(client, method, path):
    assert client.request(method, path).status_code == 404


def test_health_and_numbers(client):
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").status_code == 200
    text = client.get("/metrics").text
    assert 'twin_devices{hearing="heard"}' in text
    assert client.get("/api/v1/feeds").status_code == 200


def test_the_door_of_gat1400(client, token):
    answer = client.post(
        "/VIID/System/Register", json={"RegisterObject": {"DeviceID": "350102"}},
        headers={"User-Identify": "350102"}, auth=httpx.DigestAuth("cam", token),
    )  # fmt: skip
    assert answer.json()["ResponseStatusObject"]["StatusCode"] == 0


def test_an_endless_head_is_cut(demo):
    with socket.create_connection(("127.0.0.1", demo.port), timeout=30) as connection:
        try:
            connection.sendall(b"GET / HTTP/1.1\r\nhost: x\r\n" + b"x: " + b"y" * 100_000)
            said = connection.recv(100)
        except ConnectionError:
            said = b"HTTP/1.1 431"
    assert said.startswith((b"HTTP/1.1 431", b"HTTP/1.1 400"))
