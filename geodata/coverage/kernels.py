"""Compiled inner loops: bounded shortest ways, and supply against demand over their pairs.

Written for `numba`, which compiles them at their first call and keeps the result on disk. The
heap holds distance and node in one 64-bit number and is cleaned lazily; what a run touched is reset
after it, so that a run costs what it reaches and not what there is.
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
_NODE_BITS = 32
_NODE_MASK = (1 << _NODE_BITS) - 1


def compile_loop(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function compiled, its machine code kept on disk where there is a place for it."""
    try:
        return numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:  # neither the folder nor the home may be written
        return numba.njit(nogil=True)(function)


def _push(heap: Array, size: int, item: Any) -> None:
    child = size
    while child > 0:
        parent = (child - 1) >> 2
        if heap[parent] <= item:
            break
        heap[child] = heap[parent]
        child = parent
    heap[child] = item


def _pop(heap: Array, size: int) -> Any:
    """Take the least of a 4-ary heap of `size`; the caller counts one less."""
    least, item = heap[0], heap[size - 1]
    size -= 1
    parent = 0
    while True:
        first = 4 * parent + 1
        if first >= size:
            break
        child = first
        for other in range(first + 1, min(first + 4, size)):
            if heap[other] < heap[child]:
                child = other
        if heap[child] >= item:
            break
        heap[parent] = heap[child]
        parent = child
    heap[parent] = item
    return least


# compiled loops call each other by these names, so that what they call is compiled too
push = compile_loop(_push)
pop = compile_loop(_pop)


def _settle(
    seeds: Array,
    seed_mm: Array,
    limit: int,
    indptr: Array,
    to: Array,
    arc_mm: Array,
    far: Array,
    heap: Array,
    order: Array,
) -> int:
    """Settle nodes up to `limit` from seeds; `far` and `order` get distances and the order."""
    size = 0
    for index in range(len(seeds)):
        node, mm = seeds[index], seed_mm[index]
        if mm <= limit and mm < far[node]:
            far[node] = mm
            push(heap, size, (np.int64(mm) << _NODE_BITS) | np.int64(node))
            size += 1
    settled = 0
    while size > 0:
        item = pop(heap, size)
        size -= 1
        node, mm = item & _NODE_MASK, item >> _NODE_BITS
        if mm > far[node]:
            continue
        order[settled] = node
        settled += 1
        for arc in range(indptr[node], indptr[node + 1]):
            length = arc_mm[arc]
            if length < 0:
                continue
            other, total = to[arc], mm + length
            if total <= limit and total < far[other]:
                far[other] = total
                push(heap, size, (np.int64(total) << _NODE_BITS) | np.int64(other))
                size += 1
    return settled


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

    Stops early when the next place might not fit into `out`: the caller makes more room.

    Args:
        begin: The place to begin with.
        places: Edge, millimetres along it and millimetres off it, (p, 3).
        limit: Millimetres, included.
        edges: Ends, millimetres, whether a place on it can be left.
        arcs: Start by node, other node, millimetres; below 0 closed.
        doors: By node: start, building, millimetres; by edge: start, building, at, off.
        scratch: Far, heap, order, best and touched; as they were afterwards.
        out: Start by place, building, millimetres.
    """
    ends, edge_mm, edge_open = edges
    indptr, to, arc_mm = arcs
    node_start, node_target, node_mm, edge_start, edge_target, edge_at, edge_leg = doors
    far, heap, order, best, touched = scratch
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
            settled = settle(seeds, seed_mm, limit, indptr, to, arc_mm, far, heap, order)
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
        found = np.sort(touched[:count])
        for index in range(count):
            out_target[used + index] = found[index]
            out_mm[used + index] = best[found[index]]
            best[found[index]] = FAR
        used += count
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
