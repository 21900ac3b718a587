"""One door, camera, device, car park or service: what it said, and what to show of it by now."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import pandas as pd

from geodata.community import Community
from geodata.schema import METER_KINDS
from live.events import Event
from live.health import (
    DOOR_PERIOD_S,
    DUE_WITHIN_S,
    HEARD,
    SILENT,
    SILENT_AFTER,
    next_hearing_change,
    to_hearing,
    to_period_s,
)
from live.sensor_truth import DOUBT, FAULT

SUBJECT_LAYERS = ("entrances", "gates", "plate_cameras", "devices", "parking", "services")
"""Layers whose things events speak about one by one."""

DOOR_STATES = ("closed", "open", "held", "forced", "offline")
DEVICE_STATES = ("ok", "fault", "alarm", "offline")
CAMERA_STATES = ("ok", "fault", "offline")
SERVICE_STATES = ("open", "closed", "full", "unknown")

STATES: dict[str, tuple[str, ...]] = {
    "entrances": DOOR_STATES,
    "gates": DOOR_STATES,
    "plate_cameras": CAMERA_STATES,
    "devices": DEVICE_STATES,
    "services": SERVICE_STATES,
}
"""States that a row of a layer may show."""

HOLD_LIMIT_S = 30.0
"""An open door counts as held open after this time, seconds."""
PASSAGE_S = 20.0
"""An opening that lasts no longer is somebody passing, which nothing shows, seconds."""


@dataclass(slots=True)
class Subject:
    """One thing that events speak about.

    Attributes:
        layer: Its layer.
        id: Its id within the layer.
        kind: Device or service kind; `entrance`, `gate`, `plate_camera`, `parking` for the others.
        period_s: Its rhythm, seconds; 0 for things without one.
        drawn: False for things inside flats, which are counted and never sent as rows.
        direction: What a plate camera sees: in, out or both.
        reported: The state it last reported, None before it ever did.
        reported_at: The clock of `reported`, epoch seconds; older reports never pass it.
        contact: Whether the door tells open from closed; one that only lets people in never stands
            open; `contact_at` is its clock.
        hold_from: When the door was last opened, epoch seconds.
        by_passages: Whether it tells of passages alone: its life is known from published hours.
        shown: The state as of the last look at the clock.
        hearing: heard, late or silent, likewise.
        since: When the reported state began, epoch seconds; silence hides it without ending it.
        last_changed: When `shown` last moved, epoch seconds.
        last_updated: When anything a row shows last moved, epoch seconds.
        last_reported: When it last spoke of itself, epoch seconds; nobody's passage moves it.
        first_reported: When it first spoke to this process, epoch seconds.
        values: Latest number of each quantity, with `units` and the clock of each, `value_at`.
        doubted: Whether it is at fault only for a number that cannot be true.
        reads: Plates read today.
        capacity: Places of a car park or service.
        used: Places used in a service.
        used_at: The clock of `used` and of a service's own `capacity`.
        shut_until: A service that managers closed is closed until then, whatever it says.
        wake: When the clock alone will next change this thing, epoch seconds.
        scheduled: When somebody will look at it, epoch seconds; never later than `wake`.
    """

    layer: str
    id: str
    kind: str
    period_s: float = 0.0
    drawn: bool = True
    direction: str = "both"
    reported: str | None = None
    reported_at: float = -math.inf
    contact: bool = False
    contact_at: float = -math.inf
    hold_from: float = -math.inf
    by_passages: bool = False
    shown: str = "offline"
    hearing: str = SILENT
    since: float | None = None
    last_changed: float | None = None
    last_updated: float | None = None
    last_reported: float | None = None
    first_reported: float | None = None
    values: dict[str, float] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    value_at: dict[str, float] = field(default_factory=dict)
    doubted: bool = False
    reads: int = 0
    capacity: int | None = None
    used: int | None = None
    used_at: float = -math.inf
    shut_until: float = -math.inf
    wake: float = math.inf
    scheduled: float = math.inf

    def take_back(self, now: float) -> None:
        """Let nothing be later than a moment: what was told by a clock that ran ahead is of now."""
        self.reported_at = min(self.reported_at, now)
        self.contact_at = min(self.contact_at, now)
        self.hold_from = min(self.hold_from, now)
        self.used_at = min(self.used_at, now)
        self.value_at = {name: min(at, now) for name, at in self.value_at.items()}
        for name in ("since", "last_changed", "last_updated", "last_reported", "first_reported"):
            at = getattr(self, name)
            setattr(self, name, None if at is None else min(at, now))

    @property
    def is_due(self) -> bool:
        """Whether its rhythm makes it speak within five minutes."""
        return 0 < self.period_s <= DUE_WITHIN_S

    @property
    def is_door(self) -> bool:
        """Whether it is an entrance or a gate."""
        return self.layer in ("entrances", "gates")


def derive_state(
    subject: Subject, now: float, *, hold_limit_s: float = HOLD_LIMIT_S
) -> tuple[str, float | None]:
    """Return the state to show at a moment, and since when.

    Never heard, or silent: `offline` (`unknown` for a service), whatever it said before.
    """
    since = subject.since
    if subject.layer == "services":
        return "closed" if now < subject.shut_until else subject.reported or "unknown", since
    if subject.last_reported is None:
        return "offline", None
    silent_at = subject.last_reported + SILENT_AFTER * subject.period_s
    if subject.period_s and now > silent_at:
        return "offline", silent_at
    reported = subject.reported
    if subject.is_door and reported == "open":
        for limit_s, then in ((hold_limit_s, "held"), (PASSAGE_S, "open")):
            if subject.contact and now > subject.hold_from + limit_s:
                return then, max(subject.hold_from + limit_s, since or -math.inf)
        # somebody passes: who counts openings would count people
        return "closed", since
    if reported is None or (reported == "offline" and subject.last_reported > subject.reported_at):
        # it speaks and tells of nothing unusual
        return ("closed" if subject.is_door else "ok"), since
    return reported, since


def next_change(subject: Subject, now: float, *, hold_limit_s: float = HOLD_LIMIT_S) -> float:
    """Return the moment after which the clock alone changes the subject, or infinity."""
    if now <= subject.shut_until:
        return subject.shut_until
    if not subject.period_s:
        return math.inf
    wake = next_hearing_change(subject.last_reported, subject.period_s, now)
    if subject.is_door and subject.reported == "open" and subject.contact:
        for limit_s in (PASSAGE_S, hold_limit_s):
            moment = subject.hold_from + limit_s
            if moment >= now:
                wake = min(wake, moment)
    return wake


def is_passage_word(event: Event) -> bool:
    """Say whether an event comes with somebody's passage: an access, a door that opens or shuts."""
    if event.kind == "access":
        return True
    return (
        event.kind == "status"
        and event.layer in ("entrances", "gates")
        and event.data.get("state") in ("open", "closed")
    )


