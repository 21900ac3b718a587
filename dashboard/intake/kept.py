"""Quarantine for people: what waits by reason, one message to mend, what became of others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

from dash import dcc, html

from dashboard import ids, parts
from dashboard.doors.masking import mask_text
from dashboard.intake.readable import Readable
from dashboard.intake.shared import ago, number, size_of, table
from dashboard.intake.telling import feed_name, tell_reason
from dashboard.words import Words
from live.store import Kept, Quarantined, Store
from live.store.quarantine import OPEN_STATES, to_reason_kind

LISTED = 20_000
"""Waiting messages that are looked at; the newest."""
SHOWN = 50
SETTLED = 20


@dataclass(frozen=True, slots=True)
class Reason:
    """Messages of one feed that were kept aside for one kind of reason.

    Attributes:
        key: Names the group in the page.
        waiting: How many wait.
        unkept: How many more came and were only counted.
        last_at: When the newest that waits came.
        size: Bytes of those that wait.
    """

    key: str
    source: str
    kind: str
    waiting: int
    unkept: int
    last_at: datetime | None
    size: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """All that the page lists of quarantine."""

    reasons: tuple[Reason, ...]
    messages: tuple[Kept, ...]
    settled: tuple[Kept, ...]
    counts: Mapping[str, int]


def key_of(source: str, kind: str) -> str:
    """Return the name of a group of messages in the page."""
    return blake2b(f"{source}\n{kind}".encode(), digest_size=8).hexdigest()


def read_waiting(store: Store) -> Waiting:
    """Return what a store has aside, without the bodies."""
    kept = store.list_quarantined(OPEN_STATES, LISTED)
    return Waiting(
        tuple(group_reasons(kept, store.count_unkept())),
        tuple(kept),
        tuple(store.list_quarantined(("replayed", "discarded"), SETTLED)),
        store.count_quarantined(),
    )


def group_reasons(kept: Sequence[Kept], unkept: Mapping[tuple[str, str], int]) -> list[Reason]:
    """Return the groups of messages, those that wait in the greatest number first."""
    groups: dict[tuple[str, str], list[Kept]] = {pair: [] for pair in unkept}
    for one in kept:
        groups.setdefault((one.source, to_reason_kind(one.reason)), []).append(one)
    reasons = [
        Reason(
            key_of(source, kind),
            source,
            kind,
            len(members),
            unkept.get((source, kind), 0),
            max((one.received_at for one in members), default=None),
            sum(one.size for one in members),
        )
        for (source, kind), members in groups.items()
    ]
    return sorted(reasons, key=lambda one: (-one.waiting, -one.unkept, one.source, one.kind))


def waiting_view(words: Words, waiting: Waiting, chosen: str | None, *, in_clear: bool) -> html.Div:
    """Return the groups, the messages of the chosen one, and what was settled.

    Args:
        words: The page's language.
        waiting: See `read_waiting`.
        chosen: Key of the group to list, None for all.
        in_clear: Whether plates may be seen.
    """
    n = waiting.counts["new"] + waiting.counts["fixed"]
    told: list[Any] = [
        html.P(words("intake.kept.clear" if in_clear else "intake.kept.masked"), className="note")
    ]
    if not waiting.reasons:
        told.append(html.P(words("intake.kept.none"), className="note"))
    else:
        told += [_reasons(words, waiting.reasons, chosen, in_clear)]
        told += _messages(words, waiting.messages, chosen, n, in_clear)
    told.append(_settled(words, waiting, in_clear))
    return html.Div(told)


def _reasons(
    words: Words, reasons: Sequence[Reason], chosen: str | None, in_clear: bool
) -> html.Div:
    heads = [
        words(f"intake.col.{name}")
        for name in ("reason", "feed", "waiting", "unkept", "newest", "size")
    ]
    rows = [
        html.Tr(
            [
                html.Td(
                    html.Button(
                        tell_reason(words, one.kind, in_clear=in_clear),
                        id={"type": ids.INTAKE_REASON, "key": one.key},
                        type="button",
                        className="sheet-button",
                        **parts.aria(pressed="true" if one.key == chosen else "false"),
                    )
                ),
                html.Td(feed_name(words, one.source)),
                html.Td(number(one.waiting), className="number"),
                html.Td(number(one.unkept) if one.unkept else "–", className="number"),
                html.Td(ago(one.last_at, words) if one.last_at else "–"),
                html.Td(size_of(one.size), className="number"),
            ],
            className="chosen" if one.key == chosen else "",
            key=one.key,
        )
        for one in reasons
    ]
    return table(heads, rows, "reasons", words("intake.kept.reasons"))


def _messages(
    words: Words, kept: Sequence[Kept], chosen: str | None, total: int, in_clear: bool
) -> list[Any]:
    mine = [
        one for one in kept
        if chosen is None or key_of(one.source, to_reason_kind(one.reason)) == chosen
    ]  # fmt: skip
    if not mine:
        return []
    heads = [
        words(f"intake.col.{name}") for name in ("number", "reason", "feed", "received", "size")
    ]
    rows = [
        html.Tr(
            [
                html.Td(
                    html.Button(
                        words("intake.kept.open", n=one.id),
                        id={"type": ids.INTAKE_MESSAGE, "number": one.id},
                        type="button",
                        className="sheet-button",
                    )
                ),
                html.Td(
                    [
                        tell_reason(words, one.reason, in_clear=in_clear),
                        html.Small(words("intake.kept.fixed")) if one.state == "fixed" else None,
                    ],
                    className="reason",
                ),
                html.Td(feed_name(words, one.source)),
                html.Td(ago(one.received_at, words)),
                html.Td(size_of(one.size), className="number"),
            ],
            key=str(one.id),
        )
        for one in mine[:SHOWN]
    ]
    told: list[Any] = [table(heads, rows, "kept", words("intake.kept.messages"))]
    of = total if chosen is None else len(mine)
    if of > SHOWN:
        said = words("intake.kept.newest", n=SHOWN, of=number(of))
        told.append(html.P(said, className="note"))
    return told


def _settled(words: Words, waiting: Waiting, in_clear: bool) -> html.Details:
    heads = [words(f"intake.col.{name}") for name in ("number", "outcome", "reason", "received")]
    rows = [
        html.Tr(
            [
                html.Td(str(one.id), className="number"),
                html.Td(words(f"intake.state.{one.state}")),
                html.Td(tell_reason(words, one.reason, in_clear=in_clear), className="reason"),
                html.Td(ago(one.received_at, words)),
            ],
            key=str(one.id),
        )
        for one in waiting.settled
    ]
    replayed, discarded = (number(waiting.counts[name]) for name in ("replayed", "discarded"))
    return html.Details(
        [
            html.Summary(words("intake.kept.settled", replayed=replayed, discarded=discarded)),
            table(heads, rows, "settled", words("intake.kept.history"))
            if rows
            else html.P(words("intake.kept.nothing"), className="note"),
        ],
        className="settled",
        key="settled",
    )


def message_view(words: Words, kept: Quarantined, shown: Readable, *, in_clear: bool) -> html.Div:
    """Return one message: its reason, its text to read or mend, and what can be done with it."""
    waits = kept.state in OPEN_STATES
    mendable = waits and shown.can_be_mended
    why = ("intake.read.masked" if shown.masked else "intake.read.cut" if shown.cut
           else "intake.read.binary" if shown.form == "binary" else "intake.read.mend")  # fmt: skip
    return html.Div(
        [
            html.H3(words("intake.kept.message", n=kept.id), className="card-title"),
            html.P(tell_reason(words, kept.reason, in_clear=in_clear), className="reason"),
            html.P(
                [
                    feed_name(words, kept.source),
                    " · ",
                    html.Code(kept.content_type if in_clear else mask_text(kept.content_type)),
                    " · ",
                    size_of(len(kept.body)),
                    " · ",
                    ago(kept.received_at, words),
                ],
                className="note",
            ),
            html.Label(words(why), htmlFor=ids.INTAKE_TEXT, className="note"),
            dcc.Textarea(
                id=ids.INTAKE_TEXT,
                value=shown.text,
                readOnly=not mendable,
                spellCheck=False,
                rows=min(24, max(5, shown.text.count("\n") + 2)),
                className="message-text",
            ),
            dcc.Store(id=ids.INTAKE_NUMBER, data=kept.id),
            html.Div(
                [
                    _button(words, ids.INTAKE_MENDED, "intake.do.mended", disabled=not mendable),
                    _button(words, ids.INTAKE_AS_IS, "intake.do.as_is", disabled=not waits),
                    _button(words, ids.INTAKE_DISCARD, "intake.do.discard", disabled=not waits),
                ],
                className="actions",
            ),
        ],
        className="message",
    )


def _button(words: Words, name: str, key: str, *, disabled: bool) -> html.Button:
    primary = " primary" if name == ids.INTAKE_MENDED and not disabled else ""
    return html.Button(
        words(key), id=name, type="button", disabled=disabled, className=f"action{primary}"
    )
