"""Footprints of any shape cut into units and flats: nothing lost, nothing twice, all alike."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.affinity import rotate, translate

from layers.floorplan import long_axis, split_flats, split_units, storeys_of

SHAPES = {
    "slab": shapely.box(0, 0, 48, 11),
    "ell": shapely.union(shapely.box(0, 0, 40, 10), shapely.box(0, 0, 12, 34)),
    "court": shapely.box(0, 0, 30, 26).difference(shapely.box(9, 8, 20, 18)),
    "comb": shapely.union_all(
        [shapely.box(0, 0, 36, 5), *(shapely.box(x, 0, x + 6, 15) for x in (0, 15, 30))]
    ),
    "towers": shapely.MultiPolygon([shapely.box(0, 0, 14, 14), shapely.box(20, 0, 34, 14)]),
    "wedge": shapely.Polygon([(0, 0), (30, 2), (22, 13), (3, 9)]),
}

footprints = st.builds(
    lambda name, turn, x, y: translate(rotate(SHAPES[name], turn), x, y),
    st.sampled_from(sorted(SHAPES)),
    st.floats(0, 180),
    st.floats(-900, 900),
    st.floats(-900, 900),
)
doors = st.lists(st.one_of(st.none(), st.floats(-40, 40)), min_size=1, max_size=6)
counts = st.integers(1, 8)


def _assert_partition(cells, whole):
    assert sum(cell.area for cell in cells) == pytest.approx(whole.area, rel=1e-6)
    assert shapely.union_all([cell.buffer(1e-6) for cell in cells]).covers(whole.buffer(-1e-3))
    for one, other in combinations(cells, 2):
        assert one.intersection(other).area < 1e-6 * whole.area
    for cell in cells:
        assert cell.is_valid
        assert cell.area > 0


@settings(deadline=None)
@given(footprints, doors)
def test_units_add_up_to_the_footprint_and_do_not_overlap(footprint, places):
    cells = split_units(footprint, places, long_axis(footprint))
    assert len(cells) == len(places)
    _assert_partition(cells, footprint)


@settings(deadline=None)
@given(footprints, counts)
def test_flats_add_up_to_their_unit_and_are_of_equal_area(footprint, count):
    cells = split_flats(footprint, count, long_axis(footprint))
    assert len(cells) == count
    _assert_partition(cells, footprint)
    for cell in cells:
        assert cell.area == pytest.approx(footprint.area / count, rel=1e-5)


def test_units_end_midway_between_their_doors_whatever_their_order():
    slab = SHAPES["slab"]
    cells = split_units(slab, [14.0, -16.0, 0.0], long_axis(slab))
    spans = [(round(cell.bounds[0], 6), round(cell.bounds[2], 6)) for cell in cells]
    assert spans == [(31, 48), (0, 16), (16, 31)]


@pytest.mark.parametrize("places", [[0.0, 0.0], [3.0, None], [None, None], [23.0, 23.5]])
def test_doors_that_tell_nothing_give_equal_units(places):
    cells = split_units(SHAPES["slab"], places, long_axis(SHAPES["slab"]))
    assert [cell.area for cell in cells] == pytest.approx([264, 264])


def test_deep_narrow_unit_has_flats_at_front_and_back():
    square = shapely.box(0, 0, 20, 20)
    tops = {round(cell.bounds[3]) for cell in split_flats(square, 4, long_axis(square))}
    assert tops == {10, 20}
    slab = SHAPES["slab"]
    assert {round(cell.bounds[3]) for cell in split_flats(slab, 4, long_axis(slab))} == {11}


def test_no_flats_no_cells():
    assert split_flats(SHAPES["slab"], 0, long_axis(SHAPES["slab"])) == []


@pytest.mark.parametrize("start", range(4))
def test_axis_does_not_depend_on_the_corner_drawn_first(start):
    ring = np.roll(shapely.get_coordinates(SHAPES["slab"])[:-1], start, axis=0)
    assert long_axis(shapely.Polygon(ring)).angle == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    ("storeys", "height", "highest", "found"),
    [(7, 30.0, 0, 7), (None, 21.0, 0, 7), (float("nan"), 1.0, 0, 1), (6, 18.0, 8, 8)],
)
def test_storeys(storeys, height, highest, found):
    assert storeys_of(storeys, height, highest) == found
