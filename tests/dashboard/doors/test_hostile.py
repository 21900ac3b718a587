"""Whoever means ill: too long, packed a thousandfold, endless, broken; the others go on."""

import gzip
import json
import socket
import threading
import time
import zlib
from functools import lru_cache

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.doors import DoorOptions
from tests.dashboard.doors.served import record, serving

DOORS = ["/api/v1/events", "/feeds/hikvision", "/feeds/dahua", "/feeds/ngsi"]
OPTIONS = DoorOptions(feed_rate=100_000, body_timeout_s=1.0)


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("hostile"), OPTIONS, head_s=1.0, left_s=1.0) as server:
        server.store.kept_an_hour = 1_000_000  # each is looked for in quarantine
        yield server


def is_well(served):
    answer = served.post([record()])
    return answer.status_code == 200 and answer.json()["accepted"] == 1


@pytest.mark.parametrize("door", DOORS)
def test_a_body_of_10_mb(served, door):
    before = served.desk.refused.copy()
    body = b"[" + b" " * (10 * 2**20) + b"]"
    with served.client() as client:
        told = client.post(door, content=body)

        def in_pieces():
            for start in range(0, len(body), 2**16):
                yield body[start : start + 2**16]

        untold = client.post(door, content=in_pieces())
    assert told.status_code == untold.status_code == 413
    assert sum((served.desk.refused - before).values()) == 2
    assert served.desk.budget.held == 0
    assert is_well(served)


@lru_cache
def make_bomb(encoding):
    """200 MB of JSON in little room."""
    plain = b"[" + b"0," * (100 * 2**20) + b"0]"
    body = zlib.compress(plain) if encoding == "deflate" else gzip.compress(plain, 6)
    return gzip.compress(body) if encoding == "gzip, gzip" else body


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "gzip, gzip"])
@pytest.mark.parametrize("door", DOORS)
def test_a_decompression_bomb(served, door, encoding):
    body = make_bomb(encoding)
    assert len(body) < 2**20
    kept = served.store.count_quarantined()["new"]
    with served.client() as client:
        answer = client.post(door, content=body, headers={"content-encoding": encoding})
    # Dahua's feed unpacks itself, as its devices tell their packing wrongly
    refused = answer.status_code == 413
    assert refused or served.store.count_quarantined()["new"] == kept + 1
    assert is_well(served)


@pytest.mark.parametrize(
    "body",
    [b"[" + b"0," * 1_000_000 + b"0]", b"{}\n" * 500_000, b"--x\n" * 500_000,
     b'{"a":{"b":[' + b"{}," * 500_000 + b"{}]}}"],
)  # fmt: skip
@pytest.mark.parametrize("door", DOORS)
def test_too_many_records_at_once(served, door, body):
    with served.client() as client:
        answer = client.post(door, content=body)
    assert answer.status_code == 413
    assert is_well(served)


def test_as_many_records_as_may_be(served):
    sent = [record(f"d{n % 4}", event_id=f"many{n}") for n in range(20_000)]
    assert served.post(sent).json()["accepted"] == 20_000


LAUGHS = "<!DOCTYPE l [<!ENTITY a0 'ha'>%s]><EventNotificationAlert>&a9;</EventNotificationAlert>"
ENTITIES = "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10))
OUTSIDE = (
    '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]>'
    "<EventNotificationAlert><eventType>&f;</eventType></EventNotificationAlert>"
)


@pytest.mark.parametrize("text", [LAUGHS % ENTITIES, OUTSIDE])
@pytest.mark.parametrize("charset", ["utf-8", "utf-16", "gb18030"])
def test_a_billion_laughs(served, text, charset):
    kept = served.store.count_quarantined()["new"]
    with served.client() as client:
        answer = client.post("/feeds/hikvision?device=c0", content=text.encode(charset),
                             headers={"content-type": "application/xml"})  # fmt: skip
    assert answer.status_code == 200
    assert served.store.count_quarantined()["new"] == kept + 1
    assert "ha" * 20 not in served.store.quarantined(limit=1)[0].body.decode(errors="replace")
    assert is_well(served)


