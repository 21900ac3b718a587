from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from geodata import china

GEOD = Geod(ellps="WGS84")
LON = st.floats(73.5, 134.8)
LAT = st.floats(3.5, 53.6)


def distance_m(a, b) -> float:
    return float(GEOD.inv(float(a[0]), float(a[1]), float(b[0]), float(b[1]))[2])


def test_published_pair():
    lon, lat = china.wgs84_to_gcj02(np.array([121.5272106]), np.array([31.1774276]))
    assert lon[0] == pytest.approx(121.531541859215, abs=1e-9)
    assert lat[0] == pytest.approx(31.17530398364597, abs=1e-9)


def test_junmen_in_three_datums():
    # the note of the Fuzhou data gives the same place to six decimals
    bd = np.array([119.307768]), np.array([26.087417])
    gcj = china.bd09_to_gcj02(*bd)
    assert distance_m((gcj[0][0], gcj[1][0]), (119.301286, 26.081255)) < 0.5
    wgs = china.bd09_to_wgs84(*bd)
    assert distance_m((wgs[0][0], wgs[1][0]), (119.296486, 26.084364)) < 0.5


@pytest.mark.parametrize(
    ("there", "back"),
    [
        (china.wgs84_to_gcj02, china.gcj02_to_wgs84),
        (china.gcj02_to_bd09, china.bd09_to_gcj02),
        (china.wgs84_to_bd09, china.bd09_to_wgs84),
    ],
)
@given(lon=LON, lat=LAT)
def test_round_trips(there, back, lon, lat):
    x, y = back(*there(np.array([lon]), np.array([lat])))
    assert distance_m((x[0], y[0]), (lon, lat)) < 0.5


@given(lon=LON, lat=LAT)
def test_gcj02_shifts_by_hundreds_of_metres(lon, lat):
    x, y = china.wgs84_to_gcj02(np.array([lon]), np.array([lat]))
    assert 10 < distance_m((x[0], y[0]), (lon, lat)) < 1000


@pytest.mark.parametrize("place", [(24.94, 60.17), (4.46, 51.91), (-74.0, 40.7), (151.2, -33.9)])
def test_gcj02_is_the_identity_outside_china(place):
    for convert in (china.wgs84_to_gcj02, china.gcj02_to_wgs84):
        x, y = convert(np.array([place[0]]), np.array([place[1]]))
        assert (x[0], y[0]) == place
