"""Compiled inner loops: bounded shortest ways, and supply against demand over their pairs.

Written for `numba`, which compiles them at their first call and keeps the result on disk. Nodes
wait in buckets of distance (Dial 1969, doi:10.1145/363269.363610; wider than the shortest edge, so
that one may be settled twice: Cherkassky, Goldberg and Radzik 1996, doi:10.1007/BF02592101), which
costs half of a heap here. What a run touched is reset after it, so that a run costs what it reaches
and not what there is.
"""

from __future__ import annotations

from collections.abc import Callable
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


def _sum_demand(
    slots: Array,
    start: Array,
    length: Array,
    target: Array,
    mm: Array,
    step_mm: Array,
    step_weight: Array,
    demand: Array,
    out: Array,
) -> None:
    """Write the weighted demand that reaches each of some providers, by group."""
    groups = demand.shape[1]
    for index in range(len(slots)):
        slot = slots[index]
        for group in range(groups):
            out[slot, group] = 0.0
        for pair in range(start[slot], start[slot] + length[slot]):
            step = 0
            while step < len(step_mm) and mm[pair] > step_mm[step]:
                step += 1
            if step == len(step_mm):
                continue
            for group in range(groups):
                out[slot, group] += step_weight[step] * demand[target[pair], group]


def _sum_access(
    counts: Array,
    start: Array,
    length: Array,
    target: Array,
    mm: Array,
    step_mm: Array,
    step_weight: Array,
    ratio: Array,
    dirty: Array,
    access: Array,
    near: Array,
    near_slot: Array,
) -> None:
    """Write access, distance and provider of the nearest, for every building that is dirty.

    Sums run over providers in ascending order: a building's figure is the same whether it alone was
    summed again or all were.
    """
    groups = ratio.shape[1]
    for row in range(len(dirty)):
        if dirty[row]:
            near[row] = FAR
            near_slot[row] = -1
            for group in range(groups):
                access[row, group] = 0.0
    for slot in range(len(start)):
        if not counts[slot]:
            continue
        for pair in range(start[slot], start[slot] + length[slot]):
            row = target[pair]
            if not dirty[row]:
                continue
            if mm[pair] < near[row]:
                near[row] = mm[pair]
                near_slot[row] = slot
            step = 0
            while step < len(step_mm) and mm[pair] > step_mm[step]:
                step += 1
            if step < len(step_mm):
                for group in range(groups):
                    access[row, group] += step_weight[step] * ratio[slot, group]


sum_demand = compile_loop(_sum_demand)
sum_access = compile_loop(_sum_access)