def connect(served):
    url = httpx.URL(served.url)
    return socket.create_connection((url.host, url.port), timeout=20)


def read_all(connection):
    """What the server says until it hangs up."""
    said = b""
    while piece := connection.recv(4096):
        said += piece
    return said


RESET = b"reset"


def read_cut(connection):
    """Return what a sender hears that is cut; a byte sent after that takes the answer away."""
    try:
        return read_all(connection)
    except ConnectionResetError:
        return RESET


def test_slow_senders_are_cut_and_hold_nobody_up(served):
    token = served.token()
    head = (
        f"POST /api/v1/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n"
        "content-type: application/json\r\ncontent-length: 5000\r\n\r\n["
    ).encode()
    in_body = [connect(served) for _ in range(40)]
    in_head = [connect(served) for _ in range(40)]
    silent = [connect(served) for _ in range(40)]
    for connection in in_body:
        connection.sendall(head)
    for connection in in_head:
        connection.sendall(b"POST /api/v1/events HTTP/1.1\r\nhost: x\r\nx-slow: ")
    ended = threading.Event()

    def drip():  # a byte now and then resets no clock
        while not ended.wait(0.2):
            for connection in [*in_body, *in_head]:
                try:
                    connection.sendall(b" ")
                except OSError:
                    ended.set()

    dripping = threading.Thread(target=drip)
    dripping.start()
    try:
        assert is_well(served)
        for connection in silent:
            assert read_all(connection).startswith(b"HTTP/1.1 408 ")
        answers = [read_cut(connection) for connection in [*in_body, *in_head]]
        assert {answer[:13] for answer in answers} <= {b"HTTP/1.1 408 ", RESET}
        assert answers.count(RESET) < 10  # the drops that fell after the cut
    finally:
        ended.set()
        dripping.join()
        for connection in [*in_body, *in_head, *silent]:
            connection.close()
    assert served.desk.budget.held == 0
    assert is_well(served)


def test_a_sender_that_was_refused_and_never_ends(served):
    """A byte now and then keeps an answered request no more open than a silent one."""
    with connect(served) as connection:
        connection.sendall(
            b"POST /api/v1/events HTTP/1.1\r\nhost: x\r\ncontent-length: 5000\r\n\r\n["
        )
        said = connection.recv(4096)
        assert said.startswith(b"HTTP/1.1 401 ")
        connection.settimeout(0.1)
        for _ in range(200):
            try:
                connection.sendall(b" ")
                piece = connection.recv(4096)
            except TimeoutError:
                continue
            except OSError:
                break
            assert not piece.startswith(b"HTTP/1.1")
            if not piece:
                break
        else:
            pytest.fail("the connection was kept open")


def test_an_endless_head(served):
    with connect(served) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nhost: x\r\n")
        try:
            for _ in range(100):
                connection.sendall(b"x-more: " + b"y" * 8000 + b"\r\n")
        except OSError:
            pass  # hung up already
        try:
            said = read_all(connection)
        except ConnectionResetError:
            said = b"HTTP/1.1 431 "
    assert said.startswith((b"HTTP/1.1 431 ", b"HTTP/1.1 400 "))
    assert is_well(served)


def test_connections_may_idle_and_be_used_again(served):
    with served.client() as client:
        for _ in range(3):
            assert client.post("/api/v1/events", json=[record()]).status_code == 200
            time.sleep(1.2)  # longer than a head may take


def test_a_few_large_bodies_fill_the_budget(tmp_path):
    options = DoorOptions(held_bodies=3 * 2**20, body_timeout_s=10.0)
    with serving(tmp_path, options) as served:
        token = served.token()
        head = (
            f"POST /api/v1/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n"
            f"content-length: {4 * 2**20}\r\n\r\n"
        ).encode()
        with connect(served) as first:
            first.sendall(head + b" " * (2 * 2**20))
            while served.desk.budget.held < 2 * 2**20:
                time.sleep(0.01)
            answer = served.post(b" " * (2 * 2**20))
            assert answer.status_code == 503
            assert int(answer.headers["retry-after"]) > 0
            assert is_well(served)  # what is small goes on
        while served.desk.budget.held:
            time.sleep(0.01)
        assert served.post(b"[" + b" " * (2 * 2**20) + b"]").status_code == 200


