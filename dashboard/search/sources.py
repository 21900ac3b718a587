"""What of a community can be found: entries with all their names, and where addresses lead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import pandas as pd

from dashboard.search.address import read_unit, split_building
from dashboard.search.index import WEIGHTS, Entry, SearchIndex
from dashboard.search.places import Places
from geodata.community import Community
from geodata.schema import METER_KINDS

NAME_COLUMNS = ("name_en", "name:en", "alt_name", "short_name", "old_name", "name_zh", "name:zh")
"""Further columns of a layer that hold names, as OSM and importers have them."""


def build_index(
    community: Community, kind_words: Mapping[str, tuple[str, ...]] | None = None
) -> SearchIndex:
    """Return the index of a community.

    Meters and alarms inside flats are left out, and flats themselves.

    Args:
        community: What to search in.
        kind_words: Words for the kinds of devices and services, in every language.
    """
    entries: list[Entry] = []
    for layer in WEIGHTS:
        gdf = community[layer]
        if layer == "devices":
            gdf = gdf[~gdf["kind"].isin(METER_KINDS)]
        entries += _entries(layer, gdf, kind_words or {})
    return SearchIndex(entries, _places(community))


def _entries(
    layer: str, gdf: gpd.GeoDataFrame, kind_words: Mapping[str, tuple[str, ...]]
) -> list[Entry]:
    def column(name: str) -> list[str]:
        if name not in gdf:
            return [""] * len(gdf)
        return ["" if pd.isna(value) else str(value) for value in gdf[name]]

    kinds = column("kind") if layer in ("devices", "services") else [""] * len(gdf)
    names = list(zip(*(column(name) for name in NAME_COLUMNS), strict=True)) or [()] * len(gdf)
    found = zip(column("id"), column("name"), kinds, names, column("address"), strict=True)
    return [
        Entry(
            layer,
            key,
            name or key,
            kind,
            tuple(other for other in others if other and other != name),
            tuple(text for text in (address, *kind_words.get(kind, ())) if text),
        )
        for key, name, kind, others, address in found
    ]


def _places(community: Community) -> Places:
    places = Places()
    compounds = _names(community["compounds"])
    buildings = community["buildings"]
    for row in buildings.to_dict("records"):
        key, name, address = str(row["id"]), _text(row["name"]), _text(row["address"])
        parts = split_building(name) or split_building(address)
        if parts is None:
            continue
        own, number = parts
        places.add_building(key, compounds.get(_text(row["compound_id"]), own) or own, number)
        places.add_building(key, own, number)
        if address and (at := split_building(address)) is not None:
            places.add_building(key, at[0], at[1])
        for column in NAME_COLUMNS[:2]:  # Jintai Xinyuan Building 5
            english = _text(row.get(column))
            if english and (at := split_building(english)) is not None:
                places.add_building(key, at[0], at[1])
    for row in community["entrances"].to_dict("records"):
        if building := _text(row["building_id"]):
            unit = read_unit(_text(row["unit"]) or None, _text(row["name"]) or None)
            places.add_door(str(row["id"]), building, unit)
    return places


def _names(gdf: gpd.GeoDataFrame) -> dict[str, str]:
    return {str(key): _text(name) for key, name in zip(gdf["id"], gdf["name"], strict=True)}


def _text(value: Any) -> str:
    return "" if value is None or pd.isna(value) else str(value)
