"""Histories of devices, car parks and doors, against the store by pandas."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from live.history import (
    PeopleBook,
    Span,
    day_span,
    device_history,
    door_history,
    gate_day,
    parking_history,
    read_events,
    read_places,
    read_reads,
)
from live.history.devices import PARKING_PERIOD_S, find_gaps
from tests.live.history.town import KEY
from tests.live.small_world import make_event

T0 = datetime(2026, 11, 20, 0, tzinfo=UTC)
SPAN = Span(T0, T0 + timedelta(hours=2))


def test_readings_over_a_day_are_those_of_the_store(filled, rows):
    store, span = filled
    events = read_events(store, span, layer="devices", subject="bin0")
    mine = rows[(rows["thing"] == "bin0") & (rows["kind"] == "reading")].sort_values("at")
    history = device_history(events, span, 600.0, span.until)
    assert len(mine) > 100
    for quantity, series in history.items():
        told = [(at, v[quantity]) for at, v in zip(mine["at"], mine["values"], strict=True)]
        kept = [(point.at, point.value) for point in series.points]
        doubted = [(point.at, point.value) for point, _ in series.doubted]
        assert sorted([*kept, *doubted]) == told
        assert series.unit == mine["unit"].iloc[0][quantity]
    # silent spells, found the other way: steps longer than three periods
    steps = mine["at"].diff().dt.total_seconds()
    inner = [g for g in history["level"].gaps if g.since > span.since and g.until < span.until]
    assert len(inner) == int((steps > 1800).sum())


def test_what_cannot_be_true_is_apart_from_the_line():
    events = [
        make_event("reading", "bin0", T0 + timedelta(minutes=n), values={"level": 10.0 + n},
                   unit={"level": "%"}, **({"doubt": {"level": "fault"}} if n == 2 else {}))
        for n in range(4)
    ]  # fmt: skip
    series = device_history(events, SPAN, 0, SPAN.until)["level"]
    assert [point.value for point in series.points] == [10, 11, 13]
    assert [(point.value, why) for point, why in series.doubted] == [(12.0, "fault")]


def test_gaps_end_at_the_present_and_never_lie_ahead():
    now = T0 + timedelta(minutes=90)
    at = [T0 + timedelta(minutes=n) for n in (0, 10, 50, 60)]
    gaps = find_gaps(at, SPAN, 600.0, now)
    assert [(g.since, g.until) for g in gaps] == [(at[1], at[2])]
    assert find_gaps(at, SPAN, 300.0, now)[-1].until == now
    assert find_gaps([], SPAN, 0, now) == []
    assert find_gaps([], SPAN, 600.0, now) == [Span(T0, now)]


def test_free_places_over_a_day_are_those_of_the_store(filled, rows):
    store, span = filled
    events = read_events(store, span, layer="parking", subject="p0")
    mine = rows[rows["thing"] == "p0"].sort_values("at")
    history = parking_history(events, span, span.until)
    assert [(p.at, p.value) for p in history.free] == [
        (at, values["free"]) for at, values in zip(mine["at"], mine["values"], strict=True)
    ]
    assert history.capacity == 60
    steps = np.diff(mine["at"].to_numpy()) / np.timedelta64(1, "s")
    assert (steps <= 3 * PARKING_PERIOD_S).all()
    assert history.gaps == []


def test_a_car_park_that_tells_only_what_is_taken_has_the_rest_free():
    event = make_event("reading", "p0", T0, values={"occupied": 12}, unit={})
    assert parking_history([event], SPAN, T0, capacity=20).free[0].value == 8


def test_door_spells_are_those_of_its_words(filled, rows):
    store, span = filled
    found = 0
    for door in ("a1-1", "a1-2", "a2-1", "a2-2", "b1-1"):
        spells = door_history(read_events(store, span, layer="entrances", subject=door), span)
        mine = rows[(rows["thing"] == door) & (rows["kind"] == "status")]
        held = mine[mine["state"] == "held"]["at"]
        assert [s.since for s in spells if s.state == "held"] == list(held.sort_values())
        found += len(spells)
    assert found > 0


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([(0, "held"), (5, "closed")], [("held", 0, 5)]),
        ([(0, "forced")], [("forced", 0, None)]),
        ([(0, "held"), (1, "held"), (5, "forced"), (9, "closed")],
         [("held", 0, 5), ("forced", 5, 9)]),
        ([(0, "open"), (1, "closed"), (2, "open")], []),  # people, not spells
        ([(0, "offline"), (20, "access"), (30, "closed")], [("offline", 0, 30)]),
    ],
)  # fmt: skip
def test_only_what_is_out_of_the_ordinary_makes_a_spell(words, expected):
    events = [
        make_event("access", "a1-1", T0 + timedelta(minutes=m), layer="entrances", granted=True)
        if state == "access"
        else make_event("status", "a1-1", T0 + timedelta(minutes=m), layer="entrances", state=state)
        for m, state in words
    ]

    def minute(at: datetime | None) -> float | None:
        return None if at is None else (at - T0) / timedelta(minutes=1)

    spells = door_history(events, SPAN)
    assert [(s.state, minute(s.since), minute(s.until)) for s in spells] == expected


def test_the_day_of_a_gate_is_made_of_its_parts(filled, town, rows):
    store, span = filled
    people = PeopleBook(store, read_places(town), KEY).read(span, span.until + timedelta(hours=2))
    reads = [
        read
        for camera in ("gA-in", "gA-out")
        for read in read_reads(store, span, KEY, camera=camera)
    ]
    day = gate_day("gA", people, reads, read_events(store, span, layer="gates", subject="gA"))
    assert day.people == people.by_hour("gates", "gA")
    plates = rows[(rows["kind"] == "plate") & rows["thing"].isin(["gA-in", "gA-out"])]
    ways = plates["direction"].value_counts()
    assert day.vehicles.total == (ways["in"], ways["out"])
    busiest = next(hour for hour in day.people if hour.hour == day.busiest)
    assert all(h.in_ + h.out <= busiest.in_ + busiest.out for h in day.people)


def test_a_day_has_the_hours_of_its_clock():
    from zoneinfo import ZoneInfo

    berlin = ZoneInfo("Europe/Berlin")
    assert len(day_span(datetime(2026, 3, 29).date(), berlin).hours) == 23
    assert len(day_span(datetime(2026, 10, 25).date(), berlin).hours) == 25
    shanghai = day_span(datetime(2026, 11, 20).date(), ZoneInfo("Asia/Shanghai"))
    assert shanghai.hours[0] == datetime(2026, 11, 19, 16, tzinfo=UTC)
