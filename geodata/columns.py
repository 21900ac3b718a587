"""Columns of a source under the names, types and words of the schema; the unreadable told."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable
from typing import Any

import geopandas as gpd
import pandas as pd

from geodata import headers
from geodata.heights import is_missing, parse_metres, parse_storeys
from geodata.osm_tags import assumed_width
from geodata.readers.raw import FAULT, MENDED, ROW, STATUS
from geodata.schema import LAYERS, Column

KEPT_ASIDE = ("geometry", ROW, FAULT, MENDED, STATUS)
_RAW_ONLY = {"height", "base", "min_level"}
_YES = {"1", "true", "yes", "y", "t", "是", "有"}
_NO = {"0", "false", "no", "n", "f", "否", "无", "没有"}
_FORBIDDEN = {"fid", "geom", "ogc_fid"}

Lost = list[tuple[Any, str, Any]]
"""Index label, column and value of each cell that could not be read."""


def to_text(value: Any) -> str | None:
    """Return a cell as text without a needless ".0"; None if it says nothing."""
    if is_missing(value) or value is pd.NaT:
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return unicodedata.normalize("NFC", str(value)).strip() or None


def rename_columns(gdf: gpd.GeoDataFrame, layer: str) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Return a copy under the names of the layer, and the headers left out as personal.

    Columns that nothing knows stay, under their own names.
    """
    names = [str(name) for name in gdf.columns if name not in KEPT_ASIDE]
    personal = [name for name in names if headers.PERSONAL.search(name)]
    names = [name for name in names if name not in personal]
    keys: dict[str, list[str]] = {}
    for name in names:
        keys.setdefault(headers.header_key(name), []).append(name)
    taken: dict[str, str] = {}
    wanted = headers.COLUMNS.get(layer, {}) | headers.COMMON
    schema = LAYERS[layer].columns
    for column in [*wanted, *(c for c in schema if c not in wanted)]:
        for synonym in (column, *wanted.get(column, ())):
            free = [n for n in keys.get(headers.header_key(synonym), []) if n not in taken]
            filled = [name for name in free if gdf[name].notna().any()]
            if filled:
                taken[filled[0]] = column
                break
    if layer == "buildings" and "storeys" not in taken.values():
        levels = [n for key in ("layer", "layers") for n in keys.get(key, []) if n not in taken]
        taken |= {n: "storeys" for n in levels[:1] if _are_storeys(gdf[n])}
    renamed = gdf.drop(columns=personal).rename(columns=taken)
    return _free_names(renamed, set(taken.values())), personal


def _are_storeys(values: pd.Series[Any]) -> bool:
    """Tell a number of storeys from a level (OSM) or a drawing layer (CAD) of the same name."""
    numbers = pd.to_numeric(values, errors="coerce").dropna()
    whole = bool(((numbers % 1) == 0).all() and (numbers >= 1).all() and (numbers <= 200).all())
    return len(numbers) > values.notna().sum() / 2 and whole and float(numbers.max()) > 1


def _free_names(gdf: gpd.GeoDataFrame, ours: set[str]) -> gpd.GeoDataFrame:
    """Rename what would collide in a GeoPackage: names there differ by more than case."""
    seen = {name.lower() for name in ours} | {name.lower() for name in KEPT_ASIDE} | _FORBIDDEN
    new = {}
    for name in gdf.columns:
        if name in ours or name in KEPT_ASIDE:
            continue
        free, number = str(name), 1
        while free.lower() in seen or free.startswith("_"):
            number += 1
            free = f"{str(name).lstrip('_')}_{number}"
        seen.add(free.lower())
        new[name] = free
    return gdf.rename(columns=new)


def to_types(gdf: gpd.GeoDataFrame, layer: str, *, hint: str) -> tuple[gpd.GeoDataFrame, Lost]:
    """Return a copy with the values of the schema's columns, all others as text.

    Args:
        gdf: Columns renamed.
        layer: Layer of the schema.
        hint: Name of the table, which may tell the kind of its rows.

    Returns:
        The frame, and the cells that say something that cannot be read: they are missing now.
    """
    schema = LAYERS[layer].columns
    lost: Lost = []
    result = {}
    for name in gdf.columns:
        if name in KEPT_ASIDE:
            continue
        values = gdf[name].astype(object)
        if name in _RAW_ONLY:
            result[name] = values
        elif name in schema:
            read = _reader(layer, name, schema[name])
            result[name] = _read_cells(values, name, read, lost)
        elif layer in ("buildings", "building_parts") and name == "storeys":
            result[name] = values
        else:
            result[name] = values.map(to_text)
    df = pd.DataFrame(result, index=gdf.index).astype(object)
    _fill_kinds(df, layer, hint)
    aside = gdf[[name for name in KEPT_ASIDE if name in gdf.columns]]
    joined = pd.concat([df.where(df.notna(), None), aside], axis=1)
    return gpd.GeoDataFrame(joined, geometry="geometry", crs=gdf.crs), lost


