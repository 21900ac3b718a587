"""Cards of the map's pages: people, doors, vehicles, things, places, what wants a look."""

from __future__ import annotations

from typing import Any

from dash import html

from dashboard import parts
from dashboard.words import Words


def people_card(words: Words) -> html.Section:
    """Return the estimate of people inside, as of the last published hour, with the day's curve."""
    return parts.aged_card(
        words("people.title"),
        parts.as_of("people.community.t"),
        [
            html.P(
                [
                    parts.value("people.community.in", class_name="kpi"),
                    html.Span(
                        [
                            " / ",
                            parts.value("people.community.of", class_name="of"),
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
                                parts.value(f"people.community.{way}_1h", "published"),
                            ]
                        )
                        for way in ("in", "out")
                    ),
                    parts.value("people.community.hour", "hour", "muted"),
                ],
                className="pair",
            ),
            html.Div(className="spark", **parts.data(spark="people.community.series")),
            html.P(words("people.note"), className="note"),
            html.Button(
                words("people.flows"),
                type="button",
                className="preset",
                **parts.data(tool="flows"),
                **parts.aria(pressed="false"),
            ),
        ],
        "people",
    )


DOOR_STATES = ("closed", "open", "held", "forced", "offline")


def doors_card(words: Words) -> html.Section:
    """Return the five door counts, which add up to the total, and how doors were opened."""
    return parts.card(
        [words("doors.title"), " ", parts.value("counters.doors.total", class_name="count")],
        "counters.doors.t",
        [
            html.Div(className="bar", **parts.data(bar="doors")),
            html.Ul(
                [
                    html.Li(
                        [
                            html.I(className=f"mark mark-{state}"),
                            parts.value(f"counters.doors.{state}", class_name="number"),
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
                    parts.value("counters.doors.hour", "hour"),
                    " · ",
                    parts.value("counters.doors.n_1h", "published"),
                    " ",
                    html.Span(words("times"), className="times-unit"),
                ],
                className="sub",
            ),
            html.Div(className="bar", **parts.data(bar="methods")),
            html.Ul(
                [
                    html.Li(
                        [
                            html.I(className=f"swatch method-{method}"),
                            words(f"method.{method}"),
                            " ",
                            html.B("–", **parts.data(share=f"methods.{method}")),
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
    return parts.card(
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
                        [
                            words("vehicles.nev"),
                            " ",
                            parts.value("counters.vehicles.nev", "share", "b"),
                        ]
                    ),
                    html.Span(
                        [
                            words("vehicles.visitors"),
                            " ",
                            parts.value("counters.vehicles.visitors", "people", "b"),
                        ]
                    ),
                    html.Span(
                        [
                            words("vehicles.read"),
                            " ",
                            parts.value("counters.vehicles.read", "share1", "b"),
                        ]
                    ),
                ],
                className="pair",
            ),
            html.Div(className="bars", **parts.data(hours="counters.vehicles.hours")),
        ],
        "vehicles",
    )


def _figure(label: str, path: str, unit: str) -> html.Div:
    return html.Div(
        [
            html.Span(label, className="label-text"),
            html.P([parts.value(path, class_name="kpi-2"), html.Span(unit, className="unit")]),
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
    return parts.card(
        words("kinds.title"),
        "counters.kinds.t",
        [
            html.Ul(
                [
                    html.Li(
                        [
                            html.I(className="glyph", **parts.data(icon=kind)),
                            html.Span(words(f"kind.{kind}"), className="name"),
                            html.Span("–", className="number", **parts.data(kind=kind, field="n")),
                            html.Span(className="health", **parts.data(kind_bar=kind)),
                            html.Span(
                                "–",
                                className="silent-number",
                                **parts.data(kind=kind, field="silent"),
                            ),
                        ],
                        **parts.data(kind_row=kind),
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
    return parts.card(
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
            html.Ul(className="rows", **parts.data(list="services")),
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


def areas_card(words: Words, areas: list[dict[str, Any]]) -> html.Section | None:
    """Return the grids (网格) of the community, the first step down from the whole."""
    if not areas:
        return None
    return parts.card(
        [words(f"layer.{areas[0]['layer']}"), " ", html.Span(len(areas), className="count")],
        None,
        html.Ul(
            [
                html.Li(
                    html.Button(
                        [
                            html.Span(
                                area["name"], className="name", **parts.lang_of(area["name"])
                            ),
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
                        **parts.data(goto_layer=area["layer"], goto_id=area["id"]),
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
    return parts.card(
        words("intake.title"),
        "counters.intake.t",
        html.Dl(
            [
                html.Div(
                    [
                        html.Dt(words(f"intake.{name}")),
                        html.Dd(parts.value(f"counters.intake.{name}")),
                    ]
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
                html.I(**parts.data(incident_mark=str(severity))),
                html.Span("–", **parts.data(severity=str(severity))),
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
                            parts.value("counters.incidents.open", "int", "count"),
                        ],
                        className="card-title",
                    ),
                    html.Div(counts, className="sev-counts"),
                ],
                className="card-head",
            ),
            html.Ul(className="rows", **parts.data(list="incidents", most=str(most))),
            html.P(words("incidents.none"), className="note empty"),
        ],
        className="card card-incidents",
    )


def attention_card(words: Words) -> html.Section:
    """Return doors and devices that want a look, worst first."""
    return parts.card(
        [
            words("attention.title"),
            " ",
            html.Span("–", className="count", **parts.data(attention="n")),
        ],
        "counters.sensing.t",
        [
            html.Ul(className="rows", **parts.data(list="attention")),
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
            html.Ul(className="rows feed", **parts.data(list="feed")),
        ],
        className="card card-feed",
    )
