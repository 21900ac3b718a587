"""The community file: one GeoPackage with every layer of `geodata.schema`, written and loaded."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from geodata.errors import DatasetNotFoundError, SchemaError
from geodata.schema import CRS, LAYERS, TABLES, LayerSchema

DWELLINGS = TABLES["dwellings"]

_PANDAS: dict[str, Any] = {"text": "string", "int": "Int64", "float": "float64", "bool": "boolean"}


def empty_table(schema: LayerSchema) -> pd.DataFrame:
    """Return a table without rows that has every column of its schema."""
    return pd.DataFrame(
        {name: pd.Series(dtype=_PANDAS[column.kind]) for name, column in schema.columns.items()}
    )


@dataclass(frozen=True)
class Community:
    """A loaded community.

    Attributes:
        frames: One WGS84 GeoDataFrame for every layer of the schema, indexed 0..n-1, with every
            known column present; a layer that the file lacks is empty.
        meta: See `geodata.schema.META_KEYS`.
        digest: Hash of the file's content; changes when anything drawn changes.
        dwellings: One row a flat (`geodata.schema.TABLES`); empty where the file has none.
    """

    frames: dict[str, gpd.GeoDataFrame]
    meta: dict[str, Any] = field(default_factory=dict)
    digest: str = ""
    dwellings: pd.DataFrame = field(default_factory=lambda: empty_table(DWELLINGS))

    def __getitem__(self, layer: str) -> gpd.GeoDataFrame:
        return self.frames[layer]

    @property
    def name(self) -> str:
        """Name for people."""
        return str(self.meta.get("name") or "community")

    def name_in(self, language: str) -> str:
        """Return its name for readers of a language, `zh` or another."""
        return self.name if language == "zh" else str(self.meta.get("name_en") or self.name)

    @cached_property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees, of the boundary or else of the buildings."""
        for layer in ("boundary", "buildings"):
            if len(self.frames[layer]):
                west, south, east, north = self.frames[layer].total_bounds
                return float(west), float(south), float(east), float(north)
        raise SchemaError("The community has neither a boundary nor a building: nothing to draw.")

    @cached_property
    def centre(self) -> tuple[float, float]:
        """Longitude and latitude of the middle of `bounds`, degrees."""
        west, south, east, north = self.bounds
        return (west + east) / 2, (south + north) / 2


def empty_frame(schema: LayerSchema) -> gpd.GeoDataFrame:
    """Return a frame without rows that has every column of a layer."""
    return gpd.GeoDataFrame(empty_table(schema), geometry=gpd.GeoSeries([], crs=CRS), crs=CRS)


def to_schema(gdf: gpd.GeoDataFrame, schema: LayerSchema) -> gpd.GeoDataFrame:
    """Return a copy with every known column, in the schema's order and pandas types."""
    result = to_columns(gdf, schema)
    ordered = result[[name for name in result.columns if name != "geometry"] + ["geometry"]]
    return gpd.GeoDataFrame(ordered, geometry="geometry", crs=gdf.crs)


def to_columns(df: pd.DataFrame, schema: LayerSchema) -> pd.DataFrame:
    """Return a copy with every known column first, in the schema's order and pandas types."""
    result = df.copy()
    for name, column in schema.columns.items():
        if name not in result:
            result[name] = pd.Series([None] * len(result), index=result.index).astype(
                _PANDAS[column.kind]
            )
        elif column.kind == "bool":
            result[name] = result[name].astype("object").map(_to_bool).astype("boolean")
        elif column.kind in ("int", "float"):
            result[name] = pd.to_numeric(result[name]).astype(_PANDAS[column.kind])
        else:
            result[name] = result[name].astype(_PANDAS[column.kind])
    extra = [name for name in result.columns if name not in schema.columns]
    return result[[*schema.columns, *extra]].reset_index(drop=True)


def _to_bool(value: Any) -> Any:
    if pd.isna(value):
        return pd.NA
    if isinstance(value, str):
        return value.strip().lower() in ("1", "true", "yes", "t", "是")
    return bool(value)


