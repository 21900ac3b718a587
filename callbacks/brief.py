"""The page of briefs: draws up the chosen one, lists the hand-overs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from dash import Dash, Input, Output, State

from dashboard import ids
from dashboard.access import current_viewer
from dashboard.brief.api import MOST_BACK, shifts_of
from dashboard.brief.build import build_brief
from dashboard.brief.page import build_page
from dashboard.brief.reading import KINDS, read_told
from dashboard.brief.shifts import build_shifts
from dashboard.words import load_words
from dashboard.world import World

SHOWN = 8


def register(app: Dash, world_of: Callable[[str], World]) -> None:
    """Wire the page; it speaks of the managers' own world, whatever a browser sends."""

    @app.callback(
        Output(ids.BRIEF, "children"),
        Output(ids.SHIFTS, "children"),
        Input(ids.BRIEF_KIND, "data"),
        Input(ids.BRIEF_MOVED, "data"),
        State(ids.BRIEF_ASKED, "data"),
    )
    async def show(chosen: Any, _moved: Any, asked: dict[str, Any]) -> Any:
        words, world = load_words(str(asked.get("lang"))), world_of("")
        given = chosen if isinstance(chosen, dict) else {}
        kind = given.get("kind") if given.get("kind") in KINDS else "shift"
        back = given.get("back") if isinstance(given.get("back"), int) else 0
        back = min(MOST_BACK, max(0, int(back or 0)))
        viewer = current_viewer()

        def build() -> Any:
            brief = build_brief(words, world, read_told(world, str(kind), back))
            found = shifts_of(world).latest(SHOWN)
            # in the demo one person plays both shifts
            name = "" if viewer.open_demo else viewer.name
            return build_page(words, brief), build_shifts(words, found, world.timezone, name)

        return await asyncio.to_thread(build)
