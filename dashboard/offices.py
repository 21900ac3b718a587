"""The managers' pages as the bar between them names them, and who may open which."""

from __future__ import annotations

from dashboard.access.rights import is_open, read_table
from dashboard.access.viewer import current_viewer

OFFICES: dict[str, tuple[str, str]] = {
    "map": ("/manage", "layers"),
    "incidents": ("/manage/incidents", "incident"),
    "coverage": ("/manage/coverage", "coverage"),
    "ledger": ("/manage/ledger", "people"),
    "orders": ("/manage/orders", "orders"),
    "brief": ("/manage/brief", "brief"),
    "directory": ("/manage/directory", "service"),
    "tables": ("/manage/tables", "table"),
    "intake": ("/manage/intake", "sensing"),
    "settings": ("/manage/settings", "settings"),
    "users": ("/manage/users", "people"),
}
"""Page name: its address and its glyph, in the order of the bar, what is used most first.

The title is the word `office.NAME`. Any number of them fits: see `_nav`.
"""

BY_FORMS = {"users": "/manage/users"}
"""Of them, those that Dash does not draw."""


def may_open(path: str) -> bool:
    """Say whether the table of rights opens a page to who looks."""
    viewer = current_viewer()
    if path in BY_FORMS.values() and viewer.open_demo:
        return False  # the demo has no accounts
    circle = read_table().find("GET", path)
    return circle is not None and is_open(circle, viewer)
