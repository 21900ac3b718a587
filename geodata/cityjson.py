"""CityJSON 1.0 to 2.0: outlines, heights above the ground, and parts with their building."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.crs import to_code
from geodata.errors import CRSError
from geodata.readers.raw import RawLayer, SourceError, to_raw_frame
from geodata.readers.vector import parse_json
from geodata.report import Problem

_AREAS = {"WaterBody": "water", "PlantCover": "green"}
_LEVEL_M = 0.1
"""A face whose corners differ by less is horizontal."""
_FLUSH_M = 1.0
"""A part that starts less than this above its building's ground starts on it."""

Face = tuple[str | None, list[NDArray[np.float64]]]
"""Semantic type and rings of corners (x, y, z) of one face."""


def read_cityjson(path: Path, *, file: str) -> list[RawLayer]:
    """Read buildings, their parts, water and plant cover, all of one level of detail.

    The footprint is the ground surface, or else the lowest horizontal faces, or else the shadow of
    all faces. The height is the top above the lowest corner of the building and all its parts, and
    counts as measured.

    Raises:
        SourceError: It is damaged, or holds no city object that is used.
    """
    city = parse_json(path.read_bytes().decode("utf-8-sig", "replace"), file=file)
    if city.get("type") != "CityJSON":
        raise SourceError(
            f"{file} is not a CityJSON file, but a {city.get('type')!r}. Text sequences "
            "(CityJSONSeq) can be turned into CityJSON with cjio."
        )
    objects: dict[str, dict[str, Any]] = city.get("CityObjects") or {}
    if not objects:
        raise SourceError(f"{file} holds no city object: nothing to import.")
    wanted = {"Building", "BuildingPart", *_AREAS}
    try:
        kinds = {str(item.get("type")) for item in objects.values()}
        if not kinds & wanted:
            raise SourceError(f"{file} holds no building, only {', '.join(sorted(kinds))}.")
        vertices = _to_vertices(city)
        lod, problems = _choose_lod(objects, file)
        layers = _Reader(objects, vertices, lod).read()
    except (AttributeError, KeyError, IndexError, TypeError, ValueError) as error:
        raise SourceError(
            f"{file} is not valid CityJSON ({type(error).__name__}: {error}). "
            "Validate it with cjval."
        ) from error
    unused = Counter(str(o.get("type")) for o in objects.values() if o.get("type") not in wanted)
    problems += [
        Problem("warning", f"{file}: objects of type {kind} are not used", kind, count=count)
        for kind, count in sorted(unused.items())
    ]
    declared = _to_declared(city)
    raws = []
    for layer, rows in layers.items():
        df = pd.DataFrame(rows).astype(object)
        gdf = to_raw_frame(
            df.drop(columns=["geometry", "_row", "_fault"]),
            df["geometry"].to_numpy(),
            rows=df["_row"].astype("int64").to_numpy(),
            faults=list(df["_fault"]),
        )
        raws.append(RawLayer(file, layer, gdf, declared, metres=True, layer=layer, single=False))
    raws[0].problems += problems
    return raws


def _to_vertices(city: dict[str, Any]) -> NDArray[np.float64]:
    vertices = np.array(city.get("vertices") or [], dtype=float).reshape(-1, 3)
    transform = city.get("transform")
    if transform:
        vertices = vertices * np.array(transform["scale"]) + np.array(transform["translate"])
    return vertices


def _to_declared(city: dict[str, Any]) -> str | None:
    stated = (city.get("metadata") or {}).get("referenceSystem")
    number = re.search(r"EPSG.*?(\d{4,6})$", str(stated)) if stated else None
    try:
        return to_code(number.group(1) if number else str(stated)) if stated else None
    except CRSError:
        return None


def _lods(item: dict[str, Any]) -> set[float]:
    found = set()
    for geometry in item.get("geometry") or []:
        try:
            found.add(float(geometry.get("lod", 0)))
        except (TypeError, ValueError):
            found.add(0.0)
    return found


def _choose_lod(objects: dict[str, dict[str, Any]], file: str) -> tuple[float, list[Problem]]:
    """Return the level of detail: the highest that all buildings have, else the most common."""
    levels = [
        _lods(item)
        for item in objects.values()
        if item.get("type") in ("Building", "BuildingPart") and _lods(item)
    ] or [_lods(item) for item in objects.values() if _lods(item)]
    if not levels:
        return 0.0, []
    common = set.intersection(*levels)
    solid = {lod for lod in common if lod >= 1} or common
    if solid:
        lod = max(solid)
    else:
        counts = Counter(lod for found in levels for lod in found)
        lod = max(counts, key=lambda value: (counts[value], value))
    others = sorted({f"{value:g}" for found in levels for value in found} - {f"{lod:g}"})
    text = f"{file}: level of detail {lod:g} is used"
    if others:
        text += f"; {', '.join(others)} is left out where an object has {lod:g} too"
    return lod, [Problem("warning", text, "buildings", count=len(levels))]


