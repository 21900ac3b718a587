"""Histories of vehicles, against the store by pandas."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from live.history import (
    Read,
    VehicleBook,
    camera_day,
    read_reads,
    still_inside,
    unread_share,
    vehicle_key,
    vehicle_trail,
    vehicle_visits,
)
from live.plates import mask_plate
from tests.live.history.town import KEY

T0 = datetime(2026, 11, 20, 0, tzinfo=UTC)
HOURS = timedelta(hours=1)


@pytest.fixture(scope="session")
def reads(filled) -> list[Read]:
    store, span = filled
    return read_reads(store, span, KEY)


@pytest.fixture(scope="session")
def plates(rows) -> pd.DataFrame:
    return rows[rows["kind"] == "plate"].sort_values("at")


def test_reads_are_those_of_the_store_and_carry_no_plate(reads, plates):
    assert len(reads) == len(plates) > 100
    assert [read.at for read in reads] == list(plates["at"])
    assert [read.masked for read in reads] == [
        mask_plate(p if isinstance(p, str) else None) for p in plates["plate"]
    ]
    text = repr(reads)
    assert not [plate for plate in plates["plate"].dropna() if plate in text]


def test_camera_day_counts_each_hour_class_and_owner(reads, plates, filled):
    _, span = filled
    for camera in ("gA-in", "gB-both"):
        mine = plates[plates["thing"] == camera]
        day = camera_day([read for read in reads if read.camera == camera], span.hours)
        by_hour = mine.groupby(["hour", "direction"]).size()
        for hour in day.hours:
            assert hour.in_ == by_hour.get((hour.hour, "in"), 0)
            assert hour.out == by_hour.get((hour.hour, "out"), 0)
        assert dict(day.classes) == mine["plate_class"].value_counts().to_dict()
        assert dict(day.who) == mine["who"].value_counts().to_dict()
        assert day.unread.unread == mine["plate"].isna().sum()


def test_unread_share_is_that_of_the_store(reads, plates):
    share = unread_share(reads)
    assert (share.reads, share.unread) == (len(plates), plates["plate"].isna().sum())
    assert unread_share([]).share is None


def test_still_inside_is_everyone_whose_newest_read_goes_in(reads, plates, filled):
    _, span = filled
    limit, late = timedelta(minutes=20), 0
    for at in span.hours[9:]:
        newest = plates[plates["at"] <= at].dropna(subset="plate").groupby("plate").tail(1)
        expected = newest[newest["direction"] == "in"].set_index("plate")["at"]
        inside = still_inside(reads, at, limit)
        assert {one.vehicle for one in inside} == {vehicle_key(p, KEY) for p in expected.index}
        assert [one.since for one in inside] == sorted(expected)
        visitors = set(newest[newest["who"] == "visitor"]["plate"])
        over = {p for p, since in expected.items() if p in visitors and at - since > limit}
        assert {one.vehicle for one in inside if one.over} == {vehicle_key(p, KEY) for p in over}
        late += len(over)
    assert late > 0


def test_visits_pair_each_entry_with_its_exit(reads, plates):
    """Where the store has in, out, in, out, each pair is a visit of that length."""
    paired = 0
    for plate, mine in plates.dropna(subset="plate").groupby("plate"):
        ways = list(mine["direction"])
        if len(ways) < 2 or ways != ["in", "out"] * (len(ways) // 2):
            continue
        at = list(mine["at"])
        visits = vehicle_visits(vehicle_key(str(plate), KEY), reads)
        assert [visit.duration for visit in visits] == [
            out - into for into, out in zip(at[::2], at[1::2], strict=True)
        ]
        paired += len(visits)
    assert paired > 5


def _read(minutes: float, way: str, camera: str = "c") -> Read:
    return Read(T0 + timedelta(minutes=minutes), camera, "v", "闽A·12**5", "blue", way, "visitor")


@pytest.mark.parametrize(
    ("reads", "expected"),
    [
        ([(0, "in"), (60, "out")], [(0, 60, True)]),
        ([(0, "in"), (60, "in"), (90, "out")], [(0, None, True), (60, 90, True)]),  # exit missed
        ([(30, "out"), (60, "in")], [(None, 30, True), (60, None, False)]),  # entry missed
        ([(0, "in"), (0.5, "in"), (60, "out"), (61, "out")], [(0, 60, True)]),  # seen twice
        ([(0, "in"), (10, ""), (20, "out")], [(0, 20, True)]),  # no way told
        ([(5, "in"), (0, "out")], [(None, 0, True), (5, None, False)]),  # out of order
        ([], []),
    ],
)
def test_visits_live_with_missed_and_repeated_reads(reads, expected):
    def minute(at: datetime | None) -> float | None:
        return None if at is None else (at - T0) / timedelta(minutes=1)

    visits = vehicle_visits("v", [_read(*read) for read in reads])
    assert [(minute(v.entered_at), minute(v.left_at), v.ended) for v in visits] == expected


def test_a_long_queue_at_one_gate_is_one_entry():
    reads = [_read(minute, "in") for minute in (0, 1.5, 3)]
    assert still_inside(reads, T0 + HOURS, HOURS)[0].since == T0
    assert len(vehicle_visits("v", reads)) == 1


def test_a_trail_is_every_read_of_one_vehicle(reads, plates):
    busiest = plates["plate"].value_counts().index[0]
    trail = vehicle_trail(vehicle_key(busiest, KEY), reads)
    mine = plates[plates["plate"] == busiest]
    assert [(read.at, read.camera) for read in trail] == list(
        zip(mine["at"], mine["thing"], strict=True)
    )


def test_a_vehicle_is_found_by_its_key_and_by_no_other(filled, plates):
    store, _ = filled
    plate = plates["plate"].dropna().iloc[0]
    book = VehicleBook(store, KEY)
    assert book.find(vehicle_key(plate, KEY)) == plate
    assert book.find(vehicle_key(plate, b"another key")) is None
    assert vehicle_key("闽A 1234·5", KEY) == vehicle_key("闽A12345", KEY)
