"""One CRS per source, settled at import: declared, given or evident, and tested by the numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata import china
from geodata.crs import GCJ02, WGS84, Array, is_geographic, is_plausible, to_degrees
from geodata.errors import CRSError
from geodata.questions import ask_crs

Geometries = NDArray[np.object_]


@dataclass(frozen=True)
class Placed:
    """Geometries in WGS84 and how they came there.

    Attributes:
        geometry: In degrees, without heights; None where `outside`.
        outside: Which ones had coordinates that cannot be right, while most were.
        used: CRS code that was applied.
        by: Who said so: "person", "file" (declared), "columns" (their names), "default".
        doubts: Things to tell a person although the data was placed.
    """

    geometry: Geometries
    outside: NDArray[np.bool_]
    used: str
    by: str
    doubts: tuple[str, ...] = ()


def place(
    geometry: Geometries,
    *,
    declared: str | None,
    given: str | None,
    file: str,
    by: str = "file",
    metres: bool = False,
) -> Placed:
    """Return geometries in WGS84.

    Args:
        geometry: Geometries with the source's numbers; None allowed.
        declared: CRS code that the source states, if any.
        given: CRS code that a person gave; it overrides.
        file: For messages.
        by: What states `declared`: "file" or "columns".
        metres: The numbers are metres by their format, so no degrees are assumed.

    Raises:
        CRSError: The numbers cannot be in that CRS, or there is none; the message asks.
    """
    x, y, known = _centres(geometry)
    code = given or declared
    if not known.any():
        return Placed(
            geometry, np.zeros(len(geometry), bool), code or WGS84, by if code else "default"
        )
    who = "person" if given else by
    if code is None:
        if metres or not _mostly(is_plausible(WGS84, x[known], y[known])):
            raise CRSError(ask_crs(*_corners(geometry), file=file, metres=metres))
        code, who = WGS84, "default"
    plausible = np.zeros(len(geometry), bool)
    plausible[known] = is_plausible(code, x[known], y[known])
    if not _mostly(plausible[known]):
        corners = _corners(geometry)
        raise CRSError(ask_crs(*corners, file=file, refused=code, by=who, metres=metres))
    if is_geographic(code):
        plausible &= ~((x == 0) & (y == 0))
    outside = known & ~plausible
    moved = geometry.copy()
    moved[outside] = None
    moved = shapely.transform(
        shapely.force_2d(moved),
        lambda xy: np.column_stack(to_degrees(code, xy[:, 0], xy[:, 1])),
    )
    return Placed(moved, outside, code, who, _doubts(code, who, moved, file))


def _centres(geometry: Geometries) -> tuple[Array, Array, NDArray[np.bool_]]:
    bounds = shapely.bounds(geometry)
    x, y = bounds[:, [0, 2]].mean(axis=1), bounds[:, [1, 3]].mean(axis=1)
    return x, y, np.isfinite(x) & np.isfinite(y)


def _corners(geometry: Geometries) -> tuple[Array, Array]:
    bounds = shapely.bounds(geometry)
    bounds = bounds[np.isfinite(bounds).all(axis=1)]
    return bounds[:, [0, 2]].ravel(), bounds[:, [1, 3]].ravel()


def _mostly(mask: NDArray[np.bool_]) -> bool:
    return bool(mask.mean() > 0.5)


def _doubts(code: str, by: str, geometry: Geometries, file: str) -> tuple[str, ...]:
    x, y, known = _centres(geometry)
    inside = bool(known.any()) and _mostly(china.is_in_china(x[known], y[known]))
    doubts = []
    if code == GCJ02 and not inside:
        doubts.append(
            f"{file}: GCJ-02 shifts nothing outside China, and this lies outside: read as WGS84."
        )
    if by == "default" and inside:
        doubts.append(
            f"{file} states no CRS: read as WGS84. Coordinates taken from a Chinese map are often "
            "shifted by 300 to 1,200 m: if it does not fit, import again with --crs gcj02 "
            "(Amap, Tencent) or --crs bd09 (Baidu)."
        )
    return tuple(doubts)
