"""Settings (设置): services, rules, coverage, lists, imports and the history of edits.

For the desk; managers and administrators edit. The browser draws it from `/api/v1/settings`
(assets/twin/settings.mjs); every change goes through that API.
"""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from dashboard import parts
from dashboard.office import office_page
from dashboard.offices import may_open
from dashboard.words import Words

TABS = ("services", "rules", "coverage", "lists", "import", "history")


def layout(words: Words, about: dict[str, Any]) -> html.Main:
    """Return the page: tabs, and the place that the browser fills."""
    suffix = "" if words.language == "zh" else f"?lang={words.language}"
    tabs: list[Any] = [
        html.Button(
            words(f"settings.tab.{name}"),
            type="button",
            role="tab",
            className="tables-tab",
            **parts.data(settings_tab=name),
            **parts.aria(selected="true" if name == TABS[0] else "false"),
        )
        for name in TABS
    ]
    away: list[Any] = []
    if may_open("/manage/users"):
        away.append(
            html.A(words("settings.tab.users"), href=f"/manage/users{suffix}",
                   className="tables-tab settings-away")
        )  # fmt: skip
    if may_open("/manage/webhooks"):
        away.append(
            dcc.Link(words("settings.tab.webhooks"), href=f"/manage/webhooks{suffix}",
                     className="tables-tab settings-away")
        )  # fmt: skip
    return office_page(
        words,
        about,
        "settings",
        [
            html.P(words("settings.about"), className="office-about"),
            html.Div(
                [html.Div(tabs, className="settings-tabs", role="tablist",
                          **parts.aria(label=words("office.settings"))), *away],
                className="tables-tabs",
            ),
            html.Div(className="settings", **parts.data(settings="")),
        ],
    )  # fmt: skip
