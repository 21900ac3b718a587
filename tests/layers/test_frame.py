import math

import numpy as np
import pyproj
from hypothesis import given
from hypothesis import strategies as st

from layers.frame import LocalFrame

EARTH_M = 40.03e6
WORLD = 512
_MERCATOR = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:3857", always_xy=True)
_UNITS = WORLD / (2 * math.pi * 6378137.0)


def to_world(lon, lat):
    """World units by PROJ's own Web Mercator."""
    x, y = _MERCATOR.transform(lon, lat)
    return x * _UNITS, y * _UNITS


def draw(origin, east, north):
    """World units where deck.gl's shader puts metres: math.gl getDistanceScales, highPrecision.

    Scale at the origin, and its growth northward by the derivative of 1 / cos(latitude).
    """
    lat = math.radians(origin[1])
    per_metre = WORLD / EARTH_M / math.cos(lat)
    per_degree_y = WORLD / 360 / math.cos(lat)
    growth_a_degree = WORLD / EARTH_M * math.radians(1) * math.tan(lat) / math.cos(lat)
    growth = growth_a_degree / per_degree_y * per_metre
    x0, y0 = to_world(*origin)
    return x0 + east * (per_metre + growth * north), y0 + north * per_metre


@given(
    lon=st.floats(-179, 179),
    lat=st.floats(-70, 70),
    d_lon=st.floats(-0.01, 0.01),
    d_lat=st.floats(-0.01, 0.01),
)
def test_metres_are_drawn_where_their_longitude_and_latitude_is(lon, lat, d_lon, d_lat):
    place = lon + d_lon, lat + d_lat
    east, north = LocalFrame(lon, lat).to_metres(np.array([place[0]]), np.array([place[1]]))[0]
    drawn, expected = draw((lon, lat), east, north), to_world(*place)
    metre = WORLD / EARTH_M / math.cos(math.radians(lat))
    assert math.hypot(drawn[0] - expected[0], drawn[1] - expected[1]) / metre < 0.001


def test_origin_is_nought_and_east_and_north_are_up():
    frame = LocalFrame(119.3, 26.08)
    metres = frame.to_metres(np.array([119.3, 119.301, 119.3]), np.array([26.08, 26.08, 26.081]))
    assert np.abs(metres[0]).max() < 1e-6
    assert metres[1, 0] > 99
    assert abs(metres[1, 1]) < 1e-6
    assert metres[2, 1] > 110


def test_metres_are_metres_of_the_ground():
    geod = pyproj.Geod(ellps="WGS84")
    frame = LocalFrame(119.3, 26.08)
    for lon, lat in [(119.304, 26.08), (119.3, 26.0835), (119.297, 26.083)]:
        east, north = frame.to_metres(np.array([lon]), np.array([lat]))[0]
        true = geod.inv(119.3, 26.08, lon, lat)[2]
        # deck.gl's earth is a sphere
        assert abs(math.hypot(east, north) / true - 1) < 0.005


def test_no_places_are_no_metres():
    assert LocalFrame(119.3, 26.08).to_metres(np.zeros(0), np.zeros(0)).shape == (0, 2)
