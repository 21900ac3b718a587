"""Words that sources use, Chinese and English: for columns, for layers, and for values."""

from __future__ import annotations

import itertools
import re
import unicodedata

# column of the schema (or one of ours) -> headers, the surest first; compared by `header_key`
COMMON: dict[str, tuple[str, ...]] = {
    "id": (
        "id", "osm", "osm_id", "osmid", "@id", "uid", "uuid", "gml_id", "globalid", "identificatie",
        "编号", "编码", "代码", "唯一标识", "设备编号", "设备编码", "设备id", "国标编码",
        "资产编号",
        "楼栋编号", "楼栋编码", "建筑编号", "房屋编码", "objectid", "fid", "gid", "序号",
    ),
    "name": (
        "name:zh", "name", "title", "label", "名称", "名字", "楼名", "楼栋名称", "楼栋名", "楼栋",
        "楼号", "幢号", "栋号", "建筑名称", "建筑物名称", "房屋名称", "小区名称", "社区名称",
        "点位名称",
        "点位", "设备名称", "站点名称", "机构名称", "单位名称", "网格名称", "服务名称", "设施名称",
        "道路名称", "路名", "标题", "mc", "bldg_name",
    ),
}  # fmt: skip

COLUMNS: dict[str, dict[str, tuple[str, ...]]] = {
    "buildings": {
        "use": (
            "building", "use", "usage", "function", "building_type", "buildinguse", "类型", "用途",
            "建筑类型", "建筑用途", "房屋用途", "房屋类型", "使用性质", "建筑性质", "功能",
            "性质", "类别",
            "type", "class",
        ),
        "storeys": (
            "storeys", "building:levels", "levels", "storeysaboveground", "num_floors", "numfloors",
            "floors", "stories", "floor_count", "floorcount", "层数", "楼层数", "总层数", "总楼层",
            "总楼层数", "地上层数", "地上楼层", "建筑层数", "房屋层数", "楼层", "storeys_est",
            "floor",
        ),
        "height": (
            "height_m", "building:height", "height", "building_height", "bldg_height",
            "measuredheight",
            "高度", "建筑高度", "建筑物高度", "楼高", "房屋高度", "建筑高", "高",
            "elevation_height",
        ),
        "base": ("base_m", "building:min_height", "min_height", "minheight"),
        "min_level": ("building:min_level", "min_level"),
        "households": (
            "households", "building:flats", "flats", "户数", "总户数", "住户数", "家庭户数", "套数",
        ),
        "residents": (
            "residents", "population", "人口", "人口数", "总人口", "常住人口", "居住人口",
            "居民数", "人数",
            "居住人数", "实有人口",
        ),
        "residents_60plus": (
            "residents_60plus", "60岁以上", "60岁以上人口", "60岁以上老人", "老年人口", "老年人数",
            "老人数",
        ),
        "residents_under15": (
            "residents_under15", "15岁以下", "15岁以下人口", "儿童人口", "儿童人数", "儿童数",
        ),
        "lift": ("lift", "elevator", "电梯", "有无电梯", "是否有电梯", "有电梯"),
        "year": (
            "year", "start_date", "year_built", "yearofconstruction", "construction_year",
            "建成年份",
            "建成年代", "建成时间", "建造年份", "竣工年份", "年份", "年代",
            "oorspronkelijkbouwjaar",
        ),
        "address": ("address", "addr", "addr:full", "地址", "详细地址", "门牌", "门牌号", "位置"),
        "compound_id": ("compound_id", "compound", "小区", "所属小区", "小区编号"),
        "grid_id": ("grid_id", "grid", "网格", "所属网格", "网格编号", "网格号"),
    },
    "building_parts": {
        "height": ("height_m", "height", "building:height", "高度", "建筑高度"),
        "storeys": ("storeys", "building:levels", "levels", "层数", "楼层"),
        "base": ("base_m", "building:min_height", "min_height"),
        "min_level": ("building:min_level", "min_level"),
        "building_id": ("building_id", "parent", "楼栋编号", "所属楼栋", "楼号", "楼栋"),
    },
    "entrances": {
        "building_id": (
            "building_id", "building", "楼栋编号", "所属楼栋", "所属楼号", "楼号", "楼栋", "幢号",
            "栋号",
        ),
        "unit": ("unit", "addr:unit", "ref", "单元", "单元号", "所属单元"),
        "methods": ("methods", "access_methods", "开门方式", "通行方式", "识别方式", "门禁方式"),
        "bearing_deg": ("bearing_deg", "bearing", "direction", "朝向", "方位角"),
    },
    "gates": {
        "access": (
            "access", "type", "kind", "barrier", "类型", "通行类型", "出入口类型", "类别", "通行",
        ),
        "compound_id": ("compound_id", "compound", "小区", "所属小区"),
        "hours": ("hours", "opening_hours", "开放时间", "开门时间"),
    },
    "plate_cameras": {
        "gate_id": ("gate_id", "gate", "出入口", "所属出入口", "出入口编号"),
        "direction": ("direction", "方向", "进出方向", "进出", "通行方向"),
        "bearing_deg": ("bearing_deg", "bearing", "方位角", "朝向"),
    },
    "devices": {
        "kind": (
            "kind", "type", "device_type", "category", "类型", "设备类型", "种类", "设备种类",
            "类别",
            "设备类别",
        ),
        "building_id": ("building_id", "building", "所属楼栋", "楼栋编号", "楼栋", "楼号"),
        "floor": ("floor", "level", "楼层", "所在楼层", "层"),
        "period_s": ("period_s", "period", "上报周期", "上报间隔", "周期"),
        "height_m": ("height_m", "height", "安装高度", "高度"),
        "bearing_deg": ("bearing_deg", "bearing", "camera:direction", "朝向", "方位角"),
    },
    "services": {
        "kind": (
            "kind", "type", "service_type", "category", "类型", "服务类型", "设施类型", "类别",
            "种类",
            "分类",
        ),
        "building_id": ("building_id", "所属楼栋", "楼栋编号", "楼栋", "楼号"),
        "supplier": ("supplier", "operator", "provider", "供给主体", "服务主体", "提供方",
            "运营单位",
                     "服务单位"),
        "supplier_kind": ("supplier_kind", "operator:type", "主体类型", "供给类型", "性质"),
        "capacity": ("capacity", "docks", "beds", "容量", "床位", "床位数", "桩位数", "座位数"),
        "hours": ("hours", "opening_hours", "开放时间", "营业时间", "服务时间"),
    },
    "parking": {
        "capacity": ("capacity", "spaces", "车位", "车位数", "泊位", "泊位数", "容量"),
        "kind": ("kind", "type", "类型", "停车类型", "类别"),
    },
    "roads": {
        "kind": ("highway", "fclass", "kind", "road_class", "class", "道路类型", "道路等级", "类型",
                 "等级", "type"),
        "width_m": ("width_m", "width", "宽度", "路宽", "道路宽度", "红线宽度"),
        "foot": ("foot", "步行", "可步行"),
        "steps": ("steps", "台阶"),
    },
    "green": {"kind": ("kind", "leisure", "landuse", "natural", "类型", "绿地类型", "type",
        "类别")},
    "water": {"kind": ("kind", "natural", "waterway", "类型", "水体类型", "type", "类别")},
}  # fmt: skip

