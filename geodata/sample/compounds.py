"""The walled compounds of the sample: slab rows and towers, their inner lanes and gates."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely

from geodata.sample.build import (
    Building,
    Built,
    Part,
    inner_path,
    lead_out,
    place_door,
)
from geodata.sample.layout import Exit, Plot
from geodata.sample.rows import Row, joined_slabs, make_rows, strips, turn_twins
from geodata.sample.slabs import Slab, middle, slab_shape, stairs

NORTHWARD = (0.0, 1.0)
FLATS_A_LANDING = 2
TOWER_FLATS = 3
PODIUM_M = 9.0
TOWERS = {
    # block: rows of (share of the width, storeys or None for a place kept free)
    "jmxy": (((0.21, 28), (0.79, 32)), ((0.2, 25), (0.8, 30))),
    "jtx": (((0.155, 26), (0.46, 32), (0.84, 30)), ((0.165, 28), (0.83, 25))),
}
PODIUM = (30.0, 25.0)


@dataclass(frozen=True)
class Lane:
    """A row's path: its turn against the block, q, p of its doors and of the spines it meets."""

    turn: float
    q: float
    doors: list[float]
    spines: list[float | None]

    def in_block(self, p: float) -> tuple[float, float]:
        """Return a point of the path in block coordinates."""
        cos, sin = math.cos(self.turn), math.sin(self.turn)
        return cos * p - sin * self.q, sin * p + cos * self.q


def spines_of(plot: Plot) -> list[float]:
    """Return p of a block's inner lanes."""
    west, _, east, _ = plot.inner.bounds
    return [west + share * (east - west) for share in plot.spec.spines]


def plan_slabs(plot: Plot, rng: np.random.Generator) -> list[Row]:
    """Return the rows of a block of slabs, before the flats are shared out."""
    through = frozenset(exit_.index for exit_ in plot.spec.exits if exit_.side in "EW")
    half = math.radians(plot.spec.slopes[1] - plot.spec.slopes[0]) / 2
    return make_rows(
        plot.inner, spines_of(plot), (-half, half), plot.spec.storeys, rng, through=through
    )


def build_slabs(plot: Plot, rows: list[Row], streets: shapely.Geometry) -> Built:
    """Return the buildings, lanes and gates of a block of slabs."""
    built = Built()
    turn_twins(rows)
    for row, group in joined_slabs(rows):
        block = plot.block.turned(row.turn)
        about = middle(group[0])
        doors = [
            place_door(block, about, p, q, NORTHWARD) for slab in group for p, q in stairs(slab)
        ]
        first = group[0]
        shops = first is rows[0].slabs[0] or (first in rows[0].slabs and first.units > 3)
        floors = first.storeys - (1 if shops else 0)
        built.buildings.append(
            Building(
                plot.spec.key,
                "apartments",
                block.place(slab_shape(first), *about),
                first.storeys,
                doors,
                homes=len(doors) * floors * FLATS_A_LANDING,
                ground_floor_homes=not shops,
                year=plot.spec.year + (first.units + round(first.west)) % 4,
            )
        )
    lanes = [
        Lane(row.turn, row.path_q, [p for slab in row.slabs for p, _ in stairs(slab)], row.spines)
        for row in rows
    ]
    _lay_paths(plot, lanes, streets, built)
    for row in rows:
        block = plot.block.turned(row.turn)
        built.grounds += [(plot.spec.key, block.bend(strip)) for strip in strips(row)]
    return built


def build_towers(plot: Plot, streets: shapely.Geometry, rng: np.random.Generator) -> Built:
    """Return the towers, lanes and gates of a block of towers on podiums."""
    built = Built()
    west, south, east, north = plot.inner.bounds
    rows = TOWERS[plot.spec.key]
    pitch = (north - south - 10 - PODIUM[1] - 9) / (len(rows) - 1)
    lanes = []
    for index, row in enumerate(rows):
        q = south + 8 + index * pitch
        path_q = q + PODIUM[1] + 6
        doors_p = []
        for share, storeys in row:
            p = west + share * (east - west)
            shift = rng.uniform(-1.5, 1.5)
            building = _tower(
                plot, p, q + PODIUM[1] / 2 + shift, storeys + int(rng.integers(-1, 2))
            )
            built.buildings.append(building)
            doors_p += [p - 6, p + 6]
        lanes.append(Lane(0.0, path_q, doors_p, [*spines_of(plot)]))
    _lay_paths(plot, lanes, streets, built)
    for lane in lanes[:-1]:
        for p in lane.doors[::2]:
            strip = shapely.box(p - 9, lane.q + 3, p + 21, lane.q + 11)
            built.grounds.append((plot.spec.key, plot.block.bend(strip)))
    return built


