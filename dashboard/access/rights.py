"""Reads the table of rights: which circle a request belongs to."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import orjson
from starlette.routing import compile_path

from dashboard.access.roles import CIRCLES
from dashboard.access.table import CALLBACKS, PAGES, list_routes
from dashboard.access.viewer import Viewer

PAGES_OUTPUT = ".._pages_content.children..._pages_store.data.."
"""Output of the callback by which Dash goes from page to page."""
UPDATE = "/_dash-update-component"


class Routes:
    """The table's routes, compiled."""

    def __init__(self, table: dict[str, str]) -> None:
        self._plain: dict[tuple[str, str], str] = {}
        self._shaped: list[tuple[str, re.Pattern[str], str, int]] = []
        for line, circle in table.items():
            method, _, template = line.partition(" ")
            if "{" in template:
                literal = len(re.sub(r"\{[^}]*\}", "", template))
                self._shaped.append((method, compile_path(template)[0], circle, literal))
            else:
                self._plain[method, template] = circle
        # `/orders/table.{form}` before `/orders/{number}`, which it is as well
        self._shaped.sort(key=lambda one: -one[3])

    def find(self, method: str, path: str) -> str | None:
        """Return the circle that may use a route; None for one that is not in the table."""
        method = "GET" if method == "HEAD" else method
        found = self._plain.get((method, path))
        if found is not None:
            return found
        for wanted, shape, circle, _ in self._shaped:
            if wanted in (method, "ANY") and shape.match(path):
                return circle
        return None


@cache
def read_table() -> Routes:
    """Return the table of rights, compiled once."""
    return Routes(list_routes())


WHOLE = "*"
"""Ends a circle of those who have all grids and layers: what cannot be cut is for them alone."""
DESK = "desk" + WHOLE


def is_open(circle: str, viewer: Viewer) -> bool:
    """Say whether somebody belongs to a circle; the program itself belongs to all."""
    if "system" in viewer.roles:
        return True
    if circle.endswith(WHOLE) and (viewer.areas is not None or viewer.layers is not None):
        return False
    return bool(CIRCLES[circle.removesuffix(WHOLE)] & viewer.roles)


def is_device_door(method: str, path: str) -> bool:
    """Say whether a route is one that asks devices for a token of its own."""
    return read_table().find(method, path) == "door"


def circle_of_page(path: str) -> str | None:
    """Return the circle of a page's address; None where there is no such page."""
    return PAGES.get(path.rstrip("/") or "/")


def circle_of_callback(body: bytes) -> str | None:
    """Return the circle that may run the callback that a body asks for.

    Going to a page is judged by the page. None for what is not in the table, or no callback.
    """
    try:
        asked: Any = orjson.loads(body)
        output = asked["output"]
        if output == PAGES_OUTPUT:
            place = asked["inputs"][0]  # Dash takes inputs by their order, whatever their names
            if (place["id"], place["property"]) != ("_pages_location", "pathname"):
                return None
            # an address that is no page is answered by "not found", which anybody may read
            return circle_of_page(place["value"]) or "anybody"
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        return None
    return CALLBACKS.get(output) if isinstance(output, str) else None
