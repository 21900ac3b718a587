"""A brief as parts that a page and a PDF draw alike: figures, tables, words, and their source."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Figure:
    """A number with its name, and what it is of."""

    label: str
    value: str
    under: str = ""


@dataclass(frozen=True)
class Part:
    """One part of a brief.

    Attributes:
        title: What it is about.
        source: Where its figures come from, and as of when.
        figures: Its figures.
        head: Head of its table.
        rows: Its table.
        none: What to say where the table has no row.
        text: Words on lines of their own.
    """

    title: str
    source: str
    figures: list[Figure] = field(default_factory=list)
    head: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    none: str = ""
    text: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Brief:
    """A brief in one language.

    Attributes:
        title: Its kind.
        name: Of the community.
        span: From when to when, in words.
        made: When it was drawn up, in words.
        parts: Its parts in order.
        simulated: A line that says so where what it says is simulated; else empty.
    """

    title: str
    name: str
    span: str
    made: str
    parts: list[Part]
    simulated: str
