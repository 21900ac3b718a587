"""From rows of many sources to one community: joined, named, linked, with what to tell of them."""

from __future__ import annotations

import math
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata import linking
from geodata.community import empty_frame, to_schema
from geodata.errors import CRSError
from geodata.readers.raw import FILE, ROW, STATUS, SourceError
from geodata.repair import KEPT, METRES_PER_DEGREE, REPAIRED
from geodata.report import Problem, Report, list_rows
from geodata.schema import CRS, LAYERS

MAX_SPREAD_KM = 100.0
"""Sources further apart than this do not show one community."""
_HULL_M = 30.0

Frames = dict[str, gpd.GeoDataFrame]


class Assembly:
    """One community in the making.

    Args:
        report: Where counts are and problems go.
        parts: Frames by layer as they were read.
        points: Buildings of which a table gives only a point.
        centres: File, longitude and latitude of the middle of every table.
    """

    def __init__(
        self,
        report: Report,
        parts: dict[str, list[gpd.GeoDataFrame]],
        points: list[gpd.GeoDataFrame],
        centres: list[tuple[str, float, float]],
    ) -> None:
        self.report = report
        self.parts = parts
        self.points = points
        self.centres = centres

    def warn(self, message: str, layer: str | None = None, **more: Any) -> None:
        """Note a warning."""
        self.report.problems.append(Problem("warning", message, layer, **more))

    def finish(self) -> Frames:
        """Return the frames of all layers, linked, with every column of the schema."""
        self.check_spread()
        merged = {layer: _concat(parts) for layer, parts in self.parts.items()}
        self.add_points(merged)
        if not merged:
            raise SourceError(
                "Nothing is left to import: "
                + (
                    "every row was rejected, for the reasons listed."
                    if any(count.rejected for count in self.report.layers.values())
                    else "the sources hold no row that is used."
                )
            )
        for layer in [name for name in merged if name != "building_parts"]:
            self.give_ids(merged, layer)
        self.link_parts(merged)
        self.link_places(merged)
        self.tell_twins(merged)
        if "buildings" in merged:
            counts = merged["buildings"]["height_source"].value_counts()
            self.report.heights = {k: int(counts.get(k, 0)) for k in self.report.heights}
            self.tell_derived(merged["buildings"])
        self.add_boundary(merged)
        frames = {name: empty_frame(schema) for name, schema in LAYERS.items()}
        for layer, gdf in merged.items():
            own = [c for c in gdf.columns if not (str(c).startswith("_") or _is_bare(gdf[c]))]
            frames[layer] = to_schema(gdf[own], LAYERS[layer])
        return frames

    def check_spread(self) -> None:
        """Refuse sources that lie far from one another: one of them is in the wrong place."""
        if not self.centres:
            return
        file_0, lon_0, lat_0 = self.centres[0]
        for file, lon, lat in self.centres[1:]:
            east = (lon - lon_0) * math.cos(math.radians(lat_0))
            distance = math.hypot(east, lat - lat_0) * METRES_PER_DEGREE / 1000
            if distance > MAX_SPREAD_KM:
                raise CRSError(
                    f"{file} lies at {lon:.3f} E {lat:.3f} N, {distance:,.0f} km from {file_0} at "
                    f"{lon_0:.3f} E {lat_0:.3f} N: they cannot be one community. Import them one "
                    "by one to find the one that needs another --crs, or swapped columns."
                )

    def add_points(self, merged: Frames) -> None:
        """Let tables of building points speak of the outlines, or stand as squares of their own."""
        for points in self.points:
            outlines = merged.get("buildings")
            if outlines is not None:
                merged["buildings"], joined = linking.fill_from_points(outlines, points)
                file = points[FILE].iloc[0] if len(points) else ""
                count = self.report.count("buildings")
                count.kept -= int((joined & (points[STATUS] == KEPT)).sum())
                count.repaired -= int((joined & (points[STATUS] == REPAIRED)).sum())
                if joined.any():
                    self.warn(
                        f"{file}: {int(joined.sum())} rows were joined to the outline they lie in, "
                        "and are not counted as buildings of their own",
                        "buildings",
                        count=int(joined.sum()),
                    )
                points = points[~joined]
            if len(points):
                side = linking.SQUARE_M
                self.report.problems += list_rows(
                    [
                        (int(row), f"Only a point is known: drawn as a square of {side:g} m")
                        for row in points[ROW]
                    ],
                    layer="buildings",
                    file=str(points[FILE].iloc[0]),
                )
                squares = linking.to_squares(points)
                have = merged.get("buildings")
                merged["buildings"] = _concat([squares] if have is None else [have, squares])

    def give_ids(self, merged: Frames, layer: str) -> None:
        """Make the ids of a layer unique, telling what changed."""
        merged[layer], told = linking.make_ids(merged[layer], layer)
        if told:
            self.warn(told, layer, column="id")

    def link_parts(self, merged: Frames) -> None:
        """Give parts their building; a part without one becomes a building."""
        parts = merged.pop("building_parts", None)
        if parts is None:
            return
        buildings = merged.get("buildings")
        if buildings is None:
            owners = pd.Series(None, index=parts.index, dtype=object)
        else:
            owners = linking.find_owners(parts, buildings)
        parts = parts.assign(building_id=owners)
        alone = owners.isna()
        if alone.any():
            orphans = parts[alone].drop(columns="building_id")
            self.move_counts(orphans)
            buildings = _concat([orphans] if buildings is None else [buildings, orphans])
            merged["buildings"] = buildings
            self.give_ids(merged, "buildings")
            buildings = merged["buildings"]
            text = "Parts that lie in no building became buildings themselves"
            self.warn(text, "building_parts", count=int(alone.sum()))
        parts = parts[~alone].reset_index(drop=True)
        if len(parts) and buildings is not None:
            merged["buildings"], merged["building_parts"] = linking.share_heights(buildings, parts)
            self.give_ids(merged, "building_parts")

    def move_counts(self, orphans: gpd.GeoDataFrame) -> None:
        """Count parts that became buildings as buildings."""
        old, new = self.report.count("building_parts"), self.report.count("buildings")
        kept = int((orphans[STATUS] == KEPT).sum())
        repaired = len(orphans) - kept
        old.kept, old.repaired = old.kept - kept, old.repaired - repaired
        new.kept, new.repaired = new.kept + kept, new.repaired + repaired

    def link_places(self, merged: Frames) -> None:
        """Give doors, devices and services their building, and cameras their gate."""
        links = (
            ("entrances", "buildings", "building_id", linking.ENTRANCE_M),
            ("devices", "buildings", "building_id", 0.5),
            ("services", "buildings", "building_id", 0.5),
            ("plate_cameras", "gates", "gate_id", linking.GATE_M),
        )
        for layer, target, column, within_m in links:
            if layer not in merged:
                continue
            gdf = merged[layer]
            targets = merged[target] if target in merged else gdf.iloc[:0]
            found, lost = linking.find_places(gdf, targets, column=column, within_m=within_m)
            self.report.problems += list_rows(
                [
                    (int(gdf.at[k, ROW]), f"{gdf.at[k, column]!r} is none of the {target}")
                    for k in lost
                ],
                layer=layer,
                column=column,
            )
            merged[layer] = gdf.assign(**{column: found})
        for column, target in (("compound_id", "compounds"), ("grid_id", "grids")):
            for layer in ("buildings", "gates"):
                if layer in merged and column in merged[layer] and target in merged:
                    found, _ = linking.find_places(
                        merged[layer], merged[target], column=column, within_m=0.5
                    )
                    merged[layer] = merged[layer].assign(**{column: found})

    def tell_twins(self, merged: Frames) -> None:
        """Tell of buildings that have the very outline of another."""
        if "buildings" not in merged:
            return
        twins = merged["buildings"].geometry.normalize().to_wkb().duplicated()
        self.report.problems += list_rows(
            [
                (int(row), "It has the same outline as another building: both are kept")
                for row in merged["buildings"].loc[twins, ROW]
            ],
            layer="buildings",
        )

    def tell_derived(self, buildings: gpd.GeoDataFrame) -> None:
        """Tell where stated heights look like storeys times a constant."""
        both = buildings[(buildings["height_source"] == "measured") & buildings["storeys"].notna()]
        per_storey = (both["height_m"].astype(float) / both["storeys"].astype(float)).round(3)
        if len(both) >= 5 and per_storey.nunique() == 1:
            self.warn(
                f"Every stated height is {per_storey.iloc[0]:g} m times the storeys: it may have "
                "been computed, not measured",
                "buildings",
                column="height_m",
                count=len(both),
            )

    def add_boundary(self, merged: Frames) -> None:
        """Draw a boundary around what there is, if there is neither one nor a building."""
        if "boundary" in merged or "buildings" in merged:
            return
        shapes = np.concatenate([gdf.geometry.to_numpy() for gdf in merged.values()])
        latitude = float(shapely.bounds(shapes)[:, 1].mean())
        flat = linking.to_metres(shapes, latitude)
        hull = shapely.buffer(shapely.convex_hull(shapely.union_all(flat)), _HULL_M)
        scale = np.array([np.cos(np.radians(latitude)), 1.0]) * METRES_PER_DEGREE
        hull = shapely.transform(hull, lambda xy: xy / scale)
        merged["boundary"] = gpd.GeoDataFrame(
            {"id": ["A-0001"], "name": [self.report.name]}, geometry=[hull], crs=CRS
        )
        self.warn(
            "There is neither a boundary nor a building: a boundary was drawn around what there "
            "is. Import a boundary or buildings too",
            "boundary",
        )


def _is_bare(values: pd.Series[Any]) -> bool:
    """Whether a column outside the schema says nothing in any row."""
    return bool(values.isna().all())


def _concat(frames: list[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    if len(frames) == 1:
        return frames[0].reset_index(drop=True)
    columns = list(dict.fromkeys(name for frame in frames for name in frame.columns))
    whole = [
        pd.concat(
            [
                frame[name].astype(object)
                if name in frame
                else pd.Series(None, index=frame.index, dtype=object)
                for frame in frames
            ],
            ignore_index=True,
        )
        for name in columns
        if name != "geometry"
    ]
    shapes = np.concatenate([frame.geometry.to_numpy() for frame in frames])
    df = pd.concat(whole, axis=1, keys=[name for name in columns if name != "geometry"])
    for name in ("height_m", "base_m", "storeys"):
        if name in df:
            df[name] = df[name].astype(float)
    return gpd.GeoDataFrame(df, geometry=gpd.GeoSeries(shapes, crs=CRS), crs=CRS)
