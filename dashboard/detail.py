"""The panel of what was clicked: what is known of it, how old that is, and what belongs to it."""

from __future__ import annotations

from typing import Any

from dash import html

from dashboard import parts
from dashboard.words import Words

GLYPHS = {
    "buildings": "building",
    "entrances": "entrance",
    "gates": "gate",
    "plate_cameras": "plate_camera",
    "services": "service",
    "parking": "parking",
}
HIDDEN = frozenset({"building_id", "gate_id", "compound_id", "grid_id", "bearing_deg"})
"""Columns that only link things together."""

UNITS = {"height_m": "m", "base_m": "m", "width_m": "m", "period_s": "s"}


def build_detail(words: Words, feature: dict[str, Any]) -> html.Section:
    """Return the panel of one feature (the object of `/api/v1/features/{layer}/{id}`)."""
    layer, columns, live = feature["layer"], feature["columns"], feature["live"]
    glyph = GLYPHS.get(layer) or str(columns.get("kind") or "other")
    kind = columns.get("kind")
    subtitle = words(f"one.{layer}")
    if kind and f"kind.{kind}" in words.entries:
        subtitle = words(f"kind.{kind}")
    children: list[Any] = [
        html.Header(
            [
                html.I(className="glyph", **parts.data(icon=glyph)),
                html.Div([html.P(subtitle, className="muted"), html.H2(feature["name"])]),
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
    ]
    if layer != "buildings":
        children.append(_live(words, layer, feature["id"], live))
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
    for other, rows in feature["related"].items():
        children.append(_related(words, other, rows))
    return html.Section(
        children,
        className="card card-detail",
        **parts.data(detail_layer=layer, detail_id=feature["id"]),
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
    return html.Div([html.Dt(label), html.Dd(content)])


def _column_text(words: Words, name: str, content: Any) -> str:
    for prefix in (f"{name}.{content}", f"use.{content}"):
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


def _related(words: Words, layer: str, rows: list[dict[str, Any]]) -> html.Div:
    shown = rows[:40]
    return html.Div(
        [
            html.H3([words(f"layer.{layer}"), " ", html.Span(f"{len(rows):,}", className="count")]),
            html.Ul(
                [
                    html.Li(
                        html.Button(
                            [
                                html.I(className="mark", **parts.data(mark=f"{layer}.{row['id']}"))
                                if layer != "buildings"
                                else html.I(className="glyph", **parts.data(icon="building")),
                                html.Span(row["name"], className="name"),
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
                    for row in shown
                ],
                className="rows",
            ),
        ],
        className="related",
    )


def build_missing(words: Words) -> html.Section:
    """Return the panel for something that is no longer there."""
    return html.Section(html.P(words("gone"), className="note"), className="card card-detail")
