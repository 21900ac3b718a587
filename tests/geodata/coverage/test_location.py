"""Location answers against trying out every choice."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from geodata.coverage.location import choose_cover, choose_median
from geodata.coverage.now import LiveCoverage
from geodata.coverage.overlay import draw_overlay
from geodata.coverage.providers import Provider
from geodata.coverage.whatif import SiteFinder, compare
from geodata.errors import TwinError


def all_choices(sites, count):
    return [c for n in range(count + 1) for c in combinations(range(sites), n)]


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    sites=st.integers(1, 9),
    rows=st.integers(1, 25),
    count=st.integers(0, 4),
    dense=st.sampled_from([0.05, 0.2, 0.5]),
)
def test_covering_equals_the_exact_optimum(seed, sites, rows, count, dense):
    rng = np.random.default_rng(seed)
    reach = rng.random((sites, rows)) < dense
    people = rng.integers(0, 30, rows).astype(float)
    best = max(float(people[reach[list(c)].any(axis=0)].sum()) for c in all_choices(sites, count))
    cover = csr_array(reach.astype(float))
    exact = choose_cover(cover, people, count)
    assert exact.exact
    assert exact.value == pytest.approx(best)
    assert float(people[reach[list(exact.sites)].any(axis=0)].sum()) == pytest.approx(best)
    assert len(exact.sites) <= count
    quick = choose_cover(cover, people, count, exact=False)
    assert quick.value <= best + 1e-6 <= quick.bound + 2e-6
    assert float(people[reach[list(quick.sites)].any(axis=0)].sum()) == pytest.approx(quick.value)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    sites=st.integers(2, 8),
    rows=st.integers(1, 15),
    count=st.integers(1, 3),
    there=st.booleans(),
)
def test_median_equals_the_exact_optimum(seed, sites, rows, count, there):
    rng = np.random.default_rng(seed)
    metres = rng.uniform(0, 900, (sites, rows))
    metres[rng.random((sites, rows)) < 0.1] = np.inf
    people = rng.integers(0, 20, rows).astype(float)
    existing = rng.uniform(100, 900, rows) if there else None
    count = min(count, sites)

    def walked(chosen):
        table = metres[list(chosen)]
        if existing is not None:
            table = np.vstack([table, existing])
        lived = people > 0
        return float(table.min(axis=0)[lived] @ people[lived])

    best = min(walked(c) for c in combinations(range(sites), count))
    if not np.isfinite(best):
        with pytest.raises(TwinError):
            choose_median(metres, people, count, existing=existing)
        return
    found = choose_median(metres, people, count, existing=existing)
    assert found.value == pytest.approx(best)
    if people.any():
        assert walked(found.sites) == pytest.approx(best)


def test_one_more_serves_whom_it_was_said_to(sample, sample_base):
    live = LiveCoverage(sample_base)
    for id_ in [p.id for p in live.providers.values() if p.kind == "canteen"]:
        live.set_open(id_, False)
    finder = SiteFinder(live, sample, apart_m=40)
    ranked = finder.rank("canteen")
    assert [site.people for site in ranked] == sorted((s.people for s in ranked), reverse=True)
    sites, choice = finder.choose("canteen", 1)
    assert choice.value == sites[0].people == ranked[0].people > 0
    after = live.copy()
    after.add(Provider("one-more", "canteen", sites[0].lon, sites[0].lat))
    (difference,) = compare(live, after, ["canteen"])
    assert difference.after - difference.before == pytest.approx(choice.value)
    assert difference.group == "older"
    assert difference.lost == ()
    assert draw_overlay(live, "canteen").totals()["served"] == 0
    two, both = finder.choose("canteen", 2)
    assert len(two) <= 2
    assert both.value >= choice.value
