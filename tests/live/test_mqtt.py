"""The MQTT subscriber against a real mosquitto: what comes, what is kept aside, what is once."""

import asyncio
import json
import shutil
import subprocess
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from live.feeds.mapping import load_mapping
from live.feeds.mqtt_map import MqttFeed, find_topic
from live.mqtt import IN_FLIGHT, Subscriber
from live.mqtt_broker import read_broker
from live.reception import Reception
from live.store import Store, StoreError, open_store
from live.twin import Twin
from tests.conftest import find_free_port
from tests.live.mosquitto import PATIENCE_S, Mosquitto, Publisher, running
from tests.live.small_world import small_community

ALIASES = """
"a84041ffff1c0530" = "devices/bin"
"gate-east" = "plate_cameras/c0"
"0x00158d0001" = "devices/sos"
"meter-7" = "devices/bin"
"""
VERSIONS = pytest.mark.parametrize("version", ["5", "3.1.1"])


@pytest.fixture
def broker(tmp_path):
    with running(tmp_path, find_free_port()) as found:
        yield found


@dataclass
class Listening:
    store: Store
    twin: Twin
    reception: Reception
    subscriber: Subscriber

    def events(self):
        return [one.event for one in self.store.scan()]

    def kept(self):
        return self.store.quarantined(None, limit=1000)[::-1]


@asynccontextmanager
async def listening(folder, url, mapping=""):
    """A twin that listens to a broker; its store is in the folder."""
    (folder / "aliases.toml").write_text(ALIASES)
    store = open_store(f"sqlite:///{folder}/twin.db")
    twin = Twin(small_community(), store)
    reception = Reception(twin, aliases=folder / "aliases.toml", key=b"secret")
    feed = MqttFeed(load_mapping(mapping))
    subscriber = Subscriber(reception, feed, read_broker(url), reconnect_s=(1, 1))
    await twin.start()
    await subscriber.start()
    try:
        yield Listening(store, twin, reception, subscriber)
    finally:
        await subscriber.stop()
        await twin.stop()
        store.close()


async def until(true):
    async with asyncio.timeout(PATIENCE_S):
        while not true():
            await asyncio.sleep(0.02)


async def publish(broker: Mosquitto, messages, **options):
    def send():
        with Publisher(broker.port) as publisher:
            publisher.send(messages, **options)

    await asyncio.to_thread(send)


def listen(folder, broker, version="5", mapping="", more=""):
    return listening(folder, f"{broker.url}?version={version}{more}", mapping)


def now():
    return datetime.now(UTC).isoformat()


def frigate(kind, plate, number="17.2-abc"):
    told = {"id": number, "camera": "gate-east", "start_time": datetime.now(UTC).timestamp(),
            "recognized_license_plate": plate, "recognized_license_plate_score": 0.9}  # fmt: skip
    return ("frigate/events", json.dumps({"type": kind, "before": {}, "after": told}))


def zigbee(**values):
    return ("zigbee2mqtt/0x00158d0001", json.dumps(values))


