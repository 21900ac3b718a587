"""Floors and flats (分层分户) on the server: who may see what, kept tables, live counts."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

import brotli
import pandas as pd

from dashboard.access.scope import is_within
from dashboard.access.viewer import current_viewer
from dashboard.chain import chain_of
from dashboard.static_layers import StaticTable, table_etag
from dashboard.world import World
from geodata.schema import METER_KINDS, TENURES
from layers.columns import encode_table
from layers.floors import Storeys, build_columns
from live.health import SILENT

KEPT_TABLES = 64
"""Buildings whose tables stay in memory: people go to and fro between few."""
FEW = 5
"""Counts of people below this are not told apart."""


def may_see_dwellings(world: World, building_id: str = "") -> bool:
    """Say whether a managers' page may show what its flats are: vacant, let, lived in by owners.

    Where nobody real lives, in an illustrative community whose events are simulated, to the staff;
    in a real one to those who said why, of that building, for a while (`dashboard.access.reveal`).
    The wall and the demo always show alike blocks.
    """
    viewer = current_viewer()
    if not (viewer.is_staff or "system" in viewer.roles):
        return False
    if world.simulated and bool(world.community.meta.get("illustrative")):
        return True
    return world.reveals.until(viewer, "buildings", building_id) is not None


class FloorTables:
    """The newest tables of floors of a world, encoded once for all who ask."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str, bool], StaticTable] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, world: World, building_id: str, *, detail: bool) -> StaticTable:
        """Return a building's table.

        Args:
            world: Whose building it is.
            building_id: Its id.
            detail: Whether the page asks for tenure; given only where `may_see_dwellings`.

        Raises:
            KeyError: There is no such building.
        """
        key = (
            world.community.digest,
            building_id,
            detail and may_see_dwellings(world, building_id),
        )
        with self._lock:
            if key not in self._kept:
                raw = encode_table(build_columns(world.scene, building_id, detail=key[2]))
                compressed = brotli.compress(raw, quality=5)
                self._kept[key] = StaticTable(raw, compressed, table_etag(raw))
            self._kept.move_to_end(key)
            while len(self._kept) > KEPT_TABLES:
                self._kept.popitem(last=False)
            return self._kept[key]


def describe_floors(world: World, building_id: str, *, detail: bool = False) -> dict[str, Any]:
    """Return a building's floors with what is known and heard on each, the ground floor first.

    Args:
        world: Whose building it is.
        building_id: Its id.
        detail: See `FloorTables.get`.

    Returns:
        `building`, `name`, `chain`, `source`, `made_at`, `at` (epoch seconds) and `floors`: of
        each `floor`, `households` (None where unknown), `units` {unit: households}, `meters`
        {kind: {`n`, `silent`, `alarm`}}, `devices` and `doors` [{`id`, `name`}] and, with detail,
        `flats` [{`unit`, `index`, `room`, `tenure`, `residents`}] whose residents are None, 0,
        "<5" or "5+".

    Raises:
        KeyError: There is no such building.
    """
    if not is_within(world.twin, "buildings", building_id):
        raise KeyError(building_id)
    storeys = Storeys(world.scene, building_id)
    community = world.community
    devices = community["devices"]
    inside = (devices["building_id"] == building_id).to_numpy(dtype=bool, na_value=False)
    mine = devices[inside & devices["floor"].notna().to_numpy()]
    meters = mine["kind"].isin(METER_KINDS)
    doors = community["entrances"]
    doors = doors[(doors["building_id"] == building_id).to_numpy(dtype=bool, na_value=False)]
    floors = []
    for floor in range(1, storeys.count + 1):
        flats = storeys.flats[storeys.flats["floor"] == floor]
        here = mine["floor"] == floor
        found: dict[str, Any] = {
            "floor": floor,
            "households": len(flats) if len(storeys.flats) else None,
            "units": {
                str(unit): int(n) for unit, n in flats["unit"].value_counts(sort=False).items()
            },
            "meters": _count_meters(world, mine[here & meters]),
            "devices": _listed(mine[here & ~meters]),
            "doors": _listed(doors) if floor == 1 else [],
        }
        if detail and may_see_dwellings(world, building_id):
            found["flats"] = _list_flats(flats)
        floors.append(found)
    name = storeys.row["name"]
    return {
        "building": building_id,
        "name": building_id if pd.isna(name) else str(name),
        "chain": [step.as_dict() for step in chain_of(community, "buildings", building_id)],
        "source": community.meta.get("source"),
        "made_at": community.meta.get("made_at"),
        "at": world.twin.clock().timestamp(),
        "floors": floors,
    }


def _count_meters(world: World, meters: Any) -> dict[str, dict[str, int]]:
    """Return by kind how many there are, how many are silent and how many alarm; never which."""
    counts: dict[str, dict[str, int]] = {}
    twin = world.twin
    with twin.lock:
        for key, kind in zip(meters["id"], meters["kind"], strict=True):
            count = counts.setdefault(str(kind), {"n": 0, "silent": 0, "alarm": 0})
            subject = twin.state.subjects.get(("devices", str(key)))
            silent = subject is None or subject.hearing == SILENT
            count["n"] += 1
            count["silent"] += silent
            count["alarm"] += not silent and subject is not None and subject.shown == "alarm"
    return {kind: counts[kind] for kind in METER_KINDS if kind in counts}


def _list_flats(flats: pd.DataFrame) -> list[dict[str, Any]]:
    found = []
    index: dict[str, int] = {}
    for flat in flats.to_dict("records"):
        unit = str(flat["unit"])
        index[unit] = index.get(unit, 0) + 1
        tenure = flat["tenure"]
        found.append(
            {
                "unit": unit,
                "index": index[unit],
                "room": "" if pd.isna(flat["room"]) else str(flat["room"]),
                "tenure": tenure if tenure in TENURES else None,
                "residents": _guarded(flat["residents"]),
            }
        )
    return found


def _guarded(people: Any) -> int | str | None:
    """Return 0, or only on which side of `FEW` a flat is: totals then betray no small count."""
    if pd.isna(people):
        return None
    return 0 if people == 0 else f"<{FEW}" if people < FEW else f"{FEW}+"


def _listed(gdf: Any) -> list[dict[str, str]]:
    rows: Iterable[tuple[Any, Any]] = zip(gdf["id"], gdf["name"], strict=True)
    return [{"id": str(key), "name": str(key if pd.isna(name) else name)} for key, name in rows]