# coordinates in tables, the surest pair first
LONGITUDE = (
    "lon", "lng", "long", "longitude", "经度", "东经", "经度坐标", "x_lon", "gps经度", "gps_lon",
)  # fmt: skip
LATITUDE = (
    "lat", "latitude", "纬度", "北纬", "纬度坐标", "y_lat", "gps纬度", "gps_lat",
)  # fmt: skip
EASTING = ("x", "x坐标", "横坐标", "东坐标", "easting", "east", "coord_x", "point_x", "x_coord")
NORTHING = ("y", "y坐标", "纵坐标", "北坐标", "northing", "north", "coord_y", "point_y", "y_coord")
LON_LAT = (
    "坐标",
    "经纬度",
    "location",
    "coordinates",
    "coordinate",
    "lonlat",
    "lnglat",
    "经纬度坐标",
)
WKT = ("wkt", "geometry", "geom", "the_geom", "shape_wkt", "几何")
DATUM_WORDS: dict[str, tuple[str, ...]] = {
    "EPSG:4326": ("wgs84", "wgs", "gps"),
    "gcj02": ("gcj02", "gcj", "amap", "gaode", "高德", "火星", "腾讯", "谷歌"),
    "bd09": ("bd09", "bd", "baidu", "百度"),
}

PERSONAL = re.compile(
    r"电话|手机|联系方式|身份证|证件号|姓名|户主|业主|phone|mobile|id_?card|owner_?name",
    re.IGNORECASE,
)
"""Headers of personal data: a community file is drawn on walls, so such columns stay out."""

