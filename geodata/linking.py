"""Rows of different layers brought together: ids, parts with buildings, doors with houses."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.columns import to_text
from geodata.heights import to_heights
from geodata.repair import METRES_PER_DEGREE, measure_area_m2

SOURCE_ID = "_source_id"
PREFIXES = {
    "boundary": "A", "compounds": "C", "grids": "GR", "buildings": "B", "building_parts": "BP",
    "context": "X", "entrances": "E", "gates": "G", "plate_cameras": "PC", "devices": "D",
    "services": "S", "parking": "P", "roads": "R", "green": "V", "water": "W",
}  # fmt: skip
_MOSTLY_UNIQUE = 0.9
_OWN_SHARE = 0.1
"""A part belongs to a building that covers at least this share of it."""
ENTRANCE_M = 10.0
GATE_M = 30.0
SQUARE_M = 14.0
"""Side of the square that stands for a building of which only a point is known."""


def make_ids(gdf: gpd.GeoDataFrame, layer: str) -> tuple[gpd.GeoDataFrame, str | None]:
    """Return a copy with unique ids, and what to tell about them.

    The source's ids stay where nearly all differ: a second one of the same gets "-2", and a
    missing one is made. Else all ids are made from the layer and the order of rows: "B-0001".
    """
    result = gdf.copy()
    texts = result["id"].map(to_text) if "id" in result else pd.Series(None, index=result.index)
    texts = texts.astype(object).where(texts.notna(), None)
    result[SOURCE_ID] = texts
    clean = [str(t).replace("/", "-").strip("{}") if t is not None else None for t in texts]
    known = [text for text in clean if text]
    own = len(known) > 0 and len(set(known)) >= _MOSTLY_UNIQUE * len(known)
    taken = set(known) if own else set()
    ids: list[str] = []
    used: set[str] = set()
    again = 0
    for number, text in enumerate(clean, start=1):
        if own and text and text not in used:
            new = text
        else:
            again += own and bool(text)
            stem = text if own and text else None
            new = _next_id(stem, f"{PREFIXES[layer]}-{number:04d}", used | taken)
        used.add(new)
        ids.append(new)
    result["id"] = ids
    if any(text and text != new for text, new in zip(texts, ids, strict=True)):
        result["source_id"] = texts  # for those who know the rows by it
    if own and again:
        return result, f'{again} ids came twice: the later ones got "-2" and so on'
    if known and not own:
        return result, f"The source's ids are not unique: new ones were made, {ids[0]} and so on"
    return result, None


def _next_id(stem: str | None, made: str, used: set[str]) -> str:
    new, number = (f"{stem}-2" if stem else made), 2
    while new in used:
        number += 1
        new = f"{stem or made}-{number}"
    return new


def to_metres(geometry: NDArray[np.object_], latitude: float) -> NDArray[np.object_]:
    """Return WGS84 geometries in metres of a plane that is true near a latitude."""
    scale = np.array([np.cos(np.radians(latitude)), 1.0]) * METRES_PER_DEGREE
    moved: NDArray[np.object_] = shapely.transform(geometry, lambda xy: xy * scale)
    return moved


def find_owners(parts: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame) -> pd.Series[Any]:
    """Return for each part the id of the building that covers most of it, or None."""
    owners = pd.Series(None, index=parts.index, dtype=object)
    by_source = dict(zip(buildings[SOURCE_ID], buildings["id"], strict=True))
    if "building_id" in parts:
        owners = parts["building_id"].map(lambda value: by_source.get(value)).astype(object)
        owners = owners.where(owners.notna(), None)
    open_rows = np.flatnonzero(owners.isna())
    if len(buildings) == 0 or len(open_rows) == 0:
        return owners
    shapes = parts.geometry.to_numpy()[open_rows]
    outlines = buildings.geometry.to_numpy()
    left, right = shapely.STRtree(outlines).query(shapes, predicate="intersects")
    overlap = shapely.area(shapely.intersection(shapes[left], outlines[right]))
    share = overlap / shapely.area(shapes[left])
    ids = buildings["id"].to_numpy()
    # of equal shares the smaller outline: the house, not the hall around it
    order = np.lexsort((shapely.area(outlines[right]), -share.round(3)))
    seen = set()
    for index in order:
        if share[index] >= _OWN_SHARE and left[index] not in seen:
            seen.add(left[index])
            owners.iloc[open_rows[left[index]]] = ids[right[index]]
    return owners


def share_heights(
    buildings: gpd.GeoDataFrame, parts: gpd.GeoDataFrame
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return buildings as high as their parts where only those say, and parts as their building."""
    buildings, parts = buildings.copy(), parts.copy()
    known = parts[parts["height_source"] != "assumed"]
    tops = known.sort_values("height_m").groupby("building_id").tail(1).set_index("building_id")
    rows = (buildings["height_source"] == "assumed") & buildings["id"].isin(tops.index)
    if rows.any():
        for column in ("height_m", "height_source"):
            buildings.loc[rows, column] = buildings.loc[rows, "id"].map(tops[column])
    homes = buildings.drop_duplicates("id").set_index("id")
    height = parts["building_id"].map(homes["height_m"])
    take = (parts["height_source"] == "assumed") & height.notna()
    take &= height > parts["base_m"].fillna(0.0)
    if take.any():
        sources = parts["building_id"].map(homes["height_source"])
        parts.loc[take, "height_m"] = height[take]
        parts.loc[take, "height_source"] = sources[take]
    return buildings, parts


