"""Metres east and north of an origin, by deck.gl's own scale.

deck.gl's METER_OFFSETS turns metres into Web Mercator world units with the scale at the origin and
its first derivative; these functions are the exact inverse, so that a point sent in metres lands on
the pixel of its longitude and latitude. Formula: deck.gl / math.gl `getDistanceScales` with
`highPrecision` (EARTH_CIRCUMFERENCE = 40.03e6 m, 512 world units).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

EARTH_CIRCUMFERENCE_M = 40.03e6
WORLD_SIZE = 512.0

Floats = npt.NDArray[np.float64]


def to_world(lon: Floats | float, lat: Floats | float) -> tuple[Floats, Floats]:
    """Return Web Mercator world units (0..512, y up) of WGS84 degrees."""
    lam = np.radians(lon)
    phi = np.radians(lat)
    x = WORLD_SIZE * (lam + np.pi) / (2 * np.pi)
    y = WORLD_SIZE * (np.pi + np.log(np.tan(np.pi / 4 + phi / 2))) / (2 * np.pi)
    return np.asarray(x), np.asarray(y)


@dataclass(frozen=True)
class LocalFrame:
    """A local frame in metres around an origin in WGS84 degrees."""

    lon: float
    lat: float

    @property
    def _scales(self) -> tuple[float, float]:
        """Return world units a metre, and how the east scale grows with each metre north."""
        phi = np.radians(self.lat)
        per_metre = WORLD_SIZE / EARTH_CIRCUMFERENCE_M / float(np.cos(phi))
        growth = WORLD_SIZE / EARTH_CIRCUMFERENCE_M * np.radians(1) * float(np.tan(phi))
        growth /= float(np.cos(phi))
        per_degree_y = WORLD_SIZE / 360.0 / float(np.cos(phi))
        return per_metre, float(growth / per_degree_y * per_metre)

    def to_metres(self, lon: Floats, lat: Floats) -> Floats:
        """Return an (n, 2) array of metres east and north of the origin.

        Args:
            lon: Longitudes, degrees, shape (n,).
            lat: Latitudes, degrees, shape (n,).
        """
        k, k2 = self._scales
        x, y = to_world(lon, lat)
        x0, y0 = to_world(self.lon, self.lat)
        north = (y - y0) / k
        east = (x - x0) / (k + k2 * north)
        return np.column_stack([east, north])
