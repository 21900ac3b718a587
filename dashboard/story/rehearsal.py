"""A rehearsal: the product's own rules, incidents and state, on a store and a clock of their own.

Nothing in it is seen by anybody else: the world that it is about is only read.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self

import numpy as np

from dashboard.world import World
from geodata.coverage.footway import Footways
from geodata.coverage.network import build_network
from live.events import Event, stable_id
from live.incidents.engine import Incidents
from live.state import TwinState
from live.store import open_store

WHO = "rehearsal"
WALK_MPS = 1.2
"""How fast somebody sent on foot walks, metres a second (an assumption)."""


class Rehearsal:
    """Lives through a few minutes of a world that will not happen.

    Args:
        world: The world; it is left as it is.
        name: What is tried; names the incident.
        at: When it begins.
    """

    def __init__(self, world: World, name: str, at: datetime) -> None:
        self.world, self.name, self.began, self.at = world, name, at, at
        self._store = open_store("sqlite://")
        self.incidents = Incidents(
            world.community,
            self._store,
            world.twin.incidents.rules_file,
            clock=lambda: self.at,
            ticks=lambda: self.at.timestamp(),
        )
        self.incidents.start()
        self.state = TwinState(world.community, at)
        self.touched: set[tuple[str, str]] = set()
        self._count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._store.close()

    @property
    def seconds(self) -> float:
        """How long it has been going on."""
        return (self.at - self.began).total_seconds()

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.at += timedelta(seconds=seconds)
        self.state.sweep(self.at)
        self.incidents.sweep()

    def fall_silent(self, things: list[tuple[str, str]], period_s: float, seconds: float) -> None:
        """Let time pass in which some things that report in a rhythm say nothing."""
        last = self.at.timestamp()
        for layer, key in things:
            self.hear("status", layer, key, {"state": "ok"})
        subjects = dict.fromkeys(things, (period_s, last))
        self.incidents.sweep(subjects)
        for _ in range(2):
            self.at += timedelta(seconds=seconds / 2)
            self.incidents.sweep(subjects)
        self.state.sweep(self.at)

    def hear(self, kind: str, layer: str, subject: str, data: dict[str, Any]) -> None:
        """Let a thing say something, now."""
        self._count += 1
        event = Event(
            stable_id(WHO, self.name, self._count), kind, WHO, layer, subject, self.at, self.at,
            data=data,
        )  # fmt: skip
        self.touched.add((layer, subject))
        self.state.apply(event)
        self.incidents.take([event])

    def act(self, action: str, **given: Any) -> None:
        """Let the staff take a step with the incident that is open."""
        one = self.incidents.open()[0]
        self.incidents.act(one.id, action, WHO, one.version, given)

    def patch(self) -> dict[str, Any]:
        """Return the things that said something, and the incident, as a patch of the wire."""
        patch: dict[str, Any] = {"a": {}}
        rows = self.state.snapshot()
        for layer, key in sorted(self.touched):
            if key in rows.get(layer, {}):
                patch["a"].setdefault(layer, {})[key] = rows[layer][key]
        found = self.incidents.snapshot()["incidents"]
        for number, row in enumerate(found.values()):
            key = f"try-{self.name}" + (f"-{number}" if number else "")
            patch["a"].setdefault("incidents", {})[key] = row
        return patch

    def locate(self, layer: str, subject: str) -> tuple[float, float] | None:
        """Return longitude and latitude of a thing, or None."""
        frame = self.world.community.frames.get(layer)
        if frame is None:
            return None
        found = frame[frame["id"] == subject]
        if found.empty:
            return None
        point = found.iloc[0].geometry.representative_point()
        return float(point.x), float(point.y)


def find_walk(
    world: World, starts: list[tuple[str, tuple[float, float]]], goal: tuple[float, float]
) -> dict[str, Any] | None:
    """Return the shortest way on foot from one of some places to a goal, or None.

    Args:
        world: Whose ways.
        starts: What each place is called (a word key) and where it is, degrees.
        goal: Degrees.
    """
    if not starts:
        return None
    ways = _ways_of(world)
    plane = ways.network.plane
    points = plane.to_xy([goal, *(spot for _, spot in starts)])
    found = ways.find(points[1:], points[0])
    if not found:
        return None
    best = found[0]
    degrees = plane.to_degrees(best.path)
    metres = world.scene.frame.to_metres(degrees[:, 0], degrees[:, 1])
    return {
        "who": starts[best.start][0],
        "metres": round(best.mm / 1000),
        "travel_s": round(best.mm / 1000 / WALK_MPS, 1),
        "points": np.round(metres, 2).tolist(),
    }


_WAYS: dict[str, Footways] = {}


def _ways_of(world: World) -> Footways:
    digest = world.community.digest
    if digest not in _WAYS:
        _WAYS.clear()  # one community is looked at in a process, or one after another
        _WAYS[digest] = Footways(build_network(world.community))
    return _WAYS[digest]
