"""Compiled inner loops: bounded shortest ways, and supply against demand over their pairs.

Written for `numba`, which compiles them at their first call and keeps the result on disk. Nodes
wait in buckets of distance (Dial 1969, doi:10.1145/363269.363610; wider than the shortest edge, so
that one may be settled twice: Cherkassky, Goldberg and Radzik 1996, doi:10.1007/BF02592101), which
costs half of a heap here. What a run touched is reset after it, so that a run costs what it reaches
and not what there is.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Arrays = tuple[Array, ...]

FAR = 2**31 - 1
BUCKETS = 1 << 16
"""So many buckets there are at most, each a list of nodes."""
_MAGIC = np.uint64(0x03F79D71B4CB0A89)
_BIT = np.zeros(64, np.int64)
"""Which bit a power of two is, by the top of its product with a de Bruijn sequence (Leiserson,
Prokop and Randall 1998)."""
_BIT[(2 ** np.arange(64, dtype=np.uint64) * _MAGIC) >> np.uint64(58)] = np.arange(64)
_BUCKET_BITS = 14
"""A bucket is 16 m wide, or as much wider as the limit asks for."""


def compile_loop(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function compiled, its machine code kept on disk where there is a place for it."""
    try:
        return numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:  # neither the folder nor the home may be written
        return numba.njit(nogil=True)(function)


def _settle(
    seeds: Array,
    seed_mm: Array,
    limit: int,
    arcs: Arrays,
    far: Array,
    queue: Arrays,
    order: Array,
) -> int:
    """Write distances up to `limit` from seeds into `far`.

    Args:
        seeds: Nodes.
        seed_mm: Their head starts, millimetres.
        limit: Millimetres, included.
        arcs: Start by node, other node, millimetres; below 0 closed.
        far: `FAR` everywhere.
        queue: First entry by bucket, -1 as it was afterwards; entries: node, distance, the next.
        order: The nodes that have a distance are written here.

    Returns:
        How many those are; -1 where there is no room for more entries, all as it was before.
    """
    indptr, to, arc_mm = arcs
    first, entries = queue
    bits = _BUCKET_BITS
    while limit >> bits >= BUCKETS:
        bits += 1
    found, used, last = 0, 0, -1
    for index in range(len(seeds)):
        node, mm = seeds[index], seed_mm[index]
        if mm <= limit and mm < far[node]:
            if far[node] == FAR:
                order[found] = node
                found += 1
            far[node] = mm
            bucket = mm >> bits
            entries[used, 0], entries[used, 1], entries[used, 2] = node, mm, first[bucket]
            first[bucket] = used
            used += 1
            last = max(last, bucket)
    bucket = 0
    while bucket <= last:
        entry = first[bucket]
        if entry < 0:
            bucket += 1
            continue
        node, mm = entries[entry, 0], entries[entry, 1]
        first[bucket] = entries[entry, 2]
        if mm > far[node]:
            continue
        if used + indptr[node + 1] - indptr[node] > len(entries):
            for index in range(found):
                far[order[index]] = FAR
            first[: last + 1] = -1
            return -1
        for arc in range(indptr[node], indptr[node + 1]):
            length = arc_mm[arc]
            if length < 0:
                continue
            other, total = to[arc], mm + length
            if total <= limit and total < far[other]:
                if far[other] == FAR:
                    order[found] = other
                    found += 1
                far[other] = total
                ahead = total >> bits
                entries[used, 0], entries[used, 1], entries[used, 2] = other, total, first[ahead]
                first[ahead] = used
                used += 1
                last = max(last, ahead)
    return found


settle = compile_loop(_settle)


