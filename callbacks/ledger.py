"""The ledger: seven days to choose from, the chosen one, pages of its reads."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, html, no_update

from dashboard import ids, parts
from dashboard.ledger import read_ledger
from dashboard.ledger_view import build_ledger_page, say_page
from dashboard.words import Words, load_words
from dashboard.world import World
from live.events import utc_now

DAYS = 7


def build_days(words: Words, last: date, chosen: date, today: date) -> list[html.Button]:
    """Return the seven days up to one as buttons, newest first, the chosen one pressed."""
    named = {today: words("ledger.today"), today - timedelta(days=1): words("ledger.yesterday")}
    return [
        html.Button(
            named.get(day, f"{day:%m-%d}"),
            id={"type": ids.LEDGER_CHOICE, "day": day.isoformat()},
            type="button",
            className="day-choice",
            **parts.aria(pressed="true" if day == chosen else "false"),
        )
        for day in (last - timedelta(days=back) for back in range(DAYS))
    ]


def register(app: Dash, world_of: Callable[[str], World]) -> None:
    """Wire the ledger's controls; `world_of` takes a world's URL prefix."""

    @app.callback(
        Output(ids.LEDGER_DAYS, "children"),
        Output(ids.LEDGER_DAY, "data"),
        Input(ids.LEDGER_ASKED, "data"),
        Input(ids.LEDGER_EARLIER, "n_clicks"),
        Input(ids.LEDGER_LATER, "n_clicks"),
        Input({"type": ids.LEDGER_CHOICE, "day": ALL}, "n_clicks"),
        State(ids.LEDGER_DAY, "data"),
    )
    async def choose_day(
        asked: dict[str, Any], _earlier: int | None, _later: int | None, clicks: Any, shown: Any
    ) -> Any:
        today = utc_now().astimezone(world_of(str(asked.get("api", ""))).timezone).date()
        by = ctx.triggered_id
        last = date.fromisoformat(shown["last"]) if shown else today
        chosen = last
        if isinstance(by, dict):
            if not any(clicks):  # the buttons came anew, nobody pressed them
                return no_update, no_update
            chosen = date.fromisoformat(by["day"])
        else:
            step = {ids.LEDGER_EARLIER: -DAYS, ids.LEDGER_LATER: DAYS}.get(str(by), 0)
            chosen = last = min(today, last + timedelta(days=step))
        words = load_words(str(asked.get("lang")))
        data = {"last": last.isoformat(), "day": chosen.isoformat()}
        return build_days(words, last, chosen, today), data

    @app.callback(
        Output(ids.LEDGER_PAGE, "data"),
        Input(ids.LEDGER_NEWER, "n_clicks"),
        Input(ids.LEDGER_OLDER, "n_clicks"),
        Input(ids.LEDGER_DAY, "data"),
        State(ids.LEDGER_PAGE, "data"),
        prevent_initial_call=True,
    )
    async def turn_page(_newer: int | None, _older: int | None, _day: Any, page: int) -> Any:
        if ctx.triggered_id == ids.LEDGER_DAY:
            return 0
        return max(0, page + (1 if ctx.triggered_id == ids.LEDGER_OLDER else -1))

    @app.callback(
        Output(ids.LEDGER, "children"),
        Output(ids.LEDGER_COUNT, "children"),
        Output(ids.LEDGER_NEWER, "disabled"),
        Output(ids.LEDGER_OLDER, "disabled"),
        Input(ids.LEDGER_DAY, "data"),
        Input(ids.LEDGER_PAGE, "data"),
        Input(ids.LEDGER_CLOCK, "n_intervals"),
        State(ids.LEDGER_ASKED, "data"),
    )
    async def show_day(day: Any, page: int, _: int | None, asked: dict[str, Any]) -> Any:
        if not day:
            return (no_update,) * 4
        world = world_of(str(asked.get("api", "")))
        now, chosen = utc_now(), date.fromisoformat(day["day"])
        gone = chosen < now.astimezone(world.timezone).date()
        if gone and ctx.triggered_id == ids.LEDGER_CLOCK:
            return (no_update,) * 4  # a day gone by does not change
        words = load_words(str(asked.get("lang")))

        def build() -> Any:
            ledger = read_ledger(world, chosen, now)
            return build_ledger_page(words, ledger, page), *say_page(words, ledger, page)

        return await asyncio.to_thread(build)
