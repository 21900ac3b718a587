"""What of a world the viewer may see: their grids and layers, the same for every list and panel."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from dashboard.access.viewer import current_viewer
from live.scope import Scope, ScopedRows

if TYPE_CHECKING:
    from live.twin import Twin

AREAS = frozenset({"grids", "compounds"})


def current_scope() -> Scope:
    """Return the grids and layers of who asks."""
    viewer = current_viewer()
    return Scope(viewer.areas, viewer.layers)


def is_within(twin: Twin, layer: str, key: str) -> bool:
    """Say whether a thing is within what the viewer may see."""
    scope = current_scope()
    if scope.is_whole:
        return True
    if layer in AREAS:
        return scope.has_area((layer, key))
    return ScopedRows(twin, scope).holds(layer, key)


def ids_within(twin: Twin, layer: str, keys: Iterable[str]) -> set[str]:
    """Return which of some things of a layer the viewer may see."""
    return {key for key in keys if is_within(twin, layer, key)}


def orders_within(found: Iterable[Any]) -> list[Any]:
    """Return the orders of the viewer's grids."""
    viewer = current_viewer()
    return [one for one in found if viewer.may_enter(one.grid or None)]


def incidents_within(found: Iterable[Any]) -> list[Any]:
    """Return the incidents of the viewer's grids."""
    scope = current_scope()
    return [one for one in found if scope.has_area(one.area)]
