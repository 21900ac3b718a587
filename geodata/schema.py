"""What a community file holds: its layers, their columns, and the values they may take.

A community file is a GeoPackage in EPSG:4326 (WGS84, x = longitude, y = latitude). Each entry of
`LAYERS` is one of its tables; a table may be missing or empty, except that a community needs a
boundary or at least one building. `TABLES` are tables without geometry, each of them optional.
`meta` is one too, of `key` and `value` (JSON text): see `META_KEYS`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

CRS = "EPSG:4326"

POLYGON = frozenset({"Polygon"})
POLYGONS = frozenset({"Polygon", "MultiPolygon"})
POINT = frozenset({"Point"})
LINE = frozenset({"LineString"})
PLACE = frozenset({"Point", "Polygon"})

HEIGHT_SOURCES = ("measured", "from_storeys", "assumed")
STOREY_HEIGHT_M = 3.0
"""Assumed floor-to-floor height of a residential storey, metres (GB 50096-2011: 2.8 m or more)."""

TENURES = ("owner", "let", "vacant")
"""自住, 出租, 空置: what a dwelling is, for signed-in managers of its area alone."""

ACCESS_METHODS = ("face", "card", "code", "phone")
SUPPLIER_KINDS = ("government", "community", "enterprise", "social_organisation", "resident")

DEVICE_KINDS = (
    "sos_pole",  # 自助报警灯杆
    "waste_bin",  # 智能垃圾分类箱
    "charging_pile",  # 三合一智能充电桩
    "mailbox",  # 智能信报箱
    "rodent_monitor",  # 智能鼠类检测仪
    "camera",  # 监控
    "wifi_ap",  # 网络覆盖
    "smoke_alarm",  # 烟感
    "water_meter",  # 智能水表
    "electricity_meter",  # 智能电表
    "other",
)
METER_KINDS = ("water_meter", "electricity_meter", "smoke_alarm")
"""Kinds that live inside a flat: judged by their own cycle, never drawn one by one on the map."""

SERVICE_KINDS = (
    "service_centre",  # 社区服务中心 / 党群服务中心
    "elderly_care",  # 养老照料, 居家养老, 养老院
    "canteen",  # 长者食堂
    "childcare",  # 托管, 四点钟学校
    "kindergarten",
    "school",
    "health_station",  # 社区卫生服务站
    "pharmacy",
    "fire_station",  # 微型消防站
    "culture",  # 文化活动站
    "sports",
    "market",  # 菜市场
    "shop",
    "convenience",  # 便民服务: 家政, 维修, 快递
    "police",
    "toilet",
    "other",
)


@dataclass(frozen=True)
class Column:
    """One column of a layer: its pandas kind and its limits."""

    kind: str  # "text" | "int" | "float" | "bool"
    required: bool = False
    values: tuple[str, ...] | None = None
    minimum: float | None = None
    maximum: float | None = None


TEXT = Column("text")
COUNT = Column("int", minimum=0)


@dataclass(frozen=True)
class LayerSchema:
    """One layer: the geometry types it may hold and its known columns (others are kept as text)."""

    name: str
    geometry: frozenset[str]
    columns: dict[str, Column] = field(default_factory=dict)


def _layer(name: str, geometry: frozenset[str], **columns: Column) -> LayerSchema:
    base = {"id": Column("text", required=True), "name": TEXT}
    return LayerSchema(name, geometry, base | columns)


LAYERS: dict[str, LayerSchema] = {
    layer.name: layer
    for layer in (
        _layer("boundary", POLYGONS),
        # 小区 and 网格: named areas inside the boundary
        _layer("compounds", POLYGONS),
        _layer("grids", POLYGONS),
        _layer(
            "buildings",
            POLYGON,
            compound_id=TEXT,
            grid_id=TEXT,
            use=TEXT,  # an OSM building=* value: residential, apartments, school, ...
            storeys=Column("int", minimum=1, maximum=200),
            height_m=Column("float", required=True, minimum=0.5, maximum=1000),  # above ground
            base_m=Column("float", minimum=0, maximum=1000),  # underside above ground
            height_source=Column("text", required=True, values=HEIGHT_SOURCES),
            households=COUNT,
            residents=COUNT,
            residents_60plus=COUNT,
            residents_under15=COUNT,
            lift=Column("bool"),
            year=Column("int", minimum=1000, maximum=2200),
            address=TEXT,
        ),
        # building:part; drawn in place of the outline of `building_id`, picked as that building
        _layer(
            "building_parts",
            POLYGON,
            building_id=Column("text", required=True),
            height_m=Column("float", required=True, minimum=0.5, maximum=1000),
            base_m=Column("float", minimum=0, maximum=1000),
            height_source=Column("text", required=True, values=HEIGHT_SOURCES),
        ),
        # quiet surroundings beyond the boundary: drawn, never counted, never picked
        _layer(
            "context",
            POLYGON,
            height_m=Column("float", required=True, minimum=0.5, maximum=1000),
        ),
        # unit doors (单元门) with access control
        _layer(
            "entrances",
            POINT,
            building_id=TEXT,
            unit=TEXT,
            methods=TEXT,  # comma separated ACCESS_METHODS, in the order of use
            bearing_deg=Column("float", minimum=0, maximum=360),  # outward, clockwise from north
        ),
        # gates of the community or of a compound
        _layer(
            "gates",
            POINT,
            access=Column("text", values=("vehicle", "pedestrian", "both")),
            compound_id=TEXT,
            hours=TEXT,  # OSM opening_hours syntax
        ),
        _layer(
            "plate_cameras",
            POINT,
            gate_id=TEXT,
            direction=Column("text", values=("in", "out", "both")),
            bearing_deg=Column("float", minimum=0, maximum=360),
        ),
        _layer(
            "devices",
            POINT,
            kind=Column("text", required=True, values=DEVICE_KINDS),
            building_id=TEXT,
            floor=Column("int"),
            period_s=Column("float", minimum=0),  # the device's own reporting rhythm
            height_m=Column("float", minimum=0),
            bearing_deg=Column("float", minimum=0, maximum=360),
        ),
        _layer(
            "services",
            POINT,
            kind=Column("text", required=True, values=SERVICE_KINDS),
            building_id=TEXT,
            supplier=TEXT,
            supplier_kind=Column("text", values=SUPPLIER_KINDS),
            capacity=COUNT,
            hours=TEXT,  # OSM opening_hours syntax
        ),
        _layer("parking", PLACE, capacity=COUNT, kind=TEXT),
        _layer(
            "roads",
            LINE,
            kind=TEXT,  # an OSM highway=* value
            width_m=Column("float", minimum=0.3, maximum=100),
            foot=Column("bool"),
            steps=Column("bool"),
        ),
        _layer("green", POLYGON, kind=TEXT),
        _layer("water", POLYGON, kind=TEXT),
    )
}

TABLES: dict[str, LayerSchema] = {
    "dwellings": LayerSchema(
        "dwellings",
        frozenset(),
        {
            "id": Column("text", required=True),
            "building_id": Column("text", required=True),
            "unit": TEXT,  # as the unit door has it
            "floor": Column("int", required=True, minimum=1, maximum=200),
            "room": TEXT,
            "tenure": Column("text", values=TENURES),
            "residents": COUNT,
        },
    ),
}
"""Tables without geometry; a community that lacks one has it empty."""

META_KEYS = (
    "name",  # 军门社区
    "name_en",
    "timezone",  # IANA
    "households",  # totals, where known
    "residents",
    "illustrative",  # true: a model, not a survey; screens must say so
    "source",  # where the data comes from, for the screens
    "made_at",  # ISO 8601, UTC
    "import_report",  # the object of `import --json`
)
