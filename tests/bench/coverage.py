"""Coverage against the libraries there are, in CPU time of this process, in turn, in one run."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse.csgraph import dijkstra

from geodata.coverage.access import Access
from geodata.coverage.location import choose_cover, rank_sites, to_cover
from geodata.coverage.routing import Router
from tests.bench.coverage_city import (
    GROUPS,
    KINDS,
    LIMIT_MM,
    OPEN,
    SIZES,
    WEIGHTS,
    Size,
    Town,
    build_town,
)
from tests.bench.coverage_sight import measure_sight
from tests.bench.report import Line

PASSES, CLOSINGS, GATES = 8, 150, 40
SITES, PLAN = 5_000, 50
SAMPLE = {"community": 60, "district": 128, "open district": 64, "city": 16}
"""So many providers a slower library is asked for; its time is scaled to all of them."""


def measure_coverage() -> list[Line]:
    """Return the ratios of a community, a district and a city, and of what cameras see."""
    lines: list[Line] = []
    for size in (*SIZES, OPEN):
        lines += _measure(size)
    return [*lines, *measure_sight()]


def cpu(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the process's CPU seconds of some work, and what it gave."""
    began = time.process_time()
    result = work()
    return time.process_time() - began, result


def _measure(size: Size) -> list[Line]:
    district = size.name == "district"
    town = build_town(size)
    router = town.router()
    town.access(router)  # compiled, and its memory met
    full, passes = [], []
    for turn in range(5 if size.side < 500 else 2):
        full.append(cpu(lambda: town.access(router))[0])
        at = [int(town.place_node[(turn * PASSES + k) % size.services]) for k in range(PASSES)]
        passes += [cpu(lambda node=node: dijkstra(town.graph, indices=node))[0] for node in at]  # type: ignore[misc]
    whole, one = float(np.median(full)), float(np.median(passes))
    access = town.access(router)
    pairs = sum(len(access.kinds[kind].pairs_of(slot)[0]) for kind, slot in _all(access))
    lines = [
        Line(f"{size.name}: {len(town.xy):,} nodes, {size.buildings:,} buildings, "
             f"{size.services:,} services, {pairs:,} pairs within 1,000 m"),
        Line("  everything from nothing / one full scipy pass", whole / one,
             25 if district else None),
        Line(f"    that is {whole * 1e3:,.1f} ms; a pass {one * 1e3:,.2f} ms"),
    ]  # fmt: skip
    lines += _libraries(town, router, whole, goal=district)
    lines += _sums(town, access, goal=district)
    lines += _changes(town, router, access, whole, goal=district)
    return lines + _sites(town, router, goal=district) if size.buildings <= 35_000 else lines


def _all(access: Access) -> list[tuple[str, int]]:
    return [(kind, slot) for kind, table in access.kinds.items() for slot in range(len(table.ids))]


