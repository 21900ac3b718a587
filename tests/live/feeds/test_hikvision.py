"""Hikvision bodies: dialects, multipart with lies in it, replays, and hostile XML."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from live.feeds.hikvision import HikvisionFeed, read_xml

FEED = HikvisionFeed()


@pytest.fixture
def read(index, parse, payloads):
    def run(name, device=None, **headers):
        body = (payloads / "hikvision" / name).read_bytes()
        if device:
            headers["X_Twin_Device"] = device
        return parse(FEED, body, index(), **headers)

    return run


@pytest.mark.parametrize(
    ("name", "device", "events", "rejects", "skipped"),
    [
        ("access_push_live_face.json", "door-1", 1, 0, 0),
        ("acs_event_search_response.json", "door-1", 17, 3, 0),
        ("alertStream_access.multipart.txt", "door-1", 7, 14, 0),
        ("anpr_deepinview_v5.8.xml", "cam-both", 1, 0, 0),
        ("anpr_ds-tcg405-e_full.xml", "cam-both", 1, 0, 0),
        ("anpr_multipart_body.bin", "cam-both", 1, 0, 2),
        ("anpr_unread_plate.xml", "cam-both", 1, 0, 0),
        ("vmd_motion.xml", "cam-both", 0, 1, 0),
    ],
)
def test_each_file(read, name, device, events, rejects, skipped):
    result = read(name, device)
    assert (len(result.events), len(result.rejects), result.skipped) == (events, rejects, skipped)
    nobody = read(name)
    assert not nobody.events
    assert len(nobody.rejects) == events + rejects
    assert all(
        any(word in r.reason for word in ("device", "tells nothing", "not taken in"))
        for r in nobody.rejects
    )


def test_a_plate_read(read):
    event = read("anpr_deepinview_v5.8.xml", "cam-both").events[0]
    assert event.observed_at.isoformat() == "2026-07-05T19:44:40+00:00"
    assert event.data == {"plate": "WX1234A", "plate_class": "other", "confidence": 0.92,
                          "direction": "out"}  # fmt: skip
    # a camera that is set up for one way knows better than the word
    assert read("anpr_deepinview_v5.8.xml", "cam-in").events[0].data["direction"] == "in"


def test_the_multipart_is_the_plain_one_with_pictures(read, payloads):
    head = (payloads / "hikvision" / "anpr_multipart_headers.txt").read_text().splitlines()[0]
    with_header = read("anpr_multipart_body.bin", "cam-both", Content_Type=head.split(": ", 1)[1])
    plain = read("anpr_ds-tcg405-e_full.xml", "cam-both")
    assert with_header.events == plain.events == read("anpr_multipart_body.bin", "cam-both").events
    assert with_header.skipped == 2


def test_an_unread_plate(read):
    event = read("anpr_unread_plate.xml", "cam-both").events[0]
    assert event.data["plate"] is None
    assert event.data["plate_class"] == "unread"
    assert event.live


def test_devices_are_found_by_any_of_their_names(index, parse, payloads):
    body = (payloads / "hikvision" / "anpr_ds-tcg405-e_full.xml").read_bytes()
    for name in ("44:A6:42:F3:2A:D7", "172.20.16.40", "DS-TCG405-E 20220323AIJ67694167", "88"):
        assert parse(FEED, body, index(**{name: "plate_cameras/cam-in"})).events


def test_a_search_page_is_history(read):
    result = read("acs_event_search_response.json", "door-1")
    assert not any(event.live for event in result.events)
    faces = [event for event in result.events if event.data.get("method") == "face"]
    states = Counter(e.data["state"] for e in result.events if e.kind == "status")
    assert len(faces) == 4
    assert states["open"] > 3
    assert states["closed"] > 3
    assert all(event.data["granted"] and event.data["direction"] == "in" for event in faces)


def test_a_push_of_now_is_live_and_a_replay_is_not(read):
    live = read("access_push_live_face.json", "door-1").events[0]
    assert live.live  # the device says so itself, whatever its clock
    assert live.data["subject"] not in (None, "25", "Fulano")
    assert not any(e.live for e in read("alertStream_access.multipart.txt", "door-1").events)


def test_serial_numbers_make_repeats_one(read, index, parse, payloads):
    first = read("alertStream_access.multipart.txt", "door-1").events
    again = read("alertStream_access.multipart.txt", "door-1").events
    assert [e.event_id for e in first] == [e.event_id for e in again]
    assert len({e.event_id for e in first}) == len(first)
    # the push of a moment and its replay after a reconnect are one event
    push = json.loads((payloads / "hikvision" / "access_push_live_face.json").read_text())
    replay = json.loads(json.dumps(push))
    replay["AccessControllerEvent"]["currentEvent"] = False
    replay["activePostCount"] = 3
    ids = {parse(FEED, json.dumps(b), index(), X_Twin_Device="door-1").events[0].event_id
           for b in (push, replay)}  # fmt: skip
    assert len(ids) == 1


def test_doors_of_one_controller(index, parse, payloads):
    body = (payloads / "hikvision" / "access_push_live_face.json").read_bytes()
    resolve = index(**{"ctl/1": "entrances/door-1", "ctl/2": "entrances/door-2"})
    assert parse(FEED, body, resolve, X_Twin_Device="ctl").events[0].subject == "door-1"
    other = body.replace(b'"doorNo": 1', b'"doorNo": 2')
    assert parse(FEED, other, resolve, X_Twin_Device="ctl").events[0].subject == "door-2"


def test_no_name_and_no_picture_is_kept(read):
    for name in ("acs_event_search_response.json", "access_push_live_face.json"):
        kept = b"".join(reject.body for reject in read(name).rejects)
        for word in (b"REDACTED_NAME", b"Fulano", b"pictureURL", b".jpeg", b"FaceRect"):
            assert word not in kept
    kept = b"".join(reject.body for reject in read("anpr_multipart_body.bin").rejects)
    assert b"\xff\xd8" not in kept
    assert len(kept) < 5_000


@pytest.mark.parametrize(
    "prefix",
    [
        'xmlns="http://www.hikvision.com/ver20/XMLSchema"',
        'xmlns="http://www.isapi.org/ver20/XMLSchema"',
        'xmlns="http://www.std-cgi.com/ver20/XMLSchema" version="1.0"',
        "",
    ],
)
def test_namespaces_do_not_matter(index, parse, prefix):
    body = (
        f"<EventNotificationAlert {prefix}><eventType>ANPR</eventType><ANPR>"
        "<licensePlate>闽A·12345</licensePlate></ANPR></EventNotificationAlert>"
    )
    event = parse(FEED, body, index(), X_Twin_Device="cam-in").events[0]
    assert event.data["plate"] == "闽A12345"


def test_a_prefixed_namespace(index, parse):
    body = (
        '<?xml version="1.0"?><h:EventNotificationAlert xmlns:h="urn:x"><h:eventType>ANPR'
        "</h:eventType><h:ANPR><h:licensePlate>闽AD12345</h:licensePlate></h:ANPR>"
        "</h:EventNotificationAlert>"
    )
    event = parse(FEED, body, index(), X_Twin_Device="cam-in").events[0]
    assert event.data["plate_class"] == "nev_small"


BOMB = """<?xml version="1.0"?>
<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<EventNotificationAlert><eventType>&b;</eventType></EventNotificationAlert>"""
FILE = """<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]>
<EventNotificationAlert><eventType>ANPR</eventType><ANPR><licensePlate>&f;</licensePlate></ANPR>
</EventNotificationAlert>"""


@pytest.mark.parametrize("body", [BOMB, FILE, FILE.encode("utf-16"), "<!DOCTYPE x><x/>"])
def test_hostile_xml_is_refused(index, parse, body):
    result = parse(FEED, body, index(), X_Twin_Device="cam-in")
    assert not result.events
    assert len(result.rejects) == 1


def test_xml_becomes_plain_objects():
    found = read_xml(b"<a><b>1</b><b>2</b><!-- x --><c><d/></c></a>")
    assert found == {"a": {"b": "1", "c": {"d": None}}}


@pytest.mark.parametrize(
    ("minor", "kind", "expected"),
    [
        (1, "access", {"method": "card", "granted": True}),
        (9, "access", {"method": "card", "granted": False}),
        (76, "access", {"method": "face", "granted": False}),
        (27, "status", {"state": "forced"}),
        (28, "status", {"state": "held"}),
    ],
)
def test_codes(index, parse, minor, kind, expected):
    detail = {"majorEventType": 5, "subEventType": minor, "serialNo": 1}
    body = {
        "eventType": "AccessControllerEvent",
        "dateTime": "2026-11-23T12:00:00+08:00",
        "AccessControllerEvent": detail,
    }
    event = parse(FEED, json.dumps(body), index(), X_Twin_Device="gate-1").events[0]
    assert event.kind == kind
    assert event.layer == "gates"
    assert event.data == expected
