"""Coverage from nothing, followed and planned, in CPU time of this process, in turn, in one run."""

from __future__ import annotations

import resource
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.sparse.csgraph import dijkstra

from geodata.coverage.access import Access
from geodata.coverage.location import choose_cover, rank_sites, to_cover
from geodata.coverage.routing import Router
from tests.bench.coverage_city import OPEN, SIZES, Size, Town, build_town
from tests.bench.coverage_others import measure_others, measure_sums
from tests.bench.coverage_sight import measure_sight
from tests.bench.report import Line, cpu

PASSES, CLOSINGS, GATES = 8, 150, 40
SITES, PLAN = 5_000, 50
CITY_S, CITY_GB = 10.0, 6.0
"""What a city may take: CPU seconds for everything from nothing, memory of the whole bench."""


def measure_access() -> list[Line]:
    """Return everything from nothing against scipy, others and PySAL: community and district."""
    lines: list[Line] = []
    for size in SIZES[:2]:
        lines += _measure_access(size, goal=size.name == "district")
    return lines


def measure_open() -> list[Line]:
    """Return the same of a district without walls, for comparison."""
    return _measure_access(OPEN, goal=False)


def measure_change() -> list[Line]:
    """Return how fast a closing, a gate and a full catchment sum are at community and district."""
    lines: list[Line] = []
    for size in SIZES[:2]:
        found = _make(size)
        lines += [found.head, *_changes(found, goal=size.name == "district")]
    return lines


def measure_plan() -> list[Line]:
    """Return the best of many sites and a plan of many at the district."""
    found = _make(SIZES[1])
    return [found.head, *_sites(found.town, found.router, goal=True)]


def measure_city() -> list[Line]:
    """Return what a city takes: time, memory, and how it follows changes."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = _make(SIZES[2], turns=1)
    lines = [found.head, *_passes(found, goal=False)]
    lines += measure_others(found.town, found.whole, goal=False)
    lines += _changes(found, goal=False)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return [
        *lines,
        Line("  CPU seconds for everything from nothing", found.whole, CITY_S),
        Line("  most memory of the process, GB", most / 2**20, CITY_GB),
        Line(f"    of that before: {before / 2**20:.1f} GB"),
    ]


PARTS: dict[str, Callable[[], list[Line]]] = {
    "coverage-access": measure_access,
    "coverage-open": measure_open,
    "coverage-change": measure_change,
    "coverage-viewshed": measure_sight,
    "coverage-plan": measure_plan,
    "coverage-city": measure_city,
}
"""The parts of `coverage`, each to be had by itself."""


@dataclass(frozen=True)
class Made:
    """A town with everything summed, and the CPU seconds of that."""

    town: Town
    router: Router
    access: Access
    whole: float
    head: Line


def _make(size: Size, turns: int = 5) -> Made:
    town = build_town(size)
    router = town.router()
    town.access(router)  # compiled, and its memory met
    taken, access = [], None
    for _ in range(turns):
        access = None  # two of a city need not be held
        seconds, access = cpu(lambda: town.access(router))
        taken.append(seconds)
    assert access is not None
    pairs = sum(len(access.kinds[kind].pairs_of(slot)[0]) for kind, slot in _all(access))
    head = Line(
        f"{size.name}: {len(town.xy):,} nodes, {size.buildings:,} buildings, "
        f"{size.services:,} services, {pairs:,} pairs within 1,000 m"
    )
    return Made(town, router, access, float(np.median(taken)), head)


def _measure_access(size: Size, *, goal: bool) -> list[Line]:
    found = _make(size)
    lines = [found.head, *_passes(found, goal=goal)]
    lines += measure_others(found.town, found.whole, goal=goal)
    return lines + measure_sums(found.town, found.access, goal=goal)


def _passes(found: Made, *, goal: bool) -> list[Line]:
    """Return everything from nothing in full scipy passes, the two timed in turn."""
    town, whole, passes = found.town, [], []
    for turn in range(5 if town.size.side < 500 else 2):
        whole.append(cpu(lambda: town.access(found.router))[0])
        at = town.place_node[(turn * PASSES + np.arange(PASSES)) % town.size.services].tolist()
        passes += [cpu(lambda node=node: dijkstra(town.graph, indices=node))[0] for node in at]  # type: ignore[misc]
    taken, one = float(np.median(whole)), float(np.median(passes))
    return [
        Line("  everything from nothing / one full scipy pass", taken / one, 25 if goal else None),
        Line(f"    that is {taken * 1e3:,.1f} ms; a pass {one * 1e3:,.2f} ms"),
    ]


def _all(access: Access) -> list[tuple[str, int]]:
    return [(kind, slot) for kind, table in access.kinds.items() for slot in range(len(table.ids))]


def _changes(found: Made, *, goal: bool) -> list[Line]:
    """Return how much faster a change is followed, and whether that ends as summed afresh."""
    town, router, access, whole = found.town, found.router, found.access, found.whole
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
