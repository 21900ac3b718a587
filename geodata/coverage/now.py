"""Coverage on paper and now, side by side, following whatever opens, fills, locks or moves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from geodata.coverage.access import Access, Changed
from geodata.coverage.hours import Clock
from geodata.coverage.network import Floats, Ints, build_network
from geodata.coverage.people import People, count_people
from geodata.coverage.providers import WALKED_DEVICES, Provider, read_providers, supplies
from geodata.coverage.routing import Router
from geodata.coverage.rules import Rules, load_rules
from geodata.coverage.snapping import Snapper, Snaps, snap_buildings
from geodata.errors import TwinError

if TYPE_CHECKING:
    from geodata.community import Community
    from geodata.coverage.network import WalkingNetwork


class UnknownProviderError(TwinError):
    """A change names what is not there."""


@dataclass(frozen=True)
class Base:
    """What does not change while a community is watched: ways, doors, rules, names.

    Build it once; every profile and every scenario starts from it.
    """

    network: WalkingNetwork
    snapper: Snapper
    doors: Snaps
    ids: tuple[str, ...]
    row: dict[str, int]
    people: People
    providers: tuple[Provider, ...]
    gate_hours: dict[str, str | None]
    clock: Clock
    rules: Rules


def build_base(community: Community, rules: Rules | None = None) -> Base:
    """Return the fixed part of a community's coverage."""
    network = build_network(community)
    snapper = Snapper(network)
    gates = community["gates"]
    hours = gates["hours"].astype(object).where(gates["hours"].notna(), None)
    ids = tuple(map(str, community["buildings"]["id"]))
    plane = network.plane
    return Base(
        network,
        snapper,
        snap_buildings(snapper, community),
        ids,
        {id_: row for row, id_ in enumerate(ids)},
        count_people(community),
        tuple(read_providers(community)),
        dict(zip(map(str, gates["id"]), hours, strict=True)),
        Clock(str(community.meta.get("timezone") or "Asia/Shanghai"), (plane.lon, plane.lat)),
        rules or load_rules(),
    )


@dataclass(frozen=True)
class State:
    """What is known of now, beyond the file: what is said outweighs opening hours.

    Attributes:
        at: Now; None counts every door as open.
        open: {provider id: whether it works}: a closed counter, a silent device.
        used: {provider id: places taken}.
        locked: {gate id: whether it is locked}.
    """

    at: datetime | None = None
    open: dict[str, bool] = field(default_factory=dict)
    used: dict[str, float] = field(default_factory=dict)
    locked: dict[str, bool] = field(default_factory=dict)


@dataclass(frozen=True)
class Change:
    """Rows of buildings whose figures changed, by kind, on paper and now."""

    paper: Changed = field(default_factory=dict)
    now: Changed = field(default_factory=dict)


