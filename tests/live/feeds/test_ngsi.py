"""NGSI: the official examples in their three forms tell one and the same."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from live.feeds.ngsi import NgsiFeed

FEED = NgsiFeed()
NOTHING_TO_READ = {
    "BuildingOperation", "DeviceModel", "ParkingAccess", "SmartPointOfInteraction", "Museum",
    "PointOfInterest", "StreetlightGroup", "GtfsAccessPoint", "WasteContainerIsle",
}  # fmt: skip
READING_AND_STATE = {"Device", "Streetlight", "BikeHireDockingStation", "WasteContainer"}


@pytest.fixture(scope="module")
def examples(payloads):
    found = sorted((payloads / "ngsi").rglob("example*.json*"))
    assert len(found) == 117
    return found


def _target(entity):
    return "parking/park-1" if "Parking" in entity["type"] else "devices/dev-1"


def test_each_file_with_its_device_known(index, parse, examples):
    kinds = Counter()
    for path in examples:
        entity = json.loads(path.read_text())
        result = parse(FEED, path.read_bytes(), index(**{entity["id"]: _target(entity)}))
        kinds.update(event.kind for event in result.events)
        name = entity["type"]
        if name in NOTHING_TO_READ:
            assert [r.reason for r in result.rejects] == [
                f"{name} {entity['id']!r} tells no number, state or alarm"
            ]
            assert not result.events
            continue
        assert not result.rejects, path
        assert len(result.events) == 1 + (name in READING_AND_STATE), path
    assert kinds == {"reading": 84, "status": 12, "alarm": 6}


def test_each_file_with_nothing_known(index, parse, examples):
    for path in examples:
        entity = json.loads(path.read_text())
        result = parse(FEED, path.read_bytes(), index())
        assert not result.events
        assert len(result.rejects) == 1
        assert f"unknown device ID {entity['id'][:80]!r}" in result.rejects[0].reason


def test_three_forms_tell_the_same(index, parse, examples):
    folders = {path.parent for path in examples if (path.parent / "example.json").exists()}
    assert len(folders) == 37
    for folder in folders:
        told = []
        for name in ("example.json", "example-normalized.json", "example-normalized-ld.jsonld"):
            body = (folder / name).read_text()
            entity = json.loads(body)
            events = parse(FEED, body, index(**{entity["id"]: _target(entity)})).events
            told.append([(e.kind, e.data.get("values"), e.data.get("state")) for e in events])
        assert told[0] == told[1] == told[2], folder


def test_one_alias_serves_bare_ids_and_urns(index, parse, payloads):
    folder = next((payloads / "ngsi").rglob("WasteContainer"))
    resolve = index(**{"wastecontainer:Fleming:12a": "devices/dev-2"})
    for path in folder.glob("example*"):
        event = parse(FEED, path.read_bytes(), resolve).events[0]
        assert event.subject == "dev-2"
        assert event.data["values"] == {"level": 40.0}
        assert event.data["unit"] == {"level": "%"}


def test_a_notification_of_several(index, parse):
    body = {
        "id": "urn:ngsi-ld:Notification:1", "type": "Notification",
        "notifiedAt": "2026-11-23T03:59:00Z", "subscriptionId": "x",
        "data": [
            {"id": "dev-1", "type": "WasteContainer", "fillingLevel": 0.92, "temperature": 31},
            {"id": "park-1", "type": "OffStreetParking",
             "availableSpotNumber": {"type": "Property", "value": 7,
                                     "observedAt": "2026-11-23T03:58:00Z"}},
            {"id": "nobody", "type": "WasteContainer", "fillingLevel": 1},
            {"type": "WasteContainer"},
            "nonsense",
        ],
    }  # fmt: skip
    result = parse(FEED, json.dumps(body), index())
    assert [(e.subject, e.data["values"]) for e in result.events] == [
        ("dev-1", {"level": 92.0, "temperature": 31.0}),
        ("park-1", {"free": 7.0}),
    ]
    assert [e.observed_at.minute for e in result.events] == [59, 58]
    assert [r.index for r in result.rejects] == [2, 3, 4]


def test_an_alert(index, parse):
    body = {"id": "a1", "type": "Alert", "category": "security", "severity": "critical",
            "alertSource": "dev-3", "dateIssued": "2026-11-23T04:00:00Z"}  # fmt: skip
    event = parse(FEED, json.dumps(body), index()).events[0]
    assert (event.subject, event.kind) == ("dev-3", "alarm")
    assert event.data == {"type": "security", "severity": 1}


def test_a_burning_container(index, parse):
    body = {"id": "dev-1", "type": "WasteContainer", "status": {"value": "burning"}}
    event = parse(FEED, json.dumps(body), index()).events[0]
    assert (event.kind, event.data) == ("status", {"state": "alarm"})


def test_times_without_a_zone_are_utc(index, parse):
    body = {"id": "dev-1", "type": "X", "level": 1, "dateObserved": "2026-11-23T04:00:00"}
    event = parse(FEED, json.dumps(body), index()).events[0]
    assert event.observed_at.isoformat() == "2026-11-23T04:00:00+00:00"


def test_an_unreadable_time_is_a_reason(index, parse):
    body = {"id": "dev-1", "type": "X", "level": 1, "dateObserved": "noon"}
    assert "'noon' is no time" in parse(FEED, json.dumps(body), index()).rejects[0].reason
