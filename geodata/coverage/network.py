"""The walking network of a community: where lines really meet, and its gates as edges of their own.

Vertices that lines share are crossings; lines that only cross on the map, one above the other, do
not meet. Lengths are whole millimetres, so that sums are exact and a way equals itself however it
is added up.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import Transformer
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geodata.coverage.chains import join_edges
from geodata.coverage.gates import Gate, place_gates
from geodata.coverage.noding import Segments, node_lines
from geodata.osm_tags import is_walkable
from geodata.schema import CRS

if TYPE_CHECKING:
    from geodata.community import Community

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]

FAR = np.int32(2**31 - 1)
"""Millimetres that stand for "not reached"."""


@dataclass(frozen=True)
class Plane:
    """Metres east and north of the middle of a community, true to scale there.

    The frame is the azimuthal equidistant projection around that middle (PROJ `aeqd`): within 5 km
    of it, lengths are right to better than one part in a million.
    """

    lon: float
    lat: float

    def to_xy(self, lon_lat: npt.ArrayLike) -> Floats:
        """Return metres, (n, 2), of degrees, (n, 2)."""
        points = np.asarray(lon_lat, float).reshape(-1, 2)
        x, y = self._transformer().transform(points[:, 0], points[:, 1])
        return np.column_stack([x, y])

    def to_degrees(self, xy: npt.ArrayLike) -> Floats:
        """Return degrees, (n, 2), of metres, (n, 2)."""
        points = np.asarray(xy, float).reshape(-1, 2)
        lon, lat = self._transformer().transform(points[:, 0], points[:, 1], direction="INVERSE")
        return np.column_stack([lon, lat])

    def project(self, shapes: npt.ArrayLike) -> npt.NDArray[np.object_]:
        """Return shapes in metres for shapes in degrees."""
        return np.asarray(shapely.transform(np.asarray(shapes, object), self.to_xy))

    def unproject(self, shapes: npt.ArrayLike) -> npt.NDArray[np.object_]:
        """Return shapes in degrees for shapes in metres."""
        return np.asarray(shapely.transform(np.asarray(shapes, object), self.to_degrees))

    def _transformer(self) -> Transformer:
        return _make_transformer(self.lon, self.lat)


@lru_cache(maxsize=16)
def _make_transformer(lon: float, lat: float) -> Transformer:
    frame = f"+proj=aeqd +lat_0={lat} +lon_0={lon} +datum=WGS84 +units=m"
    return Transformer.from_crs(CRS, frame, always_xy=True)


@dataclass(frozen=True)
class WalkingNetwork:
    """Nodes and edges that people walk.

    Attributes:
        plane: Frame of `xy`.
        xy: Nodes, (n, 2), metres: where ways meet, end or change, and both sides of gates.
        ends: The two nodes of each edge, (m, 2).
        shapes: Each edge from its first node to its second, (m,), LineStrings in metres.
        mm: Length of each edge, (m,), millimetres.
        steps: Whether it is a flight of steps, (m,).
        width_m: Its width, (m,); NaN where unknown.
        road: Row of its line in `roads`, (m,); -1 for gates.
        gate_edges: {gate id: numbers of the edges that it closes}.
        loose_gates: Ids of gates that stand on no way, or at one that is already there.
        component: Number of each node's component, (n,), all gates open; 0 is the largest.
        way_nodes: Number of vertices that the ways have, bends included.
        way_edges: Number of straight pieces between them.
    """

    plane: Plane
    xy: Floats
    ends: Ints
    shapes: npt.NDArray[np.object_]
    mm: Ints
    steps: Bools
    width_m: Floats
    road: Ints
    gate_edges: dict[str, tuple[int, ...]]
    loose_gates: tuple[str, ...]
    component: Ints
    way_nodes: int
    way_edges: int

    @property
    def components(self) -> int:
        """Number of parts that no way joins."""
        return int(self.component.max(initial=-1)) + 1

    @property
    def km(self) -> float:
        """Length of all ways, kilometres."""
        return float(self.mm[self.road >= 0].sum(dtype=np.int64)) / 1e6


def build_network(community: Community) -> WalkingNetwork:
    """Return the walking network of a community's `roads` and `gates`.

    Roads of unknown `foot` are walked where their kind is. A community without roads has a network
    without nodes.
    """
    plane = Plane(*_centre(community))
    roads = community["roads"]
    foot = [
        bool(known) if known is not None and known == known else is_walkable({"highway": kind})
        for known, kind in zip(
            roads["foot"].astype(object).where(roads["foot"].notna(), None),
            roads["kind"].astype(object).where(roads["kind"].notna(), "road"),
            strict=True,
        )
    ]
    rows = np.flatnonzero(np.array(foot, bool))
    lines = plane.project(roads.geometry.to_numpy()[rows])
    gates = _read_gates(community, plane)
    xy, segments = node_lines(lines, rows.astype(np.int32))
    xy, segments, placed = place_gates(xy, segments, gates)
    return _assemble(plane, xy, segments, placed, gates, community)


def _centre(community: Community) -> tuple[float, float]:
    boxes = [gdf.total_bounds for gdf in (community["roads"], community["buildings"]) if len(gdf)]
    if not boxes:
        return community.centre
    west, south = np.min([box[:2] for box in boxes], axis=0)
    east, north = np.max([box[2:] for box in boxes], axis=0)
    return float(west + east) / 2, float(south + north) / 2


def _read_gates(community: Community, plane: Plane) -> list[Gate]:
    gates = community["gates"]
    compounds = community["compounds"]
    walls = dict(zip(compounds["id"], plane.project(compounds.geometry.to_numpy()), strict=True))
    points = plane.project(gates.geometry.to_numpy())
    return [
        Gate(str(id_), point.x, point.y, walls.get(compound))
        for id_, compound, point in zip(gates["id"], gates["compound_id"], points, strict=True)
    ]


def _assemble(
    plane: Plane,
    xy: Floats,
    segments: Segments,
    placed: dict[str, tuple[int, ...]],
    gates: list[Gate],
    community: Community,
) -> WalkingNetwork:
    roads = community["roads"]
    of_road = segments.road >= 0
    wide = np.append(roads["width_m"].to_numpy(float), np.nan)[segments.road]
    stairs = roads["steps"].fillna(False).astype(bool) | (roads["kind"] == "steps").fillna(False)
    steps = np.append(stairs.to_numpy(bool), False)[segments.road]
    _, sort = np.unique(np.column_stack([np.nan_to_num(wide), steps]), axis=0, return_inverse=True)
    chains = join_edges(xy, segments.ends, segments.mm, np.where(of_road, sort.reshape(-1), -1))
    return WalkingNetwork(
        plane=plane,
        xy=xy[chains.nodes],
        ends=chains.ends,
        shapes=chains.shapes,
        mm=chains.mm,
        steps=steps[chains.first],
        width_m=wide[chains.first],
        road=segments.road[chains.first],
        gate_edges={
            gate: tuple(chains.number[edge] for edge in edges) for gate, edges in placed.items()
        },
        loose_gates=tuple(gate.id for gate in gates if gate.id not in placed),
        component=_label(len(xy), segments.ends)[chains.nodes],
        way_nodes=len(xy) - int((~of_road).sum()),
        way_edges=int(of_road.sum()),
    )


def _label(nodes: int, ends: Ints) -> Ints:
    """Return components, numbered from the largest."""
    if not nodes:
        return np.zeros(0, np.int32)
    graph = coo_array((np.ones(len(ends), np.int8), (ends[:, 0], ends[:, 1])), (nodes, nodes))
    _, label = connected_components(graph, directed=False)
    order = np.argsort(-np.bincount(label), kind="stable")
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return np.asarray(rank[label], np.int32)
