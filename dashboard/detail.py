"""The panel of what was clicked: what is known of it, how old that is, and what belongs to it."""

from __future__ import annotations

import json
from typing import Any

from dash import dcc, html

from dashboard import ids, parts
from dashboard.words import Words

GLYPHS = {
    "grids": "layers",
    "compounds": "layers",
    "vehicles": "car",
    "floors": "layers",
    "flats": "home",
    "buildings": "building",
    "entrances": "entrance",
    "gates": "gate",
    "plate_cameras": "plate_camera",
    "services": "service",
    "parking": "parking",
}
HIDDEN = frozenset({"building_id", "gate_id", "compound_id", "grid_id", "bearing_deg"})
"""Columns that only link things together."""

OPEN_ROWS = 12
"""A longer list opens when asked."""

UNHEARD = frozenset({"buildings", "grids", "compounds", "vehicles"})
"""Layers that say nothing themselves: they show what their doors and devices say."""

MARKS = {"ok": "closed", "alarm": "forced", "silent": "offline"}

UNITS = {"height_m": "m", "base_m": "m", "width_m": "m", "period_s": "s"}


def build_detail(
    words: Words,
    feature: dict[str, Any],
    *,
    api: str = "",
    day: str | None = None,
    more: list[Any] | None = None,
) -> html.Section:
    """Return the panel of one feature (the object of `/api/v1/features/{layer}/{id}`).

    Args:
        words: The catalogue.
        feature: What is known of it.
        api: URL prefix of its world.
        day: The day whose past is shown, ISO 8601; None for today.
        more: What else a kind of thing has to show, after its facts.
    """
    layer, columns, live = feature["layer"], feature["columns"], feature["live"]
    children: list[Any] = [build_crumbs(words, feature["chain"]), build_head(words, feature)]
    if layer not in UNHEARD:
        children.append(_live(words, layer, feature["id"], live))
    children.append(_tallies(words, feature))
    if feature["totals"]:
        children.append(
            html.Dl(
                [
                    _fact(words(f"total.{name}"), _column_text(words, name, content))
                    for name, content in feature["totals"].items()
                ],
                className="facts",
            )
        )
    facts = [
        _fact(words(f"column.{name}"), _column_text(words, name, content))
        for name, content in columns.items()
        if name not in HIDDEN and name != "kind" and f"column.{name}" in words.entries
    ]
    if facts:
        children.append(html.Dl(facts, className="facts"))
    if feature["meters"]:
        children.append(
            html.Dl(
                [_fact(words(f"kind.{k}"), f"{n:,}") for k, n in feature["meters"].items()],
                className="facts",
            )
        )
    children += more or []
    shown = {"layer": layer, "id": feature["id"], "api": api, "lang": words.language, "day": day}
    children.append(dcc.Store(id=ids.SHOWN, data=shown))
    children.append(html.Div(id=ids.HISTORY, className="history"))
    for other, rows in feature["related"].items():
        children.append(_related(words, other, rows))
    children.append(_actions(words, feature))
    return html.Section(
        children,
        className="card card-detail",
        **parts.data(detail_layer=layer, detail_id=feature["id"]),
    )


def build_crumbs(words: Words, chain: list[dict[str, str]]) -> html.Nav:
    """Return the way from the community to what is shown, each step a button but the last."""
    steps: list[Any] = []
    for step in chain[:-1]:
        target = (
            parts.data(goto_layer=step["layer"], goto_id=step["id"])
            if step["id"]
            else parts.data(tool="home")
        )
        name = _step_name(words, step)
        steps.append(
            html.Li(
                html.Button(name, type="button", className="crumb", **target, **parts.lang_of(name))
            )
        )
    last = _step_name(words, chain[-1])
    steps.append(
        html.Li(
            html.Span(last, className="crumb here", **parts.lang_of(last)),
            **parts.aria(current="page"),
        )
    )
    return html.Nav(html.Ol(steps), className="crumbs", **parts.aria(label=words("detail.chain")))


def _step_name(words: Words, step: dict[str, str]) -> str:
    if step["layer"] == "floors":
        return words("detail.floor", n=step["name"])
    return step.get("name_en", step["name"]) if words.language == "en" else step["name"]


