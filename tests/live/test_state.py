import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from live.history import Span
from live.history.people_now import PeopleNow
from live.reduce import apply_patch
from live.state import LAYERS, TwinState
from tests.live.small_world import NOON, after, make_event, small_community
from tests.live.strategies import events

COMMUNITY = small_community()


def make_state(*applied, at=0.0, **options):
    state = TwinState(COMMUNITY, NOON, **options)
    for event in applied:
        state.apply(event)
    state.sweep(after(at))
    return state


def row(state, layer, subject):
    return state.snapshot()[layer][subject]


def wire(value):
    """What a browser gets: plain JSON."""
    return json.loads(json.dumps(value))


steps = st.lists(
    st.one_of(
        events(),
        st.integers(1, 5000).map(lambda s: ("sweep", s)),
        st.just("flush"),
    ),
    max_size=60,
)


@settings(max_examples=150, deadline=None)
@given(steps)
def test_a_viewer_who_follows_the_patches_sees_what_a_new_viewer_sees(script):
    state = TwinState(COMMUNITY, NOON)
    state.set_baseline(300, NOON, vehicles=40)
    state.take_changes()
    viewer = {"v": 1, "epoch": "x", "seq": 0, "at": 0, "layers": wire(state.snapshot())}
    now = 0
    for step in [*script, "flush"]:
        if step == "flush":
            changes = state.take_changes()
            if changes is not None:
                patch = {"v": 1, "epoch": "x", "seq": viewer["seq"] + 1, "at": 0, **wire(changes)}
                viewer = apply_patch(viewer, patch)
            assert viewer["layers"] == wire(state.snapshot())
        elif isinstance(step, tuple):
            now += step[1]
            state.sweep(after(now))
        else:
            state.apply(step)
        doors = state.snapshot()["counters"]["doors"]
        five = [doors[name] for name in ("closed", "open", "held", "forced", "offline")]
        assert sum(five) == doors["total"] == 5
        assert min(five) >= 0


@settings(max_examples=80, deadline=None)
@given(st.lists(events().filter(lambda e: e.layer != "entrances"), max_size=25), st.randoms())
def test_devices_cameras_and_services_end_the_same_whatever_order_events_come_in(told, random):
    # two things said by one subject in one second have no order of their own
    once = {(e.layer, e.subject, e.observed_at): e for e in told if e.layer != "gates"}
    told = list(once.values())
    shuffled = list(told)
    random.shuffle(shuffled)

    def end(sequence):
        rows = make_state(*sequence, at=7300).snapshot()
        kept = ("plate_cameras", "devices", "parking", "services")
        return {
            (layer, key): {k: v for k, v in value.items() if k != "since"}
            for layer in kept
            for key, value in rows[layer].items()
        }

    assert end(told) == end(shuffled)


def test_a_snapshot_names_every_layer_and_no_meter():
    rows = make_state(make_event("reading", "meter", 1, values={"m3": 3})).snapshot()
    assert set(rows) == set(LAYERS)
    assert set(rows["devices"]) == {"sos", "bin"}
    assert not rows["feed"]


def test_nothing_changes_without_events_or_time():
    state = make_state()
    state.take_changes()
    state.sweep(after(0.5))
    assert state.take_changes() is None


def test_a_change_carries_only_the_fields_that_changed():
    state = make_state(make_event("status", "d0", 0, state="closed"))
    state.take_changes()
    state.apply(make_event("status", "d0", 10, heartbeat=True))
    changes = state.take_changes()
    assert changes["c"]["entrances"] == {"d0": {"t": NOON.timestamp() + 10}}
    assert not changes["a"]


