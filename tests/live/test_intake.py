import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event as Flag
from threading import Lock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from live.intake import BusyError, Intake, Refusal, SubmitResult, check_event
from live.restore import restore_state
from live.state import TwinState
from live.store import StoreError, open_store
from tests.live.small_world import DOORS, NOON, after, make_event, small_community
from tests.live.strategies import events

COMMUNITY = small_community()


@pytest.fixture
def world(store):
    intake = Intake(store, TwinState(COMMUNITY, NOON), Lock(), clock=lambda: NOON)
    intake.start()
    yield intake
    intake.stop()


def send(intake, *told):
    return intake.submit(told).result(20)


def stored_ids(store):
    return [s.event.event_id for s in store.scan()]


def test_events_are_durable_and_shown_when_the_sender_hears_of_them(world):
    event = make_event("status", "d0", state="forced")
    assert send(world, event) == SubmitResult(1, 0)
    assert stored_ids(world.store) == [event.event_id]
    with world.lock:
        assert world.state.snapshot()["entrances"]["d0"]["s"] == "forced"


def test_a_repeat_moves_nothing_and_is_counted_as_one(world):
    event = make_event("plate", "c0", plate="闽A12345")
    assert send(world, event, event) == SubmitResult(1, 1)
    assert send(world, event) == SubmitResult(0, 1)
    rows = world.state.snapshot()
    assert rows["plate_cameras"]["c0"]["n"] == 1
    assert rows["counters"]["intake"]["accepted"] == 1
    assert rows["counters"]["intake"]["duplicate"] == 2


def test_what_is_refused_is_kept_with_its_reason_and_the_rest_goes_in(world):
    told = [
        make_event("access", "d0", method="card"),
        make_event("access", "d99", method="card"),
        make_event("status", "d1", state="ajar"),
        make_event("access", "d1", method="card"),
    ]
    result = send(world, *told)
    assert (result.accepted, result.duplicate) == (2, 0)
    assert [one.index for one in result.quarantined] == [1, 2]
    assert "d99" in result.quarantined[0].reason
    assert "closed, open" in result.quarantined[1].reason
    kept = sorted(world.store.quarantined(), key=lambda q: q.id)
    assert [json.loads(q.body)["event_id"] for q in kept] == [e.event_id for e in told[1:3]]
    assert world.state.snapshot()["counters"]["intake"]["quarantined"] == 2


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (make_event("dance", "d0"), "unknown kind"),
        (make_event("access", "d0", after(90_000), received=NOON), "a day ahead"),
        (make_event("access", "d0", NOON.replace(tzinfo=None)), "time zone"),
        (make_event("access", "d0", event_id=""), "empty"),
        (make_event("access", "d0", event_id="a\0"), "NUL"),
        (make_event("access", "d0", event_id="\ud800"), "half a character"),
        (make_event("access", "d0", thing={1, 2}), "no JSON"),
        (make_event("access", "d0", direction="up"), "direction"),
        (make_event("reading", "bin", values=[1]), "quantity"),
        (make_event("reading", "bin", values={"fill": "much"}), "quantity"),
        (make_event("reading", "bin", values={"fill": float("nan")}), "quantity"),
        (make_event("reading", "bin", values={"fill": 1}, unit="m"), "unit"),
        (make_event("plate", "c0", plate=12345), "plate"),
        (make_event("service", "s0", state="open", used="all"), "used"),
        (make_event("status", "sos", state="closed"), "unknown state"),
    ],
)
def test_each_reason_says_what_is_wrong(world, event, words):
    assert words in (check_event(event, world.state) or "")
    result = send(world, event, make_event("access", "d0"))
    assert result.accepted == 1
    assert result.quarantined == [Refusal(0, check_event(event, world.state))]
    assert world.store.count_quarantined()["new"] == 1


def test_orders_may_speak_about_anything(world):
    assert send(world, make_event("order", "b7", layer="buildings", state="new")).accepted == 1


def test_many_senders_at_once_lose_nothing(world):
    # passages and alarms; the wire tells how many came, but not the passages
    kinds = [("access", {}), ("alarm", {"type": "forced", "severity": 2})]
    batches = [
        [make_event(kinds[i % 2][0], d, i, **kinds[i % 2][1]) for d in DOORS] for i in range(150)
    ]
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda batch: send(world, *batch), batches))
    assert all(result == SubmitResult(4, 0) for result in results)
    assert sorted(stored_ids(world.store)) == sorted(e.event_id for b in batches for e in b)
    assert world.state.snapshot()["counters"]["intake"]["accepted"] == 300