def build_head(words: Words, feature: dict[str, Any]) -> html.Header:
    """Return glyph, kind and name of what is shown, and the button that closes the panel."""
    layer, kind = feature["layer"], feature["columns"].get("kind")
    subtitle = words(f"one.{layer}")
    if kind and f"kind.{kind}" in words.entries:
        subtitle = words(f"kind.{kind}")
    return html.Header(
        [
            html.I(className="glyph", **parts.data(icon=GLYPHS.get(layer) or str(kind or "other"))),
            html.Div(
                [
                    html.P(subtitle, className="muted"),
                    html.H2(feature["name"], **parts.lang_of(feature["name"])),
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


TALLIED = {
    "entrances": ("closed", "open", "held", "forced", "offline"),
    "devices": ("ok", "fault", "alarm", "silent"),
}
"""States that a panel counts of the doors and devices that belong to what it shows."""


def _tallies(words: Words, feature: dict[str, Any]) -> html.Div | None:
    """Return how many doors and devices are in which state; the browser keeps it true."""
    rows = []
    for layer, states in TALLIED.items():
        mine = feature["related"].get(layer)
        if not mine or feature["layer"] not in UNHEARD:
            continue
        rows.append(
            html.Div(
                [
                    html.Span([words(f"layer.{layer}"), " ", html.B(f"{len(mine):,}")]),
                    html.Ul(
                        [
                            html.Li(
                                [
                                    html.I(className=f"mark mark-{MARKS.get(state, state)}"),
                                    html.B("–", **parts.data(tally=state)),
                                    html.Span(words(f"tally.{state}")),
                                ]
                            )
                            for state in states
                        ]
                    ),
                ],
                className="tally",
                **parts.data(tally_layer=layer, tally_ids=json.dumps([row["id"] for row in mine])),
            )
        )
    return html.Div(rows, className="tallies") if rows else None


def _actions(words: Words, feature: dict[str, Any]) -> html.Div:
    """Return what can be done from here: look closer, see the row, hand the place on."""
    layer, key = feature["layer"], feature["id"]
    return html.Div(
        [
            html.Button(
                words("detail.fly"),
                type="button",
                className="action primary",
                **parts.data(goto_layer=layer, goto_id=key),
            ),
            html.Button(
                words("detail.copy"),
                type="button",
                className="action",
                **parts.data(tool="copy", copied=words("detail.copied")),
            ),
        ],
        className="actions",
    )


def _live(words: Words, layer: str, key: str, live: dict[str, Any] | None) -> html.Div:
    """Return the live row; the browser keeps it true as patches come."""
    path = f"{layer}.{key}"
    if live is None:
        return html.Div(
            [html.I(className="mark mark-offline"), html.Span(words("never_heard"))],
            className="live-row",
            **parts.data(live_row=path),
        )
    return html.Div(
        [
            html.I(className="mark", **parts.data(mark=path)),
            html.Span("–", className="state", **parts.data(state=path)),
            parts.age(f"{path}|t"),
            html.Ul(className="values", **parts.data(values=path)),
        ],
        className="live-row",
        **parts.data(live_row=path),
    )


def _fact(label: str, content: str) -> html.Div:
    return html.Div([html.Dt(label), html.Dd(content, **parts.lang_of(content))])


def _column_text(words: Words, name: str, content: Any) -> str:
    for prefix in (f"{name}.{content}", f"use.{content}", f"plate.{content}"):
        if prefix in words.entries:
            return words(prefix)
    if name == "methods":
        known = [f"method.{part}" for part in str(content).split(",")]
        return " · ".join(words(key) if key in words.entries else key for key in known)
    if name == "year":
        return str(content)
    if isinstance(content, bool):
        return words("yes" if content else "no")
    if isinstance(content, int | float):
        text = f"{content:,.1f}".removesuffix(".0")
        return f"{text} {UNITS[name]}" if name in UNITS else text
    return str(content)


def _related(words: Words, layer: str, rows: list[dict[str, Any]]) -> html.Details:
    return html.Details(
        [
            html.Summary(
                [words(f"layer.{layer}"), " ", html.Span(f"{len(rows):,}", className="count")]
            ),
            html.Ul(
                [
                    html.Li(
                        html.Button(
                            [
                                html.I(className="mark", **parts.data(mark=f"{layer}.{row['id']}"))
                                if layer != "buildings"
                                else html.I(className="glyph", **parts.data(icon="building")),
                                html.Span(
                                    row["name"], className="name", **parts.lang_of(row["name"])
                                ),
                                html.Span(
                                    "",
                                    className="state",
                                    **parts.data(state=f"{layer}.{row['id']}"),
                                )
                                if layer != "buildings"
                                else None,
                            ],
                            type="button",
                            className="row-button",
                            **parts.data(goto_layer=layer, goto_id=row["id"]),
                        )
                    )
                    for row in rows
                ],
                className="rows",
            ),
        ],
        className="related",
        open=len(rows) <= OPEN_ROWS,
    )


def build_missing(words: Words) -> html.Section:
    """Return the panel for something that is no longer there."""
    return html.Section(html.P(words("gone"), className="note"), className="card card-detail")
