"""Whether a file is a good community file: every table, row and value against the schema."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.community import load_community
from geodata.dwellings import check_dwellings
from geodata.errors import TwinError
from geodata.readers.raw import SourceError
from geodata.readers.vector import read_geopackage
from geodata.report import Count, Problem, Report, list_rows
from geodata.schema import ACCESS_METHODS, CRS, LAYERS, Column, LayerSchema

_LINKS = (
    ("building_parts", "building_id", "buildings"),
    ("entrances", "building_id", "buildings"),
    ("devices", "building_id", "buildings"),
    ("services", "building_id", "buildings"),
    ("plate_cameras", "gate_id", "gates"),
)


def check_file(path: Path) -> dict[str, Any]:
    """Check a community file.

    Returns:
        The object of `check --json`: rows that break the schema count as rejected; errors make the
        file unfit, warnings do not.
    """
    report = Report(name=path.stem)
    try:
        frames = _read_frames(path, report)
    except TwinError as error:
        report.problems.append(Problem("error", str(error)))
        return report.to_dict()
    for layer, gdf in frames.items():
        _check_layer(gdf, LAYERS[layer], report)
    _check_links(frames, report)
    if "buildings" in frames and {"id", "name"} <= set(frames["buildings"].columns):
        check_dwellings(path, frames["buildings"], report)
    if not report.refused:
        try:
            community = load_community(path)
            report.name = community.name
            _ = community.bounds
        except (TwinError, ValueError, TypeError) as error:
            report.problems.append(Problem("error", f"{path.name} cannot be loaded: {error}"))
    buildings = frames.get("buildings")
    if buildings is not None and "height_source" in buildings:
        counts = buildings["height_source"].value_counts()
        report.heights = {key: int(counts.get(key, 0)) for key in report.heights}
    return report.to_dict()


def _read_frames(path: Path, report: Report) -> dict[str, gpd.GeoDataFrame]:
    if not path.is_file():
        raise SourceError(
            f"There is no file {path.name}. Make one with: python app.py import SOURCE... "
            "--out FILE.gpkg"
        )
    with path.open("rb") as stream:
        if not stream.read(16).startswith(b"SQLite format 3"):
            raise SourceError(
                f"{path.name} is not a GeoPackage. Import it first: python app.py import "
                f"{path.name} --out FILE.gpkg"
            )
    raws = read_geopackage(path, file=path.name)
    frames = {}
    for raw in raws:
        # other tables without geometry, the meta table among them, are not ours to judge
        report.problems += [p for p in raw.problems if p.layer in LAYERS]
        if raw.name not in LAYERS:
            text = f"Table {raw.name} is no layer of a community: not used"
            report.problems.append(Problem("warning", text, raw.name))
            continue
        frames[raw.name] = raw.gdf
        report.add_crs(raw.declared, raw.declared, "file")
        if raw.declared != CRS:
            text = f"Table {raw.name} is in {raw.declared or 'no CRS'}, not {CRS}. Import it again"
            report.problems.append(Problem("error", text, raw.name))
    if not frames.keys() & {"boundary", "buildings"}:
        raise SourceError(
            f"{path.name} is not a community file: it has neither a table boundary nor buildings. "
            f"Import it first: python app.py import {path.name} --out FILE.gpkg"
        )
    return frames


def _check_layer(gdf: gpd.GeoDataFrame, schema: LayerSchema, report: Report) -> None:
    bad = np.zeros(len(gdf), bool)

    def tell(mask: np.ndarray, reason: str, column: str | None = None) -> None:
        bad[mask] = True
        report.problems += [
            Problem("error", p.message, p.layer, p.row, p.column, p.count)
            for p in list_rows(
                [(int(row) + 1, reason) for row in np.flatnonzero(mask)],
                layer=schema.name,
                column=column,
            )
        ]

    geometry = gdf.geometry.to_numpy()
    missing = shapely.is_missing(geometry) | shapely.is_empty(geometry)
    tell(missing, "It has no geometry")
    wanted = " or ".join(sorted(schema.geometry))
    types = gdf.geometry.geom_type.to_numpy()
    tell(~missing & ~np.isin(types, list(schema.geometry)), f"Its geometry must be {wanted}")
    tell(~missing & ~shapely.is_valid(geometry), "Its outline is not valid")
    bounds = shapely.bounds(geometry)
    with np.errstate(invalid="ignore"):
        off = (np.abs(bounds[:, [0, 2]]) > 180).any(1) | (np.abs(bounds[:, [1, 3]]) > 90).any(1)
    tell(~missing & off, "Its coordinates are not degrees on the globe")
    for name, column in schema.columns.items():
        _check_column(gdf, name, column, tell)
    if "id" in gdf:
        tell(gdf["id"].duplicated(keep="first").to_numpy() & gdf["id"].notna().to_numpy(),
             "Its id is another row's too", "id")  # fmt: skip
    if schema.name == "entrances" and "methods" in gdf:
        words = gdf["methods"].fillna("").astype(str).str.split(",")
        tell(
            ~words.map(lambda found: set(found) <= {"", *ACCESS_METHODS}).to_numpy(dtype=bool),
            f"It is not of {', '.join(ACCESS_METHODS)}",
            "methods",
        )
    count = Count(kept=int((~bad).sum()), rejected=int(bad.sum()))
    report.layers[schema.name] = count


def _check_column(gdf: gpd.GeoDataFrame, name: str, column: Column, tell: Any) -> None:
    if name not in gdf:
        if column.required and len(gdf):
            tell(np.ones(len(gdf), bool), f"The column {name} is missing", name)
        return
    values = gdf[name].astype(object)
    given = values.notna().to_numpy()
    if column.required:
        tell(~given, f"It has no {name}", name)
    if column.values:
        known = values.isin(column.values).to_numpy()
        tell(given & ~known, f"It is none of {', '.join(column.values)}", name)
    if column.kind in ("int", "float"):
        numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype=float)
        with np.errstate(invalid="ignore"):
            wrong = given & ~np.isfinite(numbers)
            tell(wrong, "It is not a number", name)
            low = -np.inf if column.minimum is None else column.minimum
            high = np.inf if column.maximum is None else column.maximum
            out = given & ~wrong & ((numbers < low) | (numbers > high))
        tell(out, f"It is not between {low:g} and {high:g}", name)


def _check_links(frames: dict[str, gpd.GeoDataFrame], report: Report) -> None:
    for layer, column, target in _LINKS:
        gdf = frames.get(layer)
        if gdf is None or column not in gdf:
            continue
        ids = set(frames[target]["id"]) if target in frames and "id" in frames[target] else set()
        lost = gdf[column].notna() & ~gdf[column].isin(ids)
        report.problems += list_rows(
            [(int(row) + 1, f"{gdf[column].iloc[row]!r} is no id in {target}")
             for row in np.flatnonzero(lost)],
            layer=layer,
            column=column,
        )  # fmt: skip
