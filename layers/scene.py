"""What every layer builder is given: the community and the frame its metres are counted in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geodata.community import Community
from layers.frame import LocalFrame


@dataclass(frozen=True)
class Scene:
    """A community with a local frame at its centre."""

    community: Community

    @cached_property
    def frame(self) -> LocalFrame:
        """Frame at the community's centre, rounded so that it prints the same everywhere."""
        lon, lat = self.community.centre
        return LocalFrame(round(lon, 6), round(lat, 6))

    @cached_property
    def extent_m(self) -> tuple[float, float, float, float]:
        """West, south, east, north of the community in metres from the origin."""
        west, south, east, north = self.community.bounds
        corners = self.frame.to_metres(np.array([west, east]), np.array([south, north]))
        return (*map(float, corners[0]), *map(float, corners[1]))  # type: ignore[return-value]

    @cached_property
    def outline_m(self) -> list[list[float]]:
        """What a camera must show: x, y, z in metres of the hull and of the tallest roofs."""
        named = "boundary" if len(self.community["boundary"]) else "buildings"
        hull = shapely.convex_hull(
            shapely.union_all(self.to_metres(self.community[named].geometry.to_numpy()))
        )
        ground = shapely.get_coordinates(shapely.simplify(hull, 2.0))
        gdf = self.community["buildings"].nlargest(12, "height_m")
        roofs = shapely.get_coordinates(shapely.centroid(self.to_metres(gdf.geometry.to_numpy())))
        tops = np.column_stack([roofs, gdf["height_m"].to_numpy(dtype=float)])
        floor = np.column_stack([ground, np.zeros(len(ground))])
        points = np.vstack([floor, tops]).round(1)
        return [[float(v) for v in point] for point in points]

    @cached_property
    def areas_m(self) -> list[dict[str, Any]]:
        """Grids and compounds: `layer`, `id`, `name`, `rings` of x, y in metres to a decimetre."""
        found = []
        for layer in ("grids", "compounds"):
            gdf = self.community[layer]
            shapes = self.to_metres(gdf.geometry.to_numpy())
            for key, name, shape in zip(texts(gdf["id"]), texts(gdf["name"]), shapes, strict=True):
                rings = [
                    np.round(shapely.get_coordinates(part.exterior), 1).tolist()
                    for part in shapely.get_parts(shape)
                ]
                found.append({"layer": layer, "id": key, "name": name or key, "rings": rings})
        return found

    def to_metres(self, geometry: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
        """Return the same shapes in metres."""
        moved: npt.NDArray[np.object_] = shapely.transform(
            shapely.force_2d(geometry), lambda c: self.frame.to_metres(c[:, 0], c[:, 1])
        )
        return moved

    def points_m(self, layer: str) -> npt.NDArray[np.float32]:
        """Return an (n, 2) array of metres of a point layer; areas stand at a point inside."""
        points = shapely.point_on_surface(self.community[layer].geometry.to_numpy())
        coords = shapely.get_coordinates(points)
        return self.frame.to_metres(coords[:, 0], coords[:, 1]).astype(np.float32)


def floats(column: pd.Series[float], default: float) -> npt.NDArray[np.float64]:
    """Return a float column as an array with its gaps filled."""
    values = column.astype("float64").fillna(default)
    return np.asarray(values.to_numpy(dtype=np.float64))


def texts(column: pd.Series[str]) -> list[str]:
    """Return a text column as a list with its gaps empty."""
    return [str(value) for value in column.astype("object").where(column.notna(), "")]
