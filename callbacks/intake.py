"""The page of data intake: figures read anew, and quarantine behind the administrator's right."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, html, no_update

from dashboard import ids
from dashboard.doors.desk import Desk
from dashboard.doors.limits import Refusal
from dashboard.intake.dates import dates_view, read_dates
from dashboard.intake.feeds import feed_table, read_feeds
from dashboard.intake.kept import message_view, read_waiting, waiting_view
from dashboard.intake.late import late_list, read_late
from dashboard.intake.readable import to_readable
from dashboard.intake.rights import admit
from dashboard.intake.shared import share
from dashboard.intake.telling import tell_outcome
from dashboard.quarantine import Order, carry_out, find
from dashboard.words import Words, load_words
from dashboard.world import World

FEEDS_S, LATE_S = 3.0, 10.0
"""Several viewers share a reading for so long, seconds."""
MAX_TEXT = 8 * 2**20
"""Longest mended message, characters."""


def register(app: Dash, world_of: Callable[[str], World]) -> None:
    """Wire the page; it speaks of the managers' own world, whatever a browser sends."""
    _register_figures(app, world_of)
    _register_quarantine(app, world_of)


def _register_figures(app: Dash, world_of: Callable[[str], World]) -> None:
    @app.callback(
        Output(ids.INTAKE_FEEDS, "children"),
        Output(ids.INTAKE_LATE, "children"),
        Input(ids.INTAKE_TICK, "n_intervals"),
        State(ids.INTAKE_LANG, "data"),
    )
    async def show_figures(_: int | None, language: str) -> Any:
        words, world = load_words(str(language)), world_of("")
        if world.desk is None:
            return no_update, no_update
        desk, twin = world.desk, world.twin
        feeds = await asyncio.to_thread(share, desk, "feeds", FEEDS_S, lambda: read_feeds(desk))
        late = await asyncio.to_thread(share, desk, "late", LATE_S, lambda: read_late(twin))
        return feed_table(words, feeds), late_list(words, late)

    @app.callback(
        Output(ids.INTAKE_DATES, "children"),
        Input(ids.INTAKE_SLOW, "n_intervals"),
        State(ids.INTAKE_LANG, "data"),
    )
    async def show_dates(_: int | None, language: str) -> Any:
        words, world = load_words(str(language)), world_of("")
        keeper = getattr(world, "keeper", None)
        if keeper is None:
            return html.P(words("intake.unknown"), className="note")
        dates = await asyncio.to_thread(read_dates, keeper)
        return dates_view(words, dates, world.timezone)


