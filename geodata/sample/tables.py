"""The sample's tables, one function a layer, `xy` metres; see `geodata.schema.LAYERS`."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from geodata.sample.build import Building, Path
from geodata.sample.context import City
from geodata.sample.devices import Device
from geodata.sample.grounds import Area, Grounds
from geodata.sample.layout import LANES
from geodata.sample.paths import connect_doors, node
from geodata.sample.people import People
from geodata.sample.scene import Scene
from geodata.sample.services import SERVICES, find_door, find_house
from geodata.schema import STOREY_HEIGHT_M

GRID_COUNT = 6


def building_ids(buildings: list[Building]) -> list[str]:
    """Return the buildings' ids: block and number, such as ny-02."""
    numbers: dict[str, int] = {}
    ids = []
    for building in buildings:
        numbers[building.plot] = numbers.get(building.plot, 0) + 1
        ids.append(f"{building.plot}-{numbers[building.plot]:02d}")
    return ids


def _index(scene: Scene, building: Building) -> int:
    return next(i for i, other in enumerate(scene.built.buildings) if other is building)


def tabulate_compounds(scene: Scene) -> pd.DataFrame:
    """Return the eight compounds: what their walls, or in 中军后 the lanes, enclose."""
    return pd.DataFrame(
        [
            {"id": plot.spec.key, "name": plot.spec.name, "geometry": plot.wall}
            for plot in scene.plots
            if plot.spec.kind in ("slabs", "towers", "old")
        ]
    )


def tabulate_grids(scene: Scene) -> pd.DataFrame:
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


def tabulate_buildings(scene: Scene, ids: list[str], people: People) -> pd.DataFrame:
    """Return the buildings with who lives in them."""
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
                "address": building.name
                if building.name.startswith(lane)
                else f"{lane} {building.name}",
                "geometry": building.shape,
            }
        )
    return pd.DataFrame(rows)


def tabulate_parts(scene: Scene, ids: list[str]) -> pd.DataFrame:
    """Return the parts of towers and halls."""
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


def tabulate_context(city: City) -> pd.DataFrame:
    """Return the city around."""
    return pd.DataFrame(
        [
            {"id": f"city-{number:04d}", "height_m": height, "geometry": shape}
            for number, (shape, height) in enumerate(city.buildings, 1)
        ]
    )


def tabulate_services(scene: Scene, ids: list[str]) -> pd.DataFrame:
    """Return the services at their own doors."""
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


def tabulate_parking(grounds: Grounds) -> pd.DataFrame:
    """Return the parking areas."""
    return pd.DataFrame(
        [
            {"id": f"P-{n:02d}", "name": name, "kind": kind, "capacity": spaces, "geometry": lot}
            for n, (kind, name, lot, spaces) in enumerate(grounds.parking, 1)
        ]
    )


def tabulate_devices(scene: Scene, ids: list[str], devices: list[Device]) -> pd.DataFrame:
    """Return the outdoor devices."""
    return pd.DataFrame(
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
            for device in devices
        ]
    )


def tabulate_areas(layer: str, areas: list[Area]) -> pd.DataFrame:
    """Return greens or water."""
    return pd.DataFrame(
        [
            {"id": f"{layer}-{number:02d}", "name": name, "kind": kind, "geometry": area}
            for number, (kind, name, area) in enumerate(areas, 1)
        ]
    )


def tabulate_roads(scene: Scene, ways: list[Path], home: list[Path]) -> pd.DataFrame:
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
            for number, (line, path) in enumerate(
                zip(network.lines, network.source, strict=True), 1
            )
        ]
    )