@VERSIONS
def test_every_preset_comes_in_and_the_rest_is_kept_aside(tmp_path, broker, version):
    messages = [
        ("application/7/device/a84041ffff1c0530/event/up", json.dumps(
            {"deduplicationId": "c1", "time": now(), "deviceInfo": {"devEui": "a84041ffff1c0530"},
             "object": {"level": "80 %"}})),
        ("v3/town@ttn/devices/meter-7/up", json.dumps(
            {"end_device_ids": {"device_id": "meter-7"}, "received_at": now(),
             "uplink_message": {"decoded_payload": {"Temp": 21.5}}})),
        ("/sys/key/meter-7/thing/event/property/post", json.dumps(
            {"id": "t1", "params": {"温度": 21.5}})),
        ("iot/meter-7/data", json.dumps({"电量": 99, "time": now()})),
        zigbee(battery=88),
        ("zigbee2mqtt/0x00158d0001/availability", json.dumps({"state": "offline"})),
        frigate("new", "闽A12345"),
        frigate("update", "闽A12345"),
        frigate("end", "闽A12345"),
        # kept aside: no JSON, no such device, nothing of use
        ("iot/meter-7/data", b'{"level": '),
        ("iot/unknown-1/data", json.dumps({"level": 3})),
        ("zigbee2mqtt/0x00158d0001", b"\xff\xfe\x00"),
        # left alone: wanted by no rule, or by one that ignores
        ("zigbee2mqtt/bridge/state", b'{"state": "online"}'),
        ("frigate/stats", b"{}"),
        ("other/topic", b"{}"),
    ]  # fmt: skip

    async def test():
        async with listen(tmp_path, broker, version) as here:
            await until(lambda: here.subscriber.connected)
            await publish(broker, messages)
            await until(lambda: len(here.kept()) == 3 and len(here.events()) == 7)
            await publish(broker, [zigbee(battery=87)])
            await until(lambda: len(here.events()) == 8)
            assert len(here.kept()) == 3
            sources = sorted(event.source for event in here.events())
            assert sources == ["chirpstack", "frigate", "thing_model", "thing_model", "tts",
                               "zigbee2mqtt", "zigbee2mqtt", "zigbee2mqtt"]  # fmt: skip
            plates = [event.data["plate"] for event in here.events() if event.kind == "plate"]
            assert plates == ["闽A12345"]
            assert all(event.live for event in here.events())
            reasons = [one.reason for one in here.kept()]
            assert sum("not JSON" in reason for reason in reasons) == 2
            assert sum("unknown device ID 'unknown-1'" in reason for reason in reasons) == 1
            # what is replayed from quarantine still knows its topic
            topics = {find_topic({"content-type": one.content_type}) for one in here.kept()}
            assert topics == {"iot/meter-7/data", "iot/unknown-1/data", "zigbee2mqtt/0x00158d0001"}
            health = here.reception.health
            assert health["zigbee2mqtt"].accepted.total() == 3
            assert (health["mqtt"].quarantined, health["mqtt"].duplicate) == (3, 2)

    asyncio.run(test())


@VERSIONS
def test_what_came_while_we_were_away_is_there_in_order(tmp_path, broker, version):
    async def test():
        async with listen(tmp_path, broker, version) as here:
            await until(lambda: here.subscriber.connected)
            await publish(broker, [zigbee(level=0)])
            await until(lambda: len(here.events()) == 1)
        await publish(broker, [zigbee(level=n) for n in range(1, 301)])
        broker.kill()
        broker.start()
        async with listen(tmp_path, broker, version) as here:
            await until(lambda: len(here.events()) == 301)
            levels = [event.data["values"]["level"] for event in here.events()]
            assert levels == list(range(301))

    asyncio.run(test())


@VERSIONS
def test_a_second_delivery_of_what_is_durable_counts_once(tmp_path, broker, version, monkeypatch):
    """As after a crash between the commit and the acknowledgement; no message has an id or time."""
    messages = [zigbee(level=5), zigbee(level=6), zigbee(level=5), ("iot/x/data", b"{")]

    async def test():
        with monkeypatch.context() as patch:
            patch.setattr(Subscriber, "_acknowledge", lambda *_: None)
            async with listen(tmp_path, broker, version) as here:
                await until(lambda: here.subscriber.connected)
                await publish(broker, messages)
                await until(lambda: len(here.events()) == 3 and len(here.kept()) == 1)
                first = [(one.event_id, one.received_at) for one in here.events()]
        async with listen(tmp_path, broker, version) as here:
            await until(lambda: here.reception.health["mqtt"].duplicate == 3)
            # equal ones that are new are new
            await publish(broker, [zigbee(level=5), ("iot/x/data", b"{}")])
            await until(lambda: len(here.events()) == 4 and len(here.kept()) == 2)
            assert [(one.event_id, one.received_at) for one in here.events()][:3] == first

    asyncio.run(test())


@VERSIONS
def test_what_the_broker_retained_counts_once_and_never_looks_live(tmp_path, broker, version):
    async def test():
        await publish(broker, [zigbee(level=5)], retain=True)
        for _ in range(2):
            async with listen(tmp_path, broker, version) as here:
                await until(lambda: here.subscriber.connected)
                await publish(broker, [("iot/meter-7/data", json.dumps({"level": 1}))])
                await until(lambda: here.events() and here.events()[-1].live)
                old = [event for event in here.events() if event.source == "zigbee2mqtt"]
                assert [event.live for event in old] == [False]

    asyncio.run(test())


