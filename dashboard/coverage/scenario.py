"""What-if: edits to a copy of the coverage, brought from one list of edits to the next."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from dashboard.coverage.errors import ScenarioError
from geodata.coverage.now import LiveCoverage
from geodata.coverage.providers import Provider
from geodata.coverage.whatif import compare
from geodata.schema import SERVICE_KINDS
from live.coverage.watch import to_row

if TYPE_CHECKING:
    from dashboard.coverage.view import Question

MOST_EDITS = 60
MOST_NAME = 40
FIRST_YEAR, LAST_YEAR = 2000, 2100


@dataclass(frozen=True)
class Edits:
    """What a scenario changes.

    Attributes:
        added: {id: (kind, lon, lat)}: new facilities, open at all hours.
        moved: {provider id: (lon, lat)}.
        working: {provider id: whether it works}, whatever its hours and it itself say.
        locked: {gate id: whether it is locked}, likewise.
        at: Another moment than now.
    """

    added: Mapping[str, tuple[str, float, float]] = field(default_factory=dict)
    moved: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    working: Mapping[str, bool] = field(default_factory=dict)
    locked: Mapping[str, bool] = field(default_factory=dict)
    at: datetime | None = None

    def kinds(self, live: LiveCoverage) -> set[str]:
        """Return the kinds of services whose providers are changed."""
        named = {live.providers[id_].kind for id_ in {*self.moved, *self.working}
                 if id_ in live.providers}  # fmt: skip
        return named | {kind for kind, _, _ in self.added.values()}


def read_edits(told: Any) -> Edits:
    """Return edits from JSON.

    Raises:
        ScenarioError: It is not what it should be.
    """
    if not isinstance(told, dict):
        raise ScenarioError('edits: send {"added": {}, "moved": {}, "working": {}, "locked": {}}')
    unknown = set(told) - {"added", "moved", "working", "locked", "at"}
    if unknown:
        raise ScenarioError(f"edits: {sorted(unknown)[0]!r} is no edit")
    parts = {name: told.get(name) or {} for name in ("added", "moved", "working", "locked")}
    for name, part in parts.items():
        if not isinstance(part, dict) or not all(0 < len(key) <= 120 for key in part):
            raise ScenarioError(f"edits.{name}: send an object of ids")
    if sum(map(len, parts.values())) > MOST_EDITS:
        raise ScenarioError(f"edits: at most {MOST_EDITS} in one scenario")
    if not all(isinstance(each, dict) for each in parts["added"].values()):
        raise ScenarioError('edits.added: send {id: {"kind": ..., "at": [longitude, latitude]}}')
    added = {
        id_: (_kind(each.get("kind")), *_spot(each.get("at")))
        for id_, each in parts["added"].items()
    }
    moved = {id_: _spot(at) for id_, at in parts["moved"].items()}
    flags = [*parts["working"].values(), *parts["locked"].values()]
    if not all(isinstance(flag, bool) for flag in flags):
        raise ScenarioError("edits: working and locked are true or false")
    return Edits(added, moved, parts["working"], parts["locked"], read_moment(told.get("at")))


def apply_edits(live: LiveCoverage, old: Edits, new: Edits, real: LiveCoverage) -> None:
    """Bring a scenario's coverage from one list of edits to another, changing only what differs.

    Args:
        live: The scenario's own coverage; it is changed.
        old: The edits that are in it.
        new: The edits that shall be in it.
        real: What goes on; edits taken back leave that.

    Raises:
        ScenarioError: An edit names what is not there; then `live` is of no use any more.
    """
    for name in {*new.moved, *new.working}:
        if name not in real.providers and name not in new.added:
            raise ScenarioError(f"there is no facility {name!r} to change")
    for name in new.added:
        if name in real.providers:
            raise ScenarioError(f"there is a facility {name!r} already; give a new one another id")
    for gate in new.locked:
        if gate not in real.base.gate_hours:
            raise ScenarioError(f"there is no gate {gate!r}")
    for id_, (kind, lon, lat) in {**old.added, **new.added}.items():
        before = old.added.get(id_)
        if id_ not in new.added or (before is not None and before[0] != kind):
            live.remove(id_)
            before = None
        if id_ in new.added and before is None:
            live.add(Provider(id_, kind, lon, lat, name=None))
        elif id_ in new.added and before != (kind, lon, lat):
            live.move(id_, lon, lat)
    for id_ in _differing(old.moved, new.moved):
        if id_ in real.providers:
            home = real.providers[id_]
            live.move(id_, *new.moved.get(id_, (home.lon, home.lat)))
    said = real.state
    if (old.at is None) != (new.at is None):
        # what services say of now tells nothing of another hour
        for id_ in {*said.open, *said.used}:
            if real.providers[id_].layer == "services":
                live.set_open(id_, said.open.get(id_) if new.at is None else None)
                live.set_used(id_, said.used.get(id_) if new.at is None else None)
    elsewhen = {id_ for id_ in said.open if new.at and real.providers[id_].layer == "services"}
    for id_ in {*old.working, *new.working}:
        if id_ in live.providers:
            usual = None if id_ in elsewhen else said.open.get(id_)
            live.set_open(id_, new.working.get(id_, usual))
    gates = _differing(old.locked, new.locked)
    if gates:
        live.set_gates({id_: new.locked.get(id_, real.state.locked.get(id_)) for id_ in gates})
    if old.at != new.at:
        live.set_time(new.at or real.state.at)


@dataclass
class Session:
    """One viewer's scenario.

    Attributes:
        live: Its own coverage.
        profile: Of whom.
        rev: Of the real coverage that it was copied from.
        edits: What is changed in it.
    """

    live: LiveCoverage
    profile: str
    rev: int
    edits: Edits = Edits()

    def bring(self, edits: Edits, real: LiveCoverage, rev: int) -> None:
        """Bring it to other edits, on top of the real coverage as it is now."""
        try:
            if rev != self.rev or real.profile.id != self.profile:
                self.live, self.edits = real.copy(), Edits()
                self.rev, self.profile = rev, real.profile.id
            apply_edits(self.live, self.edits, edits, real)
        except Exception:
            self.rev = -1  # half done: begin anew next time
            raise
        self.edits = replace(edits)


def compare_kinds(
    real: LiveCoverage,
    live: LiveCoverage,
    edits: Edits,
    question: Question,
    every: Collection[str],
) -> list[dict[str, Any]]:
    """Return before and after of the kinds that a scenario touches, the asked one first."""
    kinds = edits.kinds(live)
    if edits.locked or edits.at:
        kinds |= set(every)
    kinds.discard(question.service)
    radius = question.radius_m(live)
    found = []
    for kind in [question.service, *sorted(kinds)]:
        before, after = (
            to_row(each, kind, group=question.group, radius_m=radius) for each in (real, live)
        )
        if kind != question.service and before == after:
            continue
        # buildings by the kind's own distance
        change = compare(real, live, [kind])[0]
        found.append(
            {
                "kind": kind,
                "before": {key: before[key] for key in ("now", "paper", "gap")},
                "after": {key: after[key] for key in ("now", "paper", "gap")},
                "of": after["of"],
                "gained": len(change.gained),
                "lost": len(change.lost),
            }
        )
    return found


def _differing(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    return sorted(id_ for id_ in old.keys() | new.keys() if old.get(id_) != new.get(id_))


def _kind(kind: Any) -> str:
    if not isinstance(kind, str) or kind not in SERVICE_KINDS:
        raise ScenarioError(f"edits.added: there is no kind of service {kind!r}")
    return kind


def _spot(at: Any) -> tuple[float, float]:
    numbers = at if isinstance(at, list) else []
    if len(numbers) != 2 or not all(type(each) in (int, float) for each in numbers):
        raise ScenarioError(f"edits: a place is [longitude, latitude], not {str(at)[:60]!r}")
    lon, lat = map(float, numbers)
    if not (-180 <= lon <= 180 and -85 <= lat <= 85):
        raise ScenarioError(f"edits: a place is [longitude, latitude]; {lon}, {lat} is nowhere")
    return lon, lat


def read_moment(text: Any) -> datetime | None:
    """Return a moment from ISO 8601 with its offset, to the minute; None for None.

    Raises:
        ScenarioError: It is none.
    """
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        raise ScenarioError(
            f"edits.at: {text!r} is no time; write 2026-11-23T08:00+08:00"
        ) from None
    if moment.tzinfo is None:
        raise ScenarioError("edits.at: say the offset too: 2026-11-23T08:00+08:00")
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ScenarioError(f"edits.at: {text!r} is too far off; {FIRST_YEAR} to {LAST_YEAR}")
    return moment.replace(second=0, microsecond=0)
