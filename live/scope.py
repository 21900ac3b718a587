"""What of the live state one may see who works in some grids, or with some layers, only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from live.twin import Twin

Rows = Mapping[str, Mapping[str, Any]]

INCIDENTS = "incidents"
SHARED = frozenset({"counters", "people"})
"""Figures of the whole community, which tell nothing of anybody."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Grids and layers; None for all of them. Viewers of one scope share what is encoded for it."""

    areas: frozenset[str] | None = None
    layers: frozenset[str] | None = None

    @property
    def is_whole(self) -> bool:
        """Whether it leaves nothing out."""
        return self.areas is None and self.layers is None

    @property
    def key(self) -> str:
        """A name that is the same for the same scope."""
        parts = (self.areas, self.layers)
        return "|".join("*" if one is None else ",".join(sorted(one)) for one in parts)

    def has_layer(self, layer: str) -> bool:
        """Say whether a layer's live state is within."""
        return self.layers is None or layer in self.layers or layer in SHARED

    def has_area(self, area: tuple[str, str] | None) -> bool:
        """Say whether an area, as layer and id, is within; what lies in none is not."""
        return self.areas is None or (area is not None and area[1] in self.areas)


class ScopedRows:
    """The part of a twin's rows that a scope holds.

    Args:
        twin: Whose.
        scope: Which part.
    """

    def __init__(self, twin: Twin, scope: Scope) -> None:
        self._twin, self._scope = twin, scope
        self._places = twin.incidents.places

    def holds(self, layer: str, key: str, row: Any = None) -> bool:
        """Say whether a thing is within; `row` is what is told of it, where something is."""
        scope = self._scope
        if layer in SHARED:
            return True
        if layer == "feed":
            there = row if isinstance(row, Mapping) else {}
            layer, key = str(there.get("l") or ""), str(there.get("i") or "")
            return bool(layer) and scope.has_layer(layer) and self._is_near(layer, key)
        if not scope.has_layer(layer):
            return False
        if layer == INCIDENTS:
            told = row.get("a") if isinstance(row, Mapping) and "a" in row else None
            return scope.has_area(_pair(told or self._twin.incidents.area_of(key)))
        return self._is_near(layer, key)

    def rows(self, layers: Rows) -> dict[str, dict[str, Any]]:
        """Return the rows by layer that are within."""
        return {
            layer: {key: row for key, row in rows.items() if self.holds(layer, key, row)}
            for layer, rows in layers.items()
            if layer in SHARED or layer == "feed" or self._scope.has_layer(layer)
        }

    def patch(self, changes: dict[str, Any]) -> dict[str, Any]:
        """Return the changes that are within. A removal names what the viewer may have had."""
        return {
            "a": _filled(self.rows(changes.get("a", {}))),
            "c": _filled(self.rows(changes.get("c", {}))),
            "r": {
                layer: [
                    key for key in keys if layer in ("feed", INCIDENTS) or self.holds(layer, key)
                ]
                for layer, keys in changes.get("r", {}).items()
            },
        }

    def _is_near(self, layer: str, key: str) -> bool:
        if self._scope.areas is None:
            return True
        return self._scope.has_area(self._places.of(layer, key).area)


def _pair(area: Any) -> tuple[str, str] | None:
    return (str(area[0]), str(area[1])) if area else None


def _filled(rows: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {layer: found for layer, found in rows.items() if found}
