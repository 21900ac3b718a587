"""The panel of one floor or flat, and the bars by which a building's panel leads to its floors."""

from __future__ import annotations

from typing import Any

from dash import html

from dashboard import parts
from dashboard.detail import build_crumbs, build_head
from dashboard.words import Words
from geodata.schema import TENURES


def build_floor(words: Words, facts: dict[str, Any], feature_id: str) -> html.Section | None:
    """Return the panel of a floor or of a flat on it, or None if the building has no such floor.

    Args:
        words: The catalogue.
        facts: The building's floors (`dashboard.dwellings.describe_floors`).
        feature_id: `BUILDING/FLOOR` or `BUILDING/FLOOR/UNIT/INDEX`.
    """
    _, _, rest = feature_id.partition("/")
    number, _, flat_id = rest.partition("/")
    floor = next((one for one in facts["floors"] if str(one["floor"]) == number), None)
    if floor is None:
        return None
    unit, _, index = flat_id.partition("/")
    flat = _find_flat(floor, unit, index)
    floor_step = {"layer": "floors", "id": f"{facts['building']}/{number}", "name": number}
    chain = [*facts["chain"], floor_step]
    name = words("detail.floor", n=number)
    if flat_id:
        name = _flat_name(words, unit, index, flat)
        chain.append({"layer": "flats", "id": feature_id, "name": name})
    head: dict[str, Any] = {"layer": "flats" if flat_id else "floors", "columns": {}, "name": name}
    children = [
        build_crumbs(words, chain),
        build_head(words, head),
        _flat_card(words, flat) if flat else None,
        _households(words, floor),
        _tenures(words, floor) if "flats" in floor else None,
        _meters(words, floor, facts["at"]),
        _rows(words("floors.doors"), "entrances", floor["doors"]),
        _rows(words("floors.devices"), "devices", floor["devices"]),
        floor_bars(words, facts, chosen=floor["floor"]),
        _source(words, facts, alike="flats" not in floor),
        html.Div(
            html.Button(
                words("detail.copy"),
                type="button",
                className="action",
                **parts.data(tool="copy", copied=words("detail.copied")),
            ),
            className="actions",
        ),
    ]
    return html.Section(
        children,
        className="card card-detail card-floor",
        **parts.data(detail_layer="floors", detail_id=feature_id),
    )


def floor_bars(words: Words, facts: dict[str, Any], *, chosen: int | None = None) -> html.Div:
    """Return a bar a floor, the top floor first: households, and what is wrong or silent there.

    Args:
        words: The catalogue.
        facts: See `build_floor`.
        chosen: The floor that the panel is about.
    """
    most = max((floor["households"] or 0 for floor in facts["floors"]), default=0) or 1
    known = any(floor["households"] is not None for floor in facts["floors"])
    rows = []
    for floor in reversed(facts["floors"]):
        households = floor["households"]
        here = parts.aria(current="true") if floor["floor"] == chosen else {}
        rows.append(
            html.Li(
                html.Button(
                    [
                        html.B(words("floors.short", n=floor["floor"])),
                        html.Span(
                            html.I(style={"width": f"{100 * (households or 0) / most:.0f}%"}),
                            className="floor-fill",
                        ),
                        html.Span("–" if households is None else str(households), className="n"),
                        _worst(words, floor),
                    ],
                    type="button",
                    className="floor-row",
                    **parts.data(
                        goto_layer="floors", goto_id=f"{facts['building']}/{floor['floor']}"
                    ),
                    **here,
                )
            )
        )
    title = words("floors.bars") if known else words("floors.no_flats")
    return html.Div(
        [html.P(title, className="muted"), html.Ul(rows)],
        className="floor-bars",
    )


def _worst(words: Words, floor: dict[str, Any]) -> html.Span:
    """Return the mark of an alarm, else of silence, with its number for people and machines."""
    for name, mark, key in (
        ("alarm", "forced", "floors.alarms"),
        ("silent", "offline", "floors.silent"),
    ):
        count = sum(meter[name] for meter in floor["meters"].values())
        if count:
            text = words(key, n=count)
            return html.Span(
                [html.I(className=f"mark mark-{mark}"), str(count)],
                className="worst",
                title=text,
                role="img",
                **parts.aria(label=text),
            )
    return html.Span(className="worst")


def _households(words: Words, floor: dict[str, Any]) -> html.Dl | html.P:
    if floor["households"] is None:
        return html.P(words("floors.no_flats"), className="note")
    facts = [(words("floors.households"), floor["households"])]
    facts += [
        (words("floors.unit", n=unit), count)
        for unit, count in sorted(floor["units"].items(), key=lambda item: (len(item[0]), item[0]))
        if unit
    ]
    return html.Dl(
        [html.Div([html.Dt(label), html.Dd(f"{count:,}")]) for label, count in facts],
        className="facts floor-facts",
    )


