"""Tables of the sample's unit doors, gates and plate cameras, `xy` metres."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import shapely

from geodata.sample.build import Gate
from geodata.sample.scene import Scene

FACE_ONLY = 6
"""Doors that offer nothing but the face: to be found by the wall and put right."""
_METHODS = ("face,card,code,phone", "face,card,phone", "face,card,code", "face,card")
_METHOD_SHARES = (0.36, 0.40, 0.16, 0.08)
LANE_M = 1.7


def tabulate_doors(scene: Scene, ids: list[str], rng: np.random.Generator) -> pd.DataFrame:
    """Return the unit doors with the ways they open."""
    rows = []
    for building, id_ in zip(scene.built.buildings, ids, strict=True):
        if not building.homes:
            continue
        old = building.use == "house"
        for unit, door in enumerate(building.doors, 1):
            methods = "card,code" if old else str(rng.choice(_METHODS, p=_METHOD_SHARES))
            rows.append(
                {
                    "id": f"{id_}-u{unit}",
                    "name": f"{building.name} {unit} 单元" if not old else f"{building.name} 大门",
                    "building_id": id_,
                    "unit": str(unit),
                    "methods": methods,
                    "bearing_deg": door.bearing,
                    "geometry": door.point,
                }
            )
    doors = pd.DataFrame(rows)
    modern = doors.index[doors["methods"].str.startswith("face")].to_numpy()
    doors.loc[rng.choice(modern, FACE_ONLY, replace=False), "methods"] = "face"
    return doors


def gate_id(gate: Gate) -> str:
    """Return a gate's id, such as gate-ny-s1."""
    return f"gate-{gate.plot}-{gate.exit.side.lower()}"


def tabulate_gates(scene: Scene) -> pd.DataFrame:
    """Return the compounds' gates."""
    return pd.DataFrame(
        [
            {
                "id": gate_id(gate),
                "name": f"{scene.plot(gate.plot).spec.name} {gate.exit.name}",
                "access": gate.exit.access,
                "compound_id": gate.plot,
                "hours": gate.exit.hours,
                "geometry": gate.door.point,
            }
            for gate in scene.built.gates
        ]
    )


def tabulate_plate_cameras(scene: Scene) -> pd.DataFrame:
    """Return two plate cameras at each vehicle gate, one a lane; cars keep to the right."""
    rows = []
    for gate in scene.built.gates:
        if gate.exit.access == "pedestrian":
            continue
        angle = math.radians(gate.door.bearing)
        for direction, words, side, turn in (("in", "进", -1, 0), ("out", "出", 1, 180)):
            # to the right of the way in is to the left of the way out
            x = gate.door.x + side * LANE_M * math.cos(angle) - 1.2 * math.sin(angle)
            y = gate.door.y - side * LANE_M * math.sin(angle) - 1.2 * math.cos(angle)
            rows.append(
                {
                    "id": f"{gate_id(gate)}-{direction}",
                    "name": f"{scene.plot(gate.plot).spec.name} {gate.exit.name} {words}",
                    "gate_id": gate_id(gate),
                    "direction": direction,
                    "bearing_deg": (gate.door.bearing + turn) % 360,
                    "geometry": shapely.Point(np.round([x, y], 2)),
                }
            )
    return pd.DataFrame(rows)
