"""What cameras see: against dense rays, and by hand."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.coverage.sight import TURN, look, measure_area
from geodata.coverage.viewshed import Camera, Obstacles

RAYS = 4000


def obstacles(*boxes, heights, bases=None):
    shapes = np.array([shapely.box(*box) for box in boxes], object)
    return Obstacles(shapes, np.array(heights, float), np.array(bases or [0.0] * len(boxes), float))


def camera(**options):
    usual = {"id": "c", "x": 0.0, "y": 0.0, "height_m": 4.0, "bearing_deg": None}
    return Camera(**{**usual, "fov_deg": 90.0, "range_m": 50.0, "target_m": 1.0, **options})


def cast(world, eye):
    """Return the area seen along each of many rays, one wall crossing at a time."""
    span = TURN if eye.bearing_deg is None else math.radians(eye.fov_deg)
    first = math.radians(90 - (eye.bearing_deg or 0)) - span / 2
    angle = first + (np.arange(RAYS) + 0.5) / RAYS * span
    ways = np.column_stack([np.cos(angle), np.sin(angle)])
    hidden = [[] for _ in range(RAYS)]
    for shape, height, base in zip(world.shapes, world.height_m, world.base_m, strict=True):
        if base >= eye.height_m:
            continue
        ring = np.array(shape.exterior.coords) - (eye.x, eye.y)
        met = []
        for (x1, y1), (x2, y2) in pairwise(ring):
            dx, dy = x2 - x1, y2 - y1
            with np.errstate(all="ignore"):
                across = ways[:, 0] * dy - ways[:, 1] * dx
                away = (x1 * dy - y1 * dx) / across
                along = (x1 * ways[:, 1] - y1 * ways[:, 0]) / across
            met.append(np.where((along >= 0) & (along < 1) & (away > 0), away, np.nan))
        met = np.sort(np.array(met), axis=0)
        within = shapely.contains_xy(shape, eye.x, eye.y)
        for ray in np.flatnonzero(~np.isnan(met[0])):
            found = [0.0] * int(within) + [value for value in met[:, ray] if value == value]
            for near, far in zip(found[::2], found[1::2], strict=True):
                if height >= eye.height_m:
                    end = np.inf
                else:  # the line of sight over the far wall, down to the target
                    fall = (eye.height_m - eye.target_m) / (eye.height_m - height)
                    end = far * max(1.0, fall)
                hidden[ray].append((near, end))
    seen = 0.0
    for parts in hidden:
        free = 0.0
        for near, end in sorted(parts):
            if near > free:
                seen += min(near, eye.range_m) ** 2 - min(free, eye.range_m) ** 2
            free = max(free, end)
        seen += eye.range_m**2 - min(free, eye.range_m) ** 2
    return seen / 2 * span / RAYS


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_area_equals_dense_rays(seed):
    rng = np.random.default_rng(seed)
    shapes, heights, bases = [], [], []
    for _ in range(rng.integers(0, 14)):
        x, y = rng.uniform(-60, 60, 2)
        box = shapely.box(x, y, x + rng.uniform(4, 25), y + rng.uniform(4, 25))
        shapes.append(shapely.affinity.rotate(box, rng.uniform(0, 90)))
        heights.append(rng.choice([1.0, 2.5, 3.0, 6.0, 20.0]))
        bases.append(5.0 if heights[-1] > 5 and rng.random() < 0.2 else 0.0)
    world = Obstacles(np.array(shapes, object), np.array(heights), np.array(bases))
    eye = camera(
        height_m=float(rng.choice([4.0, 4.5, 8.0, 15.0])),
        bearing_deg=None if rng.random() < 0.3 else float(rng.uniform(0, 360)),
        fov_deg=float(rng.uniform(20, 300)),
        range_m=float(rng.uniform(15, 70)),
        target_m=1.5,
    )
    high = [
        shape
        for shape, height, base in zip(shapes, heights, bases, strict=True)
        if height >= eye.height_m > base
    ]
    view = world.see(eye)
    if any(shapely.intersects_xy(shape, 0, 0) for shape in high):
        return  # moved onto its wall, or refused: tested below
    assert view.fault is None
    assert view.shape.is_valid
    assert view.shape.area == pytest.approx(cast(world, eye), rel=0.01, abs=0.5)


def test_open_ground_is_a_sector():
    nothing = obstacles(heights=[])
    assert nothing.see(camera()).shape.area == pytest.approx(math.pi * 2500, rel=0.001)
    quarter = nothing.see(camera(bearing_deg=90)).shape
    assert quarter.area == pytest.approx(math.pi * 2500 / 4, rel=0.001)
    east, north = shapely.Point(49, 0), shapely.Point(0, 49)
    assert quarter.contains(east)
    assert not quarter.contains(north)
    # across the seam at which angles begin again
    assert nothing.see(camera(bearing_deg=270)).shape.contains(shapely.Point(-49, 1))
    assert nothing.see(camera(bearing_deg=270)).shape.contains(shapely.Point(-49, -1))


def test_a_wall_higher_than_the_camera_hides_all_behind_it():
    view = obstacles((10, -5, 12, 5), heights=[4]).see(camera()).shape
    assert view.contains(shapely.Point(9, 0))
    assert not view.contains(shapely.Point(30, 0))
    assert not view.contains(shapely.Point(30, 14))
    assert view.contains(shapely.Point(30, 16))


def test_over_a_low_wall_the_ground_comes_back():
    """Eye 4 m, roof 3 m, target 1 m: hidden until three times the far wall's distance."""
    view = obstacles((9, -5, 10, 5), heights=[3]).see(camera()).shape
    hidden = [shapely.Point(x, 0) for x in (9.5, 11, 29)]
    assert not any(view.contains(point) for point in hidden)
    assert view.contains(shapely.Point(31, 0))
    # from lower down the same wall hides more
    low = obstacles((9, -5, 10, 5), heights=[3]).see(camera(height_m=3.5)).shape
    assert not low.contains(shapely.Point(31, 0))