class Gate:
    """Stands before a store and lets appends through when opened; may break them."""

    def __init__(self, store):
        self.store = store
        self.open = Flag()
        self.entered = Flag()
        self.sizes = []
        self.broken = lambda batch: None

    def append(self, batch, refused=()):
        self.entered.set()
        assert self.open.wait(20)
        self.sizes.append(len(batch))
        error = self.broken(batch)
        if error is not None:
            raise error
        return self.store.append(batch, refused)


@pytest.fixture
def gated(tmp_path):
    store = open_store(f"sqlite:///{tmp_path}/twin.db")
    gate = Gate(store)
    intake = Intake(gate, TwinState(COMMUNITY, NOON), Lock(), capacity=10, clock=lambda: NOON)
    intake.start()
    yield intake, gate
    gate.open.set()
    intake.stop()
    store.close()


def test_nothing_is_acknowledged_or_shown_before_the_commit(gated):
    intake, gate = gated
    done = intake.submit([make_event("status", "d0", state="forced")])
    assert gate.entered.wait(20)
    assert not done.done()
    assert intake.state.snapshot()["entrances"]["d0"]["s"] == "offline"
    gate.open.set()
    assert done.result(20).accepted == 1


def test_a_full_queue_turns_senders_away_and_takes_them_later(gated):
    intake, gate = gated
    under_way = intake.submit([make_event("access", "d0")])
    assert gate.entered.wait(20)
    waiting = [intake.submit([make_event("access", "d0", n)]) for n in range(10)]
    late = [make_event("access", "d1")]
    with pytest.raises(BusyError) as caught:
        intake.submit(late)
    assert caught.value.retry_after_s > 0
    gate.open.set()
    assert all(f.result(20).accepted == 1 for f in [under_way, *waiting])
    # those that waited shared one commit
    assert gate.sizes == [1, 10]
    assert intake.submit(late).result(20).accepted == 1
    assert len(stored_ids(gate.store)) == 12


def test_a_batch_larger_than_the_room_is_taken_when_nothing_waits(gated):
    intake, gate = gated
    gate.open.set()
    assert send(intake, *(make_event("access", "d0", n) for n in range(25))).accepted == 25


def test_when_the_disk_is_full_nobody_is_told_otherwise(gated):
    intake, gate = gated
    gate.open.set()
    gate.broken = lambda batch: StoreError("disk full")
    event = make_event("status", "d0", state="forced")
    with pytest.raises(StoreError):
        send(intake, event)
    assert intake.state.snapshot()["entrances"]["d0"]["s"] == "offline"
    gate.broken = lambda batch: None
    assert send(intake, event) == SubmitResult(1, 0)


def test_one_senders_trouble_is_not_that_of_the_others(gated):
    intake, gate = gated
    bad = make_event("access", "d3")
    gate.broken = lambda batch: ValueError("odd") if bad in batch else None
    first = intake.submit([make_event("access", "d0")])
    assert gate.entered.wait(20)
    others = [intake.submit([e]) for e in (make_event("access", "d1"), bad)]
    others.append(intake.submit([make_event("access", "d2")]))
    gate.open.set()
    assert first.result(20).accepted == others[0].result(20).accepted == 1
    with pytest.raises(ValueError, match="odd"):
        others[1].result(20)
    assert others[2].result(20).accepted == 1


def test_a_sender_that_goes_away_stops_nobody(gated):
    intake, gate = gated
    first = intake.submit([make_event("access", "d0")])
    assert gate.entered.wait(20)
    gone = intake.submit([make_event("access", "d1")])
    assert gone.cancel()
    gate.open.set()
    assert first.result(20).accepted == 1
    assert send(intake, make_event("access", "d2")).accepted == 1


def test_stopping_writes_what_waits_and_takes_no_more(gated):
    intake, gate = gated
    futures = [intake.submit([make_event("access", "d0", n)]) for n in range(5)]
    gate.open.set()
    intake.stop()
    assert [f.result(0).accepted for f in futures] == [1] * 5
    with pytest.raises(BusyError):
        intake.submit([make_event("access", "d0")])


