import gzip
import json
import zlib
from datetime import UTC, datetime, timedelta

import pytest

from dashboard.doors import DoorOptions
from tests.dashboard.doors.served import record, serving


def test_what_is_acknowledged_is_in_the_store(served):
    sent = [record(event_id=f"e{n}") for n in range(3)]
    answer = served.post(sent)
    assert answer.status_code == 200
    assert answer.json() == {"accepted": 3, "duplicate": 0, "quarantined": []}
    assert [event.event_id for event in served.stored()] == ["e0", "e1", "e2"]
    assert served.post(sent).json() == {"accepted": 0, "duplicate": 3, "quarantined": []}
    assert len(served.stored()) == 3


def test_lines_of_json_with_a_broken_one(served):
    lines = [json.dumps(record(event_id="a")), '{"kind": "access", ', json.dumps(record())]
    answer = served.post(
        "\n".join(lines).encode(), headers={"content-type": "application/x-ndjson"}
    )
    assert answer.json()["accepted"] == 2
    assert [one["index"] for one in answer.json()["quarantined"]] == [1]
    assert served.kept()[0].body == b'{"kind": "access", '


def test_the_index_is_the_place_in_what_was_sent(served):
    """Both what the feed and what the community refuses, among what is taken."""
    tomorrow = datetime.now(UTC) + timedelta(days=3)
    sent = [
        record(),
        {"kind": "nonsense"},
        record("d1"),
        record("d2", "status", data={"state": "purple"}),
        record("d3"),
        record("d9"),
        record("d3", at=tomorrow),
    ]
    answer = served.post(sent).json()
    assert answer["accepted"] == 3
    reasons = {one["index"]: one["reason"] for one in answer["quarantined"]}
    assert set(reasons) == {1, 3, 5, 6}
    assert "unknown kind" in reasons[1]
    assert "purple" in reasons[3]
    assert "d9" in reasons[5]
    assert "ahead" in reasons[6]
    assert len(served.kept()) == 4


@pytest.mark.parametrize("body", [b"", b"not json", b"[1, null]", b"\xff\xfe", b'"text"'])
def test_nonsense_is_kept_with_its_reason(served, body):
    answer = served.post(body)
    assert answer.status_code == 200
    assert answer.json()["accepted"] == 0
    assert len(answer.json()["quarantined"]) == len(served.kept()) >= 1


def test_without_a_token_of_the_kind_nothing_comes_in(served):
    body = [record()]
    for headers, status in [
        ({}, 401),
        ({"authorization": "Bearer wrong"}, 401),
        ({"authorization": f"Bearer {served.token('wall')}"}, 403),
        ({"authorization": f"Bearer {served.token('admin')}"}, 403),
    ]:
        with served.client(None) as client:
            answer = client.post("/api/v1/events", json=body, headers=headers)
        assert answer.status_code == status
    assert answer.json()["error"]
    assert not served.stored()


def test_a_token_is_refused_once_revoked(served):
    from live.tokens import REREAD_S, TokenBook

    token = served.token()
    assert served.post([record()]).status_code == 200
    TokenBook(served.store).revoke("test-feed")
    served.desk.access.book._read_at -= REREAD_S + 1  # as if that time had passed
    with served.client(None) as client:
        answer = client.post(
            "/api/v1/events", json=[], headers={"authorization": f"Bearer {token}"}
        )
    assert answer.status_code == 401


def test_packed_bodies(served):
    plain = json.dumps([record(event_id="p")]).encode()
    raw = zlib.compressobj(wbits=-15)
    for encoding, body in [
        ("gzip", gzip.compress(plain)),
        ("deflate", zlib.compress(plain)),
        ("deflate", raw.compress(plain) + raw.flush()),
        ("identity", plain),
    ]:
        answer = served.post(body, headers={"content-encoding": encoding})
        assert answer.status_code == 200, encoding
        assert sum(answer.json()[name] for name in ("accepted", "duplicate")) == 1
    assert served.post(plain, headers={"content-encoding": "br"}).status_code == 415
    cut = gzip.compress(plain)[:-9]
    assert served.post(cut, headers={"content-encoding": "gzip"}).status_code == 400
    assert len(served.stored()) == 1


def test_a_sender_with_a_fast_clock_is_set_right(served):
    fast = [
        record("c0", "plate", at=datetime.now(UTC) + timedelta(minutes=46), event_id=f"f{n}",
               data={"plate": "闽A12345"})
        for n in range(6)
    ]  # fmt: skip
    served.post(fast)
    served.post(fast)  # a repeat neither teaches nor counts
    events = served.stored()
    assert len(events) == 6
    last = events[-1]
    assert last.skew_s == pytest.approx(46 * 60, abs=5)
    assert abs((last.observed_at - last.received_at).total_seconds()) < 10
    with served.client("admin") as client:
        feeds = {one["feed"]: one for one in client.get("/api/v1/feeds").json()["feeds"]}
    (skew,) = feeds["http"]["skew"]
    assert (skew["layer"], skew["id"]) == ("plate_cameras", "c0")
    assert skew["skew_s"] == pytest.approx(46 * 60, abs=5)
    assert feeds["http"]["accepted"] == 6
    assert feeds["http"]["duplicate"] == 6
    assert feeds["http"]["devices"] == {"heard": 1, "late": 0, "silent": 0}


