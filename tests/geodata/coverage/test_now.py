"""Following changes one by one ends where summing everything afresh ends, to the last bit."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.coverage.now import LiveCoverage, State, UnknownProviderError, build_base
from geodata.coverage.providers import Provider
from tests.geodata.coverage.worlds import PLANE, community, house, line, point

NOON = datetime(2026, 11, 23, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
HOURS = ["24/7", "Mo-Fr 08:00-18:00", "Mo-Su 06:00-22:00; PH off", None, "not hours"]


@pytest.fixture(scope="module")
def base():
    """Blocks of 60 m with missing sides, gates in the middle of some, islands and dead ends."""
    rng = Random(5)
    roads, gates = [], []
    for x in range(0, 360, 60):
        for y in range(0, 300, 60):
            for dx, dy in ((60, 0), (0, 60)):
                if rng.random() < 0.7:
                    roads.append(line((x, y), (x + dx, y + dy)))
                    if rng.random() < 0.35:
                        gates.append(point(x + dx / 2, y + dy / 2, hours=rng.choice(HOURS)))
    buildings = [
        house(rng.uniform(0, 360), rng.uniform(0, 300), 4, residents=rng.randrange(9),
              residents_60plus=rng.randrange(4), residents_under15=rng.randrange(3))
        for _ in range(40)
    ]  # fmt: skip
    services = [
        point(rng.uniform(0, 360), rng.uniform(0, 300), kind=kind, hours=rng.choice(HOURS),
              capacity=rng.choice([None, 0, 5, 40]))
        for kind in ("canteen", "pharmacy", "elderly_care") for _ in range(4)
    ]  # fmt: skip
    world = community(roads=roads, gates=gates, buildings=buildings, services=services)
    found = build_base(world)
    assert len(found.network.gate_edges) > 8
    return found


def change_once(live, rng, number):
    """Make one change of any sort, as chance has it, and return what it said it changed."""
    ids, gates = list(live.providers), list(live.base.network.gate_edges)
    some = rng.choice(ids) if ids else None
    lon, lat = PLANE.to_degrees([(rng.uniform(0, 360), rng.uniform(0, 300))])[0]
    sort = rng.randrange(9)
    if sort == 0 or some is None:
        kind = rng.choice(["canteen", "pharmacy", "toilet"])
        new = Provider(f"new-{number}", kind, lon, lat, capacity=rng.choice([None, 3, 20]))
        return live.add(replace(new, hours=rng.choice(HOURS)))
    if sort == 1:
        return live.move(some, lon, lat)
    if sort == 2 and len(ids) > 4:
        return live.remove(some)
    if sort == 3:
        return live.set_used(some, rng.choice([None, 0, 2, 5, 99]))
    if sort in (4, 5):
        chosen = rng.sample(gates, rng.choice([1, 1, 2, 4]))
        return live.set_gates({gate: rng.choice([True, False, None]) for gate in chosen})
    if sort == 6:
        row = rng.choice(live.base.ids)
        return live.set_people({row: np.array([rng.randrange(9) for _ in range(4)], float)})
    if sort == 7:
        return live.set_time(NOON + timedelta(hours=rng.randrange(48)))
    return live.set_open(some, rng.choice([True, False, None]))


def figures(access):
    """Return all figures by kind, providers by their ids."""
    found = {}
    for kind, table in access.kinds.items():
        held = [slot for slot, id_ in enumerate(table.ids) if id_ is not None]
        names = [table.ids[slot] if slot >= 0 else None for slot in table.near_slot]
        reaching = {table.ids[slot]: table.reaching[slot].tolist() for slot in held}
        found[kind] = (table.near.tolist(), names, table.access.tolist(), reaching)
    return {kind: part for kind, part in found.items() if part[3]}


def assert_same(live):
    fresh = live.copy()
    assert figures(live.paper) == figures(fresh.paper)
    assert figures(live.now) == figures(fresh.now)
    assert live.now.router.closed == fresh.now.router.closed


@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), profile=st.sampled_from(["adult", "wheelchair"]))
def test_a_thousand_changes_end_as_summed_afresh(base, seed, profile):
    rng = Random(seed)
    live = LiveCoverage(base, profile=profile, state=State(at=NOON))
    for number in range(1000):
        change_once(live, rng, number)
        if number % 250 == 3:
            assert_same(live)
    assert_same(live)


@settings(max_examples=25, deadline=None)
@given(seeds=st.lists(st.integers(0, 10_000), min_size=1, max_size=12))
def test_each_change_names_every_building_that_it_changed(base, seeds):
    live = LiveCoverage(base, state=State(at=NOON))
    for number, seed in enumerate(seeds):
        before = {
            mode: {
                kind: (table.near.copy(), table.access.copy())
                for kind, table in getattr(live, mode).kinds.items()
            }
            for mode in ("paper", "now")
        }
        change = change_once(live, Random(seed), number)
        for mode in ("paper", "now"):
            for kind, table in getattr(live, mode).kinds.items():
                told = set(getattr(change, mode).get(kind, np.zeros(0, int)).tolist())
                near, access = before[mode].get(kind, (np.full_like(table.near, 2**31 - 1), 0))
                changed = (near != table.near) | (access != table.access).any(axis=1)
                assert set(np.flatnonzero(changed).tolist()) <= told
    assert_same(live)


def test_undoing_gives_the_first_figures_back(base):
    live = LiveCoverage(base, state=State(at=NOON))
    first = figures(live.now)
    some, gates = next(iter(live.providers)), list(base.network.gate_edges)
    live.set_open(some, False)
    live.set_gates(dict.fromkeys(gates, True))
    assert figures(live.now) != first
    live.set_gates(dict.fromkeys(gates, None))
    live.set_open(some, None)
    assert figures(live.now) == first


def test_a_scenario_leaves_the_real_one_alone(base):
    live = LiveCoverage(base, state=State(at=NOON))
    first = figures(live.now)
    what_if = live.copy()
    for id_ in list(what_if.providers)[:3]:
        what_if.remove(id_)
    what_if.set_gates(dict.fromkeys(base.network.gate_edges, True))
    assert figures(what_if.now) != first
    assert figures(live.now) == first
    assert live.state.locked == {}


def test_what_is_not_there_is_told(base):
    live = LiveCoverage(base)
    with pytest.raises(UnknownProviderError, match="nowhere"):
        live.set_open("nowhere", True)
    with pytest.raises(UnknownProviderError, match="no gate"):
        live.set_gates({"nowhere": True})
    some = next(iter(live.providers.values()))
    with pytest.raises(UnknownProviderError, match="already"):
        live.add(some)
