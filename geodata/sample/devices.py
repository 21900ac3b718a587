"""The outdoor devices of the sample: where poles, bins, piles, mailboxes and monitors stand."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely import STRtree

from geodata.sample.build import Building, Path, bearing
from geodata.sample.grounds import Grounds
from geodata.sample.scene import Scene

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class DeviceKind:
    """One kind: code of its ids, words, how many, reporting rhythm (s), height (m)."""

    kind: str
    code: str
    words: str
    count: int
    period_s: float
    height_m: float


OUTDOOR = (
    DeviceKind("sos_pole", "L", "自助报警灯杆", 45, 60, 4.5),
    DeviceKind("waste_bin", "T", "智能分类箱", 35, 300, 1.8),
    DeviceKind("charging_pile", "C", "三合一充电桩", 12, 60, 1.6),
    DeviceKind("mailbox", "M", "智能信报箱", 26, 300, 1.5),
    DeviceKind("rodent_monitor", "R", "智能鼠类检测仪", 36, 300, 0.3),
    DeviceKind("camera", "V", "监控", 6, 60, 4.5),
    DeviceKind("wifi_ap", "W", "无线覆盖", 4, 60, 5.0),
)
"""164 in all."""
WATCHED_UV = ((250, 72), (296, 72), (182, 213), (237, 120), (262, -6), (352, 150))
COVERED_UV = ((277, 72), (310, 46), (326, 70), (240, 140))


@dataclass(frozen=True)
class Device:
    """One outdoor device at a place in `xy`; `building` is set where it hangs on one."""

    kind: DeviceKind
    number: int
    x: float
    y: float
    bearing: float
    near: Building
    building: Building | None = None

    @property
    def id(self) -> str:
        """Return its id, such as T-18."""
        return f"{self.kind.code}-{self.number:02d}"

    @property
    def name(self) -> str:
        """Return its name for people, such as 军门里 3 号楼旁 智能分类箱 T-18."""
        where = self.near.name if self.building else f"{self.near.name}旁"
        return f"{where} {self.kind.words} {self.id}"


class Spots:
    """Places beside the ways, each used at most once."""

    def __init__(self, scene: Scene, paths: list[Path]) -> None:
        buildings = scene.built.buildings
        solids = STRtree([building.shape for building in buildings])
        paved = STRtree([path.line.buffer(path.width / 2 + 0.35) for path in paths])
        xy, ways = _beside(paths)
        points = shapely.points(xy)
        free = shapely.contains_xy(scene.boundary.buffer(-1), xy[:, 0], xy[:, 1])
        for tree, clear in ((solids, 0.7), (paved, 0.0)):
            hit = tree.query(points, predicate="dwithin", distance=clear)[0]
            free[hit] = False
        self.xy = xy[free]
        self.ways = ways[free]  # number of the path, and bearing to it
        self.used = np.zeros(len(self.xy), bool)

    def spread(
        self, count: int, allowed: npt.NDArray[np.bool_], rng: np.random.Generator
    ) -> list[int]:
        """Return allowed places far from each other, each next one the farthest from the rest."""
        rows = np.flatnonzero(allowed & ~self.used)
        near = np.full(len(rows), np.inf)
        chosen: list[int] = []
        pick = int(rng.integers(len(rows)))
        for _ in range(count):
            chosen.append(int(rows[pick]))
            self.take(chosen[-1])
            gap = self.xy[rows] - self.xy[rows[pick]]
            near = np.minimum(near, np.hypot(gap[:, 0], gap[:, 1]))
            near[self.used[rows]] = -1
            pick = int(np.argmax(near))
        return chosen

    def nearest(self, at: Floats) -> int:
        """Return the free place nearest to a point."""
        gap = self.xy - at
        away = np.where(self.used, np.inf, np.hypot(gap[:, 0], gap[:, 1]))
        row = int(np.argmin(away))
        self.take(row)
        return row

    def take(self, row: int) -> None:
        """Take a place, and those within 2.5 m of it."""
        gap = self.xy - self.xy[row]
        self.used |= np.hypot(gap[:, 0], gap[:, 1]) < 2.5


def _beside(paths: list[Path]) -> tuple[Floats, Floats]:
    """Return places every 5 m on both sides of some paths, with path number and bearing."""
    places, ways = [], []
    for number, path in enumerate(paths):
        for along in np.arange(2.5, path.line.length, 5.0):
            a = path.line.interpolate(float(along))
            b = path.line.interpolate(float(along) + 0.5)
            dx, dy = (b.x - a.x) / 0.5, (b.y - a.y) / 0.5
            off = path.width / 2 + 0.9
            for side in (1, -1):
                places.append((a.x - side * dy * off, a.y + side * dx * off))
                ways.append((number, bearing(side * dy, -side * dx)))
    return np.array(places), np.array(ways)


def place_devices(
    scene: Scene, paths: list[Path], grounds: Grounds, rng: np.random.Generator
) -> list[Device]:
    """Return the outdoor devices.

    Args:
        scene: The built form.
        paths: Ways inside the community, `xy`, without the doors' own footpaths.
        grounds: Parking, for the charging piles.
        rng: Source of chance.
    """
    spots = Spots(scene, paths)
    kinds = np.array([path.kind for path in paths])[spots.ways[:, 0].astype(int)]
    wide = np.array([path.width for path in paths])[spots.ways[:, 0].astype(int)]
    inner = (kinds == "service") & (wide < 5)
    lanes = np.isin(kinds, ("residential", "living_street"))
    alleys = (kinds == "footway") & (wide < 2.5)
    tree = STRtree([building.shape for building in scene.built.buildings])
    by_kind: dict[str, list[tuple[float, float, float, Building | None]]] = {
        "mailbox": _mailboxes(scene, rng),
        "charging_pile": _piles(grounds, rng),
    }
    # what must stand at one place first, then what is spread over the rest
    for kind, spread in (("camera", WATCHED_UV), ("wifi_ap", COVERED_UV)):
        rows = [spots.nearest(xy) for xy in scene.plane.to_xy(np.array(spread, float))]
        by_kind[kind] = [_at(spots, row) for row in rows]
    for kind, count, allowed in (
        ("waste_bin", 35, inner),
        ("sos_pole", 45, lanes | inner | alleys),
        ("rodent_monitor", 36, alleys | inner | lanes),
    ):
        by_kind[kind] = [_at(spots, row) for row in spots.spread(count, allowed, rng)]
    devices = []
    for described in OUTDOOR:
        placed = sorted(by_kind[described.kind], key=lambda place: (-place[1], place[0]))
        for number, (x, y, way, building) in enumerate(placed, 1):
            near = scene.built.buildings[int(tree.nearest(shapely.Point(x, y)))]
            devices.append(
                Device(described, number, round(x, 2), round(y, 2), way, building or near, building)
            )
    return devices


def _at(spots: Spots, row: int) -> tuple[float, float, float, None]:
    x, y = spots.xy[row]
    return float(x), float(y), float(spots.ways[row, 1]), None


def _far_apart(xy: Floats, count: int, rng: np.random.Generator) -> list[int]:
    chosen = [int(rng.integers(len(xy)))]
    while len(chosen) < count:
        gaps = np.linalg.norm(xy[:, None] - xy[chosen][None], axis=2).min(axis=1)
        chosen.append(int(np.argmax(gaps)))
    return chosen


def _mailboxes(
    scene: Scene, rng: np.random.Generator
) -> list[tuple[float, float, float, Building | None]]:
    """Return places beside the first door of buildings far apart."""
    count = next(kind.count for kind in OUTDOOR if kind.kind == "mailbox")
    homes = [building for building in scene.built.buildings if building.homes]
    xy = np.array([[building.doors[0].x, building.doors[0].y] for building in homes])
    found: list[tuple[float, float, float, Building | None]] = []
    for row in _far_apart(xy, count, rng):
        door = homes[row].doors[0]
        angle = math.radians(door.bearing)
        aside, ahead = 1.2, 0.4
        x = door.x + aside * math.cos(angle) + ahead * math.sin(angle)
        y = door.y - aside * math.sin(angle) + ahead * math.cos(angle)
        found.append((x, y, door.bearing, homes[row]))
    return found


def _piles(
    grounds: Grounds, rng: np.random.Generator
) -> list[tuple[float, float, float, Building | None]]:
    """Return places at the edge of parking lots far apart."""
    count = next(kind.count for kind in OUTDOOR if kind.kind == "charging_pile")
    lots = [lot[2] for lot in grounds.parking]
    xy = np.array([[lot.centroid.x, lot.centroid.y] for lot in lots])
    found: list[tuple[float, float, float, Building | None]] = []
    for row in _far_apart(xy, min(count, len(lots)), rng):
        edge = lots[row].buffer(-0.5).exterior
        at = edge.interpolate(float(rng.uniform(0, edge.length)))
        middle = lots[row].centroid
        found.append((at.x, at.y, bearing(middle.x - at.x, middle.y - at.y), None))
    return found
