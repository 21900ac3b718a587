"""What is known of one feature: its own columns, its surroundings and its live row."""

from __future__ import annotations

from typing import Any

import pandas as pd

from dashboard.access.scope import is_within
from dashboard.chain import AREAS, chain_of
from geodata.schema import LAYERS, METER_KINDS
from live.plates import classify_plate, mask_plate
from live.twin import Twin

DETAILED = (
    "grids",
    "compounds",
    "buildings",
    "entrances",
    "gates",
    "plate_cameras",
    "devices",
    "services",
    "parking",
)
"""Layers whose features can be asked for one by one."""


EDITED = {"services": ("phone", "closed_until")}
"""Columns that only managers fill, in the browser."""
FEW = 5
"""Counts of people below this are not told apart."""
FEW_AS = 2
"""What such a count adds to a sum."""


class FeatureNotFoundError(LookupError):
    """No such feature, or none that may be shown."""


def describe_feature(twin: Twin, layer: str, feature_id: str) -> dict[str, Any]:
    """Return a feature for a panel.

    Returns:
        `layer`, `id`, `name`, `columns` (filled ones only), `live` (its wire row or None),
        `related` {layer: [{id, name, live}]}, `meters` {kind: n} for a building, `chain` the way
        from the community to it (`dashboard.chain`) and `totals` of an area's buildings.

    Raises:
        FeatureNotFoundError: The layer has no such feature, or it lives inside a flat.
    """
    if layer not in DETAILED:
        raise FeatureNotFoundError(f"layer {layer!r} has no features to show")
    gdf = twin.community[layer]
    rows = gdf[gdf["id"] == feature_id]
    if rows.empty or not is_within(twin, layer, feature_id):
        raise FeatureNotFoundError(f"{layer} has no feature {feature_id!r}")
    row = rows.iloc[0]
    if layer == "devices" and row["kind"] in METER_KINDS:
        raise FeatureNotFoundError("meters inside flats are counted, never shown one by one")
    with twin.lock:
        live = twin.state.snapshot()
    return {
        "layer": layer,
        "id": feature_id,
        "name": _text(row["name"]) or feature_id,
        "columns": {
            name: _guarded(name, _plain(row[name]))
            for name in (*LAYERS[layer].columns, *EDITED.get(layer, ()))
            if name not in ("id", "name") and name in row and not pd.isna(row[name])
        },
        "live": live.get(layer, {}).get(feature_id),
        "related": _related(twin, layer, row, live),
        "meters": _meters(twin, feature_id) if layer == "buildings" else {},
        "chain": [step.as_dict() for step in chain_of(twin.community, layer, feature_id)],
        "totals": _totals(twin, layer, feature_id) if layer in AREAS else {},
    }


def describe_vehicle(twin: Twin, key: str, plate: str | None) -> dict[str, Any]:
    """Return a vehicle for a panel, by its opaque key; its plate masked.

    Raises:
        FeatureNotFoundError: No such vehicle was read.
    """
    if plate is None:
        raise FeatureNotFoundError(f"no vehicle {key!r} was read")
    masked = mask_plate(plate)
    top = chain_of(twin.community, "community", "")[0].as_dict()
    return {
        "layer": "vehicles",
        "id": key,
        "name": masked,
        "columns": {"plate_class": classify_plate(plate)},
        "live": None,
        "related": {},
        "meters": {},
        "chain": [top, {"layer": "vehicles", "id": key, "name": masked}],
        "totals": {},
    }


TOTALLED = ("households", "residents", "residents_60plus", "residents_under15")


def _totals(twin: Twin, layer: str, feature_id: str) -> dict[str, Any]:
    """Return what an area's buildings add up to as they are shown.

    A building with fewer than `FEW` people counts as one with `FEW_AS`: were it in the sum as it
    is, the sum less the other buildings would tell it.
    """
    mine = _buildings_of(twin, layer, feature_id)
    found: dict[str, Any] = {"buildings": len(mine)}
    for name in TOTALLED:
        known = mine[name].dropna()
        if name.startswith("residents"):
            known = known.mask((known > 0) & (known < FEW), FEW_AS)
        if len(known):
            found[name] = _guarded(name, int(known.sum()))
    return found


