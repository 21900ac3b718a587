"""Supply against demand: equal to PySAL, and kept where it must be."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from access import Access as PySal
from access import weights as pysal_weights

from geodata.coverage.now import LiveCoverage, State, build_base
from geodata.coverage.rules import GROUPS, load_rules
from tests.geodata.coverage.worlds import community, house, line, point


@pytest.fixture(scope="module")
def live(sample_base):
    return LiveCoverage(sample_base)


def pairs_of(table):
    """Return PySAL's table of costs: buildings, providers, metres."""
    parts = [
        pd.DataFrame({"origin": rows, "dest": 10_000 + slot, "cost": mm / 1000})
        for slot in range(len(table.ids))
        for rows, mm in [table.pairs_of(slot)]
    ]
    return pd.concat(parts, ignore_index=True)


# PySAL's own, not ours to mend
@pytest.mark.filterwarnings("ignore:The inplace keyword")
@pytest.mark.parametrize("kind", ["elderly_care", "canteen", "convenience", "childcare"])
@pytest.mark.parametrize("group", ["all", "older", "children"])
def test_access_equals_pysal(live, kind, group):
    table = live.paper.kinds[kind]
    place = GROUPS.index(group)
    demand = pd.DataFrame({"id": range(len(table.near)), "people": table.demand[:, place]})
    slots = 10_000 + np.arange(len(table.ids))
    supply = pd.DataFrame({"id": slots, "places": table.supply})
    other = PySal(
        demand_df=demand, demand_index="id", demand_value="people",
        supply_df=supply, supply_index="id", supply_value="places",
        cost_df=pairs_of(table), cost_origin="origin", cost_dest="dest", cost_name="cost",
        neighbor_cost_df=pd.DataFrame({"origin": [0], "dest": [0], "cost": [0.0]}),
        neighbor_cost_origin="origin", neighbor_cost_dest="dest", neighbor_cost_name="cost",
    )  # fmt: skip
    steps = pysal_weights.step_fn(dict(load_rules().catchment))
    found = other.enhanced_two_stage_fca(
        name="e2", cost="cost", supply_values="places", max_cost=1000, weight_fn=steps
    )
    expected = found.iloc[:, 0].reindex(range(len(table.near))).fillna(0).to_numpy()
    assert expected.max() > 0
    np.testing.assert_allclose(table.access[:, place], expected, rtol=0, atol=1e-9)


def test_two_step_without_weights_equals_pysal(sample_base):
    """The plain method is the same sum with one step."""
    from geodata.coverage.catchment import Catchment
    from geodata.coverage.routing import Pairs

    live = LiveCoverage(sample_base)
    whole = live.paper.kinds["elderly_care"]
    one_step = (np.array([500_000], np.int32), np.array([1.0]))
    table = Catchment(whole.demand, one_step)
    slots = table.append(
        [id_ for id_ in whole.ids if id_], whole.places, whole.supply, whole.counts
    )
    rows, mm = zip(*(whole.pairs_of(slot) for slot in slots), strict=True)
    start = np.concatenate([[0], np.cumsum([len(part) for part in rows])])
    dirty = table.set_pairs(slots, Pairs(start, np.concatenate(rows), np.concatenate(mm)))
    table.refresh(slots, dirty)
    people = table.demand[:, 1]
    expected = np.zeros(len(people))
    within = [set(part[far <= 500_000].tolist()) for part, far in zip(rows, mm, strict=True)]
    for slot, inside in enumerate(within):
        reached = sum(people[row] for row in inside)
        for row in inside:
            expected[row] += table.supply[slot] / reached
    np.testing.assert_allclose(table.access[:, 1], expected, rtol=0, atol=1e-9)


def test_what_is_given_is_what_there_is(live):
    """People times access is the supply of every provider that anybody can walk to."""
    for table in live.paper.kinds.values():
        for place in range(3):
            used = (table.access[:, place] * table.demand[:, place]).sum()
            there = table.supply[table.reaching[:, place] > 0].sum()
            assert used == pytest.approx(there, rel=1e-12, abs=1e-12)


