"""The state of the changing twin: events move it, the clock moves it, patches tell what moved."""

from __future__ import annotations

import math
from bisect import insort
from datetime import datetime
from heapq import heappop, heappush
from operator import itemgetter
from typing import Any

from geodata.community import Community
from live import counters as count
from live.events import Event
from live.health import DOOR_PERIOD_S, SILENT, is_heartbeat, to_hearing
from live.history.people_now import PeopleNow
from live.rows import is_news, to_feed_row, to_plate_class, to_row, to_who
from live.subjects import (
    HOLD_LIMIT_S,
    SUBJECT_LAYERS,
    Subject,
    derive_state,
    is_heard_by,
    is_passage_word,
    next_change,
    read_residents,
    read_subjects,
    report,
)

LAYERS = (*SUBJECT_LAYERS, "people", "counters", "feed")
COUNTERS = ("doors", "sensing", "kinds", "vehicles", "activity", "intake")
FEED_LENGTH = 12
DEFAULT_TIMEZONE = "Asia/Shanghai"
PASSAGES_PERIOD_S = 86400.0
"""Rhythm of a door that tells of passages and of nothing else, seconds."""
SET_BACK_S = 60.0
"""A clock that goes back further was wrong until now; by less, time just waits for it, seconds."""

Row = dict[str, Any]
Rows = dict[str, dict[str, Row]]
Changes = dict[str, Any]


