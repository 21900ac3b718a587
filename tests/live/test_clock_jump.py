"""The server's own clock is set, far ahead and back: events come in, and what speaks is heard."""

import asyncio
from datetime import timedelta

import pytest

from live.store import open_store
from live.twin import Twin
from tests.live.small_world import NOON, make_event, small_community

COMMUNITY = small_community()


class Clock:
    now = NOON

    def __call__(self):
        return self.now


@pytest.mark.parametrize("along", [False, True])
@pytest.mark.parametrize("jump", [timedelta(hours=3), timedelta(days=1), timedelta(days=400)])
def test_a_clock_that_jumps_ahead_and_is_set_right(tmp_path, jump, along):
    """The device's own clock stays right, or jumps along with the server's."""
    clock = Clock()

    async def run():
        store = open_store(f"sqlite:///{tmp_path}/twin.db")
        twin = Twin(COMMUNITY, store, inside=300, clock=clock)
        await twin.start()

        async def speak(name, **data):
            real = clock() if along else NOON + timedelta(seconds=speak.n)
            speak.n += 1
            event = make_event("status", "d0", real, received=clock(), event_id=name, **data)
            assert (await twin.intake.submit_async([event])).accepted == 1
            twin.sweep()
            twin.flush()
            return twin.snapshot()["layers"]

        speak.n = 0
        layers = await speak("before", state="closed")
        assert layers["entrances"]["d0"]["h"] == "heard"
        clock.now = NOON + jump
        layers = await speak("ahead", state="open")
        assert layers["entrances"]["d0"]["h"] == ("heard" if along else "silent")
        clock.now = NOON + timedelta(seconds=10)
        twin.sweep()  # as it does each second
        layers = await speak("right", state="forced")
        door = layers["entrances"]["d0"]
        assert (door["h"], door["s"]) == ("heard", "forced")
        assert layers["counters"]["sensing"]["heard"] == 1
        assert layers["counters"]["doors"]["forced"] == 1
        # today is today again: what is counted is counted in it
        passage = make_event("plate", "c0", clock(), plate="闽A12345", direction="in")
        await twin.intake.submit_async([passage])
        twin.flush()
        activity = twin.snapshot()["layers"]["counters"]["activity"]
        assert sum(activity["bins"]) == 1
        # and time goes on: what falls silent is silent
        clock.now = NOON + timedelta(minutes=5)
        twin.sweep()
        assert twin.snapshot()["layers"]["entrances"]["d0"]["h"] == "silent"
        stored = [one.event.event_id for one in store.scan()]
        assert stored[:3] == ["before", "ahead", "right"]
        assert len(stored) == 4
        await twin.stop()
        store.close()

    asyncio.run(run())
