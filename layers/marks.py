"""Point layers: things that stand in the community and carry a live state.

One row a feature; the browser writes each row's colour and shape into a buffer of its own by the
rule in `assets/twin/style.mjs` and draws it as a mark (disc, door, camera, hatch when silent).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from geodata.schema import DEVICE_KINDS, METER_KINDS, SERVICE_KINDS
from layers.columns import ColumnTable
from layers.scene import Scene, floats, texts
from layers.spec import layer_spec

if TYPE_CHECKING:
    import pydeck as pdk

DOOR_LIFT_M = 2.2
GATE_LIFT_M = 4.5
CAMERA_LIFT_M = 5.5
SERVICE_LIFT_M = 3.0


def _describe(layer: str) -> Callable[[], pdk.Layer]:
    def describe() -> pdk.Layer:
        return layer_spec(
            "ScatterplotLayer",
            layer,
            pickable=True,
            billboard=True,
            radius_units="meters",
        )

    return describe


def _table(scene: Scene, layer: str, rows: Any, lift_m: Any, **columns: Any) -> ColumnTable:
    gdf = scene.community[layer]
    xy = scene.points_m(layer)[rows]
    z = np.broadcast_to(np.asarray(lift_m, np.float32), (len(xy),))
    positions = np.column_stack([xy, z]).astype(np.float32)
    picked = gdf.iloc[np.flatnonzero(rows)] if rows.dtype == bool else gdf.iloc[rows]
    return ColumnTable(
        layer,
        len(xy),
        {"positions": positions, **columns},
        {"ids": texts(picked["id"]), "names": texts(picked["name"])},
    )


def entrances_columns(scene: Scene) -> ColumnTable:
    """Return the unit doors; `bearings` (n,) degrees outward from north, NaN where unknown."""
    gdf = scene.community["entrances"]
    bearings = floats(gdf["bearing_deg"], float("nan")).astype(np.float32)
    return _table(scene, "entrances", np.ones(len(gdf), bool), DOOR_LIFT_M, bearings=bearings)


def gates_columns(scene: Scene) -> ColumnTable:
    """Return the gates of the community and its compounds."""
    everything = np.ones(len(scene.community["gates"]), bool)
    return _table(scene, "gates", everything, GATE_LIFT_M)


def plate_cameras_columns(scene: Scene) -> ColumnTable:
    """Return the plate cameras."""
    everything = np.ones(len(scene.community["plate_cameras"]), bool)
    return _table(scene, "plate_cameras", everything, CAMERA_LIFT_M)


def devices_columns(scene: Scene) -> ColumnTable:
    """Return the devices out of doors; `kinds` (n,) indexes `geodata.schema.DEVICE_KINDS`.

    Meters and smoke alarms live inside flats and are counted, never drawn one by one.
    """
    gdf = scene.community["devices"]
    kinds = texts(gdf["kind"])
    rows = np.array([kind not in METER_KINDS for kind in kinds], bool)
    lift = np.maximum(floats(gdf["height_m"], 2.5), 1.2)[rows]
    table = _table(scene, "devices", rows, lift)
    index = [DEVICE_KINDS.index(kind) for kind, kept in zip(kinds, rows, strict=True) if kept]
    table.columns["kinds"] = np.array(index, np.uint8)
    table.meta["kinds"] = list(DEVICE_KINDS)
    return table


def services_columns(scene: Scene) -> ColumnTable:
    """Return the services; `kinds` (n,) indexes `geodata.schema.SERVICE_KINDS`."""
    gdf = scene.community["services"]
    index = np.array([SERVICE_KINDS.index(kind) for kind in texts(gdf["kind"])], np.uint8)
    table = _table(scene, "services", np.ones(len(gdf), bool), SERVICE_LIFT_M, kinds=index)
    table.meta["kinds"] = list(SERVICE_KINDS)
    return table


def parking_columns(scene: Scene) -> ColumnTable:
    """Return the parking areas as points; `capacity` (n,) float32, NaN where unknown."""
    gdf = scene.community["parking"]
    capacity = floats(gdf["capacity"], float("nan")).astype(np.float32)
    return _table(scene, "parking", np.ones(len(gdf), bool), 1.2, capacity=capacity)


describe_entrances = _describe("entrances")
describe_gates = _describe("gates")
describe_plate_cameras = _describe("plate_cameras")
describe_devices = _describe("devices")
describe_services = _describe("services")
describe_parking = _describe("parking")
