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


def people_card(words: Words) -> html.Section:
    """Return the estimate of people inside, as of the last published hour, with the day's curve."""
    return aged_card(
        words("people.title"),
        as_of("people.community.t"),
        [
            html.P(
                [
                    value("people.community.in", class_name="kpi"),
                    html.Span(
                        [
                            " / ",
                            value("people.community.of", class_name="of"),
                            " ",
                            html.Span(words("people.unit"), className="people-unit"),
                        ],
                        className="unit",
                    ),
                ],
                className="kpi-line",
            ),
            html.P(
                [
                    *(
                        html.Span(
                            [
                                words(f"people.{way}"),
                                " ",
                                value(f"people.community.{way}_1h", "published"),
                            ]
                        )
                        for way in ("in", "out")
                    ),
                    value("people.community.hour", "hour", "muted"),
                ],
                className="pair",
            ),
            html.Div(className="spark", **data(spark="people.community.series")),
            html.P(words("people.note"), className="note"),
            html.Button(
                words("people.flows"),
                type="button",
                className="preset",
                **data(tool="flows"),
                **aria(pressed="false"),
            ),
        ],
        "people",
    )


DOOR_STATES = ("closed", "open", "held", "forced", "offline")


def doors_card(words: Words) -> html.Section:
    """Return the five door counts, which add up to the total, and how doors were opened."""
    return card(
        [words("doors.title"), " ", value("counters.doors.total", class_name="count")],
        "counters.doors.t",
        [
            html.Div(className="bar", **data(bar="doors")),
            html.Ul(
                [
                    html.Li(
                        [
                            html.I(className=f"mark mark-{state}"),
                            value(f"counters.doors.{state}", class_name="number"),
                            html.Span(words(f"door.{state}"), className="name"),
                        ],
                        className="door-count",
                    )
                    for state in DOOR_STATES
                ],
                className="door-counts",
            ),
            html.Hr(),
            html.P(
                [
                    words("doors.methods"),
                    " · ",
                    value("counters.doors.hour", "hour"),
                    " · ",
                    value("counters.doors.n_1h", "published"),
                    " ",
                    html.Span(words("times"), className="times-unit"),
                ],
                className="sub",
            ),
            html.Div(className="bar", **data(bar="methods")),
            html.Ul(
                [
                    html.Li(
                        [
                            html.I(className=f"swatch method-{method}"),
                            words(f"method.{method}"),
                            " ",
                            html.B("–", **data(share=f"methods.{method}")),
                        ]
                    )
                    for method in ("face", "card", "code", "phone")
                ],
                className="keys",
            ),
        ],
        "doors",
    )


def vehicles_card(words: Words) -> html.Section:
    """Return today's vehicles in and out."""
    return card(
        words("vehicles.title"),
        "counters.vehicles.t",
        [
            html.Div(
                [
                    _figure(words("vehicles.in"), "counters.vehicles.in", words("vehicles.unit")),
                    _figure(words("vehicles.out"), "counters.vehicles.out", words("vehicles.unit")),
                ],
                className="figures",
            ),
            html.P(
                [
                    html.Span(
                        [words("vehicles.nev"), " ", value("counters.vehicles.nev", "share", "b")]
                    ),
                    html.Span(
                        [
                            words("vehicles.visitors"),
                            " ",
                            value("counters.vehicles.visitors", "people", "b"),
                        ]
                    ),
                    html.Span(
                        [
                            words("vehicles.read"),
                            " ",
                            value("counters.vehicles.read", "share1", "b"),
                        ]
                    ),
                ],
                className="pair",
            ),
            html.Div(className="bars", **data(hours="counters.vehicles.hours")),
        ],
        "vehicles",
    )


def _figure(label: str, path: str, unit: str) -> html.Div:
    return html.Div(
        [
            html.Span(label, className="label-text"),
            html.P([value(path, class_name="kpi-2"), html.Span(unit, className="unit")]),
        ],
        className="figure",
    )


KINDS = (
    "sos_pole",
    "waste_bin",
    "charging_pile",
    "mailbox",
    "rodent_monitor",
    "camera",
    "wifi_ap",
    "water_meter",
    "electricity_meter",
    "smoke_alarm",
)


def kinds_card(words: Words) -> html.Section:
    """Return devices by kind: how many, and how many are silent by their own rhythm."""
    return card(
        words("kinds.title"),
        "counters.kinds.t",
        [
            html.Ul(
                [
                    html.Li(
                        [
                            html.I(className="glyph", **data(icon=kind)),
                            html.Span(words(f"kind.{kind}"), className="name"),
                            html.Span("–", className="number", **data(kind=kind, field="n")),
                            html.Span(className="health", **data(kind_bar=kind)),
                            html.Span(
                                "–", className="silent-number", **data(kind=kind, field="silent")
                            ),
                        ],
                        **data(kind_row=kind),
                    )
                    for kind in KINDS
                ],
                className="kinds",
            ),
            html.P(
                [words("kinds.note"), html.I(className="hatch"), words("silent")], className="note"
            ),
        ],
        "kinds",
    )


def places_card(words: Words) -> html.Section:
    """Return free parking and services open now."""
    return card(
        words("places.title"),
        "counters.places.t",
        [
            html.Div(
                [
                    _figure(words("places.free"), "counters.places.free", words("places.spaces")),
                    _figure(words("places.open"), "counters.places.open", words("places.services")),
                ],
                className="figures",
            ),
            html.Ul(className="rows", **data(list="services")),
        ],
        "places",
    )


