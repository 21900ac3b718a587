"""Addresses as people write them: area, building, unit, floor, flat (楼-单元-室).

A flat's number is read so that it may be left out: it leads to the door of its unit, and nobody
learns from the answer whether there is such a flat.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from dashboard.search.text import plain, strip_zeros

_GAP = r"[\s,，、。.·/_\-—–~～]*"
_BUILDING = r"(?:号楼|号院|幢|栋|座|号|#|楼|haolou|hl|dong|zuo|hao)"
_UNIT = r"(?:单元|门|danyuan|dy)"
_FLOOR = r"(?:层|楼|ceng|lou)"
_ROOM = r"(?:室|号房|户|号|房|shi)"
_NUMBER = r"(?<![0-9])[0-9]{1,4}(?![0-9])"
_NAME = r"(?<![0-9])[0-9]{1,4}(?:[a-z](?![0-9a-z])|(?![0-9]))"
_ADDRESS = re.compile(
    rf"(?P<area>|.*?[^0-9\s\-—–]){_GAP}"
    rf"(?:(?P<building>{_NAME}){_GAP}(?P<marked>{_BUILDING})?|(?P<letter>[a-z]){_GAP}(?:座|栋|幢|号楼))"
    rf"(?:{_GAP}(?P<unit>{_NUMBER}){_GAP}(?P<unit_marked>{_UNIT})?)?"
    rf"(?:{_GAP}(?P<floor>{_NUMBER}){_GAP}{_FLOOR})?"
    rf"(?:{_GAP}(?P<room>{_NUMBER}[a-z]?){_GAP}{_ROOM}?)?{_GAP}"
)
_ROOMY = 100
"""A second number from here on is a flat's: no building has so many units."""
_ENGLISH = (
    (
        re.compile(r"\b(?:building|bldg|block)\.?\s*(?:no\.?\s*)?([0-9]+[a-z]?|[a-z])\b"),
        r" \1号楼 ",
    ),
    (re.compile(r"\b(?:unit|entrance|door)\s*(?:no\.?\s*)?([0-9]+)\b"), r" \1单元 "),
    (re.compile(r"\b(?:floor|level)\s*([0-9]+)\b"), r" \1层 "),
    (
        re.compile(r"\b(?:room|flat|apartment|apt|suite)\.?\s*(?:no\.?\s*)?([0-9]+[a-z]?)\b"),
        r" \1室 ",
    ),
)
_PART = re.compile(r"\s*([0-9]+[a-z]?|[a-z])(号楼|单元|层|室)[\s,]*")
_ORDER = ("号楼", "单元", "层", "室")


@dataclass(frozen=True, slots=True)
class Address:
    """What an address says; a flat is known to be named, and no more.

    Attributes:
        area: Name of a compound or street as written; empty where none is.
        building: Number without leading zeros, or a letter.
        unit: The same of the unit, or None.
        certain: Whether the words say that it is an address (5号楼), or its form alone (津泰新苑5).
    """

    area: str
    building: str
    unit: str | None
    certain: bool


def read_address(text: str) -> Address | None:
    """Return a text as an address, or None if it is none."""
    found = _ADDRESS.fullmatch(_to_chinese_order(plain(text)).strip())
    if found is None:
        return None
    area = found["area"].strip()
    building = found["building"] or found["letter"]
    unit = found["unit"]
    if unit and not found["unit_marked"] and int(unit) >= _ROOMY:
        unit = None
    marked = bool(found["marked"] or found["letter"] or found["unit_marked"])
    if not area and not marked and not unit:
        return None  # a bare number
    if not area and not marked and len(building) > 3:
        return None  # 2026-11 is no address
    return Address(area, strip_zeros(building), strip_zeros(unit) if unit else None, marked)


def _to_chinese_order(text: str) -> str:
    """Return an English address ("building 5, Jintai Xinyuan") with Chinese marks, area first."""
    marked = text
    for pattern, mark in _ENGLISH:
        marked = pattern.sub(mark, marked)
    if marked == text:
        return text
    parts = {found[2]: found[0].strip(" ,") for found in _PART.finditer(marked)}
    rest = " ".join(_PART.sub(" ", marked).replace(",", " ").split())
    return f"{rest} {''.join(parts.get(mark, '') for mark in _ORDER)}"


_NAMED = re.compile(
    rf"(?P<area>.*?[^0-9\s])??{_GAP}(?P<number>{_NAME}|[a-z](?=座|栋|幢|号楼)){_GAP}{_BUILDING}"
)


def split_building(name: str) -> tuple[str, str] | None:
    """Return area and number of a building's own name ("津泰新苑 5 号楼"), or None."""
    found = _NAMED.fullmatch(plain(name).strip())
    if found is None:
        return None
    return (found["area"] or "").strip(), strip_zeros(found["number"])


_UNIT_OF = re.compile(rf"(?:.*[^0-9])?([0-9]+)\s*{_UNIT}.*")


def read_unit(unit: str | None, name: str | None) -> str | None:
    """Return the number of a unit door from its column, or else from its name."""
    if unit:
        number = re.search(r"[0-9]+", plain(f"{unit}单元"))
        return strip_zeros(number[0]) if number else plain(unit).strip()
    found = _UNIT_OF.fullmatch(plain(name or ""))
    return strip_zeros(found[1]) if found else None
