"""How each feed does: heard, counts, rate, clocks, its things; one that was never heard says so."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dash import html

from dashboard.doors.desk import Desk
from dashboard.doors.events import describe_feed, feed_names
from dashboard.intake.shared import ago, number, table
from dashboard.words import Words
from live.health import HEARD, LATE, SILENT

FEEDS = ("gat1400", "hikvision", "dahua", "mqtt", "ngsi", "http", "replay", "simulator")
"""Feeds that are always shown, heard or not, in this order."""
SHOWN_SKEWS = 5


@dataclass(frozen=True, slots=True)
class FeedRow:
    """One feed as the page shows it; counts are since the start of the server.

    Attributes:
        name: Its name, or that of an MQTT preset.
        last_at: When it was last heard, None if never.
        things: How many of its things are heard, late and silent.
        skews: (layer, id, seconds ahead) of things whose clocks are off, worst first.
        broker: Whether the MQTT broker hears us; None where there is none or it is another feed.
    """

    name: str
    last_at: datetime | None = None
    accepted: int = 0
    duplicate: int = 0
    quarantined: int = 0
    rate: float = 0.0
    things: dict[str, int] = field(default_factory=dict)
    skews: tuple[tuple[str, str, float], ...] = ()
    broker: bool | None = None

    @property
    def is_silent(self) -> bool:
        """Whether it has things and none of them speaks."""
        return bool(sum(self.things.values())) and not self.things.get(HEARD)


def read_feeds(desk: Desk) -> list[FeedRow]:
    """Return all feeds, in the page's order; those that were never heard too."""
    names = feed_names(desk)
    subscriber = getattr(desk.world, "subscriber", None)
    order = [*FEEDS, *(name for name in names if name not in FEEDS)]
    rows = []
    for name in order:
        if name not in names:
            rows.append(FeedRow(name))
            continue
        told = describe_feed(desk, name)
        skews = [(one["layer"], one["id"], one["skew_s"]) for one in told["skew"]]
        rows.append(
            FeedRow(
                name,
                desk.reception.health[name].told_at,
                desk.reception.health[name].told.total(),
                told["duplicate"],
                told["quarantined"],
                told["rate"],
                told["devices"],
                tuple(sorted(skews, key=lambda one: -abs(one[2]))),
                subscriber.connected if name == "mqtt" and subscriber is not None else None,
            )
        )
    return rows


def feed_table(words: Words, rows: list[FeedRow]) -> html.Div:
    """Return the table of feeds."""
    heads = [
        words(f"intake.col.{name}")
        for name in (
            "feed", "heard", "accepted", "duplicate", "quarantined", "rate", "things", "skew",
        )
    ]  # fmt: skip
    return table(heads, [_row(words, row) for row in rows], "feeds", words("intake.feeds"))


def _row(words: Words, row: FeedRow) -> html.Tr:
    key = f"intake.feed.{row.name}"
    known = key in words.entries
    about: list[Any] = [html.B(words(key) if known else row.name)]
    if row.broker is not None:
        about.append(html.Small(words("intake.broker.on" if row.broker else "intake.broker.off")))
    elif not known:
        about.append(html.Small(words("intake.feed.preset")))
    counts = (row.accepted, row.duplicate, row.quarantined)
    return html.Tr(
        [
            html.Th(about, scope="row"),
            html.Td(ago(row.last_at, words)),
            *(html.Td(number(n), className="number") for n in counts),
            html.Td(f"{row.rate:,.1f}", className="number"),
            html.Td(_things(words, row)),
            html.Td(_skews(words, row)),
        ],
        className="never-heard" if row.last_at is None else "",
        key=row.name,
    )


def _things(words: Words, row: FeedRow) -> Any:
    if not sum(row.things.values()):
        return html.Span("–", className="muted")
    said: list[Any] = [
        html.Span(words(f"intake.hearing.{name}", n=number(row.things.get(name, 0))))
        for name in (HEARD, LATE, SILENT)
    ]
    if row.things.get(SILENT):
        said.insert(2, html.I(className="hatch"))
    return html.Span(said, className="hearing")


def _skews(words: Words, row: FeedRow) -> Any:
    if not row.skews:
        return html.Span("–" if row.last_at is None else words("intake.skew.none"),
                         className="muted")  # fmt: skip
    return html.Details(
        [
            html.Summary(words("intake.skew.n", n=len(row.skews))),
            html.Ul(
                [
                    html.Li([html.Code(f"{layer}/{key}"), " ", tell_skew(words, skew_s)])
                    for layer, key, skew_s in row.skews[:SHOWN_SKEWS]
                ]
            ),
        ]
    )


def tell_skew(words: Words, skew_s: float) -> str:
    """Return how far a clock is off, in words; positive seconds are ahead."""
    size = abs(skew_s)
    unit, by = ("s", 1) if size < 120 else ("m", 60) if size < 7200 else ("h", 3600)
    way = "ahead" if skew_s > 0 else "behind"
    return words(f"intake.skew.{way}.{unit}", n=f"{size / by:,.0f}")