def overview_card(words: Words, about: dict[str, Any]) -> html.Section:
    """Return what the community file holds, and where its heights come from."""
    rows = [
        (f"layer.{name}", count)
        for name, count in about["counts"].items()
        if name in {"buildings", "entrances", "gates", "plate_cameras", "services", "roads"}
    ]
    heights = [(f"height_source.{source}", count) for source, count in about["heights"].items()]
    return html.Section(
        [
            html.Header(html.H2(words("overview.title"), className="card-title")),
            html.Dl(
                [html.Div([html.Dt(words(key)), html.Dd(f"{count:,}")]) for key, count in rows],
                className="facts",
            ),
            html.P(
                [
                    words("overview.heights"),
                    " ",
                    " · ".join(f"{words(key)} {count:,}" for key, count in heights),
                ],
                className="note",
            ),
            html.P(words("overview.source", source=about["source"]), className="note")
            if about["source"]
            else None,
        ],
        className="card card-overview",
    )


def search_box() -> html.Div:
    """Return the place of the search box, which the browser builds (assets/twin/search.mjs)."""
    return html.Div(className="find", **data(find="box"))


def areas_card(words: Words, areas: list[dict[str, Any]]) -> html.Section | None:
    """Return the grids (网格) of the community, the first step down from the whole."""
    if not areas:
        return None
    return card(
        [words(f"layer.{areas[0]['layer']}"), " ", html.Span(len(areas), className="count")],
        None,
        html.Ul(
            [
                html.Li(
                    html.Button(
                        [
                            html.Span(area["name"], className="name", **lang_of(area["name"])),
                            html.Span(
                                " · ".join(
                                    words(f"areas.{what}", n=f"{area[what]:,}")
                                    for what in ("buildings", "households")
                                    if area[what]
                                ),
                                className="state",
                            ),
                        ],
                        type="button",
                        className="row-button",
                        **data(goto_layer=area["layer"], goto_id=area["id"]),
                    )
                )
                for area in areas
            ],
            className="rows",
        ),
        "areas",
    )


def intake_card(words: Words) -> html.Section:
    """Return what came in since the start: used, repeated, kept aside with a reason."""
    return card(
        words("intake.title"),
        "counters.intake.t",
        html.Dl(
            [
                html.Div(
                    [html.Dt(words(f"intake.{name}")), html.Dd(value(f"counters.intake.{name}"))]
                )
                for name in ("accepted", "rate", "duplicate", "quarantined")
            ],
            className="facts",
        ),
        "intake",
    )


def incidents_card(words: Words, most: int = 4) -> html.Section:
    """Return open incidents, worst first, each with the time that is left; counts by severity."""
    counts = [
        html.Span(
            [
                html.I(**data(incident_mark=str(severity))),
                html.Span("–", **data(severity=str(severity))),
            ],
            title=words(f"severity.{severity}"),
        )
        for severity in (1, 2, 3, 4)
    ]
    return html.Section(
        [
            html.Header(
                [
                    html.H2(
                        [
                            words("incidents.open"),
                            " ",
                            value("counters.incidents.open", "int", "count"),
                        ],
                        className="card-title",
                    ),
                    html.Div(counts, className="sev-counts"),
                ],
                className="card-head",
            ),
            html.Ul(className="rows", **data(list="incidents", most=str(most))),
            html.P(words("incidents.none"), className="note empty"),
        ],
        className="card card-incidents",
    )


def attention_card(words: Words) -> html.Section:
    """Return doors and devices that want a look, worst first."""
    return card(
        [words("attention.title"), " ", html.Span("–", className="count", **data(attention="n"))],
        "counters.sensing.t",
        [
            html.Ul(className="rows", **data(list="attention")),
            html.P(words("attention.none"), className="note empty", hidden=True),
        ],
        "attention",
    )


def feed_card(words: Words) -> html.Section:
    """Return what is newest: vehicles, troubles, published counts of people."""
    return html.Section(
        [
            html.Header(
                [
                    html.H2(words("feed.title"), className="card-title"),
                    html.Span(words("feed.masked"), className="muted"),
                ],
                className="card-head",
            ),
            html.Ul(className="rows feed", **data(list="feed")),
        ],
        className="card card-feed",
    )


SENSING_LEGEND = (
    ("heard", "s-0 mark-c-accent"),
    ("late", "s-1"),
    ("silent", "offline"),
    ("reach", "reach"),
)
"""What the sensing view draws (assets/twin/sensing.mjs), with the class of its mark."""


def legend_card(words: Words) -> html.Section:
    """Return what the marks on the map mean, drawn as the map draws them."""
    entries = ("closed", "open", "held", "forced", "offline", "fault", "service", "parking")
    return card(
        words("legend.title"),
        None,
        [
            html.Ul(
                [
                    html.Li([html.I(className=f"mark mark-{name}"), words(f"legend.{name}")])
                    for name in entries
                ],
                className="legend legend-states",
            ),
            html.Ul(
                [
                    html.Li(
                        [
                            html.I(className=f"mark mark-{mark}"),
                            words(f"legend.sensing.{name}"),
                        ]
                    )
                    for name, mark in SENSING_LEGEND
                ],
                className="legend legend-sensing",
            ),
        ],
        "legend",
    )


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
