"""The attacker who records the live stream all day: it tells no more of people than is published.

Two steps make the claim. What is on the wire is the same, patch by patch, when the passages are
taken out of the events and only the published hours stay: so whatever an attacker works out of the
stream, he works out of published cells. What is left beside them is that a door stood open or was
forced, and linear programming over everything finds no count under five from both together.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from scipy.optimize import linprog

from live.events import Event
from live.history import PeopleBook, read_places
from live.history.people import DIRECTIONS, METHODS, count_hour
from live.history.people_book import GRACE
from live.history.people_now import to_people_now
from live.history.span import HOUR, Span, to_hour
from live.restore import restore_state
from live.simulator import Simulator
from live.state import TwinState
from live.store import open_store
from live.subjects import is_passage_word
from tests.live.history.town import DAY, KEY, day_span, make_town

LOOK = timedelta(seconds=5)
TROUBLE = ("held", "forced")


@pytest.fixture(scope="module")
def day():
    """The seeded day: its events, heartbeats between them, and the published counts."""
    town = make_town()
    simulator = Simulator(town, 5, meters=False)
    span = day_span(DAY, simulator.zone)
    until = span.until + timedelta(hours=2)
    told = [
        Event(f"shut {door}", "status", "test", "entrances", door, span.since, span.since,
              data={"state": "closed"})
        for door in town["entrances"]["id"]
    ] + list(simulator.events(span.since, until))  # fmt: skip
    beats = simulator.heartbeats(span.since - timedelta(minutes=1), until)
    events = sorted([*told, *beats], key=lambda event: event.observed_at)
    store = open_store("sqlite://")
    store.append(told)
    book = PeopleBook(store, read_places(town), KEY)
    yield town, Span(span.since, until), events, book
    store.close()


def without_passages(events):
    """Leave out every passage that did not end with a door that stands open."""
    kept, last, troubled = [], {}, set()
    for event in events:
        key = event.layer, event.subject
        word = event.data.get("state")
        if is_passage_word(event) and event.source != "test":
            if word == "closed" and key in troubled:
                troubled.discard(key)
                kept.append(event)
            elif event.kind == "access" and event.data.get("granted", True):
                last[key] = event
            continue
        if word in TROUBLE:
            troubled.add(key)
            if word == "held":
                kept.append(last[key])
        kept.append(event)
    return sorted(kept, key=lambda event: event.observed_at)


def by_now(people, now):
    """What a book says at a moment, out of all that it will say."""
    over = {hour: hour + HOUR + GRACE <= now for hour in people.hours}
    return replace(
        people,
        hours={hour: table if over[hour] else None for hour, table in people.hours.items()},
        states={hour: state if over[hour] else "open" for hour, state in people.states.items()},
    )


def record(town, span, events, book):
    """Return the first snapshot and every patch of a day, as a reader of the stream has them."""
    people = book.read(span, span.until + 2 * HOUR)
    now = due = span.since
    state = TwinState(town, now)
    state.set_baseline(200, now, vehicles=20)
    rest = iter([*events, None])
    event = next(rest)
    while event.observed_at < now:  # everything is heard when the day begins
        state.apply(event)
        event = next(rest)
    state.sweep(now)
    state.take_changes()
    patches = [state.snapshot()]
    while now < span.until:
        now += LOOK
        while event is not None and event.observed_at <= now:
            state.apply(event)
            event = next(rest)
        if now >= due:
            state.publish(to_people_now(by_now(people, now)))
            due = to_hour(now - GRACE) + HOUR + GRACE
        state.sweep(now)
        patches.append((now, state.take_changes()))
    return patches, state.snapshot()


def test_the_stream_of_a_day_is_the_same_without_the_people_who_passed(day):
    town, span, events, book = day
    fewer = without_passages(events)
    passed = sum(event.kind == "access" for event in events)
    assert passed > 500
    assert sum(event.kind == "access" for event in fewer) < passed / 50
    (full, whole), (blind, partial) = (record(town, span, e, book) for e in (events, fewer))
    for seen, other in zip(full, blind, strict=True):
        assert seen == other
    assert whole == partial
    # and it is no empty stream: cars, figures of people by the hour, devices
    assert sum(changes is not None for _, changes in full[1:]) > 1000
    kinds = Counter(
        row["k"]
        for _, changes in full[1:]
        if changes is not None
        for row in changes["a"].get("feed", {}).values()
    )
    assert kinds["people"] > 20
    assert kinds["plate"] > 20
    steps = [changes for _, changes in full[1:] if changes and "people" in changes["c"]]
    assert 15 < len(steps) < 30


def test_a_restart_tells_nothing_either(day):
    town, span, events, book = day
    now = span.until - timedelta(hours=3)

    def restarted(told):
        mine = open_store("sqlite://")
        mine.append([event for event in told if event.observed_at < now])
        state = TwinState(town, now)
        state.set_baseline(200, now, vehicles=20)
        restore_state(state, mine, now)
        state.publish(to_people_now(book.read(state.day.span, now)))
        mine.close()
        return state.snapshot()

    assert restarted(events) == restarted(without_passages(events))


def evidence(town, span, events, book):
    """Return how often each door was seen to stand open, by door and hour: a passage at least."""
    patches, _ = record(town, span, events, book)
    seen = Counter()
    for now, changes in patches[1:]:
        for layer in ("entrances", "gates"):
            for key, fields in ((changes or {}).get("c", {}).get(layer, {})).items():
                if fields.get("s") == "open":
                    began = datetime.fromtimestamp(fields["since"] - 20, now.tzinfo)
                    seen[layer, key, began.replace(minute=0, second=0, microsecond=0)] += 1
    return seen


class Attack:
    """All that is known of one hour: published cells of both ways, doors seen to stand open."""

    def __init__(self, table, layer, cells, seen):
        self.cells, size = cells, len(cells)
        self.width = 2 * (2 * size + 1)
        equal, right, least = [], [], []
        for n, way in enumerate(DIRECTIONS):
            start = n * (2 * size + 1)
            kept = table.tables.get((layer, way), {})
            for row, cell in enumerate(cells):
                line = np.zeros(self.width)
                line[start + row] = 1
                line[start + size + row] = -1
                line[start + size + row + 1] = 1
                equal.append(line)
                right.append(kept.get("|".join(cell), 0))
        for place, times in seen.items():
            line = np.zeros(self.width)
            line[self.rows(lambda cell, _, place=place: cell[0] == place)] = -1
            least.append((line, -times))
        self.known = {
            "A_eq": np.array(equal), "b_eq": right,
            "bounds": ([(0, None)] * size + [(0, 5)] * (size + 1)) * 2,
        }  # fmt: skip
        if least:
            self.known |= {"A_ub": np.array([a for a, _ in least]), "b_ub": [b for _, b in least]}

    def rows(self, wanted):
        size = len(self.cells)
        return [
            n * (2 * size + 1) + row
            for n, way in enumerate(DIRECTIONS)
            for row, cell in enumerate(self.cells)
            if wanted(cell, way)
        ]

    def bounds(self, rows):
        aim = np.zeros(self.width)
        aim[rows] = 1
        found = [linprog(sign * aim, **self.known) for sign in (1, -1)]
        assert all(end.status == 0 for end in found), [end.message for end in found]
        return [round(abs(end.fun)) for end in found]


def test_stream_and_published_cells_together_tell_no_count_under_five(day):
    town, span, events, book = day
    seen = evidence(town, span, events, book)
    assert seen, "no door stood open on this day: the attack has less to go by than it should"
    people = book.read(Span(span.since, span.since + 24 * HOUR), span.until)
    places, small = people.places, Counter()
    hours = [hour for hour, table in people.hours.items() if table is not None]
    # an hour takes a second: those in which something was seen, and some of each part of the day
    chosen = {hour for _, _, hour in seen} | set(hours[::5])
    for hour in [hour for hour in hours if hour in chosen]:
        true = count_hour(
            [e for e in events if e.kind == "access" and abs(e.observed_at - hour) < 2 * HOUR],
            hour, places,
        )  # fmt: skip
        for layer, cells, ids in (
            ("entrances", places.door_cells, places.doors),
            ("gates", places.gate_cells, places.gates),
        ):
            mine = {key: n for (of, key, at), n in seen.items() if of == layer and at == hour}
            attack = Attack(people.hours[hour], layer, cells, mine)
            sets = {
                **{("place", key, way): (lambda cell, w, k=key, y=way: cell[0] == k and w == y)
                   for key in ids for way in DIRECTIONS},
                **{("both ways", key): (lambda cell, w, k=key: cell[0] == k) for key in ids},
                **{("method", m, way): (lambda cell, w, m=m, y=way: cell[1] == m and w == y)
                   for m in METHODS for way in DIRECTIONS},
            }  # fmt: skip
            for name, wanted in sets.items():
                count = sum(
                    n
                    for (of, way), table in true.tables.items()
                    if of == layer
                    for cell, n in table.items()
                    if wanted(tuple(cell.split("|")), way)
                )
                if count >= 5:
                    continue
                low, high = attack.bounds(attack.rows(wanted))
                small[layer] += 1
                assert low <= count <= high
                assert high - low >= 3, (hour, layer, name, low, high)
                assert low == 0 or any(key in name for key in mine), (hour, layer, name, low)
    assert min(small.values()) > 20


def test_the_attack_would_find_a_stream_that_tells_single_passages(day):
    """The attacker is not blind: with one word for each passage he counts every door."""
    town, span, events, book = day
    places = read_places(town)
    hour = span.since + 8 * HOUR
    true = count_hour([e for e in events if e.kind == "access"], hour, places)
    told = Counter()
    for (layer, _), table in true.tables.items():
        for cell, n in table.items():
            if layer == "entrances":
                told[cell.split("|")[0]] += n
    people = book.read(Span(hour, hour + HOUR), span.until)
    attack = Attack(people.hours[hour], "entrances", places.door_cells, told)
    lows = [attack.bounds(attack.rows(lambda cell, _, d=d: cell[0] == d))[0] for d in places.doors]
    assert lows == [told[door] for door in places.doors]


def test_the_estimate_moves_at_fixed_times_only(day):
    town, span, events, book = day
    patches, _ = record(town, span, events, book)
    zone = ZoneInfo("Asia/Shanghai")
    moved = [
        now.astimezone(zone)
        for now, changes in patches[1:]
        if changes and "in" in changes["c"].get("people", {}).get("community", {})
    ]
    assert len(moved) > 10
    for moment in moved:
        late = timedelta(minutes=moment.minute, seconds=moment.second) - GRACE
        assert timedelta() <= late <= LOOK or (moment.hour, moment.minute) == (0, 0)
