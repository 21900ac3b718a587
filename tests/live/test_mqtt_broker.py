"""The address of a broker, the filters to subscribe to, the mapping that a setting names."""

import json
import re
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.errors import TwinError
from live.feeds import DeviceIndex
from live.feeds.mapping import Rule, load_mapping, load_presets
from live.feeds.mqtt_map import MqttFeed
from live.feeds.paths import topic_fits
from live.mqtt_broker import find_filters, read_broker
from live.pseudonym_key import ensure_key
from tests.live.small_world import small_community

LEVELS = st.sampled_from(["a", "b", "", "$s"])
FILTER = st.lists(st.one_of(LEVELS, st.just("+")), min_size=1, max_size=4).flatmap(
    lambda levels: st.sampled_from([levels, [*levels, "#"], ["#"]])
)
TOPIC = st.lists(LEVELS, min_size=1, max_size=5)


def rules(*topics, kind="reading"):
    return [Rule("x", tuple(topic.split("/")), kind, ("id",)) for topic in topics]


def test_an_address_with_everything(tmp_path):
    ca = tmp_path / "ca.pem"
    ca.touch()
    broker = read_broker(
        f"mqtts://gate%40home:p%3Aw%2Fd@broker.lan?version=3.1.1&client_id=east&ca={ca}"
    )
    assert (broker.host, broker.port, broker.tls) == ("broker.lan", 8883, True)
    assert (broker.user, broker.password) == ("gate@home", "p:w/d")
    assert (broker.version, broker.client_id, str(broker.ca)) == ("3.1.1", "east", str(ca))
    assert "p:w/d" not in repr(broker)


def test_the_least_address():
    broker = read_broker("mqtt://[::1]")
    assert (broker.host, broker.port, broker.user, broker.tls) == ("::1", 1883, None, False)
    assert (broker.version, broker.client_id) == ("5", "")


@pytest.mark.parametrize(
    "url",
    ["", "broker:1883", "http://x", "mqtt://", "mqtt://u:secret@h:port", "mqtt://u:secret@h/topic",
     "mqtt://u:secret@h?version=4", "mqtt://u:secret@h?qos=2",
     "mqtts://u:secret@h?ca=/nowhere.pem", "mqtt://u:secret@[h"],
)  # fmt: skip
def test_no_address(url):
    with pytest.raises(TwinError, match="TWIN_MQTT_URL") as raised:
        read_broker(url)
    assert "secret" not in str(raised.value)


def test_covered_and_ignored_filters_are_left_out():
    found = find_filters(
        [
            *rules("z/+/availability", "z/#", "z/#", "a/+/b", "a/x/b", "q/#", "+/w"),
            *rules("noise/#", kind=None),
        ]
    )
    assert found == ["z/#", "a/+/b", "q/#", "+/w"]


@given(st.lists(FILTER, min_size=1, max_size=5), TOPIC)
def test_what_any_rule_wants_comes_once_at_least(filters, topic):
    kept = [one.split("/") for one in find_filters(rules(*map("/".join, filters)))]
    wanted = any(topic_fits(one, topic) for one in filters)
    assert any(topic_fits(one, topic) for one in kept) == wanted
    assert len(kept) <= len({"/".join(one) for one in filters})


def test_every_preset_unless_some_are_named():
    assert load_mapping("") == load_presets()
    assert {rule.preset for rule in load_mapping("frigate, tts")} == {"frigate", "tts"}


def test_own_rules_come_in_the_order_named(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('[[rule]]\ntopic = "x/+"\ndevice = "$topic.1"\nvalues_from = "$"\n')
    found = load_mapping(f" {path} ,zigbee2mqtt,")
    assert [found[0].preset, found[-1].preset] == ["mine", "zigbee2mqtt"]


@pytest.mark.parametrize("text", ["frigates", "nowhere.toml"])
def test_a_mapping_that_is_not_there(text):
    with pytest.raises(TwinError, match=text):
        load_mapping(text)


@pytest.mark.parametrize("topic", ["a/#/b", "a#", "a/b+", "+a/b", "##"])
def test_a_topic_that_no_broker_takes(tmp_path, topic):
    path = tmp_path / "mine.toml"
    path.write_text(f'[[rule]]\ntopic = "{topic}"\ndevice = "id"\n')
    with pytest.raises(TwinError, match="no topic filter"):
        load_mapping(str(path))


def test_the_key_is_made_once_and_ours_alone(tmp_path):
    path = tmp_path / "pseudonym.key"
    key = ensure_key(path)
    assert len(key) == 32
    assert ensure_key(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["pseudonym.key"]
    assert ensure_key(tmp_path / "other.key") != key


GUIDE = Path(__file__).resolve().parents[2] / "docs" / "mqtt.md"


def find_examples():
    """Return preset, topic and payload of the examples in the guide."""
    text = GUIDE.read_text(encoding="utf-8").partition("## Presets")[2]
    for section in text.split("\n**")[1:]:
        preset = re.search(r"\(`(\w+)`\)", section)[1]
        block = re.search(r"```\n(.*?)```", section, re.DOTALL)[1]
        for topic, payload in re.findall(r"^(\S+)\s+(\{.*?\})\s*$(?![\n ]+ )", block, re.M | re.S):
            yield preset, topic, payload


def test_the_examples_of_the_guide_are_understood(tmp_path):
    examples = list(find_examples())
    assert {preset for preset, _, _ in examples} == {rule.preset for rule in load_presets()}
    devices = ("a84041ffff1c0530", "meter-7", "b3/stairs/smoke", "b3", "bin-3", "DEVICE")
    aliases = dict.fromkeys(devices, "devices/bin") | {"gate-east": "plate_cameras/c0"}
    index = DeviceIndex(small_community(), aliases)
    feed = MqttFeed()
    for preset, topic, payload in examples:
        json.loads(payload)
        parsed = feed.parse(
            payload.encode(), {"topic": topic}, received_at=datetime.now(UTC), resolve=index
        )
        assert [one.reason for one in parsed.rejects] == [], topic
        assert {event.source for event in parsed.events} == {preset}, topic


def test_the_mapping_of_the_guide_is_one(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(re.search(r"```toml\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)[1])
    first, second = load_mapping(str(path))
    assert (first.preset, first.topic, second.kind) == ("mine", ("site", "+", "sensors", "#"), None)
