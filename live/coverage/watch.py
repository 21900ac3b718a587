"""Coverage that follows one world: facts and the clock in, changes applied, rows out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from geodata.coverage.access import Changed
from geodata.coverage.devices import LiveSight, watch_cameras, watch_radio
from geodata.coverage.now import Base, Change, LiveCoverage, State, build_base
from geodata.coverage.overlay import draw_overlay
from geodata.coverage.people import count_people
from geodata.coverage.providers import Provider, read_providers
from geodata.coverage.rules import Rules
from geodata.coverage.summary import find_areas
from live.coverage.facts import Facts, read_facts
from live.coverage.people import protect_people
from live.disclosure import show_count

if TYPE_CHECKING:
    from live.twin import Twin

LAYER = "coverage"
USUAL = "adult"
"""The profile whose rows are on the stream."""
STEP_S = 0.4
"""How often the twin is asked: what changed is on the stream within a second."""

T = TypeVar("T")
log = logging.getLogger(__name__)


class CoverageWatch:
    """The coverage of one world, following it.

    Everything but `ask`, `start` and `stop` runs on one thread, which `ask` gives.

    Attributes:
        twin: Whose.
        rev: Grows with each change of any figure.
        revs: The same by kind of service.
        gates_rev: The same for what the gates let past.

    Args:
        twin: The living twin.
        key: The world's secret, for rounding small numbers.
        rules: Other rules than the usual.
    """

    def __init__(self, twin: Twin, key: bytes, rules: Rules | None = None) -> None:
        self.twin, self._key, self._rules = twin, key, rules
        self.rev, self.gates_rev = 0, 0
        self.revs: dict[str, int] = {}
        self.lives: dict[str, LiveCoverage] = {}
        self.facts = Facts()
        self.at: datetime | None = None
        self._base: Base | None = None
        self._sights: dict[str, LiveSight] = {}
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="coverage")
        self._task: asyncio.Task[None] | None = None

    @property
    def base(self) -> Base:
        """Ways, doors, people and providers; there once `open` was called."""
        if self._base is None:
            raise RuntimeError("the coverage is not open yet")
        return self._base

    async def ask(self, work: Callable[..., T], *args: Any) -> T:
        """Run work on the thread of this coverage; follows the world from the first time on."""
        loop = asyncio.get_running_loop()
        if self._task is None:
            self._task = loop.create_task(self._follow())
        await loop.run_in_executor(self._pool, self.open)
        return await loop.run_in_executor(self._pool, lambda: work(*args))

    def run(self, work: Callable[..., T], *args: Any) -> T:
        """Run work on the thread of this coverage from another thread, and wait for it."""
        return self._pool.submit(work, *args).result()

    @property
    def is_open(self) -> bool:
        """Whether the ways were read already."""
        return self._base is not None

    def use_rules(self, rules: Rules) -> None:
        """Begin with other rules, where it is not open yet."""
        self._rules = rules

    async def stop(self) -> None:
        """Follow no longer."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        await asyncio.to_thread(self._pool.shutdown)

    def open(self) -> None:
        """Read the ways and sum everything once; a second call does nothing."""
        if self._base is not None:
            return
        community = self.twin.community
        base = build_base(community, self._rules)
        self.areas = find_areas(community)
        counts = protect_people(base.people, self.areas, self._key, community.digest)
        self._base = replace(base, people=replace(base.people, counts=counts))
        self.at = self._minute()
        with self.twin.lock:
            self.facts = read_facts(self.twin.state, base.providers)
        self.lives[USUAL] = self._make(USUAL)
        self._publish(self.kinds)

    @property
    def kinds(self) -> list[str]:
        """Kinds of services and devices that are there."""
        return list(dict.fromkeys(provider.kind for provider in self.base.providers))

    def live(self, profile: str = USUAL) -> LiveCoverage:
        """Return the coverage of a profile; it belongs to this thread and is not to be changed."""
        if profile not in self.lives:
            self.lives[profile] = self._make(profile)
        return self.lives[profile]

    def sight(self, kind: str) -> LiveSight:
        """Return what working cameras see ("camera"), or where radio reaches ("wifi_ap")."""
        if kind not in self._sights:
            watch = watch_cameras if kind == "camera" else watch_radio
            base = self.base
            watched = watch(self.twin.community, base.network.plane, base.rules)
            self._sights[kind] = LiveSight(watched, self.facts.silent)
        return self._sights[kind]

    def step(self) -> None:
        """Take in what changed since the last step, and publish what that changes."""
        providers = self.base.providers
        with self.twin.lock:
            facts = read_facts(self.twin.state, providers)
        minute = self._minute()
        touched = self._apply(facts)
        if minute != self.at:
            self.at = minute
            before = self._shut()
            for live in self.lives.values():
                touched |= _kinds(live.set_time(minute))
            self.gates_rev += before != self._shut()
            self._count(touched)
            self._publish(self.kinds)  # the age of every figure moves on
        elif touched:
            self._count(touched)
            self._publish(sorted(touched))

    def set_rules(self, rules: Rules) -> None:
        """Sum everything by other rules."""
        self._base = replace(self.base, rules=rules)
        profiles = [profile for profile in self.lives if profile in rules.profiles]
        self.lives = {profile: self._make(profile) for profile in [USUAL, *profiles]}
        self._sights.clear()
        self._count(set(self.kinds))
        self.gates_rev += 1
        self._publish(self.kinds)

    def reread(self) -> None:
        """Take services and people of the community anew, as managers edited them."""
        community, base = self.twin.community, self.base
        people = count_people(community)
        counts = protect_people(people, self.areas, self._key, community.digest)
        self._base = replace(
            base,
            providers=tuple(read_providers(community)),
            people=replace(people, counts=counts),
        )
        with self.twin.lock:
            self.facts = read_facts(self.twin.state, self._base.providers)
        self.lives = {profile: self._make(profile) for profile in self.lives}
        self._count(set(self.kinds))
        self.gates_rev += 1
        self._publish(self.kinds)

    def _apply(self, facts: Facts) -> set[str]:
        """Apply what differs from the facts so far; return the kinds that this touches."""
        old, self.facts = self.facts, facts
        kind_of = {provider.id: provider.kind for provider in self.base.providers}
        touched: set[str] = set()
        for id_ in _differing(old.open, facts.open):
            touched.add(kind_of[id_])
            for live in self.lives.values():
                touched |= _kinds(live.set_open(id_, facts.open.get(id_)))
        for id_ in _differing(old.used, facts.used):
            touched.add(kind_of[id_])
            for live in self.lives.values():
                touched |= _kinds(live.set_used(id_, facts.used.get(id_)))
        gates = {id_: facts.locked.get(id_) for id_ in _differing(old.locked, facts.locked)}
        if gates:
            self.gates_rev += 1
            for live in self.lives.values():
                touched |= _kinds(live.set_gates(gates))
        for id_ in old.silent ^ facts.silent:
            for sight in self._sights.values():
                if id_ in sight.watched.areas:
                    sight.set_silent(id_, id_ in facts.silent)
        return touched

    def _make(self, profile: str) -> LiveCoverage:
        facts = self.facts
        state = State(self.at, dict(facts.open), dict(facts.used), dict(facts.locked))
        return LiveCoverage(self.base, profile=profile, state=state)

    def _shut(self) -> frozenset[str]:
        live = self.lives[USUAL]
        return frozenset(live.shut_gates())

    def _minute(self) -> datetime:
        return self.twin.clock().replace(second=0, microsecond=0)

    def _count(self, touched: set[str]) -> None:
        if touched:
            self.rev += 1
            self.revs |= dict.fromkeys(touched, self.rev)

    def _publish(self, kinds: list[str]) -> None:
        live, t = self.lives[USUAL], round(self.twin.clock().timestamp(), 1)
        rows = {kind: {**to_row(live, kind), "rev": self.revs.get(kind, 0), "t": t}
                for kind in kinds}  # fmt: skip
        with self.twin.lock:
            for kind, row in rows.items():
                self.twin.state.put_row(LAYER, kind, row)

    async def _follow(self) -> None:
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._pool, self.open)
        while True:
            await asyncio.sleep(STEP_S)
            try:
                await loop.run_in_executor(self._pool, self.step)
            except Exception:
                log.exception("coverage was not brought up to date; it goes on")


