"""Small pieces that every page is made of: cards, figures with their age, chips, switches.

A figure names the live value it shows (`data-bind="counters.doors.open"`); the browser fills it in
from the stream and the card's age from the value's own clock (`data-age`).
"""

from __future__ import annotations

from typing import Any

from dash import html

from dashboard.words import Words

Children = Any

LAYER_SWITCHES = (
    ("buildings", "building"),
    ("entrances", "entrance"),
    ("gates", "gate"),
    ("plate_cameras", "plate_camera"),
    ("devices", "device"),
    ("services", "service"),
    ("parking", "parking"),
)
"""Switchable layers with their glyphs, in the order of the dock."""


def data(**values: str) -> dict[str, Any]:
    """Return `data-*` properties, with underscores as dashes."""
    return {f"data-{name.replace('_', '-')}": value for name, value in values.items()}


def aria(**values: str) -> dict[str, Any]:
    """Return `aria-*` properties."""
    return {f"aria-{name}": value for name, value in values.items()}


def lang_of(text: str) -> dict[str, Any]:
    """Return the `lang` property of a name that is Chinese on whatever page."""
    return {"lang": "zh-CN"} if any("\u3400" <= char <= "\u9fff" for char in text) else {}


def value(path: str, kind: str = "int", class_name: str = "value") -> html.Span:
    """Return a place for a live value; an en dash until one was heard."""
    return html.Span("–", className=class_name, **data(bind=path, format=kind))


def age(path: str) -> html.Span:
    """Return an age chip for the clock at a path (`counters.doors.t`)."""
    return html.Span(
        [html.I(className="dot"), html.Span("–", className="age-text")],
        className="age",
        **data(age=path),
    )


def as_of(path: str) -> html.Span:
    """Return an age chip for what is published at fixed times: the clock time it stands for."""
    return html.Span(
        [html.I(className="dot"), value(path, "as_of", "age-text")], className="age as-of"
    )


def card(title: Children, age_path: str | None, children: Children, name: str) -> html.Section:
    """Return a panel with a title and the age of what it shows."""
    chip = age(age_path) if age_path else None
    return aged_card(title, chip, children, name)


def aged_card(
    title: Children, chip: html.Span | None, children: Children, name: str
) -> html.Section:
    """Return a panel with a title and a chip that tells its age."""
    head: list[Any] = [html.H2(title, className="card-title"), *_listed(chip or [])]
    return html.Section(
        [html.Header(head, className="card-head"), *_listed(children)],
        className=f"card card-{name}",
    )


def _listed(children: Children) -> list[Any]:
    return list(children) if isinstance(children, list | tuple) else [children]


def search_box() -> html.Div:
    """Return the place of the search box, which the browser builds (assets/twin/search.mjs)."""
    return html.Div(className="find", **data(find="box"))


def sensing_chip(words: Words) -> html.Div:
    """Return the share of devices heard among those due, and how many are silent."""
    return html.Div(
        [
            html.I(className="glyph", **data(icon="sensing")),
            html.Span(words("sensing.title")),
            value("counters.sensing.share", "share1", "b"),
            html.Span(
                [
                    value("counters.sensing.heard"),
                    "/",
                    value("counters.sensing.due"),
                    " · ",
                    words("sensing.window"),
                ],
                className="muted",
            ),
            html.I(className="hatch"),
            html.Span([words("silent"), " ", value("counters.sensing.silent")]),
        ],
        className="chip sensing",
        title=words("sensing.help"),
    )


def brand(name: str, subtitle: str) -> html.Div:
    """Return the community's name with the view's name under it."""
    return html.Div(
        [
            html.I(className="logo", **data(icon="logo")),
            html.Div([html.H1(name, **lang_of(name)), html.P(subtitle)]),
        ],
        className="brand",
    )


def connection(words: Words) -> html.Span:
    """Return the state of the connection, which the browser keeps true."""
    return html.Span(
        words("connection.opening"),
        className="connection",
        role="status",
        **data(connection="opening"),
    )


def clock() -> html.Div:
    """Return the community's clock."""
    return html.Div(
        [html.Span("–", className="time"), html.Span("", className="date")],
        className="clock",
        **data(clock=""),
    )


def dock(words: Words, *, coverage: bool = False) -> html.Div:
    """Return the wall's layer switches; with `coverage` that of who is served, which is off."""
    served = html.Button(
        html.Span(words("office.coverage")),
        type="button",
        className="switch-chip",
        **data(tool="coverage", icon="coverage"),
        **aria(pressed="false"),
    )
    return html.Div(
        [
            *(
                html.Button(
                    html.Span(words(f"layer.{name}")),
                    type="button",
                    className="switch-chip",
                    **data(layer=name, icon=glyph),
                    **aria(pressed="true"),
                )
                for name, glyph in LAYER_SWITCHES
            ),
            *([served] if coverage else ()),
        ],
        className="dock",
        role="group",
        **aria(label=words("layers.title")),
    )


def timeline(words: Words) -> html.Div:
    """Return the day's vehicles in 96 quarter hours."""
    return html.Div(
        [
            html.Span(
                [
                    html.I(className="live-dot"),
                    html.Span(words("live")),
                    html.Span(words("timeline.shows"), className="muted"),
                ],
                className="live-flag",
            ),
            html.Div(className="day", **data(day="counters.activity.bins")),
        ],
        className="timeline card",
    )


def map_tools(words: Words) -> html.Div:
    """Return the camera's buttons."""
    return html.Div(
        [
            html.Button(
                type="button",
                className="tool",
                title=words(f"tool.{name}"),
                **data(tool=name, icon=glyph),
                **aria(label=words(f"tool.{name}")),
            )
            for name, glyph in (
                ("in", "plus"),
                ("out", "minus"),
                ("north", "compass"),
                ("home", "home"),
            )
        ],
        className="map-tools",
    )


def progress(words: Words) -> html.Div:
    """Return what is shown while the map loads, layer by layer."""
    return html.Div(
        [
            html.P(words("loading.title"), className="loading-title"),
            html.Div(html.I(), className="loading-bar"),
            html.P("", className="loading-step", **aria(live="polite")),
        ],
        className="loading",
        role="status",
        **data(loading=""),
    )


def provenance(words: Words, *, illustrative: bool, simulated: bool) -> html.P:
    """Return what the picture is and is not."""
    said = [
        words("note.illustrative") if illustrative else words("note.imported"),
        words("note.simulated") if simulated else words("note.live"),
    ]
    return html.P(" · ".join(said), className="provenance")
