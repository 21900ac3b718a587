"""GeoPackage, GeoJSON, Shapefile and GeoParquet, read as they stand."""

from __future__ import annotations

import codecs
import contextlib
import json
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import orjson
import pandas as pd
import pyarrow as pa
import pyogrio
import shapely
from pyproj import CRS

from geodata.crs import code_of, to_code
from geodata.errors import CRSError
from geodata.readers.raw import RawLayer, SourceError, to_raw_frame
from geodata.report import Problem
from geodata.schema import TABLES

_FOLDERS = re.compile(r"(?:[A-Za-z]:)?(?:[/\\][^\s/\\'\"]+)*[/\\](?=[^\s/\\'\"])")
"""Folders of this machine in a message of GDAL."""
_BAD_RING = "A ring with too few or open points was mended"


def read_geopackage(path: Path, *, file: str) -> list[RawLayer]:
    """Read every table of a GeoPackage that has a geometry."""
    with _reading(file, "GeoPackage"):
        tables = pyogrio.list_layers(path)
    spatial = [str(name) for name, kind in tables if kind is not None]
    if not spatial:
        raise SourceError(f"{file} is a GeoPackage without a table that has a geometry.")
    raws = []
    for name in spatial:
        raw = _read_ogr(path, file=file, kind="GeoPackage", layer=name, name=name)
        raw.single = len(spatial) == 1
        raws.append(raw)
    others = [str(name) for name, kind in tables if kind is None and name not in ("meta", *TABLES)]
    raws[0].problems += [
        Problem("warning", f"{file}: table {name} has no geometry and is not used", name)
        for name in others
    ]
    return raws


def read_geojson(path: Path, *, file: str) -> list[RawLayer]:
    """Read GeoJSON: UTF-8 or GB18030, with or without the old "crs" member."""
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030", errors="replace")
    value = parse_json(text, file=file)
    kind = value.get("type") if isinstance(value, dict) else None
    if kind not in _GEOJSON_TYPES:
        raise SourceError(
            f"{file} is JSON, but neither GeoJSON nor CityJSON (its type is {kind!r}). "
            "Export it as a GeoJSON FeatureCollection."
        )
    if kind == "FeatureCollection" and not value.get("features"):
        raise SourceError(f"{file} is GeoJSON without a feature: nothing to import.")
    raw = _read_ogr(text.encode(), file=file, kind="GeoJSON", name=Path(file).stem)
    declared = value.get("crs")
    if isinstance(declared, dict):
        stated = (declared.get("properties") or {}).get("name")
        with contextlib.suppress(CRSError):
            raw.declared = to_code(str(stated)) if stated else None
    return [raw]


_GEOJSON_TYPES = {
    "FeatureCollection",
    "Feature",
    "GeometryCollection",
    *("Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon"),
}


def parse_json(text: str, *, file: str) -> Any:
    """Parse JSON, NaN allowed.

    Raises:
        SourceError: It is cut off or damaged; says where.
    """
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as error:
            raise SourceError(
                f"{file} is not whole JSON ({error}). It may be cut off: fetch or export it again."
            ) from error


def read_shapefile(path: Path, *, file: str) -> list[RawLayer]:
    """Read a Shapefile; its .dbf may be UTF-8 or GB18030 whatever its .cpg says."""
    raw = _read_ogr(
        path, file=file, kind="Shapefile", name=path.stem, encoding="ISO-8859-1"
    )  # read as bytes in disguise, told apart below
    cpg = next((p for p in path.parent.glob(f"{path.stem}.*") if p.suffix.lower() == ".cpg"), None)
    stated = cpg.read_text(errors="replace").strip() if cpg else ""
    gdf = raw.gdf
    texts = [c for c in gdf if c != "geometry" and pd.api.types.is_string_dtype(gdf[c].dtype)]
    cells = {v for c in texts for v in gdf[c] if isinstance(v, str)} | set(map(str, gdf.columns))
    encoding = _find_encoding([_to_bytes(cell) for cell in cells], stated)
    for column in texts:
        gdf[column] = gdf[column].map(
            lambda v: _to_bytes(v).decode(encoding, "ignore") if isinstance(v, str) else v
        )
    # a name of 10 bytes may end in half a character
    raw.gdf = gdf.rename(columns=lambda c: _to_bytes(str(c)).decode(encoding, "ignore"))
    return [raw]


