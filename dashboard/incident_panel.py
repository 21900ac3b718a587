"""The panel of an incident: its clock, its causes, what to do step by step, and what was done."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from dash import dcc, html

from dashboard import ids, parts
from dashboard.access.viewer import current_viewer
from dashboard.words import Words
from live.incidents.life import MAY

SHOWN = ("acknowledge", "start", "resolve", "close", "reopen", "note", "hand_over", "shelve")
"""Actions that have a button, in their order; steps of the checklist have their own."""
PRIMARY = {"new": "acknowledge", "acknowledged": "start", "in_progress": "resolve"}
"""What comes next in each state."""
ASKS = frozenset({"note", "hand_over", "shelve", "reopen"})
"""Actions that need the text of the field."""


def build_incident(
    words: Words, told: dict[str, Any], names: dict[str, str], zone: ZoneInfo
) -> html.Section:
    """Return the panel.

    Args:
        words: The catalogue.
        told: What `dashboard.incidents_api.describe` says to everybody.
        names: `chain` (name of the community) and `place` (where it is), in words.
        zone: The community's clock.
    """
    state = told["s"]
    return html.Section(
        [
            _crumbs(words, names),
            _head(words, told),
            html.P(
                [
                    html.Span(names["place"], **parts.lang_of(names["place"])),
                    f" · {words('takeover.at', at=_clock(told['since'], zone))}",
                ]
            ),
            html.Div(
                [
                    html.Span(words(f"incident_state.{state}"), className="state"),
                    html.B("–", className="elapsed", **parts.data(left=told["id"])),
                    html.Span(words("takeover.left"), className="muted"),
                ],
                className="live-row",
            ),
            _causes(words, told, zone),
            _checklist(words, told),
            _actions(words, told),
            html.P(
                className="incident-said", role="status", **parts.data(incident_said=told["id"])
            ),
            _timeline(words, told, zone),
            html.P(words("incidents.simulated"), className="note")
            if names.get("simulated")
            else None,
        ],
        className="card card-detail card-incident",
        **parts.data(detail_layer="incidents", detail_id=told["id"], version=str(told["v"])),
    )


def _crumbs(words: Words, names: dict[str, str]) -> html.Nav:
    return html.Nav(
        html.Ol(
            [
                html.Li(
                    html.Button(
                        names["chain"],
                        type="button",
                        className="crumb",
                        **parts.data(tool="home"),
                        **parts.lang_of(names["chain"]),
                    )
                ),
                html.Li(html.Span(words("incidents.title"), className="crumb here")),
            ]
        ),
        className="crumbs",
        **parts.aria(label=words("detail.chain")),
    )


def _head(words: Words, told: dict[str, Any]) -> html.Header:
    return html.Header(
        [
            html.I(className="glyph", **parts.data(incident_mark=str(told["sev"]))),
            html.Div(
                [
                    html.P(
                        [words(f"severity.{told['sev']}"), " · ", told["id"]], className="muted"
                    ),
                    html.H2(words(f"incident.{told['k']}")),
                ]
            ),
            html.Button(
                type="button",
                className="tool",
                title=words("tool.close"),
                **parts.data(tool="close", icon="close"),
                **parts.aria(label=words("tool.close")),
            ),
        ],
        className="detail-head",
    )


def _causes(words: Words, told: dict[str, Any], zone: ZoneInfo) -> html.Section:
    rows = [
        html.Li(
            [
                html.Span(words(f"incident.{cause['kind']}"), className="name"),
                html.Span(
                    f"{_clock(cause['since'], zone)}"
                    + (f" – {_clock(cause['over'], zone)}" if cause["over"] else ""),
                    className="state",
                ),
            ],
            className="row-button",
        )
        for cause in told["causes"][:8]
    ]
    return html.Section(
        [
            html.H4(words("incidents.causes", n=told["n"])),
            html.Ul(rows, className="rows"),
            _to_order(words, told["id"]),
        ],
        className="history-part",
    )


def _to_order(words: Words, number: str) -> dcc.Link | None:
    """Return the way to the form of an order that comes from this incident, for the staff."""
    if not current_viewer().is_staff:
        return None
    suffix = "" if words.language == "zh" else f"&lang={words.language}"
    href = f"/manage/orders?incident={number}{suffix}"
    return dcc.Link(words("incidents.to_order"), href=href, className="action")


def _checklist(words: Words, told: dict[str, Any]) -> html.Section | None:
    if not told["checklist"]:
        return None
    may = told["s"] in MAY["step"]
    rows = []
    for entry in told["checklist"]:
        name, how = entry["step"], entry["how"]
        buttons = [
            html.Button(
                words(f"incident_how.{wish}"),
                type="button",
                className="preset",
                disabled=not may,
                **_ask(told, "step", step=name, how=wish),
                **parts.aria(pressed=str(how == wish).lower()),
            )
            for wish in ("done", "skipped")
        ]
        rows.append(
            html.Li([html.Span(words(f"incident_step.{name}"), className="name"), *buttons],
                    className="row-button")
        )  # fmt: skip
    done = sum(entry["how"] == "done" for entry in told["checklist"])
    return html.Section(
        [
            html.H4(
                [
                    words("incidents.checklist"),
                    " · ",
                    words("incidents.steps", done=done, of=len(told["checklist"])),
                ]
            ),
            html.Ul(rows, className="rows"),
        ],
        className="history-part",
    )


def _ask(told: dict[str, Any], action: str, **given: str) -> dict[str, Any]:
    return parts.data(
        incident_action=action,
        incident_id=told["id"],
        incident_version=str(told["v"]),
        **{f"given_{name}": value for name, value in given.items()},
    )


def _actions(words: Words, told: dict[str, Any]) -> html.Div:
    state = told["s"]
    buttons = [
        html.Button(
            words(f"incident_action.{action}"),
            type="button",
            className="action primary" if PRIMARY.get(state) == action else "action",
            **_ask(told, action),
            **(parts.data(asks="true") if action in ASKS else {}),
        )
        for action in SHOWN
        if state in MAY[action] and not (action == "shelve" and told["hid"])
    ]
    field = dcc.Input(
        id=ids.INCIDENT_TEXT,
        type="text",
        placeholder=words("incidents.text"),
        className="incident-text",
        maxLength=500,
    )
    return html.Div([field, html.Div(buttons, className="incident-actions")])


def _timeline(words: Words, told: dict[str, Any], zone: ZoneInfo) -> html.Section:
    rows = [
        html.Div(
            [
                html.Time(_clock(step["at"], zone)),
                html.Span(
                    [
                        words(f"incident_action.{step['action']}"),
                        _more(words, step["data"]),
                    ]
                ),
            ],
            className="incident-line",
        )
        for step in told["timeline"][::-1]
    ]
    return html.Section([html.H4(words("incidents.timeline")), *rows], className="history-part")


def _more(words: Words, data: dict[str, Any]) -> str:
    found = []
    for name, prefix in (("step", "incident_step"), ("how", "incident_how"),
                         ("outcome", "incident_outcome")):  # fmt: skip
        key = f"{prefix}.{data.get(name)}"
        if key in words.entries:
            found.append(words(key))
    return f" · {' · '.join(found)}" if found else ""


def _clock(at: float, zone: ZoneInfo) -> str:
    return f"{datetime.fromtimestamp(at, zone):%H:%M:%S}"
