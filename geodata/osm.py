"""OpenStreetMap files, PBF or XML: their features by layer, what the cut broke counted."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import osmium
import osmium.filter
import osmium.geom
import pandas as pd
import shapely

from geodata import osm_tags
from geodata.crs import WGS84
from geodata.readers.raw import RawLayer, SourceError, to_raw_frame
from geodata.report import Problem

_CUT_AREA = "Its outline is not whole in this file (cut at the edge, or broken)"
_CUT_LINE = "Parts of the line lie outside this file: the rest is kept"
_NO_LINE = "Fewer than two of its points are in this file"

# what may be read as layers but is not closed is a line, except where an area is meant
_AREA_KEYS = ("building", "building:part", "landuse", "natural", "amenity", "leisure", "shop")


class _Features:
    """Features by layer, as they come."""

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = {}
        self.unused: Counter[str] = Counter()

    def add(
        self,
        found: osm_tags.Found,
        ref: tuple[str, int],
        geometry: Any,
        *,
        fault: str | None = None,
        mended: str | None = None,
    ) -> None:
        kind, number = ref
        for layer, columns in found:
            row = {"id": f"{kind}{number}", **columns}
            said = f"{fault}: {kind}{number}" if fault else None
            row |= {"geometry": geometry, "_row": number, "_fault": said, "_mended": mended}
            self.rows.setdefault(layer, []).append(row)


def read_osm(path: Path, *, file: str) -> list[RawLayer]:
    """Read an OSM file as one raw layer per layer of the schema.

    Closed ways and multipolygon relations with tags of areas become areas; those that cannot be
    assembled are rows with a fault, never an abort. Ids are n, w or r and the OSM number.

    Raises:
        SourceError: The file is damaged, or holds no feature that is used.
    """
    features = _Features()
    try:
        _collect(path, features)
    except RuntimeError as error:
        raise SourceError(
            f"{file} cannot be read as OSM ({error}). It may be cut off: fetch it again."
        ) from error
    raws = []
    for layer, rows in features.rows.items():
        df = pd.DataFrame(rows).astype(object)
        gdf = to_raw_frame(
            df.drop(columns=["geometry", "_row", "_fault", "_mended"]),
            df["geometry"].to_numpy(),
            rows=df["_row"].astype("int64").to_numpy(),
            faults=[value if isinstance(value, str) else None for value in df["_fault"]],
            mended=[value if isinstance(value, str) else None for value in df["_mended"]],
        )
        raws.append(RawLayer(file, layer, gdf, WGS84, fixed=True, layer=layer, single=False))
    if not raws:
        raise SourceError(f"{file} holds no building, road, gate or service: nothing to import.")
    raws[0].problems += [
        Problem("warning", f"{file}: {text} are not used", count=count)
        for text, count in sorted(features.unused.items())
    ]
    return raws


def _collect(path: Path, features: _Features) -> None:
    wkb = osmium.geom.WKBFactory()
    waiting: dict[tuple[str, int], osm_tags.Found] = {}
    keys = osmium.filter.KeyFilter(*osm_tags.KEYS)
    # the filter acts on what comes out; areas are assembled from all ways all the same
    item: Any
    for item in osmium.FileProcessor(str(path)).with_areas().with_filter(keys):
        tags = {tag.k: tag.v for tag in item.tags}
        if item.is_node():
            found = osm_tags.to_layers(tags, "point")
            if found:
                point = shapely.Point(item.location.lon, item.location.lat)
                features.add(found, ("n", item.id), point)
            else:
                features.unused["points of no layer"] += 1
        elif item.is_area():
            ref = ("w" if item.from_way() else "r", item.orig_id())
            found = waiting.pop(ref, []) or osm_tags.to_layers(tags, "area")
            try:
                shape = shapely.from_wkb(wkb.create_multipolygon(item), on_invalid="fix")
            except RuntimeError:
                waiting[ref] = found
                continue
            features.add(found, ref, shape)
        elif item.is_way():
            _add_way(item, tags, features, waiting)
        elif item.is_relation():
            found = osm_tags.to_layers(tags, "area")
            if found and tags.get("type") == "multipolygon":
                waiting[("r", item.id)] = found
            elif found or "building" in tags:
                features.unused[f"relations of type {tags.get('type')}"] += 1
    for ref, found in waiting.items():
        features.add(found, ref, None, fault=_CUT_AREA)


def _add_way(
    way: Any,
    tags: dict[str, str],
    features: _Features,
    waiting: dict[tuple[str, int], osm_tags.Found],
) -> None:
    ref = ("w", way.id)
    line = osm_tags.to_layers(tags, "line")
    if line and not (way.is_closed() and tags.get("area") == "yes"):
        _add_line(way, line, features)
        return
    area = osm_tags.to_layers(tags, "area")
    if area and (way.is_closed() or any(key in tags for key in _AREA_KEYS)):
        waiting[ref] = area  # until its area comes, which it does not if it is broken
    elif line:
        _add_line(way, line, features)
    else:
        features.unused["ways of no layer"] += 1


def _add_line(way: Any, found: osm_tags.Found, features: _Features) -> None:
    runs: list[list[tuple[float, float]]] = [[]]
    for node in way.nodes:
        if node.location.valid():
            runs[-1].append((node.lon, node.lat))
        elif runs[-1]:
            runs.append([])
    longest = max(runs, key=len)
    ref = ("w", way.id)
    if len(longest) < 2:
        features.add(found, ref, None, fault=_NO_LINE)
        return
    mended = None if len(longest) == len(way.nodes) else _CUT_LINE
    features.add(found, ref, shapely.LineString(longest), mended=mended)
