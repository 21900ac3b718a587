"""What the map draws of one kind of service: each building served now, lost, or never served."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from geodata.coverage.network import FAR, Bools, Floats
from geodata.coverage.now import LiveCoverage

SERVED, LOST, GAP, NOBODY = range(4)
STATES = ("served", "lost", "gap", "nobody")
"""Served now; on paper only; not on paper either; nobody of the group lives there."""
REASONS = (None, "closed", "full", "gate")
"""Why a building is lost: of the providers near enough, the best says it."""


@dataclass(frozen=True)
class Overlay:
    """One kind of service over all buildings, in the order of `ids`.

    Attributes:
        kind: Kind of service or device.
        group: Whom it is asked for.
        radius_m: Walked metres that count as served.
        ids: Building ids.
        people: People of the group, (n,); buildings where the file counts nobody.
        paper_m: Walked metres to the nearest on paper, (n,); NaN beyond what is followed.
        now_m: The same now.
        state: Index into `STATES`, (n,) uint8.
        reason: Index into `REASONS`, (n,) uint8.
        nearest: Id of the nearest provider now; None if none.
        paper_access: Places for each person of the group on paper, (n,).
        now_access: The same now.
    """

    kind: str
    group: str
    radius_m: float
    ids: tuple[str, ...]
    people: Floats
    paper_m: Floats
    now_m: Floats
    state: npt.NDArray[np.uint8]
    reason: npt.NDArray[np.uint8]
    nearest: tuple[str | None, ...]
    paper_access: Floats
    now_access: Floats

    def totals(self) -> dict[str, float]:
        """Return the people in each state: {"served", "lost", "gap"}; small numbers as they are."""
        return {
            name: float(self.people[self.state == index].sum())
            for index, name in enumerate(STATES[:3])
        }


def draw_overlay(
    live: LiveCoverage, kind: str, *, group: str | None = None, radius_m: float | None = None
) -> Overlay:
    """Return the overlay of a kind; the group and the radius are the rule file's unless given.

    A kind without any provider leaves everybody in a gap.
    """
    rules, people = live.base.rules, live.base.people
    asked = group or (rules.group(kind) if people.unit == "people" else "all")
    radius = rules.radius_m(kind, live.profile) if radius_m is None else radius_m
    column = rules.group_column(asked)
    count = len(live.base.ids)
    persons = live.paper.demand[:, column]
    tables = [access.kinds.get(kind) for access in (live.paper, live.now)]
    nothing = np.full(count, FAR, np.int32)
    paper_mm, now_mm = (nothing if table is None else table.near for table in tables)
    paper, now = paper_mm <= radius * 1000, now_mm <= radius * 1000
    state = np.where(now, SERVED, np.where(paper, LOST, GAP)).astype(np.uint8)
    state[persons <= 0] = NOBODY
    now_table = tables[1]
    slots = [] if now_table is None else now_table.near_slot.tolist()
    names = () if now_table is None else now_table.ids
    zero = np.zeros(count)
    paper_access, now_access = (
        zero if table is None else table.access[:, column].copy() for table in tables
    )
    return Overlay(
        kind, asked, float(radius), live.base.ids, persons.copy(),
        _to_metres(paper_mm), _to_metres(now_mm), state,
        _explain(live, kind, radius, paper & ~now),
        tuple(names[slot] if slot >= 0 else None for slot in slots) or (None,) * count,
        paper_access, now_access,
    )  # fmt: skip


def measure_straight_share(live: LiveCoverage, overlay: Overlay) -> float | None:
    """Return the share of people whom circles of the same radius would claim; None without any.

    What a map of circles shows, for comparison: nothing is decided by it.
    """
    of = float(overlay.people.sum())
    if not of:
        return None
    table = live.paper.kinds.get(overlay.kind)
    spots = np.zeros((0, 2)) if table is None else table.places.xy[table.counts]
    if not len(spots):
        return 0.0
    doors = live.base.doors
    away, _ = cKDTree(spots).query(doors.xy)
    near = np.zeros(len(overlay.ids), bool)
    near[doors.of[away <= overlay.radius_m]] = True
    return float(overlay.people[near].sum()) / of


def _explain(live: LiveCoverage, kind: str, radius: float, lost: Bools) -> Any:
    """Return why each lost building is lost, index into `REASONS`, (n,)."""
    reason = np.zeros(len(lost), np.uint8)
    if not lost.any():
        return reason
    table = live.paper.kinds[kind]
    for id_, slot in table.slot.items():
        provider = live.providers[id_]
        rows, mm = table.pairs_of(slot)
        rows = rows[(mm <= radius * 1000) & lost[rows]]
        if live.counts(provider):
            why = 3  # open, with room, and yet not reached: the way is shut
        else:
            why = 2 if live.is_full(provider) and live.is_open(provider) else 1
        reason[rows] = np.maximum(reason[rows], why)
    return reason


def _to_metres(mm: Any) -> Floats:
    return np.where(mm == FAR, np.nan, mm / 1000)
