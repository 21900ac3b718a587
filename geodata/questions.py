"""The question asked when coordinates cannot be placed: what they look like, what to answer."""

from __future__ import annotations

import numpy as np
import tzfpy
from numpy.typing import NDArray

from geodata.crs import BD09, GCJ02, WGS84, is_plausible, show_code, to_degrees

Array = NDArray[np.float64]

# city centres, degrees east and north, for "near Wuhan"
CITIES = {
    "Beijing": (116.40, 39.90), "Shanghai": (121.47, 31.23), "Tianjin": (117.20, 39.13),
    "Chongqing": (106.55, 29.56), "Guangzhou": (113.26, 23.13), "Shenzhen": (114.06, 22.54),
    "Fuzhou": (119.30, 26.08), "Xiamen": (118.09, 24.48), "Hangzhou": (120.16, 30.27),
    "Nanjing": (118.80, 32.06), "Wuhan": (114.31, 30.59), "Changsha": (112.94, 28.23),
    "Nanchang": (115.86, 28.68), "Hefei": (117.23, 31.82), "Jinan": (117.12, 36.65),
    "Qingdao": (120.38, 36.07), "Zhengzhou": (113.63, 34.75), "Xi'an": (108.94, 34.34),
    "Chengdu": (104.07, 30.57), "Kunming": (102.83, 24.88), "Guiyang": (106.63, 26.65),
    "Nanning": (108.37, 22.82), "Haikou": (110.20, 20.04), "Lanzhou": (103.83, 36.06),
    "Xining": (101.78, 36.62), "Yinchuan": (106.23, 38.49), "Urumqi": (87.62, 43.83),
    "Lhasa": (91.11, 29.65), "Hohhot": (111.75, 40.84), "Taiyuan": (112.55, 37.87),
    "Shijiazhuang": (114.51, 38.04), "Shenyang": (123.43, 41.81), "Changchun": (125.32, 43.82),
    "Harbin": (126.53, 45.80), "Dalian": (121.61, 38.91), "Ningbo": (121.55, 29.87),
    "Suzhou": (120.58, 31.30), "Wenzhou": (120.70, 28.00), "Quanzhou": (118.68, 24.87),
}  # fmt: skip
_NEAR_DEG = 0.6
_SHOWN = 6

_WORLD = (
    3857, 28992, 2056, 27700, 2154, 31370, 25831, 25832, 25833, 3067, 3006, 3035, 5514, 2180,
    3826, 2326, 5186, 6677,
)  # fmt: skip
# CGCS2000 without zone prefix by central meridian, eastern China first; then UTM north
_CHINA = (4549, 4548, 4547, 4546, 4545, 4544, 4543, 4550, 4551, 4552, 4510, 4509, 4508)
_UTM = (32650, 32649, 32651, 32648, 32647)


def ask_crs(
    x: Array,
    y: Array,
    *,
    file: str,
    refused: str | None = None,
    by: str = "file",
    metres: bool = False,
) -> str:
    """Return the question to the person who imports.

    Args:
        x: First coordinates, finite.
        y: Second coordinates, finite.
        file: The source.
        refused: CRS code that does not fit the numbers.
        by: Who gave it: "person" or the source.
        metres: The numbers are metres by their format.
    """
    seen = (
        f"The numbers run from {_number(x.min())} to {_number(x.max())} (x, east) and from "
        f"{_number(y.min())} to {_number(y.max())} (y, north)"
    )
    if refused and by == "person":
        start = f"{file}: --crs {show_code(refused)} does not fit its coordinates."
    elif refused:
        start = f"{file} declares {show_code(refused)}, but its coordinates contradict that."
    else:
        start = f"{file} does not say in which CRS its coordinates are, and they are not certain."
    placed = _where_refused(refused, x, y) if refused else ""
    if _is_swapped(x, y) and not metres:
        middle = f"{np.median(y):.4f} E {np.median(x):.4f} N"
        return (
            f"{start} {seen}: a latitude cannot be more than 90, so longitude and latitude look "
            f"swapped (swapped back it lies at {middle}{_place(np.median(y), np.median(x))}). "
            "Swap the two columns, or their headers, in the file and import it again."
        )
    options = _candidates(x, y, skip=refused, metres=metres)
    turned = [option for option in _candidates(y, x, skip=None, metres=True) if "near" in option[2]]
    if not options and not turned:
        return (
            f"{start} {seen}{placed}. No common CRS puts them on land: they may be local or "
            "drawing coordinates. Ask who made the file for its EPSG code, and give it as "
            "--crs CODE."
        )
    lines = "; ".join(f"as {name} {where}: --crs {code}" for code, name, where in options)
    if turned:
        code, name, where = turned[0]
        lines += (
            f"; or x and y are swapped (Chinese survey tables call north X), then as {name} "
            f"{where}: swap the two headers and give --crs {code}"
        )
    lines = lines.removeprefix("; ")
    return f"{start} {seen}{placed}. Which is it? {lines}. Import again with the right one."


