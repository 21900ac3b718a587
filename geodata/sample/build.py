"""What the sample is built of: buildings with their doors, paths and gates, in `xy` metres."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import shapely
from shapely.affinity import rotate

from geodata.sample.layout import Exit, Plot
from geodata.sample.plane import Block
from geodata.schema import STOREY_HEIGHT_M


class LayoutError(ValueError):
    """A drawn layout does not work out: a door without a way, a building on a road."""


@dataclass(frozen=True)
class Door:
    """A door in a wall: its place, and the way out of it clockwise from north, degrees."""

    x: float
    y: float
    bearing: float

    @property
    def point(self) -> shapely.Point:
        """Return the place."""
        return shapely.Point(self.x, self.y)

    def ahead(self, metres: float) -> shapely.Point:
        """Return the point so many metres straight out of the door."""
        angle = math.radians(self.bearing)
        return shapely.Point(self.x + metres * math.sin(angle), self.y + metres * math.cos(angle))


@dataclass(frozen=True)
class Part:
    """A part of a building: outline, top and underside above ground in metres."""

    shape: shapely.Polygon
    height: float
    base: float


@dataclass
class Building:
    """One building.

    Attributes:
        plot: Key of its block.
        use: An OSM building=* value.
        shape: Outline, `xy`.
        storeys: Floors above ground.
        doors: Doors, unit by unit.
        homes: Flats, or 0; households live in most of them.
        ground_floor_homes: Whether there are flats on the ground floor.
        storey_m: Floor to floor, metres.
        parts: What it is drawn of where the outline is too simple.
        name: Name; given once the whole community is built.
        year: Year built.
    """

    plot: str
    use: str
    shape: shapely.Polygon
    storeys: int
    doors: list[Door] = field(default_factory=list)
    homes: int = 0
    ground_floor_homes: bool = True
    storey_m: float = STOREY_HEIGHT_M
    parts: list[Part] = field(default_factory=list)
    name: str = ""
    year: int = 1990

    @property
    def height(self) -> float:
        """Return the top above ground, metres."""
        return round(self.storeys * self.storey_m, 2)


@dataclass(frozen=True)
class Path:
    """A centreline: OSM highway kind, width in metres, and whether it has steps."""

    line: shapely.LineString
    kind: str
    width: float
    name: str | None = None
    steps: bool = False


@dataclass(frozen=True)
class Gate:
    """A gate in a compound's wall; `bearing` points out to the street."""

    plot: str
    door: Door
    exit: Exit


@dataclass
class Built:
    """All that stands in one or more blocks."""

    buildings: list[Building] = field(default_factory=list)
    paths: list[Path] = field(default_factory=list)
    gates: list[Gate] = field(default_factory=list)
    grounds: list[tuple[str, shapely.Polygon]] = field(default_factory=list)  # (plot, free ground)

    def add(self, other: Built) -> None:
        """Add what another holds."""
        self.buildings += other.buildings
        self.paths += other.paths
        self.gates += other.gates
        self.grounds += other.grounds


def bearing(dx: float, dy: float) -> float:
    """Return a direction in degrees clockwise from north."""
    return round(math.degrees(math.atan2(dx, dy)) % 360, 1)


def place_door(
    block: Block, about: tuple[float, float], p: float, q: float, out: tuple[float, float]
) -> Door:
    """Return a door of a building that is carried rigidly about a point of its block.

    Args:
        block: The block or row whose coordinates these are.
        about: The point about which the building is carried, block coordinates.
        p: Place of the door, block coordinates.
        q: Place of the door, block coordinates.
        out: Direction out of the door, block coordinates.
    """
    line = shapely.LineString([(p, q), (p + out[0], q + out[1])])
    # carried with the building: drawn around `about`, not around its own middle
    (x0, y0), (x1, y1) = block.place(line, *about).coords
    return Door(round(x0, 2), round(y0, 2), bearing(x1 - x0, y1 - y0))


def inner_path(block: Block, points: list[tuple[float, float]], kind: str, width: float) -> Path:
    """Return a path given in block coordinates."""
    return Path(block.bend(shapely.LineString(points)), kind, width)


def lead_out(
    plot: Plot, turn: float, start: tuple[float, float], exit_: Exit, streets: shapely.Geometry
) -> tuple[Path, Gate]:
    """Return the way from a point inside a block through a gate to the street, and the gate.

    Args:
        plot: The block.
        turn: Turn of the row that the way prolongs, radians; 0 for the block itself.
        start: Where the way begins, in the coordinates of that row.
        exit_: Which side, and the gate's words.
        streets: Centrelines around the block, block coordinates.
    """
    dp, dq = {"N": (0, 1), "S": (0, -1), "E": (1, 0), "W": (-1, 0)}[exit_.side]
    block = plot.block.turned(turn)
    ray = shapely.LineString([start, (start[0] + 150 * dp, start[1] + 150 * dq)])
    origin = shapely.Point(start)
    edge, roads = (
        rotate(shape, -turn, origin=(0, 0), use_radians=True)
        for shape in (plot.inner.exterior, streets)
    )
    wall = _nearest(ray.intersection(edge), origin)
    street = _nearest(ray.intersection(roads), origin)
    line = block.bend(shapely.LineString([start, wall, street]))
    at = block.bend(wall)
    ahead = line.interpolate(line.project(at) + 1.0)
    door = Door(round(at.x, 2), round(at.y, 2), bearing(ahead.x - at.x, ahead.y - at.y))
    wide = exit_.access != "pedestrian"
    path = Path(line, "service" if wide else "footway", 5.5 if wide else 2.4)
    return path, Gate(plot.spec.key, door, exit_)


def _nearest(found: shapely.Geometry, origin: shapely.Point) -> shapely.Point:
    points = [shapely.Point(xy) for xy in shapely.get_coordinates(found)]
    return min(points, key=origin.distance)
