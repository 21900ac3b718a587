"""What an import or a check found: counts that add up, and problems that a person can act on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

LISTED_ROWS = 1000
"""Rows listed one by one per layer and reason; the rest come as one line with their number."""


@dataclass(frozen=True)
class Problem:
    """One finding.

    Attributes:
        level: "error" (refused) or "warning" (done, but look at it).
        message: What, where and what to do.
        layer: Layer of the schema, or the name of a source's layer that is not used.
        row: Row as a person counts it in the source: features from 1; lines of a table as the
            spreadsheet shows them (the header is 1).
        column: Column of the source or of the schema.
        count: How many rows or values it stands for.
    """

    level: str
    message: str
    layer: str | None = None
    row: int | None = None
    column: str | None = None
    count: int = 1


def list_rows(
    rows: Iterable[tuple[int | None, str]],
    *,
    layer: str | None,
    column: str | None = None,
    file: str = "",
) -> list[Problem]:
    """Return one warning per row and reason, the tail of a long list as one line per reason."""
    by_reason: dict[str, list[int | None]] = {}
    for row, reason in rows:
        by_reason.setdefault(reason, []).append(row)
    where = f" ({file})" if file else ""
    problems = []
    for reason, numbers in by_reason.items():
        problems += [
            Problem("warning", f"{reason}{where}", layer, row, column)
            for row in numbers[:LISTED_ROWS]
        ]
        rest = len(numbers) - LISTED_ROWS
        if rest > 0:
            message = f"{reason}: {rest} more{where}"
            problems.append(Problem("warning", message, layer, None, column, rest))
    return problems


@dataclass
class Count:
    """How many features of a layer were read and what became of them.

    A multi-part feature counts as its parts. read = kept + repaired + rejected.
    """

    kept: int = 0
    repaired: int = 0
    rejected: int = 0

    @property
    def read(self) -> int:
        """Features read, after multi-part features came apart."""
        return self.kept + self.repaired + self.rejected

    def to_dict(self) -> dict[str, int]:
        """Return the counts as `import --json` shows them."""
        return {"read": self.read, **asdict(self)}


@dataclass
class Report:
    """The object that `import --json` and `check --json` print."""

    name: str | None = None
    declared: list[str] = field(default_factory=list)
    used: list[str] = field(default_factory=list)
    by: list[str] = field(default_factory=list)
    layers: dict[str, Count] = field(default_factory=dict)
    heights: dict[str, int] = field(
        default_factory=lambda: {"measured": 0, "from_storeys": 0, "assumed": 0}
    )
    problems: list[Problem] = field(default_factory=list)

    def count(self, layer: str) -> Count:
        """Return the counts of a layer, made at first use."""
        return self.layers.setdefault(layer, Count())

    def add_crs(self, declared: str | None, used: str | None, by: str) -> None:
        """Note how one source was placed; several different ones are listed."""
        for values, value in ((self.declared, declared), (self.used, used), (self.by, by)):
            if value and value not in values:
                values.append(value)

    @property
    def refused(self) -> bool:
        """Whether there is an error."""
        return any(problem.level == "error" for problem in self.problems)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain JSON values; errors come first."""
        ordered = sorted(self.problems, key=lambda problem: problem.level != "error")
        return {
            "name": self.name,
            "crs": {
                "declared": ", ".join(self.declared) or None,
                "used": ", ".join(self.used) or None,
                "by": ", ".join(self.by) or None,
            },
            "layers": {layer: count.to_dict() for layer, count in self.layers.items()},
            "heights": dict(self.heights),
            "problems": [
                {
                    "level": problem.level,
                    "layer": problem.layer,
                    "row": problem.row,
                    "column": problem.column,
                    "message": problem.message,
                    "count": problem.count,
                }
                for problem in ordered
            ],
        }
