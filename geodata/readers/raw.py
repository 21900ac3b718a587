"""What every reader gives: one table of a source as it stands, nothing placed or mended yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata.errors import TwinError
from geodata.report import Problem

ROW, FAULT, MENDED = "_row", "_fault", "_mended"
STATUS, FILE = "_status", "_file"
"""Columns of bookkeeping: the first three by the readers, the others at intake."""


class SourceError(TwinError):
    """A source cannot be read; the message says why and what to do."""


@dataclass
class RawLayer:
    """One table of a source.

    Attributes:
        file: Name of the source for people, without its folder.
        name: Name of the table; the file's stem where the format has one table only.
        gdf: Columns as found and a geometry in the source's own numbers, without CRS; beside them
            `ROW` (row as a person counts it), `FAULT` (why the reader gives no geometry, or None)
            and `MENDED` (what the reader had to mend, or None).
        declared: CRS code that the source states.
        by: What states it: "file" or "columns".
        metres: Its numbers are metres by format, so that degrees are not assumed.
        fixed: The format allows no other CRS than the declared one (OSM).
        layer: Layer of the schema, where the reader knows it.
        single: It is its file's only table, so that nothing else of the file may be meant.
        problems: What the reader noticed.
    """

    file: str
    name: str
    gdf: gpd.GeoDataFrame
    declared: str | None = None
    by: str = "file"
    metres: bool = False
    fixed: bool = False
    layer: str | None = None
    single: bool = True
    problems: list[Problem] = field(default_factory=list)


def to_raw_frame(
    attributes: pd.DataFrame,
    geometry: Sequence[object] | np.ndarray,
    *,
    rows: Sequence[int] | np.ndarray | None = None,
    faults: Sequence[str | None] | None = None,
    mended: Sequence[str | None] | None = None,
) -> gpd.GeoDataFrame:
    """Return a frame with geometry and the three columns of bookkeeping, indexed 0..n-1."""
    n = len(attributes)
    shapes = np.empty(n, dtype=object)
    shapes[:] = list(geometry)
    ours = {"geometry", ROW, FAULT, MENDED, STATUS, FILE}
    names = [str(name) for name in attributes.columns]
    names = _unique([f"source{name}" if name in ours else name for name in names])
    df = attributes.set_axis(names, axis=1).reset_index(drop=True)
    df[ROW] = np.arange(1, n + 1) if rows is None else np.asarray(rows, dtype="int64")
    df[FAULT] = pd.Series(list(faults or [None] * n), dtype=object)
    df[MENDED] = pd.Series(list(mended or [None] * n), dtype=object)
    return gpd.GeoDataFrame(df, geometry=gpd.GeoSeries(shapes, index=df.index))


def _unique(names: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    result = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        result.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return result
