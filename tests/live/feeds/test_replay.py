"""History: CSV and NDJSON, never live, at its own pace or faster."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from live.events import Event
from live.feeds.http_json import HttpJsonFeed
from live.feeds.replay import ReplayFeed, pace

FEED = ReplayFeed()


def test_csv_of_several_kinds(index, parse):
    body = (
        "\ufeffobserved_at,kind,layer,id,plate,direction,confidence,method,granted\n"
        "2026-11-23 08:00:00,plate,plate_cameras,cam-in,闽A12345,in,0.93,,\n"
        "2026-11-23T00:00:05Z,access,entrances,door-1,,out,,card,true\n"
        "2026-11-23 08:00:09,access,entrances,door-7,,out,,card,true\n"
        "later,access,entrances,door-1,,out,,card,true\n"
    )
    result = parse(FEED, body, index())
    assert [event.data for event in result.events] == [
        {"plate": "闽A12345", "direction": "in", "confidence": 0.93},
        {"method": "card", "direction": "out", "granted": True},
    ]
    assert result.events[0].observed_at == datetime(2026, 11, 23, tzinfo=UTC)
    assert not any(event.live for event in result.events)
    assert [(r.index, r.reason.split(":")[0][:17]) for r in result.rejects] == [
        (2, "unknown device ID"),
        (3, "'later' is no tim"),
    ]


@pytest.mark.parametrize(
    "body",
    [
        "time,device,quantity,value,unit\n20261123080000,dev-1,level,80,%\n",
        "observed_at,kind,id,values.level,unit\n2026-11-23 08:00:00,reading,dev-1,80,%\n",
        'observed_at,id,quantity,value\n2026-11-23 08:00:00,dev-1,level,"80 %"\n',
    ],
)
def test_csv_of_readings(index, parse, body):
    event = parse(FEED, body, index()).events[0]
    assert event.kind == "reading"
    assert event.data["values"] == {"level": 80.0}


def test_csv_in_the_old_chinese_encoding(index, parse):
    body = "time,kind,id,detail\n20261123080000,alarm,dev-1,满溢\n".encode("gb18030")
    assert parse(FEED, body, index()).events[0].data["detail"] == "满溢"


def test_ndjson_of_live_events_is_history_now(index, parse):
    lines = "\n".join(
        json.dumps({"event_id": f"e{i}", "kind": "alarm", "live": True, "data": {"type": "sos"},
                    "subject": {"layer": "devices", "id": "dev-1"},
                    "observed_at": f"2026-11-23T03:0{i}:00+00:00"})
        for i in range(3)
    )  # fmt: skip
    result = parse(FEED, lines, index())
    assert len(result.events) == 3
    assert not any(event.live for event in result.events)
    # the same events as they once came, so that a replay over them counts nothing twice
    once = parse(HttpJsonFeed(), lines, index()).events
    assert [e.event_id for e in result.events] == [e.event_id for e in once]


@pytest.mark.parametrize("body", ["", "a,b\n1,2\n", "just a text", "\x00\x01"])
def test_no_history_at_all(index, parse, body):
    result = parse(FEED, body, index())
    assert "CSV needs the columns observed_at" in result.rejects[0].reason


def test_pace():
    start = datetime(2026, 11, 23, tzinfo=UTC)
    events = [
        Event(str(s), "alarm", "x", "devices", "d", start + timedelta(seconds=s), start)
        for s in (20, 0, 5)
    ]
    assert [(wait, e.event_id) for wait, e in pace(events, 10)] == [(0, "0"), (0.5, "5"), (2, "20")]
    assert list(pace([], 1)) == []
    with pytest.raises(ValueError, match="above 0"):
        list(pace(events, 0))
