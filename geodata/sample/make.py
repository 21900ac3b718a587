"""The sample community: Junmen at its true place with its true totals, its layout illustrative."""

from __future__ import annotations

from pathlib import Path as FilePath
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.community import to_schema, write_community
from geodata.sample.build import Building, Path
from geodata.sample.context import City, make_city
from geodata.sample.devices import place_devices
from geodata.sample.doors import tabulate_doors, tabulate_gates, tabulate_plate_cameras
from geodata.sample.grounds import make_grounds
from geodata.sample.layout import LANES
from geodata.sample.meters import place_meters
from geodata.sample.paths import connect_doors, node, snap_ends
from geodata.sample.people import HOUSEHOLDS, RESIDENTS, People, share_people
from geodata.sample.plane import to_degrees
from geodata.sample.scene import Scene, make_scene
from geodata.sample.services import SERVICES, find_door, find_house
from geodata.schema import CRS, LAYERS, STOREY_HEIGHT_M

SEED = 350102
"""Division code of Gulou district; any number will do."""
MADE_AT = "2026-01-01T00:00:00+00:00"
GRID_COUNT = 6


def make_sample(seed: int = SEED) -> tuple[dict[str, gpd.GeoDataFrame], dict[str, Any]]:
    """Return every layer of the sample community and its meta.

    The same seed gives the same community to the last digit; another seed gives another layout
    with the same totals.

    Args:
        seed: Any number.

    Returns:
        WGS84 frames by layer name, and meta (see `geodata.schema.META_KEYS`).
    """
    rngs = np.random.default_rng(seed).spawn(7)
    scene = make_scene(rngs[0])
    ids = building_ids(scene.built.buildings)
    people = share_people(scene.built.buildings, rngs[1])
    city = make_city(scene.plane, scene.boundary, rngs[2])
    ways = snap_ends(scene.streets + scene.built.paths + city.roads)
    home = ways[: len(scene.streets) + len(scene.built.paths)]
    grounds = make_grounds(scene, home, rngs[3])
    tables = {
        "boundary": pd.DataFrame(
            [{"id": "350102004001", "name": "军门社区", "geometry": scene.boundary}]
        ),
        "compounds": _compounds(scene),
        "grids": _grids(scene),
        "buildings": _buildings(scene, ids, people),
        "building_parts": _parts(scene, ids),
        "context": _context(city),
        "entrances": tabulate_doors(scene, ids, rngs[4]),
        "gates": tabulate_gates(scene),
        "plate_cameras": tabulate_plate_cameras(scene),
        "services": _services(scene, ids),
        "parking": pd.DataFrame(
            [
                {"id": f"P-{n:02d}", "name": name, "kind": kind, "capacity": spaces, "geometry": lot}
                for n, (kind, name, lot, spaces) in enumerate(grounds.parking, 1)
            ]
        ),
        "green": _areas("green", grounds.green),
        "water": _areas("water", grounds.water),
    }
    tables["roads"] = _roads(scene, ways, home)
    outdoor = pd.DataFrame(
        [
            {
                "id": device.id,
                "name": device.name,
                "kind": device.kind.kind,
                "building_id": ids[_index(scene, device.building)] if device.building else None,
                "period_s": device.kind.period_s,
                "height_m": device.kind.height_m,
                "bearing_deg": device.bearing,
                "geometry": shapely.Point(device.x, device.y),
            }
            for device in place_devices(scene, home, grounds, rngs[5])
        ]
    )
    indoor = place_meters(scene.built.buildings, ids, people.households, rngs[6])
    tables["devices"] = pd.DataFrame(outdoor.to_dict("records") + indoor.to_dict("records"))
    return {name: _to_frame(tables[name], name) for name in LAYERS}, _meta()


def write_sample(path: FilePath, seed: int = SEED) -> None:
    """Make the sample community and write it as a community file.

    Args:
        path: The GeoPackage to write; an old one is replaced.
        seed: See `make_sample`.
    """
    frames, meta = make_sample(seed)
    write_community(frames, meta, path)


def building_ids(buildings: list[Building]) -> list[str]:
    """Return the buildings' ids: block and number, such as ny-02."""
    numbers: dict[str, int] = {}
    ids = []
    for building in buildings:
        numbers[building.plot] = numbers.get(building.plot, 0) + 1
        ids.append(f"{building.plot}-{numbers[building.plot]:02d}")
    return ids


def _meta() -> dict[str, Any]:
    return {
        "name": "军门社区",
        "name_en": "Junmen community",
        "timezone": "Asia/Shanghai",
        "households": HOUSEHOLDS,
        "residents": RESIDENTS,
        "illustrative": True,
        "source": {
            "zh": "示意布局，非实测；总数据公开报道",
            "en": "Illustrative layout, not surveyed; totals as published",
        },
        "made_at": MADE_AT,
    }


