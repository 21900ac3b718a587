"""Webhooks on screen: who hears, how their deliveries stand, the ledger with its dead letters."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from dash import html

from dashboard import parts
from dashboard.orders import say
from dashboard.words import Words

STATES = ("waiting", "delivered", "dead")


def build_hooks(
    words: Words, told: dict[str, Any], ledger: list[dict[str, Any]], zone: ZoneInfo
) -> list[Any]:
    """Return the list and the ledger.

    Args:
        words: The language.
        told: See `dashboard.webhooks_api.tell_hooks`.
        ledger: The newest deliveries.
        zone: The community's clock.
    """
    names = {each["id"]: each["name"] for each in told["items"]}
    return [_list(words, told["items"], zone), _ledger(words, ledger, names, zone)]


def _list(words: Words, items: list[dict[str, Any]], zone: ZoneInfo) -> html.Section:
    cards = [html.Li(_hook(words, each, zone), key=each["id"]) for each in items]
    return html.Section(
        html.Ul(cards, className="order-cases")
        if cards
        else html.P(words("hooks.none"), className="note"),
        **parts.aria(label=words("hooks.title")),
    )


def _hook(words: Words, each: dict[str, Any], zone: ZoneInfo) -> html.Article:
    actions = ("test", "pause" if each["active"] else "resume", "remove")
    counts = [
        html.Div(
            [
                html.Dt(words(f"hook_state.{state}")),
                html.Dd(
                    f"{each['counts'][state]:,}",
                    className="over-mark" if state == "dead" and each["counts"][state] else "",
                ),
            ]
        )
        for state in STATES
    ]
    return html.Article(
        [
            html.Div(
                [
                    html.B(each["name"], **parts.lang_of(each["name"])),
                    html.Span(
                        words("hooks.active" if each["active"] else "hooks.paused"),
                        className="order-kind",
                    ),
                ],
                className="order-line",
            ),
            html.Code(each["url"], className="hook-url"),
            html.P(
                " · ".join(words(f"hook_event.{event}") for event in each["events"]),
                className="order-facts",
            ),
            html.Dl(counts, className="facts"),
            html.P(
                words("hooks.made", who=each["made_by"], at=say.moment(each["made_at"], zone)),
                className="note",
            ),
            html.Div(
                [
                    html.Button(
                        words(f"hook_action.{action}"),
                        type="button",
                        className="action",
                        **parts.data(hook_act=action, hook_id=each["id"]),
                    )
                    for action in actions
                ],
                className="incident-actions",
            ),
        ],
        className="card hook",
    )


def _ledger(
    words: Words, ledger: list[dict[str, Any]], names: dict[str, str], zone: ZoneInfo
) -> html.Section:
    rows = [
        html.Tr(
            [
                html.Td(say.moment(each["made_at"], zone)),
                html.Td(names.get(each["hook"], each["hook"])),
                html.Td(words(f"hook_event.{each['event']}")),
                html.Td(html.Code(each["id"][:16])),
                html.Td(
                    html.Span(
                        words(f"hook_state.{each['state']}"),
                        className="over-mark" if each["state"] == "dead" else "",
                    )
                ),
                html.Td(f"{each['attempts']}", className="num"),
                html.Td(each["error"] or (str(each["status"] or "–")), className="hook-why"),
                html.Td(
                    html.Button(
                        words("hook_action.replay"),
                        type="button",
                        className="action",
                        **parts.data(hook_act="replay", hook_id=each["id"]),
                    )
                    if each["state"] == "dead"
                    else say.moment(each["next_at"], zone)
                    if each["state"] == "waiting"
                    else say.moment(each["done_at"], zone)
                ),
            ],
            key=each["id"],
        )
        for each in ledger
    ]
    head = ("at", "name", "event", "id", "state", "attempts", "why", "next")
    return html.Section(
        [
            html.H3(words("hooks.ledger"), className="card-title"),
            html.P(words("hooks.ledger.about"), className="note"),
            html.Div(
                html.Table(
                    [
                        html.Caption(words("hooks.ledger")),
                        html.Thead(
                            html.Tr([html.Th(words(f"hooks.head.{n}"), scope="col") for n in head])
                        ),
                        html.Tbody(rows),
                    ],
                    className="ledger-table",
                ),
                className="table-scroll",
                tabIndex=0,
                role="region",
                **parts.aria(label=words("hooks.ledger")),
            )
            if rows
            else html.P(words("hooks.ledger.none"), className="note"),
        ],
        className="card",
    )
