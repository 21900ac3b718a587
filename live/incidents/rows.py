"""What everybody may see of incidents: the rows of the stream, and their counts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from live.incidents.incident import CLOSED, OPEN, RESOLVED, Incident

Row = dict[str, Any]


def public_place(one: Incident) -> tuple[str, str]:
    """Return the place to show to everybody: of a discreet kind its area only."""
    if one.discreet:
        return one.area or ("", "")
    return one.place


def to_row(one: Incident) -> Row:
    """Return the row of an incident: no names, no notes, no plates, no flats."""
    layer, place = public_place(one)
    done = sum(how == "done" for how in one.checklist.values())
    return {
        "k": one.kind,
        "sev": one.severity,
        "s": one.state,
        "l": layer or None,
        "i": place or None,
        "a": list(one.area) if one.area else None,
        "by": sorted({cause["kind"] for cause in one.causes.values()}),
        "n": one.causes_n,
        "on": one.active_n,
        "group": one.group,
        "since": round(one.opened_at, 3),
        "t": round(one.signal_at, 3),
        "resp": _at(one.responded_at),
        "due_r": round(one.respond_due, 3),
        "due": round(one.resolve_due, 3),
        "end": _at(one.resolved_at),
        "paused": _at(one.paused_at),
        "hid": _at(one.shelved_until),
        "esc": one.escalation,
        "late": one.late_response or one.late_resolution,
        "re": one.reopened,
        "flap": one.flapping,
        "own": bool(one.owner),
        "done": done,
        "of": len(one.checklist),
        "v": one.version,
    }


def to_counts(incidents: Iterable[Incident], t: float | None, mode: Row | None = None) -> Row:
    """Return `counters.incidents`: how many are open, by severity and state, and how many hidden.

    Args:
        incidents: All that are not closed.
        t: Moment of the newest step.
        mode: The mode of the community.
    """
    by = {"1": 0, "2": 0, "3": 0, "4": 0}
    row = {"new": 0, "acknowledged": 0, "in_progress": 0, "resolved": 0}
    shelved = late = grouped = 0
    for one in incidents:
        if one.state == CLOSED:
            continue
        row[one.state] += 1
        if one.state == RESOLVED:
            continue
        if one.shelved_until is not None:
            shelved += 1
        else:
            by[str(one.severity)] += 1
        late += one.late_response or one.late_resolution
        grouped += one.causes_n if one.group else 0
    return {
        "by": by,
        **row,
        "open": sum(row[state] for state in OPEN),
        "shelved": shelved,
        "late": late,
        "grouped": grouped,
        "mode": mode,
        "t": _at(t),
    }


def _at(moment: float | None) -> float | None:
    return None if moment is None else round(moment, 3)
