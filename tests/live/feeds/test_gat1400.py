"""GA/T 1400 bodies: every real file ends as events or as reasoned rejects."""

from __future__ import annotations

import json

import pytest

from live.feeds.gat1400 import Gat1400Feed

FEED = Gat1400Feed()
CAMERA, DOOR = "plate_cameras/cam-in", "entrances/door-1"
ALIASES = {
    "2141245": CAMERA,  # the tollgate of the standard's own sample
    "41000000300101000001": CAMERA,
    "41000000005030312222": DOOR,
}


@pytest.fixture
def read(index, parse, payloads):
    def run(name, aliases=None, **headers):
        body = (payloads / "gat1400" / name).read_bytes()
        return parse(FEED, body, index(**(ALIASES if aliases is None else aliases)), **headers)

    return run


@pytest.mark.parametrize(
    ("name", "events", "rejects"),
    [
        ("POST_VIID_MotorVehicles.json", 1, 0),
        ("POST_VIID_SubscribeNotifications_CONSTRUCTED.json", 1, 0),
        ("POST_VIID_Faces.json", 0, 1),  # its device is not known
        ("simulator_dialect_POST_MotorVehicles.json", 1, 0),
        ("simulator_dialect_POST_Persons.json", 1, 1),  # the second names no device
        ("disposition.json", 0, 1),
        ("system_register_keepalive.json", 2, 0),
    ],
)
def test_each_file(read, name, events, rejects):
    result = read(name)
    assert (len(result.events), len(result.rejects)) == (events, rejects)
    assert all(reject.reason for reject in result.rejects)


def test_without_aliases_every_file_waits_in_quarantine(read, payloads):
    for path in (payloads / "gat1400").glob("*.json"):
        result = read(path.name, {})
        assert not result.events
        assert result.rejects
        for reject in result.rejects:
            assert any(
                word in reject.reason
                for word in ("unknown device ID", "names no device", "holds no")
            )


def test_a_vehicle(read):
    event = read("POST_VIID_MotorVehicles.json").events[0]
    assert (event.kind, event.layer, event.subject) == ("plate", "plate_cameras", "cam-in")
    assert event.observed_at.isoformat() == "2016-09-12T14:01:07+00:00"  # 22:01:07 in Fuzhou
    assert not event.live
    # the plate contradicts its own per-character reliability: kept, and marked
    assert event.data == {"plate": "苏NF5676", "plate_class": "blue", "confidence": 0.67,
                          "direction": "in", "doubtful": True}  # fmt: skip


def test_a_notification_tells_the_same_as_the_plain_post(read):
    plain = read("POST_VIID_MotorVehicles.json").events
    assert read("POST_VIID_SubscribeNotifications_CONSTRUCTED.json").events == plain


def test_the_dialect_of_words_and_17_digits(read):
    event = read("simulator_dialect_POST_MotorVehicles.json").events[0]
    assert event.data["plate"] == "京A12345"
    assert event.observed_at.isoformat() == "2026-09-28T02:30:00+00:00"


def test_a_face_is_an_access_by_somebody(read):
    aliases = {"65010000001190000001": DOOR}
    event = read("POST_VIID_Faces.json", aliases).events[0]
    assert (event.kind, event.subject, event.data["method"]) == ("access", "door-1", "face")
    assert len(event.data["subject"]) == 32
    assert set(event.data) == {"method", "granted", "subject"}


def test_no_image_name_or_id_number_is_kept(read):
    reject = read("POST_VIID_Faces.json").rejects[0]
    assert "unknown device ID '65010000001190000001'" in reject.reason
    kept = reject.body.decode()
    assert json.loads(kept)["FaceObject"]["FaceID"]
    for word in ("http", "SubImage", "StoragePath", "大华", "IDNumber", "FaceStyleX"):
        assert word not in kept


def test_a_face_from_a_camera_without_a_door_is_refused(read):
    result = read("POST_VIID_Faces.json", {"65010000001190000001": CAMERA})
    assert "belongs to entrances or gates" in result.rejects[0].reason


def test_the_header_names_a_sender_that_the_body_does_not(read):
    result = read("simulator_dialect_POST_Persons.json", User_Identify="door-2")
    assert [event.subject for event in result.events] == ["door-1", "door-2"]


def test_a_plate_that_was_not_read(index, parse):
    body = {"MotorVehicleListObject": {"MotorVehicleObject": [
        {"DeviceID": "cam-both", "HasPlate": "0", "PlateNo": "闽A12345",
         "PassTime": "20261123115959"},
        {"DeviceID": "cam-both", "PlateNo": "无车牌", "PassTime": "20261123115958"},
        {"DeviceID": "cam-both", "PlateNo": "闽A12345", "PlateColor": "6", "PlateReliability": "1",
         "PassTime": "20261123115957"},
        {"DeviceID": "cam-both", "PlateNo": "闽A12345", "PassTime": "2026年"},
        "nonsense",
    ]}}  # fmt: skip
    result = parse(FEED, json.dumps(body), index())
    assert [event.data["plate"] for event in result.events] == [None, None, "闽A12345"]
    assert [event.data["plate_class"] for event in result.events] == ["unread", "unread", "yellow"]
    assert result.events[2].data["confidence"] == 0.01  # per cent
    assert all(event.live for event in result.events)
    assert len(result.rejects) == 2


def test_repeats_have_one_id(read):
    assert read("POST_VIID_MotorVehicles.json").events[0].event_id == (
        read("POST_VIID_MotorVehicles.json").events[0].event_id
    )
