"""GCJ-02 and BD-09, the shifted coordinates of Chinese maps, to and from WGS84.

The formulas are the well-known public ones (as in eviltransform and coordtransform); they take
and give degrees, as arrays. The ways back have no closed form: they are solved by iteration until
the forward formula gives the input again.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Pair = tuple[Array, Array]

# semi-major axis and squared eccentricity of the Krasovsky 1940 ellipsoid
_A = 6378245.0
_EE = 0.00669342162296594323
_X_PI = np.pi * 3000.0 / 180.0
_ROUNDS = 12

BOX = (72.004, 0.8293, 137.8347, 55.8271)
"""West, south, east, north, degrees: GCJ-02 shifts within, and is WGS84 outside."""


def is_in_china(lon: Array, lat: Array) -> NDArray[np.bool_]:
    """Return whether points lie in the box in which GCJ-02 shifts them."""
    west, south, east, north = BOX
    return (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)


def wgs84_to_gcj02(lon: Array, lat: Array) -> Pair:
    """Shift WGS84 degrees to GCJ-02; the identity outside `BOX`."""
    lon, lat = np.asarray(lon, float), np.asarray(lat, float)
    dlon, dlat = _shift(lon, lat)
    inside = is_in_china(lon, lat)
    return np.where(inside, lon + dlon, lon), np.where(inside, lat + dlat, lat)


def gcj02_to_wgs84(lon: Array, lat: Array) -> Pair:
    """Undo `wgs84_to_gcj02`.

    On the rim of `BOX` two WGS84 points may have the same GCJ-02 point: the inner one is given.
    """
    lon, lat = np.asarray(lon, float), np.asarray(lat, float)
    x, y = lon.copy(), lat.copy()
    for _ in range(_ROUNDS):
        dlon, dlat = _shift(x, y)
        x, y = lon - dlon, lat - dlat
    inside = is_in_china(x, y)
    return np.where(inside, x, lon), np.where(inside, y, lat)


def gcj02_to_bd09(lon: Array, lat: Array) -> Pair:
    """Shift GCJ-02 degrees to BD-09 (Baidu)."""
    lon, lat = np.asarray(lon, float), np.asarray(lat, float)
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _X_PI)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _X_PI)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


def bd09_to_gcj02(lon: Array, lat: Array) -> Pair:
    """Undo `gcj02_to_bd09`."""
    lon, lat = np.asarray(lon, float), np.asarray(lat, float)
    x, y = lon - 0.0065, lat - 0.006
    for _ in range(_ROUNDS):
        bd_x, bd_y = gcj02_to_bd09(x, y)
        x, y = x + lon - bd_x, y + lat - bd_y
    return x, y


def wgs84_to_bd09(lon: Array, lat: Array) -> Pair:
    """Shift WGS84 degrees to BD-09."""
    return gcj02_to_bd09(*wgs84_to_gcj02(lon, lat))


def bd09_to_wgs84(lon: Array, lat: Array) -> Pair:
    """Undo `wgs84_to_bd09`."""
    return gcj02_to_wgs84(*bd09_to_gcj02(lon, lat))


def _shift(lon: Array, lat: Array) -> Pair:
    x, y = lon - 105.0, lat - 35.0
    pi = np.pi
    root = np.sqrt(np.abs(x))
    wave = (20.0 * np.sin(6.0 * x * pi) + 20.0 * np.sin(2.0 * x * pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + wave
    north += (20.0 * np.sin(y * pi) + 40.0 * np.sin(y / 3.0 * pi)) * 2.0 / 3.0
    north += (160.0 * np.sin(y / 12.0 * pi) + 320.0 * np.sin(y / 30.0 * pi)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + wave
    east += (20.0 * np.sin(x * pi) + 40.0 * np.sin(x / 3.0 * pi)) * 2.0 / 3.0
    east += (150.0 * np.sin(x / 12.0 * pi) + 300.0 * np.sin(x / 30.0 * pi)) * 2.0 / 3.0
    radians = np.radians(lat)
    magic = 1.0 - _EE * np.sin(radians) ** 2
    root_magic = np.sqrt(magic)
    dlat = north * 180.0 / (_A * (1.0 - _EE) / (magic * root_magic) * pi)
    dlon = east * 180.0 / (_A / root_magic * np.cos(radians) * pi)
    return dlon, dlat
