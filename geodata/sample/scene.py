"""The sample put together in `xy` metres: plots, buildings, network and gates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from geodata.sample.build import Building, Built, LayoutError, Path
from geodata.sample.civic import HALLS, build_halls
from geodata.sample.compounds import all_slabs, build_slabs, build_towers, plan_slabs
from geodata.sample.layout import AROUND, LANES, OUTLINE, Plot, make_plots
from geodata.sample.oldtown import build_old
from geodata.sample.plane import Plane, make_plane
from geodata.sample.rows import joined_slabs, tune_units

BUILDINGS = 133
UNIT_DOORS = 324
TOWER_COUNT = 9
OLD_PUBLIC = 3


@dataclass
class Scene:
    """Everything that stands, before people and devices.

    Attributes:
        plane: The bent paper.
        plots: Blocks.
        built: Buildings, inner paths, gates and free grounds.
        boundary: The community, `xy`.
        streets: Streets with their names.
    """

    plane: Plane
    plots: list[Plot]
    built: Built
    boundary: shapely.Polygon
    streets: list[Path]

    def plot(self, key: str) -> Plot:
        """Return a block by its key."""
        return next(plot for plot in self.plots if plot.spec.key == key)


def make_scene(rng: np.random.Generator) -> Scene:
    """Return the community's built form, with exactly 133 buildings and 324 unit doors."""
    plane = make_plane(rng, OUTLINE)
    plots = make_plots(plane)
    lines = shapely.MultiLineString([street.line for street in (*AROUND, *LANES)])
    rows = {plot.spec.key: plan_slabs(plot, rng) for plot in plots if plot.spec.kind == "slabs"}
    slabs = [slab for block in rows.values() for slab in all_slabs(block)]
    blocks = sum(len(joined_slabs(block)) for block in rows.values())
    old = BUILDINGS - TOWER_COUNT - OLD_PUBLIC - len(HALLS) - blocks
    tune_units(slabs, UNIT_DOORS - 2 * TOWER_COUNT - old)
    built = Built()
    for plot in plots:
        streets = plot.block.to_local(lines)
        if plot.spec.kind == "slabs":
            built.add(build_slabs(plot, rows[plot.spec.key], streets))
        elif plot.spec.kind == "towers":
            built.add(build_towers(plot, streets, rng))
        elif plot.spec.kind == "old":
            built.add(build_old(plot, old, streets, rng))
    built.add(build_halls(plane, plots))
    _name(built.buildings, {plot.spec.key: plot.spec.name for plot in plots})
    streets_xy = [
        Path(plane.bend(street.line), street.kind, street.width, street.name)
        for street in (*AROUND, *LANES)
    ]
    return Scene(plane, plots, built, plane.bend(OUTLINE), streets_xy)


def _name(buildings: list[Building], names: dict[str, str]) -> None:
    """Number the dwellings of each compound, row by row as they were built."""
    numbers: dict[str, int] = {}
    for building in buildings:
        if building.name:
            continue
        number = numbers[building.plot] = numbers.get(building.plot, 0) + 1
        words = "号" if building.use == "house" else "号楼"
        building.name = f"{names[building.plot]} {number} {words}"


def ensure_sound(scene: Scene, ways: list[Path]) -> None:
    """Check that nothing stands on a road, on another building or beyond its wall.

    Args:
        scene: The built form.
        ways: Every way, ends joined.

    Raises:
        LayoutError: Something does.
    """
    buildings = scene.built.buildings
    solids = shapely.STRtree([building.shape for building in buildings])
    roads = [way.line.buffer(way.width / 2) for way in ways if way.kind != "steps"]
    for what, others in (("a road", roads), ("a building", list(solids.geometries))):
        hit = solids.query(others, predicate="intersects").T
        if what == "a building":
            hit = hit[hit[:, 0] < hit[:, 1]]
        if len(hit):
            raise LayoutError(f"{buildings[int(hit[0, 1])].name} stands on {what}")
    for building in buildings:
        if not scene.plot(building.plot).wall.contains(building.shape):
            raise LayoutError(f"{building.name} stands beyond its wall")
