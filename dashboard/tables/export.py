"""Tables as files: CSV for any program, Excel, GeoPackage for a GIS.

A text that a spreadsheet would take for a formula is written so that it stays a text (CWE-1236): in
CSV with an apostrophe before it, in Excel as a text cell that is quoted.
"""

from __future__ import annotations

import csv
import io
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import geopandas as gpd
import pyogrio

from dashboard.features import FEW
from dashboard.tables.columns import TABLES, Column, heading
from dashboard.tables.rows import Row
from dashboard.words import Words

FORMULA = re.compile(r"^[\s\ufeff\u200b]*[=+\-@＝＋－＠\t\r]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_PIXELS_A_LETTER = 8


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a file is made from.

    Attributes:
        layer: Its layer, one of `TABLES`.
        rows: As `read_rows` gives them, chosen and in order.
        words: Of the file's language.
        zone: Of its moments.
        notes: What the reader must know: source, time, what is simulated.
    """

    layer: str
    rows: Sequence[Row]
    words: Words
    zone: ZoneInfo
    notes: Sequence[str] = ()

    @property
    def columns(self) -> tuple[Column, ...]:
        """The table's columns."""
        return TABLES[self.layer]

    def cell(self, column: Column, row: Row) -> Any:
        """Return a value as a spreadsheet has it: a moment is local clock time."""
        value = row.get(column.name)
        if column.kind == "age" and value is not None:
            return datetime.fromtimestamp(round(value), UTC).astimezone(self.zone)
        return clean(value) if isinstance(value, str) else value


def clean(text: str) -> str:
    """Return a text without the characters that no file format holds."""
    return _CONTROL.sub("", text)


def guard(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if FORMULA.match(text) else text


def to_csv(sheet: Sheet) -> bytes:
    """Return the table as CSV in UTF-8 with a byte order mark, by which Excel knows it."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([heading(sheet.words, column) for column in sheet.columns])
    for row in sheet.rows:
        writer.writerow([_csv_cell(sheet.cell(column, row)) for column in sheet.columns])
    return out.getvalue().encode("utf-8-sig")


def _csv_cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return guard(value) if isinstance(value, str) else "" if value is None else value


def to_xlsx(sheet: Sheet, *others: Sheet) -> bytes:
    """Return tables as an Excel workbook, a sheet each, the notes of the first on one of theirs."""
    from openpyxl import Workbook  # slow to load

    book = Workbook(write_only=True)
    for each in (sheet, *others):
        _add_page(book, each)
    notes = book.create_sheet(_title(sheet.words("tables.notes")))
    for note in sheet.notes:
        notes.append([_xlsx_cell(notes, note)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _add_page(book: Any, sheet: Sheet) -> None:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    page = book.create_sheet(_title(sheet.words(f"layer.{sheet.layer}")))
    page.freeze_panes = "B2"
    last = get_column_letter(len(sheet.columns))
    page.auto_filter.ref = f"A1:{last}{len(sheet.rows) + 1}"
    for number, column in enumerate(sheet.columns, 1):
        letter = get_column_letter(number)
        page.column_dimensions[letter].width = column.width / _PIXELS_A_LETTER
    head = [WriteOnlyCell(page, heading(sheet.words, column)) for column in sheet.columns]
    for cell in head:
        cell.font = Font(bold=True)
    page.append(head)
    for row in sheet.rows:
        page.append([_xlsx_cell(page, sheet.cell(column, row)) for column in sheet.columns])


def _title(text: str) -> str:
    return re.sub(r"[\[\]:*?/\\]", " ", text)[:31]


def _xlsx_cell(page: Any, value: Any) -> Any:
    from openpyxl.cell import WriteOnlyCell

    if isinstance(value, datetime):
        cell = WriteOnlyCell(page, value.replace(tzinfo=None))
        cell.number_format = "yyyy-mm-dd hh:mm:ss"
        return cell
    if isinstance(value, str) and FORMULA.match(value):
        cell = WriteOnlyCell(page, value)
        cell.data_type = "s"  # openpyxl takes a leading = for a formula
        cell.style = "Normal"
        cell._style.quotePrefix = 1
        return cell
    return value


def to_geopackage(
    sheet: Sheet, gdf: gpd.GeoDataFrame, *others: tuple[Sheet, gpd.GeoDataFrame]
) -> bytes:
    """Return the rows with their geometry as a GeoPackage with a layer each, EPSG:4326.

    Its columns have their own names in it, not a language's; a count of people is a number, missing
    where it is small, with `NAME_few` telling so.

    Args:
        sheet: Rows, in order.
        gdf: The layer's features.
        others: More layers.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{sheet.layer}.gpkg"
        for each, features in ((sheet, gdf), *others):
            frame = _to_frame(each, features)
            pyogrio.write_dataframe(frame, path, layer=each.layer, driver="GPKG")
        return path.read_bytes()


def _to_frame(sheet: Sheet, gdf: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    columns: dict[str, list[Any]] = {}
    for column in sheet.columns:
        values = [sheet.cell(column, row) for row in sheet.rows]
        if column.kind == "people":
            small = f"<{FEW}"
            columns[f"{column.name}_few"] = [small if v == small else None for v in values]
            values = [None if v == small else v for v in values]
        if column.kind == "age":
            values = [None if v is None else v.isoformat(timespec="seconds") for v in values]
        columns[column.name] = values
    shapes = gdf.set_index("id").geometry
    return gpd.GeoDataFrame(
        {name: _typed(values) for name, values in columns.items()},
        geometry=[shapes[row["id"]] for row in sheet.rows],
        crs=gdf.crs,
    )


def _typed(values: list[Any]) -> Any:
    """Return a column in the narrowest type that holds it, missing values and all."""
    import pandas as pd

    known = [value for value in values if value is not None]
    if known and all(isinstance(value, int) for value in known):
        return pd.array(values, dtype="Int64")
    if known and all(isinstance(value, int | float) for value in known):
        return pd.array([float("nan") if v is None else float(v) for v in values], dtype="float64")
    return pd.array([None if v is None else str(v) for v in values], dtype=object)
