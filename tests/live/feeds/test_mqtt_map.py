"""MQTT by mapping: presets on real messages, and mappings of one's own."""

from __future__ import annotations

import json

import pytest

from geodata.errors import TwinError
from live.feeds.mapping import load_presets, load_rules
from live.feeds.mqtt_map import MqttFeed
from live.feeds.paths import look_up, topic_fits

FEED = MqttFeed()


def test_chirpstack(index, parse, payloads):
    body = (payloads / "lorawan/chirpstack/dingtek_dc600_uplink_real.json").read_bytes()
    topic = "application/1ebdc5b7/device/7cf95720fc015fef/event/up"
    result = parse(FEED, body, index(**{"7CF95720FC015FEF": "devices/dev-1"}), topic=topic)
    event = result.events[0]
    assert (len(result.events), len(result.rejects)) == (1, 0)
    assert event.source == "chirpstack"
    assert event.observed_at.isoformat() == "2022-10-03T03:17:10.427430+00:00"
    # not decoded there: a sign of life with its radio; the gateway's place is not the device's
    assert event.data == {
        "values": {"rssi": -74.0, "snr": 9.8},
        "unit": {"rssi": "dBm", "snr": "dB"},
    }
    unknown = parse(FEED, body, index(), topic=topic)
    assert "unknown device ID '7cf95720fc015fef'" in unknown.rejects[0].reason


def test_the_things_stack_envelope(index, parse, payloads):
    body = (payloads / "lorawan/tts_uplink_ENVELOPE_from_docs.json").read_bytes()
    result = parse(FEED, body, index(dev1="devices/dev-1"), topic="v3/app1@ttn/devices/dev1/up")
    assert [event.kind for event in result.events] == ["reading", "alarm"]
    values = result.events[0].data["values"]
    assert values == {"voltage": 3.0, "temperature": 120.0, "rssi": -35.0, "snr": 5.0}
    assert result.events[1].data == {"type": "smoke", "severity": 1}


def test_each_device_of_the_repository(index, parse, payloads):
    examples = json.loads((payloads / "lorawan/ttn_device_repo_examples.json").read_text())
    told = []
    for example in examples:
        envelope = {
            "end_device_ids": {"device_id": "dev-1"},
            "uplink_message": {"decoded_payload": example["expected"]},
        }
        result = parse(FEED, json.dumps(envelope), index(), topic="v3/a/devices/dev-1/up")
        told.append(
            (
                sorted(e.data["values"] for e in result.events if e.kind == "reading"),
                [e.data["type"] for e in result.events if e.kind == "alarm"],
                len(result.rejects),
            )
        )
    level = {"level": 2000.0, "full": 0.0, "fire": 0.0, "tilt": 0.0, "battery": 0.0, "angle": 0.0,
             "temperature": 25.0}  # fmt: skip
    meter = {"status": 0.0, "low_battery": 0.0, "leakage": 0.0, "burst": 0.0, "backflow": 0.0,
             "log_volume_m3": 5.938, "history_total_m3": 0.116, "water_m3": 6.054}  # fmt: skip
    settings = {"periodic_interval": 24.0, "detection_interval": 1.0, "tilt_enable": 0.0,
                "full_alarm_threshold": 30.0, "fire_alarm_threshold": 75.0,
                "tilt_alarm_threshold": 30.0, "ultrasonic_range": 2000.0}  # fmt: skip
    assert told == [
        ([meter], [], 0),
        ([level], [], 0),
        ([level], [], 0),  # the place it sends along is no quantity
        ([settings], [], 0),
        ([], [], 1),  # a version report: nothing to read
        ([{"voltage": 3.0, "temperature": 120.0}], ["smoke"], 0),
    ]


def test_units_come_with_their_numbers(index, parse):
    payload = {"level": "2000 mm", "temperature": "25 ℃"}
    body = {
        "end_device_ids": {"device_id": "dev-1"},
        "uplink_message": {"decoded_payload": payload},
    }
    event = parse(FEED, json.dumps(body), index(), topic="v3/a/devices/dev-1/up").events[0]
    assert event.data["unit"] == {"level": "mm", "temperature": "Cel"}