def _to_frame(table: pd.DataFrame, layer: str) -> gpd.GeoDataFrame:
    shapes = to_degrees(table["geometry"].to_numpy())
    gdf = gpd.GeoDataFrame(table.drop(columns="geometry"), geometry=shapes, crs=CRS)
    return to_schema(gdf, LAYERS[layer])


def _index(scene: Scene, building: Building) -> int:
    return next(i for i, other in enumerate(scene.built.buildings) if other is building)


def _compounds(scene: Scene) -> pd.DataFrame:
    """Return the eight compounds: what their walls, or in 中军后 the lanes, enclose."""
    return pd.DataFrame(
        [
            {"id": plot.spec.key, "name": plot.spec.name, "geometry": plot.wall}
            for plot in scene.plots
            if plot.spec.kind in ("slabs", "towers", "old")
        ]
    )


def _grids(scene: Scene) -> pd.DataFrame:
    """Return the six grids; together they are the community, without gap or overlap."""
    areas = [
        shapely.union_all(
            [scene.plane.bend(plot.share) for plot in scene.plots if plot.spec.grid == number],
            grid_size=0.01,
        )
        for number in range(1, GRID_COUNT + 1)
    ]
    return pd.DataFrame(
        [
            {"id": f"grid-{number}", "name": f"军门第 {number} 网格", "geometry": area}
            for number, area in enumerate(areas, 1)
        ]
    )


def _buildings(scene: Scene, ids: list[str], people: People) -> pd.DataFrame:
    lanes = [scene.plane.bend(lane.line) for lane in LANES]
    walled = {plot.spec.key for plot in scene.plots if plot.spec.kind in ("slabs", "towers", "old")}
    rows = []
    for index, building in enumerate(scene.built.buildings):
        middle = building.shape.centroid
        lane = LANES[int(np.argmin([line.distance(middle) for line in lanes]))].name
        measured = building.storey_m == STOREY_HEIGHT_M
        rows.append(
            {
                "id": ids[index],
                "name": building.name,
                "compound_id": building.plot if building.plot in walled else None,
                "grid_id": f"grid-{scene.plot(building.plot).spec.grid}",
                "use": building.use,
                "storeys": building.storeys,
                "height_m": building.height,
                "base_m": 0.0,
                "height_source": "from_storeys" if measured else "assumed",
                "households": int(people.households[index]),
                "residents": int(people.residents[index]),
                "residents_60plus": int(people.elders[index]),
                "residents_under15": int(people.children[index]),
                "lift": building.storeys >= 9 or (building.storeys >= 7 and building.year > 1995),
                "year": building.year,
                "address": f"{lane} {building.name}",
                "geometry": building.shape,
            }
        )
    return pd.DataFrame(rows)


def _parts(scene: Scene, ids: list[str]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "id": f"{id_}-p{number}",
                "building_id": id_,
                "height_m": round(part.height, 2),
                "base_m": round(part.base, 2),
                "height_source": "assumed",
                "geometry": part.shape,
            }
            for building, id_ in zip(scene.built.buildings, ids, strict=True)
            for number, part in enumerate(building.parts, 1)
        ]
    )


def _context(city: City) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"id": f"city-{number:04d}", "height_m": height, "geometry": shape}
            for number, (shape, height) in enumerate(city.buildings, 1)
        ]
    )


def _services(scene: Scene, ids: list[str]) -> pd.DataFrame:
    rows = []
    for number, service in enumerate(SERVICES, 1):
        house = find_house(service, scene.built.buildings)
        rows.append(
            {
                "id": f"S-{number:02d}",
                "name": service.name,
                "kind": service.kind,
                "building_id": ids[_index(scene, house)] if house else None,
                "supplier": service.supplier,
                "supplier_kind": service.supplier_kind,
                "capacity": service.capacity,
                "hours": service.hours,
                "geometry": find_door(service, house, scene.plane).point,
            }
        )
    return pd.DataFrame(rows)


def _areas(layer: str, areas: list[tuple[str, str | None, shapely.Polygon]]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"id": f"{layer}-{number:02d}", "name": name, "kind": kind, "geometry": area}
            for number, (kind, name, area) in enumerate(areas, 1)
        ]
    )


def _roads(scene: Scene, ways: list[Path], home: list[Path]) -> pd.DataFrame:
    """Return the network, every line ending where it meets another."""
    buildings = scene.built.buildings
    doors = [door for building in buildings if building.homes for door in building.doors]
    doors += [
        find_door(service, find_house(service, buildings), scene.plane) for service in SERVICES
    ]
    doors = list(dict.fromkeys(doors))
    walls = shapely.union_all([plot.wall.exterior for plot in scene.plots if plot.spec.exits])
    stubs = connect_doors(doors, home, [building.shape for building in buildings], walls)
    network = node(ways + stubs)
    return pd.DataFrame(
        [
            {
                "id": f"road-{number:04d}",
                "name": path.name,
                "kind": path.kind,
                "width_m": path.width,
                "foot": True,
                "steps": path.steps,
                "geometry": line,
            }
            for number, (line, path) in enumerate(zip(network.lines, network.source, strict=True), 1)
        ]
    )