class TwinState:
    """What the community looks like now.

    Not thread-safe: hold one lock around every call (`live.twin.Twin` does). Each thing has three
    clocks, `last_changed`, `last_updated` and `last_reported`. An event that is not live, or is
    older than what its subject has, never moves the subject back; it still counts in today's
    counters. An event must be applied once: the store tells repeats.

    Args:
        community: Whose things these are; a thing it does not know has no row.
        now: The present moment, aware.
        hold_limit_s: An open door counts as held open after this time, seconds.
    """

    def __init__(
        self, community: Community, now: datetime, *, hold_limit_s: float = HOLD_LIMIT_S
    ) -> None:
        self.now = now.timestamp()
        self.hold_limit_s = hold_limit_s
        self.subjects = {(s.layer, s.id): s for s in read_subjects(community)}
        self.day = count.Day(str(community.meta.get("timezone") or DEFAULT_TIMEZONE), self.now)
        self.doors, self.sensing, self.kinds = count.Doors(), count.Sensing(), count.Kinds()
        self.vehicles, self.activity = count.Vehicles(), count.Activity()
        self.intake = count.IntakeCount()
        self.people = count.People(read_residents(community))
        # a row is made of an event when it is asked for: most have left the feed before
        self._feed: list[tuple[float, int, str, Row | Event]] = []
        self._arrivals = 0
        self.relived = False
        """Whether this is a past that is lived through, and looked at, moment by moment."""
        self._told_people = 0.0
        self._wakes: list[tuple[float, tuple[str, str]]] = []
        self._assumed: dict[tuple[str, str], tuple[float, float]] = {}
        self._dirty: dict[str, set[str]] = {layer: set() for layer in LAYERS}
        for subject in self.subjects.values():
            if subject.is_door:
                self.doors.states[subject.shown] += 1
            if subject.is_due:
                self.sensing.hearing[subject.hearing] += 1
            if subject.period_s:
                self.kinds.n[subject.kind] += 1
                self.kinds.silent[subject.kind] += 1
        self._sent: Rows = {layer: {} for layer in LAYERS}
        self._put: Rows = {}
        for (layer, key), subject in self.subjects.items():
            if subject.drawn:
                self._sent[layer][key] = to_row(subject)
        self._sent["people"]["community"] = self.people.row(self.day)
        for key in COUNTERS:
            self._sent["counters"][key] = getattr(self, key).row()

    def knows(self, layer: str, subject: str) -> bool:
        """Say whether events may speak about a subject; layers without live rows take any id."""
        return layer not in SUBJECT_LAYERS or (layer, subject) in self.subjects

    def set_baseline(self, inside: int | None, at: datetime, vehicles: int | None = None) -> None:
        """Start the estimates of people and vehicles inside; they start here again at midnight.

        Call it before events are applied: vehicles counted so far are forgotten.

        Args:
            inside: People at home at that moment; None when nobody can tell.
            at: The moment; one before today counts as midnight.
            vehicles: Vehicles inside at that moment, likewise.
        """
        start = max(at.timestamp(), self.day.start)
        self.people.start(inside, start)
        self.vehicles.baseline, self.vehicles.baseline_at = vehicles, start
        self.vehicles.net = 0
        self._touch_counters("vehicles")
        self._dirty["people"].add("community")

    def apply(self, event: Event) -> None:
        """Take in one new event."""
        t = round(min(event.observed_at, event.received_at).timestamp(), 3)
        if t >= self.day.end:
            self._roll(t)
        subject = self.subjects.get((event.layer, event.subject))
        self._count(event, subject, t)
        if not event.live:
            return
        if subject is None:
            self._show_event(event, t)
            return
        moved = self._move(subject, event, t)
        if subject.drawn and (event.kind != "status" or (moved and not is_heartbeat(event))):
            self._show_event(event, t)

    def count_intake(self, accepted: int, duplicate: int, quarantined: int, at: datetime) -> None:
        """Count what a feed brought."""
        counts = {"accepted": accepted, "duplicate": duplicate, "quarantined": quarantined}
        self.intake.add(counts, round(at.timestamp(), 3))
        self._touch_counters("intake")

    def put_row(self, layer: str, key: str, row: Row | None) -> None:
        """Show a row that is worked out elsewhere, of a layer of its own; None takes it away."""
        rows = self._put.setdefault(layer, {})
        self._sent.setdefault(layer, {})
        self._dirty.setdefault(layer, set()).add(key)
        if row is None:
            rows.pop(key, None)
        else:
            rows[key] = row

    def shut_services(self, until: dict[str, float]) -> None:
        """Close services until some moments, epoch seconds, and let all others say for themselves.

        Args:
            until: {id of a service: when it is no longer closed}.
        """
        for (layer, key), subject in self.subjects.items():
            end = until.get(key, -math.inf)
            if layer == "services" and end != subject.shut_until:
                subject.shut_until = end
                self._look(subject, self.now)

    def sweep(self, now: datetime) -> None:
        """Move time on: rhythms, holds, rates, what is told of people, midnight."""
        if now.timestamp() < self.now - SET_BACK_S:
            self._set_back(now.timestamp())
        self.now = max(self.now, now.timestamp())
        if self.now >= self.day.end:
            self._roll(self.now)
        while self._wakes and self._wakes[0][0] < self.now:
            moment, key = heappop(self._wakes)
            subject = self.subjects[key]
            if moment == subject.scheduled:
                subject.scheduled = math.inf
                if subject.wake < self.now:
                    self._look(subject, self.now)
                else:
                    self._schedule(subject)
        if self.intake.expire(self.now):
            self._touch_counters("intake")
        self._tell_people()

    def take_changes(self) -> Changes | None:
        """Return what changed since the last call as {"a", "c", "r"}, or None."""
        changes: Changes = {"a": {}, "c": {}, "r": {}}
        for layer, ids in self._dirty.items():
            if not ids:
                continue
            sent = self._sent[layer]
            for key in ids:
                old, new = sent.get(key), self._row(layer, key)
                if new is None:
                    if sent.pop(key, None) is not None:
                        changes["r"].setdefault(layer, []).append(key)
                    continue
                sent[key] = new
                if old is None:
                    changes["a"].setdefault(layer, {})[key] = new
                    continue
                fields = {name: value for name, value in new.items() if old[name] != value}
                if fields:
                    changes["c"].setdefault(layer, {})[key] = fields
            ids.clear()
        return changes if any(changes.values()) else None

    def snapshot(self) -> Rows:
        """Return every row by layer and id as it is now; do not change the rows."""
        rows = {layer: dict(sent) for layer, sent in self._sent.items()}
        for layer, ids in self._dirty.items():
            for key in ids:
                new = self._row(layer, key)
                if new is None:
                    rows[layer].pop(key, None)
                else:
                    rows[layer][key] = new
        return rows

    def _row(self, layer: str, key: str) -> Row | None:
        if layer in self._put:
            return self._put[layer].get(key)
        if layer == "people":
            return self.people.row(self.day)
        if layer == "counters":
            row: Row = getattr(self, key).row()
            return row
        if layer == "feed":
            return next((_to_feed(row, t) for t, _, name, row in self._feed if name == key), None)
        return to_row(self.subjects[layer, key])

    def _set_back(self, now: float) -> None:
        """Judge everything anew by a clock that had run ahead and was set right."""
        self.now = now
        if now < self.day.start:
            self._roll(now)
        self._wakes.clear()
        for subject in self.subjects.values():
            subject.take_back(now)
            subject.scheduled = math.inf
            self._look(subject, now)

    def _touch_counters(self, *keys: str) -> None:
        self._dirty["counters"].update(keys)

    def _roll(self, now: float) -> None:
        self.day.roll(now)
        old = self.vehicles
        self.vehicles = count.Vehicles(baseline=old.baseline, baseline_at=self.day.start, t=old.t)
        self.activity = count.Activity(t=self.activity.t)
        self.people.start(self.people.baseline, self.day.start)
        self._dirty["people"].add("community")
        self._touch_counters("vehicles", "activity")
        for (layer, key), subject in self.subjects.items():
            if layer == "plate_cameras" and subject.reads:
                subject.reads = 0
                self._dirty[layer].add(key)

    def _count(self, event: Event, subject: Subject | None, t: float) -> None:
        # people are counted in the hours that are published (`publish`), never as they pass
        if event.kind != "plate":
            return
        data = event.data
        self.activity.t = count.later(self.activity.t, t)
        self.vehicles.t = count.later(self.vehicles.t, t)
        self._touch_counters("activity", "vehicles")
        if t not in self.day:
            return
        quarter = self.day.quarter(t)
        self.activity.bins[quarter] += 1
        seen = subject.direction if subject is not None else "both"
        direction = str(data.get("direction") or seen)
        self.vehicles.add(t, quarter // 4, direction, to_plate_class(data), to_who(data))
        if subject is not None and subject.layer == "plate_cameras":
            subject.reads += 1
            self._dirty[subject.layer].add(subject.id)

    def publish(self, people: PeopleNow) -> None:
        """Show what is published of people; nothing else of them is ever shown."""
        self.people.published = people
        self._dirty["people"].add("community")
        if people.last is not None:
            self.doors.methods, self.doors.hour = people.methods, people.last
            self._touch_counters("doors")
        for (layer, key), until in people.passed.items():
            subject = self.subjects.get((layer, key))
            if subject is not None and (subject.last_reported is None or subject.by_passages):
                self._set_rhythm(subject, PASSAGES_PERIOD_S, by_passages=True)
                if subject.last_reported is None or until > subject.last_reported:
                    subject.last_reported = until
                    self._look(subject, max(self.now, until))
        self._tell_people()

    def _tell_people(self) -> None:
        people = self.people.published
        if people is None or people.last is None:
            return
        for key, row in people.feed_rows(self.now).items():
            if row["t"] > self._told_people:
                self._told_people = row["t"]
                self._show(key, row["t"], row)

    def _set_rhythm(self, subject: Subject, period_s: float, *, by_passages: bool) -> None:
        """Judge a door by another rhythm: one that tells of passages alone has that of a day."""
        if subject.is_due:
            self.sensing.hearing[subject.hearing] -= 1
        subject.period_s, subject.by_passages = period_s, by_passages
        if subject.is_due:
            self.sensing.hearing[subject.hearing] += 1
        self._touch_counters("sensing")

    def assume_heard(self, layer: str, subject: str, since: datetime, until: datetime) -> None:
        """Take it that a subject spoke all through a span: its heartbeats, of which none is kept.

        For a restart, before the events of that span are applied; `hear_assumed` after them.
        """
        if (layer, subject) in self.subjects:
            span = round(since.timestamp(), 3), round(until.timestamp(), 3)
            self._assumed[layer, subject] = span

    def hear_assumed(self) -> None:
        """End a restart: what spoke until some moment was heard then."""
        for key, (since, until) in self._assumed.items():
            self._hear_all_through(self.subjects[key], since, until)
        self._assumed.clear()

    def follow_heard(self, layer: str, subject: str, since: float, until: float) -> None:
        """Begin the next span all through which a subject spoke, or let the present one go on."""
        key = layer, subject
        if key not in self.subjects:
            return
        old = self._assumed.get(key)
        self._assumed[key] = since, until
        if old is None or old[0] != since:
            if old is not None:
                self._hear_all_through(self.subjects[key], *old)
            self._hear(self.subjects[key], since)

    def hear_assumed_until(self, now: float) -> None:
        """Let a past go on: what speaks all through a span spoke last at its rhythm before now."""
        for key, (since, until) in self._assumed.items():
            subject = self.subjects[key]
            last = until if now >= until else _last_beat(subject, since, now)
            if last >= since:
                self._hear_all_through(subject, since, last)
                self._tell_time(subject, last)

    def extend_run(self, layer: str, subject: str, shown: str, began: datetime) -> None:
        """Let a state that was first seen at a restart have begun earlier, if it never broke off.

        Args:
            layer: Layer of the subject.
            subject: Its id.
            shown: The state it has reported all the time.
            began: Since when.
        """
        found = self.subjects.get((layer, subject))
        start = round(began.timestamp(), 3)
        if found is None or found.reported != shown or found.since is None:
            return
        if found.since == found.first_reported and start < found.since:
            if found.hold_from == found.since:
                found.hold_from = start
            found.since = start
            self._look(found, self.now)

    def _hear(self, subject: Subject, t: float) -> None:
        """Take in that a subject spoke, and nothing else."""
        if subject.last_reported is None or t > subject.last_reported:
            before, since = derive_state(subject, t, hold_limit_s=self.hold_limit_s)
            self._settle(subject, t, before, since)

    def _hear_all_through(self, subject: Subject, first: float, last: float) -> None:
        """Take in that a subject spoke again and again, at no moment silent."""
        self._hear(subject, first)
        if subject.last_reported is None or last > subject.last_reported:
            subject.last_reported = last
            self._look(subject, max(self.now, last))

    def _move(self, subject: Subject, event: Event, t: float) -> bool:
        """Move a subject by a live event; say whether its state changed."""
        if self._assumed:
            first, last = self._assumed.get((subject.layer, subject.id), (math.inf, 0.0))
            # what it was like before the first thing it told is not known; who passes tells nothing
            if t > first and (subject.last_reported is not None or is_passage_word(event)):
                # never at the passage's own moment, which nobody is to know
                beat = _last_beat(subject, first, t) if self.relived and t < last else min(t, last)
                self._hear_all_through(subject, first, beat)
        before, since = derive_state(subject, t, hold_limit_s=self.hold_limit_s)
        heard = is_heard_by(subject, event, t, before)
        report(subject, event, t, before)
        return self._settle(subject, t, before, since, heard=heard)

    def _settle(
        self, subject: Subject, t: float, before: str, since: float | None, *, heard: bool = True
    ) -> bool:
        """Draw the consequences of a word from a subject; say whether its state changed."""
        if heard:
            if subject.by_passages:
                self._set_rhythm(subject, DOOR_PERIOD_S, by_passages=False)
            if subject.first_reported is None:
                subject.first_reported = t
            subject.last_reported = count.later(subject.last_reported, t)
        after, _ = derive_state(subject, t, hold_limit_s=self.hold_limit_s)
        subject.since = t if after != before else since
        self._look(subject, max(self.now, t))
        if heard:
            self._tell_time(subject, t)
        return after != before

    def _tell_time(self, subject: Subject, t: float) -> None:
        """Let the counters that a subject is part of be as new as its word."""
        if subject.is_door:
            self.doors.t = count.later(self.doors.t, t)
            self._touch_counters("doors")
        if subject.is_due:
            self.sensing.t = count.later(self.sensing.t, t)
            self._touch_counters("sensing")
        if subject.period_s:
            self.kinds.t = count.later(self.kinds.t, t)
            self._touch_counters("kinds")

    def _look(self, subject: Subject, now: float) -> None:
        """Bring a subject to a moment, and the counters with it."""
        shown, since = derive_state(subject, now, hold_limit_s=self.hold_limit_s)
        hearing = SILENT
        if subject.period_s:
            hearing = to_hearing(subject.last_reported, subject.period_s, now)
        if shown != subject.shown and subject.is_door:
            self.doors.states[subject.shown] -= 1
            self.doors.states[shown] += 1
            self._touch_counters("doors")
        if hearing != subject.hearing:
            if subject.is_due:
                self.sensing.hearing[subject.hearing] -= 1
                self.sensing.hearing[hearing] += 1
                self._touch_counters("sensing")
            if SILENT in (hearing, subject.hearing):
                self.kinds.silent[subject.kind] += 1 if hearing == SILENT else -1
                self._touch_counters("kinds")
        subject.shown, subject.hearing, subject.last_changed = shown, hearing, since
        subject.last_updated = now
        if subject.drawn:
            self._dirty[subject.layer].add(subject.id)
        subject.wake = next_change(subject, now, hold_limit_s=self.hold_limit_s)
        self._schedule(subject)

    def _schedule(self, subject: Subject) -> None:
        # one look a subject is enough: it is put off for as long as the subject keeps speaking
        if subject.wake < subject.scheduled:
            subject.scheduled = subject.wake
            heappush(self._wakes, (subject.wake, (subject.layer, subject.id)))

    def _show_event(self, event: Event, t: float) -> None:
        if is_news(event):
            self._show(event.event_id, t, event)

    def _show(self, key: str, t: float, row: Row | Event) -> None:
        """Put a row, or the event it is made of, into the feed, which keeps the newest."""
        if len(self._feed) == FEED_LENGTH and t < self._feed[0][0]:
            return
        self._arrivals += 1
        insort(self._feed, (t, self._arrivals, key, row), key=itemgetter(0, 1))
        dirty = self._dirty["feed"]
        dirty.add(key)
        if len(self._feed) > FEED_LENGTH:
            gone = self._feed.pop(0)[2]
            if gone in self._sent["feed"]:
                dirty.add(gone)
            else:
                dirty.discard(gone)


def _to_feed(row: Row | Event, t: float) -> Row:
    return to_feed_row(row, t) if isinstance(row, Event) else row


def _last_beat(subject: Subject, since: float, now: float) -> float:
    """Return when a subject that speaks at its rhythm from a moment on spoke last."""
    period_s = subject.period_s
    return since + (now - since) // period_s * period_s if period_s and now >= since else now
