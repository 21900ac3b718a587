"""The reception: whatever comes in by any feed is counted, durable, and in right time."""

import asyncio
import json
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from live.aliases import AliasError, read_aliases
from live.feeds import ParseResult
from live.feeds.http_json import HttpJsonFeed
from live.reception import Reception, to_headers, to_kept_type
from live.store import StoreError, open_store
from live.twin import Twin
from tests.live.small_world import NOON, make_event, small_community

COMMUNITY = small_community()


class Clock:
    def __init__(self):
        self.now = NOON

    def __call__(self):
        return self.now


class Told:
    """A feed whose messages are what a test says."""

    name = "hikvision"

    def __init__(self, *results):
        self.results = list(results)

    def parse(self, body, headers, *, received_at, resolve):
        result = self.results.pop(0)
        if isinstance(result, Exception):
            raise result
        return ParseResult(list(result))


@asynccontextmanager
async def opened(tmp_path, **options):
    store = open_store(f"sqlite:///{tmp_path}/twin.db")
    twin = Twin(COMMUNITY, store, clock=Clock())
    reception = Reception(twin, **options)
    await twin.start()
    try:
        yield twin, reception
    finally:
        await twin.stop()
        store.close()


def read(subject, at, number, received=None):
    event = make_event("plate", subject, at, received=received, event_id=number, plate="闽A12345")
    return type(event)(**{**{k: getattr(event, k) for k in event.__slots__}, "source": "hikvision"})


def test_fast_clocks_are_set_right_and_repeats_alike(tmp_path):
    async def test():
        async with opened(tmp_path) as (twin, reception):
            fast = timedelta(minutes=46)
            events = [
                read("c0", NOON + timedelta(seconds=n) + fast, f"e{n}", NOON + timedelta(seconds=n))
                for n in range(5)
            ]
            for event in events:
                await reception.take(Told([event]), b"", {})
            again = await reception.take(Told(events), b"", {})
            assert again.duplicate == 5
            # a repeat has the time it had at first
            stored = [one.event for one in twin.store.scan()]
            repeats = [event.observed_at for event in again.parsed.events]
            assert repeats == [event.observed_at for event in stored]
            assert stored[-1].observed_at == NOON + timedelta(seconds=4)
            assert reception.skews("hikvision") == [("plate_cameras", "c0", fast.total_seconds())]

    asyncio.run(test())


def test_a_feed_that_raises_costs_one_message(tmp_path):
    async def test():
        async with opened(tmp_path) as (twin, reception):
            feed = Told(RuntimeError("闽A12345"), [read("c0", 0, "e")])
            broken = await reception.take(feed, b"the message", {"content-type": "text/plain"})
            assert len(broken.quarantined) == 1
            (kept,) = twin.store.quarantined()
            assert (kept.body, kept.content_type) == (b"the message", "text/plain")
            assert "RuntimeError" in kept.reason
            assert (await reception.take(feed, b"", {})).accepted == 1

    asyncio.run(test())


def test_rejects_are_not_kept_when_the_events_were_not(tmp_path, monkeypatch):
    """The sender tries again; then both are there, each once."""

    async def test():
        async with opened(tmp_path) as (twin, reception):
            body = json.dumps([
                {"kind": "access", "subject": "d0", "observed_at": NOON.isoformat(),
                 "event_id": "e"},
                {"kind": "nonsense"},
            ]).encode()  # fmt: skip

            def broken(*_):
                raise StoreError("the disk is full")

            with monkeypatch.context() as patch:
                patch.setattr(twin.store, "append", broken)
                with pytest.raises(StoreError):
                    await reception.take(HttpJsonFeed(), body, {})
            assert not twin.store.quarantined()
            taken = await reception.take(HttpJsonFeed(), body, {})
            assert (taken.accepted, len(taken.quarantined)) == (1, 1)
            assert len(twin.store.quarantined()) == 1

    asyncio.run(test())


def test_everything_accepted_is_counted_whatever_way_it_came(tmp_path):
    async def test():
        heard = []
        async with opened(tmp_path) as (twin, reception):
            await twin.intake.submit_async([make_event("access", "d0", 0)])
            event = read("c0", 0, "e")
            await reception.take(Told([event]), b"", {})
            heard = {name: dict(one.accepted) for name, one in reception.health.items()
                     if one.accepted}  # fmt: skip
            assert heard == {"other": {"access": 1}, "hikvision": {"plate": 1}}
            assert reception.health["hikvision"].things == {("plate_cameras", "c0")}
        # after a restart the things are known to be that feed's again
        async with opened(tmp_path) as (_, reception):
            reception.remember_speakers()
            assert reception.health["hikvision"].things == {("plate_cameras", "c0")}
            assert not reception.health["hikvision"].accepted

    asyncio.run(test())


def test_another_listener_still_hears(tmp_path):
    async def test():
        store = open_store(f"sqlite:///{tmp_path}/twin.db")
        twin = Twin(COMMUNITY, store, clock=Clock())
        heard = []
        twin.intake.on_accepted = heard.extend
        reception = Reception(twin)
        await twin.start()
        await reception.take(Told([read("c0", 0, "e")]), b"", {})
        await twin.stop()
        store.close()
        assert [event.event_id for event in heard] == ["e"]

    asyncio.run(test())


def test_pseudonyms_are_of_this_store(tmp_path):
    async def ask(folder):
        folder.mkdir(exist_ok=True)
        async with opened(folder) as (_, reception):
            return reception.index.pseudonym("f", "4711")

    one, again, other = (asyncio.run(ask(tmp_path / name)) for name in ("a", "a", "b"))
    assert one == again != other


def test_the_sender_travels_with_a_kept_message():
    kind = to_kept_type({"Content-Type": "application/xml", "x-twin-device": "cam 9"})
    assert to_headers(kind) == {"content-type": "application/xml", "x-twin-device": "cam 9"}
    assert to_headers(to_kept_type({})) == {"content-type": "application/octet-stream"}


@pytest.mark.parametrize("text", ["not toml", "a = 1", "[a]\nb = 'c'"])
def test_aliases_that_cannot_be_read(tmp_path, text):
    path = tmp_path / "aliases.toml"
    path.write_text(text)
    with pytest.raises(AliasError, match="aliases"):
        read_aliases(path)
    with pytest.raises(AliasError, match="nowhere"):
        read_aliases(tmp_path / "nowhere.toml")


def test_an_alias_to_nothing_stops_the_start(tmp_path):
    path = tmp_path / "aliases.toml"
    path.write_text('"x" = "entrances/d99"')
    store = open_store(f"sqlite:///{tmp_path}/twin.db")
    with pytest.raises(AliasError, match="d99"):
        Reception(Twin(COMMUNITY, store), aliases=path)
    store.close()
