"""Marks on a walk through the past: a whole state put down, cheap to make and to take up again.

Most of a state is things that have not moved since the mark before: those are kept once for both.
"""

from __future__ import annotations

import math
import pickle
from dataclasses import dataclass, fields
from heapq import heapify
from operator import attrgetter
from typing import Any

from live.state import TwinState
from live.subjects import Subject

_NAMES = tuple(field.name for field in fields(Subject))
_TAKE = attrgetter(*_NAMES)
_TABLES = ("values", "units", "value_at")
_AT = {name: _NAMES.index(name) for name in _TABLES}
_BYTES_A_SUBJECT = 400
"""What a thing that moved takes up, about."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A state as it stood at a moment.

    Attributes:
        at: The moment, microseconds since 1970.
        subjects: Everything known of each thing, in the order of the state.
        rest: The state without them.
        more: What belongs to it and is no part of the state.
        size: Bytes it takes beyond the mark before it, about.
    """

    at: int
    subjects: tuple[tuple[Any, ...], ...]
    rest: bytes
    more: bytes
    size: int


def put_down(at: int, state: TwinState, more: Any, before: Mark | None = None) -> Mark:
    """Return a mark of a state; `before` is one to share with."""
    known = before.subjects if before is not None else ()
    moved, kept = 0, []
    for k, subject in enumerate(state.subjects.values()):
        values = _TAKE(subject)
        if k < len(known) and known[k] == values:
            kept.append(known[k])
            continue
        moved += 1
        if subject.drawn:  # what is not drawn keeps no numbers
            held = list(values)
            for name, place in _AT.items():
                held[place] = dict(getattr(subject, name))
            values = tuple(held)
        kept.append(values)
    subjects, wakes = state.subjects, state._wakes
    try:
        # things are kept above; the waking times follow from them
        state.subjects, state._wakes = {}, []
        rest = pickle.dumps(state, protocol=pickle.HIGHEST_PROTOCOL)
    finally:
        state.subjects, state._wakes = subjects, wakes
    others = pickle.dumps(more, protocol=pickle.HIGHEST_PROTOCOL)
    size = len(rest) + len(others) + _BYTES_A_SUBJECT * moved + 8 * len(kept)
    return Mark(at, tuple(kept), rest, others, size)


def take_up(mark: Mark) -> tuple[TwinState, Any]:
    """Return the state of a mark, and what went with it; both are the caller's own."""
    state: TwinState = pickle.loads(mark.rest)
    for values in mark.subjects:
        subject = Subject(*values)
        if subject.drawn:
            for name in _TABLES:
                setattr(subject, name, dict(getattr(subject, name)))
        state.subjects[subject.layer, subject.id] = subject
    state._wakes = [
        (subject.scheduled, key)
        for key, subject in state.subjects.items()
        if subject.scheduled < math.inf
    ]
    heapify(state._wakes)
    return state, pickle.loads(mark.more)