class _Reader:
    """City objects to rows, one level of detail."""

    def __init__(
        self, objects: dict[str, dict[str, Any]], vertices: NDArray[np.float64], lod: float
    ) -> None:
        self.objects = objects
        self.vertices = vertices
        self.lod = lod
        self.rows = {name: number for number, name in enumerate(objects, start=1)}

    def read(self) -> dict[str, list[dict[str, Any]]]:
        layers: dict[str, list[dict[str, Any]]] = {}
        for name, item in self.objects.items():
            kind = item.get("type")
            if kind == "Building" or (kind == "BuildingPart" and not self.parent(item)):
                parts = list(self.parts(item))
                own = self.faces(item)
                faces = {part: self.faces(self.objects[part]) for part in parts}
                every = [face for found in [own, *faces.values()] for face in found]
                ground = _lowest(every)
                outline = shapely.union_all([_footprint(f) for f in [own, *faces.values()] if f])
                row = self.row(name, item, outline if every else None)
                row |= {"height": _highest(every) - ground if every else None}
                layers.setdefault("buildings", []).append(row)
                for part, found in faces.items():
                    row = self.row(part, self.objects[part], _footprint(found) if found else None)
                    if found:
                        base = _lowest(found) - ground
                        row |= {
                            "height": _highest(found) - ground,
                            "base": base if base >= _FLUSH_M else None,
                        }
                    layers.setdefault("building_parts", []).append(row | {"building_id": name})
            elif kind in _AREAS:
                found = self.faces(item)
                shadow = _footprint(found, ground=False) if found else None
                row = self.row(name, item, shadow)
                layers.setdefault(_AREAS[str(kind)], []).append(row)
        return layers

    def row(self, name: str, item: dict[str, Any], outline: Any | None) -> dict[str, Any]:
        attributes = {
            key: value
            for key, value in (item.get("attributes") or {}).items()
            if not isinstance(value, (dict, list)) and key.lower() not in _OURS
        }
        empty = outline is None or outline.is_empty
        return {
            **attributes,
            "id": name,
            "geometry": None if empty else outline,
            "_row": self.rows[name],
            "_fault": "It has no faces that make an outline" if empty else None,
        }

    def parent(self, item: dict[str, Any]) -> bool:
        return any(name in self.objects for name in item.get("parents") or [])

    def parts(self, item: dict[str, Any]) -> Iterator[str]:
        for name in item.get("children") or []:
            child = self.objects.get(name)
            if child and child.get("type") == "BuildingPart":
                yield name
                yield from self.parts(child)

    def faces(self, item: dict[str, Any]) -> list[Face]:
        """Return the faces of the chosen level, or else of the object's highest one."""
        geometries = [g for g in item.get("geometry") or [] if "boundaries" in g]
        geometries = [g for g in geometries if g.get("type") in _DEPTHS]
        if not geometries:
            return []
        by_lod: dict[float, list[dict[str, Any]]] = {}
        for geometry in geometries:
            lod = next(iter(_lods({"geometry": [geometry]})))
            by_lod.setdefault(lod, []).append(geometry)
        chosen = by_lod.get(self.lod) or by_lod[max(by_lod)]
        faces = []
        for geometry in chosen:
            semantics = geometry.get("semantics") or {}
            kinds = [surface.get("type") for surface in semantics.get("surfaces") or []]
            depth = _DEPTHS[geometry["type"]]
            for rings, value in _walk(geometry["boundaries"], semantics.get("values"), depth):
                kind = kinds[value] if isinstance(value, int) else None
                faces.append((kind, [self.vertices[ring] for ring in rings if len(ring) >= 3]))
        return [(kind, rings) for kind, rings in faces if rings]


# nesting above a face; names of our own columns that an attribute must not take
_DEPTHS = {
    "MultiSurface": 0,
    "CompositeSurface": 0,
    "Solid": 1,
    "MultiSolid": 2,
    "CompositeSolid": 2,
}
_OURS = {"id", "geometry", "height", "base", "base_m", "height_m", "building_id", "min_height"}


def _walk(boundaries: list[Any], values: Any, depth: int) -> Iterator[tuple[list[Any], Any]]:
    for number, inner in enumerate(boundaries):
        value = values[number] if isinstance(values, list) and number < len(values) else None
        if depth:
            yield from _walk(inner, value, depth - 1)
        else:
            yield inner, value


def _lowest(faces: list[Face]) -> float:
    return min((float(ring[:, 2].min()) for _, rings in faces for ring in rings), default=0.0)


def _highest(faces: list[Face]) -> float:
    return max((float(ring[:, 2].max()) for _, rings in faces for ring in rings), default=0.0)


def _footprint(faces: list[Face], *, ground: bool = True) -> Any:
    """Return the outline on the ground, in the source's plan coordinates."""
    if ground:
        floor = [rings for kind, rings in faces if kind == "GroundSurface"]
        if not floor:
            low = _lowest(faces)
            floor = [rings for _, rings in faces if rings[0][:, 2].max() - low < _LEVEL_M]
        outline = _union(floor)
        if not outline.is_empty:
            return outline
    return _union([rings for _, rings in faces])


def _union(faces: list[list[NDArray[np.float64]]]) -> Any:
    polygons = [shapely.Polygon(rings[0][:, :2], [r[:, :2] for r in rings[1:]]) for rings in faces]
    flat = shapely.make_valid(np.array(polygons, dtype=object))
    areas = [part for shape in flat for part in shapely.get_parts(shape) if part.area > 1e-6]
    return shapely.union_all([part for part in areas if part.geom_type == "Polygon"])
