"""Joining edges at bends changes no distance and loses no way."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from geodata.coverage.chains import join_edges


def measure(nodes, ends, mm):
    """Return distances between all nodes; of edges side by side the shorter counts."""
    table = np.full((nodes, nodes), np.inf)
    for (a, b), length in zip(ends.tolist(), mm.tolist(), strict=True):
        if a != b:
            table[a, b] = table[b, a] = min(table[a, b], length)
    table[~np.isfinite(table)] = 0
    return dijkstra(csr_array(table), directed=False)


@settings(max_examples=150, deadline=None)
@given(
    nodes=st.integers(2, 14),
    seed=st.integers(0, 2**32 - 1),
    share=st.floats(0.05, 0.5),
    sorts=st.integers(1, 3),
)
def test_distances_and_ways_stay(nodes, seed, share, sorts):
    rng = np.random.default_rng(seed)
    a, b = np.triu_indices(nodes, 1)
    keep = rng.random(len(a)) < share
    ends = np.column_stack([a, b])[keep].astype(np.int32)
    rng.shuffle(ends, axis=1)
    xy = rng.uniform(0, 100, (nodes, 2))
    mm = np.rint(np.hypot(*(xy[ends[:, 0]] - xy[ends[:, 1]]).T) * 1000).astype(np.int32)
    sort = rng.integers(-1, sorts, len(ends)).astype(np.int32)
    found = join_edges(xy, ends, mm, sort)
    assert found.mm.sum() == mm.sum()
    before = measure(nodes, ends, mm)[np.ix_(found.nodes, found.nodes)]
    np.testing.assert_array_equal(measure(len(found.nodes), found.ends, found.mm), before)
    places = xy[found.nodes]
    for shape, (first, last), length in zip(found.shapes, found.ends, found.mm, strict=True):
        np.testing.assert_array_equal(shape.coords[0], places[first])
        np.testing.assert_array_equal(shape.coords[-1], places[last])
        np.testing.assert_allclose(shape.length * 1000, length, atol=nodes)
    for old, new in found.number.items():
        assert sort[old] < 0
        assert {*found.nodes[found.ends[new]]} == {*ends[old]}
    assert set(found.number) == set(np.flatnonzero(sort < 0))
    degree = np.bincount(found.ends.ravel(), minlength=len(found.nodes))
    if len(ends) and sorts == 1 and (sort >= 0).all():
        rounds = found.ends[:, 0] == found.ends[:, 1]
        assert set(np.flatnonzero(degree == 2)) <= set(found.ends[rounds].ravel())
    whole = shapely.union_all(shapely.linestrings(xy[ends])) if len(ends) else None
    if whole is not None:
        assert shapely.union_all(found.shapes).symmetric_difference(whole).length < 1e-6
