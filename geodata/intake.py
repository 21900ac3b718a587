"""From a source to rows of layers: read, placed, mended, typed and counted, none lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata import crs as codes
from geodata import linking
from geodata.columns import rename_columns, to_types
from geodata.errors import CRSError, TwinError
from geodata.layering import Batch, split_layers
from geodata.placing import Placed, place
from geodata.readers.raw import FAULT, FILE, MENDED, ROW, STATUS, RawLayer
from geodata.readers.source import read_source
from geodata.repair import KEPT, REJECTED, REPAIRED, explode_parts, fit_geometry
from geodata.report import Problem, Report, list_rows
from geodata.schema import CRS, LAYERS

_OFTEN = 3
"""A value that cannot be read in more rows than this is told once, with its number."""


class Intake:
    """Sources read one by one: rows by layer of the schema, placed, mended and counted."""

    def __init__(self, report: Report, crs: str | None, layer: str | None) -> None:
        self.report = report
        self.crs = crs
        self.layer = layer
        self.parts: dict[str, list[gpd.GeoDataFrame]] = {}
        self.points: list[gpd.GeoDataFrame] = []
        self.centres: list[tuple[str, float, float]] = []

    def warn(self, message: str, layer: str | None = None, **more: Any) -> None:
        """Note a warning."""
        self.report.problems.append(Problem("warning", message, layer, **more))

    # read

    def read(self, source: Path) -> None:
        """Read one source; what cannot be read or placed becomes an error of the report."""
        try:
            raws = read_source(source, crs=self.crs)
        except TwinError as error:
            self.report.problems.append(Problem("error", str(error)))
            return
        used = False
        for raw in raws:
            self.report.problems += raw.problems
            batches, problems = split_layers(raw, layer=self.layer)
            self.report.problems += problems
            if not batches or not len(raw.gdf):
                continue
            used = True
            try:
                placed = self.place(raw)
            except CRSError as error:
                self.report.problems.append(Problem("error", str(error)))
                continue
            for batch in batches:
                self.add(raw, batch, placed)
        if not used:
            empty = all(not len(raw.gdf) for raw in raws)
            text = (
                f"{source.name} holds no row: nothing to import."
                if empty
                else f"{source.name}: nothing in it is used. Rename its tables by what they hold "
                "(buildings, roads, entrances, ...; 楼栋, 道路, 单元门, ...), or give --layer NAME."
            )
            self.report.problems.append(Problem("error", text))

    def place(self, raw: RawLayer) -> Placed:
        """Return a raw layer's geometries in WGS84, noting by which CRS."""
        given = self.crs
        if given and raw.fixed and given != raw.declared:
            text = f"{raw.file}: OSM data is WGS84 by definition, --crs is not applied to it"
            if all(problem.message != text for problem in self.report.problems):
                self.warn(text)
            given = None
        declared = raw.declared
        placed = place(
            raw.gdf.geometry.to_numpy(),
            declared=declared,
            given=given,
            file=raw.file,
            by=raw.by,
            metres=raw.metres,
        )
        self.report.add_crs(
            codes.show_code(declared) if declared else None, codes.show_code(placed.used), placed.by
        )
        for doubt in placed.doubts:
            self.warn(doubt)
        if placed.by == "person" and declared and declared != placed.used:
            told, used = codes.show_code(declared), codes.show_code(placed.used)
            self.warn(f"{raw.file} declares {told}; {used} was given and used")
        known = ~shapely.is_missing(placed.geometry) & ~shapely.is_empty(placed.geometry)
        bounds = shapely.bounds(placed.geometry[known])
        if len(bounds):
            if np.nanmax(bounds[:, 2]) - np.nanmin(bounds[:, 0]) > 180 and _is_split(bounds):
                raise CRSError(
                    f"{raw.file} lies on both sides of the antimeridian (180°), which the map "
                    "cannot show as one place. Cut it there and import one side."
                )
            lon, lat = np.nanmedian(bounds[:, [0, 2]]), np.nanmedian(bounds[:, [1, 3]])
            self.centres.append((raw.file, float(lon), float(lat)))
        return placed

    # one batch: rows of one source for one layer

    def add(self, raw: RawLayer, batch: Batch, placed: Placed) -> None:
        """Mend, count and keep the rows of one source for one layer."""
        layer, schema = batch.layer, LAYERS[batch.layer]
        gdf = batch.gdf.copy()
        positions = gdf.index.to_numpy()
        gdf = gdf.set_geometry(gpd.GeoSeries(placed.geometry[positions], index=gdf.index, crs=CRS))
        outside = placed.outside[positions] & gdf[FAULT].isna().to_numpy()
        gdf.loc[outside, FAULT] = "Its coordinates lie far from all others, or are 0, 0"
        gdf = explode_parts(gdf, keep_multipolygons="MultiPolygon" in schema.geometry)
        as_points = layer == "buildings" and _is_points(gdf)
        allowed = frozenset({"Point"}) if as_points else schema.geometry
        gdf = self.mend(raw, layer, gdf, allowed)
        gdf, personal = rename_columns(gdf, layer)
        if personal:
            text = f"{raw.file}: personal columns are left out: {', '.join(personal)}"
            self.warn(text, layer, count=len(personal))
        gdf, lost = to_types(gdf, layer, hint=f"{raw.name} {Path(raw.file).stem}")
        if "height_m" in schema.columns and layer != "devices" and layer != "context":
            gdf, unread = linking.add_heights(gdf)
            lost = [*lost, *unread.itertuples(index=False, name=None)]
        self.tell_lost(raw, layer, gdf, lost)
        gdf[FILE] = raw.file
        if as_points:
            self.points.append(gdf)
        elif len(gdf):
            self.parts.setdefault(layer, []).append(gdf)

    def mend(
        self, raw: RawLayer, layer: str, gdf: gpd.GeoDataFrame, allowed: frozenset[str]
    ) -> gpd.GeoDataFrame:
        """Return the rows that can be kept, all rows counted."""
        geometry, status, reason = fit_geometry(gdf.geometry.to_numpy(), allowed)
        faults, mended = gdf[FAULT].to_numpy(), gdf[MENDED].to_numpy()
        for index in range(len(gdf)):
            if faults[index] and status[index] == REJECTED:
                reason[index] = faults[index]
            elif mended[index] and status[index] == KEPT:
                status[index], reason[index] = REPAIRED, mended[index]
        count = self.report.count(layer)
        count.kept += int((status == KEPT).sum())
        count.repaired += int((status == REPAIRED).sum())
        count.rejected += int((status == REJECTED).sum())
        out = status == REJECTED
        rows = gdf[ROW].to_numpy()
        self.report.problems += list_rows(
            [(int(row), str(why)) for row, why in zip(rows[out], reason[out], strict=True)],
            layer=layer,
            file=raw.file,
        )
        fixed = status == REPAIRED
        for why, number in pd.Series(reason[fixed], dtype=object).value_counts().items():
            first = int(rows[fixed][reason[fixed] == why][0])
            self.warn(f"{why} ({raw.file})", layer, row=first, count=int(number))
        kept = gdf.set_geometry(gpd.GeoSeries(geometry, index=gdf.index, crs=CRS))
        kept[STATUS] = status
        return kept[~out].reset_index(drop=True)

    def tell_lost(self, raw: RawLayer, layer: str, gdf: gpd.GeoDataFrame, lost: list[Any]) -> None:
        """List the cells that could not be read; the rows themselves stay."""
        cells: dict[tuple[str, str], list[int]] = {}
        for label, column, value in lost:
            cells.setdefault((column, str(value)[:40]), []).append(int(gdf.at[label, ROW]))
        for (column, value), rows in cells.items():
            text = f"{column} {value!r} cannot be read or is out of range: left out ({raw.file})"
            if len(rows) > _OFTEN:
                self.warn(text, layer, row=rows[0], column=column, count=len(rows))
            else:
                for row in rows:
                    self.warn(text, layer, row=row, column=column)


def _is_split(bounds: np.ndarray) -> bool:
    """Tell points on both sides of the antimeridian from one feature as wide as the world."""
    east, west = bounds[:, 0] > 90, bounds[:, 2] < -90
    return bool(east.any() and west.any())


def _is_points(gdf: gpd.GeoDataFrame) -> bool:
    types = shapely.get_type_id(gdf.geometry.to_numpy())
    known = types[types >= 0]
    return len(known) > 0 and bool((known == 0).mean() > 0.5)
