"""Our own wire form: what goes out comes back in, and a broken record costs no other."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from live.events import Event
from live.feeds.http_json import HttpJsonFeed

FEED = HttpJsonFeed()
NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)

events = st.builds(
    Event,
    event_id=st.text("abcdef0123456789", min_size=32, max_size=32),
    kind=st.just("reading"),
    source=st.sampled_from(["lora", "bms"]),
    layer=st.just("devices"),
    subject=st.sampled_from(["dev-0", "dev-1"]),
    observed_at=st.integers(-90_000, 0).map(lambda s: NOON + timedelta(seconds=s)),
    received_at=st.just(NOON),
    live=st.booleans(),
    data=st.dictionaries(
        st.sampled_from(["level", "power"]), st.floats(0, 100), min_size=1
    ).map(lambda values: {"values": values, "unit": {}}),
)  # fmt: skip


@settings(deadline=None)
@given(sent=st.lists(events, min_size=1, max_size=5))
def test_events_come_back_as_they_went(index, parse, sent):
    array = json.dumps([event.to_json() for event in sent])
    lines = "\n".join(json.dumps(event.to_json()) for event in sent)
    assert parse(FEED, array, index()).events == sent
    assert parse(FEED, lines, index()).events == sent


def test_a_broken_record_is_told_by_its_place(index, parse):
    good = {"kind": "status", "layer": "entrances", "id": "door-1", "data": {"state": "open"},
            "observed_at": "2026-11-23 12:00:00"}  # fmt: skip
    bad = [
        good | {"kind": "magic"},
        good | {"id": "door-9"},
        good | {"observed_at": "yesterday"},
        {k: v for k, v in good.items() if k != "observed_at"},
        good | {"data": []},
        good | {"kind": "reading", "data": {"values": {"x": "much"}}},
        17,
    ]
    result = parse(FEED, json.dumps([good, *bad, good | {"id": "door-2"}]), index())
    assert [event.subject for event in result.events] == ["door-1", "door-2"]
    assert result.events[0].observed_at == NOON  # local time without a zone
    assert [reject.index for reject in result.rejects] == [1, 2, 3, 4, 5, 6, 7]
    reasons = [reject.reason for reject in result.rejects]
    assert "unknown kind 'magic'" in reasons[0]
    assert "unknown device ID 'door-9'" in reasons[1]
    assert json.loads(result.rejects[1].body)["id"] == "door-9"


def test_a_broken_line_is_told_by_its_place(index, parse):
    good = json.dumps({"kind": "alarm", "layer": "devices", "id": "dev-1", "data": {"type": "sos"},
                       "observed_at": "2026-11-23T12:00:00+08:00"})  # fmt: skip
    result = parse(FEED, f"{good}\n{{broken\n\n{good[:-30]}", index())
    assert len(result.events) == 1
    assert [reject.index for reject in result.rejects] == [1, 2]
    assert result.rejects[0].body == b"{broken"


def test_the_same_message_has_the_same_id(index, parse):
    body = json.dumps({"kind": "alarm", "layer": "devices", "id": "dev-1", "data": {"type": "sos"},
                       "observed_at": "2026-11-23T12:00:00Z"})  # fmt: skip
    first, second = parse(FEED, body, index()), parse(FEED, f"[{body}]", index())
    assert first.events[0].event_id == second.events[0].event_id


def test_pictures_are_dropped(index, parse):
    body = {"kind": "access", "layer": "gates", "id": "gate-1", "observed_at": "20261123120000",
            "data": {"method": "face", "photo": "abc", "note": "A" * 400}}  # fmt: skip
    event = parse(FEED, json.dumps(body), index()).events[0]
    assert event.data == {"method": "face", "note": "[removed]"}


def test_what_is_no_event_at_all(index, parse):
    for body in (b"", b"17", b'"text"', b"nonsense", b"\xff\xfe"):
        assert len(parse(FEED, body, index()).rejects) == 1
    assert parse(FEED, b"[]", index()).rejects == []