def _register_quarantine(app: Dash, world_of: Callable[[str], World]) -> None:
    @app.callback(
        Output(ids.INTAKE_CHOSEN, "data"),
        Input({"type": ids.INTAKE_REASON, "key": ALL}, "n_clicks"),
        State(ids.INTAKE_CHOSEN, "data"),
        prevent_initial_call=True,
    )
    async def choose(_: list[int | None], chosen: str | None) -> Any:
        if not _was_clicked():
            return no_update
        key = ctx.triggered_id["key"]
        return None if key == chosen else key

    @app.callback(
        Output(ids.INTAKE_LIST, "children"),
        Input(ids.INTAKE_UNLOCK, "n_clicks"),
        Input(ids.INTAKE_TOKEN, "value"),
        Input(ids.INTAKE_CHOSEN, "data"),
        Input(ids.INTAKE_SETTLED, "data"),
        Input(ids.INTAKE_SLOW, "n_intervals"),
        State(ids.INTAKE_LANG, "data"),
    )
    async def show_list(
        _: int | None, token: str | None, chosen: str | None, _s: Any, _n: int | None, lang: str
    ) -> Any:
        words, desk = load_words(str(lang)), world_of("").desk
        try:
            in_clear = await _let_in(desk, token)
        except Refusal as refusal:
            return _tell_refusal(words, refusal, in_list=True)
        assert desk is not None
        waiting = await asyncio.to_thread(read_waiting, desk.world.twin.store)
        return waiting_view(words, waiting, chosen, in_clear=in_clear)

    @app.callback(
        Output(ids.INTAKE_OPEN, "children"),
        Input({"type": ids.INTAKE_MESSAGE, "number": ALL}, "n_clicks"),
        Input(ids.INTAKE_SETTLED, "data"),
        State(ids.INTAKE_TOKEN, "value"),
        State(ids.INTAKE_LANG, "data"),
        prevent_initial_call=True,
    )
    async def open_message(_: list[int | None], settled: Any, token: str | None, lang: str) -> Any:
        words, desk = load_words(str(lang)), world_of("").desk
        if ctx.triggered_id == ids.INTAKE_SETTLED:
            return [] if settled else no_update
        if not _was_clicked():
            return no_update
        try:
            in_clear = await _let_in(desk, token)
            assert desk is not None
            kept = await find(desk, _to_number(ctx.triggered_id["number"]))
        except Refusal as refusal:
            return _tell_refusal(words, refusal)
        shown = await asyncio.to_thread(to_readable, kept.body, in_clear=in_clear)
        return message_view(words, kept, shown, in_clear=in_clear)

    @app.callback(
        Output(ids.INTAKE_CONFIRM, "displayed"),
        Input(ids.INTAKE_DISCARD, "n_clicks"),
        prevent_initial_call=True,
    )
    async def ask(clicks: int | None) -> bool:
        return bool(clicks)

    @app.callback(
        Output(ids.INTAKE_RESULT, "children"),
        Output(ids.INTAKE_SETTLED, "data"),
        Input(ids.INTAKE_AS_IS, "n_clicks"),
        Input(ids.INTAKE_MENDED, "n_clicks"),
        Input(ids.INTAKE_CONFIRM, "submit_n_clicks"),
        State(ids.INTAKE_NUMBER, "data"),
        State(ids.INTAKE_TEXT, "value"),
        State(ids.INTAKE_TOKEN, "value"),
        State(ids.INTAKE_LANG, "data"),
        prevent_initial_call=True,
    )
    async def order(
        _a: int | None,
        _m: int | None,
        _d: int | None,
        number: Any,
        text: Any,
        token: str | None,
        lang: str,
    ) -> Any:
        if not _was_clicked():
            return no_update, no_update
        words, desk = load_words(str(lang)), world_of("").desk
        try:
            in_clear = await _let_in(desk, token)
            assert desk is not None
            status, told = await place_order(
                desk, str(ctx.triggered_id), _to_number(number), text, in_clear=in_clear
            )
        except Refusal as refusal:
            return _tell_refusal(words, refusal), no_update
        settled = {"number": number, "times": ctx.triggered[0]["value"]}
        said = tell_outcome(words, status, told, in_clear=in_clear)
        return said, settled if status == 200 else no_update


async def place_order(
    desk: Desk, button: str, number: int, text: Any, *, in_clear: bool
) -> tuple[int, dict[str, Any]]:
    """Do what a button asks for with a message; see `dashboard.quarantine.carry_out`.

    Args:
        desk: The doors.
        button: Id of the button, or of the question that was answered with yes.
        number: Of the message.
        text: What the text box holds.
        in_clear: Whether it held the message unmasked.

    Raises:
        Refusal: There is no such message, or it cannot be done.
    """
    kept = await find(desk, number)
    if button == ids.INTAKE_CONFIRM:
        return await carry_out(desk, kept, Order(action="discard"))
    mended = None
    if button == ids.INTAKE_MENDED:
        shown = await asyncio.to_thread(to_readable, kept.body, in_clear=in_clear)
        if not isinstance(text, str) or len(text) > MAX_TEXT:
            raise Refusal(413, f"longer than {MAX_TEXT} characters")
        if not shown.can_be_mended:
            raise Refusal(403, "what was shown is not the whole message")
        mended = None if text == shown.text else text
    return await carry_out(desk, kept, Order(action="replay", body=mended))


async def _let_in(desk: Desk | None, token: str | None) -> bool:
    if desk is None:
        raise Refusal(503, "the doors are not open yet")
    return await admit(desk, token, ctx.headers, ctx.remote or "")


def _was_clicked() -> bool:
    """Say whether a person clicked; a button that has just come triggers its callback too."""
    return bool(ctx.triggered and ctx.triggered[0]["value"])


def _to_number(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _tell_refusal(words: Words, refusal: Refusal, *, in_list: bool = False) -> Any:
    if in_list and refusal.status == 401:
        return html.P(words("intake.locked"), className="note locked")
    return tell_outcome(words, refusal.status, {}, in_clear=False)