def test_an_event_that_cannot_be_shown_stops_no_other(world, caplog):
    world.state.apply = lambda event: 1 / 0
    assert send(world, make_event("access", "d0")).accepted == 1
    assert "could not be applied" in caplog.text


def test_listeners_hear_of_new_events_only(world):
    heard = []
    world.on_accepted = heard.extend
    event = make_event("alarm", "sos", type="sos", severity=1)
    send(world, event)
    send(world, event)
    assert heard == [event]


def test_waiting_for_the_result_does_not_hold_up_the_loop(world):
    async def run():
        told = [world.submit_async([make_event("access", d)]) for d in DOORS]
        return await asyncio.gather(*told)

    assert [r.accepted for r in asyncio.run(run())] == [1] * 4


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(events(-30 * 3600, 0), st.booleans()), max_size=40),
    st.sampled_from([30, 60, 200, 5000]),
)
def test_a_restart_shows_what_was_shown_before(script, later):
    # events come mostly in order, each applied as it comes, on a state that sweeps each time
    script.sort(key=lambda pair: (pair[0].observed_at, pair[0].event_id))
    store = open_store("sqlite://")
    before = TwinState(COMMUNITY, after(-30 * 3600 - 1))
    midnight = NOON - timedelta(hours=12)
    before.set_baseline(300, midnight - timedelta(days=2), vehicles=40)
    for event, delayed in script:
        if delayed:
            before.sweep(event.observed_at + timedelta(seconds=30))
        for accepted in store.append([event]).accepted:
            before.apply(accepted)
    before.sweep(after(later))
    restarted = TwinState(COMMUNITY, after(later))
    restarted.set_baseline(300, midnight, vehicles=40)
    restore_state(restarted, store, after(later))
    assert restarted.take_changes() is None
    assert visible(restarted) == visible(before)
    store.close()


def visible(state):
    rows = state.snapshot()
    # since start, by definition
    del rows["counters"]["intake"]
    # heartbeats leave no trace of their own in the store
    for row in rows["counters"].values():
        del row["t"]
    del rows["people"]["community"]["t"]
    # the store keeps no beginning of a state that an outage before today cut in two
    midnight = (NOON - timedelta(hours=12)).timestamp()
    for layer in ("entrances", "gates", "devices"):
        for row in rows[layer].values():
            del row["since"]
    # a quantity that came yesterday in another message than the newest is not known any more
    for row in rows["devices"].values():
        del row["v"]
    rows["feed"] = {k: v for k, v in rows["feed"].items() if v["t"] >= midnight}
    return rows


@pytest.mark.parametrize(
    "told",
    [
        [(-80_000, {"state": "closed"})],
        [(-80_000, {"state": "closed"}), (-9000, {"state": "open"}), (-8900, {"state": "closed"})],
        [(-80_000, {"state": "closed"}), (-9000, {"state": "closed"})],
        [(-80_000, {"state": "open"})],
        [(-50, {"state": "open"})],
    ],
)
@pytest.mark.parametrize("beats_from", [-80_000, -5000])
def test_a_restart_knows_since_when_a_door_is_as_it_is(told, beats_from):
    before, restarted = _restart_door(told, beats_from)
    assert restarted == before


@pytest.mark.parametrize("closed", [[-70_000], [-9000, -4000, -50]])
def test_a_restart_tells_no_opening_of_an_earlier_day(closed):
    """When a door shut then may be when somebody passed: it is shut since it is heard at all."""
    told = [(-80_000, {"state": "open"}), *((second, {"state": "closed"}) for second in closed)]
    before, restarted = _restart_door(told, -80_000)
    assert restarted == {**before, "since": after(-80_000).timestamp()}


def _restart_door(told, beats_from):
    """Return the row of a door as a script leads to it, and as a restart finds it."""
    beats = [(second, {"heartbeat": True}) for second in range(beats_from, 0, 60)]
    script = sorted([*told, *beats], key=lambda pair: pair[0])
    store = open_store("sqlite://")
    before = TwinState(COMMUNITY, after(-80_001))
    for second, data in script:
        before.sweep(after(second))
        event = make_event("status", "d0", second, **data)
        store.append([event])
        before.apply(event)
    before.sweep(NOON)
    restarted = TwinState(COMMUNITY, NOON)
    restore_state(restarted, store, NOON)
    store.close()
    return tuple(state.snapshot()["entrances"]["d0"] for state in (before, restarted))
