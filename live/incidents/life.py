"""Which steps people may take, in which state, and what time alone does to an incident."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from live.incidents.errors import StepError
from live.incidents.incident import (
    ACKNOWLEDGED,
    CLOSED,
    IN_PROGRESS,
    NEW,
    OPEN,
    RESOLVED,
    STATES,
    SYSTEM,
    Incident,
    Step,
)
from live.incidents.rules import Rules
from live.typed import TypedError, ensure_text

MAY: dict[str, tuple[str, ...]] = {
    "acknowledge": (NEW,),
    "start": (NEW, ACKNOWLEDGED),
    "note": STATES,
    "step": (ACKNOWLEDGED, IN_PROGRESS),
    "hand_over": (ACKNOWLEDGED, IN_PROGRESS),
    "pause": (IN_PROGRESS,),
    "resume": (IN_PROGRESS,),
    "resolve": (ACKNOWLEDGED, IN_PROGRESS),
    "close": (RESOLVED,),
    "reopen": (RESOLVED, CLOSED),
    "shelve": OPEN,
    "unshelve": OPEN,
    "escalate": OPEN,
}
"""What people may do, and in which states."""

OUTCOMES = ("handled", "false_alarm", "test", "passed_on", "by_itself")
LONGEST_TEXT = 2000
LONGEST_NAME = 64


def decide(
    incident: Incident, action: str, who: str, now: float, given: dict[str, Any], rules: Rules
) -> Step:
    """Return the step that a person wants to take.

    Args:
        incident: As it stands.
        action: One of `MAY`.
        who: Who takes it.
        now: Epoch seconds.
        given: What the action needs: `text` of a note, `step` and `how`, `to`, `reason`, `until`
            or `for_s`, `outcome`.
        rules: The rules in force.

    Raises:
        StepError: It may not be taken; says why and what to do.
    """
    if action not in MAY:
        raise StepError(f"there is no action {action!r}; use one of {', '.join(MAY)}")
    if incident.state not in MAY[action]:
        raise StepError(
            f"{action} is not possible while incident {incident.id} is {incident.state}; "
            f"it may be {', '.join(MAY[action])}"
        )
    make = _MAKE.get(action)
    data = make(incident, now, given, rules) if make else {}
    note = _text(given.get("note"), "note", LONGEST_TEXT) if given.get("note") else ""
    return Step(action, now, who, {**data, "note": note} if note else data)


def _note(incident: Incident, now: float, given: dict[str, Any], rules: Rules) -> dict[str, Any]:
    return {"text": _text(given.get("text"), "text", LONGEST_TEXT)}


def _step(incident: Incident, now: float, given: dict[str, Any], rules: Rules) -> dict[str, Any]:
    name, how = given.get("step"), given.get("how", "done")
    if name not in incident.checklist:
        known = ", ".join(incident.checklist) or "none"
        raise StepError(f"the checklist has no step {name!r}; it has {known}")
    if how not in ("done", "skipped", "open"):
        raise StepError(f"a step is done, skipped or open, not {how!r}")
    if incident.checklist[name] == how:
        raise StepError(f"step {name} is {how} already")
    data = {"step": name, "how": how}
    if how == "skipped":
        data["reason"] = _text(given.get("reason"), "reason", LONGEST_TEXT)
    return data


def _hand_over(
    incident: Incident, now: float, given: dict[str, Any], rules: Rules
) -> dict[str, Any]:
    to = _text(given.get("to"), "to", LONGEST_NAME)
    if to == incident.owner:
        raise StepError(f"incident {incident.id} is with {to} already")
    return {"to": to, "from": incident.owner}


def _pause(incident: Incident, now: float, given: dict[str, Any], rules: Rules) -> dict[str, Any]:
    reason = given.get("reason")
    if incident.severity not in rules.pause_severities:
        raise StepError(f"the clock of severity {incident.severity} never stands still")
    if incident.paused_at is not None:
        raise StepError(f"the clock of incident {incident.id} stands still already")
    if reason not in rules.pause_reasons:
        known = ", ".join(rules.pause_reasons)
        raise StepError(f"the clock stands still for these reasons only: {known}; not {reason!r}")
    if now > incident.resolve_due:
        raise StepError("the time has run out already; a late incident cannot be paused")
    if incident.paused_s > 0:
        raise StepError("the clock stood still once; it does not a second time")
    return {"reason": reason}


def _resume(incident: Incident, now: float, given: dict[str, Any], rules: Rules) -> dict[str, Any]:
    if incident.paused_at is None:
        raise StepError(f"the clock of incident {incident.id} runs already")
    return {}


def _resolve(incident: Incident, now: float, given: dict[str, Any], rules: Rules) -> dict[str, Any]:
    outcome = given.get("outcome", "handled")
    if outcome not in OUTCOMES:
        raise StepError(f"outcome is one of {', '.join(OUTCOMES)}, not {outcome!r}")
    # what nobody ticked off was passed over, and is reported as such
    skipped = [name for name, how in incident.checklist.items() if how != "done"]
    return {"outcome": outcome, "skipped": skipped}


def _reopen(incident: Incident, now: float, given: dict[str, Any], rules: Rules) -> dict[str, Any]:
    reason = _text(given.get("reason"), "reason", LONGEST_TEXT)
    return {"reason": reason, **dues(incident.severity, now, rules)}


def _shelve(incident: Incident, now: float, given: dict[str, Any], rules: Rules) -> dict[str, Any]:
    if incident.severity not in rules.shelve_severities:
        raise StepError(f"severity {incident.severity} is never hidden")
    if incident.shelved_until is not None:
        raise StepError(f"incident {incident.id} is hidden already; unshelve it first")
    reason = _text(given.get("reason"), "reason", LONGEST_TEXT)
    for_s = given.get("for_s")
    if isinstance(for_s, bool) or not isinstance(for_s, int | float):
        raise StepError("for_s: say for how many seconds it is hidden")
    if not 0 < for_s <= rules.shelve_longest_s:
        raise StepError(f"for_s: it may be hidden for up to {rules.shelve_longest_s:g} s")
    return {"until": now + for_s, "reason": reason}


def _unshelve(
    incident: Incident, now: float, given: dict[str, Any], rules: Rules
) -> dict[str, Any]:
    if incident.shelved_until is None:
        raise StepError(f"incident {incident.id} is not hidden")
    return {}


def _escalate(
    incident: Incident, now: float, given: dict[str, Any], rules: Rules
) -> dict[str, Any]:
    if incident.escalation + 1 >= len(rules.ladder):
        raise StepError(f"incident {incident.id} is at the top of the ladder already")
    level = incident.escalation + 1
    return {"level": level, "to": rules.ladder[level]}


_MAKE: dict[str, Callable[[Incident, float, dict[str, Any], Rules], dict[str, Any]]] = {
    "note": _note,
    "step": _step,
    "hand_over": _hand_over,
    "pause": _pause,
    "resume": _resume,
    "resolve": _resolve,
    "reopen": _reopen,
    "shelve": _shelve,
    "unshelve": _unshelve,
    "escalate": _escalate,
}


def _text(value: Any, name: str, longest: int) -> str:
    try:
        return ensure_text(value, longest)
    except TypedError as error:
        raise StepError(f"{name}: {error}") from None


def dues(severity: int, at: float, rules: Rules) -> dict[str, float]:
    """Return when the response and the end of an incident are due."""
    clocks = rules.severity[severity]
    return {
        "respond_due": round(at + clocks.respond_s, 3),
        "resolve_due": round(at + clocks.resolve_s, 3),
    }


def pass_time(incident: Incident, now: float, rules: Rules) -> Step | None:
    """Return the next step that time alone takes, or None; ask again after each."""
    if incident.state == CLOSED:
        return None
    if incident.state == RESOLVED:
        due = (incident.resolved_at or now) + rules.close_after_s
        return Step("close", now, SYSTEM, {"why": "time"}) if now >= due else None
    if incident.shelved_until is not None and now >= incident.shelved_until:
        return Step("unshelve", now, SYSTEM, {"why": "time"})
    if incident.paused_at is not None:
        longest = rules.pause_reasons.get(incident.paused_reason, 0.0)
        if now >= incident.paused_at + longest:
            return Step("resume", now, SYSTEM, {"why": "time"})
    step = _escalate_late(incident, now, rules)
    if step is not None:
        return step
    quiet = now - incident.signal_at >= rules.flapping_quiet_s
    if incident.flapping and incident.active_n == 0 and quiet:
        return Step("flapping", now, SYSTEM, {"on": False})
    if may_end_itself(incident):
        skipped = [name for name, how in incident.checklist.items() if how != "done"]
        return Step("resolve", now, SYSTEM, {"outcome": "by_itself", "skipped": skipped})
    return None


def may_end_itself(incident: Incident) -> bool:
    """Say whether an incident is resolved as its causes are over and nobody works on it."""
    return (
        incident.resolves_itself
        and incident.active_n == 0
        and not incident.flapping
        and incident.state == NEW
    )


def _escalate_late(incident: Incident, now: float, rules: Rules) -> Step | None:
    if incident.shelved_until is not None:
        return None
    late = ""
    if incident.responded_at is None and now > incident.respond_due:
        late = "response"
    elif incident.paused_at is None and now > incident.resolve_due:
        late = "resolution"
    if not late:
        return None
    first = not (incident.late_response if late == "response" else incident.late_resolution)
    waited = now - (incident.escalated_at or -1e18)
    top = len(rules.ladder) - 1
    if not first and (waited < rules.escalate_again_s or incident.escalation >= top):
        return None
    level = min(incident.escalation + 1, top)
    return Step("escalate", now, SYSTEM, {"level": level, "to": rules.ladder[level], "late": late})