class LiveCoverage:
    """Coverage of one profile, on paper and now.

    On paper every provider counts with all its places and every gate is open. Now counts what is
    open at this hour, works, has room, and is reached through the gates as they stand. Each change
    is followed by itself and returns the buildings that it changed. Not for two threads at once.

    Args:
        base: The fixed part.
        profile: Who walks.
        state: What is known of now.
        providers: In place of those of the file.
        people: In place of those of the file, (buildings, groups).
    """

    def __init__(
        self,
        base: Base,
        *,
        profile: str = "adult",
        state: State | None = None,
        providers: Iterable[Provider] | None = None,
        people: Floats | None = None,
    ) -> None:
        self.base = base
        self.profile = base.rules.profile(profile)
        self.state = State() if state is None else state
        self.providers = {
            provider.id: provider
            for provider in (base.providers if providers is None else providers)
        }
        demand = base.people.counts if people is None else people
        passable = self.profile.can_pass(base.network)
        weights = base.rules.weights()
        farthest = max(tier.walk_m for tier in base.rules.tiers.values())
        self.limit_mm = max(int(weights[0][-1]), round(farthest * 1000))
        limits = {kind: round(base.rules.follow_m(kind) * 1000) for kind in WALKED_DEVICES}
        self.paper, self.now = (
            Access(
                Router(base.network, passable, base.doors, len(base.ids)),
                demand,
                weights,
                self.limit_mm,
                limits,
            )
            for _ in range(2)
        )
        self.now.set_gates(self._shut(base.gate_hours))
        by_kind: dict[str, list[Provider]] = {}
        for provider in self.providers.values():
            by_kind.setdefault(provider.kind, []).append(provider)
        for kind, group in by_kind.items():
            self._add(kind, group)

    def copy(self) -> LiveCoverage:
        """Return an independent one of the same state: for a scenario, summed afresh."""
        return LiveCoverage(
            self.base,
            profile=self.profile.id,
            state=replace(
                self.state,
                open=dict(self.state.open),
                used=dict(self.state.used),
                locked=dict(self.state.locked),
            ),
            providers=self.providers.values(),
            people=self.paper.demand,
        )

    def set_time(self, at: datetime | None) -> Change:
        """Move now: hours open and close providers and gates."""
        self.state = replace(self.state, at=at)
        now: Changed = self.now.set_gates(self._shut(self.base.gate_hours))
        for provider in self.providers.values():
            _merge(now, self._count(provider))
        return Change(now=now)

    def set_open(self, id_: str, working: bool | None) -> Change:
        """Say that a provider works or not; None leaves it to its hours. Silent devices do not."""
        provider = self._find(id_)
        _put(self.state.open, id_, working)
        return Change(now=self._count(provider))

    def set_used(self, id_: str, used: float | None) -> Change:
        """Say how many of a provider's places are taken: what is full does not count."""
        provider = self._find(id_)
        _put(self.state.used, id_, used)
        now = self.now.set_supply(id_, self._supply(provider))
        return Change(now=_merge(now, self._count(provider)))

    def set_gates(self, locked: Mapping[str, bool | None]) -> Change:
        """Say that gates are locked or not; None leaves one to its hours."""
        for gate in locked:
            if gate not in self.base.gate_hours:
                raise UnknownProviderError(f"There is no gate {gate!r} in this community.")
        for gate, shut in locked.items():
            _put(self.state.locked, gate, shut)
        return Change(now=self.now.set_gates(self._shut(locked)))

    def set_people(self, people: Mapping[str, Floats]) -> Change:
        """Say who lives in buildings: {building id: people by group}."""
        rows = np.array([self.base.row[id_] for id_ in people], np.int32)
        counts = np.array(list(people.values()), float)
        return Change(self.paper.set_demand(rows, counts), self.now.set_demand(rows, counts))

    def add(self, provider: Provider) -> Change:
        """Take one more provider.

        Raises:
            UnknownProviderError: Its id is taken.
        """
        if provider.id in self.providers:
            raise UnknownProviderError(f"There is a provider {provider.id!r} already: move it.")
        self.providers[provider.id] = provider
        return self._add(provider.kind, [provider])

    def move(self, id_: str, lon: float, lat: float) -> Change:
        """Put a provider elsewhere, degrees; while it is dragged, as often as the map asks."""
        provider = replace(self._find(id_), lon=lon, lat=lat)
        self.providers[id_] = provider
        place = self._snap([provider])
        return Change(self.paper.move(id_, place), self.now.move(id_, place))

    def remove(self, id_: str) -> Change:
        """Forget a provider."""
        self._find(id_)
        change = Change(self.paper.remove(id_), self.now.remove(id_))
        del self.providers[id_]
        _put(self.state.open, id_, None)
        _put(self.state.used, id_, None)
        return change

    def counts(self, provider: Provider) -> bool:
        """Return whether a provider counts now: works, is open, has room."""
        return self.is_open(provider) and not self.is_full(provider)

    def is_open(self, provider: Provider) -> bool:
        """Return whether a provider works and is open; of unknown hours it is taken to be."""
        said = self.state.open.get(provider.id)
        if said is None and self.state.at is not None:
            said = self.base.clock.is_open(provider.hours, self.state.at)
        return said is not False

    def is_full(self, provider: Provider) -> bool:
        """Return whether all places of a provider are taken."""
        return provider.capacity is not None and self._supply(provider) <= 0

    def shut_gates(self) -> list[str]:
        """Return the gates that let nobody past now."""
        return [gate for gate, shut in self._shut(self.base.gate_hours).items() if shut]

    def _find(self, id_: str) -> Provider:
        if id_ not in self.providers:
            raise UnknownProviderError(f"There is no provider {id_!r} here.")
        return self.providers[id_]

    def _supply(self, provider: Provider) -> float:
        return max(provider.supply - self.state.used.get(provider.id, 0.0), 0.0)

    def _shut(self, gates: Iterable[str]) -> dict[str, bool]:
        """Return which gates are shut now: as said, else by their hours, else open."""
        shut = {}
        for gate in gates:
            said = self.state.locked.get(gate)
            if said is None and self.state.at is not None:
                said = self.base.clock.is_open(self.base.gate_hours[gate], self.state.at) is False
            shut[gate] = bool(said)
        return shut

    def _count(self, provider: Provider) -> Changed:
        table = self.now.kinds[provider.kind]
        counts = self.counts(provider)
        if bool(table.counts[table.slot[provider.id]]) == counts:
            return {}
        return self.now.set_counts(provider.id, counts=counts)

    def _snap(self, providers: list[Provider]) -> Snaps:
        plane = self.base.network.plane
        return self.base.snapper.snap(plane.to_xy([(each.lon, each.lat) for each in providers]))

    def _add(self, kind: str, group: list[Provider]) -> Change:
        ids, places = [provider.id for provider in group], self._snap(group)
        whole = np.ones(len(group), bool)
        counts = np.array([self.counts(provider) for provider in group], bool)
        room = np.array([self._supply(provider) for provider in group], float)
        return Change(
            self.paper.add(kind, ids, places, supplies(group), whole),
            self.now.add(kind, ids, places, room, counts),
        )


def _put(known: dict[str, Any], key: str, value: Any) -> None:
    if value is None:
        known.pop(key, None)
    else:
        known[key] = value


def _merge(first: Changed, second: Changed) -> Changed:
    for kind, rows in second.items():
        known: Ints = first.get(kind, rows)
        first[kind] = np.union1d(known, rows).astype(np.int32)
    return first