def test_nothing_is_acknowledged_that_the_store_did_not_take(tmp_path, broker, monkeypatch):
    async def test():
        async with listen(tmp_path, broker) as here:
            await until(lambda: here.subscriber.connected)
            append, failed = here.store.append, []

            def full(*_):
                failed.append(1)
                raise StoreError("the disk is full")

            monkeypatch.setattr(here.store, "append", full)
            await publish(broker, [zigbee(level=n) for n in range(50)])
            await until(lambda: len(failed) > 2)
            assert here.events() == []
            monkeypatch.setattr(here.store, "append", append)
            await until(lambda: len(here.events()) == 50)

            # it stops with a full store: the broker still has all of it
            monkeypatch.setattr(here.store, "append", full)
            failed.clear()
            await publish(broker, [zigbee(level=n) for n in range(50, 60)])
            await until(lambda: failed)
        monkeypatch.undo()
        async with listen(tmp_path, broker) as here:
            await until(lambda: len(here.events()) == 60)
            levels = sorted(event.data["values"]["level"] for event in here.events())
            assert levels == list(range(60))

    asyncio.run(test())


def test_more_than_may_be_held_waits_at_the_broker(tmp_path, broker, monkeypatch):
    async def test():
        async with listen(tmp_path, broker) as here:
            await until(lambda: here.subscriber.connected)
            begun, going = [], asyncio.Event()
            take = here.reception.take

            async def slow(*args, **more):
                begun.append(1)
                await going.wait()
                return await take(*args, **more)

            monkeypatch.setattr(here.reception, "take", slow)
            # by QoS 0 the broker itself holds nothing back
            await publish(broker, [zigbee(level=n) for n in range(3 * IN_FLIGHT)], qos=0)
            await until(lambda: begun)
            await asyncio.sleep(0.5)
            assert len(begun) + here.subscriber._queue.qsize() <= IN_FLIGHT
            going.set()
            await until(lambda: len(here.events()) == 3 * IN_FLIGHT)

    asyncio.run(test())


def test_a_broker_that_comes_late(tmp_path):
    broker_folder = tmp_path / "broker"
    broker_folder.mkdir()
    port = find_free_port()

    async def test():
        async with listening(tmp_path, f"mqtt://127.0.0.1:{port}") as here:
            await asyncio.sleep(0.3)
            assert not here.subscriber.connected
            with running(broker_folder, port) as broker:
                await until(lambda: here.subscriber.connected)
                await publish(broker, [zigbee(level=1)])
                await until(lambda: len(here.events()) == 1)

    asyncio.run(test())


def test_rules_that_are_gone_bring_nothing_any_more(tmp_path, broker):
    messages = [zigbee(level=1), ("iot/meter-7/data", json.dumps({"level": 2}))]

    async def test():
        async with listen(tmp_path, broker, mapping="zigbee2mqtt,thing_model") as here:
            await until(lambda: here.subscriber.connected)
            await publish(broker, messages)
            await until(lambda: len(here.events()) == 2)
        async with listen(tmp_path, broker, mapping="thing_model") as here:
            await until(lambda: here.subscriber.connected)
            await publish(broker, messages)
            await until(lambda: len(here.events()) == 3)
            assert here.kept() == []

    asyncio.run(test())


@pytest.fixture
def guarded(tmp_path):
    """A broker with TLS and a password, and the authority to trust."""
    openssl, passwd = shutil.which("openssl"), shutil.which("mosquitto_passwd")
    if openssl is None or passwd is None:
        pytest.skip("needs openssl and mosquitto_passwd")
    folder = tmp_path / "guarded"
    folder.mkdir()
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")],
        check=True, capture_output=True,
    )  # fmt: skip
    subprocess.run(
        [passwd, "-b", "-c", str(folder / "users"), "gate", "p@ss:1"],
        check=True, capture_output=True,
    )  # fmt: skip
    plain = find_free_port()
    lines = [
        f"certfile {folder}/cert.pem", f"keyfile {folder}/key.pem",
        f"listener {plain} 127.0.0.1",
        f"password_file {folder}/users", "allow_anonymous false",
    ]  # fmt: skip
    with running(folder, find_free_port(), *lines) as broker:
        yield broker, folder / "cert.pem"


@VERSIONS
def test_tls_and_password(tmp_path, guarded, version, caplog):
    broker, ca = guarded
    good = f"mqtts://gate:p%40ss%3A1@127.0.0.1:{broker.port}?version={version}&ca={ca}"

    async def test(url):
        async with listening(tmp_path, url) as here:
            await until(lambda: here.subscriber.connected or caplog.records)
            return here.subscriber.connected

    assert asyncio.run(test(good))
    caplog.clear()
    assert not asyncio.run(test(good.replace("p%40ss", "wrong")))
    assert "refuses us" in caplog.text
    caplog.clear()
    # a certificate of an authority that nobody trusts
    assert not asyncio.run(test(good.partition("&ca=")[0]))
    assert "p@ss" not in caplog.text
