"""How high buildings are, and where that is known from: measured, from storeys, or assumed."""

from __future__ import annotations

import math
import re
import unicodedata
from typing import Any

import numpy as np
import pandas as pd

from geodata.schema import STOREY_HEIGHT_M

FOOT_M = 0.3048
INCH_M = 0.0254

ASSUMED_STOREYS: dict[str, float] = {
    # where nothing is known: storeys by use (OSM building=* values), rather low than high
    "apartments": 6,
    "residential": 6,
    "dormitory": 6,
    "house": 2,
    "detached": 2,
    "semidetached_house": 2,
    "terrace": 2,
    "bungalow": 1,
    "farm": 2,
    "office": 5,
    "commercial": 4,
    "retail": 2,
    "supermarket": 2,
    "hotel": 6,
    "hospital": 5,
    "school": 4,
    "university": 4,
    "kindergarten": 3,
    "public": 3,
    "civic": 3,
    "government": 4,
    "train_station": 3,
    "church": 5,
    "temple": 2,
    "sports_hall": 3,
    "industrial": 2,
    "warehouse": 2,
    "parking": 3,
    "garage": 1,
    "garages": 1,
    "carport": 1,
    "shed": 1,
    "hut": 1,
    "cabin": 1,
    "roof": 1,
    "kiosk": 1,
    "service": 1,
    "guardhouse": 1,
    "toilets": 1,
    "greenhouse": 1,
    "construction": 3,
}
ASSUMED_DEFAULT = 3.0
SMALL_M2 = 60.0
"""An outline under this is taken as one storey, under twice this as two, if its use is unknown."""

HEIGHT_RANGE_M = (0.5, 1000.0)
STOREYS_RANGE = (0.5, 200.0)

_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_FEET = re.compile(
    r"^(\d+(?:[.,]\d+)?)\s*(?:'|′|ft|feet|foot)\s*(?:(\d+(?:[.,]\d+)?)\s*(?:\"|″|''|in|inch(?:es)?)?)?$"
)
_CHINESE = {
    "零": 0,
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}


def parse_metres(value: Any) -> float:
    """Return a length in metres; NaN if missing or not readable.

    Reads 12, "12 m", "12,5", "12米", 40', 40'6", "40 ft"; of several ("3;4", "10-12") the largest.
    """
    text = _plain(value)
    if text is None:
        return math.nan
    return max((_one_length(part) for part in _several(text)), key=_or_least, default=math.nan)


def parse_storeys(value: Any) -> float:
    """Return a number of storeys above ground; NaN if missing or not readable.

    Reads 6, "6层", "6F", "六层", "6+1" (seven), "地上6层/地下1层" (six); of several the largest.
    """
    text = _plain(value)
    if text is None:
        return math.nan
    above = re.search(r"地上([^地]*)", text)
    text = above.group(1) if above else re.split(r"地下", text)[0]
    text = re.sub(r"[层樓楼fl]|level[s]?|storey[s]?|stories|floor[s]?|约|共|,?$", "", text).strip(
        " ,/，"
    )
    if plus := re.fullmatch(r"(\d+)\s*\+\s*(\d+)", text):
        return float(plus.group(1)) + float(plus.group(2))
    return max((_one_count(part) for part in _several(text)), key=_or_least, default=math.nan)


def is_missing(value: Any) -> bool:
    """Return whether a cell says nothing: empty, a dash, "无", "null"."""
    return _plain(value) is None


def _plain(value: Any) -> str | None:
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return None
    text = unicodedata.normalize("NFKC", str(value)).strip().lower()
    return (
        None
        if text in ("", "-", "--", "/", "null", "none", "nan", "n/a", "na", "无", "<na>")
        else text
    )


def _several(text: str) -> list[str]:
    parts = [
        part for part in re.split(r"[;；、|]|(?<=\d)\s*[-~–—至]\s*(?=\d)", text) if part.strip()
    ]
    return parts


def _one_length(text: str) -> float:
    text = text.strip().lstrip("~≈约<>").strip()
    if feet := _FEET.fullmatch(text):
        inches = float(feet.group(2).replace(",", ".")) if feet.group(2) else 0.0
        return float(feet.group(1).replace(",", ".")) * FOOT_M + inches * INCH_M
    text = re.sub(r"\s*(m|metre|metres|meter|meters|米|公尺)\.?$", "", text)
    return _float(text)


