"""Which columns each layer's table has, and what kind of values they hold."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.words import Words


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Attributes:
        name: Of the value in a row, and in a GeoPackage.
        kind: text, word (a code with words), int, number, year, people (a count, small ones
            hidden), bool, state, age (a moment), or values (what a device measures).
        words: Beginning of the keys of a code's words; "" for `name`.
        unit: Shown in the heading.
        live: Whether the stream changes it.
        width: On the screen, pixels.
    """

    name: str
    kind: str = "text"
    words: str = ""
    unit: str = ""
    live: bool = False
    width: int = 130


ID = Column("id", width=140)
NAME = Column("name", width=260)
BUILDING = Column("building", width=170)
HOURS = Column("hours", width=210)
STATE = Column("state", "state", live=True, width=150)
SINCE = Column("since", "age", live=True, width=130)
HEARD = Column("heard", "age", live=True, width=130)

METERS = ("water_meter", "electricity_meter", "smoke_alarm")
"""Kinds inside flats: a building has their number, and no table has one of them."""

TABLES: dict[str, tuple[Column, ...]] = {
    "buildings": (
        NAME,
        Column("grid", width=150),
        Column("compound", width=130),
        Column("use", "word", width=110),
        Column("storeys", "int", width=90),
        Column("height_m", "number", unit="m", width=120),
        Column("height_source", "word", width=130),
        Column("households", "int", width=100),
        Column("residents", "people", width=100),
        Column("residents_60plus", "people", width=120),
        Column("residents_under15", "people", width=120),
        Column("lift", "bool", width=90),
        Column("year", "year", width=110),
        Column("doors", "int", width=100),
        Column("devices", "int", width=100),
        *(Column(kind, "int", width=100) for kind in METERS),
        Column("address", width=220),
        ID,
    ),
    "entrances": (
        NAME,
        STATE,
        SINCE,
        HEARD,
        BUILDING,
        Column("unit", width=100),
        Column("methods", "words", words="method", width=250),
        ID,
    ),
    "gates": (
        NAME,
        STATE,
        SINCE,
        HEARD,
        Column("access", "word", width=100),
        Column("compound", width=130),
        HOURS,
        ID,
    ),
    "plate_cameras": (
        NAME,
        STATE,
        HEARD,
        Column("reads", "int", live=True, width=120),
        Column("gate", width=170),
        Column("direction", "word", width=100),
        ID,
    ),
    "devices": (
        NAME,
        Column("kind", "word", width=160),
        STATE,
        Column("values", "values", live=True, width=240),
        SINCE,
        HEARD,
        Column("period_s", "number", unit="s", width=170),
        BUILDING,
        ID,
    ),
    "services": (
        NAME,
        Column("kind", "word", width=130),
        STATE,
        Column("used", "people", live=True, width=100),
        Column("capacity", "int", width=100),
        HEARD,
        HOURS,
        Column("supplier", width=190),
        Column("supplier_kind", "word", width=120),
        BUILDING,
        ID,
    ),
    "parking": (
        NAME,
        Column("free", "int", live=True, width=100),
        Column("capacity", "int", live=True, width=100),
        HEARD,
        Column("kind", "word", words="parking_kind", width=120),
        ID,
    ),
    "grids": (NAME, Column("buildings", "int"), Column("households", "int"), ID),
    "compounds": (NAME, Column("buildings", "int"), Column("households", "int"), ID),
}
"""Layers that have a table, in the order of their tabs."""


def heading(words: Words, column: Column) -> str:
    """Return a column's heading, with its unit."""
    key = f"tables.{column.name}"
    text = words(key if key in words.entries else f"column.{column.name}")
    return words("tables.with_unit", name=text, unit=column.unit) if column.unit else text