def test_each_message_of_frigate(index, parse, payloads):
    resolve = index(
        front_door="plate_cameras/cam-in",
        driveway_cam="plate_cameras/cam-both",
        front_door_cam="entrances/door-1",
    )
    results = []
    for message in json.loads((payloads / "frigate/mqtt_examples.json").read_text()):
        body = json.dumps(message["payload"])
        results.append(parse(FEED, body, resolve, topic=message["topic"]))
    assert [(len(r.events), len(r.rejects)) for r in results] == [
        (1, 0), (0, 1), (0, 1), (1, 0), (0, 1), (0, 1), (0, 1), (0, 1)
    ]  # fmt: skip
    first, lpr = results[0].events[0], results[3].events[0]
    assert (first.subject, first.data["plate"], first.data["direction"]) == (
        "cam-in", "ABC12345", "in"
    )  # fmt: skip
    assert lpr.data["plate"] == "123ABC"
    assert lpr.data["confidence"] == 0.95
    assert all("no rule" in r.rejects[0].reason for r in results if r.rejects)
    everything = json.dumps([e.to_json() for r in results for e in r.events])
    assert "John" not in everything


def test_new_update_and_end_of_one_id_are_one_event(index, parse, payloads):
    message = json.loads((payloads / "frigate/mqtt_examples.json").read_text())[0]["payload"]
    resolve = index(front_door="plate_cameras/cam-in")
    ids = set()
    for kind, score in (("new", 0.6), ("update", 0.7), ("end", 0.9)):
        message["type"] = kind
        message["after"]["recognized_license_plate_score"] = score
        found = parse(FEED, json.dumps(message), resolve, topic="frigate/events").events
        ids |= {event.event_id for event in found}
    assert len(ids) == 1
    message["after"]["recognized_license_plate"] = None
    assert parse(FEED, json.dumps(message), resolve, topic="frigate/events").rejects


def test_zigbee2mqtt(index, parse):
    resolve = index(**{"lobby/smoke": "devices/dev-2"})
    body = {"smoke": True, "battery": 91, "linkquality": 120, "voltage": 3000, "update": {"x": 1}}
    result = parse(FEED, json.dumps(body), resolve, topic="zigbee2mqtt/lobby/smoke")
    assert [event.kind for event in result.events] == ["reading", "alarm"]
    assert result.events[0].data["values"] == {
        "smoke": 1.0, "battery": 91.0, "link": 120.0, "voltage": 3000.0
    }  # fmt: skip
    gone = parse(FEED, '{"state":"offline"}', index(), topic="zigbee2mqtt/dev-1/availability")
    assert (gone.events[0].kind, gone.events[0].data) == ("status", {"state": "offline"})
    for body in ('{"state":"online"}', "online"):
        back = parse(FEED, body, resolve, topic="zigbee2mqtt/lobby/smoke/availability")
        (event,) = back.events
        assert (event.kind, event.subject, event.data) == ("status", "dev-2", {"state": "ok"})
    for order in ("set", "get"):
        asked = parse(FEED, '{"state":"ON"}', resolve, topic=f"zigbee2mqtt/lobby/smoke/{order}")
        assert (asked.skipped, asked.rejects, asked.events) == (1, [], [])
    bridge = parse(FEED, '{"version":"1.40"}', index(), topic="zigbee2mqtt/bridge/info")
    assert (bridge.skipped, bridge.rejects, bridge.events) == (1, [], [])


@pytest.mark.parametrize(
    ("topic", "body"),
    [
        ("/sys/pk/dev-1/thing/event/property/post",
         {"id": "7", "params": {"温度": {"value": 21.5, "time": 1795406400000}, "满溢度": "80 %"}}),
        ("$sys/pk/dev-1/thing/property/post",
         {"id": "7", "params": {"temperature": {"value": 21.5}, "level": {"value": "80 %"}}}),
        ("iot/x/data",
         {"设备编号": "dev-1", "温度": "21.5 ℃", "满溢度": "80%", "时间": "20261123120000"}),
    ],
)  # fmt: skip
def test_chinese_thing_models(index, parse, topic, body):
    result = parse(FEED, json.dumps(body), index(), topic=topic)
    event = result.events[0]
    assert event.subject == "dev-1"
    assert event.data == {
        "values": {"temperature": 21.5, "level": 80.0},
        "unit": {"temperature": "Cel", "level": "%"},
    }