def _reach(
    begin: int,
    places: Array,
    limit: int,
    edges: Arrays,
    arcs: Arrays,
    doors: Arrays,
    scratch: Arrays,
    out: Arrays,
) -> int:
    """Write who is within `limit` of places from `begin` on; return how many were done.

    Stops early when the next place might not fit into `out` or the queue: the caller makes room.

    Args:
        begin: The place to begin with.
        places: Edge, millimetres along it and millimetres off it, (p, 3).
        limit: Millimetres, included.
        edges: Ends, millimetres, whether a place on it can be left.
        arcs: Start by node, other node, millimetres; below 0 closed.
        doors: By node: start, building, millimetres; by edge: start, building, at, off.
        scratch: Far, queue, order, best, touched and marks; as they were afterwards.
        out: Start by place, building, millimetres.
    """
    ends, edge_mm, edge_open = edges
    node_start, node_target, node_mm, edge_start, edge_target, edge_at, edge_leg = doors
    far, first, entries, order, best, touched, marks = scratch
    out_start, out_target, out_mm = out
    seeds, seed_mm = np.empty(2, np.int64), np.empty(2, np.int64)
    used = out_start[begin]
    for place in range(begin, len(places)):
        if used + len(best) > len(out_target):
            return place
        edge, at, leg = places[place, 0], places[place, 1], places[place, 2]
        count = 0
        if edge >= 0 and edge_open[edge]:
            for door in range(edge_start[edge], edge_start[edge + 1]):
                mm = abs(edge_at[door] - at) + edge_leg[door] + leg
                target = edge_target[door]
                if mm <= limit and mm < best[target]:
                    if best[target] == FAR:
                        touched[count] = target
                        count += 1
                    best[target] = mm
            seeds[0], seeds[1] = ends[edge, 0], ends[edge, 1]
            seed_mm[0], seed_mm[1] = leg + at, leg + edge_mm[edge] - at
            settled = settle(seeds, seed_mm, limit, arcs, far, (first, entries), order)
            if settled < 0:
                for index in range(count):
                    best[touched[index]] = FAR
                return place
            for index in range(settled):
                node = order[index]
                near = far[node]
                far[node] = FAR
                for door in range(node_start[node], node_start[node + 1]):
                    mm = near + node_mm[door]
                    target = node_target[door]
                    if mm <= limit and mm < best[target]:
                        if best[target] == FAR:
                            touched[count] = target
                            count += 1
                        best[target] = mm
        low, high = len(marks), 0
        for index in range(count):
            word = touched[index] >> 6
            marks[word] |= np.uint64(1) << np.uint64(touched[index] & 63)
            low, high = min(low, word), max(high, word + 1)
        for word in range(low, high):  # buildings in ascending order, without sorting them
            bits = marks[word]
            marks[word] = 0
            while bits:
                bit = bits & (~bits + np.uint64(1))
                bits ^= bit
                target = (word << 6) + _BIT[(bit * _MAGIC) >> np.uint64(58)]
                out_target[used] = target
                out_mm[used] = best[target]
                best[target] = FAR
                used += 1
        out_start[place + 1] = used
    return len(places)


reach = compile_loop(_reach)


def _weigh(mm: int, step_mm: Array, step_weight: Array) -> float:
    """Return the weight of a distance: that of the first step not below it, else 0."""
    weight = 0.0
    for step in range(len(step_mm) - 1, -1, -1):
        weight = step_weight[step] if mm <= step_mm[step] else weight
    return weight


weigh = compile_loop(_weigh)


