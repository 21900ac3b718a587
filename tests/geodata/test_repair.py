from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.repair import KEPT, REJECTED, REPAIRED, explode_parts, fit_geometry, measure_area_m2
from geodata.schema import LAYERS, LINE, POINT, POLYGON

LON, LAT = 119.2965, 26.0843


def at(*pairs):
    return [(LON + x * 1e-4, LAT + y * 1e-4) for x, y in pairs]


def polygon(coordinates):
    with np.errstate(all="ignore"):
        return shapely.Polygon(coordinates)


BOX = shapely.Polygon(at((0, 0), (2, 0), (2, 2), (0, 2)))
BOW_TIE = shapely.Polygon(at((0, 0), (2, 2), (2, 0), (0, 2)))


def one(shape, allowed=POLYGON):
    geometry, status, reason = fit_geometry(np.array([shape], dtype=object), allowed)
    return geometry[0], status[0], reason[0]


def test_good_outline_is_untouched():
    shape, status, reason = one(BOX)
    assert shape.equals_exact(BOX, 0)
    assert (status, reason) == (KEPT, None)


def test_bow_tie_keeps_both_halves_in_one_outline():
    shape, status, _ = one(BOW_TIE)
    assert status == REPAIRED
    assert shape.geom_type == "Polygon"
    assert shape.is_valid
    assert shape.area == pytest.approx(BOX.area / 2, rel=0.001)


def test_overlapping_ring_and_spike_are_mended():
    spike = shapely.Polygon(at((0, 0), (2, 0), (2, 2), (2, 5), (2, 2), (0, 2)))
    shape, status, _ = one(spike)
    assert status == REPAIRED
    assert shape.area == pytest.approx(BOX.area)


def test_closed_line_becomes_an_area():
    shape, status, _ = one(shapely.LineString(at((0, 0), (2, 0), (2, 2), (0, 0))))
    assert (shape.geom_type, status) == ("Polygon", REPAIRED)


@pytest.mark.parametrize(
    ("shape", "word"),
    [
        (None, "no geometry"),
        (shapely.Polygon(), "empty"),
        (shapely.Point(LON, LAT), "a point"),
        (shapely.LineString(at((0, 0), (1, 1))), "a line"),
        (shapely.Polygon(at((0, 0), (1, 1), (2, 2))), "nothing"),
        (polygon([(LON, LAT), (float("nan"), LAT), (LON, LAT + 1)]), "not a number"),
        (shapely.box(-179.9, 0, 179.9, 1), "antimeridian"),
    ],
)
def test_rejected_with_its_reason(shape, word):
    kept, status, reason = one(shape)
    assert kept is None
    assert status == REJECTED
    assert word in reason


def test_areas_become_points_inside_them_where_points_are_wanted():
    horseshoe = shapely.Polygon(at((0, 0), (9, 0), (9, 9), (8, 9), (8, 1), (1, 1), (1, 9), (0, 9)))
    shape, status, _ = one(horseshoe, POINT)
    assert status == KEPT
    assert horseshoe.contains(shape)


def test_line_without_length_is_rejected():
    assert one(shapely.LineString(at((0, 0), (0, 0))), LINE)[1] == REJECTED


def test_heights_of_corners_are_dropped():
    assert not one(shapely.force_3d(BOX, 5.0))[0].has_z


def test_area_is_about_right():
    # a degree of latitude is 110.8 km here, of longitude 100.1 km
    area = measure_area_m2(gpd.GeoSeries([BOX]))[0]
    assert area == pytest.approx(2e-4 * 110_800 * 2e-4 * 100_090, rel=0.01)


pair = st.tuples(st.floats(-5, 5), st.floats(-5, 5))
ring = st.lists(pair, min_size=3, max_size=8)
shapes = st.one_of(
    st.none(),
    st.just(shapely.Polygon()),
    st.just(shapely.GeometryCollection()),
    st.just(BOX),
    st.just(BOW_TIE),
    ring.map(lambda r: shapely.Polygon(at(*r))),
    ring.map(lambda r: shapely.LineString(at(*r))),
    pair.map(lambda p: shapely.Point(at(p))),
    st.tuples(ring, st.floats(allow_nan=True, allow_infinity=True)).map(
        lambda t: polygon([*at(*t[0]), (t[1], LAT)])
    ),
    st.tuples(ring, ring).map(
        lambda t: shapely.MultiPolygon([shapely.Polygon(at(*t[0])), shapely.Polygon(at(*t[1]))])
    ),
    st.tuples(ring, pair).map(
        lambda t: shapely.GeometryCollection([shapely.Polygon(at(*t[0])), shapely.Point(at(t[1]))])
    ),
)


@settings(deadline=None)
@given(
    st.lists(shapes, min_size=1, max_size=12),
    st.sampled_from(["buildings", "roads", "gates", "parking", "boundary"]),
)
def test_any_mess_adds_up_and_what_stays_is_valid(mess, layer):
    allowed = LAYERS[layer].geometry
    gdf = gpd.GeoDataFrame({"row": range(len(mess))}, geometry=gpd.GeoSeries(mess))
    parts = explode_parts(gdf, keep_multipolygons="MultiPolygon" in allowed)
    assert set(parts["row"]) == set(range(len(mess)))  # no row disappears
    geometry, status, reason = fit_geometry(parts.geometry.to_numpy(), allowed)
    assert len(geometry) == len(parts)
    assert set(status) <= {KEPT, REPAIRED, REJECTED}
    for shape, what, why in zip(geometry, status, reason, strict=True):
        if what == REJECTED:
            assert shape is None
            assert why
        else:
            assert shape.is_valid
            assert not shape.is_empty
            assert shape.geom_type in allowed
