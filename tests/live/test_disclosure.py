"""Small counts cannot be worked out of what is published: bounds by linear programming."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from live.disclosure import round_chain, show_count

KEY = b"a secret of a test"
COUNTS = st.lists(st.integers(0, 14), min_size=1, max_size=12)


def bounds_of(published: list[int], wanted: list[int]) -> tuple[int, int]:
    """Return what an attacker who knows the method can tell of the sum of some cells.

    Unknown are the counts x >= 0 and the running error 0 <= e <= 5 before and after each cell;
    known is y, and e[i + 1] = e[i] + y[i] - x[i].
    """
    size = len(published)
    equal = np.zeros((size, 2 * size + 1))
    equal[:, :size] = np.eye(size)
    equal[np.arange(size), size + np.arange(size)] = -1
    equal[np.arange(size), size + 1 + np.arange(size)] = 1
    aim = np.zeros(2 * size + 1)
    aim[wanted] = 1
    limits = [(0, None)] * size + [(0, 5)] * (size + 1)
    ends = []
    for sign in (1, -1):
        found = linprog(sign * aim, A_eq=equal, b_eq=published, bounds=limits)
        assert found.status == 0, found.message
        ends.append(round(sign * found.fun))
    return ends[0], ends[1]


@given(COUNTS, st.text(max_size=8))
def test_a_run_of_neighbours_is_off_by_five_at_most_and_all_is_in_fives(counts, name):
    published = round_chain(counts, KEY, name)
    assert all(count >= 0 and count % 5 == 0 for count in published)
    errors = np.concatenate([[0], np.cumsum(published) - np.cumsum(counts)])
    assert errors.max() - errors.min() <= 5


@given(COUNTS, st.integers(0, 10**6), st.data())
def test_any_set_of_cells_under_five_may_hold_any_number_under_five(counts, number, data):
    published = round_chain(counts, KEY, str(number))
    wanted = data.draw(st.sets(st.sampled_from(range(len(counts))), min_size=1).map(sorted))
    if sum(counts[row] for row in wanted) < 5:
        low, high = bounds_of(published, wanted)
        assert low == 0
        assert high >= 4


def test_every_chain_of_three_has_other_counts_that_may_look_the_same():
    """No model of the attacker: run the real thing and see which counts give which publication."""
    seen: dict[tuple[int, ...], set[tuple[int, ...]]] = {}
    for counts in itertools.product((0, 1, 3, 4, 6, 9), repeat=3):
        for number in range(120):
            published = tuple(round_chain(counts, KEY, f"{counts}{number}"))
            seen.setdefault(published, set()).add(counts)
    small = {published: truths for published, truths in seen.items() if max(published) <= 5}
    assert len(small) == 8
    for published, truths in small.items():
        for cell in range(3):
            values = {counts[cell] for counts in truths}
            # that nobody passed may look like a five as well: the next test
            wanted = {1, 3, 4, 6} if published[cell] else {0, 1, 3, 4}
            assert wanted <= values, (published, cell)


def test_even_where_nobody_came_a_five_may_stand():
    alone = [round_chain([0], KEY, str(number))[0] for number in range(6000)]
    assert set(alone) == {0, 5}


def test_the_same_hour_rounds_alike_and_no_other_key_does():
    counts = list(range(40))
    once = round_chain(counts, KEY, "hour")
    assert once == round_chain(counts, KEY, "hour")
    others = [round_chain(counts, bytes([n]), "hour") for n in range(20)]
    assert sum(other == once for other in others) < 10
    assert round_chain(counts, KEY, "another hour") != once or others[0] != once


def test_sums_over_many_chains_stay_near_the_truth():
    counts = [3, 0, 1, 7, 2, 0, 4] * 6
    sums = [sum(round_chain(counts, KEY, str(n))) - sum(counts) for n in range(2000)]
    assert abs(np.mean(sums)) < 0.4
    assert np.std(sums) < 3


def test_without_a_secret_nothing_is_published():
    with pytest.raises(ValueError, match="TWIN_PSEUDONYM_KEY"):
        round_chain([1], b"", "hour")


def test_few_are_printed_as_few():
    assert [show_count(count) for count in (0, 5, 20)] == ["<5", 5, 20]


def test_the_attack_works_where_counts_are_only_left_out():
    """The attacker of these tests is not blind: exact sums with small cells blanked give in."""
    counts = [9, 3]
    total, shown = sum(counts), counts[0]
    found = [
        linprog([0, sign], A_eq=[[1, 1], [1, 0]], b_eq=[total, shown], bounds=[(0, None)] * 2)
        for sign in (1, -1)
    ]
    assert [round(abs(end.fun)) for end in found] == [3, 3]
