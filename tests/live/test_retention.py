"""What is past its date goes, whatever else happens; nothing else does."""

import asyncio
import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from live.events import KINDS
from live.retention import DEFAULT_DAYS, Keeper, RetentionError, next_night, read_policy
from live.store import open_store
from tests.live.small_world import NOON, make_event
from tests.live.strategies import events

FUZHOU = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
DAY_S = 86400


def stored(store):
    return [one.event for one in store.scan()]


def plates_of(store):
    """The three tables of plates, as rows."""
    with store.reading() as conn:
        return [
            sorted(map(tuple, conn.execute(text(f"SELECT * FROM {table}"))))
            for table in ("plates", "plate_keys", "latest")
        ]


@settings(max_examples=60)
@given(
    told=st.lists(events(-40 * DAY_S, 0).filter(lambda e: "heartbeat" not in e.data), max_size=30),
    days=st.dictionaries(st.sampled_from(KINDS), st.integers(1, 45)),
    chunk=st.integers(1, 7),
)
def test_a_purge_in_chunks_leaves_what_was_never_old(told, days, chunk):
    """The store is as if the old events had never come, whatever the size of the chunks."""
    store, other = open_store("sqlite://"), open_store("sqlite://")
    young = [e for e in told if e.observed_at >= NOON - DAY * days.get(e.kind, 100)]
    store.append(told)
    gone = store.purge(NOON, days, chunk=chunk)
    assert stored(store) == young
    assert gone == {kind: Counter(e.kind for e in told if e not in young)[kind] for kind in days}
    other.append(young)
    plates, keys, latest = plates_of(store)
    assert [plates, keys] == plates_of(other)[:2]
    ids = {row.id for row in store.scan()}
    assert {row[3] for row in latest} <= ids
    store.close()
    other.close()


def test_hours_and_quarantine_go_by_their_own_days(store):
    store.append([make_event("access", "d0", -n * DAY_S) for n in range(10)])
    for n in range(10):
        store.quarantine("http", b"x", "bad", received_at=NOON - n * DAY)
    gone = store.purge(NOON, {"hours": 4, "quarantine": 3}, chunk=2)
    assert gone == {"hours": 5, "quarantine": 6}
    assert len(stored(store)) == 10
    held = store.holdings()
    assert (held["hours"].rows, held["quarantine"].rows, held["access"].rows) == (5, 4, 10)
    assert held["access"].oldest == NOON - 9 * DAY
    assert held["quarantine"].oldest == NOON - 3 * DAY
    assert (held["plate"].rows, held["plate"].oldest) == (0, None)


def test_writers_go_on_while_a_purge_runs(store):
    """What arrives meanwhile is all there, also reads of the plates that are just going."""
    old = [make_event("plate", "c0", -n, plate=f"闽A{n % 50:05}") for n in range(2000)]
    store.append(old)
    between = []

    def purge():
        store.purge(NOON + 100 * DAY, {"plate": 90}, chunk=50, pause_s=0.001,
                    going=lambda: between.append(1) or True)  # fmt: skip

    thread = threading.Thread(target=purge)
    thread.start()
    fresh = []
    while thread.is_alive():
        event = make_event("plate", "c0", NOON + 100 * DAY, plate=f"闽A{len(fresh) % 50:05}")
        store.append([event])
        fresh.append(event)
        time.sleep(0.002)
    thread.join()
    assert len(between) >= 40  # one transaction a chunk
    assert stored(store) == fresh
    reads = Counter(event.data["plate"] for event in fresh)
    assert {hit.plate: hit.reads for hit in store.search_plates("闽*", limit=99)} == reads
    assert len(store.search_plates("闽A00001", near=True)) == sum(
        sum(a != b for a, b in zip(plate, "闽A00001", strict=True)) <= 1 for plate in reads
    )


class Clock:
    def __init__(self, now):
        self.now = now

    def __call__(self):
        return self.now


def keeping(store, clock, **more):
    policy = {"access": 90}
    return Keeper(store, FUZHOU, policy, clock=clock, first_after_s=0, look_s=0.005, **more)


