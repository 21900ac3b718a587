"""The public blocks of the sample: school, park, service centre, canteen and their paths."""

from __future__ import annotations

from dataclasses import dataclass

import shapely

from geodata.sample.build import Building, Built, Door, Part, Path, bearing
from geodata.sample.layout import Plot
from geodata.sample.plane import Plane


@dataclass(frozen=True)
class Hall:
    """A public building drawn by hand.

    Attributes:
        name: Its name.
        plot: Key of its block.
        use: An OSM building=* value.
        at: Middle, uv.
        size: West-east and south-north, metres.
        storeys: Floors.
        storey_m: Floor to floor, metres.
        out: Way out of its door: one of N, E, S, W.
        year: Year built.
        raised: Taller part as (west, south, east, north, extra storeys), from the middle.
    """

    name: str
    plot: str
    use: str
    at: tuple[float, float]
    size: tuple[float, float]
    storeys: int
    storey_m: float
    out: str
    year: int
    raised: tuple[float, float, float, float, int] | None = None


HALLS = (
    Hall("军门社区党群服务中心", "park", "civic", (277, 83), (44, 15), 3, 3.9, "S", 2013,
         (-8, -7.5, 8, 7.5, 1)),
    Hall("长者食堂", "park", "civic", (323, 81), (28, 14), 2, 4.2, "S", 2018),
    Hall("社区文化活动中心", "park", "civic", (262, 47), (13, 24), 2, 4.2, "E", 2009),
    Hall("警务室与微型消防站", "park", "civic", (262, 16), (13, 18), 2, 3.6, "E", 2011),
    Hall("军门小学教学楼", "school", "school", (176, 289), (80, 13), 5, 3.6, "S", 1999,
         (-6, -6.5, 6, 6.5, 1)),
    Hall("军门小学综合楼", "school", "school", (136, 255), (13, 40), 4, 3.6, "E", 2004),
    Hall("军门小学风雨操场", "school", "school", (216, 258), (19, 32), 2, 5.4, "W", 2011),
    Hall("军门小学门房", "school", "school", (193, 217), (9, 5), 1, 3.6, "W", 1999),
    Hall("津泰幼儿园", "jtx", "kindergarten", (407.5, 77), (26, 15), 3, 3.6, "S", 2012,
         (-13, -7.5, -4, 7.5, -1)),
)  # fmt: skip

_OUT = {"N": (0.0, 1.0), "E": (1.0, 0.0), "S": (0.0, -1.0), "W": (-1.0, 0.0)}

WALKS: tuple[tuple[str, float, bool, tuple[tuple[float, float], ...]], ...] = (
    # in front of the service centre and the canteen
    ("footway", 3.0, False, ((246, 69), (272, 69.5), (310, 69.5), (352, 67))),
    # round the park and across it
    ("footway", 2.4, False, ((272, 69.5), (275, 54), (276, 12), (281, 6), (310, 4), (336, 7),
                             (341, 14), (342, 54), (336, 69))),
    ("footway", 2.4, False, ((281, 6), (283, -19))),
    ("footway", 2.4, False, ((310, 69.5), (310, 48))),
    ("footway", 2.4, False, ((310, 22), (310, 4))),
    ("footway", 2.4, False, ((310, 48), (299, 44), (295, 35), (299, 26), (310, 22), (321, 26),
                             (325, 35), (321, 44), (310, 48))),
    ("steps", 2.4, True, ((325, 35), (342, 36))),
    ("footway", 2.0, False, ((295, 35), (276, 35))),
    # school: from the gate to the yard and round it
    ("footway", 3.5, False, ((182, 209.3), (182, 227))),
    ("footway", 3.0, False, ((182, 227), (146, 226), (146, 277), (203, 277), (203, 227.5),
                             (182, 227))),
    # along the canal, with steps down from the road
    ("footway", 2.6, False, ((-10, -26), (60, -31), (130, -35), (255, -38), (390, -40),
                             (486, -36.5))),
    ("steps", 2.4, True, ((100, -13), (101, -33.5))),
    ("steps", 2.4, True, ((262, -19), (263, -38))),
    ("steps", 2.4, True, ((430, -18.6), (431, -38.6))),
)  # fmt: skip

PARK = shapely.Polygon(
    [(274, 8), (280, 2), (338, 1.5), (345, 9), (346, 55), (341, 66), (276, 66.5), (271, 60)]
)
PLAZA = shapely.Point(310, 35).buffer(12.5)
PITCH = shapely.LineString([(166, 251), (182, 251)]).buffer(15.5)
GARDENS = (
    shapely.box(150, 213, 177, 224), shapely.box(204, 213, 226, 238),
    shapely.box(124, 212, 144, 230), shapely.box(338, 72, 347, 95),
)  # fmt: skip


def build_halls(plane: Plane, plots: list[Plot]) -> Built:
    """Return the public buildings and the walks around them."""
    built = Built()
    known = {plot.spec.key: plot for plot in plots}
    for hall in HALLS:
        built.buildings.append(_hall(plane, hall, known[hall.plot]))
    for kind, width, steps, points in WALKS:
        built.paths.append(Path(plane.bend(shapely.LineString(points)), kind, width, None, steps))
    return built


def _hall(plane: Plane, hall: Hall, plot: Plot) -> Building:
    width, depth = hall.size
    outline = shapely.box(-width / 2, -depth / 2, width / 2, depth / 2)
    shape = plane.place(outline, *hall.at, turn=plot.block.tilt)
    du, dv = _OUT[hall.out]
    wall = (du * width / 2, dv * depth / 2)
    line = plane.place(
        shapely.LineString([wall, (wall[0] + du, wall[1] + dv)]), *hall.at, turn=plot.block.tilt
    )
    (x0, y0), (x1, y1) = line.coords
    parts = []
    if hall.raised:
        part = plane.place(shapely.box(*hall.raised[:4]), *hall.at, turn=plot.block.tilt)
        top = (hall.storeys + hall.raised[4]) * hall.storey_m
        low = hall.storeys * hall.storey_m
        if top > low:
            parts = [Part(shape, low, 0.0), Part(part, top, low)]
        else:
            parts = [Part(shape.difference(part), low, 0.0), Part(part, top, 0.0)]
    return Building(
        hall.plot,
        hall.use,
        shape,
        hall.storeys + (max(0, hall.raised[4]) if hall.raised else 0),
        [Door(round(x0, 2), round(y0, 2), bearing(x1 - x0, y1 - y0))],
        storey_m=hall.storey_m,
        parts=parts,
        name=hall.name,
        year=hall.year,
    )


def greens(plane: Plane) -> list[tuple[str, str, shapely.Polygon]]:
    """Return (kind, name, area) of the public greens, `xy`."""
    areas = [
        ("park", "南营公园", PARK.difference(PLAZA)),
        ("pitch", "军门小学操场", PITCH),
    ]
    return [(kind, name, plane.bend(area)) for kind, name, area in areas]
