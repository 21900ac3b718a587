"""Every page: where it is, which module draws it, and which world it looks into."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from dashboard.words import Words

Layout = Callable[[Words, dict[str, Any]], Any]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of Dash: its module in here has `layout(words, about)`; `world` is its URL prefix."""

    path: str
    module: str
    world: str = ""

    def load(self) -> Layout:
        """Return what draws it; Dash is loaded by that, and not before."""
        layout: Layout = import_module(f"{__name__}.{self.module}").layout
        return layout


PAGES = (
    Page("/", "home"),
    Page("/wall", "wall"),
    Page("/manage", "manage"),
    Page("/manage/incidents", "incidents"),
    Page("/manage/coverage", "coverage"),
    Page("/manage/ledger", "ledger"),
    Page("/manage/orders", "orders"),
    Page("/manage/webhooks", "webhooks"),
    Page("/manage/brief", "brief"),
    Page("/manage/directory", "directory"),
    Page("/manage/tables", "tables"),
    Page("/manage/intake", "intake"),
    Page("/manage/settings", "settings"),
    Page("/demo", "demo", world="/demo"),
)
"""Adding a page touches this list."""
