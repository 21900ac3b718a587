"""Puts a brief into words: one part after another, each with its source and its age."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import distinct, func, select

from dashboard.brief.load import ACCEPTABLE_A_DAY, MOST_A_DAY, count_load
from dashboard.brief.model import Brief, Figure, Part
from dashboard.brief.reading import Told
from dashboard.chain import chain_of
from dashboard.orders.say import span as say_span
from dashboard.orders.say import who as say_who
from dashboard.words import Words
from dashboard.world import World
from live.incidents.incident import CLOSED, SYSTEM, Incident
from live.incidents.records import to_micros
from live.incidents.rows import public_place
from live.orders.book import count_figures
from live.store.cases import AUDIT

MOST_ROWS = 30
DISCREET = "–"


def build_brief(words: Words, world: World, told: Told) -> Brief:
    """Return a brief in one language."""
    zone = told.zone
    name = world.community.name_in(words.language)
    notes = (_hand_overs(words, told),)
    parts = [
        *(notes if told.kind == "shift" else ()),
        _incidents(words, told),
        _kinds(words, told),
        _open(words, world, told),
        _skipped(words, told),
        _load(words, world, told),
        _orders(words, told),
        _overdue(words, world, told),
        _sensing(words, told),
        *_coverage(words, told),
        *(notes if told.kind != "shift" else ()),
    ]
    since, until = _at(told.span.since, zone), _at(told.span.until, zone)
    return Brief(
        words(f"brief.{told.kind}"), name, words("brief.span", since=since, until=until),
        words("brief.made", at=_at(told.now, zone)), parts,
        words("brief.simulated") if world.simulated else "",
    )  # fmt: skip


def _at(at: float, zone: ZoneInfo) -> str:
    return f"{datetime.fromtimestamp(at, zone):%Y-%m-%d %H:%M}"


def _short(at: float, zone: ZoneInfo) -> str:
    return f"{datetime.fromtimestamp(at, zone):%m-%d %H:%M}"


def _source(words: Words, told: Told, name: str) -> str:
    return words("brief.source", source=words(f"brief.source.{name}"),
                 at=_short(told.now, told.zone))  # fmt: skip


def _share(part: int, of: int) -> str:
    return f"{part / of:.0%}" if of else "–"


def _of(words: Words, part: int, of: int) -> str:
    return words("brief.of", share=_share(part, of), part=part, of=of) if of else DISCREET


def _incidents(words: Words, told: Told) -> Part:
    opened, now = told.opened, told.now
    rows = []
    for severity in (1, 2, 3, 4):
        mine = [one for one in opened if one.severity == severity]
        answered = [one for one in mine if one.responded_at is not None or one.respond_due < now]
        ended = [one for one in mine if one.resolved_at is not None or one.resolve_due < now]
        in_time = sum(not _late_response(one, now) for one in answered)
        solved = sum(not _late_end(one, now) for one in ended)
        left = sum(one.severity == severity for one in told.open_now)
        rows.append(
            [
                words(f"severity.{severity}"),
                f"{len(mine):,}",
                f"{sum(one.state == CLOSED for one in mine):,}",
                f"{left:,}",
                _of(words, in_time, len(answered)),
                _of(words, solved, len(ended)),
            ]
        )  # fmt: skip
    shelved = [one for one in told.open_now if (one.shelved_until or 0) > now]
    return Part(
        words("brief.incidents"),
        _source(words, told, "audit"),
        figures=[
            Figure(words("brief.opened"), f"{len(opened):,}", words("brief.opened.under")),
            Figure(words("brief.open_now"), f"{len(told.open_now):,}",
                   words("brief.open_now.under",
                         n=sum(not one.owner for one in told.open_now))),
            Figure(words("brief.shelved"), f"{len(shelved):,}", words("brief.shelved.under")),
            Figure(words("brief.late"), f"{sum(_late_end(o, now) for o in told.open_now):,}",
                   words("brief.late.under")),
        ],
        head=[words(f"brief.head.{n}") for n in ("severity", "opened", "closed", "open",
                                                 "response", "end")],
        rows=rows,
    )  # fmt: skip


def _late_response(one: Incident, now: float) -> bool:
    return one.late_response or (one.responded_at or now) > one.respond_due


def _late_end(one: Incident, now: float) -> bool:
    return one.late_resolution or (one.resolved_at or now) > one.resolve_due


def _kinds(words: Words, told: Told) -> Part:
    counts = Counter(one.kind for one in told.opened)
    causes = Counter(dict.fromkeys(counts, 0))
    for one in told.opened:
        causes[one.kind] += one.causes_n
    return Part(
        words("brief.kinds"),
        _source(words, told, "audit"),
        head=[words(f"brief.head.{n}") for n in ("kind", "opened", "signals")],
        rows=[
            [words(f"incident.{kind}"), f"{n:,}", f"{causes[kind]:,}"]
            for kind, n in counts.most_common()
        ],
        none=words("brief.kinds.none"),
    )


def _open(words: Words, world: World, told: Told) -> Part:
    rows = []
    for one in told.open_now[:MOST_ROWS]:
        left = one.resolve_due - told.now
        clock = (
            words("orders.clock.left", span=say_span(words, left))
            if left >= 0
            else words("orders.clock.over", span=say_span(words, -left))
        )
        shelved = (one.shelved_until or 0) > told.now
        state = words("brief.is_shelved") if shelved else words(f"incident_state.{one.state}")
        rows.append(
            [
                words(f"severity.{one.severity}"),
                f"{words(f'incident.{one.kind}')} · {one.id}",
                _place(world, one),
                say_who(words, one.owner) if one.owner else words("brief.nobody"),
                f"{state} · {_next(words, one)}",
                clock,
            ]
        )
    more = len(told.open_now) - len(rows)
    return Part(
        words("brief.open"),
        _source(words, told, "audit"),
        head=[words(f"brief.head.{n}") for n in ("severity", "what", "place", "owner", "next",
                                                 "clock")],
        rows=rows,
        none=words("brief.open.none"),
        text=[words("brief.more", n=more)] if more > 0 else [],
    )  # fmt: skip


def _place(world: World, one: Incident) -> str:
    layer, key = public_place(one)
    if not layer:
        return DISCREET
    steps = chain_of(world.community, layer, key)[1:]
    return " ".join(step.name for step in steps[-2:]) or DISCREET


def _next(words: Words, one: Incident) -> str:
    waiting = [name for name, how in one.checklist.items() if how == "open"]
    if one.state == "new":
        return words("incident_action.acknowledge")
    if waiting:
        return words(f"incident_step.{waiting[0]}")
    return words("incident_action.resolve")


def _skipped(words: Words, told: Told) -> Part:
    rows = [
        [
            each["id"],
            words.entries.get(f"incident_step.{each['step']}", each["step"]),
            words.entries.get(f"incident_reason.{each['reason']}", each["reason"])
            or words("brief.no_reason"),
            words("brief.system") if each["who"] == SYSTEM else say_who(words, each["who"]),
        ]
        for each in told.skipped[:MOST_ROWS]
    ]
    more = len(told.skipped) - len(rows)
    return Part(
        words("brief.skipped", n=f"{len(told.skipped):,}"),
        _source(words, told, "audit"),
        head=[words(f"brief.head.{n}") for n in ("id", "step", "reason", "who")],
        rows=rows,
        none=words("brief.skipped.none"),
        text=[words("brief.more", n=more)] if more > 0 else [],
    )


def _load(words: Words, world: World, told: Told) -> Part:
    span = told.span
    people = (
        select(func.count(distinct(AUDIT.c.who)))
        .where(AUDIT.c.at >= to_micros(span.since), AUDIT.c.at < to_micros(span.until))
        .where(AUDIT.c.about == "incidents", AUDIT.c.who != SYSTEM)
    )
    with world.twin.store.reading() as conn:
        operators = conn.scalar(people) or 0
    load = count_load((one.opened_at for one in told.opened), operators, span.since, span.until)
    return Part(
        words("brief.load"),
        _source(words, told, "audit"),
        figures=[
            Figure(words("brief.load.a_day"), f"{load.a_day:,.0f}",
                   words("brief.load.a_day.under", ok=ACCEPTABLE_A_DAY, most=MOST_A_DAY)),
            Figure(words("brief.load.window"), f"{load.in_window:.2f}",
                   words("brief.load.window.under")),
            Figure(words("brief.load.peak"), f"{load.peak:,}", words("brief.load.peak.under")),
            Figure(words("brief.load.flood"), f"{load.flood:.1%}",
                   words("brief.load.flood.under")),
        ],
        text=[words(f"brief.load.{load.verdict}", n=load.operators, alarms=f"{load.alarms:,}")],
    )  # fmt: skip


def _orders(words: Words, told: Told) -> Part:
    span = told.span
    done = [one for one in told.orders if one.done_at in span]
    figures = count_figures(done, told.now)
    opened = sum(one.opened_at in span for one in told.orders)
    at_work = count_figures((o for o in told.orders if o.done_at is None), told.now)
    in_time = round((figures["on_time"] or 0) * figures["done"])
    happy = round((figures["satisfied"] or 0) * figures["rated"])
    return Part(
        words("brief.orders"),
        _source(words, told, "audit"),
        figures=[
            Figure(words("projects.open"), f"{at_work['open']:,}",
                   words("brief.orders.new", n=opened)),
            Figure(words("orders.overdue"), f"{at_work['overdue']:,}",
                   words("orders.overdue.of", n=at_work["open"])),
            Figure(words("projects.on_time"), _share(in_time, figures["done"]),
                   words("brief.orders.in_time", part=in_time, of=figures["done"])),
            Figure(words("projects.satisfied"), _share(happy, figures["rated"]),
                   words("brief.orders.happy", part=happy, of=figures["rated"])),
        ],
    )  # fmt: skip


def _overdue(words: Words, world: World, told: Told) -> Part:
    grids = {area["id"]: area["name"] for area in world.areas}
    late = [one for one in told.orders if one.done_at is None and one.is_overdue(told.now)]
    late.sort(key=lambda one: one.due)
    rows = [
        [
            one.id,
            one.title,
            grids.get(one.grid, one.grid) or DISCREET,
            one.supplier or words("orders.nobody"),
            words(f"order_state.{one.state}"),
            words("orders.clock.over", span=say_span(words, told.now - one.due)),
        ]
        for one in late[:MOST_ROWS]
    ]
    return Part(
        words("brief.overdue"),
        _source(words, told, "audit"),
        head=[words(f"brief.head.{n}") for n in ("id", "title", "grid", "supplier", "state",
                                                 "clock")],
        rows=rows,
        none=words("brief.overdue.none"),
        text=[words("brief.more", n=len(late) - len(rows))] if len(late) > len(rows) else [],
    )  # fmt: skip


def _sensing(words: Words, told: Told) -> Part:
    row = told.counters.get("sensing") or {}
    kinds = (told.counters.get("kinds") or {}).get("by") or {}
    share, heard, due = row.get("share"), row.get("heard", 0), row.get("due", 0)
    silent = sorted(
        ((kind, of) for kind, of in kinds.items() if of["silent"]),
        key=lambda item: -item[1]["silent"],
    )
    return Part(
        words("brief.sensing"),
        _source(words, told, "live"),
        figures=[
            Figure(words("sensing.title"), "–" if share is None else f"{share:.1%}",
                   words("brief.sensing.of", heard=f"{heard:,}", due=f"{due:,}")),
            Figure(words("silent"), f"{row.get('silent', 0):,}", words("brief.sensing.silent")),
        ],
        head=[words(f"brief.head.{n}") for n in ("kind", "silent")],
        rows=[
            [_kind(words, kind),
             _of(words, of["silent"], of["n"])]
            for kind, of in silent
        ],
        none=words("brief.sensing.none"),
    )  # fmt: skip


def _kind(words: Words, kind: str) -> str:
    """Return a kind of thing in words; doors, gates and plate cameras go by their layer."""
    return words.entries.get(f"kind.{kind}") or words.entries.get(f"layer.{kind}s", kind)


def _coverage(words: Words, told: Told) -> list[Part]:
    rows = [
        [words(f"kind.{kind}"), f"{row['now']:.0%}", f"{row['paper']:.0%}"]
        for kind, row in sorted(told.coverage.items())
        if isinstance(row.get("now"), float) and row["now"] + 0.005 < (row.get("paper") or 0)
    ]
    if not rows:
        return []
    head = [words(f"brief.head.{n}") for n in ("service", "now", "paper")]
    return [
        Part(words("brief.coverage"), _source(words, told, "coverage"), head=head, rows=rows)
    ]  # fmt: skip


def _hand_overs(words: Words, told: Told) -> Part:
    text = []
    for one in told.hand_overs:
        line = words("brief.handed", id=one.id, who=say_who(words, one.who),
                     at=_short(one.at, told.zone))  # fmt: skip
        text.append(f"{line}：{one.notes}" if words.language == "zh" else f"{line}: {one.notes}")
        if one.taken_at is None:
            text.append(words("brief.not_taken"))
            continue
        taken = words("brief.taken", who=say_who(words, one.taken_by),
                      at=_short(one.taken_at, told.zone))  # fmt: skip
        text.append(f"{taken} {one.taken_notes}".strip())
    return Part(
        words("brief.notes"),
        _source(words, told, "audit"),
        text=text or [words("brief.notes.none")],
    )