def write_community(
    frames: dict[str, gpd.GeoDataFrame],
    meta: dict[str, Any],
    path: Path,
    *,
    dwellings: pd.DataFrame | None = None,
) -> None:
    """Write a community file, whole or not at all; an old one is replaced."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.stem}.part{path.suffix}")
    part.unlink(missing_ok=True)
    try:
        for name, schema in LAYERS.items():
            gdf = frames.get(name)
            if gdf is None or gdf.empty:
                continue
            frame = _writable(to_schema(gdf, schema))
            pyogrio.write_dataframe(frame, part, layer=name, driver="GPKG")
        if dwellings is not None and len(dwellings):
            table = _writable(to_columns(dwellings, DWELLINGS)[list(DWELLINGS.columns)])
            pyogrio.write_dataframe(table, part, layer=DWELLINGS.name, driver="GPKG")
        rows = pd.DataFrame(
            {"key": list(meta), "value": [json.dumps(v, ensure_ascii=False) for v in meta.values()]}
        )
        pyogrio.write_dataframe(rows, part, layer="meta", driver="GPKG")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)  # still there only if writing failed


def _writable(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame whose missing texts are None, as the driver has them."""
    for column in frame.columns:
        if isinstance(frame[column].dtype, pd.StringDtype):
            frame[column] = frame[column].astype("object").where(frame[column].notna(), None)
    return frame


def load_community(path: Path) -> Community:
    """Load a community file.

    Raises:
        DatasetNotFoundError: There is no such file, or it is not a GeoPackage.
        SchemaError: It has no layer that a community needs.
    """
    if not path.is_file():
        raise DatasetNotFoundError(
            f"There is no community file at {path}. "
            "Make one with: python app.py import SOURCE... --out FILE.gpkg"
        )
    try:
        present = {str(name) for name, _ in pyogrio.list_layers(path)}
    except pyogrio.errors.DataSourceError as error:
        raise DatasetNotFoundError(f"{path} is not a GeoPackage: {error}") from error
    if not present & {"boundary", "buildings"}:
        raise SchemaError(
            f"{path} is not a community file: it has neither a table boundary nor buildings "
            f"(found: {', '.join(sorted(present)) or 'none'}). "
            "Import it first: python app.py import SOURCE... --out FILE.gpkg"
        )
    frames = {}
    digest = hashlib.blake2b(digest_size=8)
    for name, schema in LAYERS.items():
        if name not in present:
            frames[name] = empty_frame(schema)
            continue
        gdf = to_schema(pyogrio.read_dataframe(path, layer=name), schema)
        if gdf.crs is None or gdf.crs.to_epsg() != 4326:
            raise SchemaError(f"{path}, table {name}: expected EPSG:4326, found {gdf.crs}.")
        frames[name] = gdf
        digest.update(name.encode())
        digest.update(b"".join(shapely.to_wkb(gdf.geometry.to_numpy())))
        digest.update(_hash_rows(gdf.drop(columns="geometry")))
    dwellings = empty_table(DWELLINGS)
    if DWELLINGS.name in present:
        found = pyogrio.read_dataframe(path, layer=DWELLINGS.name, read_geometry=False)
        dwellings = to_columns(found, DWELLINGS)[list(DWELLINGS.columns)]
        digest.update(_hash_rows(dwellings))
    meta = _read_meta(path) if "meta" in present else {}
    return Community(frames, meta, digest.hexdigest(), dwellings)


def _hash_rows(frame: pd.DataFrame) -> bytes:
    hashes = pd.util.hash_pandas_object(frame, index=False, categorize=False)
    return "\0".join(frame.columns).encode() + bytes(hashes.to_numpy().tobytes())


def _read_meta(path: Path) -> dict[str, Any]:
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
        return {key: json.loads(value) for key, value in db.execute("SELECT key, value FROM meta")}
