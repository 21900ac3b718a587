"""One building floor by floor: slabs, and on them one block a flat (分层分户).

Blocks look alike unless the table is asked for with detail: who may have that is the server's to
say (`dashboard/dwellings.py`). Heights are those of the standing building; the browser lifts the
floors apart.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import shapely

from geodata.schema import METER_KINDS, TENURES
from layers.columns import Array, ColumnTable
from layers.floorplan import Axis, long_axis, split_flats, split_units, storeys_of
from layers.polygons import to_polygon_columns
from layers.scene import Scene, texts

KINDS = ("slab", "block", "roof")
SLAB_M = 0.35
CEILING_M = 0.5
"""How far a block ends below the next slab."""
VACANT_M = 0.3
"""A vacant flat is a low slab: told by its shape, not only by its tone."""
GAP_M = 0.5
"""Between a block and the edge of its cell: two of them are a riser."""
UNKNOWN = 255
"""A tenure that nobody told."""


@dataclass(frozen=True)
class Solid:
    """One polygon of the table: outline, underside and top in metres, and what it is."""

    shape: shapely.Polygon
    base_m: float
    top_m: float
    kind: int
    floor: int
    unit: int = UNKNOWN
    index: int = 0
    id: str = ""
    name: str = ""
    tenure: int = UNKNOWN


class Storeys:
    """A building's floors, units and flats.

    Args:
        scene: The community.
        building_id: Its id.

    Raises:
        KeyError: There is no such building.
    """

    def __init__(self, scene: Scene, building_id: str) -> None:
        buildings = scene.community["buildings"]
        rows = buildings[buildings["id"] == building_id]
        if rows.empty:
            raise KeyError(building_id)
        self.scene = scene
        self.id = building_id
        self.row = rows.iloc[0]
        self.outline = scene.to_metres(rows.geometry.to_numpy())[0]
        self.axis: Axis = long_axis(self.outline)
        flats = scene.community.dwellings
        mine = flats[(flats["building_id"] == building_id).to_numpy(dtype=bool, na_value=False)]
        order = mine["room"].astype("object").fillna("").astype(str)
        self.flats = mine.assign(unit=texts(mine["unit"]), order=order).sort_values(
            ["floor", "unit", "order", "id"], kind="stable"
        )
        height = float(self.row["height_m"])
        base = self.row["base_m"]
        self.base_m = 0.0 if pd.isna(base) else float(base)
        counted = self.row["storeys"]
        highest = 0 if self.flats.empty else int(self.flats["floor"].max())
        self.count = storeys_of(
            None if pd.isna(counted) else float(counted), height - self.base_m, highest
        )
        self.storey_m = max(height - self.base_m, 1.0) / self.count

    def under(self, floor: int) -> float:
        """Return the underside of a floor above ground, metres; one above the top is the roof."""
        return self.base_m + (floor - 1) * self.storey_m

    @cached_property
    def units(self) -> list[dict[str, Any]]:
        """Units: `unit`, `door` (id or None), `x` and `y` of the door in metres or None."""
        doors = self.scene.community["entrances"]
        mine = doors[(doors["building_id"] == self.id).to_numpy(dtype=bool, na_value=False)]
        points = shapely.get_coordinates(self.scene.to_metres(mine.geometry.to_numpy()))
        known = {
            unit or str(number): (id_, float(x), float(y))
            for number, (unit, id_, (x, y)) in enumerate(
                zip(texts(mine["unit"]), texts(mine["id"]), points, strict=True), 1
            )
        }
        # flats tell the units; where there are none, the doors do
        named = list(dict.fromkeys(self.flats["unit"])) or list(known) or [""]
        if named == [""] and len(known) == 1:
            known = {"": next(iter(known.values()))}
        return [
            {"unit": unit, "door": door, "x": x, "y": y}
            for unit in sorted(named, key=_natural)
            for door, x, y in [known.get(unit, (None, None, None))]
        ]

    @cached_property
    def parts(self) -> list[tuple[shapely.Polygon, float, float]]:
        """What the building is drawn of, if not of its outline: shape, underside, top."""
        parts = self.scene.community["building_parts"]
        mine = parts[(parts["building_id"] == self.id).to_numpy(dtype=bool, na_value=False)]
        shapes = self.scene.to_metres(mine.geometry.to_numpy())
        base = mine["base_m"].fillna(0.0).astype(float)
        return list(zip(shapes, base, mine["height_m"].astype(float), strict=True))

    def footprint(self, floor: int) -> shapely.Geometry:
        """Return what of the building a floor covers, metres."""
        middle = self.under(floor) + self.storey_m / 2
        here = [shape for shape, base, top in self.parts if base <= middle < top]
        return shapely.union_all(here) if here else self.outline

    def cells(self, footprint: shapely.Geometry) -> list[shapely.Geometry]:
        """Return the cell of each of `units` on a footprint."""
        places = [
            None
            if unit["x"] is None
            else float(self.axis.flat(shapely.Point(unit["x"], unit["y"])).x - self.axis.x)
            for unit in self.units
        ]
        return split_units(footprint, places, self.axis)

    def solids(self, *, detail: bool) -> list[Solid]:
        """Return slabs, blocks and the roof, from the ground up."""
        found: list[Solid] = []
        plans: dict[Hashable, list[list[shapely.Geometry]]] = {}
        shape = self.outline
        for floor in range(1, self.count + 1):
            shape, under = self.footprint(floor), self.under(floor)
            slab = f"{self.id}/{floor}"
            found += [
                Solid(part, under, under + SLAB_M, KINDS.index("slab"), floor, id=slab)
                for part in shapely.get_parts(shape)
            ]
            mine = self.flats[self.flats["floor"] == floor]
            by_unit = [mine[mine["unit"] == unit["unit"]] for unit in self.units]
            key = (shape.wkb, *map(len, by_unit))
            if key not in plans:  # most floors are like the one below
                plans[key] = [
                    split_flats(cell, len(flats), self.axis)
                    for cell, flats in zip(self.cells(shape), by_unit, strict=True)
                ]
            for number, (flats, cells) in enumerate(zip(by_unit, plans[key], strict=True)):
                for index, (cell, flat) in enumerate(
                    zip(cells, flats.to_dict("records"), strict=True), 1
                ):
                    found += self._block(floor, number, index, cell, flat if detail else None)
        top = self.under(self.count + 1)
        found += [
            Solid(part, top, top + SLAB_M, KINDS.index("roof"), self.count + 1,
                  id=f"{self.id}/{self.count}")
            for part in shapely.get_parts(shape)
        ]  # fmt: skip
        return found

    def _block(
        self, floor: int, unit: int, index: int, cell: shapely.Geometry, flat: Any
    ) -> list[Solid]:
        tenure, name = UNKNOWN, ""
        if flat is not None:
            name = "" if pd.isna(flat["room"]) else str(flat["room"])
            tenure = UNKNOWN if pd.isna(flat["tenure"]) else TENURES.index(flat["tenure"])
        base = self.under(floor) + SLAB_M
        vacant = tenure == TENURES.index("vacant")
        high = VACANT_M if vacant else max(VACANT_M, self.storey_m - SLAB_M - CEILING_M)
        inner = cell.buffer(-GAP_M, join_style="mitre")
        drawn = cell if inner.is_empty else inner
        id_ = f"{self.id}/{floor}/{self.units[unit]['unit']}/{index}"
        return [
            Solid(part, base, base + high, KINDS.index("block"), floor, unit, index, id_, name,
                  tenure)
            for part in shapely.get_parts(drawn)
        ]  # fmt: skip


def build_columns(scene: Scene, building_id: str, *, detail: bool = False) -> ColumnTable:
    """Return the floors of a building, one row a solid; a flat in several pieces has several.

    Columns beside those of polygons, one value a row: `kinds` of `KINDS`, `floors` from 1 (the
    roof above the top floor), `units` into `meta.units` or 255, `indexes` of flats within unit and
    floor from 1. With detail also `tenures` of `geodata.schema.TENURES` or 255, and rooms as names.

    Raises:
        KeyError: There is no such building.
    """
    storeys = Storeys(scene, building_id)
    solids = storeys.solids(detail=detail)
    columns: dict[str, Array] = to_polygon_columns(
        np.array([solid.shape for solid in solids], dtype=object),
        None,
        base_m=np.array([solid.base_m for solid in solids]),
        top_m=np.array([solid.top_m for solid in solids]),
    )
    columns["kinds"] = np.array([solid.kind for solid in solids], np.uint8)
    columns["floors"] = np.array([solid.floor for solid in solids], np.int16)
    columns["units"] = np.array([solid.unit for solid in solids], np.uint8)
    columns["indexes"] = np.array([solid.index for solid in solids], np.uint16)
    if detail:
        columns["tenures"] = np.array([solid.tenure for solid in solids], np.uint8)
    return ColumnTable("floors", len(solids), columns, _meta(storeys, solids, detail))


def _meta(storeys: Storeys, solids: list[Solid], detail: bool) -> dict[str, Any]:
    devices = storeys.scene.community["devices"]
    inside = (devices["building_id"] == storeys.id).to_numpy(dtype=bool, na_value=False)
    mine = devices[inside & ~devices["kind"].isin(METER_KINDS) & devices["floor"].notna()]
    known = storeys.flats["floor"].value_counts()
    axis = storeys.axis
    cells = storeys.cells(storeys.footprint(storeys.count))
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(storeys.outline))[:4]
    return {
        "ids": [solid.id for solid in solids],
        "names": [solid.name for solid in solids],
        "kinds": list(KINDS),
        "building": storeys.id,
        "storeys": storeys.count,
        "storey_m": round(storeys.storey_m, 3),
        "base_m": storeys.base_m,
        "axis": round(axis.angle, 4),
        "corners": corners.round(2).tolist(),
        "detail": detail,
        "tenures": list(TENURES) if detail else [],
        "units": [
            {
                "unit": unit["unit"],
                "door": unit["door"],
                "at": [round(cell.centroid.x, 2), round(cell.centroid.y, 2)],
            }
            for unit, cell in zip(storeys.units, cells, strict=True)
        ],
        "floors": [
            {"floor": floor, "households": int(known.get(floor, 0)) if len(known) else None}
            for floor in range(1, storeys.count + 1)
        ],
        "devices": [
            {"id": str(id_), "floor": int(floor)}
            for id_, floor in zip(mine["id"], mine["floor"], strict=True)
        ],
    }


def _natural(unit: str) -> tuple[int, int, str]:
    """Order 2 before 10, numbers before names."""
    return (0, int(unit), "") if unit.isdecimal() else (1, 0, unit)
