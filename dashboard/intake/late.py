"""Things that are late or silent by their own rhythm, by kind; things inside flats as counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from dash import dcc, html

from dashboard import parts
from dashboard.chain import chain_of
from dashboard.intake.shared import ago, number
from dashboard.words import Words
from geodata.community import Community
from live.health import HEARD, LATE, SILENT
from live.subjects import Subject
from live.twin import Twin

SHOWN = 20
"""Things of one kind that are named; the others are a number."""


@dataclass(frozen=True, slots=True)
class LateThing:
    """One thing that is late or silent; `place` is its way down from the community."""

    layer: str
    id: str
    place: str
    hearing: str
    last_at: datetime | None
    period_s: float


@dataclass(frozen=True, slots=True)
class LateKind:
    """Things of one kind: how many there are, are late, are silent; the first of them by name.

    Attributes:
        hidden: Whether they are inside flats, where none is named.
    """

    kind: str
    total: int
    late: int
    silent: int
    things: tuple[LateThing, ...]
    hidden: bool = False


def read_late(twin: Twin) -> list[LateKind]:
    """Return kinds with something late or silent, most of it first."""
    with twin.lock:
        found = [
            (s.layer, s.id, s.kind, s.drawn, s.hearing, s.last_reported, s.period_s)
            for s in twin.state.subjects.values()
            if s.period_s
        ]
    subjects = [
        Subject(layer, key, kind, period_s, drawn, hearing=hearing, last_reported=last)
        for layer, key, kind, drawn, hearing, last, period_s in found
    ]
    return group_late(subjects, twin.community)


def group_late(subjects: Iterable[Subject], community: Community) -> list[LateKind]:
    """Return kinds with something late or silent; what fell silent last comes first in each."""
    kinds: dict[str, list[Subject]] = {}
    for subject in subjects:
        kinds.setdefault(subject.kind, []).append(subject)
    grouped = []
    for kind, members in kinds.items():
        late = [s for s in members if s.hearing != HEARD]
        if not late:
            continue
        named = sorted(
            (s for s in late if s.drawn),
            key=lambda s: (s.hearing != SILENT, -(s.last_reported or 0.0), s.id),
        )
        grouped.append(
            LateKind(
                kind,
                len(members),
                sum(s.hearing == LATE for s in late),
                sum(s.hearing == SILENT for s in late),
                tuple(_describe(s, community) for s in named[:SHOWN]),
                hidden=not any(s.drawn for s in late),
            )
        )
    return sorted(grouped, key=lambda one: (-one.silent, -one.late, one.kind))


def _describe(subject: Subject, community: Community) -> LateThing:
    way = [step.name for step in chain_of(community, subject.layer, subject.id)[1:]]
    last = subject.last_reported
    return LateThing(
        subject.layer,
        subject.id,
        " › ".join(way) or subject.id,
        subject.hearing,
        None if last is None else datetime.fromtimestamp(last, UTC),
        subject.period_s,
    )


def late_list(words: Words, kinds: list[LateKind]) -> html.Div:
    """Return the kinds, each to be opened."""
    if not kinds:
        return html.Div(html.P(words("intake.late.none"), className="note"))
    return html.Div([_kind(words, kind) for kind in kinds], className="late-kinds")


def _kind(words: Words, kind: LateKind) -> html.Details:
    rest = kind.late + kind.silent - len(kind.things)
    note = words("intake.late.inside") if kind.hidden else words("intake.late.more", n=number(rest))
    return html.Details(
        [
            html.Summary(
                [
                    html.Span(kind_name(words, kind.kind), className="name"),
                    html.Span(words("intake.late.late", n=number(kind.late)), className="muted"),
                    html.Span(
                        [
                            html.I(className="hatch"),
                            words("intake.late.silent", n=number(kind.silent)),
                        ]
                    ),
                    html.Span(words("intake.late.of", n=number(kind.total)), className="muted"),
                ]
            ),
            html.Ul([_thing(words, thing) for thing in kind.things], className="rows"),
            html.P(note, className="note") if rest else None,
        ],
        key=kind.kind,
        className="late-kind",
    )


def _thing(words: Words, thing: LateThing) -> html.Li:
    lang = "" if words.language == "zh" else f"&lang={words.language}"
    at = f"{quote(thing.layer)}/{quote(thing.id, safe='')}"
    return html.Li(
        [
            html.Div(
                [
                    dcc.Link(
                        html.Span(thing.place, **parts.lang_of(thing.place)),
                        href=f"/manage?at={at}{lang}",
                        className="row-title",
                    ),
                    html.Div(
                        [
                            words(f"intake.late.{thing.hearing}.one"),
                            " · ",
                            words("intake.late.rhythm", every=tell_period(words, thing.period_s)),
                        ],
                        className="row-detail",
                    ),
                ],
                className="row-main",
            ),
            ago(thing.last_at, words),
        ],
        key=f"{thing.layer}/{thing.id}",
    )


def kind_name(words: Words, kind: str) -> str:
    """Return the name of a kind of thing."""
    key = {"gate": "one.gates", "parking": "one.parking"}.get(kind, f"kind.{kind}")
    return words(key) if key in words.entries else kind


def tell_period(words: Words, period_s: float) -> str:
    """Return a rhythm in words."""
    for unit, by in (("d", 86400), ("h", 3600), ("m", 60)):
        if period_s >= by:
            return words(f"intake.every.{unit}", n=f"{period_s / by:g}")
    return words("intake.every.s", n=f"{period_s:g}")
