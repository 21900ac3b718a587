"""The rules of incidents as they count; `live.incidents.rules_file` reads them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

WHEN: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "alarm": (frozenset({"types"}), frozenset({"states", "for_s", "over_s", "anew_s"})),
    "state": (frozenset({"states"}), frozenset({"for_s"})),
    "reading": (frozenset({"quantity"}), frozenset({"above", "below", "clear", "for_s"})),
    "flow": (frozenset({"quantity", "rate", "for_s"}), frozenset({"gap_s"})),
    "no_flow": (frozenset({"quantity", "amount", "for_s", "subjects"}), frozenset({"gap_s"})),
    "tailgating": (frozenset(), frozenset({"window_s"})),
    "plate": (frozenset({"plates"}), frozenset()),
    "overstay": (frozenset({"for_s"}), frozenset({"who"})),
    "silent": (frozenset(), frozenset({"for_s"})),
    "feed": (frozenset({"for_s"}), frozenset({"count"})),
    "crowd": (frozenset({"count", "window_s"}), frozenset()),
}
"""Ways to detect: the keys that each needs, and those it may have."""


@dataclass(frozen=True)
class Rule:
    """One rule; see `WHEN` for which fields count.

    Attributes:
        id: Its name.
        kind: Kind of incident that it raises.
        severity: 1 (most urgent) to 4.
        when: How it detects.
        layers: Layers of the subjects it looks at; all when empty.
        devices: Kinds of device, likewise.
        types: Types of alarm.
        states: States of a door, camera or device.
        quantity: Quantity of a reading.
        above: At this number or more.
        below: At this number or less.
        clear: It is over when the number is beyond this one.
        for_s: So long without a break, seconds.
        over_s: An alarm that nobody ends nor repeats is over after so long, seconds; 0 never.
        anew_s: An alarm that comes again after so long is a new call, ended or not; 0 never.
        rate: Least flow, per hour.
        amount: Least use in `for_s`.
        gap_s: A longer pause between two readings proves nothing, seconds.
        subjects: Only these.
        plates: Plates and patterns of plates.
        who: Whose vehicles: resident, visitor, unknown.
        exempt: Plates that may stay; of lists edited in the browser, never of the file.
        count: So many.
        window_s: Within so long, seconds.
    """

    id: str
    kind: str
    severity: int
    when: str
    layers: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    quantity: str = ""
    above: float = math.inf
    below: float = -math.inf
    clear: float | None = None
    for_s: float = 0.0
    over_s: float = 0.0
    anew_s: float = 0.0
    rate: float = 0.0
    amount: float = 0.0
    gap_s: float = math.inf
    subjects: tuple[str, ...] = ()
    plates: tuple[str, ...] = ()
    who: tuple[str, ...] = ("visitor",)
    exempt: tuple[str, ...] = ()
    count: int = 20
    window_s: float = 60.0


@dataclass(frozen=True)
class Clocks:
    """How long the first response and the whole may take, seconds."""

    respond_s: float
    resolve_s: float


@dataclass(frozen=True)
class Kind:
    """A kind of incident.

    Attributes:
        id: Its name.
        family: Kinds of one family near each other are one incident.
        steps: Its checklist.
        resolves_itself: Whether it is resolved when its last cause is over and nobody works on it.
        discreet: Whether everybody sees the area only, as the place tells of somebody.
        by_area: Whether all of an area within `area_s` of `together` are one.
        responders: Who is able to go, names of `[responder]`; nobody where it is empty.
        area_m: Whom it may harm: all within so many metres; 0: nobody but whoever called.
    """

    id: str
    family: str
    steps: tuple[str, ...] = ()
    resolves_itself: bool = False
    discreet: bool = False
    by_area: bool = False
    responders: tuple[str, ...] = ()
    area_m: float = 0.0


@dataclass(frozen=True)
class Responder:
    """Who can be sent, and where they wait.

    Attributes:
        id: What they are.
        services: Kinds of service where they wait, within its hours.
        gates: Whether they stand at the gates that vehicles pass.
    """

    id: str
    services: tuple[str, ...] = ()
    gates: bool = False


@dataclass(frozen=True)
class Mode:
    """A mode of the whole community.

    Attributes:
        id: Its name.
        raises: Kinds of incident that count one severity more while it is on, up to 2.
        devices: Kinds of device whose silence it watches.
        shelters: Kinds of service that take people in.
        built_before: Buildings from before this year are looked at; 0 none.
        storeys_at_most: Likewise those this low; 0 none.
        longest_s: It ends by itself after so long, seconds.
    """

    id: str
    raises: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    shelters: tuple[str, ...] = ()
    built_before: float = 0.0
    storeys_at_most: float = 0.0
    longest_s: float = 86_400.0


@dataclass(frozen=True)
class Response:
    """How people get to where they are needed.

    Attributes:
        speed_mps: How fast they walk.
        radius_m: What is within so many metres of an incident belongs to its picture.
        arrive_s: By when somebody is there, by severity, seconds; no limit where it is missing.
        sent_by: Steps of the checklist that send somebody.
        there_by: Steps that tell that somebody is there.
        responders: By name.
    """

    speed_mps: float = 1.4
    radius_m: float = 80.0
    arrive_s: dict[int, float] = field(default_factory=dict)
    sent_by: tuple[str, ...] = ()
    there_by: tuple[str, ...] = ()
    responders: dict[str, Responder] = field(default_factory=dict)


@dataclass(frozen=True)
class Rules:
    """A whole rules file; the tables are described in it. Of `resting` nothing is raised."""

    rules: tuple[Rule, ...]
    kinds: dict[str, Kind]
    severity: dict[int, Clocks]
    ladder: tuple[str, ...]
    escalate_again_s: float
    together_s: float
    together_m: float
    area_s: float
    flapping_count: int
    flapping_s: float
    flapping_quiet_s: float
    flood_count: int
    flood_s: float
    flood_keep: int
    flood_keep_severe: int
    shelve_severities: tuple[int, ...]
    shelve_longest_s: float
    pause_severities: tuple[int, ...]
    pause_reasons: dict[str, float]
    close_after_s: float
    digest: str = ""
    off: tuple[str, ...] = field(default=())
    resting: tuple[Rule, ...] = ()
    response: Response = field(default_factory=Response)
    modes: dict[str, Mode] = field(default_factory=dict)

    def with_subjects(self, rule_ids: str, subjects: tuple[str, ...]) -> Rules:
        """Return these rules with subjects added to the rules of one way to detect."""
        changed = tuple(
            replace(rule, subjects=(*rule.subjects, *subjects)) if rule.when == rule_ids else rule
            for rule in self.rules
        )
        return replace(self, rules=changed)

    def with_plates(self, plates: tuple[str, ...]) -> Rules:
        """Return these rules with plates added to the list."""
        changed = tuple(
            replace(rule, plates=(*rule.plates, *plates)) if rule.when == "plate" else rule
            for rule in self.rules
        )
        return replace(self, rules=changed)

    def without_plates(self, plates: tuple[str, ...]) -> Rules:
        """Return these rules with vehicles that may stay as long as they like."""
        changed = tuple(
            replace(rule, exempt=(*rule.exempt, *plates)) if rule.when == "overstay" else rule
            for rule in self.rules
        )
        return replace(self, rules=changed)