def find_places(
    gdf: gpd.GeoDataFrame, targets: gpd.GeoDataFrame, *, column: str, within_m: float
) -> tuple[pd.Series[Any], list[Any]]:
    """Return the id of the target each row belongs to, and labels whose own word names none.

    The row's own word counts first, as an id or a name; else the nearest target within a distance.
    """
    words = gdf[column] if column in gdf else pd.Series(None, index=gdf.index)
    words = words.astype(object).where(words.notna(), None)
    known: dict[Any, Any] = {}
    if "name" in targets:
        names = targets["name"][~targets["name"].duplicated(keep=False)].dropna()
        known |= dict(zip(names, targets.loc[names.index, "id"], strict=True))
    known |= dict(zip(targets[SOURCE_ID], targets["id"], strict=True))
    known |= dict(zip(targets["id"], targets["id"], strict=True))
    found = words.map(lambda word: known.get(word) if word is not None else None).astype(object)
    found = found.where(found.notna(), None)
    lost = list(gdf.index[found.isna() & words.notna()])
    rows = np.flatnonzero(found.isna())
    if len(targets) and len(rows):
        latitude = float(np.nanmean(shapely.bounds(targets.geometry.to_numpy())[:, 1]))
        tree = shapely.STRtree(to_metres(targets.geometry.to_numpy(), latitude))
        points = to_metres(gdf.geometry.to_numpy()[rows], latitude)
        left, right = tree.query_nearest(points, max_distance=within_m, all_matches=False)
        found.iloc[rows[left]] = targets["id"].to_numpy()[right]
    return found, lost


def fill_from_points(
    buildings: gpd.GeoDataFrame, points: gpd.GeoDataFrame
) -> tuple[gpd.GeoDataFrame, NDArray[np.bool_]]:
    """Return outlines with what a table of points knows of them, and which points found one.

    A point speaks of the outline it lies in, or the nearest within 10 m; cells that the outline
    has already stay, and storeys replace an assumed height.
    """
    joined = np.zeros(len(points), bool)
    if len(buildings) == 0 or len(points) == 0:
        return buildings, joined
    result = buildings.copy()
    latitude = float(np.nanmean(shapely.bounds(buildings.geometry.to_numpy())[:, 1]))
    tree = shapely.STRtree(to_metres(buildings.geometry.to_numpy(), latitude))
    shapes = to_metres(points.geometry.to_numpy(), latitude)
    left, right = tree.query_nearest(shapes, max_distance=10.0, all_matches=False)
    skip = {"geometry", "height_m", "height_source", "base_m"}
    columns = [c for c in points.columns if c not in skip and not c.startswith("_")]
    filled: set[int] = set()
    for row, target in zip(left, right, strict=True):
        if target in filled:
            continue  # a second point of one outline stays by itself
        filled.add(target)
        joined[row] = True
        label, source = result.index[target], points.iloc[row]
        for column in columns:
            if column not in result:
                result[column] = pd.Series(None, index=result.index, dtype=object)
            if pd.isna(result.at[label, column]) and pd.notna(source[column]):
                result.at[label, column] = source[column]
        if result.at[label, "height_source"] == "assumed" and source["height_source"] != "assumed":
            for column in ("height_m", "height_source"):
                result.at[label, column] = source[column]
    return result, joined


def to_squares(points: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return points as squares of `SQUARE_M` around them, for buildings without an outline."""
    xy = shapely.get_coordinates(points.geometry.to_numpy())
    half = SQUARE_M / 2 / METRES_PER_DEGREE
    wide = half / np.cos(np.radians(xy[:, 1]))
    boxes = shapely.box(xy[:, 0] - wide, xy[:, 1] - half, xy[:, 0] + wide, xy[:, 1] + half)
    return points.set_geometry(gpd.GeoSeries(boxes, index=points.index, crs=points.crs))


def add_heights(gdf: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Return a copy with the height columns of the schema, and the cells that cannot be read."""
    found, lost = to_heights(
        pd.DataFrame(gdf.drop(columns="geometry")), measure_area_m2(gdf.geometry)
    )
    result = gdf.drop(columns=["height", "base", "min_level"], errors="ignore")
    stated = gdf.get("height_source")
    for column in found:
        result[column] = found[column]
    if stated is not None:  # a community file imported again knows better
        take = stated.notna() & (found["height_source"] == "measured")
        result.loc[take, "height_source"] = stated[take]
    return result, lost
