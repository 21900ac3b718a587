"""Counts of people: one source, published once an hour, near the truth, and final."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta

import pandas as pd
import pytest

from live.history import PeopleBook, PeopleSpan, Span, read_places
from live.history.people import count_hour
from live.history.people_book import GAP, GRACE
from live.history.reading import read_events
from live.history.span import HOUR
from live.store import open_store
from tests.live.history.town import KEY, fill_store, make_town
from tests.live.small_world import NOON, make_event
from tests.live.test_disclosure import bounds_of

PLACES = [
    ("community", ""),
    ("compounds", "A"),
    ("buildings", "a1"),
    ("buildings", "b1"),
    ("entrances", "a2-2"),
    ("gates", "gA"),
]


@pytest.fixture(scope="session")
def published(town, filled) -> PeopleSpan:
    store, span = filled
    return PeopleBook(store, read_places(town), KEY).read(span, span.until + timedelta(hours=2))


@pytest.fixture(scope="session")
def passages(town, rows) -> pd.DataFrame:
    """Everyone who was let through, with building, compound and way."""
    passed = rows[(rows["kind"] == "access") & (rows["granted"] == True)].copy()  # noqa: E712
    building = dict(zip(town["entrances"]["id"], town["entrances"]["building_id"], strict=True))
    passed["building"] = passed["thing"].map(building)
    passed["compound"] = passed["building"].map({"a1": "A", "a2": "A", "b1": "B"})
    return passed


def _of(passages: pd.DataFrame, layer: str, key: str) -> pd.DataFrame:
    doors = passages[passages["layer"] == "entrances"]
    return {
        "community": doors,
        "compounds": doors[doors["compound"] == key],
        "buildings": doors[doors["building"] == key],
        "entrances": doors[doors["thing"] == key],
        "gates": passages[(passages["layer"] == "gates") & (passages["thing"] == key)],
    }[layer]


@pytest.mark.parametrize(("layer", "key"), PLACES)
def test_each_hour_is_the_truth_to_five_at_most(published, passages, layer, key):
    mine = _of(passages, layer, key)
    assert len(mine) > 20
    for hour in published.by_hour(layer, key):
        true = mine[mine["hour"] == hour.hour]["direction"].value_counts()
        assert abs(hour.in_ - true.get("in", 0)) <= 5
        assert abs(hour.out - true.get("out", 0)) <= 5


def test_the_day_of_the_community_comes_near_its_passages(published, passages):
    mine = _of(passages, "community", "")["direction"].value_counts()
    into, out = published.total("community")
    assert abs(into - mine["in"]) < 40
    assert abs(out - mine["out"]) < 40


def test_parts_add_up_to_the_whole(published):
    for whole, parts in (
        (("community", ""), [("compounds", "A"), ("compounds", "B")]),
        (("compounds", "A"), [("buildings", "a1"), ("buildings", "a2")]),
        (("buildings", "a1"), [("entrances", "a1-1"), ("entrances", "a1-2")]),
        (("gates", ""), [("gates", "gA"), ("gates", "gB")]),
        (("community", ""), [("grids", "all")]),
    ):
        totals = [published.total(*part) for part in parts]
        assert published.total(*whole) == tuple(map(sum, zip(*totals, strict=True)))
        assert sum(published.methods(*whole).values()) == sum(published.total(*whole))
        assert published.methods_by_hour(*whole).keys() == set(published.hours)


def test_flows_join_gates_to_the_buildings_that_people_live_in(published, passages, town, filled):
    """Gate and door of one person, matched by pandas, against what is published."""
    door = passages[passages["layer"] == "entrances"][["at", "subject", "direction", "building"]]
    gate = passages[passages["layer"] == "gates"][["at", "subject", "direction", "thing"]]
    pairs = pd.concat(
        [
            pd.merge_asof(
                gate[gate["direction"] == way].sort_values("at"),
                door[door["direction"] == way].drop(columns="direction").sort_values("at"),
                on="at", by="subject", direction=look, tolerance=pd.Timedelta("10min"),
            )
            for way, look in (("in", "forward"), ("out", "backward"))
        ]
    )  # fmt: skip
    true = pairs.dropna(subset="building").groupby(["thing", "building", "direction"]).size()
    assert true.sum() > 0.9 * len(gate)
    store, span = filled
    places, counted = read_places(town), Counter()
    for hour in span.hours:
        around = Span(hour - HOUR, hour + 2 * HOUR)
        table = count_hour(read_events(store, around, kinds=("access",)), hour, places)
        for way in ("in", "out"):
            for name, count in table.tables.get(("gates", way), {}).items():
                gate_id, _, building = name.split("|")
                counted[gate_id, building, way] += count
    assert {key: n for key, n in counted.items() if key[1]} == true.to_dict()
    flows = {(f.gate, f.building, f.direction): f.count for f in published.flows()}
    assert set(flows) <= {(g, b, w) for g in places.gates for b in places.buildings
                          for w in ("in", "out")}  # fmt: skip
    # one in five, counted five times
    assert abs(sum(flows.values()) - true.sum()) < 60


def test_no_small_count_of_any_view_can_be_worked_out(published, filled, town):
    """Bound every place's small counts, in every hour, from all that was ever published."""
    store, _ = filled
    places = read_places(town)
    checked = 0
    for hour, table in list(published.hours.items())[::3]:
        around = Span(hour - HOUR, hour + 2 * HOUR)
        true = count_hour(read_events(store, around, kinds=("access",)), hour, places)
        for layer, cells in (("entrances", places.door_cells), ("gates", places.gate_cells)):
            names = ["|".join(cell) for cell in cells]
            # places, ways to walk, methods, everything a view may name
            views = {(part, value): [row for row, cell in enumerate(cells) if cell[part] == value]
                     for part in range(3) for value in {cell[part] for cell in cells}}  # fmt: skip
            views["all", ""] = list(range(len(cells)))
            views |= {("cell", name): [row] for row, name in enumerate(names[::7])}
            for way in ("in", "out"):
                counts = [true.tables.get((layer, way), {}).get(name, 0) for name in names]
                known = [table.tables[layer, way].get(name, 0) for name in names]
                for view, wanted in views.items():
                    if sum(counts[row] for row in wanted) < 5:
                        low, high = bounds_of(known, wanted)
                        assert (low, min(high, 4)) == (0, 4), (hour, way, view)
                        checked += 1
    assert checked > 300


