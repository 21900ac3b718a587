"""CSV and Excel tables with coordinates, their headers Chinese or English."""

from __future__ import annotations

import csv
import io
import math
import re
import unicodedata
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from geodata import headers
from geodata.crs import BD09, GCJ02, WGS84
from geodata.readers.raw import RawLayer, SourceError, to_raw_frame
from geodata.report import Problem

Row = tuple[int, list[Any]]
"""Line of a table as a person counts it, and its cells."""

_TITLE_LINES = 10
_DMS = re.compile(r"^(\d+)\s*[°度]\s*(\d+)\s*['′分]\s*(?:([\d.]+)\s*(?:[\"″秒]|''|′′))?$")


def read_csv(path: Path, *, file: str, crs: str | None) -> list[RawLayer]:
    """Read a delimited text of UTF-8 (with or without BOM), UTF-16 or GB18030."""
    return to_layers(_csv_rows(path, file), file=file, name=Path(file).stem, crs=crs)


def _csv_rows(path: Path, file: str) -> list[Row]:
    text = _decode(path.read_bytes(), file)
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",\t;|，", key=first.count)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        return [(reader.line_num, list(row)) for row in reader]
    except csv.Error as error:
        raise SourceError(f"{file}, line {reader.line_num}: not a table ({error}).") from error


def read_sheets(path: Path, form: str, *, file: str) -> dict[str, list[Row]]:
    """Return the lines of a "CSV" or of every filled sheet of an "Excel" workbook, by name."""
    return _excel_rows(path, file) if form == "Excel" else {file: _csv_rows(path, file)}


def has_coordinates(cells: list[Any]) -> bool:
    """Tell whether a line of headers names coordinates."""
    return _pick(cells, None) is not None


def read_excel(path: Path, *, file: str, crs: str | None) -> list[RawLayer]:
    """Read every sheet of a workbook that has coordinates."""
    filled = _excel_rows(path, file)
    raws: list[RawLayer] = []
    problems = []
    for title, rows in filled.items():
        default = re.fullmatch(r"(?i)(sheet|工作表)\s*\d*", title) is not None
        try:
            raws += to_layers(rows, file=file, name=Path(file).stem if default else title, crs=crs)
        except SourceError as error:
            if len(filled) == 1:
                raise
            problems.append(Problem("warning", f"Sheet {title} is not used: {error}", title))
    if not raws:
        raise SourceError(f"{file}: no sheet has columns of coordinates ({_HOW}).")
    raws[0].problems += problems
    return raws


def _excel_rows(path: Path, file: str) -> dict[str, list[Row]]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # styles and extensions that openpyxl leaves out
            import openpyxl  # when one comes: it is slow to load

            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
            sheets = {
                sheet.title: [
                    (line, list(cells))
                    for line, cells in enumerate(sheet.iter_rows(values_only=True), start=1)
                ]
                for sheet in book.worksheets
            }
            book.close()
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, EOFError) as error:
        raise SourceError(
            f"{file} cannot be read as an Excel workbook ({error}). Save it again as .xlsx."
        ) from error
    filled = {
        title: rows
        for title, rows in sheets.items()
        if any(cell not in (None, "") for _, row in rows for cell in row)
    }
    if not filled:
        raise SourceError(f"{file} is a workbook without a filled cell.")
    return filled


_HOW = "经度 and 纬度, lon and lat, x and y, 坐标, or wkt"


