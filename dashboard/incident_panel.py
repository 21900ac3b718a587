"""The panel of an incident: its clock, its causes, what to do step by step, and what was done."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dash import dcc, html

from dashboard import ids, parts
from dashboard.words import Words
from live.incidents.life import MAY
from live.incidents.staff import NAME as SIMULATED

SHOWN = (
    "acknowledge", "start", "resolve", "close", "reopen", "note", "hand_over", "escalate", "shelve",
    "unshelve",
)  # fmt: skip
"""Actions that have a button, in their order; steps of the checklist have their own."""
PRIMARY = {"new": "acknowledge", "acknowledged": "start", "in_progress": "resolve"}
"""What comes next in each state."""
ORDER_KIND = {
    "meter_leak": "water_power", "bin_full": "environment", "bin_fire": "safety", "smoke": "safety",
    "charger_overheat": "safety", "fire_lane": "parking", "overstay": "parking",
    "plate_watch": "parking", "living_alone": "elderly_care", "door_forced": "repair",
    "door_held": "repair", "device_silent": "facility", "feed_dead": "facility",
}  # fmt: skip
"""Kind of the order that an incident becomes."""
MOST_CAUSES = 8
MORNING = 7
"""The hour until which the night's nuisances are hidden; an assumption."""
ASKS = frozenset({"note", "hand_over", "shelve", "reopen"})
"""Actions that need the text of the field."""