def is_heard_by(subject: Subject, event: Event, t: float, before: str) -> bool:
    """Say whether an event tells that its subject lives, to everybody who looks at its clock.

    Words that come with a passage do so only for a door that is not heard otherwise; else its clock
    would tick with each person.

    Args:
        subject: Who spoke.
        event: What it said.
        t: When, epoch seconds.
        before: The state shown until then.
    """
    if event.kind == "access":
        return False
    if not is_passage_word(event) or before in ("open", "held", "forced"):
        return True
    return to_hearing(subject.last_reported, subject.period_s, t) != HEARD


def report(subject: Subject, event: Event, t: float, before: str) -> None:
    """Move what a subject itself said, each register by its own clock; the later of two ties wins.

    Args:
        subject: Whose registers move.
        event: What it said.
        t: When, epoch seconds.
        before: The state shown until then.
    """
    data = event.data
    told: str | None = None
    doubt: dict[str, str] = data.get(DOUBT) or {}
    if event.kind in ("status", "service"):
        state = data.get("state")
        told = state if state in STATES.get(subject.layer, ()) else None
        if subject.layer == "services" and t >= subject.used_at:
            if data.get("used") is not None:
                subject.used = None if "used" in doubt else int(data["used"])
                subject.used_at = t
            if data.get("capacity") is not None:
                subject.capacity, subject.used_at = int(data["capacity"]), t
    elif event.kind == "alarm" and subject.layer == "devices":
        told = "alarm"
    elif event.kind == "alarm" and subject.is_door and data.get("type") in ("forced", "held"):
        told = data["type"]
    elif event.kind == "access" and subject.is_door and data.get("granted", True):
        # trouble ends when the door says so, not when somebody passes
        told = None if subject.reported in ("held", "forced", "offline") else "open"
    elif event.kind == "reading" and subject.drawn:
        for name, value in (data.get("values") or {}).items():
            if t >= subject.value_at.get(name, t):
                subject.values[name], subject.value_at[name] = value, t
                if name in doubt:
                    del subject.values[name]
                if name in (data.get("unit") or {}):
                    subject.units[name] = data["unit"][name]
        if subject.layer == "devices" and (
            subject.doubted or subject.reported not in ("alarm", FAULT)
        ):
            told = FAULT if FAULT in doubt.values() else "ok" if subject.doubted else None
    if told is not None and t >= subject.reported_at:
        subject.doubted = event.kind == "reading" and told == FAULT
    had_contact = subject.contact
    if told is not None and event.kind == "status" and t >= subject.contact_at:
        subject.contact, subject.contact_at = told != "offline", t
    if told is None or t < subject.reported_at:
        return
    opened = told == "open" and (subject.reported != "open" or not had_contact)
    passed = event.kind == "access" and before not in ("open", "held")
    if passed or opened:
        subject.hold_from = t
    subject.reported, subject.reported_at = told, t


def read_residents(community: Community) -> int | None:
    """Return how many people live there: the community's own total, else that of its buildings."""
    residents = community.meta.get("residents")
    if residents is None and len(community["buildings"]):
        known = community["buildings"]["residents"].dropna()
        residents = known.sum() if len(known) else None
    return None if residents is None else int(residents)


_READ = ("id", "kind", "period_s", "capacity", "direction")
"""The columns that subjects need."""


def read_subjects(community: Community) -> list[Subject]:
    """Return everything that events may speak about, none of it heard yet."""
    names = {"entrances": "entrance", "gates": "gate", "plate_cameras": "plate_camera"}
    found = []
    for layer in SUBJECT_LAYERS:
        gdf = community[layer]
        read = [name for name in _READ if name in gdf.columns]
        frame = pd.DataFrame({name: gdf[name].astype("object") for name in read})
        frame = frame.where(frame.notna(), None)
        for row in frame.to_dict("records"):
            kind = names.get(layer) or str(row.get("kind") or layer)
            subject = Subject(layer, str(row["id"]), kind)
            if layer in names:
                subject.period_s = DOOR_PERIOD_S
            elif layer == "devices":
                subject.period_s = to_period_s(kind, row["period_s"])
                subject.drawn = kind not in METER_KINDS
            elif row["capacity"] is not None:
                subject.capacity = int(row["capacity"])
            if layer == "services":
                subject = replace(subject, shown="unknown")
            if row.get("direction") in ("in", "out"):
                subject.direction = row["direction"]
            found.append(subject)
    return found
