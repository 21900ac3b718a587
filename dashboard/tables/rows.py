"""A layer's rows in words: what the table on the screen and every file of it are made from.

Nothing that may not be seen leaves here: no meters inside flats, no flats, and no count of people
under `FEW`; grids and compounds have no count of people at all, as with it a small count of one of
their buildings could be worked out from the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import geopandas as gpd
import pandas as pd

from dashboard.access.scope import current_scope, ids_within
from dashboard.features import FEW
from dashboard.tables.columns import METERS, TABLES, Column
from dashboard.words import Words
from dashboard.world import World

Row = dict[str, Any]


def shown_frame(world: World, layer: str) -> gpd.GeoDataFrame:
    """Return the features of a layer that a table may show, as the community has them.

    Raises:
        KeyError: The layer has no table.
    """
    if layer not in TABLES:
        raise KeyError(layer)
    gdf = world.community[layer]
    if layer == "devices":
        gdf = gdf[~gdf["kind"].isin(METERS)]
    if current_scope().is_whole:
        return gdf
    return gdf[gdf["id"].isin(ids_within(world.twin, layer, map(str, gdf["id"])))]


def read_rows(world: World, layer: str, words: Words) -> list[Row]:
    """Return a layer's rows, each with `id` and all columns of its table; None where unknown.

    Codes are words; counts of people under `FEW` are "<5"; moments (`heard`, `since`) are epoch
    seconds. A row has `mark` besides, the state's code for its mark.

    Args:
        world: Whose rows.
        layer: One of `TABLES`.
        words: Of the language.

    Raises:
        KeyError: The layer has no table.
    """
    gdf = shown_frame(world, layer)
    with world.twin.lock:
        live = world.twin.state.snapshot().get(layer, {})
    added = _added(world, layer, gdf)
    static = [column for column in TABLES[layer] if not column.live]
    columns = [
        _texts(column, added.get(column.name, gdf.get(column.name)), words, len(gdf))
        for column in static
    ]
    names = [column.name for column in static]
    rows: list[Row] = []
    for values in zip(*columns, strict=True):
        row: Row = dict(zip(names, values, strict=True))
        row["name"] = row["name"] or row["id"]
        if any(column.live for column in TABLES[layer]):
            row |= live_values(words, layer, live.get(row["id"]))
            if layer == "parking" and row["capacity"] is None:
                row["capacity"] = _plain(gdf.iloc[len(rows)]["capacity"])
        rows.append(row)
    return rows


def live_values(words: Words, layer: str, row: dict[str, Any] | None) -> Row:
    """Return the live columns of a wire row (docs/wire-protocol.md), as tables.mjs does too."""
    known = row or {}
    if layer == "parking":
        return {"free": known.get("free"), "capacity": known.get("cap"), "heard": known.get("t")}
    code, text = _state(words, layer, row)
    values: Row = {"mark": code, "state": text, "heard": known.get("t")}
    if layer == "services":
        return values | {"used": _few(known.get("used"))}
    if layer == "plate_cameras":
        return values | {"reads": known.get("n")}
    values["since"] = known.get("since")
    if layer == "devices":
        values["values"] = _measured(words, known)
    return values


def _state(words: Words, layer: str, row: dict[str, Any] | None) -> tuple[str, str]:
    if row is None:
        return "silent", words("never_heard")
    if row.get("h") == "silent":
        return "silent", words("state.silent")
    code = row.get("s") or "unknown"
    return code, _word(words, "service" if layer == "services" else "state", code)


def _measured(words: Words, row: dict[str, Any]) -> str:
    units = row.get("u") or {}
    return "; ".join(
        f"{_word(words, 'quantity', name)} {_number(value)} {words.unit(units.get(name))}".rstrip()
        for name, value in (row.get("v") or {}).items()
    )


def _number(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:,.1f}".removesuffix(".0") if isinstance(value, int | float) else str(value)


def _word(words: Words, prefix: str, code: str) -> str:
    key = f"{prefix}.{code}"
    return words(key) if key in words.entries else code


def _few(count: Any) -> Any:
    return f"<{FEW}" if isinstance(count, int | float) and 0 < count < FEW else count


def _plain(value: Any) -> Any:
    if value is None or pd.isna(value):
        return None
    return value.item() if hasattr(value, "item") else value


def _texts(column: Column, values: Any, words: Words, count: int) -> list[Any]:
    """Return a column's values as a row has them."""
    if values is None:
        return [None] * count
    plain = [_plain(value) for value in values]
    prefix = column.words or column.name
    change: dict[str, Callable[[Any], Any]] = {
        "word": lambda code: _word(words, prefix, str(code)),
        "words": lambda codes: " · ".join(
            _word(words, prefix, part) for part in str(codes).split(",")
        ),
        "bool": lambda value: words("yes" if value else "no"),
        "people": _few,
    }
    turn = change.get(column.kind)
    return plain if turn is None else [None if v is None else turn(v) for v in plain]


def _added(world: World, layer: str, gdf: gpd.GeoDataFrame) -> dict[str, Any]:
    """Return the columns that come from other layers: names of what a link means, counts."""
    community = world.community
    added: dict[str, Any] = {}
    for column, other in (
        ("building", "buildings"),
        ("gate", "gates"),
        ("compound", "compounds"),
        ("grid", "grids"),
    ):
        if f"{column}_id" in gdf:
            frame = community[other]
            names = dict(zip(frame["id"], frame["name"], strict=True))
            added[column] = [_named(names, key) for key in gdf[f"{column}_id"]]
    if layer == "buildings":
        devices = community["devices"]
        inside = devices["kind"].isin(METERS)
        added["doors"] = _counts(gdf["id"], community["entrances"]["building_id"])
        added["devices"] = _counts(gdf["id"], devices[~inside]["building_id"])
        for kind in METERS:
            mine = devices[devices["kind"] == kind]
            added[kind] = _counts(gdf["id"], mine["building_id"])
    if layer in ("grids", "compounds"):
        by = community["buildings"].groupby(f"{layer.removesuffix('s')}_id")["households"]
        sizes, homes = by.size(), by.sum(min_count=1)
        added["buildings"] = [int(sizes.get(key, 0)) for key in gdf["id"]]
        added["households"] = [homes.get(key) for key in gdf["id"]]
    return added


def _named(names: dict[str, Any], key: Any) -> Any:
    if pd.isna(key):
        return None
    name = names.get(key)
    return key if name is None or pd.isna(name) else name


def _counts(keys: Iterable[str], links: pd.Series[Any]) -> list[int]:
    counts = links.value_counts()
    return [int(counts.get(key, 0)) for key in keys]
