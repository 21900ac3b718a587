"""What is kept and for how long: rows held, the oldest one's date, the purges, the last backup."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from dash import html

from dashboard.intake.shared import ago, number, table
from dashboard.words import Words
from live.retention import Keeper, Purge


@dataclass(frozen=True, slots=True)
class Kept:
    """One kind of data: days it is kept, rows held, when the oldest of them is due to go."""

    kind: str
    days: int
    rows: int
    expires: datetime | None


@dataclass(frozen=True, slots=True)
class Dates:
    """All that the page tells of keeping; None where there is nothing or nobody knows."""

    kinds: tuple[Kept, ...]
    next_at: datetime | None
    last: Purge | None
    backup: datetime | None


def read_dates(keeper: Keeper) -> Dates:
    """Return what a keeper keeps; reads the store."""
    held = keeper.holdings()
    kinds = []
    for kind, days in keeper.policy.items():
        one = held[kind]
        expires = None if one.oldest is None else one.oldest + timedelta(days=days)
        kinds.append(Kept(kind, days, one.rows, expires))
    return Dates(tuple(kinds), keeper.next_at, keeper.last(), keeper.last_backup())


def dates_view(words: Words, dates: Dates, zone: ZoneInfo) -> html.Div:
    """Return the table of kinds, and the facts beside it."""
    heads = [words(f"intake.col.{name}") for name in ("kind", "rows", "days", "expires")]
    rows = [
        html.Tr(
            [
                html.Th(words(f"intake.kind.{one.kind}"), scope="row"),
                html.Td(number(one.rows), className="number"),
                html.Td(words("intake.days", n=number(one.days)), className="number"),
                html.Td("–" if one.expires is None else to_day(one.expires, zone)),
            ],
            key=one.kind,
        )
        for one in dates.kinds
    ]
    facts = [
        ("intake.next", words("intake.unknown") if dates.next_at is None
         else to_minute(dates.next_at, zone)),
        ("intake.last", _tell_purge(words, dates.last)),
        ("intake.backup", words("intake.backup.none") if dates.backup is None
         else html.Span([to_minute(dates.backup, zone), " · ", ago(dates.backup, words)])),
    ]  # fmt: skip
    return html.Div(
        [
            table(heads, rows, "dates", words("intake.dates")),
            html.Dl(
                [html.Div([html.Dt(words(key)), html.Dd(told)]) for key, told in facts],
                className="facts",
            ),
        ]
    )


def _tell_purge(words: Words, purge: Purge | None) -> html.Span | str:
    if purge is None:
        return words("intake.last.none")
    if purge.held_up:
        return html.Span([words("intake.last.clock"), " · ", ago(purge.at, words)])
    n = sum(purge.gone.values())
    return html.Span([ago(purge.at, words), " · ", words("intake.last.gone", n=number(n))])


def to_day(moment: datetime, zone: ZoneInfo) -> str:
    """Return a date of the community's calendar."""
    return f"{moment.astimezone(zone):%Y-%m-%d}"


def to_minute(moment: datetime, zone: ZoneInfo) -> str:
    """Return a date and time by the community's clock."""
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"