def to_row(
    live: LiveCoverage, kind: str, *, group: str | None = None, radius_m: float | None = None
) -> dict[str, Any]:
    """Return the figures of one kind: shares of people now and on paper, and those without."""
    overlay = draw_overlay(live, kind, group=group, radius_m=radius_m)
    totals = overlay.totals()
    of = float(overlay.people.sum())
    unit = live.base.people.unit
    return {
        "now": round(totals["served"] / of, 4) if of else None,
        "paper": round((totals["served"] + totals["lost"]) / of, 4) if of else None,
        "gap": show_people(totals["gap"], unit),
        "lost": show_people(totals["lost"], unit),
        "of": show_people(of, unit),
        "unit": unit,
        "group": overlay.group,
        "radius_m": round(overlay.radius_m),
    }


def show_people(count: float, unit: str) -> int | str:
    """Return a published number: people under five are not told apart, buildings are."""
    return show_count(round(count)) if unit == "people" else round(count)


def provider_words(live: LiveCoverage, provider: Provider) -> str:
    """Return whether a provider counts now: "open", "closed" or "full"."""
    if not live.is_open(provider):
        return "closed"
    return "full" if live.is_full(provider) else "open"


def _kinds(change: Change) -> set[str]:
    both: list[Changed] = [change.paper, change.now]
    return {kind for changed in both for kind, rows in changed.items() if len(rows)}


def _differing(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    return sorted(id_ for id_ in old.keys() | new.keys() if old.get(id_) != new.get(id_))