def _buildings_of(twin: Twin, layer: str, feature_id: str) -> Any:
    gdf = twin.community["buildings"]
    column = {"grids": "grid_id", "compounds": "compound_id"}[layer]
    return gdf[(gdf[column] == feature_id).fillna(False).astype(bool)]


def _related(
    twin: Twin, layer: str, row: pd.Series[Any], live: dict[str, Any]
) -> dict[str, list[dict[str, Any]]]:
    """Return the features that belong to this one, and the building it belongs to."""
    found: dict[str, list[dict[str, Any]]] = {}
    if layer in AREAS:
        return _members(twin, layer, str(row["id"]), row.geometry, live)
    if layer == "buildings":
        for other in ("entrances", "services", "devices"):
            gdf = twin.community[other]
            mine = gdf[(gdf["building_id"] == row["id"]).fillna(False).astype(bool)]
            if other == "devices":
                mine = mine[~mine["kind"].isin(METER_KINDS)]
            found[other] = _listed(mine, live.get(other, {}))
    elif layer == "gates":
        cameras = twin.community["plate_cameras"]
        mine = cameras[(cameras["gate_id"] == row["id"]).fillna(False).astype(bool)]
        found["plate_cameras"] = _listed(mine, live.get("plate_cameras", {}))
    elif layer == "plate_cameras" and not pd.isna(row["gate_id"]):
        gates = twin.community["gates"]
        found["gates"] = _listed(gates[gates["id"] == row["gate_id"]], live.get("gates", {}))
    if layer in ("entrances", "devices", "services") and not pd.isna(row["building_id"]):
        buildings = twin.community["buildings"]
        found["buildings"] = _listed(buildings[buildings["id"] == row["building_id"]], {})
    return {name: rows for name, rows in found.items() if rows}


def _members(
    twin: Twin, layer: str, feature_id: str, area: Any, live: dict[str, Any]
) -> dict[str, list[dict[str, Any]]]:
    """Return an area's buildings, its doors and gates, and the devices that stand in it."""
    community = twin.community
    buildings = _buildings_of(twin, layer, feature_id)
    found = {"buildings": _listed(buildings, {})}
    for other in ("gates", "entrances", "devices", "services"):
        gdf = community[other]
        inside = gdf.geometry.within(area)
        if "building_id" in gdf:
            inside |= gdf["building_id"].isin(buildings["id"]).fillna(False).astype(bool)
        mine = gdf[inside]
        if other == "devices":
            mine = mine[~mine["kind"].isin(METER_KINDS)]
        found[other] = _listed(mine, live.get(other, {}))
    return {name: rows for name, rows in found.items() if rows}


def _listed(gdf: Any, live: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"id": key, "name": _text(name) or key, "live": live.get(key)}
        for key, name in zip(gdf["id"], gdf["name"], strict=True)
    ]


def _meters(twin: Twin, building_id: str) -> dict[str, int]:
    """Return how many meters and alarms a building has, by kind; never which flat."""
    gdf = twin.community["devices"]
    mine = gdf[(gdf["building_id"] == building_id).fillna(False).astype(bool)]
    counts = mine[mine["kind"].isin(METER_KINDS)]["kind"].value_counts()
    return {str(kind): int(count) for kind, count in counts.items()}


def _guarded(name: str, value: Any) -> Any:
    """Return a column's value; a count of people under `FEW` becomes "<5"."""
    if name.startswith("residents") and isinstance(value, int) and 0 < value < FEW:
        return f"<{FEW}"
    return value


def _text(value: Any) -> str:
    return "" if pd.isna(value) else str(value)


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value