def test_an_hour_is_published_once_and_stays(town, tmp_path):
    store = open_store(f"sqlite:///{tmp_path}/twin.db")
    hour = Span(*(NOON + HOUR * step for step in (0, 1)))
    late = hour.until + GRACE

    def pass_through(minute: int, times: int) -> None:
        store.append(
            [
                make_event("access", "a1-1", hour.since + timedelta(minutes=minute, seconds=n),
                           layer="entrances", method="card", direction="in", granted=True)
                for n in range(times)
            ]
        )  # fmt: skip

    pass_through(5, 30)
    book = PeopleBook(store, read_places(town), KEY)
    before = book.read(hour, late - timedelta(seconds=1))
    assert before.states[hour.since] == "open"
    assert before.by_hour("community")[0].in_ is None
    first = book.read(hour, late).total("entrances", "a1-1")
    assert abs(first[0] - 30) <= 5
    pass_through(50, 25)
    assert book.read(hour, late).total("entrances", "a1-1") == first
    # neither does a restart tell
    assert PeopleBook(store, read_places(town), KEY).read(hour, late).total("community") == first
    store.close()


def test_an_hour_without_any_word_is_missing_not_empty(town):
    store = open_store("sqlite://")
    span = Span(NOON, NOON + 3 * HOUR)
    # the second hour: nobody came, but a bin spoke
    store.append([make_event("reading", "bin0", NOON + HOUR, values={"level": 1.0}, unit={})])
    found = PeopleBook(store, read_places(town), KEY).read(span, span.until + HOUR)
    assert [found.states[hour] for hour in span.hours] == ["missing", "closed", "missing"]
    assert [hour.in_ is None for hour in found.by_hour("community")] == [True, False, True]
    store.close()


def test_a_past_that_is_still_filled_in_is_not_published(town):
    store = open_store("sqlite://")
    span = Span(NOON, NOON + 2 * HOUR)
    store.append([make_event("reading", "bin0", at, values={"level": 1.0}, unit={})
                  for at in (NOON, NOON + HOUR)])  # fmt: skip
    store.remember(GAP, (NOON + HOUR + GRACE).isoformat())
    book = PeopleBook(store, read_places(town), KEY)
    assert list(book.read(span, span.until + HOUR).states.values()) == ["closed", "open"]
    store.remember(GAP, None)
    assert list(book.read(span, span.until + HOUR).states.values()) == ["closed", "closed"]
    store.close()


def test_the_first_reading_waits_for_a_writer(town, tmp_path):
    """The table is made while events pour in; the reader takes its turn and does not fail."""
    store = open_store(f"sqlite:///{tmp_path}/busy.db")
    span = Span(NOON, NOON + HOUR)
    store.append([make_event("reading", "bin0", NOON, values={"level": 1.0}, unit={})])
    held, done = threading.Event(), threading.Event()

    def write() -> None:
        with store.writing():
            held.set()
            done.wait(0.5)

    writer = threading.Thread(target=write)
    writer.start()
    held.wait(10)
    book = PeopleBook(store, read_places(town), KEY)
    assert book.read(span, span.until + HOUR).states[NOON] == "closed"
    done.set()
    writer.join()
    store.close()


def test_a_book_asked_about_the_past_knows_no_later_hour():
    town = make_town()
    store, span = fill_store(town)
    book = PeopleBook(store, read_places(town), KEY)
    book.read(span, span.until + HOUR)
    noon = span.since + 12 * HOUR
    states = list(book.read(span, noon).states.values())
    # the hour that ended at noon is published a quarter past
    assert states == ["closed"] * 11 + ["open"] * 13
    known = [table is not None for table in book.read(span, noon).hours.values()]
    assert known == [state == "closed" for state in states]
    store.close()
