from hypothesis import given
from hypothesis import strategies as st

from live.health import (
    FALLBACK_PERIOD_S,
    is_heartbeat,
    next_hearing_change,
    to_hearing,
    to_period_s,
)
from live.state import TwinState
from tests.live.small_world import NOON, PERIODS, after, make_event, small_community


def test_heard_until_twice_the_period_late_until_three_times_then_silent():
    ages = [0, 120, 120.001, 180, 180.001, 1e9]
    assert [to_hearing(1000.0, 60, 1000.0 + age) for age in ages] == [
        "heard", "heard", "late", "late", "silent", "silent",
    ]  # fmt: skip


def test_what_was_never_heard_is_silent():
    assert to_hearing(None, 60, 0.0) == "silent"


def test_a_rhythm_that_makes_no_sense_gives_way_to_that_of_the_kind():
    assert to_period_s("waste_bin", 30.0) == 30.0
    assert to_period_s("waste_bin", 0.0) == to_period_s("waste_bin", None) == 600
    assert to_period_s("waste_bin", float("nan")) == 600
    assert to_period_s("something", None) == FALLBACK_PERIOD_S


@given(st.floats(0, 1e6), st.floats(1, 1e5), st.lists(st.floats(0, 1e6), min_size=2, max_size=2))
def test_hearing_never_changes_before_the_moment_foretold(last, period, ages):
    first, second = sorted(last + age for age in ages)
    if second <= next_hearing_change(last, period, first):
        assert to_hearing(last, period, first) == to_hearing(last, period, second)


@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(PERIODS)), st.integers(1, 4000)),
        min_size=1,
        max_size=40,
    )
)
def test_each_device_falls_silent_by_its_own_rhythm(steps):
    state = TwinState(small_community(), NOON)
    heard: dict[str, float] = {}
    now = 0
    for subject, pause in steps:
        state.apply(make_event("status", subject, now, state="ok"))
        heard[subject] = now
        now += pause
        state.sweep(after(now))
        shown = {s.id: s.hearing for s in state.subjects.values() if s.layer == "devices"}
        for device, period in PERIODS.items():
            age = now - heard[device] if device in heard else float("inf")
            expected = "heard" if age <= 2 * period else "late" if age <= 3 * period else "silent"
            assert shown[device] == expected


def test_only_a_status_without_a_state_is_a_mere_heartbeat():
    assert is_heartbeat(make_event("status", "d0", heartbeat=True))
    assert not is_heartbeat(make_event("status", "d0", heartbeat=True, state="forced"))
    assert not is_heartbeat(make_event("reading", "sos", heartbeat=True))
