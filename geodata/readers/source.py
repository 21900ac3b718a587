"""Sources of any kind, told apart by their content, read as they stand."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pandas as pd

from geodata.cityjson import read_cityjson
from geodata.errors import DatasetNotFoundError
from geodata.osm import read_osm
from geodata.readers.archive import read_zip
from geodata.readers.raw import RawLayer, SourceError
from geodata.readers.vector import (
    read_geojson,
    read_geopackage,
    read_geoparquet,
    read_shapefile,
)
from geodata.report import Problem
from geodata.tables import read_csv, read_excel, to_layers

__all__ = ["RawLayer", "SourceError", "find_format", "read_source"]

_BY_SUFFIX = {
    ".gpkg": "GeoPackage",
    ".geojson": "GeoJSON",
    ".json": "",
    ".parquet": "Parquet",
    ".geoparquet": "Parquet",
    ".shp": "Shapefile",
    ".xlsx": "Excel",
    ".csv": "CSV",
    ".txt": "CSV",
    ".tsv": "CSV",
    ".osm": "OSM",
    ".pbf": "OSM",
    ".zip": "zip",
}


def find_format(path: Path) -> str:
    """Return the format of a file by its content: the name may be wrong.

    Raises:
        SourceError: It is empty, or of a kind that cannot be read.
    """
    with path.open("rb") as stream:
        head = stream.read(4096)
    if not head.removeprefix(b"\xef\xbb\xbf").strip():
        raise SourceError(f"{path.name} is empty.")
    if head.startswith(b"SQLite format 3\0"):
        return "GeoPackage"
    if head.startswith(b"PK"):
        return "Excel" if _is_workbook(path) else "zip"
    if head.startswith(b"PAR1"):
        return "Parquet"
    if head.startswith(b"\x00\x00\x27\x0a"):
        return "Shapefile"
    if b"OSMHeader" in head[:64]:
        return "OSM"
    if head.startswith((b"\x1f\x8b", b"BZh")) and ".osm" in path.name.lower():
        return "OSM"
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise SourceError(f"{path.name} is an old Excel file (.xls). Save it as .xlsx or CSV.")
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith((b"{", b"[")):
        return "CityJSON" if _is_cityjson(path) else "GeoJSON"
    if text.startswith(b"<"):
        if b"<osm" in text:
            return "OSM"
        raise SourceError(
            f"{path.name} is XML, but not OSM XML. Export KML, GML and CityGML as GeoJSON, "
            "GeoPackage or CityJSON."
        )
    if b"\x00" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise SourceError(
            f"{path.name} is of no kind that can be imported, or damaged. Known are GeoPackage, "
            "GeoJSON, zipped Shapefile, GeoParquet, OSM (PBF or XML), CityJSON, CSV and .xlsx."
        )
    return "CSV"


def _is_workbook(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except zipfile.BadZipFile:
        return path.suffix.lower() == ".xlsx"


def _is_cityjson(path: Path) -> bool:
    return b'"CityObjects"' in path.read_bytes()


def read_source(path: Path, *, crs: str | None = None, file: str | None = None) -> list[RawLayer]:
    """Read every table of a source.

    Args:
        path: The file.
        crs: CRS code that a person gave; a table with several pairs of coordinates is read by it.
        file: Name to show; default the file's own.

    Raises:
        DatasetNotFoundError: There is no such file.
        SourceError: It cannot be read; says why and what to do.
    """
    if not path.is_file():
        raise DatasetNotFoundError(
            f"There is no file {path.name}. Check its name and folder."
            if not path.is_dir()
            else f"{path.name} is a folder. Name the files in it."
        )
    shown = file or path.name
    form = find_format(path)
    raws = _read(path, form, shown, crs)
    expected = _BY_SUFFIX.get(path.suffix.lower(), "")
    if expected and expected != form and raws:
        text = f"{shown} is named as {expected} but is {form}, and was read as that"
        raws[0].problems.append(Problem("warning", text))
    return raws


def _read(path: Path, form: str, shown: str, crs: str | None) -> list[RawLayer]:
    if form == "GeoPackage":
        return read_geopackage(path, file=shown)
    if form == "GeoJSON":
        return read_geojson(path, file=shown)
    if form == "CityJSON":
        return read_cityjson(path, file=shown)
    if form == "Shapefile":
        return read_shapefile(path, file=shown)
    if form == "OSM":
        return read_osm(path, file=shown)
    if form == "zip":
        return read_zip(
            path, file=shown, read=lambda member, name: read_source(member, crs=crs, file=name)
        )
    if form == "Excel":
        return read_excel(path, file=shown, crs=crs)
    if form == "Parquet":
        found = read_geoparquet(path, file=shown)
        if isinstance(found, pd.DataFrame):
            rows = [list(found.columns), *found.astype(object).to_numpy().tolist()]
            return to_layers(list(enumerate(rows)), file=shown, name=Path(shown).stem, crs=crs)
        return found
    return read_csv(path, file=shown, crs=crs)
