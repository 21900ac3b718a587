"""What the twin knows of providers, gates and cameras, in the words of coverage."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from geodata.coverage.providers import Provider
from live.health import SILENT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from live.state import TwinState
    from live.subjects import Subject

LOCKED = "locked"
"""A gate that tells by this reading (1 or 0) whether it lets anybody past; others go by hours."""


@dataclass(frozen=True)
class Facts:
    """What is known of now; what is not in here is not known.

    Attributes:
        open: {provider id: whether it works}.
        used: {provider id: places taken}.
        locked: {gate id: whether it is locked}.
        silent: Cameras and access points that cover nothing now.
    """

    open: dict[str, bool] = field(default_factory=dict)
    used: dict[str, float] = field(default_factory=dict)
    locked: dict[str, bool] = field(default_factory=dict)
    silent: frozenset[str] = frozenset()


def read_facts(state: TwinState, providers: Iterable[Provider]) -> Facts:
    """Return what is known now; hold the twin's lock.

    A service of unknown state goes by its hours. A device that is silent, offline or at fault does
    not work. Whether a gate is shut to people is known only where it says so: a closed door opens
    to those who live behind it, and one that is silent may stand open.
    """
    open_: dict[str, bool] = {}
    used: dict[str, float] = {}
    for provider in providers:
        subject = state.subjects.get((provider.layer, provider.id))
        if subject is None:
            continue
        if provider.layer == "devices":
            open_[provider.id] = _works(subject)
            continue
        if subject.shown != "unknown":
            # one that is full of unknown places has no room either
            no_room = subject.shown == "full" and provider.capacity is None
            open_[provider.id] = subject.shown != "closed" and not no_room
        taken = _taken(subject, provider)
        if taken is not None:
            used[provider.id] = taken
    locked = {}
    silent = set()
    for (layer, id_), subject in state.subjects.items():
        if layer == "gates" and LOCKED in subject.values and subject.hearing != SILENT:
            locked[id_] = subject.values[LOCKED] > 0
        elif layer == "devices" and subject.kind in ("camera", "wifi_ap") and not _works(subject):
            silent.add(id_)
    return Facts(open_, used, locked, frozenset(silent))


def _works(subject: Subject) -> bool:
    return subject.hearing != SILENT and subject.shown not in ("offline", "fault")


def _taken(subject: Subject, provider: Provider) -> float | None:
    """Return the places taken of those on paper; a service may tell another number of places."""
    if provider.capacity is None:
        return None
    if subject.shown == "full":
        return provider.supply
    if subject.used is None:
        return None
    places = provider.supply if subject.capacity is None else float(subject.capacity)
    return provider.supply - max(places - subject.used, 0.0)
