"""The day of what was chosen: charts, shares and lists, each with where it comes from."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from dash import html

from dashboard import parts
from dashboard.chain import AREAS, find_row
from dashboard.charts import Bars, bar_figure, chart, legend, line_figure
from dashboard.ledger import read_facing
from dashboard.words import Words
from dashboard.world import World
from geodata.community import Community
from geodata.schema import METER_KINDS
from live.disclosure import show_count
from live.events import Event, utc_now
from live.health import to_period_s
from live.history.devices import (
    Point,
    Series,
    Spell,
    device_history,
    door_history,
    parking_history,
)
from live.history.people import METHODS, HourFigure, PeopleSpan
from live.history.reading import read_events, read_reads
from live.history.span import Span, day_span
from live.history.vehicles import Read, camera_day, still_inside, vehicle_visits

SHOWN = 8
"""Rows of a list; the ledger has all of them."""
LIMITS = {"level": 90.0, "temperature": 60.0}
"""Values worth a dotted line: a bin that is full, a charger that is hot."""

HEIGHT_PX = 132
QUIET = frozenset({"link"})
"""Quantities that nobody but an engineer looks at."""


class _Day:
    """A day of one world, on its way to the screen."""

    def __init__(self, world: World, words: Words, day: date, now: datetime) -> None:
        self.world, self.words, self.now = world, words, now
        self.zone = world.timezone
        self.span = day_span(day, self.zone)

    def clock(self, at: datetime) -> str:
        return f"{at.astimezone(self.zone):%H:%M}"

    def events(self, layer: str, key: str) -> list[Event]:
        return read_events(self.world.twin.store, self.span, layer=layer, subject=key)

    def reads(self, camera: str) -> list[Read]:
        return self.read_reads(self.span, camera=camera)

    def read_reads(self, span: Span, **which: str) -> list[Read]:
        store, secret = self.world.twin.store, self.world.pseudonym_key
        facing = read_facing(self.world.community)
        return read_reads(store, span, secret, facing=facing, **which)

    def names(self, layer: str) -> dict[str, str]:
        gdf = self.world.community[layer]
        names = gdf["name"].fillna(gdf["id"]).astype(str)
        return dict(zip(gdf["id"].astype(str), names, strict=True))


def build_history(
    world: World,
    words: Words,
    layer: str,
    key: str,
    *,
    day: date | None = None,
    now: datetime | None = None,
) -> list[Any]:
    """Return the sections of a day; nothing for what has no past, or is not there.

    Args:
        world: Whose past.
        words: The catalogue.
        layer: Layer of what was chosen.
        key: Its id.
        day: By the community's clock; None for today.
        now: The present moment.
    """
    build = BUILDERS.get(layer)
    if build is None or not _may_be_shown(world.community, layer, key):
        return []
    present = now or utc_now()
    today = present.astimezone(world.timezone).date()
    at = _Day(world, words, day or today, present)
    sections = [section for section in build(at, key) if section is not None]
    if not sections:
        return []
    head = words("history.today") if day in (None, today) else f"{day:%Y-%m-%d}"
    return [html.H3(head, className="history-title"), *sections]


def _may_be_shown(community: Community, layer: str, key: str) -> bool:
    """Say whether there is such a thing, and outside of flats: their meters are only counted."""
    if layer == "vehicles":
        return True  # the store knows them
    row = find_row(community, layer, key)
    return row is not None and not (layer == "devices" and row["kind"] in METER_KINDS)


def _section(title: str, *children: Any, source: str | None = None) -> html.Section:
    note = [html.P(source, className="note")] if source else []
    return html.Section([html.H4(title), *children, *note], className="history-part")


def _people(at: _Day, layer: str, key: str) -> html.Section | None:
    """Return people in and out by hour, as published; nothing where no door counts them."""
    span = at.world.people.read(at.span, at.now)
    if layer != "gates" and not span.places.doors_of(layer, key):
        return None
    hours = span.by_hour(layer, key)
    if not hours:
        return None
    words = at.words
    closed = [hour.hour for hour in hours if hour.state == "closed"]
    if not closed:
        return None
    rows = [[hour.in_ for hour in hours], [hour.out for hour in hours]]
    missing = [hour.hour for hour in hours if hour.state == "missing"]
    figure = _bars(at, [hour.hour for hour in hours], rows, missing, show_count)
    inward, outward = span.total(layer, key)
    busy = max((h for h in hours if h.in_ is not None), key=_passed, default=None)
    facts = [
        (words("direction.in"), _about(inward)),
        (words("direction.out"), _about(outward)),
    ]
    if busy is not None and _passed(busy):
        facts.append((words("history.busiest"), f"{at.clock(busy.hour)}"))
    return _section(
        words("history.people"),
        _facts(facts),
        chart(figure, words("history.people")),
        _ways(words),
        _methods(at, span, layer, key),
        source=words("history.people.note", at=at.clock(closed[-1] + timedelta(hours=1))),
    )


def _bars(
    at: _Day,
    hours: list[datetime],
    rows: list[list[int | None]],
    missing: list[datetime],
    show: Callable[[int], int | str],
) -> dict[str, Any]:
    """Return what came in and went out by hour, side by side; `show` writes a count."""
    words = at.words
    names = (words("direction.in"), words("direction.out"))
    series = [
        Bars(name, counts, [str(show(n)) if n is not None else "–" for n in counts], tone)
        for name, counts, tone in zip(names, rows, ("accent", "third"), strict=True)
    ]
    return bar_figure(
        [at.clock(hour) for hour in hours],
        series,
        missing=[at.clock(hour) for hour in missing],
        missing_text=words("history.nothing_heard"),
        height=HEIGHT_PX,
    )


def _ways(words: Words) -> html.Ul:
    return legend({"accent": words("direction.in"), "third": words("direction.out")})


def _passed(hour: HourFigure) -> int:
    return (hour.in_ or 0) + (hour.out or 0)


def _about(count: int) -> str:
    shown = show_count(count)
    return f"{shown:,}" if isinstance(shown, int) else shown


def _methods(at: _Day, span: PeopleSpan, layer: str, key: str) -> html.Div | None:
    """Return how people got in, as shares."""
    counts = span.methods(layer, key)
    total = sum(counts.values())
    if not total:
        return None
    shown = [(name, counts[name]) for name in METHODS if counts[name]]
    return html.Div(
        [
            html.Div(
                [
                    html.I(className=f"part method-{name}", style={"flexGrow": count})
                    for name, count in shown
                ],
                className="bar",
            ),
            html.Ul(
                [
                    html.Li(
                        [
                            html.I(className=f"swatch method-{name}"),
                            at.words(f"method.{name}"),
                            " ",
                            html.B(f"{count / total:.0%}"),
                        ]
                    )
                    for name, count in shown
                ],
                className="keys",
            ),
        ]
    )


def _facts(rows: list[tuple[str, str]]) -> html.Dl:
    return html.Dl(
        [html.Div([html.Dt(name), html.Dd(value)]) for name, value in rows], className="facts"
    )


def _door(at: _Day, key: str) -> list[html.Section | None]:
    row = find_row(at.world.community, "entrances", key)
    offered = str(row["methods"]) if row is not None and row["methods"] is not None else ""
    face = offered.strip() == "face"
    events = at.events("entrances", key)
    return [
        _notice(at.words("history.face_only")) if face else None,
        _people(at, "entrances", key),
        _spells(at, door_history(events, at.span)),
    ]


def _notice(text: str) -> html.Section:
    return html.Section(
        [html.I(className="mark mark-service"), html.Span(text)], className="history-notice"
    )


def _spells(at: _Day, spells: list[Spell]) -> html.Section | None:
    """Return when a door was held, forced or cut off."""
    if not spells:
        return None
    # how it went on after midnight is told by the next day
    lasting = at.words("history.still" if at.now < at.span.until else "history.overnight")
    rows = [
        html.Li(
            [
                html.I(className=f"mark mark-{spell.state}"),
                html.Span(at.words(f"tally.{spell.state}"), className="name"),
                html.Span(
                    f"{at.clock(spell.since)} – "
                    + (at.clock(spell.until) if spell.until else lasting),
                    className="state",
                ),
            ],
            className="row-button",
        )
        for spell in spells[-SHOWN:][::-1]
    ]
    return _section(at.words("history.spells", n=len(spells)), html.Ul(rows, className="rows"))


def _gate(at: _Day, key: str) -> list[html.Section | None]:
    events = at.events("gates", key)
    cameras = at.world.community["plate_cameras"]
    mine = cameras[(cameras["gate_id"] == key).fillna(False).astype(bool)]["id"]
    reads = [read for camera in mine for read in at.reads(str(camera))]
    vehicles = _vehicles(at, reads) if len(mine) else []
    return [_people(at, "gates", key), *vehicles, _spells(at, door_history(events, at.span))]


def _camera(at: _Day, key: str) -> list[html.Section | None]:
    reads = at.reads(key)
    return [*_vehicles(at, reads), _last_reads(at, reads)]


def _vehicles(at: _Day, reads: list[Read]) -> list[html.Section | None]:
    """Return vehicles in and out by hour, their classes, and how many went unread."""
    words = at.words
    seen = camera_day(reads, at.span.hours)
    hours = [hour.hour for hour in seen.hours]
    # an hour in which nothing at all was heard had no "no vehicles"
    states = at.world.people.read(at.span, at.now).states
    missing = [hour for hour in hours if states.get(hour) == "missing"]
    known = [hour.hour <= at.now and hour.hour not in missing for hour in seen.hours]
    rows: list[list[int | None]] = [
        [hour.in_ if told else None for hour, told in zip(seen.hours, known, strict=True)],
        [hour.out if told else None for hour, told in zip(seen.hours, known, strict=True)],
    ]
    figure = _bars(at, hours, rows, missing, lambda count: count)
    inward, outward = seen.total
    share = seen.unread.share
    facts = [
        (words("direction.in"), f"{inward:,}"),
        (words("direction.out"), f"{outward:,}"),
        (words("history.unread"), "–" if share is None else f"{share:.1%}"),
        (words("who.visitor"), f"{seen.who.get('visitor', 0):,}"),
    ]
    classes = " · ".join(
        f"{words(f'plate.{name}')} {count:,}" for name, count in seen.classes.most_common()
    )
    return [
        _section(
            words("history.vehicles"),
            _facts(facts),
            chart(figure, words("history.vehicles")),
            _ways(words),
            html.P(classes, className="note") if classes else None,
            source=words("history.vehicles.note"),
        )
    ]


def _plate(words: Words, masked: str, plate_class: str) -> html.Span:
    if not masked:
        return html.Span(words("feed.unread"), className="plate plate-unread")
    return html.Span(masked, className=f"plate plate-{plate_class}", lang="zh-CN")


def _last_reads(at: _Day, reads: list[Read]) -> html.Section | None:
    if not reads:
        return None
    rows = [
        html.Li(
            html.Button(
                [
                    _plate(at.words, read.masked, read.plate_class),
                    html.Span(
                        at.words(f"direction.{read.direction}") if read.direction else "",
                        className="name",
                    ),
                    html.Span(f"{read.at.astimezone(at.zone):%H:%M:%S}", className="state"),
                ],
                type="button",
                className="row-button",
                disabled=read.vehicle is None,
                **(parts.data(goto_layer="vehicles", goto_id=read.vehicle) if read.vehicle else {}),
            )
        )
        for read in reads[-SHOWN:][::-1]
    ]
    return _section(at.words("history.reads"), html.Ul(rows, className="rows"))


def _vehicle(at: _Day, key: str) -> list[html.Section | None]:
    """Return the visits of a vehicle over a week and the way it took."""
    plate = at.world.vehicles.find(key)
    if plate is None:
        return []
    words = at.words
    week = Span(at.span.since - timedelta(days=6), at.span.until)
    reads = at.read_reads(week, plate=plate)
    visits = vehicle_visits(key, reads)
    inside = still_inside(reads, at.now, at.world.visitor_limit)
    names = at.names("plate_cameras")
    rows = [
        html.Li(
            [
                html.Span(_moment(at, visit.entered_at), className="name"),
                html.Span("→"),
                html.Span(
                    _moment(at, visit.left_at) if visit.ended else words("history.inside"),
                    className="name",
                ),
                html.Span(_hours(words, visit.duration), className="state"),
            ],
            className="row-button",
        )
        for visit in visits[-SHOWN:][::-1]
    ]
    trail = [
        html.Li(
            html.Button(
                [
                    html.Span(names.get(read.camera, read.camera), className="name",
                              **parts.lang_of(names.get(read.camera, ""))),
                    html.Span(f"{read.at.astimezone(at.zone):%m-%d %H:%M}", className="state"),
                ],
                type="button",
                className="row-button",
                **parts.data(goto_layer="plate_cameras", goto_id=read.camera),
            )
        )
        for read in reads[-SHOWN:][::-1]
    ]  # fmt: skip
    return [
        _section(
            words("history.visits", n=len(visits)),
            _facts([(words("history.inside"), words("history.yes" if inside else "history.no"))]),
            html.Ul(rows, className="rows"),
            source=words("history.visits.note"),
        ),
        _section(words("history.trail"), html.Ul(trail, className="rows")) if trail else None,
    ]


def _moment(at: _Day, moment: datetime | None) -> str:
    if moment is None:
        return at.words("history.unseen")
    return f"{moment.astimezone(at.zone):%m-%d %H:%M}"


def _hours(words: Words, duration: timedelta | None) -> str:
    if duration is None:
        return "–"
    minutes = int(duration.total_seconds() // 60)
    return words("history.duration", h=minutes // 60, m=minutes % 60)


def _device(at: _Day, key: str) -> list[html.Section | None]:
    row = find_row(at.world.community, "devices", key)
    if row is None:
        return []
    period = row["period_s"]
    period_s = to_period_s(str(row["kind"]), None if period != period else float(period))
    found = device_history(at.events("devices", key), at.span, period_s, at.now)
    return [
        _series(at, name, series) for name, series in sorted(found.items()) if name not in QUIET
    ]


def _series(at: _Day, quantity: str, series: Series) -> html.Section:
    words = at.words
    key = f"quantity.{quantity}"
    name = words(key) if key in words.entries else quantity
    figure = line_figure(
        series.points,
        at.zone,
        at.span,
        name=name,
        unit=words.unit(series.unit),
        gaps=series.gaps,
        missing_text=words("history.nothing_heard"),
        now=at.now,
        usual=_limit(at, quantity),
        steps=series.unit == "",
        height=HEIGHT_PX,
    )
    written = words.unit(series.unit)
    unit = f" ({written})" if written else ""
    note = [words("history.points", n=f"{len(series.points):,}")]
    if series.doubted:
        note.append(words("history.doubted", n=len(series.doubted)))
    if series.gaps:
        note.append(words("history.gaps", n=len(series.gaps)))
    return _section(f"{name}{unit}", chart(figure, name), source=" · ".join(note))


def _limit(at: _Day, quantity: str) -> list[Point]:
    """Return the value worth a look as a dotted line, where the quantity has one."""
    value = LIMITS.get(quantity)
    if value is None:
        return []
    return [Point(at.span.since, value), Point(at.span.until, value)]


def _parking(at: _Day, key: str) -> list[html.Section | None]:
    row = find_row(at.world.community, "parking", key)
    capacity = None if row is None or row["capacity"] != row["capacity"] else int(row["capacity"])
    history = parking_history(at.events("parking", key), at.span, at.now, capacity)
    series = Series("free", "", history.free, gaps=history.gaps)
    return [_series(at, "free", series)] if history.free else []


def _service(at: _Day, key: str) -> list[html.Section | None]:
    used = [point for event in at.events("services", key) for point in _used(event)]
    return [_series(at, "used", Series("used", "", used))] if used else []


def _used(event: Event) -> list[Point]:
    value = event.data.get("used")
    return [] if value is None else [Point(event.observed_at, float(value))]


def _area(layer: str) -> Callable[[_Day, str], list[html.Section | None]]:
    return lambda at, key: [_people(at, layer, key)]


BUILDERS: dict[str, Callable[[_Day, str], list[html.Section | None]]] = {
    "entrances": _door,
    "gates": _gate,
    "plate_cameras": _camera,
    "vehicles": _vehicle,
    "devices": _device,
    "parking": _parking,
    "services": _service,
    **{layer: _area(layer) for layer in (*AREAS, "buildings")},
}