def _libraries(town: Town, router: Router, whole: float, *, goal: bool) -> list[Line]:
    """Return how much longer others take for the pairs alone, the sums left out."""
    count = min(SAMPLE[town.size.name], town.size.services)
    some = np.random.default_rng(2).choice(town.size.services, count, replace=False)
    nodes = town.place_node[some]
    scale = town.size.services / count
    found: dict[str, float] = {}

    def scipy() -> None:
        for chunk in np.array_split(nodes, max(1, count // 64)):
            far = dijkstra(town.graph, indices=chunk, limit=LIMIT_MM / 1000)
            np.nonzero(far[:, town.door_node] <= LIMIT_MM / 1000)

    found["scipy, bounded"] = cpu(scipy)[0] * scale
    lines = []
    try:
        import networkx as nx
    except ImportError:
        lines.append(Line("    networkx is not installed: left out"))
    else:
        if town.size.side < 500:
            graph = nx.Graph()
            table = town.graph.tocoo()
            graph.add_weighted_edges_from(zip(table.row, table.col, table.data, strict=True))
            few = nodes[:24]

            def networkx() -> None:
                for node in few.tolist():
                    nx.single_source_dijkstra_path_length(graph, node, LIMIT_MM / 1000)

            found["networkx, cutoff"] = cpu(networkx)[0] * town.size.services / len(few)
    try:
        import pandana
    except ImportError:
        lines.append(Line("    pandana (AGPL) is not installed: left out"))
    else:
        if town.size.side < 500:
            table = town.graph.tocoo()
            once = table.row < table.col
            ends = (pd.Series(table.row[once]), pd.Series(table.col[once]))
            weight = pd.DataFrame({"m": table.data[once]})
            x, y = pd.Series(town.xy[:, 0]), pd.Series(town.xy[:, 1])
            built, network = cpu(lambda: pandana.Network(x, y, *ends, weight))
            found["pandana, nodes_in_range"] = scale * cpu(
                lambda: network.nodes_in_range(nodes.tolist(), LIMIT_MM / 1000)
            )[0]  # fmt: skip
            lines.append(Line(f"    pandana builds its network in {built:.2f} s more, not counted"))
    best = min(found.values())
    return [
        *(Line(f"    pairs alone by {name} / everything here", taken / whole)
          for name, taken in found.items()),
        Line("  the best library / everything here", best / whole, 10 if goal else None, "least"),
        *lines,
    ]  # fmt: skip


def _sums(town: Town, access: Access, *, goal: bool) -> list[Line]:
    """Return how much longer PySAL takes to sum the same pairs, and the greatest difference."""
    from access import Access as PySal
    from access import weights

    whole = np.ones(town.size.buildings, bool)

    def ours() -> None:
        for table in access.kinds.values():
            table.refresh(np.arange(len(table.ids)), whole)

    ours()
    mine = float(np.median([cpu(ours)[0] for _ in range(3)]))
    kind = KINDS[0]
    table = access.kinds[kind]
    parts = [table.pairs_of(slot) for slot in range(len(table.ids))]
    costs = pd.DataFrame({
        "origin": np.concatenate([rows for rows, _ in parts]),
        "dest": np.repeat(10_000_000 + np.arange(len(parts)), [len(rows) for rows, _ in parts]),
        "cost": np.concatenate([mm for _, mm in parts]) / 1000,
    })  # fmt: skip
    steps = weights.step_fn(
        dict(zip((WEIGHTS[0] / 1000).tolist(), WEIGHTS[1].tolist(), strict=True))
    )
    demand = pd.DataFrame({"id": np.arange(town.size.buildings), "people": table.demand[:, 0]})
    supply = pd.DataFrame({"id": 10_000_000 + np.arange(len(parts)), "places": table.supply})
    none = pd.DataFrame({"origin": [0], "dest": [0], "cost": [0.0]})
    other = PySal(
        demand_df=demand, demand_index="id", demand_value="people",
        supply_df=supply, supply_index="id", supply_value="places",
        cost_df=costs, cost_origin="origin", cost_dest="dest", cost_name="cost",
        neighbor_cost_df=none, neighbor_cost_origin="origin", neighbor_cost_dest="dest",
        neighbor_cost_name="cost",
    )  # fmt: skip
    taken, found = cpu(
        lambda: other.enhanced_two_stage_fca(
            name="e2", cost="cost", supply_values="places", max_cost=LIMIT_MM / 1000,
            weight_fn=steps,
        )
    )  # fmt: skip
    theirs = found.iloc[:, 0].reindex(range(town.size.buildings)).fillna(0).to_numpy()
    off = float(np.abs(theirs - table.access[:, 0]).max())
    times = len(KINDS) * GROUPS
    return [
        Line(f"  PySAL access, one of {times} sums x {times} / all sums here", taken * times / mine,
             100 if goal else None, "least"),
        Line("    greatest difference, in units of 1e-9", off * 1e9, 1.0),
    ]  # fmt: skip


def _changes(town: Town, router: Router, access: Access, whole: float, *, goal: bool) -> list[Line]:
    """Return how much faster a change is followed, and whether that ends as summed afresh."""
    rng = np.random.default_rng(3)
    chosen = rng.choice(town.size.services, min(CLOSINGS, town.size.services), replace=False)

    def close(counts: bool) -> None:
        for row in chosen.tolist():
            access.set_counts(str(row), counts=counts)

    close(False)
    close(True)
    once = (cpu(lambda: close(False))[0] + cpu(lambda: close(True))[0]) / (2 * len(chosen))
    shut = {str(gate) for gate in rng.choice(list(town.network.gate_edges), GATES)}

    def lock(closed: bool) -> None:
        for gate in shut:
            access.set_gates({gate: closed})

    lock(True)
    lock(False)
    gate = (cpu(lambda: lock(True))[0] + cpu(lambda: lock(False))[0]) / (2 * len(shut))
    close(False)
    lock(True)
    fresh = town.access(router, frozenset(chosen.tolist()))
    differing = sum(
        int((access.kinds[kind].access != table.access).any(axis=1).sum()
            + (access.kinds[kind].near != table.near).sum())
        for kind, table in fresh.kinds.items()
    )  # fmt: skip
    lock(False)
    return [
        Line("  everything from nothing / a provider closing", whole / once,
             300 if goal else None, "least"),
        Line("  everything from nothing / a gate locking", whole / gate,
             50 if goal else None, "least"),
        Line(f"    a closing takes {once * 1e6:,.0f} us, a gate {gate * 1e3:,.2f} ms"),
        Line("    buildings that differ from summing afresh", differing, 0),
    ]  # fmt: skip


def _sites(town: Town, router: Router, *, goal: bool) -> list[Line]:
    """Return how long the best of many sites takes, and how good a plan of many is."""
    rng = np.random.default_rng(4)
    ways = np.flatnonzero(town.network.road >= 0)
    count = min(SITES, len(ways))
    edge = rng.choice(ways, count, replace=False).astype(np.int32)
    places = town.places.take(np.zeros(count, np.int64))
    places.edge[:], places.at_mm[:], places.leg_mm[:] = edge, town.network.mm[edge] // 2, 3_000
    pairs = router.reach(places, 500_000)
    cover = to_cover(pairs, 500_000, town.size.buildings)
    people = town.demand[:, 0] * (rng.random(town.size.buildings) < 0.7)
    best = min(cpu(lambda: int(rank_sites(cover, people).argmax()))[0] for _ in range(5))
    plan = min(PLAN, count)
    took, choice = cpu(lambda: choose_cover(cover, people, plan, exact=False))
    gap = 100 * (choice.bound / choice.value - 1) if choice.value else 0.0
    return [
        Line(f"  the best of {count:,} sites, ms", best * 1e3, 20 if goal else None),
        Line(f"  a plan of {plan}: below its proven bound, %", gap, 1 if goal else None),
        Line(f"    plan and bound take {took:.2f} s"),
    ]