def test_what_is_carried_above_the_camera_hides_nothing():
    view = obstacles((9, -5, 12, 5), heights=[12], bases=[4.5]).see(camera()).shape
    assert view.contains(shapely.Point(10, 0))
    assert view.contains(shapely.Point(30, 0))


def test_a_camera_on_a_wall_looks_outwards():
    view = obstacles((-20, -5, 0.4, 5), heights=[12]).see(camera())
    assert view.fault is None
    assert view.shape.contains(shapely.Point(30, 0))
    assert not view.shape.contains(shapely.Point(-25, 0))
    assert not view.shape.intersects(shapely.box(-19, -4, 0.3, 4))


def test_a_camera_inside_a_high_building_is_refused():
    view = obstacles((-20, -5, 5, 5), heights=[12]).see(camera())
    assert "inside a building" in view.fault
    assert view.shape.is_empty


def test_a_camera_on_a_roof_sees_the_ground_beyond_the_eaves():
    """Eye 15 m on a roof of 12 m whose edge is 5 m off, target 1 m: from 5 * 14 / 3 m on."""
    view = obstacles((-5, -5, 5, 5), heights=[12]).see(camera(height_m=15)).shape
    assert not view.contains(shapely.Point(23, 0))
    assert view.contains(shapely.Point(24, 0))


def test_exact_area_of_walls_and_arcs():
    wall = np.array([[10.0, -10.0, 10.0, 10.0]])
    pieces = look(wall, 50.0, -np.pi / 4, np.pi / 2)
    assert measure_area(pieces) == pytest.approx(100.0)
    # one whose ends are both out of sight
    far = look(np.array([[30.0, -500.0, 30.0, 500.0]]), 50.0, -np.pi, TURN)
    half = math.acos(30 / 50)
    assert measure_area(far) == pytest.approx(2500 * (math.pi - half) + 30 * 40)