def to_layers(rows: list[Row], *, file: str, name: str, crs: str | None) -> list[RawLayer]:
    """Return a table as one raw layer; rows whose coordinates cannot be read carry the fault.

    Raises:
        SourceError: No header of coordinates is found, or no line below it.
    """
    rows = [(line, row) for line, row in rows if any(cell not in (None, "") for cell in row)]
    found = [(start, _pick(cells, crs)) for start, (_, cells) in enumerate(rows[:_TITLE_LINES])]
    start, picked = next(((start, pick) for start, pick in found if pick), (0, None))
    if picked is None:
        shown = ", ".join(str(cell) for cell in (rows[0][1] if rows else []) if cell)[:200]
        raise SourceError(
            f"{file} has no columns of coordinates (it has: {shown or 'nothing'}). "
            f"Name them {_HOW}."
        )
    header = [str(cell).strip() if cell not in (None, "") else "" for cell in rows[start][1]]
    body = rows[start + 1 :]
    if not body:
        raise SourceError(f"{file} has a header, but no line below it: nothing to import.")
    width = len(header)
    faults: list[str | None] = []
    table = []
    for _, row in body:
        extra = [cell for cell in row[width:] if cell not in (None, "")]
        faults.append("It has more cells than the header" if extra else None)
        table.append([*row[:width], *[None] * (width - len(row))])
    kind, positions, declared = picked
    geometry = np.full(len(table), None, dtype=object)
    for index, row in enumerate(table):
        if faults[index] is None:
            geometry[index], faults[index] = _to_geometry(kind, [row[p] for p in positions])
    columns = pd.DataFrame(
        [[_to_text(cell) for cell in row] for row in table],
        columns=[text or f"column_{number + 1}" for number, text in enumerate(header)],
        dtype=object,
    )
    used = [p for p in range(width) if p not in positions]
    gdf = to_raw_frame(
        columns.iloc[:, used], geometry, rows=[line for line, _ in body], faults=faults
    )
    return [RawLayer(file, name, gdf, declared, by="columns")]


def _pick(cells: list[Any], crs: str | None) -> tuple[str, list[int], str | None] | None:
    """Return how coordinates are given, in which columns, and the datum that those name."""
    keys = [_full_key(cell) for cell in cells]
    pairs: dict[str | None, list[int]] = {}
    for datum, words in [(None, ("",)), *headers.DATUM_WORDS.items()]:
        east = _find(keys, headers.LONGITUDE, words)
        north = _find(keys, headers.LATITUDE, words)
        if east is not None and north is not None:
            pairs.setdefault(datum, [east, north])
    order = [crs if crs in headers.DATUM_WORDS else None, WGS84, None, GCJ02, BD09]
    for datum in order:
        if datum in pairs:
            return "pair", pairs[datum], datum
    east, north = _find(keys, headers.EASTING, ("",)), _find(keys, headers.NORTHING, ("",))
    if east is not None and north is not None:
        return "pair", [east, north], None
    for kind, names in (("text", headers.LON_LAT), ("wkt", headers.WKT)):
        place = _find(keys, names, ("",))
        if place is not None:
            return kind, [place], None
    return None


def _full_key(cell: Any) -> str:
    text = unicodedata.normalize("NFKC", str(cell or "")).lower()
    return re.sub(r"[\s_\-:.·()\[\]°]+|(?<=.)坐标系?$|单位度|十进制", "", text)


def _find(keys: list[str], names: tuple[str, ...], words: tuple[str, ...]) -> int | None:
    for name in names:
        plain = re.sub(r"[_\s]|坐标$", "", name) or name
        for word in words:
            for key in (f"{word}{plain}", f"{plain}{word}"):
                if key in keys:
                    return keys.index(key)
    return None


def _to_geometry(kind: str, cells: list[Any]) -> tuple[Any, str | None]:
    if kind == "wkt":
        try:
            return shapely.from_wkt(_to_text(cells[0]) or None), None
        except shapely.errors.ShapelyError:
            return None, f"Its WKT {str(cells[0])[:40]!r} cannot be read"
    if kind == "text":
        cells = [part for part in re.split(r"[,，;；\s]+", str(cells[0] or "").strip()) if part]
        if len(cells) != 2:
            return None, "It has no coordinates" if not cells else "Its coordinates are not a pair"
    numbers = [_to_number(cell) for cell in cells]
    if all(_to_text(cell) in (None, "") for cell in cells):
        return None, "It has no coordinates"
    for cell, number in zip(cells, numbers, strict=True):
        if not math.isfinite(number):
            return None, f"Its coordinate {_to_text(cell) or ''!r} is not a number"
    return shapely.Point(numbers), None


def _to_number(cell: Any) -> float:
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return float(cell)
    text = unicodedata.normalize("NFKC", str(cell or "")).strip().upper()
    text = text.strip("EN东经北纬°度 ").strip() if not _DMS.match(text) else text
    if dms := _DMS.match(text.strip("EN东经北纬 ")):
        degrees, minutes, seconds = dms.groups()
        return float(degrees) + float(minutes) / 60 + float(seconds or 0) / 3600
    try:
        return float(text)
    except ValueError:
        return math.nan


def _to_text(cell: Any) -> str | None:
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return None
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip() or None


def _decode(data: bytes, file: str) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise SourceError(f"{file} is not a text that can be read. Save it as CSV UTF-8.")
