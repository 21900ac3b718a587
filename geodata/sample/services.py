"""The services of the sample, with their supplier, capacity and hours."""

from __future__ import annotations

import math
from dataclasses import dataclass

import shapely

from geodata.sample.build import Building, Door, bearing
from geodata.sample.plane import Plane

OFFICE = "Mo-Fr 08:30-12:00,14:30-18:00; Sa 09:00-12:00"
MEALS = "Mo-Su 07:00-08:30,11:00-13:00,17:00-19:00"
COMMITTEE = "军门社区居民委员会"


@dataclass(frozen=True)
class Service:
    """One service.

    Attributes:
        name: Its name.
        kind: One of `geodata.schema.SERVICE_KINDS`.
        supplier: Who runs it.
        supplier_kind: One of `geodata.schema.SUPPLIER_KINDS`.
        hours: OSM opening_hours.
        house: Name of its building, or `block:n` for the n-th dwelling of a block, or `@u,v` for a
            place in the open.
        capacity: Places, meals or seats at a time; None where it says nothing.
        aside: Metres along the wall from the building's first door.
    """

    name: str
    kind: str
    supplier: str
    supplier_kind: str
    hours: str
    house: str
    capacity: int | None = None
    aside: float = 0.0


CENTRE = "军门社区党群服务中心"
SERVICES = (
    Service(CENTRE, "service_centre", COMMITTEE, "community", OFFICE, CENTRE, 60),
    Service("居家养老服务中心", "elderly_care", COMMITTEE, "community",
            "Mo-Su 08:00-18:00", CENTRE, 50, -13.0),
    Service("养老服务照料中心", "elderly_care", "东街街道办事处", "government",
            "24/7", CENTRE, 30, 13.0),
    Service("长者食堂", "canteen", COMMITTEE, "community", MEALS, "长者食堂", 120),
    Service("五福缘老人养护中心", "elderly_care", "五福缘老人养护中心", "social_organisation",
            "24/7", "jml:2", 48, 3.4),
    Service("颐养阁老年公寓", "elderly_care", "颐养阁老年公寓", "enterprise",
            "24/7", "by:3", 60, 3.4),
    Service("天年老人护理中心", "elderly_care", "天年老人护理中心", "enterprise",
            "24/7", "jt:6", 36, 3.4),
    Service("金色晚年之家", "elderly_care", "金色晚年之家", "social_organisation",
            "Mo-Su 07:30-20:00", "dy:8", 40, 3.4),
    Service("少儿托管中心", "childcare", COMMITTEE, "community",
            "Mo-Fr 16:00-18:30; Sa 08:30-17:30", "社区文化活动中心", 90, 7.0),
    Service("微型消防站", "fire_station", COMMITTEE, "community", "24/7",
            "警务室与微型消防站", 6, 4.0),
    Service("社区警务室", "police", "东街派出所", "government", "24/7",
            "警务室与微型消防站", None, -4.0),
    Service("军门社区卫生服务站", "health_station", "东街街道社区卫生服务中心", "government",
            "Mo-Sa 08:00-12:00,14:30-17:30", "军门社区卫生服务站", 40),
    Service("军门小学", "school", "鼓楼区教育局", "government",
            "Mo-Fr 07:30-17:30", "军门小学门房", 1080),
    Service("津泰幼儿园", "kindergarten", "鼓楼区教育局", "government",
            "Mo-Fr 07:30-17:30", "津泰幼儿园", 270),
    Service("军门大药房", "pharmacy", "军门大药房", "enterprise",
            "Mo-Su 08:00-21:30", "军门便民商铺", None, -7.0),
    Service("军门农贸市场", "market", "军门农贸市场", "enterprise",
            "Mo-Su 06:00-19:30", "军门农贸市场", 64),
    Service("社区文化活动中心", "culture", "军门社区文体协会", "social_organisation",
            "Tu-Su 09:00-12:00,14:30-21:00", "社区文化活动中心", 80),
    Service("南营公园健身广场", "sports", "鼓楼区文体旅局", "government", "24/7", "@310,35", 60),
    Service("南营巷便利店", "shop", "南营巷便利店", "enterprise",
            "Mo-Su 07:00-23:00", "军门便民商铺", None, 7.0),
    Service("家政服务点", "convenience", "榕城家政", "enterprise",
            "Mo-Sa 08:30-18:00", "军门便民商铺", None, 0.0),
    Service("便民维修点", "convenience", "居民自营", "resident",
            "Mo-Sa 09:00-18:00", "zjh:4"),
    Service("津泰苑快递驿站", "convenience", "快递驿站", "enterprise",
            "Mo-Su 08:00-21:00", "jt:10", None, 3.4),
    Service("东营里快递驿站", "convenience", "快递驿站", "enterprise",
            "Mo-Su 08:00-21:00", "dy:14", None, 3.4),
    Service("军门里邻里互助站", "convenience", "军门里居民互助小组", "resident",
            "Mo-Su 08:00-20:00", "jml:6", 12, 3.4),
    Service("东营里邻里互助站", "convenience", "东营里居民互助小组", "resident",
            "Mo-Su 08:00-20:00", "dy:18", 12, 3.4),
    Service("北营小区邻里互助站", "convenience", "北营小区居民互助小组", "resident",
            "Mo-Su 08:00-20:00", "by:12", 12, 3.4),
    Service("南营巷公厕", "toilet", "鼓楼区环卫中心", "government", "24/7", "@289,4.2"),
)  # fmt: skip


def find_house(service: Service, buildings: list[Building]) -> Building | None:
    """Return the building a service is in, or None in the open."""
    if service.house.startswith("@"):
        return None
    block, _, number = service.house.partition(":")
    if not number:
        return next(building for building in buildings if building.name == service.house)
    dwellings = [building for building in buildings if building.plot == block and building.homes]
    return dwellings[(int(number) - 1) % len(dwellings)]


def find_door(service: Service, house: Building | None, plane: Plane) -> Door:
    """Return the service's own door in the wall of its building, or its place in the open."""
    if house is None:
        u, v = map(float, service.house[1:].split(","))
        at = plane.place(shapely.Point(0, 0), u, v)
        return Door(round(at.x, 2), round(at.y, 2), 0.0)
    door = house.doors[0]
    if service.aside == 0.0 and not house.homes:
        return door
    aside = service.aside or 2.4
    angle = math.radians(door.bearing + 90)
    beside = shapely.Point(door.x + aside * math.sin(angle), door.y + aside * math.cos(angle))
    wall = house.shape.exterior
    at = wall.interpolate(wall.project(beside))
    way = door.ahead(1.0)
    return Door(round(at.x, 2), round(at.y, 2), bearing(way.x - door.x, way.y - door.y))
