"""The plan of the sample on paper: boundary, streets, blocks, compounds, grids and gates.

All coordinates here are `uv` metres (see `geodata.sample.plane`). The plan is drawn by hand after
what is told of the place (南营巷, 中军后, 津泰路 along its canal); it is not a survey.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import shapely
from shapely.ops import polygonize

from geodata.sample.plane import Block, Plane

OUTLINE = shapely.Polygon(
    [
        (-2, 5), (60, 2.5), (130, -0.5), (255, -5), (390, -6), (476, -3), (480, 60), (481, 130),
        (477, 260), (480, 375), (352, 381), (215, 384), (105, 387), (-5, 385), (-9, 250),
        (-4, 130), (-2, 5),
    ]
)  # fmt: skip


@dataclass(frozen=True)
class Street:
    """A centreline on the paper with its OSM highway kind and width in metres."""

    name: str
    kind: str
    width: float
    points: tuple[tuple[float, float], ...]

    @property
    def line(self) -> shapely.LineString:
        """Return the centreline."""
        return shapely.LineString(self.points)


# the four roads around run on into the city
SOUTH = Street(
    "津泰路", "secondary", 18,
    ((-1230, -36), (-420, 8), (-16, -8), (60, -11.5), (130, -14.5), (255, -19), (390, -20),
     (491, -17),      (900, -34), (1680, -20)),
)  # fmt: skip
NORTH = Street(
    "北营街", "tertiary", 14,
    ((-1230, 380), (-420, 404), (-16, 396), (105, 398), (215, 395.5), (352, 393),
     (491, 386),      (900, 402), (1680, 380)),
)  # fmt: skip
WEST = Street(
    "军门路", "secondary", 14,
    ((-40, -1230), (-20, -420), (-16, -8), (-15, 130), (-20, 250), (-16, 396), (-6, 760),
     (-30, 1600)),
)  # fmt: skip
EAST = Street(
    "东营路", "secondary", 16,
    ((520, -1230), (496, -420), (491, -17), (493, 130), (489, 260), (491, 386), (500, 760),
     (480, 1600)),
)  # fmt: skip
AROUND = (SOUTH, NORTH, WEST, EAST)

LANES = (
    Street(
        "南营巷", "residential", 7,
        ((250, -18.8), (246, 50), (240, 108), (236, 150), (232, 206), (231, 232), (233, 300)),
    ),
    Street("中军后", "residential", 6, ((-15.1, 127), (60, 124), (122, 116), (240, 108))),
    Street("津门巷", "residential", 7, ((240, 108), (300, 106), (350, 101), (492.2, 95))),
    Street("府前弄", "living_street", 6, ((348, -19.2), (353, 50), (350, 101))),
    Street(
        "东营巷", "residential", 7,
        ((350, 101), (355, 170), (350, 235), (353, 310), (351, 394)),
    ),
    Street(
        "学堂弄", "living_street", 6,
        ((122, 116), (118, 206), (120, 262), (116, 286), (109, 340), (108, 397.8)),
    ),
    Street("军门弄", "living_street", 5, ((118, 206), (170, 209), (232, 206))),
    Street("军门巷", "residential", 6, ((-18.8, 283), (50, 288), (116, 286))),
    Street("北营巷", "living_street", 5, ((231, 232), (290, 236), (350, 235))),
)  # fmt: skip
# where two blocks meet without a street
SEAMS = (((110, 303), (233, 300)),)

CANAL = shapely.LineString(
    [(-1230, -68), (-420, -26), (-16, -38), (130, -47), (255, -50), (390, -52), (491, -48),
     (900, -68), (1680, -54)]
)  # fmt: skip
CANAL_WIDTH = 18.0

Access = Literal["vehicle", "pedestrian", "both"]


@dataclass(frozen=True)
class Exit:
    """A gate: the end of a spine (S, N) or of a row's path (W, E) led out to the street."""

    side: Literal["N", "E", "S", "W"]
    index: int  # of the spine, or of the row from the south (negative from the north)
    access: Access
    name: str
    hours: str = "24/7"


