"""Codes of coordinate systems, degrees made of their numbers, and whether numbers can be in one."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError as ProjError
from pyproj.exceptions import ProjError as TransformError

from geodata import china
from geodata.errors import CRSError

Array = NDArray[np.float64]

GCJ02 = "gcj02"
BD09 = "bd09"
WGS84 = "EPSG:4326"

_NAMES = {
    "gcj02": GCJ02,
    "gcj": GCJ02,
    "bd09": BD09,
    "bd": BD09,
    "bd09ll": BD09,
    "wgs84": WGS84,
    "crs84": WGS84,
    "cgcs2000": "EPSG:4490",
}
_PROJECTED_MARGIN_DEG = 3.0
_GEOGRAPHIC_MARGIN_DEG = 2.0
_MAX_LATITUDE = 84.0
"""Beyond it nobody lives: such a latitude is a longitude."""


def to_code(text: str) -> str:
    """Return a CRS code in its one spelling: "EPSG:n", "gcj02", "bd09", or WKT as it is.

    Raises:
        CRSError: It is none that is known.
    """
    plain = text.strip()
    known = _NAMES.get(re.sub(r"[\s_:\-]", "", plain.lower()))
    if known:
        return known
    try:
        crs = CRS.from_epsg(int(plain)) if plain.isdigit() else CRS.from_user_input(plain)
    except (ProjError, ValueError) as error:
        raise CRSError(
            f"--crs {plain[:60]}: no such CRS. Give an EPSG code such as 4326, 4490, 4549 or "
            "3857, or gcj02 (Amap, Tencent) or bd09 (Baidu)."
        ) from error
    return code_of(crs)


def code_of(crs: CRS) -> str:
    """Return "EPSG:n" where the CRS is one, else its WKT."""
    epsg = crs.to_epsg() or crs.to_epsg(min_confidence=25)
    if epsg:
        return f"EPSG:{epsg}"
    if (crs.to_authority() or ("", ""))[0] == "OGC" and crs.is_geographic:
        return WGS84  # CRS84: the same with longitude first
    return crs.to_wkt()


def show_code(code: str) -> str:
    """Return a code for people: WKT by its name."""
    return code if len(code) < 20 else _crs(code).name


@cache
def _crs(code: str) -> CRS:
    crs = CRS.from_user_input(code)
    return crs.to_2d() if crs.is_compound or len(crs.axis_info) > 2 else crs


@cache
def _transformers(code: str) -> tuple[Transformer, Transformer]:
    crs = _crs(code)
    return (
        Transformer.from_crs(crs, WGS84, always_xy=True),
        Transformer.from_crs(WGS84, crs, always_xy=True),
    )


def to_degrees(code: str, x: Array, y: Array) -> tuple[Array, Array]:
    """Return WGS84 longitudes and latitudes; infinite where the CRS has no answer."""
    if code == GCJ02:
        return china.gcj02_to_wgs84(x, y)
    if code == BD09:
        return china.bd09_to_wgs84(x, y)
    if code == WGS84:
        return x, y
    try:
        lon, lat = _transformers(code)[0].transform(x, y)
    except TransformError:
        return np.full_like(x, np.inf), np.full_like(y, np.inf)
    return np.asarray(lon, float), np.asarray(lat, float)


def is_plausible(
    code: str, x: Array, y: Array, *, margin: float | None = None
) -> NDArray[np.bool_]:
    """Return which points can be in this CRS: on the globe, and inside its area of use.

    Args:
        code: CRS code.
        x: Eastings or longitudes.
        y: Northings or latitudes.
        margin: Degrees around the area of use; default 3 for projected, 2 for geographic ones.
    """
    with np.errstate(all="ignore"):
        good = np.isfinite(x) & np.isfinite(y)
        if is_geographic(code):
            good &= (np.abs(x) <= 180) & (np.abs(y) <= _MAX_LATITUDE)
        elif _is_metric(code):
            # numbers as small as degrees are not metres of a map projection
            good &= ~((np.abs(x) <= 180) & (np.abs(y) <= 90))
        lon, lat = to_degrees(code, np.where(good, x, np.nan), np.where(good, y, np.nan))
        good &= np.isfinite(lon) & np.isfinite(lat)
        good &= (np.abs(lon) <= 180) & (np.abs(lat) <= _MAX_LATITUDE + 1)
        if code == BD09:
            return good & china.is_in_china(lon, lat)
        if code in (GCJ02, WGS84):
            return good
        crs = _crs(code)
        if crs.area_of_use is not None:
            west, south, east, north = crs.area_of_use.bounds
            if margin is None:
                margin = _GEOGRAPHIC_MARGIN_DEG if crs.is_geographic else _PROJECTED_MARGIN_DEG
            # an area across the antimeridian has west > east
            span = (east - west) % 360 or 360.0
            good &= ((lon - west + margin) % 360 <= span + 2 * margin) | (span >= 359)
            good &= (lat >= south - margin) & (lat <= north + margin)
        if not crs.is_geographic:
            # far outside a projection the way there and back no longer meet
            back_x, back_y = _transformers(code)[1].transform(lon, lat)
            good &= np.hypot(back_x - x, back_y - y) < 1.0
    return good


def is_geographic(code: str) -> bool:
    """Return whether a code's numbers are degrees."""
    return code in (GCJ02, BD09, WGS84) or bool(_crs(code).is_geographic)


def _is_metric(code: str) -> bool:
    return any(axis.unit_name in ("metre", "meter") for axis in _crs(code).axis_info)