# layer of the schema -> English words (whole, singular) and Chinese ones (anywhere); first match
# wins, so that 停车场出入口 is a gate, 楼栋边界 a building and 水表 a device
LAYERS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "building_parts": (("buildingpart", "part"), ("建筑部件", "建筑部分")),
    "plate_cameras": (("plate", "lpr", "anpr", "alpr"), ("车牌", "卡口")),
    "entrances": (("entrance", "door", "doorway"), ("单元门", "楼门", "门禁", "入户门")),
    "gates": (("gate", "barrier"), ("出入口", "大门", "道闸", "闸机", "小区门", "岗亭")),
    "parking": (("parking", "carpark"), ("停车", "车位", "泊位", "车库")),
    "devices": (
        ("device", "sensor", "camera", "cctv", "meter", "equipment", "iot"),
        ("设备", "监控", "摄像", "传感", "烟感", "水表", "电表", "充电", "垃圾", "信报箱", "灯杆",
         "感知", "物联", "探测"),
    ),
    "roads": (
        ("road", "street", "highway", "path", "footway", "lane", "way"),
        ("道路", "路网", "街巷", "车行道", "人行道", "步道", "路段"),
    ),
    "buildings": (
        ("building", "house", "footprint", "bldg", "pand"),
        ("楼栋", "建筑", "楼宇", "房屋", "楼房", "楼幢", "住宅", "号楼", "居民楼"),
    ),
    "boundary": (
        ("boundary", "border", "extent", "district", "aoi"),
        ("边界", "范围", "界线", "红线", "辖区", "区界"),
    ),
    "services": (
        ("service", "poi", "facility", "amenity", "shop", "pharmacy", "station"),
        ("服务", "设施", "便民", "兴趣点", "养老", "药店", "药房", "学校", "机构", "网点", "商铺"),
    ),
    "green": (("green", "park", "garden", "grass", "vegetation"), ("绿地", "绿化", "公园", "草地")),
    "water": (("water", "river", "lake", "pond"), ("水域", "水系", "水体", "河流", "河道", "湖泊",
        "池塘")),
    "grids": (("grid",), ("网格",)),
    "compounds": (("compound", "estate"), ("小区", "院落")),
}  # fmt: skip

