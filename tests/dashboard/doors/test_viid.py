"""GA/T 1400 as its devices speak it; httpx's own Digest is the independent client."""

import json
import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest

from dashboard.doors import DoorOptions
from dashboard.doors.registrations import Registrations
from live.tokens import TokenBook
from tests.dashboard.doors.served import serving

DEVICE = "35010200001190000001"
HEADERS = {"User-Identify": DEVICE, "Content-Type": "application/VIID+JSON;charset=UTF-8"}
REGISTER = {"RegisterObject": {"DeviceID": DEVICE}}


def register(served, device=DEVICE, name="nvr", password=None):
    secret = served.token("feed", name)
    auth = httpx.DigestAuth(name, password or secret)
    with served.client(None) as client:
        return client.post(
            "/VIID/System/Register",
            json={"RegisterObject": {"DeviceID": device}},
            headers={**HEADERS, "User-Identify": device},
            auth=auth,
        )


def vehicle(number, plate="闽A12345", **more):
    at = datetime.now(ZoneInfo("Asia/Shanghai")).strftime("%Y%m%d%H%M%S")
    return {"MotorVehicleID": number, "DeviceID": "c0", "PassTime": at, "PlateNo": plate, **more}


def vehicles(*objects):
    return {"MotorVehicleListObject": {"MotorVehicleObject": list(objects)}}


def test_the_first_answer_is_401_and_tells_how(served):
    with served.client(None) as client:
        answer = client.post("/VIID/System/Register", json=REGISTER, headers=HEADERS)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/VIID+JSON;charset=UTF-8"
    challenges = answer.headers.get_list("www-authenticate")
    assert [re.search("algorithm=([A-Z0-9-]+)", one)[1] for one in challenges] == ["SHA-256", "MD5"]
    assert all('qop="auth"' in one and one.startswith("Digest ") for one in challenges)
    assert answer.json()["ResponseStatusObject"]["StatusCode"] != 0


def test_a_device_registers_reports_and_leaves(served):
    answer = register(served)
    assert answer.status_code == 200
    told = answer.json()["ResponseStatusObject"]
    assert (told["StatusCode"], told["Id"]) == (0, DEVICE)
    assert told["RequestURL"] == "/VIID/System/Register"
    # the clock of the community's place, not the server's
    local = datetime.strptime(told["LocalTime"], "%Y%m%d%H%M%S")
    here = datetime.now(ZoneInfo("Asia/Shanghai")).replace(tzinfo=None)
    assert abs(here - local) < timedelta(minutes=1)
    with served.client(
        None,
    ) as client:
        clock = client.get("/VIID/System/Time", headers=HEADERS).json()["SystemTimeObject"]
        assert clock["TimeZone"] == "Asia/Shanghai"
        assert re.fullmatch(r"\d{14}", clock["LocalTime"])
        alive = {"KeepaliveObject": {"DeviceID": DEVICE}}
        answer = client.post("/VIID/System/Keepalive", json=alive, headers=HEADERS)
        assert answer.json()["ResponseStatusObject"]["StatusCode"] == 0
        sent = vehicles(vehicle("m1"), vehicle("m2", DeviceID="nobody"), vehicle("m3", "未识别"))
        answer = client.post("/VIID/MotorVehicles", json=sent, headers=HEADERS)
        assert answer.status_code == 200
        statuses = answer.json()["ResponseStatusListObject"]["ResponseStatusObject"]
        assert [(one["Id"], one["StatusCode"]) for one in statuses] == [
            ("m1", 0), ("m2", 8), ("m3", 0),
        ]  # fmt: skip
        assert "nobody" in statuses[1]["StatusString"]
        answer = client.post(
            "/VIID/System/UnRegister", json={"UnRegisterObject": {"DeviceID": DEVICE}},
            headers=HEADERS,
        )  # fmt: skip
        assert answer.json()["ResponseStatusObject"]["StatusCode"] == 0
        assert client.get("/VIID/System/Time", headers=HEADERS).status_code == 401
    assert [event.data["plate"] for event in served.stored()] == ["闽A12345", None]
    assert [one.source for one in served.kept()] == ["gat1400"]


def test_a_keepalive_of_a_thing_is_heard_and_of_a_platform_is_not_kept_aside(served):
    register(served, "c0")
    with served.client(None) as client:
        client.post("/VIID/System/Keepalive", json={"KeepaliveObject": {"DeviceID": "c0"}},
                    headers={"User-Identify": "c0"})  # fmt: skip
    register(served)
    with served.twin.lock:
        assert served.twin.state.subjects["plate_cameras", "c0"].hearing == "heard"
        assert served.twin.state.subjects["plate_cameras", "c1"].hearing == "silent"
    assert not served.kept()


def test_nobody_else_comes_in(served):
    with served.client(None) as client:
        for headers in ({}, HEADERS, {"User-Identify": "x" * 200}, {"User-Identify": "a/b"}):
            answer = client.post("/VIID/MotorVehicles", json=vehicles(vehicle("m1")),
                                 headers=headers)  # fmt: skip
            assert answer.status_code == 401
    assert register(served, password="wrong").status_code == 401
    # a token that is no feed's
    TokenBook(served.store).create("admin", "boss")
    assert register(served, name="boss", password="x").status_code == 401
    assert not served.stored()
    assert not served.kept()


