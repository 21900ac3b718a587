"""The ledger on screen: figures, charts by hour, gates, vehicles inside, reads."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from dash import dcc, html

from dashboard import parts
from dashboard.charts import Bars, bar_figure, chart, legend
from dashboard.ledger import SHOWN_METHODS, GateRow, Ledger
from dashboard.words import Words
from live.disclosure import show_count
from live.history import HourFigure, Inside, Read

PAGE_ROWS = 50
INSIDE_ROWS = 40
METHOD_TONES = ("accent", "second", "third", "fourth")
_MINUTE = timedelta(minutes=1)


def build_ledger_page(words: Words, ledger: Ledger, page: int) -> list[Any]:
    """Return a day of the ledger.

    Args:
        words: The language.
        ledger: The day.
        page: Which page of reads, from 0.
    """
    return [
        _figures(words, ledger),
        html.Div(
            [
                html.Div(
                    [_people(words, ledger), _methods(words, ledger), _inside(words, ledger)],
                    className="ledger-column",
                ),
                html.Div(
                    [_vehicles(words, ledger), _gates(words, ledger), _reads(words, ledger, page)],
                    className="ledger-column",
                ),
            ],
            className="ledger-pair",
        ),
    ]


def say_page(words: Words, ledger: Ledger, page: int) -> tuple[str, bool, bool]:
    """Return what the page of reads holds, and whether there is none before and none after it."""
    count, first = len(ledger.reads), page * PAGE_ROWS
    last = min(count, first + PAGE_ROWS)
    if not count:
        return "", True, True
    said = words("ledger.reads.shown", first=f"{first + 1:,}", last=f"{last:,}", n=f"{count:,}")
    return said, page == 0, last >= count


def _figures(words: Words, ledger: Ledger) -> html.Section:
    into, out = ledger.people.total("community")
    published = _until(ledger) is not None
    vehicles_in, vehicles_out = ledger.vehicles.total
    unread = ledger.vehicles.unread
    share = f"{unread.share:.1%}" if unread.share is not None else "–"
    hours, minutes = divmod(ledger.limit // _MINUTE, 60)
    limit = (
        words("ledger.over.limit.h", n=hours)
        if hours and not minutes
        else words("ledger.over.limit", n=ledger.limit // _MINUTE)
    )
    at = f"{_clock(ledger, ledger.at)}"
    people = words("ledger.people.unit")
    return html.Section(
        [
            _figure(
                words("ledger.people"),
                f"{_count(into)} / {_count(out)}" if published else "–",
                people,
                _people_source(words, ledger),
            ),
            _figure(
                words("ledger.vehicles"),
                f"{vehicles_in:,} / {vehicles_out:,}",
                words("ledger.vehicle.unit"),
                words("ledger.vehicles.source", n=f"{unread.reads:,}"),
            ),
            _figure(words("ledger.inside"), f"{len(ledger.inside):,}",
                    words("ledger.inside.unit"), at),
            _figure(words("ledger.over"), f"{len(ledger.over):,}",
                    words("ledger.inside.unit"), limit),
            _figure(words("ledger.unread"), share, "",
                    words("ledger.unread.of", n=f"{unread.unread:,}", of=f"{unread.reads:,}")),
        ],
        className="ledger-figures",
    )  # fmt: skip


def _figure(label: str, number: str, unit: str, under: str) -> html.Div:
    return html.Div(
        [
            html.Span(label, className="label-text"),
            html.P([html.Span(number, className="kpi-2"), html.Span(unit, className="unit")]),
            html.P(under, className="note"),
        ],
        className="card figure",
    )


def _people(words: Words, ledger: Ledger) -> html.Section:
    layer = "community" if ledger.people.places.doors else "gates"
    hours = ledger.people.by_hour(layer)
    title = words("ledger.people.doors" if ledger.people.places.doors else "ledger.people")
    return _hour_card(
        title,
        words("ledger.chart.people"),
        words,
        ledger,
        hours,
        {
            "accent": (words("ledger.in"), [hour.in_ for hour in hours]),
            "second": (words("ledger.out"), [hour.out for hour in hours]),
        },
        [_people_source(words, ledger), words("ledger.people.rule")],
        protected=True,
    )


def _vehicles(words: Words, ledger: Ledger) -> html.Section:
    hours = []
    for hour in ledger.vehicles.hours:
        state = ledger.people.states[hour.hour]
        if state != "missing":  # vehicles are known at once, not when their hour is over
            state = "closed" if hour.hour < ledger.now else "open"
        known = state == "closed"
        into, out = (hour.in_, hour.out) if known else (None, None)
        hours.append(HourFigure(hour.hour, state, into, out))
    card = _hour_card(
        words("ledger.vehicles"),
        words("ledger.chart.vehicles"),
        words,
        ledger,
        hours,
        {
            "accent": (words("ledger.in"), [hour.in_ for hour in hours]),
            "second": (words("ledger.out"), [hour.out for hour in hours]),
        },
        [words("ledger.vehicles.source", n=f"{ledger.vehicles.unread.reads:,}")],
        protected=False,
    )
    rows = [
        html.Tr(
            [
                html.Td(words(f"ledger.class.{name}")),
                html.Td(f"{into:,}", className="num"),
                html.Td(f"{out:,}", className="num"),
            ]
        )
        for name, (into, out) in ledger.classes.items()
    ]
    if rows:
        head = (words("ledger.class"), words("ledger.in"), words("ledger.out"))
        card.children = [*card.children, _table(words("ledger.classes"), head, rows)]
    return card


def _hour_card(
    title: str,
    label: str,
    words: Words,
    ledger: Ledger,
    hours: list[HourFigure],
    series: dict[str, tuple[str, list[int | None]]],
    notes: list[str],
    *,
    protected: bool,
) -> html.Section:
    names = [_clock(ledger, hour.hour) for hour in hours]
    show = _count if protected else _exact
    texts = {tone: [_said(words, h, v, show) for h, v in zip(hours, values, strict=True)]
             for tone, (_, values) in series.items()}  # fmt: skip
    figure = bar_figure(
        names,
        [Bars(name, values, texts[tone], tone) for tone, (name, values) in series.items()],
        missing=[name for name, hour in zip(names, hours, strict=True) if hour.state == "missing"],
        missing_text=words("ledger.missing"),
    )
    rows = [
        html.Tr([html.Td(name), *(html.Td(texts[tone][row], className="num") for tone in series)])
        for row, name in enumerate(names)
    ]
    head = (words("ledger.hour"), *(name for name, _ in series.values()))
    return html.Section(
        [
            html.Header(
                [
                    html.H3(title, className="card-title"),
                    legend({tone: name for tone, (name, _) in series.items()}),
                ],
                className="card-head",
            ),
            chart(figure, label),
            *(html.P(note, className="note") for note in notes),
            html.Details(
                [html.Summary(words("ledger.table")), _table(label, head, rows)],
                className="ledger-more",
            ),
        ],
        className="card",
    )


def _methods(words: Words, ledger: Ledger) -> html.Section:
    hours = ledger.people.by_hour("gates")
    by_hour = ledger.people.methods_by_hour("gates")
    names = [_clock(ledger, hour.hour) for hour in hours]
    shown = SHOWN_METHODS[:4]
    series = [
        Bars(
            words(f"method.{method}"),
            [by_hour[h.hour][method] if h.hour in by_hour else None for h in hours],
            [_count(by_hour[h.hour][method]) if h.hour in by_hour else "–" for h in hours],
            tone,
        )
        for method, tone in zip(shown, METHOD_TONES, strict=True)
    ]
    figure = bar_figure(
        names,
        series,
        stacked=True,
        missing=[name for name, hour in zip(names, hours, strict=True) if hour.state == "missing"],
        missing_text=words("ledger.missing"),
    )
    key = {tone: words(f"method.{m}") for m, tone in zip(shown, METHOD_TONES, strict=True)}
    return html.Section(
        [
            html.Header(
                [html.H3(words("ledger.people.gates"), className="card-title"), legend(key)],
                className="card-head",
            ),
            chart(figure, words("ledger.chart.methods")),
            html.P(_people_source(words, ledger), className="note"),
            html.P(words("ledger.method.sample"), className="note"),
        ],
        className="card",
    )


def _gates(words: Words, ledger: Ledger) -> html.Section:
    head = (
        words("ledger.gate"),
        words("ledger.gate.people"),
        words("ledger.gate.methods"),
        words("ledger.gate.vehicles"),
    )
    rows = [_gate(words, ledger, gate) for gate in ledger.gates]
    return html.Section(
        [
            html.Header(html.H3(words("ledger.gates"), className="card-title")),
            _table(words("ledger.gates"), head, rows),
        ],
        className="card",
    )


def _gate(words: Words, ledger: Ledger, gate: GateRow) -> html.Tr:
    into, out = gate.people
    shown = [(m, gate.methods[m]) for m in SHOWN_METHODS[:4]]
    total = sum(count for _, count in shown)
    told = " · ".join(f"{words(f'method.{m}')} {_count(n)}" for m, n in shown)
    bar = html.Div(
        [
            html.I(className=f"part tone-{tone}", style={"flexGrow": count})
            for (_, count), tone in zip(shown, METHOD_TONES, strict=True)
            if count
        ],
        className="bar",
        title=told,
        role="img",
        **parts.aria(label=told),
    )
    published = _until(ledger) is not None
    vehicles = words("ledger.gate.noplate")
    if gate.vehicles is not None:
        vehicles = f"{gate.vehicles[0]:,} / {gate.vehicles[1]:,}"
    return html.Tr(
        [
            html.Td(_place(words, "gates", gate.id, gate.name)),
            html.Td(f"{_count(into)} / {_count(out)}" if published else "–", className="num"),
            html.Td(bar if total else "–", className="mix"),
            html.Td(vehicles, className="num" if gate.vehicles else "num muted"),
        ]
    )


def _inside(words: Words, ledger: Ledger) -> html.Section:
    at = f"{_clock(ledger, ledger.at)}"
    rows = [_inside_row(words, ledger, one) for one in ledger.inside[:INSIDE_ROWS]]
    head = tuple(words(f"ledger.{name}") for name in ("plate", "who", "since", "for", "by"))
    more = len(ledger.inside) - len(rows)
    return html.Section(
        [
            html.Header(
                [
                    html.H3(words("ledger.inside"), className="card-title"),
                    html.Span(f"{len(ledger.inside):,}", className="muted"),
                ],
                className="card-head",
            ),
            _table(words("ledger.inside"), head, rows)
            if rows
            else html.P(words("ledger.inside.none"), className="note"),
            html.P(words("ledger.inside.more", n=f"{more:,}"), className="note") if more else None,
            html.P(words("ledger.inside.note", at=at), className="note"),
        ],
        className="card",
    )


def _inside_row(words: Words, ledger: Ledger, one: Inside) -> html.Tr:
    since = one.since.astimezone(ledger.zone)
    shown = f"{since:%H:%M}" if since.date() == ledger.day else f"{since:%m-%d %H:%M}"
    over = html.Span(words("ledger.over.mark"), className="over-mark") if one.over else None
    return html.Tr(
        [
            html.Td(_plate(words, one.masked, one.plate_class, one.vehicle)),
            html.Td(words(f"who.{one.who}")),
            html.Td(shown, className="num"),
            html.Td([say_duration(words, ledger.at - one.since), " ", over], className="num"),
            html.Td(_camera(words, ledger, one.camera)),
        ],
        className="over" if one.over else None,
    )


def _reads(words: Words, ledger: Ledger, page: int) -> html.Section:
    shown = ledger.reads[page * PAGE_ROWS : (page + 1) * PAGE_ROWS]
    head = tuple(
        words(f"ledger.{name}") for name in ("time", "plate", "direction", "who", "camera")
    )
    return html.Section(
        [
            html.Header(html.H3(words("ledger.reads"), className="card-title")),
            _table(words("ledger.reads"), head, [_read(words, ledger, read) for read in shown])
            if shown
            else html.P(words("ledger.reads.none"), className="note"),
        ],
        className="card",
    )


def _read(words: Words, ledger: Ledger, read: Read) -> html.Tr:
    return html.Tr(
        [
            html.Td(f"{read.at.astimezone(ledger.zone):%H:%M:%S}", className="num"),
            html.Td(_plate(words, read.masked, read.plate_class, read.vehicle)),
            html.Td(words(f"direction.{read.direction}") if read.direction else "–"),
            html.Td(words(f"who.{read.who}") if read.vehicle else "–"),
            html.Td(_camera(words, ledger, read.camera)),
        ]
    )


def _plate(words: Words, masked: str, plate_class: str, vehicle: str | None) -> Any:
    shown = html.Span(
        masked or words("feed.unread"),
        className=f"plate plate-{plate_class}",
        title=words(f"ledger.class.{plate_class}"),
        **parts.lang_of(masked),
    )
    if vehicle is None:
        return shown
    return dcc.Link(shown, href=_on_map(words, "vehicles", vehicle), className="plate-link")


def _camera(words: Words, ledger: Ledger, key: str) -> Any:
    return _place(words, "plate_cameras", key, ledger.cameras.get(key, key))


def _place(words: Words, layer: str, key: str, name: str) -> Any:
    shown = html.Span(name, **parts.lang_of(name))
    href = _on_map(words, layer, key)
    return dcc.Link(shown, href=href, title=words("ledger.map"), className="place-link")


def _on_map(words: Words, layer: str, key: str) -> str:
    suffix = "" if words.language == "zh" else f"&lang={words.language}"
    return f"/manage?at={layer}/{key}{suffix}"


def _table(label: str, head: tuple[str, ...], rows: list[html.Tr]) -> html.Div:
    heads = [html.Th(text, scope="col") for text in head]
    return html.Div(
        html.Table(
            [html.Caption(label), html.Thead(html.Tr(heads)), html.Tbody(rows)],
            className="ledger-table",
        ),
        className="table-scroll",
        tabIndex=0,
        role="region",
        **parts.aria(label=label),
    )


def say_duration(words: Words, span: timedelta) -> str:
    """Return how long something lasted, in words, to the minute."""
    minutes = max(0, span // _MINUTE)
    days, hours = divmod(minutes // 60, 24)
    if days:
        return words("ledger.days", d=days, h=hours)
    if hours:
        return words("ledger.hours", h=hours, m=minutes % 60)
    return words("ledger.minutes", m=minutes)


def _people_source(words: Words, ledger: Ledger) -> str:
    until = _until(ledger)
    if until is None:
        return words("ledger.people.none")
    return words("ledger.people.source", at=_clock(ledger, until))


def _until(ledger: Ledger) -> datetime | None:
    closed = [hour for hour, state in ledger.people.states.items() if state == "closed"]
    return max(closed) + timedelta(hours=1) if closed else None


def _clock(ledger: Ledger, at: datetime) -> str:
    local = at.astimezone(ledger.zone)
    # the end of a day is its 24:00, not the next day's 00:00
    return "24:00" if local.date() > ledger.day and local.hour == 0 else f"{local:%H:%M}"


def _said(words: Words, hour: HourFigure, value: int | None, show: Any) -> str:
    if value is not None:
        return str(show(value))
    return words("ledger.missing") if hour.state == "missing" else "–"


def _count(count: int) -> str:
    shown = show_count(count)
    return f"{shown:,}" if isinstance(shown, int) else shown


def _exact(count: int) -> str:
    return f"{count:,}"
