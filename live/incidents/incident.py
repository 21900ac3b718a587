"""One incident, and how a step moves it: pure, so that its steps alone tell how it stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

NEW, ACKNOWLEDGED, IN_PROGRESS = "new", "acknowledged", "in_progress"
RESOLVED, CLOSED = "resolved", "closed"
STATES = (NEW, ACKNOWLEDGED, IN_PROGRESS, RESOLVED, CLOSED)
OPEN = (NEW, ACKNOWLEDGED, IN_PROGRESS)
"""States in which somebody has still to do something."""

SYSTEM = "system"
"""Who takes the steps that no person takes."""
MOST_CAUSES = 500
"""Causes that an incident lists; those beyond are counted."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step in the life of an incident; what it means is in `apply_step`.

    Attributes:
        action: What was done.
        at: When, epoch seconds.
        who: By whom; `system` for what happened by itself.
        data: Everything it says; JSON.
    """

    action: str
    at: float
    who: str = SYSTEM
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Incident:
    """How an incident stands after its steps so far; times are epoch seconds.

    Attributes:
        id: Its number, for people.
        kind: Kind of its most severe cause.
        severity: 1 (most urgent) to 4.
        state: One of `STATES`.
        version: How many steps it has had.
        place: Layer and id of what to show on the map; two empty texts: the community.
        area: Layer and id of the area it lies in, or None.
        xy: Metres east and north of the middle of the community.
        family: Kinds of one family join.
        discreet: Whether everybody sees the area only.
        resolves_itself: See `live.incidents.rules.Kind`.
        group: Whether it stands for many, from a flood.
        causes: What raised it, the first ones; by name of the cause: `rule`, `kind`, `severity`,
            `layer`, `id`, `since`, `last`, `n` times told, `over` when or None, `event`, `detail`.
        causes_n: How many there are.
        active_n: How many of them are not over.
        opened_at: When it began.
        signal_at: When a cause last began or was told again.
        respond_due: When the first response is due.
        resolve_due: When the end is due.
        responded_at: When somebody first took it.
        started_at: When work began.
        resolved_at: When it was resolved.
        closed_at: When it was closed.
        owner: Who has it in hand; empty for nobody.
        resolved_by: Who resolved it.
        outcome: What came of it.
        checklist: Step -> `open`, `done` or `skipped`.
        paused_at: Since when the resolution clock stands still, None when it runs.
        paused_reason: Why.
        paused_s: How long it stood still before.
        shelved_until: Until when it is hidden, None when it is not.
        escalation: How far up the ladder, 0 at the bottom.
        escalated_at: When it last went up.
        late_response: Whether the response was late.
        late_resolution: Whether the end was late.
        reopened: How often.
        reopens: When, the last ones.
        flapping: Whether its signal comes and goes.
    """

    id: str
    kind: str
    severity: int
    state: str
    version: int
    place: tuple[str, str]
    area: tuple[str, str] | None
    xy: tuple[float, float]
    family: str
    discreet: bool
    resolves_itself: bool
    group: bool
    causes: dict[str, dict[str, Any]]
    causes_n: int
    active_n: int
    opened_at: float
    signal_at: float
    respond_due: float
    resolve_due: float
    responded_at: float | None = None
    started_at: float | None = None
    resolved_at: float | None = None
    closed_at: float | None = None
    owner: str = ""
    resolved_by: str = ""
    outcome: str = ""
    checklist: dict[str, str] = field(default_factory=dict)
    paused_at: float | None = None
    paused_reason: str = ""
    paused_s: float = 0.0
    shelved_until: float | None = None
    escalation: int = 0
    escalated_at: float | None = None
    late_response: bool = False
    late_resolution: bool = False
    reopened: int = 0
    reopens: tuple[float, ...] = ()
    flapping: bool = False

    @property
    def skipped(self) -> list[str]:
        """Steps of the checklist that were passed over."""
        return [name for name, how in self.checklist.items() if how == "skipped"]

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return asdict(self)


def from_json(kept: dict[str, Any]) -> Incident:
    """Return an incident that `to_json` wrote."""
    area = kept["area"]
    return Incident(
        **{
            **kept,
            "place": tuple(kept["place"]),
            "area": tuple(area) if area else None,
            "xy": tuple(kept["xy"]),
            "reopens": tuple(kept["reopens"]),
        }
    )


def replay(number: str, steps: Iterable[Step]) -> Incident | None:
    """Return how an incident stands after its steps, None before the first."""
    incident: Incident | None = None
    for step in steps:
        incident = apply_step(number, incident, step)
    return incident


def apply_step(number: str, before: Incident | None, step: Step) -> Incident:
    """Return an incident after one more step.

    Whether the step may be taken was settled before (`live.incidents.life`): what is in the record
    has happened.
    """
    data, at = step.data, step.at
    if before is None:
        return _open(number, step)
    now = replace(before, version=before.version + 1)
    action = step.action
    if action in ("join", "again", "over"):
        return _hear(now, step)
    if action == "acknowledge":
        return replace(_respond(now, at, data), state=ACKNOWLEDGED, owner=step.who)
    if action == "start":
        owner = now.owner or step.who
        return replace(_respond(now, at, data), state=IN_PROGRESS, started_at=at, owner=owner)
    if action == "hand_over":
        return replace(now, owner=data["to"])
    if action == "step":
        return replace(now, checklist={**now.checklist, data["step"]: data["how"]})
    if action == "pause":
        return replace(now, paused_at=at, paused_reason=data["reason"])
    if action == "resume":
        return _resume(now, at)
    if action == "resolve":
        return _resolve(now, step)
    if action == "close":
        return replace(now, state=CLOSED, closed_at=at, shelved_until=None)
    if action == "reopen":
        return _reopen(now, step)
    if action == "shelve":
        return replace(now, shelved_until=data["until"])
    if action == "unshelve":
        return replace(now, shelved_until=None)
    if action == "escalate":
        now = replace(now, escalation=data["level"], escalated_at=at)
        late = data.get("late")
        return replace(
            now,
            late_response=now.late_response or late == "response",
            late_resolution=now.late_resolution or late == "resolution",
        )
    if action == "flapping":
        return replace(now, flapping=data["on"])
    if action == "clock":
        return _shift(now, data["by_s"])
    return now  # a note, or a step of a later version: it says something and moves nothing


def _open(number: str, step: Step) -> Incident:
    data = step.data
    cause = dict(data["cause"])
    name = cause.pop("name")
    return Incident(
        id=number,
        kind=data["kind"],
        severity=data["severity"],
        state=NEW,
        version=1,
        place=tuple(data["place"]),
        area=tuple(data["area"]) if data.get("area") else None,
        xy=tuple(data["xy"]),
        family=data["family"],
        discreet=data["discreet"],
        resolves_itself=data["resolves_itself"],
        group=data["group"],
        causes={name: cause},
        causes_n=1,
        active_n=int(cause["over"] is None),
        opened_at=step.at,
        signal_at=cause["last"],
        respond_due=data["respond_due"],
        resolve_due=data["resolve_due"],
        checklist=dict.fromkeys(data["steps"], "open"),
    )


def _hear(now: Incident, step: Step) -> Incident:
    data, name = step.data, step.data["name"]
    old = now.causes.get(name)
    causes, causes_n, active_n = now.causes, now.causes_n, now.active_n
    if step.action == "join":
        cause = {key: value for key, value in data["cause"].items() if key != "name"}
        if old is not None:  # it was over and is back
            cause = {**old, **cause, "n": old["n"] + 1}
            active_n += int(old["over"] is not None and cause["over"] is None)
        else:
            causes_n += 1
            active_n += int(cause["over"] is None)
        if old is not None or len(causes) < MOST_CAUSES:
            causes = {**causes, name: cause}
        now = replace(now, signal_at=max(now.signal_at, cause["last"]))
    elif step.action == "again":
        if old is not None:
            causes = {
                **causes,
                name: {**old, "last": data["at"], "n": old["n"] + 1, "detail": data["detail"]},
            }
        now = replace(now, signal_at=max(now.signal_at, data["at"]))
    else:
        active_n = max(0, active_n - int(old is None or old["over"] is None))
        if old is not None:
            causes = {**causes, name: {**old, "over": data["at"]}}
    now = replace(now, causes=causes, causes_n=causes_n, active_n=active_n)
    if "severity" in data and data["severity"] < now.severity:
        steps = {**dict.fromkeys(data["steps"], "open"), **now.checklist}
        now = replace(
            now,
            severity=data["severity"],
            kind=data["kind"],
            respond_due=min(now.respond_due, data["respond_due"]),
            resolve_due=min(now.resolve_due, data["resolve_due"]),
            checklist=steps,
            shelved_until=None,
        )
    return now


def _respond(now: Incident, at: float, data: dict[str, Any]) -> Incident:
    if now.responded_at is not None:
        return now
    late = at > now.respond_due
    return replace(
        now, responded_at=at, late_response=now.late_response or late, shelved_until=None
    )


def _resume(now: Incident, at: float) -> Incident:
    if now.paused_at is None:
        return now
    stood = max(0.0, at - now.paused_at)
    return replace(
        now,
        paused_at=None,
        paused_reason="",
        paused_s=now.paused_s + stood,
        resolve_due=now.resolve_due + stood,
    )


def _resolve(now: Incident, step: Step) -> Incident:
    now = _resume(now, step.at)
    skipped = set(step.data.get("skipped", ()))
    return replace(
        now,
        state=RESOLVED,
        resolved_at=step.at,
        resolved_by=step.who,
        outcome=step.data.get("outcome", ""),
        late_resolution=now.late_resolution or step.at > now.resolve_due,
        checklist={k: "skipped" if k in skipped else v for k, v in now.checklist.items()},
        shelved_until=None,
    )


def _reopen(now: Incident, step: Step) -> Incident:
    data = step.data
    # the checklist is gone through anew: what was done then is in the record
    return replace(
        now,
        state=NEW,
        owner="",
        responded_at=None,
        started_at=None,
        resolved_at=None,
        closed_at=None,
        resolved_by="",
        outcome="",
        respond_due=data["respond_due"],
        resolve_due=data["resolve_due"],
        checklist=dict.fromkeys(now.checklist, "open"),
        escalation=0,
        escalated_at=None,
        reopened=now.reopened + 1,
        reopens=(*now.reopens, step.at)[-10:],
    )


def _shift(now: Incident, by_s: float) -> Incident:
    """Move what is still to come: the machine's clock was set, the time left stays."""

    def moved(value: float | None) -> float | None:
        return None if value is None else value + by_s

    return replace(
        now,
        respond_due=now.respond_due + by_s,
        resolve_due=now.resolve_due + by_s,
        paused_at=moved(now.paused_at),
        shelved_until=moved(now.shelved_until),
        escalated_at=moved(now.escalated_at),
    )
