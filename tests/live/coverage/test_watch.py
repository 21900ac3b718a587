"""Coverage that follows the twin equals coverage summed afresh, and tells nobody's small number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count, product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from geodata.coverage.now import LiveCoverage, State
from geodata.coverage.people import People
from live.coverage import LAYER, CoverageWatch, Facts, protect_people, read_facts
from live.coverage.watch import to_row
from live.events import Event
from live.store import open_store
from live.twin import Twin
from tests.dashboard.coverage.village import make_village

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
KEY = b"a secret of this test"
_numbers = count()


class World:
    """A twin whose clock a test sets, with its watch; the event loop is not needed."""

    def __init__(self, path: Path) -> None:
        self.now = NOON
        self.store = open_store(f"sqlite:///{path}")
        self.twin = Twin(make_village(), self.store, clock=lambda: self.now)
        self.watch = CoverageWatch(self.twin, KEY)
        self.watch.open()

    def tell(self, layer: str, subject: str, kind: str, **data: Any) -> None:
        event = Event(
            f"e{next(_numbers)}", kind, "test", layer, subject, self.now, self.now, data=data
        )
        with self.twin.lock:
            self.twin.state.apply(event)

    def rows(self) -> dict[str, dict[str, Any]]:
        with self.twin.lock:
            return dict(self.twin.state.snapshot()[LAYER])

    def afresh(self) -> LiveCoverage:
        """Coverage summed anew from what is known now."""
        with self.twin.lock:
            facts = read_facts(self.twin.state, self.watch.base.providers)
        state = State(self.watch.at, facts.open, facts.used, facts.locked)
        return LiveCoverage(self.watch.base, state=state)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path / "twin.db")
    yield made
    made.store.close()


def without_clock(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in ("t", "rev")}


def test_rows_follow_what_services_say_and_equal_a_fresh_sum(world: World) -> None:
    before = world.rows()["canteen"]
    assert before["now"] == before["paper"] > 0
    steps: list[tuple[str, str, str, dict[str, Any]]] = [
        ("services", "k0", "service", {"state": "closed"}),
        ("services", "k0", "service", {"state": "open", "used": 12}),
        ("services", "k0", "service", {"state": "full"}),
        ("services", "p0", "service", {"state": "full"}),
        ("services", "k0", "service", {"state": "open", "used": 3}),
    ]
    seen = []
    for layer, subject, kind, data in steps:
        world.now += timedelta(seconds=5)
        world.tell(layer, subject, kind, **data)
        world.watch.step()
        fresh = world.afresh()
        for name, row in world.rows().items():
            assert without_clock(row) == to_row(fresh, name)
        np.testing.assert_array_equal(
            world.watch.live().now.kinds["canteen"].access, fresh.now.kinds["canteen"].access
        )
        seen.append((world.rows()["canteen"]["now"], world.rows()["canteen"]["rev"]))
    shares = [share for share, _ in seen]
    assert shares[0] == shares[2] == 0.0  # closed, full
    assert shares[1] == shares[4] == before["now"]
    # the pharmacy's step is none of the canteen's
    assert [rev for _, rev in seen] == [1, 2, 3, 3, 5]


def test_a_gate_that_says_it_is_locked_cuts_people_off(world: World) -> None:
    # the pharmacy stands east of the gate, 250 m from it
    before = world.rows()["pharmacy"]
    gates = world.watch.gates_rev
    world.tell("gates", "g0", "reading", values={"locked": 1}, unit={})
    world.watch.step()
    locked = world.rows()["pharmacy"]
    assert locked["now"] < before["now"]
    assert locked["paper"] == before["paper"]
    assert world.watch.gates_rev == gates + 1
    assert without_clock(locked) == to_row(world.afresh(), "pharmacy")
    world.now += timedelta(seconds=1)
    world.tell("gates", "g0", "reading", values={"locked": 0}, unit={})
    world.watch.step()
    assert without_clock(world.rows()["pharmacy"]) == without_clock(before)


def test_a_closed_or_silent_gate_is_not_taken_as_locked(world: World) -> None:
    world.tell("gates", "g0", "status", state="closed")
    with world.twin.lock:
        assert read_facts(world.twin.state, []).locked == {}


def test_opening_hours_close_a_service_by_the_clock(world: World) -> None:
    assert world.rows()["pharmacy"]["now"] > 0
    world.now = NOON.replace(hour=11, minute=59)  # 19:59 there
    world.watch.step()
    assert world.rows()["pharmacy"]["now"] > 0
    world.now += timedelta(minutes=1)
    world.watch.step()
    row = world.rows()["pharmacy"]
    assert row["now"] == 0
    assert row["t"] == world.now.timestamp()
    assert without_clock(row) == to_row(world.afresh(), "pharmacy")


def test_devices_that_are_silent_cover_nothing_until_they_speak(world: World) -> None:
    assert world.rows()["sos_pole"]["now"] == 0 < world.rows()["sos_pole"]["paper"]
    sight = world.watch.sight("camera")
    assert sight.seen_m2 == 0
    assert sight.silent == {"cam0"}
    for device in ("cam0", "sos0"):
        world.tell("devices", device, "status", state="ok")
    world.watch.step()
    assert world.rows()["sos_pole"]["now"] == world.rows()["sos_pole"]["paper"]
    assert sight.seen_m2 > 100
    assert not sight.silent


def test_nothing_is_sent_while_nothing_changes(world: World) -> None:
    with world.twin.lock:
        world.twin.state.take_changes()
    world.now += timedelta(seconds=20)
    world.watch.step()
    with world.twin.lock:
        assert world.twin.state.take_changes() is None


def test_published_numbers_leave_every_small_count_possible(world: World) -> None:
    """Rounded once: multiples of five, near the truth in sum, the same for whatever is asked."""
    counts = world.watch.base.people.counts
    assert (counts % 5 == 0).all()
    true = np.array([3.0, 2.0])
    older = {
        tuple(protect_people(_people(true), ["x", "x"], bytes([n]), "v")[:, 0]) for n in range(200)
    }
    # the same outcomes come of other small numbers: nobody can tell three and two from one and four
    for others in product(range(5), range(5)):
        if sum(others) == 5:
            again = {
                tuple(
                    protect_people(_people(np.array(others, float)), ["x", "x"], bytes([n]), "v")[
                        :, 0
                    ]
                )
                for n in range(200)
            }
            assert again & older
    whole = world.watch.twin.community["buildings"]["residents"].sum()
    assert abs(counts[:, 0].sum() - whole) <= 5


def _people(older: np.ndarray[Any, np.dtype[np.float64]]) -> People:
    counts = np.zeros((len(older), 4))
    counts[:, 0] = older
    return People(counts, ("all",), "people")


def test_facts_are_only_what_was_said(world: World) -> None:
    with world.twin.lock:
        facts = read_facts(world.twin.state, world.watch.base.providers)
    assert facts == replace(Facts(), open={"sos0": False}, silent=frozenset({"cam0"}))