def test_an_unknown_topic_is_kept(index, parse):
    result = parse(FEED, b'{"a": 1}', index(), topic="some/where")
    assert "no rule of the MQTT mapping fits topic 'some/where'" in result.rejects[0].reason
    assert result.rejects[0].body == b'{"a": 1}'


def test_presets_load():
    assert {rule.preset for rule in load_presets()} == {
        "chirpstack", "tts", "zigbee2mqtt", "frigate", "thing_model"
    }  # fmt: skip


def test_a_mapping_of_ones_own(tmp_path, index, parse):
    path = tmp_path / "bins.toml"
    path.write_text(
        """
        name = "bins"
        [[rule]]
        topic = "bins/+/state"
        device = "$topic.1"
        values = {level = "fill.0"}
        units = {level = "%"}
        scale = {level = 0.1}
        [[rule]]
        topic = "doors/#"
        kind = "access"
        device = ["$topic.1-"]
        fields = {method = "how", direction = "way", subject = "who"}
        words = {"进" = "in", "qr" = "code"}
        """,
        encoding="utf-8",
    )
    feed = MqttFeed(load_rules(path))
    level = parse(feed, '{"fill": [920]}', index(), topic="bins/dev-1/state").events[0]
    assert level.data == {"values": {"level": 92.0}, "unit": {"level": "%"}}
    body = '{"how": "QR", "way": "进", "who": "0591-1"}'
    door = parse(feed, body, index(), topic="doors/door-1").events[0]
    assert door.data["method"] == "code"
    assert door.data["direction"] == "in"
    assert "0591" not in door.data["subject"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("x = ", "not TOML"),
        ("name = 'x'", "no [[rule]]"),
        ("[[rule]]\ndevice='a'", "needs a topic"),
        ("[[rule]]\ntopic='a'", "needs device"),
        ("[[rule]]\ntopic='a'\ndevice='b'\nkind='magic'", "unknown kind 'magic'"),
        ("[[rule]]\ntopic='a'\ndevice='b'\nvalue='c'", "unknown value"),
        ("[[rule]]\ntopic='a'\ndevice='$topic.x'", "is no path"),
        ("[[rule]]\ntopic='a'\ndevice='b'\nalarms=[{path='c', equals=1}]", "an alarm needs 'type'"),
    ],
)
def test_a_wrong_mapping_says_what_is_wrong(tmp_path, text, reason):
    path = tmp_path / "m.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(TwinError) as caught:
        load_rules(path)
    assert reason in str(caught.value)
    assert "m.toml" in str(caught.value)


def test_a_missing_mapping_is_told(tmp_path):
    with pytest.raises(TwinError, match=r"no\.toml"):
        load_rules(tmp_path / "no.toml")


@pytest.mark.parametrize(
    ("pattern", "topic", "fits"),
    [
        ("a/+/c", "a/b/c", True),
        ("a/+/c", "a/b/d", False),
        ("a/#", "a/b/c", True),
        ("a/#", "a", True),
        ("#", "a/b", True),
        ("#", "$SYS/b", False),
        ("+/b", "$SYS/b", False),
        ("a", "a/b", False),
        ("a/+", "a", False),
    ],
)
def test_topics(pattern, topic, fits):
    assert topic_fits(pattern.split("/"), topic.split("/")) == fits


def test_paths():
    document = {"a": {"b.c": [{"d": 7}]}, "e": 0}
    assert look_up(document, "a.b.c.0.d", []) == 7
    assert look_up(document, "a.b.c.1.d", []) is None
    assert look_up(document, "e", []) == 0
    assert look_up(document, "e.f", []) is None
    assert look_up(document, "$topic.1-", ["x", "y", "z"]) == "y/z"
    assert look_up(document, "$topic.5", ["x"]) is None
    assert look_up(document, "$topic.-1", ["x", "y"]) == "y"
    assert look_up(document, "$topic.-3", ["x", "y"]) is None
    assert look_up(document, "$topic.1:-1", ["x", "y", "z", "end"]) == "y/z"
    assert look_up(document, "$topic.1:-1", ["x", "end"]) is None
