"""The day of a gate: people and vehicles by hour, how doors were opened, what went wrong."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from live.events import Event
from live.history.devices import Spell, door_history
from live.history.people import HourFigure, PeopleSpan
from live.history.vehicles import CameraDay, Read, camera_day


@dataclass(frozen=True, slots=True)
class GateDay:
    """What happened at a gate in a span.

    Attributes:
        people: Published counts by hour.
        methods: Published passages by method; {"face": 120, ...}.
        busiest: Beginning of the hour with the most people, None where none is published.
        vehicles: What its plate cameras saw.
        spells: When it was held, forced or offline.
    """

    people: list[HourFigure]
    methods: dict[str, int]
    busiest: datetime | None
    vehicles: CameraDay
    spells: list[Spell]


def gate_day(
    gate: str, people: PeopleSpan, reads: Sequence[Read], events: Iterable[Event]
) -> GateDay:
    """Return the day of a gate.

    Args:
        gate: Its id.
        people: What is published of the span.
        reads: Reads of the gate's own cameras in the span.
        events: Status, alarm and access events of the gate.
    """
    hours = people.by_hour("gates", gate)
    known = [hour for hour in hours if hour.in_ is not None]
    most = max(known, key=_passed, default=None)
    return GateDay(
        hours,
        people.methods("gates", gate),
        most.hour if most is not None and _passed(most) else None,
        camera_day(reads, people.span.hours),
        door_history(events, people.span),
    )


def _passed(hour: HourFigure) -> int:
    return (hour.in_ or 0) + (hour.out or 0)
