"""Tables of flats, which have a building instead of coordinates: read, linked, counted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio

from geodata import headers
from geodata.columns import read_floor, read_number, to_text
from geodata.community import DWELLINGS
from geodata.errors import TwinError
from geodata.readers.source import find_format
from geodata.report import Problem, Report, list_rows
from geodata.tables import Row, has_coordinates, read_sheets

COLUMNS: dict[str, tuple[str, ...]] = {
    "id": ("id", "编号", "户号", "户编号", "房屋编号"),
    "building_id": (
        "building_id", "building", "楼栋", "楼号", "楼栋编号", "所属楼栋", "幢号", "栋号",
    ),
    "unit": ("unit", "单元", "单元号", "所属单元"),
    "floor": ("floor", "level", "楼层", "所在楼层", "层"),
    "room": ("room", "flat", "房号", "室", "室号", "房间号", "户室号"),
    "tenure": ("tenure", "自住/出租/空置", "居住状态", "居住情况", "使用状态", "房屋状态"),
    "residents": ("residents", "人数", "居住人数", "常住人数", "常住人口"),
}  # fmt: skip
TENURE_WORDS: dict[str, tuple[str, ...]] = {
    "vacant": ("空置", "空房", "无人", "vacant", "empty"),
    "let": ("出租", "租", "let", "rent"),
    "owner": ("自住", "自有", "自用", "owner"),
}
_TITLE_LINES = 10


def read_dwellings(source: Path) -> pd.DataFrame | None:
    """Return a source's flats with `row` as a person counts it, or None if it has none.

    A table is one of flats if it names building and floor and either unit, room or tenure, and
    has no coordinates. Personal columns and all that are not of the schema stay out.
    """
    try:
        form = find_format(source)
        if form == "GeoPackage":
            names = {str(name) for name, kind in pyogrio.list_layers(source) if kind is None}
            if DWELLINGS.name not in names:
                return None
            flats: pd.DataFrame = pyogrio.read_dataframe(
                source, layer=DWELLINGS.name, read_geometry=False
            )
            return flats.assign(row=range(1, len(flats) + 1))
        if form not in ("CSV", "Excel"):
            return None
        tables = [_to_table(rows) for rows in read_sheets(source, form, file=source.name).values()]
    except (TwinError, OSError, pyogrio.errors.DataSourceError):
        return None  # told by the reader of all other sources
    if not tables or any(table is None for table in tables):
        return None
    found = [table for table in tables if table is not None]
    whole: pd.DataFrame = pd.concat(found, ignore_index=True)
    whole.attrs["left_out"] = [name for table in found for name in table.attrs["left_out"]]
    return whole


def _to_table(rows: list[Row]) -> pd.DataFrame | None:
    for start, (_, cells) in enumerate(rows[:_TITLE_LINES]):
        if has_coordinates(cells):
            return None
        keys = [headers.header_key(cell) for cell in cells]
        found = {
            column: next((keys.index(k) for k in map(headers.header_key, words) if k in keys), None)
            for column, words in COLUMNS.items()
        }
        known = {column: place for column, place in found.items() if place is not None}
        if {"building_id", "floor"} <= known.keys() and known.keys() & {"unit", "room", "tenure"}:
            body = [(line, row) for line, row in rows[start + 1 :] if any(c for c in row)]
            table: dict[str, list[Any]] = {
                column: [row[place] if place < len(row) else None for _, row in body]
                for column, place in known.items()
            }
            df = pd.DataFrame(table | {"row": [line for line, _ in body]}, dtype=object)
            used = set(known.values())
            df.attrs["left_out"] = [str(c) for n, c in enumerate(cells) if c and n not in used]
            return df
    return None


def link_dwellings(
    raw: pd.DataFrame, buildings: gpd.GeoDataFrame, report: Report, file: str
) -> pd.DataFrame:
    """Return the flats whose building and floor are known, in the schema's words, all counted.

    Args:
        raw: What `read_dwellings` gave.
        buildings: The community's; a flat names one by its id, or by a name that only one has.
        report: Where counts and problems go.
        file: The source's name.
    """
    names = buildings[~buildings["name"].duplicated(keep=False)].dropna(subset=["name"])
    building_of = dict(zip(names["name"], names["id"], strict=True))
    building_of |= {str(id_): str(id_) for id_ in buildings["id"]}
    kept: list[dict[str, Any]] = []
    rejected: list[tuple[int | None, str]] = []
    unread: list[tuple[int | None, str]] = []
    seen: set[str] = set()
    for number, cells in enumerate(raw.to_dict("records"), 1):
        row = int(cells["row"])
        building = building_of.get(str(to_text(cells["building_id"])))
        floor = _whole(cells["floor"], read_floor, 1, 200)
        id_ = to_text(cells.get("id")) or f"{Path(file).stem}-{number:05d}"
        if building is None:
            rejected.append((row, f"{to_text(cells['building_id'])!r} is none of the buildings"))
        elif floor is None:
            rejected.append((row, f"Its floor {to_text(cells['floor'])!r} is not 1 to 200"))
        elif id_ in seen:
            rejected.append((row, f"Its id {id_!r} is another row's too"))
        else:
            seen.add(id_)
            said = to_text(cells.get("tenure"))
            tenure = headers.to_word(said, TENURE_WORDS) if said else None
            if said and not tenure:
                unread.append((row, f"tenure {said!r} is none of 自住, 出租, 空置: left out"))
            kept.append(
                {
                    "id": id_,
                    "building_id": building,
                    "unit": to_text(cells.get("unit")),
                    "floor": floor,
                    "room": to_text(cells.get("room")),
                    "tenure": tenure,
                    "residents": _whole(cells.get("residents"), read_number, 0, 1000),
                }
            )
    if left_out := raw.attrs.get("left_out"):
        text = f"{file}: columns that a flat does not have here are left out: {', '.join(left_out)}"
        report.problems.append(Problem("warning", text, DWELLINGS.name, count=len(left_out)))
    count = report.count(DWELLINGS.name)
    count.kept += len(kept)
    count.rejected += len(rejected)
    report.problems += list_rows(rejected, layer=DWELLINGS.name, file=file)
    report.problems += list_rows(unread, layer=DWELLINGS.name, column="tenure", file=file)
    return pd.DataFrame(kept, columns=list(DWELLINGS.columns))


def _whole(cell: Any, read: Any, low: int, high: int) -> int | None:
    number = read(cell) if to_text(cell) is not None else float("nan")
    return int(number) if low <= number <= high else None  # never for NaN


def check_dwellings(path: Path, buildings: gpd.GeoDataFrame, report: Report) -> None:
    """Check the flats of a community file, if it has any; tell rows that break the schema."""
    raw = read_dwellings(path)
    if raw is None:
        return
    missing = [name for name, column in DWELLINGS.columns.items()
               if column.required and name not in raw]  # fmt: skip
    if missing:
        text = f"The column {', '.join(missing)} is missing"
        report.problems.append(Problem("error", text, DWELLINGS.name))
        return
    link_dwellings(raw, buildings, report, path.name)
