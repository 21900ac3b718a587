"""Numbers that cannot be true become faults, stuck zeros stale, and neither is shown as present."""

import asyncio
import threading
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live.intake import Intake
from live.sensor_truth import DOUBT, ENOUGH_ZEROS, STUCK_AFTER, SensorTruth, find_faults
from live.state import TwinState
from live.store import open_store
from live.twin import Twin
from tests.live.small_world import NOON, make_event, small_community

HOUR = 3600.0


def reading(subject, at=0.0, /, *, unit=None, live=True, **values):
    return make_event("reading", subject, at, live=live, values=values, unit=unit or {})


@pytest.mark.parametrize(
    ("event", "capacity", "doubted"),
    [
        (reading("p0", occupied=20), 20, {}),
        (reading("p0", occupied=21), 20, {"occupied"}),
        (reading("p0", occupied=21), None, {}),
        (reading("p0", occupied=21, capacity=30), 20, {}),
        (reading("p0", occupied=1464, capacity=65), None, {"occupied"}),
        (reading("p0", occupied=5, free=-3), 20, {"free"}),
        (reading("bin", level=100, unit={"level": "%"}), None, {}),
        (reading("bin", level=100.5, unit={"level": "%"}), None, {"level"}),
        (reading("bin", level=2000, unit={"level": "mm"}), None, {}),
        (reading("bin", temperature=-127, unit={"temperature": "Cel"}), None, {"temperature"}),
        (reading("bin", temperature=-20, power=-3.5), None, {}),
        (reading("bin", battery=-999, link=-999, unit={"link": "dBm"}), None, {"battery", "link"}),
        (reading("bin", level=3, unit={"level": ["%"]}), None, {}),
        (make_event("service", "s0", state="open", used=11), 10, {"used"}),
        (make_event("service", "s0", state="open", used=11, capacity=12), 10, {}),
        (make_event("service", "s0", state="closed"), 10, {}),
        (make_event("status", "bin", state="ok", used=99), 10, {}),
    ],
)
def test_what_cannot_be_true(event, capacity, doubted):
    assert find_faults(event, capacity) == dict.fromkeys(doubted, "fault")


def doubts(truth, events):
    return [truth.judge(event).data.get(DOUBT) for event in events]


def test_a_zero_is_stale_once_it_lasts_a_day():
    told = [reading("p0", n * HOUR, occupied=0) for n in range(30)]
    told.append(reading("p0", 30 * HOUR, occupied=4))
    told.append(reading("p0", 31 * HOUR, occupied=0))
    expected = [None] * 24 + [{"occupied": "stale"}] * 6 + [None] * 2
    assert doubts(SensorTruth(), told) == expected


@given(st.lists(st.floats(0, 23.9), max_size=40))
def test_no_zero_of_less_than_a_day_is_stale(hours):
    told = [reading("p0", hour * HOUR, occupied=0) for hour in sorted(hours)]
    assert not any(doubts(SensorTruth(), told))


def test_a_few_zeros_far_apart_are_not_stuck():
    told = [reading("p0", n * 24 * HOUR, occupied=0) for n in range(ENOUGH_ZEROS - 1)]
    assert not any(doubts(SensorTruth(), told))


def test_an_empty_bin_and_a_shut_tap_are_right():
    told = [reading("bin", n * HOUR, level=0, flow=0) for n in range(100)]
    assert not any(doubts(SensorTruth(), told))


def test_history_and_the_present_are_judged_apart():
    truth = SensorTruth()
    old = [reading("p0", n * HOUR, live=False, occupied=0) for n in range(30)]
    assert doubts(truth, old)[-1] == {"occupied": "stale"}
    assert truth.judge(reading("p0", 31 * HOUR, occupied=0)).data.get(DOUBT) is None


def test_senders_doubt_for_themselves_only():
    claimed = make_event("reading", "bin", values={"level": 3}, doubt={"level": "fault"})
    assert DOUBT not in SensorTruth().judge(claimed).data
    odd = make_event("service", "s0", state="open", doubt=5)
    assert DOUBT not in SensorTruth().judge(odd).data
    assert DOUBT not in SensorTruth().judge(make_event("status", "bin", doubt=5)).data


def test_the_event_that_came_is_not_changed():
    came = reading("p0", occupied=21)
    judged = SensorTruth().judge(came, 20)
    assert DOUBT not in came.data
    assert judged.data["values"] == {"occupied": 21}


@pytest.fixture
def intake():
    """An intake with its state, whose memory is enough."""
    store = open_store("sqlite://")
    intake = Intake(store, TwinState(small_community(), NOON), threading.Lock())
    intake.start()
    yield intake
    intake.stop()
    store.close()


def tell(intake, *events):
    assert intake.submit(events).result(30).accepted == len(events)
    return intake.state.snapshot()


def test_a_car_park_that_tells_too_much_shows_nothing(intake):
    assert tell(intake, reading("p0", 1, occupied=5))["parking"]["p0"]["free"] == 15
    assert tell(intake, reading("p0", 2, occupied=1464))["parking"]["p0"]["free"] is None
    assert tell(intake, reading("p0", 3, occupied=6))["parking"]["p0"]["free"] == 14
    stored = [one.event.data.get(DOUBT) for one in intake.store.scan()]
    assert stored == [None, {"occupied": "fault"}, None]


def test_a_canteen_that_tells_too_much_shows_no_number(intake):
    told = make_event("service", "s0", 1, state="open", used=99)
    assert tell(intake, told)["services"]["s0"] == {
        "s": "open", "used": None, "cap": 10, "t": NOON.timestamp() + 1,
    }  # fmt: skip


def test_a_device_is_at_fault_until_its_next_good_number(intake):
    bad = {"level": -999.0}
    assert tell(intake, reading("bin", 1, level=40, battery=90))["devices"]["bin"]["s"] == "ok"
    row = tell(intake, reading("bin", 2, battery=90, **bad))["devices"]["bin"]
    assert (row["s"], row["v"]) == ("fault", {"battery": 90})
    row = tell(intake, reading("bin", 3, level=41))["devices"]["bin"]
    assert (row["s"], row["v"]) == ("ok", {"battery": 90, "level": 41})


def test_a_good_number_ends_no_fault_that_the_device_told_and_no_alarm(intake):
    fault = make_event("status", "bin", 1, state="fault")
    after = [reading("bin", 2, level=-999.0), reading("bin", 3, level=5)]
    assert tell(intake, fault, *after)["devices"]["bin"]["s"] == "fault"
    alarm = make_event("alarm", "sos", 1, type="sos", severity=1)
    after = [reading("sos", 2, battery=-999.0), reading("sos", 3, battery=5)]
    assert tell(intake, alarm, *after)["devices"]["sos"]["s"] == "alarm"


def test_what_is_stuck_is_so_after_a_restart(tmp_path):
    zeros = [reading("p0", n * HOUR, occupied=0) for n in range(30)]
    clock = [NOON + timedelta(hours=29)]

    async def run(events):
        store = open_store(f"sqlite:///{tmp_path}/twin.db")
        twin = Twin(small_community(), store, clock=lambda: clock[0])
        await twin.start()
        await twin.intake.submit_async(events)
        row = twin.state.snapshot()["parking"]["p0"]
        await twin.stop()
        store.close()
        return row

    assert asyncio.run(run(zeros))["free"] is None
    clock[0] += STUCK_AFTER / 24
    assert asyncio.run(run([]))["free"] is None
    assert asyncio.run(run([reading("p0", 30 * HOUR, occupied=0)]))["free"] is None
    assert asyncio.run(run([reading("p0", 30.5 * HOUR, occupied=3)]))["free"] == 17