def test_a_gateway_that_held_events_back_keeps_their_times(served):
    old = datetime.now(UTC) - timedelta(hours=2)
    served.post([record(at=old + timedelta(seconds=n), event_id=f"o{n}") for n in range(6)])
    assert [event.observed_at for event in served.stored()] == [
        old + timedelta(seconds=n) for n in range(6)
    ]


def test_pages_and_filters(served):
    start = datetime.now(UTC) - timedelta(hours=1)
    served.post(
        [record(f"d{n % 4}", at=start + timedelta(seconds=n), event_id=f"e{n}") for n in range(25)]
        + [record("c0", "plate", data={"plate": "闽A12345"}, at=start)]
    )
    with served.client("admin") as client:

        def ask(**wanted):
            answer = client.get("/api/v1/events", params=wanted)
            assert answer.status_code == 200, answer.text
            return answer.json()

        seen, cursor = [], None
        while True:
            page = ask(kind="access", limit=10, **({"cursor": cursor} if cursor else {}))
            seen += [event["event_id"] for event in page["events"]]
            cursor = page["next"]
            if cursor is None:
                break
        assert seen == [f"e{n}" for n in range(24, -1, -1)]
        assert len(ask(layer="entrances", subject="d1")["events"]) == 6
        since = (start + timedelta(seconds=10)).isoformat()
        until = (start + timedelta(seconds=12)).isoformat()
        found = ask(since=since, until=until)["events"]
        assert [event["event_id"] for event in found] == ["e11", "e10"]
        for wrong in (
            {"kind": "x"}, {"since": "noon"}, {"cursor": "x"}, {"cursor": "1-x"},
        ):  # fmt: skip
            assert client.get("/api/v1/events", params=wrong).status_code == 400
        for wrong in ({"limit": 0}, {"limit": 100_000}, {"limit": "x"}):
            assert client.get("/api/v1/events", params=wrong).status_code == 422


def test_no_plate_and_nobody_is_shown(served):
    served.post(
        [
            record("c0", "plate", data={"plate": "闽A12345", "original": "闽A1234S"}),
            record("c0", "plate", data={"plate": None}),
            record("d0", data={"method": "face", "granted": True, "subject": "f00d"}),
            record("d0", "alarm", data={"type": "held", "severity": 2, "detail": "闽C·0B22K"}),
            record("d1", event_id="闽A12345-1"),
        ]
    )  # fmt: skip
    with served.client("admin") as client:
        text = client.get("/api/v1/events").text
    for private in ("12345", "1234S", "0B22K", "f00d"):
        assert private not in text
    assert "闽A·12**5" in text


def test_the_query_wants_an_admin(served):
    for kind, status in ((None, 401), ("feed", 403), ("wall", 403), ("admin", 200)):
        with served.client(kind) as client:
            assert client.get("/api/v1/events").status_code == status
            assert client.get("/api/v1/feeds").status_code == status


def test_the_demo_is_open_on_this_machine_alone(tmp_path):
    with serving(tmp_path, demo=True) as served, served.client(None) as client:
        assert client.get("/api/v1/events").status_code == 200
        # through a proxy everybody comes from this machine
        for address in ("203.0.113.9", "127.0.0.1"):
            proxied = {"x-forwarded-for": address}
            assert client.get("/api/v1/events", headers=proxied).status_code == 401
        assert client.post("/api/v1/events", json=[record()]).status_code == 401


def test_a_token_from_the_environment(tmp_path):
    options = DoorOptions.from_env({"TWIN_FEED_TOKEN": "a-token-of-my-own"})
    with serving(tmp_path, options) as served, served.client(None) as client:
        headers = {"authorization": "Bearer a-token-of-my-own"}
        assert client.post("/api/v1/events", json=[record()], headers=headers).is_success
        assert client.get("/api/v1/events", headers=headers).status_code == 403


def test_a_sender_that_sends_too_often_is_told_when_to_come_back(tmp_path):
    with serving(tmp_path, DoorOptions(feed_rate=1)) as served:
        answers = [served.post([record()]) for _ in range(4)]
        statuses = [answer.status_code for answer in answers]
        assert statuses[:2] == [200, 200]
        assert statuses[3] == 429
        assert int(answers[3].headers["retry-after"]) >= 1
        assert len(served.stored()) == statuses.count(200)
        # another sender is not held up
        with served.client(None) as client:
            other = {"authorization": f"Bearer {served.token('feed', 'other')}"}
            assert client.post("/api/v1/events", json=[record()], headers=other).is_success