def test_a_registration_is_of_one_address(served):
    """Who only knows a DeviceID cannot speak for it from elsewhere."""
    register(served)
    elsewhere = httpx.HTTPTransport(local_address="127.0.0.2")
    with served.client(None, transport=elsewhere) as client:
        body = vehicles(vehicle("m1"))
        assert client.post("/VIID/MotorVehicles", json=body, headers=HEADERS).status_code == 401
        # with its Digest it can
        auth = httpx.DigestAuth("nvr", served.token("feed", "nvr"))
        answer = client.post("/VIID/MotorVehicles", json=body, headers=HEADERS, auth=auth)
        assert answer.status_code == 200
        other = httpx.DigestAuth("other", served.token("feed", "other"))
        answer = client.post("/VIID/MotorVehicles", json=body, headers=HEADERS, auth=other)
        assert answer.status_code == 401
    assert len(served.stored()) == 1


def test_it_speaks_for_itself_alone(served):
    register(served)
    with served.client(None) as client:
        other = {"KeepaliveObject": {"DeviceID": "35010200001190000002"}}
        assert client.post("/VIID/System/Keepalive", json=other, headers=HEADERS).status_code == 400
        for body in (b"{", b"[]", b"null", b'{"KeepaliveObject": []}'):
            answer = client.post("/VIID/System/Keepalive", content=body, headers=HEADERS)
            assert answer.status_code in (200, 400)
        broken = client.post("/VIID/Faces", content=b"{", headers=HEADERS)
    assert broken.status_code == 200
    (status,) = broken.json()["ResponseStatusListObject"]["ResponseStatusObject"]
    assert status["StatusCode"] == 7
    assert [one.body for one in served.kept()] == [b"{"]


def test_a_revoked_token_ends_its_registrations(served):
    register(served)
    TokenBook(served.store).revoke("nvr")
    served.desk.access.book.read()
    with served.client(None) as client:
        assert client.get("/VIID/System/Time", headers=HEADERS).status_code == 401


def test_a_registration_ends_when_the_device_falls_silent(served):
    now = {"t": 1000.0}
    register(served)
    router = served.desk.registrations = Registrations(served.store, 60, lambda: now["t"])

    async def look():
        await router.add("x", "t", "127.0.0.1")
        found = await router.find("x")
        now["t"] += 50
        await router.renew(found)
        now["t"] += 50
        renewed = await router.find("x")
        # another process reads what this one kept
        other = Registrations(served.store, 60, lambda: now["t"])
        elsewhere = await other.find("x")
        now["t"] += 61
        return found, renewed, elsewhere, await router.find("x"), await other.find("x")

    import asyncio

    found, renewed, elsewhere, late, other = asyncio.run(look())
    assert found
    assert renewed
    assert elsewhere == renewed
    assert late is None
    assert other is None


def test_a_registration_outlives_the_server(tmp_path):
    with serving(tmp_path) as served:
        register(served)
    with serving(tmp_path) as served, served.client(None) as client:
        assert client.get("/VIID/System/Time", headers=HEADERS).status_code == 200


def test_digest_each_time_serves_too(served):
    """Some devices show Digest at every request."""
    register(served)
    auth = httpx.DigestAuth("nvr", served.token("feed", "nvr"))
    with served.client(None, auth=auth) as client:
        for number in ("m1", "m2", "m3"):
            answer = client.post("/VIID/MotorVehicles", json=vehicles(vehicle(number)),
                                 headers=HEADERS)  # fmt: skip
            assert answer.status_code == 200
    assert len(served.stored()) == 3


def test_subscriptions(served):
    register(served)
    with served.client(None) as client:
        answer = client.get("/VIID/Subscribes", headers=HEADERS)
        assert "SubscribeListObject" in answer.json()
        wanted = {"SubscribeListObject": {"SubscribeObject": [{"SubscribeID": "s1"}]}}
        answer = client.post("/VIID/Subscribes", json=wanted, headers=HEADERS)
        (status,) = answer.json()["ResponseStatusListObject"]["ResponseStatusObject"]
        assert (status["Id"], status["StatusCode"]) == ("s1", 4)
    assert json.loads(served.kept()[0].body) == wanted


@pytest.mark.parametrize(
    "path", ["/VIID/", "/VIID/Nothing", "/VIID/System", "/VIID/System/Registers", "/feeds/x"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_unknown_paths(served, method, path):
    with served.client(None) as client:
        assert client.request(method, path).status_code == 404


def test_a_full_store_keeps_devices_waiting(served, monkeypatch):
    register(served)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(served.store, "remember", full)
    monkeypatch.setattr(served.store, "append", full)
    again = register(served)
    assert again.status_code == 503
    with served.client(None) as client:
        answer = client.post("/VIID/MotorVehicles", json=vehicles(vehicle("m1")), headers=HEADERS)
    assert answer.status_code == 503
    assert answer.json()["ResponseStatusObject"]["StatusCode"] == 2
    assert int(answer.headers["retry-after"]) > 0


def test_options_shorten_registrations(tmp_path):
    with serving(tmp_path, DoorOptions(registration_s=0.001)) as served:
        assert register(served).status_code == 200
        with served.client(None) as client:
            assert client.get("/VIID/System/Time", headers=HEADERS).status_code == 401