def _one_count(text: str) -> float:
    text = text.strip().lstrip("~≈<>").strip()
    if re.fullmatch(r"[零一二两三四五六七八九十]{1,3}", text):
        tens, ten, ones = text.rpartition("十")
        if not ten:
            return float(_CHINESE[text]) if len(text) == 1 else math.nan
        return _CHINESE.get(tens, 1) * 10.0 + _CHINESE.get(ones, 0)
    return _float(text)


def _float(text: str) -> float:
    if re.fullmatch(r"[+\-]?\d+,\d+", text):
        text = text.replace(",", ".")
    try:
        number = float(text)
    except ValueError:
        return math.nan
    return number if math.isfinite(number) else math.nan


def _or_least(number: float) -> float:
    return -math.inf if math.isnan(number) else number


def to_heights(df: pd.DataFrame, area_m2: pd.Series[float]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return heights of buildings or parts, and the values that could not be read.

    Args:
        df: Raw columns "height", "storeys", "base", "min_level" and "use", each optional.
        area_m2: Footprints, for what must be assumed.

    Returns:
        A frame with height_m, base_m, height_source and storeys by the index of `df`; and one with
        a row per unreadable value: index label, column, value.
    """
    lost: list[tuple[Any, str, Any]] = []
    height = _read(df, "height", parse_metres, HEIGHT_RANGE_M, lost)
    storeys = _read(df, "storeys", parse_storeys, STOREYS_RANGE, lost)
    base = _read(df, "base", parse_metres, (0.0, 999.0), lost)
    level = _read(df, "min_level", parse_storeys, (0.0, 199.0), lost)
    base = base.fillna(level * STOREY_HEIGHT_M)
    measured, counted = height.notna(), storeys.notna()
    use = df["use"] if "use" in df else pd.Series(None, index=df.index, dtype=object)
    assumed = _assumed_storeys(use, area_m2) * STOREY_HEIGHT_M
    result = pd.DataFrame(
        {
            "height_m": height.fillna(storeys * STOREY_HEIGHT_M)
            .fillna(assumed.clip(lower=base.fillna(0.0) + STOREY_HEIGHT_M))
            .round(2),
            "height_source": np.select(
                [measured, counted], ["measured", "from_storeys"], "assumed"
            ),
            # 3.5 storeys are drawn as 3.5 and counted as 4
            "storeys": (storeys + 0.5).floordiv(1).clip(lower=1),
            "base_m": base,
        },
        index=df.index,
    )
    floating = result["base_m"] >= result["height_m"]
    lost += [
        (label, "base", f"{base:g} m, not under the top")
        for label, base in result.loc[floating, "base_m"].items()
    ]
    result["base_m"] = result["base_m"].mask(floating)
    return result, pd.DataFrame(lost, columns=["label", "column", "value"])


def _read(
    df: pd.DataFrame,
    column: str,
    parse: Any,
    limits: tuple[float, float],
    lost: list[tuple[Any, str, Any]],
) -> pd.Series[float]:
    if column not in df:
        return pd.Series(np.nan, index=df.index, dtype=float)
    texts = df[column].astype(object)
    known = {value: parse(value) for value in set(texts.dropna())}
    numbers = texts.map(lambda value: known.get(value, math.nan)).astype(float)
    bad = (numbers < limits[0]) | (numbers > limits[1])
    unread = numbers.isna() | bad
    for label, value in texts[unread].items():
        if not is_missing(value):
            lost.append((label, column, value))
    return numbers.mask(bad)


def _assumed_storeys(use: pd.Series[Any], area_m2: pd.Series[float]) -> pd.Series[float]:
    by_size = np.select(
        [area_m2 < SMALL_M2, area_m2 < 2 * SMALL_M2], [1.0, 2.0], default=ASSUMED_DEFAULT
    )
    by_use = use.astype(object).map(ASSUMED_STOREYS).astype(float)
    return by_use.fillna(pd.Series(by_size, index=use.index))
