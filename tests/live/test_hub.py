import asyncio
import json

import pytest

from live.hub import BEAT, Hub
from live.sse import stream_response


def change(number):
    return {"a": {}, "c": {"devices": {"bin": {"t": number}}}, "r": {}}


def parse(chunk):
    """Read a chunk of the stream the way a browser does."""
    found = []
    for block in chunk.decode().split("\n\n"):
        fields = dict(
            line.split(": ", 1) for line in block.split("\n") if line[:1] not in ("", ":")
        )
        if "event" in fields:
            found.append((fields["event"], fields.get("id"), json.loads(fields["data"])))
    return found


class Reader:
    """One reader whose chunks come when the test asks for them."""

    def __init__(self, hub, last=None, **options):
        self.stream = hub.subscribe(last, **options)

    async def open(self):
        assert (await anext(self.stream)).startswith(b"retry:")
        return self

    async def next(self):
        async with asyncio.timeout(20):
            return parse(await anext(self.stream))

    async def seqs(self):
        return [data["seq"] for _, _, data in await self.next()]


def run(test):
    """Run a coroutine test on a loop of its own."""

    def wrapper():
        asyncio.run(test())

    wrapper.__name__ = test.__name__
    return wrapper


@run
async def test_a_patch_has_the_form_of_the_wire_protocol():
    hub = Hub("e1")
    reader = await Reader(hub, "e1-0").open()
    assert hub.publish(change(1), 1795432836.12345) == 1
    assert await reader.next() == [
        (
            "patch",
            "e1-1",
            {"v": 1, "epoch": "e1", "seq": 1, "at": 1795432836.123, **change(1)},
        )
    ]


@run
async def test_one_that_comes_back_misses_nothing():
    hub = Hub("e1")
    for number in range(1, 8):
        hub.publish(change(number), 0)
    for last in range(8):
        reader = await Reader(hub, f"e1-{last}").open()
        expected = list(range(last + 1, 8))
        if expected:
            assert await reader.seqs() == expected
        await reader.stream.aclose()
    reader = await Reader(hub, "e1-5").open()
    assert await reader.seqs() == [6, 7]
    hub.publish(change(8), 0)
    assert await reader.seqs() == [8]
    assert hub.resets == 0


@pytest.mark.parametrize("last", [None, "", "e0-3", "e1-9", "e1-x", "e1--1", "e1-²", "3", "e1"])
def test_one_that_cannot_be_resumed_is_told_to_take_a_snapshot(last):
    async def test():
        hub = Hub("e1")
        for number in range(3):
            hub.publish(change(number), 0)
        reader = await Reader(hub, last).open()
        assert await reader.next() == [("reset", None, {"v": 1, "epoch": "e1", "seq": 3})]
        hub.publish(change(4), 0)
        assert await reader.seqs() == [4]

    asyncio.run(test())


@run
async def test_what_the_ring_lost_cannot_be_resumed():
    hub = Hub("e1", ring_bytes=1000)
    for number in range(100):
        hub.publish(change(number), 0)
    held = len(hub._ring)
    assert 2 < held < 20
    kept = await Reader(hub, f"e1-{100 - held}").open()
    assert await kept.seqs() == list(range(101 - held, 101))
    for last in (100 - held - 1, 1):
        lost = await Reader(hub, f"e1-{last}").open()
        assert (await lost.next())[0][0] == "reset"


@run
async def test_a_slow_reader_is_reset_and_goes_on_with_nothing_between():
    hub = Hub("e1", max_lag=5)
    slow = await Reader(hub, "e1-0").open()
    hub.publish(change(1), 0)
    assert await slow.seqs() == [1]
    for number in range(2, 8):
        hub.publish(change(number), 0)
    assert [(kind, data["seq"]) for kind, _, data in await slow.next()] == [("reset", 7)]
    hub.publish(change(8), 0)
    assert await slow.seqs() == [8]


@run
async def test_a_reader_a_little_behind_gets_all_at_once():
    hub = Hub("e1", max_lag=5)
    reader = await Reader(hub, "e1-0").open()
    for number in range(5):
        hub.publish(change(number), 0)
    assert await reader.seqs() == [1, 2, 3, 4, 5]


@run
async def test_all_readers_share_the_same_bytes():
    hub = Hub("e1")
    readers = [hub.subscribe("e1-0") for _ in range(3)]
    for reader in readers:
        await anext(reader)
    hub.publish(change(1), 0)
    first, second, third = [await anext(reader) for reader in readers]
    assert first is second is third


@run
async def test_a_role_sees_its_own_view():
    hub = Hub("e1", views={"wall": lambda patch: {**patch, "c": {}}})
    wall = await Reader(hub, "e1-0", role="wall").open()
    manager = await Reader(hub, "e1-0", role="manager").open()
    hub.publish(change(1), 0)
    assert (await wall.next())[0][2]["c"] == {}
    assert (await manager.next())[0][2]["c"] == change(1)["c"]


@run
async def test_an_idle_stream_lets_its_readers_hear_that_it_lives():
    hub = Hub("e1")
    stream = hub.subscribe("e1-0")
    await anext(stream)
    waiting = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0)
    assert not waiting.done()
    hub.beat()
    assert await waiting == BEAT
    # a beat has no id, so that it does not move a browser's place in the stream
    assert b"id:" not in BEAT


@run
async def test_readers_are_counted_until_they_leave():
    hub = Hub("e1")
    readers = [await Reader(hub).open() for _ in range(3)]
    assert hub.readers == 3
    await readers[0].stream.aclose()
    assert hub.readers == 2
    waiting = asyncio.ensure_future(anext(readers[1].stream))
    await asyncio.sleep(0)
    assert await waiting
    waiting = asyncio.ensure_future(anext(readers[1].stream))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert hub.readers == 1


@run
async def test_closing_ends_every_reader():
    hub = Hub("e1")

    async def read():
        return [chunk async for chunk in hub.subscribe("e1-0")]

    tasks = [asyncio.create_task(read()) for _ in range(3)]
    await asyncio.sleep(0)
    hub.publish(change(1), 0)
    await asyncio.sleep(0)
    hub.close()
    async with asyncio.timeout(20):
        done = await asyncio.gather(*tasks)
    assert all(len(parse(b"".join(chunks))) == 1 for chunks in done)
    assert hub.readers == 0


def test_two_lives_have_two_names():
    assert Hub().epoch != Hub().epoch


@run
async def test_the_response_is_a_stream_that_nothing_holds_back():
    hub = Hub("e1")
    hub.publish(change(1), 0)
    response = stream_response(hub, "e1-0")
    assert response.headers["content-type"].startswith("text/event-stream")
    assert "no-transform" in response.headers["cache-control"]
    assert response.headers["x-accel-buffering"] == "no"
    chunks = response.body_iterator
    await anext(chunks)
    assert parse(await anext(chunks))[0][1] == "e1-1"
