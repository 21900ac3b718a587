"""Trees: decor strewn over green areas and along the wider streets by a fixed rule, not data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from layers.columns import ColumnTable
from layers.context import fog
from layers.scene import Scene, floats, texts
from layers.spec import layer_spec

if TYPE_CHECKING:
    import pydeck as pdk

STREET_KINDS = frozenset({"trunk", "primary", "secondary", "tertiary", "residential"})
STREET_SPACING_M = 13.0
GREEN_AREA_PER_TREE_M2 = 34.0
MOST_TREES = 4000


def build_columns(scene: Scene) -> ColumnTable:
    """Return where trees stand.

    Columns: `trees` float32 (n, 4) of x, y, crown radius and height of the crown's middle, metres;
    `fog` float32 (n,), the share of its own colour that each keeps.
    """
    rng = np.random.default_rng(11)
    spots = np.vstack([_along_streets(scene, rng), _in_green(scene, rng)])
    community = scene.community
    solid = np.concatenate(
        [scene.to_metres(community[name].geometry.to_numpy()) for name in ("buildings", "context")]
    )
    if len(spots) and len(solid):
        tree = shapely.STRtree(solid)
        crowns = shapely.buffer(shapely.points(spots[:, :2]), spots[:, 2] * 0.8)
        hit = np.unique(tree.query(crowns, predicate="intersects")[0])
        spots = np.delete(spots, hit, axis=0)
    if len(spots) > MOST_TREES:
        spots = spots[np.sort(rng.choice(len(spots), MOST_TREES, replace=False))]
    boundary = community["boundary"].geometry.to_numpy()
    if len(boundary) and len(spots):
        area = shapely.union_all(scene.to_metres(boundary))
        distance = shapely.distance(shapely.points(spots[:, :2]), area)
    else:
        distance = np.zeros(len(spots))
    columns = {"trees": spots.astype(np.float32), "fog": fog(distance).astype(np.float32)}
    return ColumnTable("trees", len(spots), columns)


def _crowns(xy: np.ndarray, rng: np.random.Generator, low: float, high: float) -> np.ndarray:
    radius = rng.uniform(low, high, len(xy))
    return np.column_stack([xy, radius, radius * rng.uniform(1.0, 1.35, len(xy))])


def _along_streets(scene: Scene, rng: np.random.Generator) -> np.ndarray:
    roads = scene.community["roads"]
    wide = roads[np.array([kind in STREET_KINDS for kind in texts(roads["kind"])], bool)]
    spots = [np.zeros((0, 2))]
    for line, width in zip(
        scene.to_metres(wide.geometry.to_numpy()), floats(wide["width_m"], 7.0), strict=True
    ):
        for side in (-1, 1):
            kerb = line.offset_curve(side * (width / 2 + 1.6))
            along = np.arange(STREET_SPACING_M / 2, kerb.length, STREET_SPACING_M)
            if len(along):
                spots.append(shapely.get_coordinates(kerb.interpolate(along)))
    xy = np.vstack(spots)
    keep = rng.random(len(xy)) < 0.86
    return _crowns(xy[keep] + rng.normal(0, 0.5, (int(keep.sum()), 2)), rng, 1.5, 2.5)


def _in_green(scene: Scene, rng: np.random.Generator) -> np.ndarray:
    spots = [np.zeros((0, 2))]
    roads = scene.to_metres(scene.community["roads"].geometry.to_numpy())
    paved = shapely.STRtree(roads)
    for area in scene.to_metres(scene.community["green"].geometry.to_numpy()):
        count = min(600, int(area.area / GREEN_AREA_PER_TREE_M2))
        west, south, east, north = area.bounds
        tries = rng.uniform((west, south), (east, north), (count * 3, 2))
        inside = tries[shapely.contains_xy(area.buffer(-1.2), tries[:, 0], tries[:, 1])][:count]
        if len(inside) and len(roads):
            points = shapely.points(inside)
            hit = np.unique(paved.query(points, predicate="dwithin", distance=2.4)[0])
            inside = np.delete(inside, hit, axis=0)
        spots.append(inside)
    return _crowns(np.vstack(spots), rng, 1.7, 3.4)


def describe() -> pdk.Layer:
    """Return the pydeck layer, without data; never picked."""
    return layer_spec("SimpleMeshLayer", "trees", pickable=False)
