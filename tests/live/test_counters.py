from collections import Counter
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from live.counters import Day
from live.history import Span, day_span
from live.history.people_now import PeopleNow, PlaceFigure
from live.plates import classify_plate
from live.state import TwinState
from live.subjects import is_passage_word
from tests.live.small_world import DOORS, NOON, PERIODS, after, make_event, small_community
from tests.live.strategies import events

FUZHOU = ZoneInfo("Asia/Shanghai")
COMMUNITY = small_community()
MIDNIGHT = NOON + timedelta(hours=12)


def recount(applied, now, vehicles=40):
    """Count everything anew from the list of all events: slow, and on another path."""
    local = now.astimezone(FUZHOU)
    today = [e for e in applied if e.observed_at.astimezone(FUZHOU).date() == local.date()]
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)

    def quarter(event):
        return int((event.observed_at - midnight).total_seconds() // 900)

    plates = [e for e in today if e.kind == "plate"]
    way = [e.data.get("direction") or ("in" if e.subject == "c0" else None) for e in plates]
    read = [classify_plate(e.data["plate"]) for e in plates if e.data["plate"]]
    hours = Counter(quarter(e) // 4 for e, w in zip(plates, way, strict=True) if w)
    bins = Counter(quarter(e) for e in plates)
    heard = {}
    for event in applied:
        if event.live and not is_passage_word(event):
            key = event.layer, event.subject
            heard[key] = max(heard.get(key, event.observed_at), event.observed_at)
    rhythm = {("entrances", d): 60 for d in DOORS} | {("gates", "g0"): 60}
    rhythm |= {("plate_cameras", c): 60 for c in ("c0", "c1")}
    rhythm |= {("devices", d): period for d, period in PERIODS.items()}
    age = {k: (now - heard[k]).total_seconds() / p if k in heard else 99 for k, p in rhythm.items()}
    return {
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
        "reads": Counter(e.subject for e in plates),
    }


def counted(state):
    rows = state.snapshot()
    c = rows["counters"]
    return {
        **{k: c["sensing"][k] for k in ("due", "heard", "silent")},
        "silent_doors": c["kinds"]["by"]["entrance"]["silent"],
        "silent_meters": c["kinds"]["by"]["water_meter"]["silent"],
        **{
            k: c["vehicles"][k] for k in ("in", "out", "inside", "visitors", "nev", "read", "hours")
        },
        "bins": c["activity"]["bins"],
        "reads": Counter({k: v["n"] for k, v in rows["plate_cameras"].items() if v["n"]}),
    }


@settings(max_examples=120, deadline=None)
@given(
    # from two hours before midnight to two hours after
    # (a door that opens or shuts counts as heard by what was heard before: tests of the state)
    st.lists(
        st.tuples(
            events(10 * 3600, 14 * 3600).filter(
                lambda e: e.kind != "status" or not is_passage_word(e)
            ),
            st.integers(0, 1500),
        ),
        max_size=40,
    ),
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


def published(hours, **more):
    """What is published of the small community: {hours after its midnight: (in, out)}."""
    span = day_span(NOON.astimezone(FUZHOU).date(), FUZHOU)
    at = {(span.since + timedelta(hours=h)).timestamp(): told for h, told in hours.items()}
    last = max((t for t, told in at.items() if told is not None), default=None)
    return PeopleNow(Span(span.since, span.until), at, last, **more)


def test_at_midnight_the_day_starts_anew_and_the_newest_hour_stays():
    state = TwinState(COMMUNITY, MIDNIGHT - timedelta(minutes=5))
    state.set_baseline(300, NOON - timedelta(hours=12), vehicles=40)
    before = MIDNIGHT - timedelta(minutes=1)
    state.apply(make_event("plate", "c0", before, plate="闽A12345"))
    state.publish(published({21: (5, 20), 22: (10, 15)}, methods={"face": 25}))
    assert state.snapshot()["people"]["community"]["in"] == 280
    state.sweep(MIDNIGHT)
    rows = state.snapshot()
    assert rows["counters"]["vehicles"]["in"] == 0
    assert sum(rows["counters"]["activity"]["bins"]) == 0
    assert rows["plate_cameras"]["c0"]["n"] == 0
    assert rows["counters"]["doors"]["n_1h"] == 25
    people = rows["people"]["community"]
    assert (people["in"], people["t"]) == (300, MIDNIGHT.timestamp())
    assert (people["in_1h"], people["hour"]) == (10, MIDNIGHT.timestamp() - 2 * 3600)
    assert people["series"] == [300] + [None] * 24
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
    state.set_baseline(499, NOON - timedelta(hours=12))
    state.publish(published({8: (5, 0)}))
    assert state.snapshot()["people"]["community"]["in"] == 500


def test_people_are_unknown_without_a_baseline_and_before_it():
    state = TwinState(COMMUNITY, NOON)
    state.publish(published({8: (5, 0)}))
    people = state.snapshot()["people"]["community"]
    assert (people["in"], people["in_1h"], people["t"]) == (None, 5, None)
    state.set_baseline(100, NOON)
    series = state.snapshot()["people"]["community"]["series"]
    assert series == [None] * 12 + [100] + [None] * 12


def test_the_estimate_moves_with_published_hours_and_breaks_where_one_is_missing():
    state = TwinState(COMMUNITY, NOON)
    state.set_baseline(100, NOON - timedelta(hours=12))
    state.take_changes()
    for second in range(200):
        state.apply(make_event("access", DOORS[second % 4], second, method="face", direction="in"))
    state.sweep(after(300))
    assert state.take_changes() is None
    state.publish(published({0: (5, 10), 1: None, 2: (0, 15), 3: None}))
    people = state.snapshot()["people"]["community"]
    assert people["series"] == [100, 95, None, 80] + [None] * 21
    assert (people["in"], people["t"]) == (80, NOON.timestamp() - 9 * 3600)
    assert (people["in_1h"], people["out_1h"]) == (0, 15)


def test_a_published_hour_is_told_in_the_feed_one_place_a_minute():
    state = TwinState(COMMUNITY, NOON)
    places = [PlaceFigure("gates", "g0", 20, 5), PlaceFigure("buildings", "b", 0, 10)]
    state.publish(published({10: (20, 15)}, places=places))
    eleven = NOON.timestamp() - 3600
    assert state.snapshot()["feed"] == {
        f"people/{layer}/{key}/{eleven - 3600:.0f}": {
            "k": "people", "l": layer, "i": key, "t": eleven + 900 + 60 * n,
            "d": {"from": eleven - 3600, "until": eleven, "in": in_, "out": out},
        }
        for n, (layer, key, in_, out) in enumerate(
            [("gates", "g0", 20, 5), ("buildings", "b", 0, 10)]
        )
    }  # fmt: skip
    state.publish(published({11: (20, 15)}, places=places))
    assert len(state.snapshot()["feed"]) == 2
    state.sweep(after(901))
    assert len(state.snapshot()["feed"]) == 3
    state.sweep(after(961))
    assert len(state.snapshot()["feed"]) == 4


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