def build_incident(
    words: Words, told: dict[str, Any], names: dict[str, str], zone: ZoneInfo
) -> html.Section:
    """Return the panel.

    Args:
        words: The catalogue.
        told: What `dashboard.incidents_api.describe` says to everybody.
        names: `chain` (name of the community), `place` (where it is) and, by layer and id, those of
            what called, in words.
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
            html.Div(html.I(**parts.data(sla=str(told["sev"]))), className="sla-bar"),
            html.P(words("desk.stale"), className="incident-stale", role="status", hidden=True),
            _owner(words, told),
            _actions(words, told, zone),
            html.P(
                className="incident-said", role="status", **parts.data(incident_said=told["id"])
            ),
            _response(words, told),
            _checklist(words, told),
            _causes(words, told, names, zone),
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


def _owner(words: Words, told: dict[str, Any]) -> html.P | None:
    """Return who has it in hand, where the viewer may know, and how far it went up."""
    said = []
    if "owner" in told:
        owner = words("incidents.staff") if told["owner"] == SIMULATED else told["owner"]
        said.append(f"{words('incidents.owner')} {owner or words('incidents.no_owner')}")
    if told["esc"]:
        ladder = ("duty", "team_lead", "community_head", "street_office")
        to = words(f"incident_ladder.{ladder[min(told['esc'], len(ladder) - 1)]}")
        said.append(words("incidents.escalated", to=to))
    if told["re"]:
        said.append(words("incidents.reopened", n=told["re"]))
    if told["flap"]:
        said.append(words("incidents.flapping"))
    return html.P(" · ".join(said), className="muted") if said else None


def _response(words: Words, told: dict[str, Any]) -> html.Section | None:
    """Return who is nearest of those able to go, how long the way is, and whom it may harm."""
    response = told.get("response")
    if not response or told["s"] in ("resolved", "closed"):
        return None
    one, people = response["responder"], response["people"]
    lines: list[Any] = []
    if one is None:
        lines.append(html.P(words("response.none"), className="muted"))
    else:
        minutes, seconds = divmod(round(one["travel_s"]), 60)
        lines += [
            html.P(
                [
                    html.B(words(f"responder.{one['who']}")),
                    " ",
                    html.Span(one["name"], **parts.lang_of(one["name"])),
                ]
            ),
            html.P(
                words("response.way", metres=one["metres"], time=f"{minutes}:{seconds:02d}"),
                className="state",
            ),
        ]
        if one["shut"]:
            gates = "、" if words.language == "zh" else ", "
            lines.append(html.P(words("response.shut", gates=gates.join(one["shut"])),
                                className="note"))  # fmt: skip
        lines.append(html.P(words("response.assumed", speed=one["speed_mps"]), className="note"))
    if people:
        lines.append(
            html.P(
                [
                    words("response.people", homes=_count(people["households"]),
                          people=_count(people["residents"])),
                    " · ",
                    words("response.people_of", m=round(people["area_m"]), n=people["buildings"]),
                ]
            )
        )  # fmt: skip
    return html.Section([html.H4(words("response.title")), *lines], className="history-part")


def _count(value: int | str | None) -> str:
    return "–" if value is None else str(value)


def _causes(
    words: Words, told: dict[str, Any], names: dict[str, str], zone: ZoneInfo
) -> html.Section:
    rows = [
        html.Li(
            [
                html.Span(_cause_name(words, cause, names), className="name"),
                html.Span(
                    f"{_clock(cause['since'], zone)}"
                    + (f" – {_clock(cause['over'], zone)}" if cause["over"] else ""),
                    className="state",
                ),
            ],
            className="row-button",
        )
        for cause in told["causes"][:MOST_CAUSES]
    ]
    return html.Section(
        [
            html.H4(words("incidents.causes", n=told["n"])),
            html.Ul(rows, className="rows"),
            _more_causes(words, told),
        ],
        className="history-part",
    )


def _cause_name(words: Words, cause: dict[str, Any], names: dict[str, str]) -> list[Any]:
    """Return what called, and of what; of what lives in a flat the kind alone."""
    kind = words(f"incident.{cause['kind']}")
    name = names.get(f"{cause.get('layer')}.{cause.get('id')}")
    if name is None:
        return [kind]
    return [html.Span(name, **parts.lang_of(name)), html.Span(f" · {kind}", className="muted")]


def _more_causes(words: Words, told: dict[str, Any]) -> html.P | None:
    more = len(told["causes"]) - MOST_CAUSES
    return html.P(words("incidents.causes.more", n=more), className="note") if more > 0 else None


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
                **(parts.data(asks="true") if wish == "skipped" else {}),
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


def shelf_lives(now: datetime, longest_s: float) -> dict[str, float]:
    """Return for how long an incident may be hidden, seconds: some lengths, and until morning.

    Args:
        now: By the community's clock.
        longest_s: The most that the rules allow.
    """
    morning = now.replace(hour=MORNING, minute=0, second=0, microsecond=0)
    if morning <= now:
        morning += timedelta(days=1)
    lives = {"30m": 1800.0, "1h": 3600.0, "8h": 28800.0}
    lives["morning"] = (morning.astimezone(UTC) - now.astimezone(UTC)).total_seconds()
    return {name: seconds for name, seconds in lives.items() if seconds <= longest_s}


def _shelf(words: Words, zone: ZoneInfo, longest_s: float) -> html.Select:
    """Return the choice of how long; what the rules do not allow is not offered."""
    lives = shelf_lives(datetime.now(zone), longest_s)
    return html.Select(
        [
            html.Option(words(f"incident_shelf.{name}"), value=str(round(seconds)))
            for name, seconds in lives.items()
        ],
        className="order-select shelf",
        **parts.data(shelve_for="yes"),
        **parts.aria(label=words("incident_shelf")),
    )


def _actions(words: Words, told: dict[str, Any], zone: ZoneInfo) -> html.Div:
    state = told["s"]
    may_hide = state in MAY["shelve"] and not told["hid"] and told.get("shelf_s", 0) > 0
    buttons: list[Any] = [
        html.Button(
            words(f"incident_action.{action}"),
            type="button",
            className="action primary" if PRIMARY.get(state) == action else "action",
            **_ask(told, action),
            **(parts.data(asks="true") if action in ASKS else {}),
        )
        for action in SHOWN
        if state in MAY[action]
        and (may_hide or action != "shelve")
        and (told["hid"] or action != "unshelve")
    ]
    if may_hide:
        buttons.append(_shelf(words, zone, told["shelf_s"]))
    suffix = "" if words.language == "zh" else f"&lang={words.language}"
    links: list[Any] = [
        dcc.Link(
            words("desk.fly"),
            href=f"/manage?at=incidents/{told['id']}{suffix}",
            className="action",
        )
    ]
    if state != "closed" and "owner" in told:
        links.append(
            html.Button(
                words("desk.order"),
                type="button",
                className="action",
                **parts.data(incident_order=told["id"], order_place=told["l"] or "",
                             order_id=told["i"] or "", order_grid=(told["a"] or ["", ""])[1],
                             order_kind=ORDER_KIND.get(told["k"], "other"),
                             order_title=words(f"incident.{told['k']}")),
            )
        )  # fmt: skip
    field = dcc.Input(
        id=ids.INCIDENT_TEXT,
        type="text",
        placeholder=words("incidents.text"),
        className="incident-text",
        maxLength=500,
    )
    return html.Div([field, html.Div([*buttons, *links], className="incident-actions")])


def _timeline(words: Words, told: dict[str, Any], zone: ZoneInfo) -> html.Section:
    rows = [
        html.Div(
            [
                html.Time(_clock(step["at"], zone)),
                html.Span(
                    [
                        words(f"incident_action.{step['action']}"),
                        _more(words, step["data"]),
                        _by(words, step),
                    ]
                ),
            ],
            className="incident-line",
        )
        for step in told["timeline"][::-1]
    ]
    return html.Section([html.H4(words("incidents.timeline")), *rows], className="history-part")


def _by(words: Words, step: dict[str, Any]) -> html.Span | None:
    """Return who did it and what they wrote, as far as the viewer may know."""
    data = step["data"]
    texts = [data.get(name) for name in ("text", "note", "to", "reason")]
    said = [text for text in texts if isinstance(text, str) and text]
    reasons = {f"incident_reason.{text}": text for text in said}
    said = [words(key) if key in words.entries else text for key, text in reasons.items()]
    who = step["who"]
    name = words("incidents.system") if who == "system" else who
    if who == "staff":
        return None  # names are not for this viewer
    if who == SIMULATED:
        name = words("incidents.staff")
    return html.Span(" · ".join([f" — {name}", *said]), className="muted")


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