@cache
def make_refresh(count: int) -> Callable[..., Array]:
    """Return `refresh` for so many groups, which the compiler then knows."""
    groups = np.uint64(count)  # unsigned numbers spare a look for negative ones at each access

    def refresh(
        slots: Array,
        dirty: Array,
        providers: Arrays,
        pairs: Arrays,
        steps: Arrays,
        demand: Array,
        figures: Arrays,
        regions: Arrays,
    ) -> Array:
        """Sum again for some providers and for every building that is dirty; return what changed.

        Sums run over buildings, and over providers, in ascending order: a figure is the same
        whether it alone was summed again or all were.

        Args:
            slots: Numbers of the providers.
            dirty: Which buildings they concern, (buildings,).
            providers: Whether each counts; what it gives; people who reach it and ratio, by group.
            pairs: Start and length by provider; building, millimetres.
            steps: Millimetres, ascending, and weight of each.
            demand: People by group, (buildings, groups).
            figures: By building: access by group, millimetres to the nearest, its number.
            regions: One bit of 64 for where each building lies; by provider, the bits it reaches,
                of the others as they were left.

        Returns:
            Rows of buildings whose figures are others than before, ascending.
        """
        counts, supply, reaching, ratio = providers
        start, length, target, mm = pairs
        step_mm, step_weight = steps
        access, near, near_slot = figures
        region, reached = regions
        sums, mine = np.zeros(groups), np.zeros(groups)
        for index in range(len(slots)):
            slot = slots[index]
            bits = np.uint64(0)
            sums[:] = 0.0
            for pair in range(np.uint64(start[slot]), np.uint64(start[slot] + length[slot])):
                row = np.uint64(target[pair])
                bits |= region[row]
                weight = weigh(mm[pair], step_mm, step_weight)
                for group in range(groups):
                    sums[group] += weight * demand[row, group]
            reached[slot] = bits
            for group in range(groups):
                reaching[slot, group] = sums[group]
                # where nobody can come, nothing is given: no ratio, rather than an endless one
                ratio[slot, group] = 0.0
                if counts[slot] and sums[group] > 0:
                    ratio[slot, group] = supply[slot] / sums[group]
        rows = np.flatnonzero(dirty)
        old_access, old_near, old_slot = access[rows], near[rows], near_slot[rows]
        concerned = np.uint64(0)
        for index in range(len(rows)):
            row = rows[index]
            concerned |= region[row]
            near[row] = FAR
            near_slot[row] = -1
            for group in range(groups):
                access[row, group] = 0.0
        for slot in range(len(start)):
            if not (counts[slot] and reached[slot] & concerned):
                continue
            for group in range(groups):
                mine[group] = ratio[slot, group]
            for pair in range(np.uint64(start[slot]), np.uint64(start[slot] + length[slot])):
                row = np.uint64(target[pair])
                if not dirty[row]:
                    continue
                nearer = mm[pair] < near[row]  # chosen without a jump, which would be guessed wrong
                near[row] = mm[pair] if nearer else near[row]
                near_slot[row] = slot if nearer else near_slot[row]
                weight = weigh(mm[pair], step_mm, step_weight)
                for group in range(groups):
                    access[row, group] += weight * mine[group]
        changed = np.empty(len(rows), np.int32)
        found = 0
        for index in range(len(rows)):
            row = rows[index]
            differs = near[row] != old_near[index] or near_slot[row] != old_slot[index]
            for group in range(groups):
                differs = differs or access[row, group] != old_access[index, group]
            if differs:
                changed[found] = row
                found += 1
        return changed[:found]

    return compile_loop(refresh)


def _mark_users(
    places: Arrays, edges: Arrays, far_here: Array, far_there: Array, width: int
) -> Array:
    """Return the places from which a shortest way leads through an edge of some length.

    Args:
        places: Edge, millimetres along it and off it, of each.
        edges: Ends, millimetres, whether a place on it can be left.
        far_here: Distance of each node from one side.
        far_there: The same from the other side.
        width: Length of the edge, millimetres.
    """
    place_edge, place_at, place_leg = places
    ends, edge_mm, edge_open = edges
    found = np.empty(len(place_edge), np.int64)
    count = 0
    for place in range(len(place_edge)):
        edge = place_edge[place]
        if edge < 0 or not edge_open[edge]:
            continue
        ahead = np.int64(place_at[place]) + place_leg[place]
        back = np.int64(edge_mm[edge]) - place_at[place] + place_leg[place]
        here = min(far_here[ends[edge, 0]] + ahead, far_here[ends[edge, 1]] + back, FAR)
        there = min(far_there[ends[edge, 0]] + ahead, far_there[ends[edge, 1]] + back, FAR)
        if min(here, there) < FAR and abs(here - there) == width:
            found[count] = place
            count += 1
    return found[:count]


mark_users = compile_loop(_mark_users)