@dataclass(frozen=True)
class PlotSpec:
    """One block of the plan: what stands there and how it is entered.

    Attributes:
        key: Short key, also the id of the compound.
        name: Compound or block name.
        seat: A point inside the block, uv.
        kind: slabs, towers, old, school or civic.
        grid: Number of the grid (网格), 1 to 6.
        slopes: Turn of its south and its north edge against the paper, degrees.
        spines: Where the inner lanes run, as shares of the block's width.
        exits: The gates; none means an open block.
        storeys: Usual storeys of its slabs.
        year: Year most of it was built.
    """

    key: str
    name: str
    seat: tuple[float, float]
    kind: str
    grid: int
    slopes: tuple[float, float] = (0.0, 0.0)
    spines: tuple[float, ...] = ()
    exits: tuple[Exit, ...] = ()
    storeys: tuple[int, ...] = (6,)
    year: int = 1990


NIGHT = "Mo-Su 06:00-23:00"
PLOTS = (
    PlotSpec(
        "jmxy", "军门新苑", (50, 340), "towers", 1, (1.3, 1.4), (0.5,),
        (Exit("W", 0, "both", "西门"),), year=2008,
    ),
    PlotSpec(
        "jml", "军门里", (50, 200), "slabs", 2, (-4.2, 1.2), (0.56,),
        (Exit("W", 3, "both", "西门"), Exit("E", 1, "pedestrian", "东门", NIGHT)),
        (6, 6, 7), 1988,
    ),
    PlotSpec(
        "by", "北营小区", (300, 340), "slabs", 3, (0.8, -1.0), (0.27, 0.76),
        (Exit("N", 0, "both", "北门"), Exit("W", 0, "pedestrian", "西门", NIGHT)),
        (6, 7, 7), 1994,
    ),
    PlotSpec(
        "dy", "东营里", (420, 240), "slabs", 4, (-2.4, -3.3), (0.45,),
        (Exit("E", 5, "both", "东门"), Exit("W", 3, "pedestrian", "西门", NIGHT)),
        (6, 7, 7, 8), 1996,
    ),
    PlotSpec(
        "ny", "南营小区", (300, 170), "slabs", 5, (-3.6, 1.2), (0.5,),
        (Exit("S", 0, "both", "南门"),), (6, 7), 1992,
    ),
    PlotSpec("zjh", "中军后", (170, 160), "old", 2, (-3.9, 1.0), year=1962),
    PlotSpec(
        "jt", "津泰苑", (100, 60), "slabs", 6, (-2.8, -4.3), (0.3, 0.72),
        (Exit("S", 0, "both", "南门"), Exit("N", 1, "pedestrian", "北门", NIGHT)),
        (6, 7, 7), 1998,
    ),
    PlotSpec(
        "jtx", "津泰新苑", (415, 45), "towers", 5, (1.0, -2.4), (0.645,),
        (Exit("E", 0, "vehicle", "东门"), Exit("W", 0, "pedestrian", "西门")), year=2012,
    ),
    PlotSpec("school", "军门小学", (176, 255), "school", 1, (0.6, -1.0), year=1986),
    PlotSpec("park", "南营公园", (298, 40), "civic", 5, (0.0, -3.0), year=2013),
)  # fmt: skip


@dataclass(frozen=True)
class Plot:
    """A block drawn: its share of the plan and what walls or kerbs leave of it.

    Attributes:
        spec: What it is.
        block: The block's own coordinates.
        share: Its part of the community, to the streets' centrelines, uv.
        inner: What is left inside its walls or kerbs, block coordinates.
        wall: `inner` in `xy`; the compound.
    """

    spec: PlotSpec
    block: Block
    share: shapely.Polygon
    inner: shapely.Polygon
    wall: shapely.Polygon


def make_plots(plane: Plane) -> list[Plot]:
    """Return the blocks between the streets, in the order of `PLOTS`."""
    seams = [shapely.LineString(points) for points in SEAMS]
    lines = [OUTLINE.exterior, *(lane.line for lane in LANES), *seams]
    faces = list(polygonize(shapely.union_all(lines, grid_size=0.001)))
    streets = shapely.union_all(
        [street.line.buffer(street.width / 2 + 1.4) for street in (*AROUND, *LANES)]
        + [seam.buffer(1.0) for seam in seams]
    )
    plots = []
    for spec in PLOTS:
        seat = shapely.Point(spec.seat)
        share = next(face for face in faces if face.contains(seat))
        tilt = math.radians(sum(spec.slopes) / 2)
        block = Block(plane, share.centroid.x, share.centroid.y, tilt)
        kept = share.intersection(OUTLINE.buffer(-1.5)).difference(streets)
        inner = block.to_local(kept)
        plots.append(Plot(spec, block, share, inner, block.bend(inner)))
    return plots
