"""Greens, water and parking of the sample, `xy` metres."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import shapely

from geodata.sample.build import Path
from geodata.sample.civic import GARDENS, greens
from geodata.sample.layout import AROUND, CANAL, CANAL_WIDTH, LANES, SOUTH
from geodata.sample.scene import Scene

SPACES = 900
SURFACE_SPACES = 470
BAY_M2 = 15.0
"""Ground one surface bay takes: 2.5 m by 5.3 m and its share of kerbs and turning."""


Area = tuple[str, str | None, shapely.Polygon]
"""Kind, name if it has one, and shape."""


@dataclass
class Grounds:
    """Areas by layer: (kind, name, shape) and for parking also the spaces."""

    green: list[Area] = field(default_factory=list)
    water: list[Area] = field(default_factory=list)
    parking: list[tuple[str, str, shapely.Polygon, int]] = field(default_factory=list)


def make_grounds(scene: Scene, paths: list[Path], rng: np.random.Generator) -> Grounds:
    """Return greens, water and parking; the spaces add up to 900."""
    result = Grounds()
    solid = shapely.union_all([building.shape for building in scene.built.buildings])
    paved = shapely.union_all([path.line.buffer(path.width / 2 + 0.3) for path in paths])
    taken = solid.buffer(1.0, join_style="mitre").union(paved)
    names = {plot.spec.key: plot.spec.name for plot in scene.plots}
    surface = 0
    numbers: dict[str, int] = {}
    order = rng.permutation(len(scene.built.grounds))
    for index in order:
        key, ground = scene.built.grounds[int(index)]
        if scene.plot(key).spec.kind == "towers":
            continue  # the garages' courts, below
        inside = ground.difference(taken).intersection(scene.plot(key).wall.buffer(-1.2))
        for area in _whole(inside, 36.0):
            spaces = int(area.area // BAY_M2)
            if spaces < 5 or surface + spaces > SURFACE_SPACES or rng.random() > 0.6:
                result.green.append(("garden", None, area))
                continue
            numbers[key] = numbers.get(key, 0) + 1
            name = f"{names[key]} {numbers[key]} 号停车场"
            result.parking.append(("surface", name, area, spaces))
            surface += spaces
    _garages(scene, taken, SPACES - surface, result)
    order_of = [plot.spec.name for plot in scene.plots]
    # by compound; the lots of one are numbered as they were laid
    result.parking.sort(key=lambda lot: order_of.index(lot[1].split()[0]))
    for kind, name, area in greens(scene.plane):
        result.green.append((kind, name, area))
    for box in GARDENS:
        free = scene.plane.bend(box).difference(taken)
        result.green += [("garden", None, part) for part in _whole(free, 36.0)]
    canal = scene.plane.bend(CANAL).buffer(CANAL_WIDTH / 2 * scene.plane.scale)
    result.water.append(("canal", "安泰河", canal))
    _verges(scene, canal, result)
    return result


def _garages(scene: Scene, taken: shapely.Geometry, spaces: int, result: Grounds) -> None:
    """Add the garage under each court of towers, drawn as its deck, and the gardens around it."""
    towers = [plot for plot in scene.plots if plot.spec.kind == "towers"]
    for plot, share in zip(towers, (0.45, 1.0), strict=True):
        count = round(spaces * share)
        spaces -= count
        free = plot.wall.buffer(-2.5).difference(taken.buffer(1.2, join_style="mitre"))
        decks = [ground for key, ground in scene.built.grounds if key == plot.spec.key]
        deck = max((part for ground in decks for part in _whole(ground & free, 40.0)), key=_area)
        result.parking.append(("underground", f"{plot.spec.name} 地下车库", deck, count))
        garden = free.difference(deck.buffer(2.0))
        result.green += [("garden", None, part) for part in _whole(garden, 60.0)]


def _verges(scene: Scene, canal: shapely.Polygon, result: Grounds) -> None:
    """Add planted strips between the road and the canal, and along the canal's far bank."""
    paved = shapely.union_all(
        [
            scene.plane.bend(street.line).buffer(street.width / 2 + 1.5)
            for street in (*AROUND, *LANES)
        ]
    )
    reach = scene.boundary.buffer(260)
    bank = canal.buffer(9.5).difference(canal.buffer(1.0)).difference(paved).intersection(reach)
    walk = scene.plane.bend(SOUTH.line).buffer(19.0)
    for part in _whole(bank, 60.0):
        if part.distance(walk) < 60:
            result.green.append(("verge", None, part))


def _area(shape: shapely.Polygon) -> float:
    return float(shape.area)


def _whole(shape: shapely.Geometry, least: float) -> list[shapely.Polygon]:
    """Return the polygons of a shape of at least so many square metres, thin necks opened."""
    opened = shape.buffer(-0.8, join_style="mitre").buffer(0.8, join_style="mitre")
    return [
        part
        for part in shapely.get_parts(opened)
        if part.geom_type == "Polygon" and part.area >= least
    ]
