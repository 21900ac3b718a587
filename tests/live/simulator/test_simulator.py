"""The simulated community: the same however it is cut, and true to what is known of a day."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from live.events import KINDS
from live.plates import classify_plate, is_valid_plate
from live.simulator import Simulator

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 11, 23, tzinfo=ZONE)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
QUIET = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def simulator(community):
    return Simulator(community)


@pytest.fixture(scope="module")
def monday(simulator):
    return list(simulator.events(MONDAY, MONDAY + DAY, meters=False))


@pytest.fixture(scope="module")
def little(small):
    return Simulator(small)


@pytest.fixture(scope="module")
def two_days(little):
    return list(little.events(MONDAY, MONDAY + 2 * DAY))


def _doors(events):
    return [
        e for e in events if e.kind == "access" and e.layer == "entrances" and e.data["granted"]
    ]


# the same events, however they are asked for


@QUIET
@given(cuts=st.lists(st.integers(0, 2 * 86_400_000), max_size=8))
def test_cutting_a_window_changes_nothing(little, two_days, cuts):
    edges = sorted({0, 2 * 86_400_000, *cuts})
    moments = [MONDAY + timedelta(milliseconds=edge) for edge in edges]
    pieces = [e for low, high in pairwise(moments) for e in little.events(low, high)]
    assert pieces == two_days


def test_days_may_be_asked_for_in_any_order(small, two_days):
    fresh = Simulator(small)
    later = list(fresh.events(MONDAY + DAY, MONDAY + 2 * DAY))
    list(fresh.events(MONDAY + 9 * DAY, MONDAY + 9 * DAY + timedelta(hours=1)))
    assert list(fresh.events(MONDAY, MONDAY + DAY)) + later == two_days


def test_another_seed_is_another_day(small, two_days):
    other = list(Simulator(small, seed=2).events(MONDAY, MONDAY + 2 * DAY))
    assert not {e.event_id for e in other} & {e.event_id for e in two_days}


def test_order_ids_kinds_and_window(two_days):
    assert two_days
    assert all(a.observed_at <= b.observed_at for a, b in pairwise(two_days))
    assert len({e.event_id for e in two_days}) == len(two_days)
    assert all(MONDAY <= e.observed_at < MONDAY + 2 * DAY for e in two_days)
    assert all(e.received_at > e.observed_at and e.live for e in two_days)
    assert {e.kind for e in two_days} <= set(KINDS)
    assert two_days[0].observed_at.utcoffset() == timedelta(0)


def test_a_backfill_says_so(little):
    hour = list(little.events(MONDAY, MONDAY + timedelta(hours=9), live=False))
    assert hour
    assert not any(e.live for e in hour)


def test_an_empty_window_is_empty(little):
    assert list(little.events(MONDAY, MONDAY)) == []
    assert list(little.events(MONDAY, MONDAY - DAY)) == []


# people


def test_people_are_neither_made_nor_lost(community):
    sound = Simulator(community, faults=False, meters=False)
    events = _doors(sound.events(MONDAY, MONDAY + DAY))
    for hour in range(1, 25):
        moment = MONDAY + timedelta(hours=hour)
        seen = [e for e in events if e.observed_at <= moment]
        change = Counter(e.data["direction"] for e in seen)
        assert sound.inside_at(moment) == sound.inside_at(MONDAY) + change["in"] - change["out"]


def test_everyone_alternates_between_out_and_in(community):
    sound = Simulator(community, faults=False, meters=False)
    way = defaultdict(list)
    for event in _doors(sound.events(MONDAY - DAY, MONDAY + DAY)):
        way[event.data["subject"]].append(event.data["direction"])
    assert len(way) > 10_000
    assert all(a != b for path in way.values() for a, b in pairwise(path))


def test_inside_stays_within_the_community(simulator):
    counts = [simulator.inside_at(MONDAY + timedelta(minutes=m)) for m in range(0, 10_080, 20)]
    assert min(counts) > 0
    assert max(counts) <= 13_000


def test_the_shape_of_a_working_day(simulator):
    def inside(hour):
        return simulator.inside_at(MONDAY + timedelta(hours=hour))

    assert inside(3) > 11_500
    assert inside(10.5) < 0.6 * inside(3)
    assert inside(10.5) < inside(19.67) < inside(23)
    assert 9_300 < inside(19.67) < 10_400
    saturday = simulator.inside_at(MONDAY - 2 * DAY + timedelta(hours=10.5))
    assert saturday > 1.3 * inside(10.5)


def test_volume_and_mix_of_passages(monday):
    passages = _doors(monday)
    assert 3 * 13_000 < len(passages) < 4 * 13_000
    mix = Counter(e.data["method"] for e in passages)
    share = {method: n / len(passages) for method, n in mix.items()}
    assert share == pytest.approx(
        {"face": 0.46, "card": 0.31, "code": 0.15, "phone": 0.08}, abs=0.03
    )
    gates = [e for e in monday if e.kind == "access" and e.layer == "gates"]
    assert 0 < len(gates) < len(passages) / 2
    refused = [e for e in monday if e.kind == "access" and not e.data["granted"]]
    assert 0 < len(refused) < 0.02 * len(passages)


def test_doors_use_only_their_methods(small):
    frames = dict(small.frames)
    doors = frames["entrances"].copy()
    offers = {"b0-u0": "card", "b0-u1": "code,card", "b1-u0": "phone", "b1-u1": "retina"}
    doors["methods"] = doors["id"].map(offers).astype("string")
    frames["entrances"] = doors
    events = Simulator(type(small)(frames, small.meta)).events(MONDAY, MONDAY + 3 * DAY)
    used = defaultdict(set)
    for event in events:
        if event.kind == "access" and event.layer == "entrances":
            used[event.subject].add(event.data["method"])
    assert used["b0-u0"] == {"card"}
    assert used["b0-u1"] == {"card", "code"}
    assert used["b1-u0"] == {"phone"}
    assert {"face", "card", "code"} <= used["b1-u1"]  # nothing known of it: any


def test_no_name_in_a_subject(monday):
    subjects = {e.data["subject"] for e in monday if e.kind == "access"}
    assert all(len(s) == 16 and int(s, 16) >= 0 for s in subjects)


def test_rhythm_of_doors_counts_the_passages(community):
    sound = Simulator(community, faults=False, meters=False)
    rhythm = sound.door_rhythm(date(2026, 11, 23))
    events = Counter(e.subject for e in _doors(sound.events(MONDAY, MONDAY + DAY)))
    assert rhythm.shape == (324, 24)
    assert rhythm.sum(axis=1).tolist() == [events[i] for i in community["entrances"]["id"]]


# doors


def test_each_door_closes_after_it_opened(monday):
    opened: dict[str, datetime] = {}
    for event in monday:
        if event.layer != "entrances" or event.kind == "alarm":
            continue
        if event.kind == "access" and event.data["granted"]:
            opened[event.subject] = event.observed_at
        elif event.kind == "status" and event.data["state"] == "closed":
            opened.pop(event.subject, None)
    late = [t for t in opened.values() if t < MONDAY + timedelta(hours=23)]
    assert late == []


def test_held_doors_a_few_an_hour(monday):
    held = [e for e in monday if e.kind == "status" and e.data["state"] == "held"]
    assert 15 < len(held) < 150


def test_some_doors_are_cut_off_and_then_silent(simulator, monday):
    spoke = {e.subject for e in monday if e.layer == "entrances"}
    noon = MONDAY + timedelta(hours=12)
    alive = {e.subject for e in simulator.heartbeats(noon, noon + timedelta(minutes=2))
             if e.layer == "entrances"}  # fmt: skip
    assert 1 <= 324 - len(alive) <= 25
    later = {e.subject for e in _doors(monday) if e.observed_at > noon}
    assert later <= alive
    assert len(spoke) > 300


def test_every_sound_door_beats_once_a_minute(small):
    sound = Simulator(small, faults=False)
    beats = list(sound.heartbeats(MONDAY, MONDAY + timedelta(minutes=10)))
    count = Counter((e.layer, e.subject) for e in beats)
    assert set(count.values()) == {10}
    assert len(count) == 8 + 3 + 6
    assert all(e.data == {"heartbeat": True} for e in beats)
    assert len({e.event_id for e in beats}) == len(beats)


# vehicles


def test_each_vehicle_alternates_and_none_is_left_over(simulator, monday):
    reads = [e for e in monday if e.kind == "plate"]
    assert len(reads) > 2_000
    unread = [e for e in reads if e.data["plate"] is None]
    assert 0.004 < len(unread) / len(reads) < 0.03
    assert all(e.data["plate_class"] == "unread" and e.data["confidence"] < 0.5 for e in unread)
    moves = simulator.fleet.moves(simulator._day(MONDAY.date()).day)
    way = defaultdict(list)
    for car, inward in zip(moves.car.tolist(), moves.inward.tolist(), strict=True):
        way[car].append(inward)
    assert all(a != b for path in way.values() for a, b in pairwise(path))
    for car, path in way.items():
        assert path[0] == (car >= moves.residents)  # a visitor first comes in
        assert path[-1] == (car < moves.residents)  # and leaves before midnight


def test_plates_are_valid_local_and_often_electric(simulator, monday):
    plates = {e.data["plate"] for e in monday if e.kind == "plate" and e.data["plate"]}
    assert all(map(is_valid_plate, plates))
    residents = simulator.resident_plates
    assert 1_000 < len(residents) < 1_200
    assert sum(p.startswith("闽A") for p in residents) > 0.8 * len(residents)
    nev = sum(classify_plate(p).startswith("nev") for p in residents) / len(residents)
    assert nev == pytest.approx(0.38, abs=0.05)


def test_cameras_see_only_their_direction(monday):
    for event in monday:
        if event.kind == "plate":
            assert event.subject.endswith(event.data["direction"])
            assert 0 <= event.data["confidence"] <= 1


def test_car_parks_never_overflow(monday):
    readings = [e for e in monday if e.layer == "parking"]
    assert readings
    for event in readings:
        values = event.data["values"]
        assert values["occupied"] + values["free"] == values["capacity"] == 120
        assert 0 <= values["occupied"] <= 120


def test_car_parks_follow_the_vehicles(small):
    sound = Simulator(small, faults=False)
    used: dict[str, int] = {}
    for event in sound.events(MONDAY, MONDAY + timedelta(hours=11)):
        if event.layer == "parking":
            used[event.subject] = event.data["values"]["occupied"]
    assert sum(used.values()) == sound.vehicles_inside_at(MONDAY + timedelta(hours=11))


# devices and services


def test_each_device_keeps_its_rhythm(small):
    sound = Simulator(small, faults=False)
    count = Counter(
        e.subject for e in sound.events(MONDAY, MONDAY + timedelta(hours=2)) if e.kind == "reading"
    )
    assert count["charging_pile-2"] == 120
    assert count["waste_bin-3"] == 24
    assert count["water_meter-3"] == 2
    quarter = [e for e in sound.events(MONDAY, MONDAY + timedelta(seconds=60))
               if e.layer == "devices"]  # fmt: skip
    assert len({e.observed_at.second for e in quarter}) > 10  # not all at once


def test_about_three_in_a_hundred_devices_are_silent(simulator, monday):
    piles = Counter(e.subject for e in monday if e.subject.startswith("charging_pile"))
    heard = sum(piles.values()) / (40 * 1440)
    assert 0.9 < heard < 1.0


def test_readings_are_plausible(monday):
    seen = defaultdict(list)
    for event in monday:
        if event.kind == "reading" and event.layer == "devices":
            for name, value in event.data["values"].items():
                assert name in event.data["unit"]
                if value != -999:  # a broken sensor, now and then
                    seen[name].append(value)
    assert min(seen["level"]) >= 0
    assert max(seen["level"]) <= 100
    assert max(seen["power"]) <= 7
    assert -10 < min(seen["temperature"]) < max(seen["temperature"]) < 110
    assert min(seen["clients"]) >= 0


def test_bins_rise_and_are_emptied(small):
    sound = Simulator(small, faults=False)
    level = [
        e.data["values"]["level"]
        for e in sound.events(MONDAY, MONDAY + DAY)
        if e.subject == "waste_bin-1" and e.kind == "reading"
    ]
    steps = np.diff(level)
    assert (steps < -10).sum() == 3
    assert (steps[steps > -10] >= 0).all()


def test_full_bins_raise_an_alarm_as_they_pass_the_mark(small):
    simulator = Simulator(small, faults=False, meters=False)
    level: dict[str, float] = {}
    alarms = 0
    for event in simulator.events(MONDAY, MONDAY + 7 * DAY):
        if event.kind == "alarm" and event.data["type"] == "bin_full":
            alarms += 1
            assert 80 < level.get(event.subject, 85) <= 91
        elif event.kind == "reading" and event.subject.startswith("waste_bin"):
            level[event.subject] = event.data["values"]["level"]
    assert alarms


def test_meters_never_run_backwards(small):
    total: dict[str, list[float]] = defaultdict(list)
    for event in Simulator(small, faults=False).events(MONDAY, MONDAY + 4 * DAY):
        if event.kind == "reading" and event.subject.startswith(("water", "electricity")):
            total[event.subject].append(next(iter(event.data["values"].values())))
    assert len(total) == 40
    for readings in total.values():
        assert len(readings) == 96
        assert all(a <= b for a, b in pairwise(readings))
        assert readings[-1] > readings[0]


def test_meters_can_be_left_out(small):
    for events in (
        Simulator(small, meters=False).events(MONDAY, MONDAY + DAY),
        Simulator(small).events(MONDAY, MONDAY + DAY, meters=False),
    ):
        assert not [e for e in events if "meter" in e.subject or "smoke" in e.subject]


def test_rare_alarms_over_weeks(small, strip):
    frames = dict(strip(small, "services", "parking", "plate_cameras", "gates").frames)
    devices = frames["devices"]
    frames["devices"] = devices[devices["id"].isin(["sos_pole-0", "charging_pile-0"])]
    quiet = Simulator(type(small)(frames, small.meta))
    kinds = Counter(
        e.data["type"]
        for e in quiet.events(MONDAY, MONDAY + 42 * DAY, meters=False)
        if e.kind == "alarm"
    )
    assert 8 <= kinds["sos"] <= 34
    assert kinds["forced"] > 0
    assert kinds["overheat"] > 0


def test_every_alarm_of_a_device_ends(small):
    going: dict[str, datetime] = {}
    ended = 0
    for event in Simulator(small).events(MONDAY, MONDAY + 10 * DAY):
        if event.layer == "devices" and event.kind == "alarm":
            going[event.subject] = event.observed_at
        elif event.layer == "devices" and event.kind == "status":
            assert event.data == {"state": "ok"}
            ended += going.pop(event.subject, None) is not None
    assert ended > 3
    assert all(since > MONDAY + 9.5 * DAY for since in going.values())


def test_services_fill_within_their_hours(monday):
    by = defaultdict(list)
    for event in monday:
        if event.kind == "service":
            by[event.subject].append(event)
    canteen = [e for e in by["canteen"] if e.data["state"] != "closed"]
    assert max(e.data["used"] for e in canteen) > 80
    assert all(e.data["used"] <= e.data["capacity"] for e in by["canteen"])
    open_hours = {e.observed_at.astimezone(ZONE).hour for e in by["childcare"]
                  if e.data["state"] != "closed"}  # fmt: skip
    assert open_hours == {16, 17, 18}
    assert by["centre"]


def test_nothing_after_school_on_saturday(little):
    saturday = MONDAY - 2 * DAY
    states = {e.data["state"] for e in little.events(saturday, saturday + DAY)
              if e.subject == "childcare"}  # fmt: skip
    assert states == {"closed"}


# communities that lack things


@pytest.mark.parametrize(
    "layer", ["entrances", "gates", "plate_cameras", "parking", "services", "devices", "buildings"]
)
def test_nothing_is_made_for_what_is_not_there(small, strip, layer):
    events = list(Simulator(strip(small, layer)).events(MONDAY, MONDAY + DAY))
    assert events
    assert not [e for e in events if e.layer == layer]
    known = {name: set(small[name]["id"]) for name in small.frames}
    assert all(e.subject in known[e.layer] for e in events)


def test_a_bare_community_is_quiet(small, strip):
    bare = strip(small, *(name for name in small.frames if name != "buildings"))
    simulator = Simulator(bare)
    assert list(simulator.events(MONDAY, MONDAY + DAY)) == []
    assert list(simulator.heartbeats(MONDAY, MONDAY + DAY)) == []
    assert 0 < simulator.inside_at(MONDAY) <= 300
    nothing = Simulator(strip(small, *small.frames))
    assert list(nothing.events(MONDAY, MONDAY + DAY)) == []
    assert nothing.inside_at(MONDAY) == 0


def test_residents_are_assumed_behind_doors_when_not_known(small):
    frames = dict(small.frames)
    frames["buildings"] = frames["buildings"].drop(columns="residents").assign(residents=0)
    simulator = Simulator(type(small)(frames, small.meta))
    assert simulator.population.size == 8 * 40


def test_a_zone_with_summer_time(small):
    meta = small.meta | {"timezone": "Europe/Berlin"}
    simulator = Simulator(type(small)(small.frames, meta), faults=False)
    start = datetime(2026, 10, 24, 12, tzinfo=ZoneInfo("UTC"))
    events = list(simulator.events(start, start + 2 * DAY))
    beats = list(simulator.heartbeats(start, start + 2 * DAY))
    assert len({e.event_id for e in events}) == len(events)
    assert all(a.observed_at <= b.observed_at for a, b in pairwise(events))
    assert len(beats) == 17 * 2 * 1440


def test_doors_with_all_methods_make_up_for_the_others(community):
    frames = dict(community.frames)
    doors = frames["entrances"].copy()
    offers = ["face,card,code,phone", "face,card,phone", "face,card", "card,code"]
    doors["methods"] = [offers[i % 4] for i in range(len(doors))]
    frames["entrances"] = doors
    simulator = Simulator(type(community)(frames, community.meta), meters=False)
    used = Counter(e.data["method"] for e in _doors(simulator.events(MONDAY, MONDAY + DAY)))
    share = {method: n / used.total() for method, n in used.items()}
    assert share == pytest.approx(
        {"face": 0.46, "card": 0.31, "code": 0.15, "phone": 0.08}, abs=0.03
    )
