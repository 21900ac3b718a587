"""The drawing board of the sample: a gently bent street grid, in metres around a true point.

Three systems: `uv` is the draughtsman's paper, metres along the streets (u roughly east, v roughly
north); `xy` is metres east and north of the anchor; degrees are WGS84. Lines and areas are bent
point by point, buildings are carried over rigidly so that their corners stay square.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import Transformer
from shapely.affinity import affine_transform
from shapely.geometry.base import BaseGeometry

ANCHOR = (119.296486, 26.084364)
"""A point of 南营巷 in Junmen, WGS84 degrees (longitude, latitude)."""
ANCHOR_UV = (236.0, 150.0)
TURN_DEG = -12.0
"""Turn of the streets against true north, degrees counter-clockwise."""
AREA_M2 = 180_000.0

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Plane:
    """A bent street grid.

    Attributes:
        phase_u: Phase of the north-south streets' bend, radians.
        phase_v: Phase of the east-west streets' bend, radians.
        scale: Metres of `xy` in one metre of `uv`.
    """

    phase_u: float
    phase_v: float
    scale: float = 1.0

    def to_xy(self, uv: Floats) -> Floats:
        """Return metres east and north of the anchor.

        Args:
            uv: Paper coordinates, shape (n, 2).
        """
        cos, sin = math.cos(math.radians(TURN_DEG)), math.sin(math.radians(TURN_DEG))
        bent = self._bend(uv) - self._bend(np.array([ANCHOR_UV]))
        return np.asarray(self.scale * bent @ np.array([[cos, sin], [-sin, cos]]))

    def _bend(self, uv: Floats) -> Floats:
        u, v = uv[:, 0], uv[:, 1]
        return np.column_stack(
            [
                u + 5.0 * np.sin(2 * np.pi * v / 620 + self.phase_u),
                v + 4.5 * np.sin(2 * np.pi * u / 700 + self.phase_v),
            ]
        )

    def angle(self, u: float, v: float) -> float:
        """Return the direction of growing u at a place, radians counter-clockwise from east."""
        ends = self.to_xy(np.array([[u - 1, v], [u + 1, v]]))
        return math.atan2(ends[1, 1] - ends[0, 1], ends[1, 0] - ends[0, 0])

    def bend(self, shape: BaseGeometry) -> BaseGeometry:
        """Return a line or an area of the paper in `xy`, bent point by point."""
        dense = shapely.segmentize(shape, 12.0)
        return shapely.transform(dense, self.to_xy)

    def place(self, shape: BaseGeometry, u: float, v: float, *, turn: float = 0.0) -> BaseGeometry:
        """Return a shape drawn around (0, 0) carried rigidly to a place of the paper.

        Args:
            shape: Metres around its own origin.
            u: Place, paper metres.
            v: Place, paper metres.
            turn: Extra turn, radians counter-clockwise.
        """
        x, y = self.to_xy(np.array([[u, v]]))[0]
        angle = self.angle(u, v) + turn
        cos, sin = math.cos(angle), math.sin(angle)
        return affine_transform(shape, [cos, -sin, sin, cos, x, y])


@dataclass(frozen=True)
class Block:
    """A block's own coordinates: p and q are u and v turned about the block's middle."""

    plane: Plane
    u: float
    v: float
    tilt: float  # radians

    def to_local(self, shape: BaseGeometry) -> BaseGeometry:
        """Return a shape of the paper in the block's coordinates."""
        cos, sin = math.cos(self.tilt), math.sin(self.tilt)
        moved = affine_transform(shape, [1, 0, 0, 1, -self.u, -self.v])
        return affine_transform(moved, [cos, sin, -sin, cos, 0, 0])

    def to_uv(self, p: float, q: float) -> tuple[float, float]:
        """Return the place of a block's point on the paper."""
        cos, sin = math.cos(self.tilt), math.sin(self.tilt)
        return self.u + cos * p - sin * q, self.v + sin * p + cos * q

    def turned(self, turn: float) -> Block:
        """Return these coordinates turned by some radians about the block's middle."""
        return Block(self.plane, self.u, self.v, self.tilt + turn)

    def bend(self, shape: BaseGeometry) -> BaseGeometry:
        """Return a line or area of the block in `xy`, bent point by point."""
        return self.plane.bend(
            shapely.transform(
                shapely.segmentize(shape, 12.0),
                lambda pq: np.column_stack(self.to_uv(pq[:, 0], pq[:, 1])),
            )
        )

    def place(self, shape: BaseGeometry, p: float, q: float) -> BaseGeometry:
        """Return a shape drawn around (p, q), in block coordinates, carried rigidly to `xy`."""
        centred = affine_transform(shape, [1, 0, 0, 1, -p, -q])
        return self.plane.place(centred, *self.to_uv(p, q), turn=self.tilt)


def make_plane(rng: np.random.Generator, outline: shapely.Polygon) -> Plane:
    """Return a bent grid in which an outline of the paper has the community's true area."""
    phase_u, phase_v = rng.uniform(0, 2 * np.pi, 2)
    raw = Plane(float(phase_u), float(phase_v))
    return Plane(raw.phase_u, raw.phase_v, math.sqrt(AREA_M2 / raw.bend(outline).area))


def to_degrees(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Return `xy` shapes in WGS84 degrees, rounded to 1e-9 (0.1 mm) so that output repeats.

    The frame is the azimuthal equidistant projection around the anchor (PROJ `aeqd`).
    """
    lon, lat = ANCHOR
    frame = f"+proj=aeqd +lat_0={lat} +lon_0={lon} +datum=WGS84 +units=m"
    transformer = Transformer.from_crs(frame, "EPSG:4326", always_xy=True)

    def convert(xy: Floats) -> Floats:
        return np.round(np.column_stack(transformer.transform(xy[:, 0], xy[:, 1])), 9)

    return np.asarray(shapely.transform(shapes, convert))
