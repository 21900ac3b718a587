"""Every page: where it is, and which world it looks into."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dashboard.pages import (
    brief,
    coverage,
    demo,
    directory,
    home,
    incidents,
    intake,
    ledger,
    manage,
    orders,
    settings,
    tables,
    wall,
    webhooks,
)
from dashboard.words import Words

Layout = Callable[[Words, dict[str, Any]], Any]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of Dash: `layout(words, about)` makes it, `world` is its world's URL prefix."""

    path: str
    layout: Layout
    world: str = ""


PAGES = (
    Page("/", home.layout),
    Page("/wall", wall.layout),
    Page("/manage", manage.layout),
    Page("/manage/incidents", incidents.layout),
    Page("/manage/coverage", coverage.layout),
    Page("/manage/ledger", ledger.layout),
    Page("/manage/orders", orders.layout),
    Page("/manage/webhooks", webhooks.layout),
    Page("/manage/brief", brief.layout),
    Page("/manage/directory", directory.layout),
    Page("/manage/tables", tables.layout),
    Page("/manage/intake", intake.layout),
    Page("/manage/settings", settings.layout),
    Page("/demo", demo.layout, world="/demo"),
)
"""Adding a page touches this list."""
