"""Sources of any kind into one community: read, placed, mended, linked, counted, written whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import tzfpy
from pyogrio.errors import DataSourceError

from geodata import crs as codes
from geodata.assembly import Assembly
from geodata.community import write_community
from geodata.dwellings import link_dwellings, read_dwellings
from geodata.errors import SchemaError, TwinError
from geodata.intake import Intake
from geodata.report import Problem, Report
from geodata.schema import LAYERS


@dataclass
class ImportResult:
    """What an import gave.

    Attributes:
        report: The object of `import --json`.
        community_frames: Frames by layer of the schema, WGS84; empty if refused.
        meta: What the community file says of itself.
        refused: Whether there was an error; then nothing was written.
        dwellings: The flats, None if no source has any.
    """

    report: dict[str, Any]
    community_frames: dict[str, gpd.GeoDataFrame] = field(default_factory=dict)
    meta: dict[str, Any] = field(default_factory=dict)
    refused: bool = False
    dwellings: pd.DataFrame | None = None


def import_sources(
    sources: list[Path],
    *,
    out: Path | None,
    crs: str | None = None,
    name: str | None = None,
    layer: str | None = None,
    dry_run: bool = False,
) -> ImportResult:
    """Import sources into one community file.

    A refusal is not raised but told in the report, every open question at once, and leaves an old
    `out` as it was.

    Args:
        sources: Files.
        out: File to write; None writes nothing.
        crs: EPSG code, "gcj02" or "bd09" that holds for every source but OSM, whatever they
            declare.
        name: Name of the community; default the stem of `out`, or of the first source.
        layer: Layer that all rows are of, for sources that do not tell.
        dry_run: Write nothing.

    Returns:
        The report and the frames.
    """
    report = Report(name=name or _default_name(sources, out))
    try:
        given = codes.to_code(crs) if crs else None
        if layer is not None and layer not in LAYERS:
            raise SchemaError(f"--layer {layer}: no such layer. It is one of {', '.join(LAYERS)}.")
        work = Intake(report, given, layer)
        flats: dict[str, pd.DataFrame] = {}
        for source in sources:
            found = read_dwellings(source) if source.is_file() and layer is None else None
            if found is not None:
                flats[source.name] = found
            if found is None or source.suffix.lower() == ".gpkg":
                work.read(source)
        frames = {} if report.refused else _assemble(work)
        dwellings = _link_flats(flats, frames, report)
        meta = {} if report.refused else _to_meta(report, frames, sources)
        if not report.refused and out is not None and not dry_run:
            write_community(frames, meta, out, dwellings=dwellings)
    except TwinError as error:
        report.problems.append(Problem("error", str(error)))
    except (OSError, DataSourceError) as error:
        told = getattr(error, "strerror", None) or "its folder cannot be written to"
        text = f"{out.name if out else ''} cannot be written: {told}."
        report.problems.append(Problem("error", text))
    if report.refused:
        return ImportResult(report.to_dict(), refused=True)
    return ImportResult(report.to_dict(), frames, meta, dwellings=dwellings)


def _assemble(work: Intake) -> dict[str, gpd.GeoDataFrame]:
    return Assembly(work.report, work.parts, work.points, work.centres).finish()


def _link_flats(
    flats: dict[str, pd.DataFrame], frames: dict[str, gpd.GeoDataFrame], report: Report
) -> pd.DataFrame | None:
    """Return the flats of all sources with their buildings, ids that repeat left out."""
    if not flats or not frames:
        return None
    linked = [link_dwellings(raw, frames["buildings"], report, file) for file, raw in flats.items()]
    whole = pd.concat(linked, ignore_index=True)
    twice = whole["id"].duplicated()
    if twice.any():
        count = report.count("dwellings")
        count.kept, count.rejected = (
            count.kept - int(twice.sum()),
            count.rejected + int(twice.sum()),
        )
        text = "Their ids are those of flats in another source: left out"
        report.problems.append(Problem("warning", text, "dwellings", count=int(twice.sum())))
    return whole[~twice].reset_index(drop=True)


def _default_name(sources: list[Path], out: Path | None) -> str | None:
    path = out or (sources[0] if sources else None)
    return path.name.split(".")[0] if path else None


def _to_meta(
    report: Report, frames: dict[str, gpd.GeoDataFrame], sources: list[Path]
) -> dict[str, Any]:
    bounds = _bounds(frames)
    return {
        "name": report.name,
        "timezone": tzfpy.get_tz((bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2),
        "illustrative": False,
        "source": ", ".join(path.name for path in sources),
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "import_report": report.to_dict(),
    }


def _bounds(frames: dict[str, gpd.GeoDataFrame]) -> tuple[float, float, float, float]:
    for layer in ("boundary", "buildings"):
        if layer in frames and len(frames[layer]):
            west, south, east, north = frames[layer].total_bounds
            return float(west), float(south), float(east), float(north)
    return 0.0, 0.0, 0.0, 0.0
