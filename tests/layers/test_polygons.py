import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geodata.schema import CRS
from layers.frame import LocalFrame
from layers.polygons import to_polygon_columns

FRAME = LocalFrame(119.3, 26.08)


def make_columns(*polygons, base=0.0, top=10.0):
    """Columns of polygons given in ten-thousandths of a degree (about ten metres)."""
    moved = shapely.transform(np.array(polygons), lambda c: c * 1e-4 + [119.3, 26.08])
    series = gpd.GeoSeries(moved, crs=CRS)
    n = len(polygons)
    columns = to_polygon_columns(
        series, FRAME, base_m=np.full(n, base), top_m=np.full(n, top)
    )  # fmt: skip
    metres = shapely.transform(moved, lambda c: FRAME.to_metres(c[:, 0], c[:, 1]))
    return columns, metres


def measure_triangles(columns, first=0, last=None):
    """Unsigned areas of triangles of the vertices first..last."""
    last = len(columns["positions"]) if last is None else last
    corners = columns["indices"].reshape(-1, 3)
    corners = corners[(corners >= first).all(axis=1) & (corners < last).all(axis=1)]
    a, b, c = (columns["positions"][corners[:, k], :2].astype(float) for k in range(3))
    u, v = b - a, c - a
    return np.abs(u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]) / 2


def star(radii):
    """A simple polygon around the origin by its radii."""
    angles = np.linspace(0, 2 * np.pi, len(radii), endpoint=False)
    return shapely.Polygon(np.column_stack([radii * np.cos(angles), radii * np.sin(angles)]))


@given(st.lists(st.floats(0.5, 10), min_size=3, max_size=20))
def test_triangles_cover_just_the_polygon(radii):
    columns, metres = make_columns(star(np.array(radii)))
    assert measure_triangles(columns).sum() == pytest.approx(metres[0].area, rel=1e-3, abs=0.01)


def test_holes_stay_open():
    ring = shapely.box(0, 0, 4, 4).exterior
    holed = shapely.Polygon(
        ring, [shapely.box(1, 1, 2, 3).exterior, shapely.box(3, 3, 3.5, 3.5).exterior]
    )
    columns, metres = make_columns(holed)
    assert measure_triangles(columns).sum() == pytest.approx(metres[0].area, rel=1e-4)
    # three rings, so three places where no wall goes on to the next vertex
    assert (columns["valid"] == 0).sum() == 3
    holes = shapely.union_all(shapely.get_rings(metres)[1:])
    for a, b, c in columns["indices"].reshape(-1, 3):
        middle = columns["positions"][[a, b, c], :2].mean(axis=0)
        assert not any(
            shapely.Polygon(h).contains(shapely.Point(middle)) for h in shapely.get_parts(holes)
        )


def test_each_polygon_keeps_its_own_vertices_and_triangles():
    columns, metres = make_columns(
        shapely.box(0, 0, 1, 1),
        shapely.Polygon([(5, 5), (7, 5), (5, 8)]),
        shapely.box(9, 9, 9.5, 12),
    )
    starts = columns["starts"]
    assert starts.tolist() == [0, 5, 9, 14]
    areas = [
        measure_triangles(columns, starts[i], starts[i + 1]).sum() for i in range(3)
    ]  # fmt: skip
    assert areas == pytest.approx([shape.area for shape in metres], rel=1e-4)


@pytest.mark.parametrize("turned", [False, True])
def test_rings_are_closed_and_outer_ones_clockwise_whichever_way_they_came(turned):
    shape = shapely.box(0, 0, 3, 2)
    columns, _ = make_columns(shapely.reverse(shape) if turned else shape)
    ring = columns["positions"][:, :2]
    assert ring[0].tolist() == ring[-1].tolist()
    assert not shapely.LinearRing(ring).is_ccw


def test_base_and_height():
    columns, _ = make_columns(shapely.box(0, 0, 1, 1), base=6.0, top=20.0)
    assert set(columns["positions"][:, 2]) == {6.0}
    assert set(columns["elevations"]) == {14.0}


def test_height_in_a_source_file_is_not_taken_for_a_place():
    flat, _ = make_columns(shapely.box(0, 0, 1, 1))
    solid, _ = make_columns(shapely.force_3d(shapely.box(0, 0, 1, 1), 99.0))
    assert flat["positions"].tolist() == solid["positions"].tolist()


def test_no_polygons():
    columns, _ = make_columns()
    assert columns["starts"].tolist() == [0]
    assert columns["positions"].shape == (0, 3)
