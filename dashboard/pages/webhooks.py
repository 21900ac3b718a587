"""Webhooks out (对外推送), for administrators: who hears of what, and what became of it."""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from dashboard import ids, parts
from dashboard.fields import field
from dashboard.office import office_page
from dashboard.words import Words
from live.webhooks.outbox import EVENTS

REFRESH_MS = 5_000


def layout(words: Words, about: dict[str, Any]) -> html.Main:
    """Return the page; a callback fills in the webhooks and the ledger."""
    suffix = "" if words.language == "zh" else f"?lang={words.language}"
    return office_page(
        words,
        about,
        "orders",
        [
            dcc.Store(id=ids.HOOKS_ASKED, data={"lang": words.language, "api": about["api"]}),
            dcc.Store(id=ids.HOOKS_MOVED),
            dcc.Interval(id=ids.HOOKS_CLOCK, interval=REFRESH_MS),
            html.P(
                [
                    words("hooks.about"),
                    " ",
                    dcc.Link(words("hooks.back"), href=f"/manage/orders{suffix}", className="link"),
                ],
                className="office-about",
            ),
            _form(words),
            html.Div(id=ids.HOOKS, className="ledger hooks"),
        ],
        title=words("hooks.title"),
        here="/manage/webhooks",
    )


def _form(words: Words) -> html.Section:
    checks = [
        html.Button(
            words(f"hook_event.{event}"),
            type="button",
            className="preset",
            **parts.data(hook_event=event),
            **parts.aria(pressed="true"),
        )
        for event in EVENTS
    ]
    return html.Section(
        [
            html.H3(words("hooks.new"), className="card-title"),
            html.Div(
                [
                    field(words("hooks.name"), "name", most=64),
                    field(words("hooks.url"), "url"),
                    field(words("hooks.secret"), "secret"),
                ],
                className="hook-fields",
            ),
            html.Div(checks, className="presets", role="group",
                     **parts.aria(label=words("hooks.events"))),
            html.Button(words("hooks.add"), type="button", className="action primary",
                        **parts.data(hook_add="true")),
            html.P(className="order-said", role="status", **parts.data(hook_said="true")),
        ],
        className="card hook-form",
    )  # fmt: skip