class TestDoors:
    def test_never_heard_is_offline_and_not_closed(self):
        assert row(make_state(), "entrances", "d0") == {
            "s": "offline", "h": "silent", "t": None, "since": None,
        }  # fmt: skip

    def test_silent_is_offline_since_it_fell_silent_and_comes_back_when_heard(self):
        state = make_state(make_event("status", "d0", 0, state="closed"), at=180)
        assert row(state, "entrances", "d0")["s"] == "closed"
        assert row(state, "entrances", "d0")["h"] == "late"
        state.sweep(after(181))
        found = row(state, "entrances", "d0")
        assert (found["s"], found["h"]) == ("offline", "silent")
        assert found["since"] == NOON.timestamp() + 180
        state.apply(make_event("status", "d0", 500, heartbeat=True))
        found = row(state, "entrances", "d0")
        assert (found["s"], found["h"]) == ("closed", "heard")
        assert found["since"] == NOON.timestamp() + 500

    def test_an_opening_shows_once_it_stands_and_is_held_from_the_limit_on(self):
        state = make_state(make_event("status", "d0", 0, state="open"), at=20)
        assert row(state, "entrances", "d0")["s"] == "closed"
        state.sweep(after(21))
        found = row(state, "entrances", "d0")
        assert (found["s"], found["since"]) == ("open", NOON.timestamp() + 20)
        state.sweep(after(31))
        found = row(state, "entrances", "d0")
        assert (found["s"], found["since"]) == ("held", NOON.timestamp() + 30)
        state.apply(make_event("status", "d0", 60, state="open"))
        assert row(state, "entrances", "d0") == found | {"t": NOON.timestamp() + 60}
        state.apply(make_event("status", "d0", 70, state="closed"))
        assert row(state, "entrances", "d0")["s"] == "closed"

    def test_a_contact_that_says_open_again_and_again_is_held_all_the_same(self):
        told = [make_event("status", "d0", s, state="open") for s in (0, 10, 20, 30)]
        assert row(make_state(*told, at=31), "entrances", "d0")["s"] == "held"

    def test_the_limit_can_be_set(self):
        state = make_state(make_event("status", "d0", 0, state="open"), at=31, hold_limit_s=90)
        assert row(state, "entrances", "d0")["s"] == "open"

    def test_each_one_through_a_door_starts_the_limit_anew_until_it_stands_open(self):
        passing = [make_event("access", "d0", s, method="card", granted=True) for s in (0, 18, 36)]
        state = make_state(make_event("status", "d0", -5, state="closed"), *passing, at=55)
        assert row(state, "entrances", "d0")["s"] == "closed"
        state.sweep(after(57))
        assert row(state, "entrances", "d0")["s"] == "open"
        state.apply(make_event("access", "d0", 60, method="card", granted=True))
        assert row(state, "entrances", "d0")["s"] == "open"
        state.sweep(after(67))
        assert row(state, "entrances", "d0")["s"] == "held"

    def test_nobody_who_passes_moves_anything_that_is_shown(self):
        beats = [make_event("status", "d0", s, heartbeat=True) for s in (0, 60, 120)]
        passing = [
            *(make_event("access", "d0", s, method="face", direction="in") for s in (5, 70, 75)),
            *(make_event("status", "d0", s, state="open") for s in (6, 71)),
            *(make_event("status", "d0", s, state="closed") for s in (12, 80)),
            make_event("access", "d0", 40, method="face", direction="in", granted=False),
        ]

        def seen(told):
            state = TwinState(COMMUNITY, NOON)
            state.set_baseline(300, NOON)
            for event in sorted(told, key=lambda e: e.observed_at):
                state.apply(event)
                state.sweep(event.observed_at)
                yield event.observed_at, state.take_changes()

        busy = [step for step in seen([*beats, *passing]) if step[1] is not None]
        assert busy == list(seen(beats))

    def test_a_door_that_only_lets_people_in_is_heard_through_published_hours(self):
        state = make_state(make_event("access", "d0", 0, method="card"), at=5)
        assert row(state, "entrances", "d0")["s"] == "offline"
        due = state.snapshot()["counters"]["sensing"]["due"]
        until = NOON.timestamp() + 3600
        span = Span(NOON, after(86400))
        state.publish(PeopleNow(span, passed={("entrances", "d0"): until}))
        state.sweep(after(3600 * 30))
        assert row(state, "entrances", "d0") == {
            "s": "closed", "h": "heard", "t": until, "since": None,
        }  # fmt: skip
        assert state.snapshot()["counters"]["sensing"]["due"] == due - 1
        state.apply(make_event("status", "d0", 3600 * 31, heartbeat=True))
        assert state.snapshot()["counters"]["sensing"]["due"] == due
        state.sweep(after(3600 * 31 + 181))
        assert row(state, "entrances", "d0")["s"] == "offline"

    def test_trouble_ends_when_the_door_says_so_not_when_somebody_passes(self):
        state = make_state(make_event("status", "d0", 0, state="forced"), at=1)
        state.apply(make_event("access", "d0", 2, method="card", granted=True))
        assert row(state, "entrances", "d0")["s"] == "forced"

    def test_an_alarm_forces_the_door_until_it_closes(self):
        state = make_state(make_event("alarm", "d0", 0, type="forced", severity=2), at=1)
        assert row(state, "entrances", "d0")["s"] == "forced"
        state.apply(make_event("status", "d0", 9, state="closed"))
        assert row(state, "entrances", "d0")["s"] == "closed"


