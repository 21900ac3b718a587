"""Which layer of the schema a source's rows belong to: by name, tags, columns and geometry."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata import headers, osm_tags
from geodata.columns import to_text
from geodata.readers.raw import FAULT, MENDED, ROW, RawLayer
from geodata.report import Problem
from geodata.schema import LAYERS

_TAG_COLUMNS = {
    *("highway", "amenity", "shop", "building:part", "building:levels", "barrier", "man_made"),
    *("leisure", "landuse"),
}
_POINT_LAYERS = ("entrances", "gates", "plate_cameras", "parking", "buildings")


@dataclass(frozen=True)
class Batch:
    """Rows of one raw layer for one layer of the schema; indexed by rows of the raw layer."""

    layer: str
    gdf: gpd.GeoDataFrame


def split_layers(raw: RawLayer, *, layer: str | None = None) -> tuple[list[Batch], list[Problem]]:
    """Return the rows by layer of the schema, and what is not used.

    Args:
        raw: One table of a source.
        layer: The layer that a person says it is, if any.
    """
    if raw.layer:
        return [Batch(raw.layer, raw.gdf)], []
    if layer:
        return [Batch(layer, raw.gdf)], []
    if raw.name in LAYERS:
        return [Batch(raw.name, raw.gdf)], []
    named = headers.to_layer(raw.name)
    if named is None and raw.single:
        named = headers.to_layer(Path(raw.file).stem)
    shape = _main_shape(raw.gdf)
    if _is_tagged(raw.gdf, shape):
        return _split_by_tags(raw, named)
    if named is None and "社区" in raw.name and shape == "area":
        named = "boundary"
    if named:
        return [Batch(named, raw.gdf)], []
    return _split_by_content(raw, shape)


def _main_shape(gdf: gpd.GeoDataFrame) -> str:
    """Return what most geometries are: "point", "line", "area", or "none"."""
    types = shapely.get_type_id(gdf.geometry.to_numpy())
    shapes = {"point": (0, 4), "line": (1, 2, 5), "area": (3, 6)}
    counts = {shape: int(np.isin(types, ids).sum()) for shape, ids in shapes.items()}
    best = max(counts, key=lambda shape: counts[shape])
    return best if counts[best] else "none"


def _is_tagged(gdf: gpd.GeoDataFrame, shape: str) -> bool:
    present = {str(name) for name in gdf.columns if gdf[name].notna().any()}
    return bool(present & _TAG_COLUMNS) or (shape == "area" and "building" in present)


def _split_by_tags(raw: RawLayer, named: str | None) -> tuple[list[Batch], list[Problem]]:
    gdf = raw.gdf
    names = [n for n in gdf.columns if n not in ("geometry", ROW, FAULT, MENDED)]
    texts = gdf[names].astype(object).map(to_text)
    types = shapely.get_type_id(gdf.geometry.to_numpy())
    closed = shapely.is_closed(gdf.geometry.to_numpy())
    rows: dict[str, list[dict[str, object]]] = {}
    labels: dict[str, list[int]] = {}
    rest = []
    for position, cells in enumerate(texts.to_dict("records")):
        tags = {str(key): value for key, value in cells.items() if isinstance(value, str)}
        kind = types[position]
        is_line = kind in (1, 2, 5)
        if is_line and closed[position] and ("building" in tags or "building:part" in tags):
            is_line = False
        found = osm_tags.to_layers(
            tags, "point" if kind in (0, 4) else "line" if is_line else "area"
        )
        if not found:
            rest.append(position)
        for layer, columns in found:
            used = {"id": _source_id(tags), **columns}
            rows.setdefault(layer, []).append(used)
            labels.setdefault(layer, []).append(position)
    batches = [
        Batch(layer, _with_columns(gdf.iloc[labels[layer]], pd.DataFrame(found)))
        for layer, found in rows.items()
    ]
    if rest and named in ("buildings", "roads", "green", "water", "boundary"):
        return [*batches, Batch(named, gdf.iloc[rest])], []
    problems = []
    if rest:
        text = f"{raw.file}: features whose tags are of no layer here are not used"
        problems.append(Problem("warning", text, raw.name, count=len(rest)))
    return batches, problems


def _source_id(tags: dict[str, str]) -> str | None:
    return next((tags[k] for k in ("osm", "id", "@id", "osm_id", "osmid") if k in tags), None)


def _with_columns(gdf: gpd.GeoDataFrame, columns: pd.DataFrame) -> gpd.GeoDataFrame:
    kept = gdf[[ROW, FAULT, MENDED, "geometry"]]
    joined = pd.concat([columns.astype(object).set_axis(gdf.index), kept], axis=1)
    return gpd.GeoDataFrame(joined, geometry="geometry")


def _split_by_content(raw: RawLayer, shape: str) -> tuple[list[Batch], list[Problem]]:
    keys = {headers.header_key(name) for name in raw.gdf.columns}

    def has(layer: str, *columns: str) -> bool:
        synonyms = {headers.header_key(s) for c in columns for s in headers.COLUMNS[layer][c]}
        return bool(keys & synonyms)

    gdf = raw.gdf
    if shape == "area" and has("buildings", "height", "storeys", "households"):
        return [Batch("buildings", gdf)], []
    if shape == "line" and (raw.single or has("roads", "width_m")):
        return [Batch("roads", gdf)], [_guess(raw, "roads")] if raw.single else []
    if shape == "point":
        if {headers.header_key(s) for s in ("单元", "单元号", "开门方式", "unit")} & keys:
            return [Batch("entrances", gdf)], []
        if {headers.header_key(s) for s in ("层数", "总层数", "户数", "总户数", "storeys")} & keys:
            return [Batch("buildings", gdf)], []
        by_kind = _split_by_kind(gdf)
        if by_kind:
            return by_kind, []
        if raw.single:
            return [Batch("services", gdf)], [_guess(raw, "services")]
    text = (
        f"{raw.file}: table {raw.name} is not used: neither its name nor its columns tell a layer "
        f"(one of {', '.join(LAYERS)}). Rename it, or give --layer NAME"
    )
    return [], [Problem("warning", text, raw.name, count=max(len(gdf), 1))]


def _guess(raw: RawLayer, layer: str) -> Problem:
    text = (
        f"{raw.file}: nothing tells what {raw.name} is; it was taken as {layer}. If it is "
        "something else, give --layer NAME"
    )
    return Problem("warning", text, layer, count=len(raw.gdf))


def _split_by_kind(gdf: gpd.GeoDataFrame) -> list[Batch]:
    """Split a table of points by the words in its column of types."""
    synonyms = {headers.header_key(s) for s in ("类型", "类别", "种类", "kind", "type", "category")}
    column = next((n for n in gdf.columns if headers.header_key(n) in synonyms), None)
    if column is None:
        return []
    labels: dict[str, list[int]] = {}
    for position, value in enumerate(gdf[column].map(to_text)):
        labels.setdefault(_layer_of_kind(value), []).append(position)
    if set(labels) == {"?"}:
        return []
    unsure = labels.pop("?", [])
    labels.setdefault("services", []).extend(unsure)
    return [Batch(layer, gdf.iloc[sorted(rows)]) for layer, rows in labels.items() if rows]


def _layer_of_kind(value: str | None) -> str:
    if not isinstance(value, str):
        return "?"
    layer = headers.to_layer(value)
    if layer in _POINT_LAYERS:
        return str(layer)
    if headers.to_word(value, headers.DEVICE_WORDS) not in (None, "other"):
        return "devices"
    if headers.to_word(value, headers.SERVICE_WORDS) not in (None, "other"):
        return "services"
    return "?"
