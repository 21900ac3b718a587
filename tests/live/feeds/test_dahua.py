"""Dahua bodies: compressed in three ways under one header, clocks of two kinds, a broken stream."""

from __future__ import annotations

import gzip
import json
import zlib
from datetime import UTC, datetime

import pytest

from live.feeds.dahua import MAX_UNPACKED, DahuaFeed

FEED = DahuaFeed()


@pytest.fixture
def read(index, parse, payloads):
    def run(name, device=None, **headers):
        body = (payloads / "dahua" / name).read_bytes()
        if device:
            headers["X_Twin_Device"] = device
        return parse(FEED, body, index(), **headers)

    return run


@pytest.mark.parametrize(
    ("name", "device", "events", "rejects", "skipped"),
    [
        ("access_control_batch_offline.json", "door-1", 1, 0, 0),
        ("door_status.json", "door-1", 1, 0, 0),
        ("parking_space_traffic_car.json", "cam-both", 1, 0, 0),
        ("traffic_junction_real_shape.json", "cam-both", 1, 0, 0),
        ("eventManager_stream.txt", "cam-both", 2, 3, 0),
        ("access_control_batch_offline.json", None, 0, 1, 0),
        ("door_status.json", None, 0, 1, 0),
        ("parking_space_traffic_car.json", None, 0, 1, 0),
        ("traffic_junction_real_shape.json", None, 0, 1, 0),
        ("eventManager_stream.txt", None, 0, 4, 1),
    ],
)
def test_each_file(read, name, device, events, rejects, skipped):
    result = read(name, device)
    assert (len(result.events), len(result.rejects), result.skipped) == (events, rejects, skipped)


def test_confidence_is_that_of_the_plate(read):
    event = read("traffic_junction_real_shape.json", "cam-both").events[0]
    assert event.data["confidence"] == 0.86  # not the 94 of the vehicle
    assert event.data["plate"] == "9924УАМ"
    assert event.live


def test_offline_records_are_history(read):
    event = read("access_control_batch_offline.json", "door-1").events[0]
    assert not event.live
    assert event.data["method"] == "face"
    assert event.data["direction"] == "in"
    assert event.data["granted"]
    assert "REDACTED" not in json.dumps(event.data)
    assert event.observed_at == datetime.fromtimestamp(1_700_000_000, UTC)


def test_the_stream_keeps_what_it_cannot_use(read):
    result = read("eventManager_stream.txt", "cam-both")
    assert [event.kind for event in result.events] == ["status", "plate"]
    assert result.events[1].data["plate"] == "GJ05CD4321"
    for reject, code in zip(
        result.rejects, ["VideoMotion", "CrossLineDetection", "VideoMotion"], strict=True
    ):
        assert code in reject.reason
    assert "not JSON" in result.rejects[2].reason
    assert b"{ not json" in result.rejects[2].body


def _deflate(body):
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()


@pytest.mark.parametrize("pack", [zlib.compress, _deflate, gzip.compress, bytes])
@pytest.mark.parametrize("name", ["access_control_batch_offline.json", "door_status.json"])
def test_one_header_for_every_packing(index, parse, payloads, pack, name):
    body = (payloads / "dahua" / name).read_bytes()
    plain = parse(FEED, body, index(), X_Twin_Device="door-1").events
    packed = parse(FEED, pack(body), index(), X_Twin_Device="door-1", Content_Encoding="deflate")
    assert packed.events == plain
    assert plain


def test_a_bomb_is_not_unpacked(index, parse):
    bomb = zlib.compress(b"{" + b" " * (MAX_UNPACKED + 10) + b"}", 9)
    assert len(bomb) < 50_000
    result = parse(FEED, bomb, index(), Content_Encoding="deflate")
    assert "unpacks to more" in result.rejects[0].reason


def test_utc_counts_local_seconds_and_realutc_true_ones(index, parse):
    wall = int(datetime(2026, 11, 23, 12, 0, tzinfo=UTC).timestamp())  # noon on the wall
    local = {"Code": "DoorStatus", "Data": {"Status": "Close", "UTC": wall}}
    true = {
        "Code": "DoorStatus",
        "Data": {"Status": "Close", "UTC": wall, "RealUTC": wall - 28_800},
    }
    for body in (local, true):
        event = parse(FEED, json.dumps(body), index(), X_Twin_Device="door-1").events[0]
        assert event.observed_at == datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
        assert event.data == {"state": "closed"}


@pytest.mark.parametrize("word", ["unlicensed", "unknown", "--", ""])
def test_unread_plates(index, parse, word):
    body = {"Code": "TrafficJunction", "Data": {"TrafficCar": {"PlateNumber": word}}}
    event = parse(FEED, json.dumps(body), index(), X_Twin_Device="cam-in").events[0]
    assert event.data == {"plate": None, "plate_class": "unread", "direction": "in"}


def test_a_boundary_named_with_its_dashes(read):
    plain = read("eventManager_stream.txt", "cam-both")
    for name in ("myboundary", "--myboundary"):
        told = read("eventManager_stream.txt", "cam-both",
                    Content_Type=f"multipart/x-mixed-replace; boundary={name}")  # fmt: skip
        assert told.events == plain.events


def test_a_multipart_with_a_picture(index, parse, payloads):
    body = (payloads / "dahua" / "door_status.json").read_bytes()
    parts = (
        b"--B\r\nContent-Type: text/plain\r\n\r\n" + body + b"\r\n"
        b"--B\r\nContent-Type: image/jpeg\r\n\r\n\xff\xd8\xff\xe0picture\xff\xd9\r\n--B--\r\n"
    )
    result = parse(FEED, parts, index(), X_Twin_Device="door-1",
                   Content_Type="multipart/x-mixed-replace; boundary=B")  # fmt: skip
    assert len(result.events) == 1
    assert result.skipped == 1


def test_live_and_offline_copies_are_one_event(index, parse, payloads):
    body = (payloads / "dahua" / "access_control_batch_offline.json").read_text()
    live = body.replace('"Offline"', '"RealTime"')
    events = [parse(FEED, b, index(), X_Twin_Device="door-1").events[0] for b in (body, live)]
    assert events[0].event_id == events[1].event_id
    assert [event.live for event in events] == [False, True]


def test_no_name_is_kept(read):
    kept = read("access_control_batch_offline.json").rejects[0].body
    assert b"REDACTED_NAME" not in kept
    assert b"ImageInfo" not in kept
