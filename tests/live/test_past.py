"""The time machine: any moment of a day, whichever way one comes to it."""

from __future__ import annotations

import json
import random
from datetime import timedelta

import pytest

from live.past import Past, PastError
from live.reduce import apply_patch
from live.restore import restore_state
from live.state import TwinState
from live.store import open_store
from tests.live.small_world import DOORS, NOON, after, make_event, small_community

COMMUNITY = small_community()
MIDNIGHT = NOON - timedelta(hours=12)
EVENTS = 20_000
BEAT = 60


def make_day(seed, events=EVENTS):
    """Return events in their order of arrival: late ones, wrong clocks, a feed cut off."""
    rng = random.Random(seed)
    told = []
    for _ in range(events):
        at = rng.uniform(0, 86_300) - 43_200
        kind = rng.random()
        # most come at once, some from a device that was cut off for a while
        late = rng.uniform(0.1, 0.9) if rng.random() < 0.97 else rng.uniform(10, 5000)
        # a clock that runs ahead
        observed = at + (rng.uniform(1, 200) if rng.random() < 0.02 else 0)
        times = {"received": after(at + late)}
        if kind < 0.45:
            event = make_event(
                "access", rng.choice([*DOORS, "g0"]), observed, **times,
                direction=rng.choice(["in", "out"]), method=rng.choice(["face", "card", "code"]),
                granted=rng.random() < 0.95,
            )  # fmt: skip
        elif kind < 0.6:
            event = make_event(
                "plate", rng.choice(["c0", "c1"]), observed, **times,
                plate=rng.choice(["闽A12345", "闽AD12345", None]),
                direction=rng.choice(["in", "out"]), who=rng.choice(["resident", "visitor"]),
            )  # fmt: skip
        elif kind < 0.8:
            event = make_event(
                "status", rng.choice(DOORS), observed, **times,
                state=rng.choice(["open", "closed", "closed", "held", "forced"]),
            )  # fmt: skip
        elif kind < 0.95:
            thing, value = rng.choice([("bin", "fill"), ("meter", "flow"), ("p0", "free")])
            event = make_event(
                "reading", thing, observed, **times, values={value: rng.randint(0, 19)}
            )
        elif kind < 0.98:
            event = make_event(
                "service", "s0", observed, **times,
                state=rng.choice(["open", "full"]), used=rng.randint(0, 10),
            )  # fmt: skip
        else:
            event = make_event("alarm", "sos", observed, **times, type="sos", severity=1)
        told.append(event)
    for k, door in enumerate([*DOORS, "g0", "c0", "c1"]):
        cuts = sorted(rng.uniform(-43_200, 43_200) for _ in range(6))
        told += [
            make_event("status", door, beat, heartbeat=True)
            for beat in range(-43_190 + k, 43_200, BEAT)
            if sum(cut < beat for cut in cuts) % 2 == 0
        ]
    return sorted(told, key=lambda event: (event.received_at, event.event_id))


def fill(store, events):
    for start in range(0, len(events), 1000):
        store.append(events[start : start + 1000])


def make_past(store, now=43_300):
    return Past(COMMUNITY, store, lambda: (300, 40), lambda: after(now))


def shown(rows):
    rows = json.loads(json.dumps(rows))
    # what came in since the start of a process is not of the log
    rows["counters"].pop("intake", None)
    rows["counters"].pop("incidents", None)
    rows.pop("incidents", None)
    return rows


def walk(events, moments):
    """Yield the moments with the state that applies each event as it comes, from the first on."""
    state = TwinState(COMMUNITY, MIDNIGHT)
    state.set_baseline(300, MIDNIGHT, 40)
    k = 0
    for moment in moments:
        while k < len(events) and events[k].received_at <= moment:
            state.sweep(events[k].received_at)
            state.apply(events[k])
            k += 1
        state.sweep(moment)
        yield moment, shown(state.snapshot())


def test_any_moment_of_a_day_is_what_its_log_leads_to(store):
    events = make_day(7)
    fill(store, events)
    rng = random.Random(3)
    moments = sorted(
        [after(rng.uniform(-43_190, 43_200)) for _ in range(50)]
        + [event.received_at for event in rng.sample(events, 12)]
        + [MIDNIGHT + timedelta(hours=hour, seconds=1) for hour in range(24)]
    )
    expected = list(walk(events, moments))
    rng.shuffle(expected)
    past = make_past(store)
    for moment, rows in expected:
        found = json.loads(past.snapshot(moment))
        assert found["at"] == pytest.approx(moment.timestamp(), abs=0.002)
        assert shown(found["layers"]) == rows, moment


def test_patches_lead_from_one_moment_to_the_next(tmp_path):
    store = open_store(f"sqlite:///{tmp_path}/twin.db")
    fill(store, make_day(11, events=1500))
    past = make_past(store)
    viewer = json.loads(past.snapshot(after(0)))
    told = json.loads(past.replay(after(0), after(7200), 45))
    assert len(told["patches"]) == 160
    for k, patch in enumerate(told["patches"], 1):
        viewer = apply_patch(viewer, {**patch, "epoch": "past", "seq": k})
        if k % 40 == 0:
            there = json.loads(past.snapshot(after(45 * k)))
            assert shown(viewer["layers"]) == shown(there["layers"])
    assert told["to"] == viewer["at"] == after(7200).timestamp()
    store.close()