def _meters(words: Words, floor: dict[str, Any], at: float) -> html.Section | html.P:
    if not floor["meters"]:
        return html.P(words("floors.no_meters"), className="note")
    rows = []
    for kind, meter in floor["meters"].items():
        notes: list[Any] = []
        for name, mark, key in (
            ("alarm", "forced", "floors.alarms"),
            ("silent", "offline", "floors.silent"),
        ):
            if meter[name]:
                notes.append(html.I(className=f"mark mark-{mark}"))
                notes.append(html.Span(words(key, n=meter[name])))
        rows.append(
            html.Li(
                [
                    html.I(className="glyph", **parts.data(icon=kind)),
                    html.Span(words(f"kind.{kind}"), className="name"),
                    html.Span(notes, className="notes"),
                    html.Span([html.B(f"{meter['n'] - meter['silent']}"), f" / {meter['n']}"]),
                ]
            )
        )
    return html.Section(
        [
            html.Header(
                [
                    html.H3(words("floors.meters")),
                    html.Span(
                        [html.I(className="dot"), html.Span("–", **parts.data(ago=str(at)))],
                        className="age",
                    ),
                ],
                className="floor-head",
            ),
            html.Ul(rows, className="floor-meters"),
        ],
        className="floor-part",
    )


def _tenures(words: Words, floor: dict[str, Any]) -> html.Section:
    """Return how many flats are what, as a bar and in words; for managers with the right alone."""
    flats = floor["flats"]
    counts = {name: sum(flat["tenure"] == name for flat in flats) for name in (*TENURES, None)}
    shown = [(name or "none", count) for name, count in counts.items() if count or name]
    return html.Section(
        [
            html.Header(
                [
                    html.H3(words("floors.tenure", n=len(flats))),
                    html.Span(words("floors.private"), className="badge"),
                ],
                className="floor-head",
            ),
            html.Div(
                [
                    html.I(className=f"part tenure-{name}", style={"flexGrow": count})
                    for name, count in shown
                    if count
                ],
                className="bar",
            ),
            html.Ul(
                [
                    html.Li(
                        [
                            html.I(className=f"swatch tenure-{name}"),
                            words(f"floors.tenure.{name}"),
                            " ",
                            html.B(str(count)),
                        ]
                    )
                    for name, count in shown
                ],
                className="keys",
            ),
            html.P(words("floors.no_names"), className="note"),
        ],
        className="floor-part",
    )


def _find_flat(floor: dict[str, Any], unit: str, index: str) -> dict[str, Any] | None:
    """Return what may be told of a flat; None where nothing may, or there is none."""
    for flat in floor.get("flats", []):
        if flat["unit"] == unit and str(flat["index"]) == index:
            found: dict[str, Any] = flat
            return found
    return None


def _flat_name(words: Words, unit: str, index: str, flat: dict[str, Any] | None) -> str:
    room = flat["room"] if flat else ""
    named = room or words("floors.flat", n=index)
    return f"{words('floors.unit', n=unit)} {named}" if unit else named


def _flat_card(words: Words, flat: dict[str, Any]) -> html.Div:
    people = flat["residents"]
    shown: list[Any] = [
        html.I(className=f"swatch tenure-{flat['tenure'] or 'none'}"),
        html.B(words(f"floors.tenure.{flat['tenure'] or 'none'}")),
    ]
    if people is not None:
        many = str(people).endswith("+")
        told = words("floors.people.some") if many else words("floors.people", n=people)
        shown.append(html.Span(told))
    shown.append(html.Span(words("floors.private"), className="badge"))
    return html.Div(shown, className="floor-flat")


def _rows(title: str, layer: str, rows: list[dict[str, str]]) -> html.Section | None:
    if not rows:
        return None
    return html.Section(
        [
            html.H3(title),
            html.Ul(
                [
                    html.Li(
                        html.Button(
                            [
                                html.I(className="mark", **parts.data(mark=f"{layer}.{row['id']}")),
                                html.Span(
                                    row["name"], className="name", **parts.lang_of(row["name"])
                                ),
                                html.Span(
                                    "",
                                    className="state",
                                    **parts.data(state=f"{layer}.{row['id']}"),
                                ),
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
        className="floor-part",
    )


def _source(words: Words, facts: dict[str, Any], *, alike: bool) -> html.P:
    made = str(facts["made_at"] or "")[:10]
    told = words("floors.source", date=made) if made else words("floors.source.undated")
    source = facts["source"]
    if isinstance(source, dict):
        source = source.get(words.language)
    texts = [told, source, words("floors.alike") if alike else None]
    return html.P(" · ".join(text for text in texts if text), className="note")
