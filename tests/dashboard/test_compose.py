"""What belongs to a world: one reception for every way in, one key for all pseudonyms."""

import asyncio

import pytest

from dashboard.compose import LiveWorld
from dashboard.doors import Desk
from dashboard.metrics import Metrics
from live.feeds import MQTT, DeviceIndex
from live.feeds.mapping import load_mapping
from live.mqtt_broker import read_broker
from live.store import open_store
from live.twin import Twin
from tests.conftest import find_free_port
from tests.live.small_world import small_community

KEY = b"k" * 32


@pytest.fixture
def world():
    store = open_store("sqlite://")
    community = small_community()
    world = LiveWorld(community, Twin(community, store), None, simulated=False)
    world.pseudonym_key = KEY
    yield world
    store.close()


def test_the_doors_and_the_world_share_one_reception(world):
    desk = Desk(lambda: world)
    desk.open()
    assert world.reception is desk.reception
    assert world.device_index is desk.reception.index


def test_pseudonyms_are_made_by_the_key_of_the_world(world):
    known = DeviceIndex(world.community, key=KEY).pseudonym("f", "4711")
    assert world.device_index.pseudonym("f", "4711") == known
    other = DeviceIndex(world.community, key=b"o" * 32).pseudonym("f", "4711")
    assert known != other


def test_a_broker_that_is_not_there_holds_up_nothing(world, tmp_path):
    world.broker = read_broker(f"mqtt://127.0.0.1:{find_free_port()}")
    MQTT.use(load_mapping("frigate"))

    async def run():
        desk = Desk(lambda: world)
        desk.open()
        await world.start()
        try:
            assert world.subscriber is not None
            assert world.subscriber.reception is desk.reception
            assert "frigate" in desk.reception.health
            assert not world.subscriber.connected
            metrics = Metrics()
            metrics.watch(desk, tmp_path)
            assert b"\ntwin_mqtt_connected 0.0\n" in metrics.render()
        finally:
            await world.stop()

    try:
        asyncio.run(run())
    finally:
        MQTT.use(load_mapping(""))