WORDS = st.sampled_from(
    ["kind", "subject", "observed_at", "data", "access", "entrances", "d0", "c0", "layer", "id",
     "MotorVehicleObject", "MotorVehicleListObject", "FaceObject", "DeviceID", "PlateNo", "Code",
     "PassTime", "eventType", "AccessControllerEvent", "AcsEvent", "InfoList", "Events", "Data",
     "TrafficCar", "UTC", "type", "value", "EventNotificationAlert", "KeepaliveObject", "bin"]
)  # fmt: skip
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), WORDS,
    st.text(max_size=12), st.just("2026-11-23T12:00:00+08:00"), st.just("闽A12345"),
)  # fmt: skip
DOCUMENTS = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.one_of(WORDS, st.text(max_size=5)), inner, max_size=5),
    ),
    max_leaves=15,
)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "content-type": st.sampled_from(
            ["application/json", "application/xml", "multipart/form-data; boundary=x",
             "multipart/x-mixed-replace; boundary=--x", "text/plain", "x", ""]
        ),
        "content-encoding": st.sampled_from(["gzip", "deflate", "identity", "br", "gzip, x"]),
        "user-identify": st.sampled_from(["d0", "35010200001190000001", "x" * 100]),
    },
)  # fmt: skip


def _bodies():
    plain = st.one_of(
        st.binary(max_size=200),
        DOCUMENTS.map(lambda d: json.dumps(d, ensure_ascii=False).encode(errors="replace")),
        DOCUMENTS.map(lambda d: json.dumps(d).encode("utf-16")),
        st.text("<>/&;!-abEventNotificationAlert \n", max_size=80).map(str.encode),
        st.text("-x\r\n:{}[]Code=;data", max_size=80).map(str.encode),
    )
    packed = plain.map(gzip.compress) | plain.map(zlib.compress)
    return st.one_of(plain, plain, plain, packed)


@pytest.fixture(scope="module")
def wild(served):
    """A client in the way of a registered device, too."""
    with served.client() as client:
        auth = httpx.DigestAuth("wild", served.token("feed", "wild"))
        for device in ("d0", "35010200001190000001"):
            client.post("/VIID/System/Register", auth=auth, headers={"user-identify": device},
                        json={"RegisterObject": {"DeviceID": device}})  # fmt: skip
        yield client


@settings(
    max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    door=st.sampled_from(
        [*DOORS, *DOORS, "/VIID/MotorVehicles", "/VIID/Faces", "/VIID/SubscribeNotifications",
         "/VIID/System/Keepalive", "/VIID/Subscribes", "/VIID/System/UnRegistered"]
    ),
    headers=HEADERS,
    body=_bodies(),
    device=st.sampled_from(["", "d0", "c0", "nobody", "\x00", "?&="]),
)  # fmt: skip
def test_malformed_messages_are_taken_kept_or_refused(served, wild, door, headers, body, device):
    """Each is an event, or in quarantine with its reason, or refused in words; never a 500."""
    before = served.count_stored()
    params = {"device": device} if device else {}
    answer = wild.post(door, content=body, headers=headers, params=params)
    assert answer.status_code in (200, 204, 400, 401, 404, 413, 415), answer.text
    events, kept = (now - then for now, then in zip(served.count_stored(), before, strict=True))
    if answer.status_code in (200, 204):
        if door == "/api/v1/events":
            told = answer.json()
            assert told["accepted"] == events
            assert len(told["quarantined"]) == kept
    else:
        assert (events, kept) == (0, 0)


def test_after_all_of_it_the_server_is_well(served):
    assert is_well(served)
    with served.client(None) as client:
        assert client.get("/readyz").status_code == 200