def _where_refused(code: str, x: Array, y: Array) -> str:
    lon, lat = to_degrees(code, x, y)
    good = np.isfinite(lon) & np.isfinite(lat)
    if not good.any():
        return ", which lie nowhere in it"
    lon_0, lat_0 = float(np.median(lon[good])), float(np.median(lat[good]))
    if abs(lon_0) > 180 or abs(lat_0) > 90:
        return ", which lie nowhere in it"
    return f", which would be at {_degrees(lon_0, lat_0)}, not where that CRS is used"


def _is_swapped(x: Array, y: Array) -> bool:
    swapped = (np.abs(y) > 84) & (np.abs(y) <= 180) & (np.abs(x) <= 84)
    return bool(swapped.mean() > 0.5)


def _candidates(
    x: Array, y: Array, *, skip: str | None, metres: bool
) -> list[tuple[str, str, str]]:
    """Return code to give, name for people and place of every CRS that fits, likely ones first."""
    middle_x, middle_y = np.array([np.median(x)]), np.array([np.median(y)])
    prefix = int(middle_x[0] // 1_000_000)
    zones = [4488 + prefix] if 25 <= prefix <= 45 else [4478 + prefix] if 13 <= prefix <= 23 else []
    codes = [f"EPSG:{code}" for code in (*zones, *_WORLD, *_CHINA, *_UTM)]
    if not metres and skip not in (GCJ02, BD09):
        codes = [WGS84, GCJ02, BD09, *codes]
    named: list[tuple[str, str, str]] = []
    found: list[tuple[str, str, str]] = []
    for code in codes:
        if code == skip or not is_plausible(code, x, y, margin=0.0).mean() > 0.5:
            continue
        lon, lat = (float(value[0]) for value in to_degrees(code, middle_x, middle_y))
        if tzfpy.get_tz(lon, lat).startswith("Etc/"):
            continue  # in the open sea
        option = (
            code.removeprefix("EPSG:"),
            {GCJ02: "GCJ-02", BD09: "BD-09"}.get(code, code),
            f"it lies at {_degrees(lon, lat)}",
        )
        (named if _city(lon, lat) else found).append(option)
    return (named + found)[:_SHOWN]


def _degrees(lon: float, lat: float) -> str:
    text = f"{abs(lon):.2f} {'E' if lon >= 0 else 'W'} {abs(lat):.2f} {'N' if lat >= 0 else 'S'}"
    return text + _place(lon, lat)


def _place(lon: float, lat: float) -> str:
    zone = tzfpy.get_tz(lon, lat) if abs(lon) <= 180 and abs(lat) <= 90 else ""
    city = _city(lon, lat)
    if city:
        return f", near {city} in China"
    if zone in ("Asia/Shanghai", "Asia/Urumqi"):
        return ", in China"
    if not zone or zone.startswith("Etc/"):
        return ", in the open sea"
    return f", in the time zone {zone}"


def _city(lon: float, lat: float) -> str | None:
    name, (city_lon, city_lat) = min(
        CITIES.items(), key=lambda item: np.hypot(item[1][0] - lon, item[1][1] - lat)
    )
    return name if np.hypot(city_lon - lon, city_lat - lat) < _NEAR_DEG else None


def _number(value: float) -> str:
    return f"{value:,.6f}".rstrip("0").rstrip(".") if abs(value) <= 400 else f"{value:,.1f}"