ROAD = [line((0, 0), (600, 0))]


def small(services, residents=10, **layers):
    world = community(
        roads=ROAD,
        buildings=[
            house(10, 0, 4, residents=residents, residents_60plus=0),
            house(590, 0, 4, residents=residents, residents_60plus=0),
        ],
        services=services,
        **layers,
    )
    return LiveCoverage(build_base(world))


def test_nobody_there_gives_no_ratio_and_no_error():
    live = small([point(20, 0, capacity=5)], residents=10)
    table = live.paper.kinds["canteen"]
    older = GROUPS.index("older")
    assert table.access[:, older].tolist() == [0.0, 0.0]
    assert table.access[0, 0] > table.access[1, 0] > 0


def test_zero_capacity_is_near_on_paper_and_full_now():
    live = small([point(20, 0, capacity=0), point(300, 0, capacity=None)])
    assert live.paper.kinds["canteen"].near[0] == 10_000
    # of unknown capacity it still is a place to go to
    assert live.now.kinds["canteen"].near[0] == 290_000
    assert not live.paper.kinds["canteen"].access.any()


def test_what_is_full_turns_people_away_until_there_is_room():
    live = small([point(20, 0, id="a", capacity=5), point(500, 0, id="b", capacity=5)])
    now = live.now.kinds["canteen"]
    half = now.access[0, 0]
    change = live.set_used("a", 5)
    assert change.now["canteen"].tolist() == [0, 1]
    assert now.near[0] == 490_000
    live.set_used("a", 2)
    assert now.near[0] == 10_000
    assert 0 < now.access[0, 0] < half
    live.set_used("a", None)
    assert now.access[0, 0] == half


def test_hours_open_providers_and_gates(sample_base, sample):
    from datetime import datetime
    from zoneinfo import ZoneInfo

    noon = datetime(2026, 11, 23, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
    live = LiveCoverage(sample_base, state=State(at=noon))
    canteen = live.now.kinds["canteen"]
    served = (canteen.near < 10**9).sum()
    assert served > 0
    assert (live.now.kinds["kindergarten"].near < 10**9).any()
    change = live.set_time(noon.replace(hour=23, minute=30))
    assert (canteen.near == 2**31 - 1).all()
    assert len(change.now["canteen"]) == served
    assert not change.paper
    assert (live.paper.kinds["canteen"].near < 10**9).sum() == served
    night = {"gate-jml-e", "gate-by-w", "gate-dy-w", "gate-jt-n"}
    assert night <= live.now.router.closed
    live.set_gates({"gate-jml-e": False})
    assert night - {"gate-jml-e"} <= live.now.router.closed
    assert "gate-jml-e" not in live.now.router.closed


def test_a_provider_that_shrank_and_grows_back_keeps_off_its_neighbour():
    """Room is closed up while others grow: what had spare room must not write past what is left."""
    from geodata.coverage.catchment import Catchment
    from geodata.coverage.routing import Pairs
    from geodata.coverage.snapping import Snaps

    def pairs(*lengths):
        start = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        target = np.concatenate([np.arange(length) for length in lengths]).astype(np.int32)
        return Pairs(start, target, (target + 1).astype(np.int32))

    table = Catchment(np.ones((1200, 1)), (np.array([10_000], np.int32), np.array([1.0])))
    zeros = np.zeros(3, np.int32)
    places = Snaps(np.zeros((3, 2)), zeros, zeros, zeros, zeros)
    slots = table.append(["a", "b", "c"], places, np.ones(3), np.ones(3, bool))
    table.set_pairs(slots, pairs(40, 10, 10))
    table.set_pairs(slots[:1], pairs(38))
    table.set_pairs(slots[[0, 2]], pairs(40, 1100))
    for slot, length in zip(slots.tolist(), (40, 10, 1100), strict=True):
        assert table.pairs_of(slot)[0].tolist() == list(range(length))