def _read_cells(
    values: pd.Series[Any], name: str, read: Callable[[Any], Any], lost: Lost
) -> pd.Series[Any]:
    def safe(value: Any) -> Any:
        found = read(value)
        return None if isinstance(found, float) and math.isnan(found) else found

    answers = {value: safe(value) for value in set(values.dropna())}
    result = values.map(lambda value: answers.get(value) if pd.notna(value) else None)
    result = result.astype(object).where(result.notna(), None)
    for label in values.index[result.isna() & values.notna()]:
        if not is_missing(values[label]):
            lost.append((label, name, values[label]))
    return result


def _reader(layer: str, name: str, column: Column) -> Callable[[Any], Any]:
    words = _words(layer, name)
    if name == "storeys":
        return lambda value: value  # read with the heights
    if name == "use":
        return lambda value: headers.to_word(value, headers.USE_WORDS) or to_text(value)
    if name == "methods":
        return _read_methods
    if words and name != "kind":
        return lambda value: headers.to_word(value, words)
    if name == "kind" and layer == "roads":
        return lambda value: None if str(to_text(value)).isdigit() else to_text(value)
    if column.kind == "text":
        return to_text
    if column.kind == "bool":
        return read_bool
    parse = _PARSERS.get(name, read_number)
    if name == "floor":
        parse = read_floor

    def read(value: Any) -> Any:
        number = parse(value)
        low, high = column.minimum, column.maximum
        bad = (low is not None and number < low) or (high is not None and number > high)
        if math.isnan(number) or bad:
            return None
        return round(number) if column.kind == "int" else float(number)

    return read


def _words(layer: str, name: str) -> dict[str, tuple[str, ...]] | None:
    return {
        ("devices", "kind"): headers.DEVICE_WORDS,
        ("services", "kind"): headers.SERVICE_WORDS,
        ("gates", "access"): headers.GATE_WORDS,
        ("plate_cameras", "direction"): headers.DIRECTION_WORDS,
        ("services", "supplier_kind"): headers.SUPPLIER_WORDS,
    }.get((layer, name))


def _fill_kinds(df: pd.DataFrame, layer: str, hint: str) -> None:
    """Give every device and service a kind: from its own, its name, the table's name, or other."""

    def column(name: str) -> pd.Series[Any]:
        return df[name] if name in df else pd.Series(None, index=df.index, dtype=object)

    words = _words(layer, "kind")
    if words:
        table = headers.to_word(hint, words)
        df["kind"] = [
            (kind and headers.to_word(kind, words))
            or (name and _known(headers.to_word(name, words)))
            or (_known(table) if not kind else None)
            or "other"
            for kind, name in zip(column("kind"), column("name"), strict=True)
        ]
    if layer == "roads":
        kinds = column("kind")
        usual = {
            "width_m": kinds.map(lambda kind: assumed_width(kind) if kind else None),
            "foot": ~kinds.isin(_CAR_ONLY),
            "steps": kinds == "steps",
        }
        for name, values in usual.items():
            df[name] = column(name).where(column(name).notna(), values)


_CAR_ONLY = {"motorway", "motorway_link"}


def _known(word: str | None) -> str | None:
    return None if word == "other" else word


def read_number(value: Any) -> float:
    """Return a number with or without a unit behind it; NaN if there is none."""
    text = unicodedata.normalize("NFKC", str(value)).strip()
    match = re.fullmatch(r"([+-]?\d+(?:[.,]\d+)?(?:[eE][+-]?\d+)?)\s*[^\d.,]*", text)
    return float(match.group(1).replace(",", ".")) if match else math.nan


def read_bool(value: Any) -> bool | None:
    """Return yes or no, None if it says neither."""
    if isinstance(value, bool):
        return value
    text = unicodedata.normalize("NFKC", str(value)).strip().lower()
    if text in _YES or text == "designated" or text == "permissive":
        return True
    return False if text in _NO else None


def _read_year(value: Any) -> float:
    found = re.search(r"(?<!\d)(1\d{3}|2[01]\d{2})(?!\d)", str(to_text(value)))
    return float(found.group(1)) if found else math.nan


def read_floor(value: Any) -> float:
    """Return a floor, below ground negative; NaN if it is none."""
    text = str(to_text(value)).upper().replace("地下", "B").replace("负", "B")
    below = re.fullmatch(r"B\s*(\d+)\s*[层F]?", text)
    return -float(below.group(1)) if below else parse_storeys(value)


def _read_methods(value: Any) -> str | None:
    parts = re.split(r"[,，;；、/+|\s]+", str(to_text(value)))
    found = [headers.to_word(part, headers.METHOD_WORDS) for part in parts if part]
    return ",".join(dict.fromkeys(word for word in found if word)) or None


_PARSERS: dict[str, Callable[[Any], float]] = {
    "width_m": parse_metres,
    "height_m": parse_metres,
    "year": _read_year,
}