@pytest.mark.parametrize(("live", "at"), [(False, 20), (True, -20)])
def test_replay_and_old_news_never_move_the_present_back(live, at):
    state = make_state(make_event("status", "d0", 0, state="closed"), at=10)
    before = row(state, "entrances", "d0")
    state.apply(make_event("status", "d0", at, live=live, state="forced"))
    assert row(state, "entrances", "d0") == before


def test_replay_never_shows_in_the_feed():
    assert not make_state(make_event("plate", "c0", 0, live=False, plate="闽A12345")).snapshot()[
        "feed"
    ]


def test_a_clock_that_runs_ahead_keeps_nothing_alive():
    ahead = make_event("status", "d0", 3600, received=NOON, state="closed")
    state = make_state(ahead, at=200)
    found = row(state, "entrances", "d0")
    assert (found["t"], found["s"]) == (NOON.timestamp(), "offline")


class TestThings:
    def test_readings_merge_by_quantity_and_carry_units(self):
        state = make_state(
            make_event("reading", "bin", 0, values={"fill": 0.5}, unit={"fill": "1"}),
            make_event("reading", "bin", 5, values={"battery": 3.6}, unit={"battery": "V"}),
            make_event("reading", "bin", 2, values={"fill": 0.4, "battery": 1}),
            at=6,
        )
        found = row(state, "devices", "bin")
        assert found["s"] == "ok"
        assert found["v"] == {"fill": 0.4, "battery": 3.6}
        assert found["u"] == {"fill": "1", "battery": "V"}

    def test_an_alarm_stays_until_the_device_says_ok(self):
        state = make_state(make_event("alarm", "sos", 0, type="sos", severity=1), at=1)
        state.apply(make_event("reading", "sos", 2, values={"battery": 4}))
        assert row(state, "devices", "sos")["s"] == "alarm"
        state.apply(make_event("status", "sos", 3, state="ok"))
        assert row(state, "devices", "sos")["s"] == "ok"

    def test_a_silent_alarm_is_offline(self):
        state = make_state(make_event("alarm", "sos", 0, type="sos", severity=1), at=181)
        assert row(state, "devices", "sos")["s"] == "offline"

    def test_parking_counts_free_places_from_either_side(self):
        state = make_state(make_event("reading", "p0", 0, values={"occupied": 15}), at=1)
        assert row(state, "parking", "p0")["free"] == 5
        state.apply(make_event("reading", "p0", 2, values={"free": 7}))
        assert row(state, "parking", "p0") == {"free": 7, "cap": 20, "t": NOON.timestamp() + 2}

    def test_a_service_is_unknown_until_it_tells(self):
        state = make_state()
        assert row(state, "services", "s0") == {"s": "unknown", "used": None, "cap": 10, "t": None}
        state.apply(make_event("service", "s0", 1, state="full", used=10, capacity=10))
        assert row(state, "services", "s0")["s"] == "full"


class TestFeed:
    def test_it_keeps_the_newest_twelve_and_masks_plates(self):
        state = make_state(
            *(make_event("plate", "c0", s, plate="闽A12345", event_id=f"p{s}") for s in range(20))
        )
        feed = state.snapshot()["feed"]
        assert set(feed) == {f"p{s}" for s in range(8, 20)}
        assert "闽A12345" not in json.dumps(state.snapshot(), ensure_ascii=False)
        assert feed["p19"]["d"]["plate"] == "闽A·12**5"

    def test_passages_and_meters_stay_out(self):
        state = make_state(
            make_event("access", "d0", 0, method="face", direction="in", subject="p-77"),
            make_event("access", "d0", 2, method="face", direction="in", granted=False),
            make_event("reading", "meter", 1, values={"m3": 5}),
        )
        assert not state.snapshot()["feed"]

    def test_trouble_shows_and_what_goes_as_it_should_does_not(self):
        told = [
            make_event("status", "d0", 0, state="closed"),
            make_event("status", "d0", 5, state="forced", event_id="trouble"),
            make_event("status", "d0", 9, state="forced"),
            make_event("status", "d1", 9, heartbeat=True),
            make_event("reading", "bin", 9, values={"fill": 1}),
        ]
        assert set(make_state(*told).snapshot()["feed"]) == {"trouble"}
