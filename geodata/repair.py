"""Geometry made fit for a layer: taken apart, mended, or refused with a reason; nothing is lost."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

METRES_PER_DEGREE = 111_320.0
"""Length of a degree of latitude, metres, to within 0.6 %."""

KEPT, REPAIRED, REJECTED = "kept", "repaired", "rejected"

_AREAS = (3, 6)
_BRIDGE_M = 0.05
"""Pieces of one mended outline that touch in a point are joined by a neck of about this width."""

Geometries = NDArray[np.object_]


def explode_parts(gdf: gpd.GeoDataFrame, *, keep_multipolygons: bool = False) -> gpd.GeoDataFrame:
    """Return one row per single part; a row without geometry stays one row.

    Args:
        gdf: Any geometries, nested collections included.
        keep_multipolygons: Leave multipolygons whole (for layers that may hold them).
    """
    while True:
        geometry = gdf.geometry.to_numpy()
        types = shapely.get_type_id(geometry)
        multi = (types >= 4) & ~((types == 6) & keep_multipolygons)
        multi &= shapely.get_num_geometries(geometry) > 0
        if not multi.any():
            return gdf.reset_index(drop=True)
        parts, rows = shapely.get_parts(geometry[multi], return_index=True)
        positions = np.concatenate([np.flatnonzero(~multi), np.flatnonzero(multi)[rows]])
        order = np.argsort(positions, kind="stable")
        taken = gdf.iloc[positions[order]].copy()
        single = np.concatenate([geometry[~multi], parts])[order]
        gdf = gpd.GeoDataFrame(
            taken.drop(columns="geometry"), geometry=gpd.GeoSeries(single, index=taken.index)
        )
        if gdf.crs is None and taken.crs is not None:
            gdf = gdf.set_crs(taken.crs)


def fit_geometry(
    geometry: Geometries, allowed: frozenset[str]
) -> tuple[Geometries, NDArray[np.object_], NDArray[np.object_]]:
    """Return geometries that a layer may hold, what became of each, and the reasons.

    Args:
        geometry: Single parts in WGS84 degrees, None allowed.
        allowed: Geometry types of the layer's schema.

    Returns:
        Geometries (None where rejected); "kept", "repaired" or "rejected"; reasons (None if kept).
    """
    result = np.array(shapely.force_2d(geometry), dtype=object)
    status = np.full(len(result), KEPT, dtype=object)
    reason = np.full(len(result), None, dtype=object)

    def reject(mask: NDArray[np.bool_], why: str) -> None:
        new = mask & (status != REJECTED)
        status[new], reason[new], result[new] = REJECTED, why, None

    reject(shapely.is_missing(result), "It has no geometry")
    reject(shapely.is_empty(result), "Its geometry is empty")
    reject(_has_bad_numbers(result), "A coordinate is not a number")
    bounds = shapely.bounds(result)
    with np.errstate(invalid="ignore"):
        reject(bounds[:, 2] - bounds[:, 0] > 180, "It crosses the antimeridian (180°)")
    areas = bool(allowed & {"Polygon", "MultiPolygon"})
    if areas and not allowed & {"LineString"}:
        _close_rings(result, status, reason)
    types = shapely.get_type_id(result)
    is_area = np.isin(types, _AREAS)
    if not areas and "Point" in allowed:
        _mend_areas(result, status, reason, is_area & (status != REJECTED))
        is_area &= status != REJECTED
        result[is_area] = shapely.point_on_surface(result[is_area])
        types = shapely.get_type_id(result)
    names = {0: "Point", 1: "LineString", 2: "LineString", 3: "Polygon", 6: "MultiPolygon"}
    wanted = _in_words(allowed)
    for number in np.unique(types[status != REJECTED]):
        name = names.get(int(number), "other geometry")
        single = {"MultiPolygon": "Polygon"}.get(name, name)
        if name not in allowed and single not in allowed:
            reject(types == number, f"It is {_in_words(frozenset({name}))}, but must be {wanted}")
    if areas:
        _mend_areas(result, status, reason, np.isin(shapely.get_type_id(result), _AREAS))
        if "MultiPolygon" not in allowed:
            _join_pieces(result, status, reason)
    if "LineString" in allowed:
        with np.errstate(invalid="ignore"):
            reject(shapely.length(result) == 0, "The line has no length")
    return result, status, reason


def _has_bad_numbers(geometry: Geometries) -> NDArray[np.bool_]:
    xy, index = shapely.get_coordinates(geometry, return_index=True)
    bad = np.zeros(len(geometry), bool)
    bad[index[~np.isfinite(xy).all(axis=1)]] = True
    return bad


def _close_rings(
    result: Geometries, status: NDArray[np.object_], reason: NDArray[np.object_]
) -> None:
    """Turn closed lines into areas."""
    lines = np.isin(shapely.get_type_id(result), (1, 2))
    closed = lines & shapely.is_closed(result) & (shapely.get_num_coordinates(result) >= 4)
    if closed.any():
        result[closed] = shapely.polygons(
            [shapely.linearrings(shapely.get_coordinates(line)) for line in result[closed]]
        )
        status[closed], reason[closed] = REPAIRED, "A closed line was taken as an area"


def _mend_areas(
    result: Geometries,
    status: NDArray[np.object_],
    reason: NDArray[np.object_],
    areas: NDArray[np.bool_],
) -> None:
    broken = areas & ~shapely.is_valid(result)
    for position in np.flatnonzero(broken):
        why = str(shapely.is_valid_reason(result[position])).split("[")[0]
        mended = _polygonal(shapely.make_valid(result[position]))
        if mended is None:
            status[position], result[position] = REJECTED, None
            reason[position] = f"Its outline encloses nothing ({why})"
        else:
            status[position], result[position] = REPAIRED, mended
            reason[position] = f"Its outline was mended ({why})"
    with np.errstate(invalid="ignore"):
        flat = areas & (status != REJECTED) & (shapely.area(result) <= 0)
    status[flat], reason[flat], result[flat] = REJECTED, "Its outline encloses nothing", None


def _polygonal(geometry: Any) -> Any | None:
    parts = shapely.get_parts(geometry)
    while np.isin(shapely.get_type_id(parts), (6, 7)).any():
        parts = shapely.get_parts(parts)
    parts = parts[(shapely.get_type_id(parts) == 3) & (shapely.area(parts) > 0)]
    if len(parts) == 0:
        return None
    return parts[0] if len(parts) == 1 else shapely.multipolygons(parts)


def _join_pieces(
    result: Geometries, status: NDArray[np.object_], reason: NDArray[np.object_]
) -> None:
    """Make one polygon of an outline that mending left in pieces: join those that touch."""
    for position in np.flatnonzero(shapely.get_type_id(result) == 6):
        pieces = result[position]
        scale = np.array([np.cos(np.radians(pieces.centroid.y)), 1.0]) * METRES_PER_DEGREE
        flat = shapely.transform(pieces, lambda xy, scale=scale: xy * scale)
        joined = shapely.make_valid(shapely.buffer(shapely.buffer(flat, _BRIDGE_M), -_BRIDGE_M))
        joined = _polygonal(joined)
        status[position] = REPAIRED
        if joined is not None and joined.geom_type == "Polygon":
            joined = shapely.transform(joined, lambda xy, scale=scale: xy / scale)
            if joined.is_valid:
                result[position] = joined
                continue
        parts = shapely.get_parts(flat)
        largest = int(np.argmax(shapely.area(parts)))
        dropped = float(shapely.area(parts).sum() - shapely.area(parts[largest]))
        result[position] = shapely.get_parts(pieces)[largest]
        reason[position] = (
            f"Its outline was mended: the largest of {len(parts)} pieces is kept, "
            f"{dropped:.1f} m² dropped"
        )


def measure_area_m2(geometry: gpd.GeoSeries) -> pd.Series[float]:
    """Return areas in square metres of WGS84 outlines, to about 1 %."""
    values = geometry.to_numpy()
    bounds = shapely.bounds(values)
    scale = np.cos(np.radians((bounds[:, 1] + bounds[:, 3]) / 2)) * METRES_PER_DEGREE**2
    return pd.Series(shapely.area(values) * scale, index=geometry.index, name="area_m2")


def _in_words(types: frozenset[str]) -> str:
    words = {"Point": "a point", "LineString": "a line", "Polygon": "an area"}
    known = sorted({words.get(name.removeprefix("Multi"), "an odd geometry") for name in types})
    return " or ".join(known)
