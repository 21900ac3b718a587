from collections import Counter
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from live.counters import Day, LastHour
from live.plates import classify_plate
from live.state import TwinState
from tests.live.small_world import DOORS, NOON, PERIODS, after, make_event, small_community
from tests.live.strategies import events

FUZHOU = ZoneInfo("Asia/Shanghai")
COMMUNITY = small_community()
MIDNIGHT = NOON + timedelta(hours=12)


def recount(applied, now, baseline=300, vehicles=40):
    """Count everything anew from the list of all events: slow, and on another path."""
    local = now.astimezone(FUZHOU)
    today = [e for e in applied if e.observed_at.astimezone(FUZHOU).date() == local.date()]
    hour = [e for e in applied if e.observed_at > now - timedelta(hours=1)]
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)

    def quarter(event):
        return int((event.observed_at - midnight).total_seconds() // 900)

    def passed(group):
        return [e for e in group if e.kind == "access" and e.data.get("granted", True)]

    home = [e for e in passed(today) if e.layer == "entrances"]
    inside, series = baseline, []
    for q in range(96):
        inside += sum(1 if e.data["direction"] == "in" else -1 for e in home if quarter(e) == q)
        series.append(min(500, max(0, inside)))
    q_now = int((now - midnight).total_seconds() // 900)
    plates = [e for e in today if e.kind == "plate"]
    way = [e.data.get("direction") or ("in" if e.subject == "c0" else None) for e in plates]
    read = [classify_plate(e.data["plate"]) for e in plates if e.data["plate"]]
    hours = Counter(quarter(e) // 4 for e, w in zip(plates, way, strict=True) if w)
    bins = Counter(quarter(e) for e in today if e.kind in ("access", "plate"))
    heard = {}
    for event in applied:
        if event.live:
            key = event.layer, event.subject
            heard[key] = max(heard.get(key, event.observed_at), event.observed_at)
    rhythm = {("entrances", d): 60 for d in DOORS} | {("gates", "g0"): 60}
    rhythm |= {("plate_cameras", c): 60 for c in ("c0", "c1")}
    rhythm |= {("devices", d): period for d, period in PERIODS.items()}
    age = {k: (now - heard[k]).total_seconds() / p if k in heard else 99 for k, p in rhythm.items()}
    opened = Counter(e.data["method"] for e in passed(hour))
    ways = Counter(e.data["direction"] for e in passed(hour) if e.layer == "entrances")
    return {
        "methods": {m: opened[m] for m in ("face", "card", "code", "phone")},
        "n_1h": sum(opened.values()),
        "due": sum(p <= 300 for p in rhythm.values()),
        "heard": sum(age[k] <= 2 and p <= 300 for k, p in rhythm.items()),
        "silent": sum(age[k] > 3 and p <= 300 for k, p in rhythm.items()),
        "silent_doors": sum(age["entrances", d] > 3 for d in DOORS),
        "silent_meters": int(age["devices", "meter"] > 3),
        "in": way.count("in"),
        "out": way.count("out"),
        "inside": max(0, vehicles + way.count("in") - way.count("out")),
        "visitors": sum(
            w == "in" and e.data.get("who") == "visitor" for e, w in zip(plates, way, strict=True)
        ),
        "nev": round(sum(c.startswith("nev") for c in read) / len(read), 4) if read else None,
        "read": round(len(read) / len(plates), 4) if plates else None,
        "hours": [hours[h] for h in range(24)],
        "bins": [bins[q] for q in range(96)],
        "people": series[95],
        "in_1h": ways["in"],
        "out_1h": ways["out"],
        "series": series[:q_now] + [series[95]] + [None] * (95 - q_now),
        "reads": Counter(e.subject for e in plates),
    }


def counted(state):
    rows = state.snapshot()
    c, people = rows["counters"], rows["people"]["community"]
    return {
        **{k: c["doors"][k] for k in ("methods", "n_1h")},
        **{k: c["sensing"][k] for k in ("due", "heard", "silent")},
        "silent_doors": c["kinds"]["by"]["entrance"]["silent"],
        "silent_meters": c["kinds"]["by"]["water_meter"]["silent"],
        **{
            k: c["vehicles"][k] for k in ("in", "out", "inside", "visitors", "nev", "read", "hours")
        },
        "bins": c["activity"]["bins"],
        "people": people["in"],
        **{k: people[k] for k in ("in_1h", "out_1h", "series")},
        "reads": Counter({k: v["n"] for k, v in rows["plate_cameras"].items() if v["n"]}),
    }


@settings(max_examples=120, deadline=None)
@given(
    # from two hours before midnight to two hours after
    st.lists(st.tuples(events(10 * 3600, 14 * 3600), st.integers(0, 1500)), max_size=40),
    st.randoms(),
)
def test_counters_equal_a_recount_at_any_time_and_across_midnight(script, random):
    state = TwinState(COMMUNITY, after(10 * 3600))
    state.set_baseline(300, NOON - timedelta(hours=12), vehicles=40)
    applied, waiting = [], sorted((e for e, _ in script), key=lambda e: e.observed_at)
    now = after(10 * 3600)
    for _, pause in script:
        now += timedelta(seconds=pause)
        # what is in the past by now arrives, in any order, some of it later
        due = [e for e in waiting if e.observed_at <= now and random.random() < 0.8]
        random.shuffle(due)
        for event in due:
            waiting.remove(event)
            state.apply(event)
            applied.append(event)
        state.sweep(now)
        assert counted(state) == recount(applied, now)


@settings(max_examples=60, deadline=None)
@given(st.lists(events(-3600, 0), max_size=40), st.integers(0, 8000))
def test_door_counts_are_those_of_the_rows(told, later):
    state = TwinState(COMMUNITY, after(-3600))
    for event in told:
        state.apply(event)
    state.sweep(after(later))
    rows = state.snapshot()
    shown = Counter(r["s"] for layer in ("entrances", "gates") for r in rows[layer].values())
    doors = rows["counters"]["doors"]
    assert {s: doors[s] for s in ("closed", "open", "held", "forced", "offline")} == {
        s: shown[s] for s in ("closed", "open", "held", "forced", "offline")
    }


def test_every_counter_starts_at_nothing_known():
    rows = TwinState(COMMUNITY, NOON).snapshot()["counters"]
    assert rows["doors"]["offline"] == rows["doors"]["total"] == 5
    assert rows["sensing"]["share"] == 0
    assert rows["kinds"]["by"]["smoke_alarm"] == {"n": 1, "silent": 1}
    assert rows["vehicles"]["inside"] is None
    assert rows["vehicles"]["nev"] is None
    assert all(row["t"] is None for row in rows.values())


def test_at_midnight_the_day_starts_anew_and_the_last_hour_goes_on():
    state = TwinState(COMMUNITY, MIDNIGHT - timedelta(minutes=5))
    state.set_baseline(300, NOON, vehicles=40)
    before = MIDNIGHT - timedelta(minutes=1)
    state.apply(make_event("plate", "c0", before, plate="闽A12345"))
    state.apply(make_event("access", "d0", before, method="face", direction="out"))
    assert state.snapshot()["people"]["community"]["in"] == 299
    state.sweep(MIDNIGHT)
    rows = state.snapshot()
    assert rows["counters"]["vehicles"]["in"] == 0
    assert sum(rows["counters"]["activity"]["bins"]) == 0
    assert rows["plate_cameras"]["c0"]["n"] == 0
    assert rows["counters"]["doors"]["n_1h"] == 1
    people = rows["people"]["community"]
    assert people["in"] == 300
    assert people["series"] == [300] + [None] * 95
    # what was observed yesterday and comes only now is no part of today
    state.apply(make_event("plate", "c0", before, plate="闽A12345", received=MIDNIGHT))
    assert state.snapshot()["counters"]["vehicles"]["in"] == 0


def test_midnight_is_that_of_the_place():
    state = TwinState(small_community(timezone="Europe/Berlin"), MIDNIGHT - timedelta(minutes=5))
    state.apply(make_event("plate", "c0", MIDNIGHT - timedelta(minutes=1), plate="闽A12345"))
    state.sweep(MIDNIGHT + timedelta(hours=1))
    vehicles = state.snapshot()["counters"]["vehicles"]
    assert vehicles["hours"] == [0] * 16 + [1] + [0] * 7


def test_people_stay_between_nobody_and_all_residents():
    state = TwinState(COMMUNITY, NOON)
    state.set_baseline(499, NOON)
    for second in range(3):
        state.apply(make_event("access", "d0", second, method="face", direction="in"))
    assert state.snapshot()["people"]["community"]["in"] == 500


def test_people_are_unknown_without_a_baseline_and_before_it():
    state = TwinState(COMMUNITY, NOON)
    assert state.snapshot()["people"]["community"]["in"] is None
    state.set_baseline(100, NOON)
    series = state.snapshot()["people"]["community"]["series"]
    assert series == [None] * 48 + [100] + [None] * 47


def test_somebody_at_a_gate_and_at_a_door_counts_once():
    state = TwinState(COMMUNITY, NOON)
    state.set_baseline(100, NOON)
    state.apply(make_event("access", "g0", 1, method="card", direction="in"))
    state.apply(make_event("access", "d0", 60, method="card", direction="in"))
    assert state.snapshot()["people"]["community"]["in"] == 101


def test_intake_counts_and_rate_fade():
    state = TwinState(COMMUNITY, NOON)
    state.count_intake(50, 2, 1, NOON)
    state.sweep(after(1))
    row = state.snapshot()["counters"]["intake"]
    assert row == {
        "accepted": 50, "duplicate": 2, "quarantined": 1, "rate": 5.0, "t": NOON.timestamp(),
    }  # fmt: skip
    state.sweep(after(11))
    assert state.snapshot()["counters"]["intake"]["rate"] == 0


@pytest.mark.parametrize("hours", [23, 25])
def test_days_of_other_lengths_end_at_midnight(hours):
    # Berlin: 29 March 2026 has 23 hours, 25 October 2026 has 25
    zone = ZoneInfo("Europe/Berlin")
    noon = NOON.replace(month=3, day=29) if hours == 23 else NOON.replace(month=10, day=25)
    day = Day("Europe/Berlin", noon.timestamp())
    assert (day.end - day.start) / 3600 == hours
    assert day.quarter(noon.timestamp()) == noon.astimezone(zone).hour * 4


@given(st.lists(st.tuples(st.integers(0, 8000), st.sampled_from("ab"))), st.integers(0, 9000))
def test_the_last_hour_holds_what_is_younger_than_an_hour(told, now):
    window = LastHour()
    for t, key in told:
        window.add(t, key, min(now, 3000))
    window.expire(now)
    young = Counter(key for t, key in told if t > now - 3600)
    assert {k: n for k, n in window.counts.items() if n} == young
    assert window.total == sum(young.values())


def test_what_is_an_hour_old_is_not_in_the_last_hour():
    window = LastHour()
    window.add(100, "a", 3000)
    window.add(101, "b", 3000)
    assert window.expire(3700)
    assert window.counts == {"a": 0, "b": 1}
    window.add(100, "a", 3700)
    assert window.total == 1
