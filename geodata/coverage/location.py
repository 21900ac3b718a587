"""Where one more, or some more, would help most: location problems, exact and at once.

Maximal covering (Church and ReVelle 1974, doi:10.1007/BF01942293): the sites that reach most
people not served yet. p-median (Hakimi 1964, doi:10.1287/opre.12.3.450): the sites with the least
walking in all. A greedy choice bettered by swaps answers at once; the linear relaxation bounds
what the best could be; HiGHS, in scipy, finds the best itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, eye_array, hstack, vstack

from geodata.coverage.network import Floats, Ints
from geodata.coverage.routing import Pairs
from geodata.errors import TwinError


@dataclass(frozen=True)
class Choice:
    """Chosen sites.

    Attributes:
        sites: Numbers of the sites, ascending.
        value: People newly served, or people times metres walked.
        bound: What no choice can better: at most (covering) or at least (median) this.
        exact: Whether the choice is proven best.
    """

    sites: tuple[int, ...]
    value: float
    bound: float
    exact: bool


def to_cover(pairs: Pairs, limit_mm: int, buildings: int) -> csr_array:
    """Return which site reaches which building, (sites, buildings), 0 or 1."""
    near = pairs.mm <= limit_mm
    site = np.repeat(np.arange(len(pairs.start) - 1), np.diff(pairs.start))[near]
    shape = (len(pairs.start) - 1, buildings)
    return csr_array((np.ones(len(site)), (site, pairs.target[near])), shape=shape)


def rank_sites(cover: csr_array, unserved: Floats) -> Floats:
    """Return the people that one more at each site would newly serve, (sites,).

    Args:
        cover: (sites, buildings).
        unserved: People without the service, (buildings,).
    """
    return np.asarray(cover @ unserved, float)


def choose_cover(cover: csr_array, unserved: Floats, count: int, *, exact: bool = True) -> Choice:
    """Return the sites that newly serve most people.

    Args:
        cover: (sites, buildings).
        unserved: People without the service, (buildings,).
        count: How many sites at most.
        exact: Whether to prove the best; else greedy with swaps beside the bound.

    Raises:
        TwinError: The solver gives no answer.
    """
    sites = cover.shape[0]
    count = min(count, sites)
    cover, weight = _merge_rows(cover, unserved)
    if count <= 0 or not len(weight):
        return Choice((), 0.0, 0.0, True)
    chosen = _swap(cover, weight, _greedy(cover, weight, count))
    rows = cover.shape[1]
    # variables: site open, row served; a row is served only by an open site that reaches it
    cost = np.concatenate([np.zeros(sites), -weight])
    reached = hstack([-cover.T, eye_array(rows)])
    total = np.concatenate([np.ones(sites), np.zeros(rows)])[None, :]
    limits = LinearConstraint(
        vstack([reached, csr_array(total)]).tocsr(), -np.inf, [*np.zeros(rows), count]
    )
    open_ = np.concatenate([np.full(sites, int(exact)), np.zeros(rows)])
    found = milp(cost, integrality=open_, bounds=Bounds(0, 1), constraints=limits)
    if found.x is None:
        raise TwinError(f"No choice of sites was found: {found.message}")
    if exact:
        chosen = np.flatnonzero(found.x[:sites] > 0.5).tolist()
    return Choice(
        tuple(sorted(int(site) for site in chosen)),
        float(weight @ (_times_served(cover, chosen) > 0)),
        float(-found.fun),
        exact,
    )


def choose_median(
    metres: Floats, people: Floats, count: int, *, existing: Floats | None = None
) -> Choice:
    """Return the sites from which people walk least in all, exactly.

    Args:
        metres: Distances, (sites, buildings); infinite where there is no way.
        people: (buildings,).
        count: How many sites.
        existing: Metres to what is there already, (buildings,): nobody walks farther than that.

    Raises:
        TwinError: Somebody would reach nothing whatever is chosen.
    """
    sites = len(metres)
    count = min(count, sites)
    table = metres if existing is None else np.vstack([metres, existing])
    lived = people > 0
    table, weight = table[:, lived], people[lived]
    if not len(weight):
        return Choice((), 0.0, 0.0, True)
    if not np.isfinite(table).any(axis=0).all():
        raise TwinError(
            "No site reaches some buildings where people live: leave those buildings out."
        )
    site, row = np.nonzero(np.isfinite(table))
    pairs = len(site)
    cost = np.concatenate([np.zeros(sites), table[site, row] * weight[row]])
    number = np.arange(pairs)
    once = csr_array((np.ones(pairs), (row, sites + number)), shape=(len(weight), sites + pairs))
    new = site < sites  # what is there already is open anyway
    opened = csr_array(
        (
            np.concatenate([np.ones(new.sum()), -np.ones(new.sum())]),
            (np.tile(np.arange(new.sum()), 2), np.concatenate([sites + number[new], site[new]])),
        ),
        shape=(int(new.sum()), sites + pairs),
    )
    total = csr_array(np.concatenate([np.ones(sites), np.zeros(pairs)])[None, :])
    found = milp(
        cost,
        integrality=np.concatenate([np.ones(sites), np.zeros(pairs)]),
        bounds=Bounds(0, 1),
        constraints=[
            LinearConstraint(once, 1, 1),
            LinearConstraint(opened, -np.inf, 0),
            LinearConstraint(total, count, count),
        ],
    )
    if found.x is None:
        raise TwinError(f"No choice of sites was found: {found.message}")
    chosen = np.flatnonzero(found.x[:sites] > 0.5)
    used = table[[*chosen, *range(sites, len(table))]]
    return Choice(
        tuple(int(each) for each in chosen),
        float(used.min(axis=0) @ weight),
        float(found.fun),
        True,
    )


def _merge_rows(cover: csr_array, weight: Floats) -> tuple[csr_array, Floats]:
    """Leave out whom nobody can reach or who needs nothing; merge those with the same sites."""
    columns = cover.tocsc()
    groups: dict[bytes, int] = {}
    total: list[float] = []
    first: list[int] = []
    for row in np.flatnonzero((weight > 0) & (np.diff(columns.indptr) > 0)):
        sites = np.sort(columns.indices[columns.indptr[row] : columns.indptr[row + 1]])
        key = sites.tobytes()
        if key not in groups:
            groups[key] = len(first)
            first.append(int(row))
            total.append(0.0)
        total[groups[key]] += float(weight[row])
    return columns[:, first].tocsr(), np.array(total)


def _greedy(cover: csr_array, weight: Floats, count: int) -> list[int]:
    left, chosen = weight.copy(), []
    for _ in range(count):
        gain = np.asarray(cover @ left)
        site = int(np.argmax(gain))
        if gain[site] <= 0:
            break
        chosen.append(site)
        left[_columns(cover, site)] = 0
    return chosen


def _swap(cover: csr_array, weight: Floats, chosen: list[int]) -> list[int]:
    """Exchange one chosen site for another while that serves more people."""
    times = _times_served(cover, chosen)
    better = True
    while better:
        better = False
        for place, site in enumerate(chosen):
            mine = _columns(cover, site)
            without = times.copy()
            without[mine] -= 1
            gain = np.asarray(cover @ (weight * (without == 0)))
            other = int(np.argmax(gain))
            if gain[other] > gain[site] + 1e-9:
                chosen[place] = other
                without[_columns(cover, other)] += 1
                times, better = without, True
    return chosen


def _times_served(cover: csr_array, chosen: list[int] | npt.NDArray[np.intp]) -> Ints:
    times = np.zeros(cover.shape[1], np.int32)
    for site in chosen:
        times[_columns(cover, int(site))] += 1
    return times


def _columns(cover: csr_array, site: int) -> Ints:
    return np.asarray(cover.indices[cover.indptr[site] : cover.indptr[site + 1]])


def spread_sites(xy: Floats, apart_m: float = 25.0) -> Floats:
    """Return the places of which there is one in each square of a side, metres, (sites, 2)."""
    if not len(xy):
        return xy
    squares = np.floor(xy / apart_m).astype(np.int64)
    _, first = np.unique(squares, axis=0, return_index=True)
    return xy[np.sort(first)]
