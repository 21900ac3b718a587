import asyncio
import json
from datetime import timedelta

import orjson

from live import twin as twins
from live.reduce import apply_patch
from live.store import open_store
from live.twin import Twin
from tests.browser.tiny import make_tiny
from tests.live.small_world import DOORS, NOON, make_event, small_community

COMMUNITY = small_community()


class Clock:
    """A clock that goes on by a hundredth of a second whenever somebody looks."""

    def __init__(self):
        self.now = NOON

    def __call__(self):
        self.now += timedelta(milliseconds=10)
        return self.now


async def follow(twin, viewer, done):
    """Be a browser: apply what comes until `done` says so."""
    last = f"{viewer['epoch']}-{viewer['seq']}"
    async for chunk in twin.hub.subscribe(last):
        for block in chunk.decode().split("\n\n"):
            lines = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line)
            if lines.get("event") == "patch":
                viewer = apply_patch(viewer, json.loads(lines["data"]))
        if done(viewer):
            return viewer
    return viewer


def test_a_browser_sees_what_feeds_bring(tmp_path):
    async def test():
        store = open_store(f"sqlite:///{tmp_path}/twin.db")
        twin = Twin(COMMUNITY, store, inside=300, vehicles=40, clock=Clock())
        await twin.start()
        first = json.loads(twin.snapshot_bytes())
        assert first["layers"]["entrances"]["d0"]["s"] == "offline"
        browser = asyncio.create_task(
            follow(twin, first, lambda v: v["layers"]["counters"]["doors"]["forced"] == 4)
        )
        for door in DOORS:
            result = await twin.intake.submit_async(
                [make_event("status", door, twin.clock(), state="forced")]
            )
            assert result.accepted == 1
        async with asyncio.timeout(20):
            seen = await browser
        assert {seen["layers"]["entrances"][door]["s"] for door in DOORS} == {"forced"}
        assert seen["layers"]["counters"]["intake"]["accepted"] == 4
        await twin.stop()
        store.close()

    asyncio.run(test())


def test_a_snapshot_belongs_to_its_seq():
    async def test():
        store = open_store("sqlite://")
        twin = Twin(COMMUNITY, store, clock=Clock())
        before = orjson.loads(orjson.dumps(twin.snapshot()))
        for second in range(5):
            twin.state.apply(make_event("status", "d0", second, heartbeat=True))
            if second % 2:
                twin.flush()
        middle = json.loads(twin.snapshot_bytes())
        assert twin.snapshot_bytes() is twin.snapshot_bytes()
        viewer = await follow(twin, before, lambda v: v["seq"] == middle["seq"])
        assert viewer["layers"] == middle["layers"]
        assert middle["seq"] == 3
        store.close()

    asyncio.run(test())


def test_stopping_keeps_what_was_handed_in_and_a_new_start_shows_it(tmp_path):
    async def test():
        clock = Clock()
        url = f"sqlite:///{tmp_path}/twin.db"
        store = open_store(url)
        twin = Twin(COMMUNITY, store, inside=300, clock=clock)
        await twin.start()
        done = twin.intake.submit([make_event("status", "d0", NOON, state="held")])
        await twin.stop()
        assert done.result(0).accepted == 1
        store.close()

        store = open_store(url)
        again = Twin(COMMUNITY, store, inside=300, clock=clock)
        await again.start()
        assert again.hub.epoch != twin.hub.epoch
        assert again.snapshot()["layers"]["entrances"]["d0"]["s"] == "held"
        assert again.snapshot()["layers"]["people"]["community"]["in"] == 300
        await again.stop()
        store.close()

    asyncio.run(test())


def test_time_passes_without_events(tmp_path):
    async def test():
        clock = Clock()
        twin = Twin(COMMUNITY, open_store("sqlite://"), clock=clock)
        await twin.start()
        await twin.intake.submit_async([make_event("status", "d0", clock(), state="closed")])
        first = twin.snapshot()
        assert first["layers"]["entrances"]["d0"]["s"] == "closed"
        clock.now += timedelta(hours=1)
        async with asyncio.timeout(20):
            seen = await follow(
                twin, first, lambda v: v["layers"]["entrances"]["d0"]["s"] == "offline"
            )
        assert seen["layers"]["entrances"]["d0"]["h"] == "silent"
        await twin.stop()
        twin.store.close()

    asyncio.run(test())


def test_places_and_ways_are_read_before_the_first_incident(monkeypatch):
    monkeypatch.setattr(twins, "WARM_S", 0.01)

    async def test():
        twin = Twin(make_tiny(), open_store("sqlite://"), clock=Clock())
        assert not twin.incidents.response.is_open
        await twin.start()
        async with asyncio.timeout(60):
            while not twin.incidents.response.is_open:
                await asyncio.sleep(0.05)
        await twin.stop()
        twin.store.close()

    asyncio.run(test())


def test_a_place_without_roads_lives_all_the_same(monkeypatch):
    monkeypatch.setattr(twins, "WARM_S", 0.01)

    async def test():
        twin = Twin(COMMUNITY, open_store("sqlite://"), clock=Clock())
        await twin.start()
        await asyncio.sleep(0.5)
        await twin.intake.submit_async([make_event("status", "d0", NOON, state="held")])
        assert twin.snapshot()["layers"]["entrances"]["d0"]["s"] == "held"
        await twin.stop()
        twin.store.close()

    asyncio.run(test())
