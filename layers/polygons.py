"""Polygons to the flat arrays that deck.gl's SolidPolygonLayer draws without touching them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mapbox_earcut
import numpy as np
import numpy.typing as npt
import shapely

if TYPE_CHECKING:
    import geopandas as gpd

    from layers.columns import Array
    from layers.frame import LocalFrame


def to_polygon_columns(
    geometry: gpd.GeoSeries | npt.NDArray[np.object_],
    frame: LocalFrame | None,
    *,
    base_m: npt.NDArray[np.float64],
    top_m: npt.NDArray[np.float64],
) -> dict[str, Array]:
    """Return vertices, triangles and heights of polygons, in the order given.

    Args:
        geometry: n polygons, WGS84.
        frame: Where metres are counted from; None if the polygons are in its metres already.
        base_m: Underside above ground, metres, shape (n,).
        top_m: Top above ground, metres, shape (n,).

    Returns:
        `positions` float32 (v, 3) metres with z = base; `elevations` float32 (v,) metres above the
        base; `starts` uint32 (n + 1,) first vertex of each polygon; `indices` uint32 triangles;
        `valid` uint16 (v,), 0 where a ring ends and no wall follows. Rings are closed, outer ones
        clockwise.
    """
    oriented = shapely.orient_polygons(shapely.force_2d(np.asarray(geometry)), exterior_cw=True)
    rings, owner = shapely.get_rings(oriented, return_index=True)
    coords, ring_of = shapely.get_coordinates(rings, return_index=True)
    n = len(oriented)
    if not n:
        return _empty()
    xy = frame.to_metres(coords[:, 0], coords[:, 1]) if frame else coords
    of_polygon = owner[ring_of]
    starts = np.searchsorted(of_polygon, np.arange(n + 1)).astype(np.uint32)
    ring_ends = np.searchsorted(ring_of, np.arange(len(rings)), side="right")
    valid = np.ones(len(xy), np.uint16)
    valid[ring_ends - 1] = 0
    triangles = []
    ring_starts = np.searchsorted(owner, np.arange(n + 1))
    for i in range(n):
        first = int(starts[i])
        ends = ring_ends[ring_starts[i] : ring_starts[i + 1]] - first
        part = xy[first : int(starts[i + 1])]
        triangles.append(mapbox_earcut.triangulate_float64(part, ends.astype(np.uint32)) + first)
    return {
        "positions": np.column_stack([xy, base_m[of_polygon]]).astype(np.float32),
        "elevations": (top_m - base_m)[of_polygon].astype(np.float32),
        "starts": starts,
        "indices": np.concatenate(triangles).astype(np.uint32),
        "valid": valid,
    }


def _empty() -> dict[str, Array]:
    return {
        "positions": np.zeros((0, 3), np.float32),
        "elevations": np.zeros(0, np.float32),
        "starts": np.zeros(1, np.uint32),
        "indices": np.zeros(0, np.uint32),
        "valid": np.zeros(0, np.uint16),
    }