def _tower(plot: Plot, p: float, q: float, storeys: int) -> Building:
    width, depth = PODIUM
    podium = shapely.box(p - width / 2, q - depth / 2, p + width / 2, q + depth / 2)
    podium = podium.union(shapely.box(p - 9, q + depth / 2 - 1, p + 9, q + depth / 2 + 1.5))
    core = shapely.box(p - 7, q - 7.5, p + 7, q + 7.5)
    limbs = [
        shapely.box(p + a - 5.2, q + b - 4.6, p + a + 5.2, q + b + 4.6)
        for a, b in ((-6.8, -5.2), (6.8, -5.2), (-6.2, 5.0), (6.2, 5.0))
    ]
    notch = shapely.box(p - 1.4, q - 12, p + 1.4, q - 6.6)
    body = shapely.union_all([core, *limbs], grid_size=0.01).difference(notch)
    attic = shapely.box(p - 4.5, q - 3.5, p + 4.5, q + 3.5)
    storeys = min(32, max(25, storeys))
    top = storeys * 3.0
    about = (p, q)

    def carried(shape: shapely.Polygon) -> shapely.Polygon:
        placed: shapely.Polygon = plot.block.place(shape, *about)
        return placed

    edge = q + depth / 2 + 1.5
    return Building(
        plot.spec.key,
        "apartments",
        carried(podium),
        storeys,
        [place_door(plot.block, about, p + a, edge, NORTHWARD) for a in (-6, 6)],
        homes=(storeys - 3) * TOWER_FLATS,
        ground_floor_homes=False,
        parts=[
            Part(carried(podium), PODIUM_M, 0.0),
            Part(carried(body), top - 3.0, PODIUM_M),
            Part(carried(attic), top, top - 3.0),
        ],
        year=plot.spec.year,
    )


def _lay_paths(plot: Plot, lanes: list[Lane], streets: shapely.Geometry, built: Built) -> None:
    """Lay the paths of the rows, the spines that join them, and the ways out."""
    exits: dict[tuple[str, int], Exit] = {
        (exit_.side, exit_.index): exit_ for exit_ in plot.spec.exits
    }

    def open_gate(side: str, index: int, turn: float, start: tuple[float, float]) -> bool:
        exit_ = exits.get((side, index))
        if exit_ is None:
            return False
        path, gate = lead_out(plot, turn, start, exit_, streets)
        built.paths.append(path)
        built.gates.append(gate)
        return exit_.access != "pedestrian"

    for index, lane in enumerate(lanes):
        met = [p for p in lane.spines if p is not None]
        west = min([min(lane.doors) - 1.5, *met])
        east = max([max(lane.doors) + 1.5, *met])
        wide = open_gate("W", index, lane.turn, (west, lane.q))
        wide = open_gate("E", index, lane.turn, (east, lane.q)) or wide
        width = 4.0 if wide else 2.6
        block = plot.block.turned(lane.turn)
        points = [(west, lane.q), *((p, lane.q) for p in sorted(met)), (east, lane.q)]
        built.paths.append(inner_path(block, list(dict.fromkeys(points)), "service", width))
    for place in range(len(plot.spec.spines)):
        points = [lane.in_block(p) for lane in lanes if (p := lane.spines[place]) is not None]
        if len(points) > 1:
            built.paths.append(inner_path(plot.block, points, "service", 4.5))
        open_gate("S", place, 0.0, points[0])
        open_gate("N", place, 0.0, points[-1])


def all_slabs(rows: list[Row]) -> list[Slab]:
    """Return every slab of some rows."""
    return [slab for row in rows for slab in row.slabs]