def _to_bytes(text: str) -> bytes:
    return text.encode("latin-1", "replace")


def _find_encoding(cells: list[bytes], stated: str) -> str:
    for encoding in (stated, "utf-8", "gb18030"):
        try:
            decoder = codecs.getincrementaldecoder(encoding)
            for cell in cells:
                # .dbf cells are cut at their width, also inside a character: not final
                decoder("strict").decode(cell, final=False)
        except (UnicodeDecodeError, LookupError):
            continue
        return encoding
    return "gb18030"


def read_geoparquet(path: Path, *, file: str) -> list[RawLayer] | pd.DataFrame:
    """Read GeoParquet; Parquet without a geometry comes back as a plain table."""
    try:
        try:
            gdf = gpd.read_parquet(path)
        except ValueError:
            return pd.read_parquet(path)
    except (pa.ArrowException, OSError, ValueError, shapely.errors.ShapelyError) as error:
        raise SourceError(f"{file} cannot be read as Parquet: {_first_line(error)}") from error
    names = [c for c in gdf.columns if isinstance(gdf[c].dtype, gpd.array.GeometryDtype)]
    frame = to_raw_frame(pd.DataFrame(gdf.drop(columns=names)), gdf.geometry.to_numpy())
    return [RawLayer(file, Path(file).stem, frame, code_of(gdf.crs) if gdf.crs else None)]


def _read_ogr(
    source: Path | bytes,
    *,
    file: str,
    kind: str,
    name: str,
    layer: str | None = None,
    encoding: str | None = None,
) -> RawLayer:
    with _reading(file, kind) as noticed:
        meta, _, wkb, columns = pyogrio.raw.read(
            source, layer=layer, encoding=encoding, datetime_as_string=True
        )
    attributes = pd.DataFrame(
        dict(enumerate(columns)), index=pd.RangeIndex(len(columns[0]) if columns else _size(wkb))
    ).set_axis(list(meta["fields"]), axis=1)
    if wkb is None:
        raise SourceError(f"{file} has no geometry.")
    geometry = shapely.from_wkb(wkb, on_invalid="ignore")
    broken = shapely.is_missing(geometry) & np.array([raw is not None for raw in wkb], dtype=bool)
    mended: list[str | None] = [None] * len(geometry)
    faults: list[str | None] = [None] * len(geometry)
    for position in np.flatnonzero(broken):
        geometry[position] = shapely.from_wkb(wkb[position], on_invalid="fix")
        if geometry[position] is None:
            faults[position] = "Its geometry cannot be read"
        else:
            mended[position] = _BAD_RING
    frame = to_raw_frame(attributes, geometry, faults=faults, mended=mended)
    declared = code_of(CRS.from_user_input(meta["crs"])) if meta["crs"] else None
    problems = [Problem("warning", f"{file}: {text}", name) for text in noticed]
    return RawLayer(file, name, frame, declared, problems=problems)


def _size(wkb: Any) -> int:
    return 0 if wkb is None else len(wkb)


@contextlib.contextmanager
def _reading(file: str, kind: str) -> Iterator[list[str]]:
    """Turn what GDAL raises or warns of into words; the list fills when the block ends."""
    noticed: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            yield noticed
        except (
            pyogrio.errors.DataSourceError,
            pyogrio.errors.DataLayerError,
            pyogrio.errors.FeatureError,
            pyogrio.errors.GeometryError,
            UnicodeDecodeError,
            ValueError,
            RuntimeError,
        ) as error:
            raise SourceError(
                f"{file} cannot be read as {kind}: {_first_line(error)} "
                "It may be cut off or damaged: fetch or export it again."
            ) from error
    noticed += sorted(
        {_FOLDERS.sub("", str(w.message)) for w in caught if "Measured (M)" not in str(w.message)}
    )


def _first_line(error: Exception) -> str:
    text = (str(error).splitlines() or [type(error).__name__])[0]
    return _FOLDERS.sub("", text).rstrip(".")[:300] + "."
