"""What belongs to a world: one reception for every way in, one key for all pseudonyms."""

import asyncio
from datetime import timedelta

import pytest

from dashboard.compose import LiveWorld, open_world
from dashboard.doors import Desk
from dashboard.metrics import Metrics
from dashboard.settings import Settings
from geodata.errors import TwinError
from live.events import utc_now
from live.feeds import MQTT, DeviceIndex
from live.feeds.mapping import load_mapping
from live.mqtt_broker import read_broker
from live.retention import Keeper
from live.store import Refused, open_store
from live.twin import Twin
from tests.browser.tiny import make_tiny
from tests.conftest import find_free_port
from tests.live.small_world import make_event, small_community

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


def test_a_world_keeps_data_as_long_as_it_is_told(tmp_path):
    settings = Settings(var=tmp_path, keep_days="plate=7", quarantine_per_hour=5)
    world = open_world(make_tiny(), settings, database="sqlite://", simulate=False)
    old = make_event("plate", "c0", utc_now() - timedelta(days=8), plate="闽A12345")
    world.twin.store.append([old, make_event("access", "d0", utc_now() - timedelta(days=8))])
    world.twin.store.append([], [Refused("http", utc_now(), "bad", "", b"")] * 9)
    assert world.twin.store.count_quarantined()["new"] == 5
    world.keeper = Keeper(
        world.twin.store, world.keeper.zone, world.keeper.policy, first_after_s=0, look_s=0.01
    )

    async def run():
        await world.start()
        async with asyncio.timeout(20):
            while world.keeper.last() is None:
                await asyncio.sleep(0.01)
        assert [one.event.kind for one in world.twin.store.scan()] == ["access"]
        await world.stop()

    asyncio.run(run())


def test_days_that_are_none_stop_the_start(tmp_path):
    with pytest.raises(TwinError, match="TWIN_KEEP_DAYS"):
        open_world(make_tiny(), Settings(var=tmp_path, keep_days="x"), database="", simulate=False)