# value -> words found in it, the narrow ones first
DEVICE_WORDS: dict[str, tuple[str, ...]] = {
    "smoke_alarm": ("烟感", "烟雾", "smoke"),
    "water_meter": ("水表", "water_meter", "watermeter"),
    "electricity_meter": ("电表", "electricity", "power_meter"),
    "sos_pole": ("sos", "报警", "灯杆", "求助", "emergency"),
    "waste_bin": ("垃圾", "waste", "bin", "trash"),
    "charging_pile": ("充电", "charging", "charger"),
    "mailbox": ("信报箱", "信箱", "快递柜", "mailbox", "locker"),
    "rodent_monitor": ("鼠", "rodent", "mouse"),
    "camera": ("监控", "摄像", "球机", "枪机", "camera", "cctv", "surveillance"),
    "wifi_ap": ("wifi", "无线", "网络覆盖", "wi-fi", "access_point"),
    "other": ("其他", "other"),
}
SERVICE_WORDS: dict[str, tuple[str, ...]] = {
    "canteen": ("食堂", "助餐", "canteen"),
    "childcare": ("托管", "托育", "四点", "childcare"),
    "kindergarten": ("幼儿园", "kindergarten"),
    "pharmacy": ("药店", "药房", "pharmacy", "chemist"),
    "health_station": ("卫生", "诊所", "医院", "医疗", "health", "clinic", "hospital", "doctor"),
    "elderly_care": ("养老", "敬老", "日间照料", "老人", "老年", "elderly", "nursing"),
    "school": ("学校", "小学", "中学", "school"),
    "fire_station": ("消防", "fire"),
    "police": ("派出所", "警务", "公安", "police"),
    "toilet": ("公厕", "厕所", "卫生间", "洗手间", "toilet"),
    "culture": ("文化", "图书", "书院", "library", "culture"),
    "sports": ("体育", "健身", "运动", "球场", "sport", "fitness"),
    "market": ("菜市", "农贸", "集市", "市场", "market"),
    "shop": ("超市", "商店", "商铺", "便利店", "shop", "supermarket", "store"),
    "service_centre": (
        "党群",
        "服务中心",
        "服务站",
        "居委会",
        "service_centre",
        "community_centre",
    ),
    "convenience": ("便民", "家政", "维修", "快递", "理发", "洗衣", "convenience"),
    "other": ("其他", "other"),
}
USE_WORDS: dict[str, tuple[str, ...]] = {
    "kindergarten": ("幼儿园",),
    "school": ("学校", "教学", "教育", "小学", "中学"),
    "dormitory": ("宿舍", "公寓楼"),
    "apartments": ("住宅", "居住", "居民楼", "公寓", "商住"),
    "hospital": ("医院", "卫生", "医疗"),
    "office": ("办公", "写字楼", "行政"),
    "retail": ("商业", "商铺", "店", "超市", "市场"),
    "hotel": ("酒店", "宾馆", "旅馆"),
    "industrial": ("工业", "厂房", "车间"),
    "warehouse": ("仓库", "仓储"),
    "garage": ("车库", "车棚"),
    "service": ("配电", "设备房", "泵房", "门卫", "岗亭", "垃圾房"),
    "public": ("公共", "社区用房", "配套"),
    "temple": ("寺", "庙", "祠", "宫观"),
    "sports_hall": ("体育", "健身"),
}
GATE_WORDS: dict[str, tuple[str, ...]] = {
    "both": ("人车", "both", "混行", "swing_gate"),
    "vehicle": ("车行", "机动车", "车辆", "vehicle", "lift_gate", "道闸"),
    "pedestrian": ("人行", "行人", "pedestrian", "foot", "turnstile", "kissing_gate"),
}
DIRECTION_WORDS: dict[str, tuple[str, ...]] = {
    "both": ("双向", "进出", "both", "出入"),
    "in": ("进", "入", "in"),
    "out": ("出", "out"),
}
SUPPLIER_WORDS: dict[str, tuple[str, ...]] = {
    "social_organisation": ("社会组织", "社会", "公益", "ngo", "charity", "religious", "social"),
    "government": ("政府", "公办", "government", "public"),
    "community": ("社区", "居委", "community"),
    "enterprise": ("企业", "公司", "市场", "民营", "private", "business", "enterprise"),
    "resident": ("居民", "志愿", "resident"),
}
METHOD_WORDS: dict[str, tuple[str, ...]] = {
    "face": ("人脸", "刷脸", "face"),
    "card": ("刷卡", "门禁卡", "卡", "card"),
    "code": ("二维码", "扫码", "密码", "code"),
    "phone": ("手机", "蓝牙", "电话", "远程", "phone"),
}


def header_key(header: object) -> str:
    """Return a header without case, width, spaces, separators and unit in brackets."""
    text = unicodedata.normalize("NFKC", str(header)).lower().strip()
    text = re.sub(r"[(\[【][^)\]】]*[)\]】]\s*$", "", text)
    return re.sub(r"[\s_\-:：.·*@]+", "", text)


def to_word(value: object, words: dict[str, tuple[str, ...]]) -> str | None:
    """Return the schema's word for a value in the words of a source, None if there is none."""
    text = unicodedata.normalize("NFKC", str(value)).strip().lower()
    if text in words:
        return text
    plain = text.replace(" ", "_")
    for word, parts in words.items():
        if any(part in plain for part in parts):
            return word
    return None


def to_layer(name: str) -> str | None:
    """Return the layer that a file's or a table's name speaks of, None if none."""
    text = unicodedata.normalize("NFKC", name)
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text).lower()
    words = re.findall(r"[a-z]+", spaced)
    plural = {"facilities": "facility", "amenities": "amenity", "entries": "entrance"}
    singular = {plural.get(word, word.removesuffix("s")) for word in words} | set(words)
    singular |= {"".join(pair) for pair in itertools.pairwise(words)}
    singular |= {word.removesuffix("s") for word in singular}
    if {"building", "part"} <= singular or {"building", "parts"} <= singular:
        return "building_parts"
    for layer, (english, chinese) in LAYERS.items():
        if layer == "building_parts":
            chinese_only = any(part in text for part in chinese)
            if chinese_only or "buildingpart" in singular:
                return layer
            continue
        if set(english) & singular or any(part in text for part in chinese):
            return layer
    return None