async def until(holds):
    async with asyncio.timeout(20):
        while not holds():
            await asyncio.sleep(0.005)


def test_it_purges_at_start_and_each_night(tmp_path):
    store = open_store(f"sqlite:///{tmp_path}/twin.db")
    store.append([make_event("access", "d0", -n * DAY_S) for n in (100, 90.5, 89.5, 1)])
    clock = Clock(NOON)
    keeper = keeping(store, clock)

    async def run():
        keeper.start()
        await until(lambda: len(stored(store)) == 2)
        await until(lambda: keeper.next_at == datetime(2026, 11, 23, 19, 30, tzinfo=UTC))
        clock.now = keeper.next_at - timedelta(seconds=1)
        await asyncio.sleep(0.05)
        assert len(stored(store)) == 2
        # past the next night, and the date of the third
        clock.now = keeper.next_at
        await until(lambda: len(stored(store)) == 1)
        await until(lambda: keeper.last().gone == {"access": 1})
        await keeper.stop()

    asyncio.run(run())
    # a server that comes after knows of it
    assert keeping(store, clock).last().at == clock.now
    store.close()


def test_a_clock_set_back_does_not_put_the_next_night_off(tmp_path):
    store = open_store(f"sqlite:///{tmp_path}/twin.db")
    clock = Clock(NOON + 30 * DAY)
    keeper = keeping(store, clock)

    async def run():
        keeper.start()
        await until(lambda: store.recall("last_purge") is not None)
        clock.now = NOON
        await until(lambda: keeper.next_at < NOON + DAY)
        await keeper.stop()

    asyncio.run(run())
    store.close()


def test_a_clock_gone_wrong_empties_nothing(tmp_path):
    store = open_store(f"sqlite:///{tmp_path}/twin.db")
    store.append([make_event("access", "d0")])
    clock = Clock(NOON + 4000 * DAY)
    assert keeping(store, clock).purge().held_up == "clock"
    assert len(stored(store)) == 1
    assert keeping(store, clock).last().held_up == "clock"
    clock.now = NOON + 200 * DAY
    assert keeping(store, clock).purge().gone == {"access": 1}
    store.close()


def test_a_store_that_fails_is_tried_again(tmp_path, monkeypatch):
    store = open_store(f"sqlite:///{tmp_path}/twin.db")
    clock = Clock(NOON)
    keeper = keeping(store, clock)
    with monkeypatch.context() as patch:
        patch.setattr(store, "newest", lambda: 1 / 0)

        async def fail():
            keeper.start()
            await until(lambda: keeper.next_at == NOON + timedelta(minutes=10))
            await keeper.stop()

        asyncio.run(fail())
    assert keeper.last() is None
    store.close()


def test_stopping_ends_it_between_two_chunks(store):
    store.append([make_event("access", "d0", -100 * DAY_S + n) for n in range(10)])
    left = iter([True, True, False])
    assert store.purge(NOON, {"access": 90}, chunk=3, going=lambda: next(left)) == {"access": 6}
    assert len(stored(store)) == 4


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)))
def test_the_next_night_is_half_past_three_within_a_day(now):
    due = next_night(now, FUZHOU)
    assert timedelta() < due - now <= DAY
    assert due.astimezone(FUZHOU).strftime("%H:%M:%S") == "03:30:00"


def test_days_are_read_over_the_defaults():
    assert set(DEFAULT_DAYS) == {*KINDS, "hours", "quarantine"}
    assert read_policy("") == DEFAULT_DAYS
    assert read_policy(" plate=30, order = 3650,") == {**DEFAULT_DAYS, "plate": 30, "order": 3650}


@pytest.mark.parametrize("told", ["plate", "plate=", "plate=0", "plate=-1", "car=3", "plate=1e9"])
def test_days_that_are_none_say_what_is_wanted(told):
    with pytest.raises(RetentionError, match=r"TWIN_KEEP_DAYS: '.*(days, 1 to|unknown kind; use)"):
        read_policy(told)