@pytest.mark.parametrize("moment", [-43_200 + 90, -40_000, 5000])
def test_a_past_day_begins_from_what_was_known_the_day_before(tmp_path, moment):
    """What a restart at that moment would have shown, from a log that ends there."""
    yesterday = [
        make_event("status", "d0", -90_000, state="closed"),
        make_event("status", "d0", -88_000, state="closed"),
        make_event("status", "d1", -89_000, state="open"),
        make_event("access", "d1", -80_000, direction="in", method="card"),
        make_event("access", "d1", -79_000, direction="in", method="card", granted=False),
        make_event("service", "s0", -70_000, state="open", used=4),
        make_event("service", "s0", -60_000, state="open", used=6),
        make_event("reading", "bin", -43_400, values={"fill": 40}),
        make_event("access", "d2", -44_000, direction="out", method="face"),
        *(make_event("status", "d0", beat, heartbeat=True) for beat in range(-90_000, 0, 60)),
        *(make_event("status", "d1", beat, heartbeat=True) for beat in range(-90_000, -60_000, 60)),
    ]
    today = [
        make_event("access", "d2", -43_150, direction="in", method="face"),
        make_event("status", "d0", -30_000, state="open"),
        make_event("plate", "c0", -20_000, plate="闽A12345", direction="in"),
        make_event("reading", "bin", 20_000, values={"fill": 80}),
    ]
    events = sorted([*yesterday, *today], key=lambda event: event.received_at)
    whole, part = (open_store(f"sqlite:///{tmp_path}/{name}.db") for name in ("whole", "part"))
    fill(whole, events)
    fill(part, [event for event in events if event.received_at <= after(moment)])
    state = TwinState(COMMUNITY, after(moment))
    state.set_baseline(300, MIDNIGHT, 40)
    restore_state(state, part, after(moment))
    restarted = shown(state.snapshot())
    found = shown(json.loads(make_past(whole).snapshot(after(moment)))["layers"])
    for rows in (restarted, found):
        for row in rows["counters"].values():
            del row["t"]  # of heartbeats, which a restart does not count here
        # of yesterday's comings and goings a restart knows those that no newer one hides
        feed = rows["feed"]
        rows["feed"] = {k: v for k, v in feed.items() if v["t"] >= MIDNIGHT.timestamp()}
    assert found == restarted
    whole.close()
    part.close()


def test_history_that_came_later_is_shown_where_it_belongs(tmp_path):
    store = open_store(f"sqlite:///{tmp_path}/twin.db")
    store.append([make_event("status", "d0", 0, state="closed")])
    past = make_past(store)
    assert json.loads(past.snapshot(after(650)))["layers"]["entrances"]["d0"]["s"] == "offline"
    filled = [
        make_event("status", "d0", 640, state="forced", live=False, received=after(9000)),
        make_event("plate", "c0", 641, plate="闽A12345", live=False, received=after(9000)),
    ]
    store.append(filled)
    past.note(filled)
    layers = json.loads(past.snapshot(after(650)))["layers"]
    assert layers["entrances"]["d0"]["s"] == "forced"
    assert "闽A12345" not in json.dumps(layers, ensure_ascii=False)
    store.close()


def test_what_cannot_be_shown_is_said_in_words(tmp_path):
    store = open_store(f"sqlite:///{tmp_path}/twin.db")
    with pytest.raises(PastError, match="no event at all"):
        make_past(store).snapshot(NOON)
    store.append([make_event("status", "d0", 0, state="closed")])
    past = make_past(store, now=100)
    with pytest.raises(PastError, match="does not reach back"):
        past.snapshot(after(-3600))
    with pytest.raises(PastError, match="has not come yet"):
        past.snapshot(after(200))
    with pytest.raises(PastError, match="later"):
        past.replay(after(50), after(10), 1)
    with pytest.raises(PastError, match="600 steps"):
        make_past(store, now=90_000).replay(after(0), after(80_000), 1)
    store.close()


def test_a_busy_day_walked_ahead_is_what_its_log_leads_to_and_is_found_at_once(
    tmp_path, monkeypatch
):
    monkeypatch.setattr("live.past.WALKED", 2000)
    events = make_day(11, 4000)
    store = open_store(f"sqlite:///{tmp_path}/twin.db")
    fill(store, events)
    past = make_past(store)
    past.walk(NOON)
    begun = []
    moments = [after(t) for t in (-39_000, -12_345, 0, 7_000, 25_000, 43_000)]
    with monkeypatch.context() as watched:
        watched.setattr("live.past.PastState.begin", lambda *args: begun.append(args))
        for moment, expected in walk(events, moments):
            assert shown(past.layers(moment)) == expected
    assert begun == []  # every jump went from a mark of the walk
    store.append([make_event("status", "d0", 30_000, state="forced", live=False)])
    past.note([make_event("status", "d0", 30_000, state="forced", live=False)])
    told = past.layers(after(30_010))["entrances"]["d0"]
    assert told["since"] == after(30_000).timestamp()  # history that came later counts as well
    store.close()
