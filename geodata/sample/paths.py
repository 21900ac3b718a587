"""The walking and driving network of the sample: every line cut where it meets another."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from shapely import STRtree

from geodata.sample.build import Door, LayoutError, Path

GRID_M = 0.01
SNAP_M = 3.0


@dataclass
class Network:
    """Noded lines and what they are: `paths[i]` of `source[i]`."""

    lines: list[shapely.LineString]
    source: list[Path]


def snap_ends(paths: list[Path]) -> list[Path]:
    """Return paths whose ends lie on the line they come within 3 m of; others stay as they are."""
    tree = STRtree([path.line for path in paths])
    result = []
    for index, path in enumerate(paths):
        coords = shapely.get_coordinates(path.line)
        for end in (0, -1):
            point = shapely.Point(coords[end])
            near = [
                int(other)
                for other in tree.query(point, predicate="dwithin", distance=SNAP_M)
                if other != index
            ]
            if near:
                lines = [paths[other].line for other in near]
                # a vertex of the other line wins, so that crossings stay one point
                best = min(lines, key=point.distance)
                corner = min(map(shapely.Point, best.coords), key=point.distance)
                meet = best.interpolate(best.project(point))
                if corner.distance(meet) < 0.3:
                    meet = corner
                coords[end] = (meet.x, meet.y)
        result.append(
            Path(shapely.LineString(coords), path.kind, path.width, path.name, path.steps)
        )
    return result


def connect_doors(
    doors: list[Door], paths: list[Path], solids: list[shapely.Polygon], walls: shapely.Geometry
) -> list[Path]:
    """Return one short footway for each door, to a path it can reach in a straight line.

    Args:
        doors: Doors in walls.
        paths: Paths, `xy`.
        solids: Buildings.
        walls: Compound walls as lines.

    Raises:
        LayoutError: A door cannot reach any path within 60 m.
    """
    tree = STRtree([path.line for path in paths])
    blocks = STRtree(solids)
    stubs = []
    for door in doors:
        start = door.ahead(0.25)
        found = None
        for meet in _meetings(door, start, paths, tree):
            way = shapely.LineString([start, meet])
            if not len(blocks.query(way, predicate="intersects")) and not way.crosses(walls):
                found = shapely.LineString([door.point, meet])
                break
        if found is None:
            raise LayoutError(f"the door at {door.x:.1f}, {door.y:.1f} m reaches no path")
        stubs.append(Path(found, "footway", 1.5))
    return stubs


def _meetings(
    door: Door, start: shapely.Point, paths: list[Path], tree: STRtree
) -> list[shapely.Point]:
    """Return points on paths: straight ahead of a door first, then the nearest ones."""
    ahead = shapely.LineString([start, door.ahead(14.0)])
    straight = [
        shapely.Point(xy)
        for index in tree.query(ahead, predicate="intersects")
        for xy in shapely.get_coordinates(ahead.intersection(paths[int(index)].line))
    ]
    near = tree.query(start, predicate="dwithin", distance=60.0)
    lines = [paths[int(index)].line for index in near]
    nearest = [line.interpolate(line.project(start)) for line in lines]
    return sorted(straight, key=start.distance) + sorted(nearest, key=start.distance)


def node(paths: list[Path]) -> Network:
    """Return the paths cut at every meeting point, coordinates in whole centimetres."""
    cut = shapely.union_all([path.line for path in paths], grid_size=GRID_M)
    lines = np.array(shapely.get_parts(cut))
    tree = STRtree([path.line for path in paths])
    middles = shapely.line_interpolate_point(lines, 0.5, normalized=True)
    owner = tree.query_nearest(middles, all_matches=False)[1]
    pieces: dict[int, list[shapely.LineString]] = {}
    for line, index in zip(lines, owner, strict=True):
        pieces.setdefault(int(index), []).append(line)
    ends = _junctions(lines)
    network = Network([], [])
    for index in sorted(pieces):
        for line in _run_together(pieces[index], ends):
            network.lines.append(shapely.transform(line, lambda xy: np.round(xy, 2)))
            network.source.append(paths[index])
    return network


def _junctions(lines: np.ndarray[tuple[int], np.dtype[np.object_]]) -> set[tuple[float, float]]:
    """Return points where other than two pieces meet."""
    count: dict[tuple[float, float], int] = {}
    for line in lines:
        for xy in (line.coords[0], line.coords[-1]):
            count[xy] = count.get(xy, 0) + 1
    return {xy for xy, number in count.items() if number != 2}


def _run_together(
    pieces: list[shapely.LineString], junctions: set[tuple[float, float]]
) -> list[shapely.LineString]:
    """Return pieces of one path joined to lines that end only at junctions."""
    merged = shapely.line_merge(shapely.MultiLineString(pieces))
    result = []
    for line in shapely.get_parts(merged):
        coords = list(line.coords)
        cuts = [i for i, xy in enumerate(coords[1:-1], 1) if xy in junctions]
        bounds = [0, *cuts, len(coords) - 1]
        result += [shapely.LineString(coords[a : b + 1]) for a, b in pairwise(bounds)]
    return result
