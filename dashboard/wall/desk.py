"""Every wall that shows the community: what it shows, who leads its tiles, how its screens do."""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import orjson

MOST_WALLS = 64
MOST_SCREENS = 64
"""Screens of one wall, each a browser."""
HEARD_S = 12.0
"""A screen that was not heard for so long neither leads nor counts as alive, seconds."""
FORGET_S = 24 * 3600.0
BEAT_S = 5.0
MOST_LISTENERS = 256
"""Streams at once, of all walls."""

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_TILE = re.compile(r"\d{1,2},\d{1,2}")
RETRY = b"retry: 1000\n\n"
BEAT = b"event: beat\ndata: {}\n\n"


class NoSuchWallError(Exception):
    """A wall cannot have this name, or there are too many of them."""


@dataclass
class Screen:
    """One browser of a wall: what it last said of itself, and when it was heard."""

    tile: str
    heard: float
    figures: dict[str, Any] = field(default_factory=dict)
    order: int = 0


@dataclass
class Wall:
    """One wall: its state is what every tile of it shows."""

    name: str
    state: dict[str, Any] = field(default_factory=dict)
    seq: int = 0
    commands: int = 0
    screens: dict[str, Screen] = field(default_factory=dict)
    leader: str = ""
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    touched: float = 0.0


class WallDesk:
    """The walls of a server. Belongs to one event loop: call everything on it.

    Args:
        assets: Names the files that browsers run; a wall that runs older ones loads itself anew.
        clock: Gives the present moment, epoch seconds.
    """

    def __init__(self, assets: str, clock: Callable[[], float] = time.time) -> None:
        self.assets, self._clock = assets, clock
        self.epoch = secrets.token_hex(4)
        self.closed = False
        self.listeners = 0
        self._walls: dict[str, Wall] = {}

    def wall(self, name: str) -> Wall:
        """Return a wall, making it at its first word.

        Raises:
            NoSuchWallError: The name is none, or there are too many walls.
        """
        found = self._walls.get(name)
        if found is None:
            if not _NAME.fullmatch(name):
                raise NoSuchWallError("a wall is called by small letters, figures and dashes")
            self._forget_old()
            if len(self._walls) >= MOST_WALLS:
                raise NoSuchWallError(f"there are {MOST_WALLS} walls already")
            found = self._walls[name] = Wall(name)
        found.touched = self._clock()
        return found

    def known(self, name: str) -> Wall | None:
        """Return a wall that was heard before, or None."""
        return self._walls.get(name)

    def say(self, name: str, change: dict[str, Any]) -> int:
        """Change what a wall shows and tell all its tiles; return the number of the change."""
        wall = self.wall(name)
        wall.state.update(change)
        return self._tell(wall)

    def command(self, name: str, do: str, argument: Any = None) -> int:
        """Tell the leader of a wall to do something once."""
        wall = self.wall(name)
        wall.commands += 1
        wall.state["command"] = {"n": wall.commands, "do": do, "with": argument}
        return self._tell(wall)

    def beat(self, name: str, tile: str, figures: dict[str, Any]) -> dict[str, Any]:
        """Note that a screen lives; return what it must know: leader, assets, epoch.

        Raises:
            NoSuchWallError: The tile is none, or the wall has too many screens.
        """
        if tile and not _TILE.fullmatch(tile):
            raise NoSuchWallError("a tile is COLUMN,ROW")
        wall = self.wall(name)
        screen = wall.screens.get(tile)
        if screen is None:
            if len(wall.screens) >= MOST_SCREENS:
                raise NoSuchWallError(f"a wall has up to {MOST_SCREENS} screens")
            column, _, row = tile.partition(",")
            order = int(row) * 100 + int(column) if tile else 0
            screen = wall.screens[tile] = Screen(tile, 0.0, order=order)
        screen.heard, screen.figures = self._clock(), figures
        if self._choose_leader(wall):
            self._tell(wall)
        return {"leader": wall.leader, "assets": self.assets, "epoch": self.epoch}

    def describe(self) -> list[dict[str, Any]]:
        """Return every wall with its screens: when each was last heard, and how it does."""
        now = self._clock()
        return [
            {
                "wall": wall.name,
                "leader": wall.leader,
                "mode": wall.state.get("mode"),
                "screens": [
                    {
                        "tile": screen.tile,
                        "heard_s": round(now - screen.heard, 1),
                        "alive": now - screen.heard < HEARD_S,
                        **screen.figures,
                    }
                    for screen in sorted(wall.screens.values(), key=lambda one: one.order)
                ],
            }
            for wall in self._walls.values()
            if wall.screens
        ]

    async def listen(self, name: str) -> AsyncIterator[bytes]:
        """Yield what a wall shows, whole, whenever it changes."""
        wall = self.wall(name)
        self.listeners += 1
        seen = -1
        try:
            yield RETRY
            while not self.closed:
                if seen == wall.seq:
                    wake = wall.wake
                    try:
                        await asyncio.wait_for(wake.wait(), BEAT_S)
                    except TimeoutError:
                        if self._choose_leader(wall):
                            self._tell(wall)
                        yield BEAT
                    continue
                seen = wall.seq
                yield self._encode(wall)
        finally:
            self.listeners -= 1

    def close(self) -> None:
        """End every listener."""
        self.closed = True
        for wall in self._walls.values():
            wall.wake.set()

    def _encode(self, wall: Wall) -> bytes:
        data = {
            "epoch": self.epoch,
            "seq": wall.seq,
            "at": round(self._clock() * 1000, 2),
            "leader": wall.leader,
            "assets": self.assets,
            "state": wall.state,
        }
        return b"event: said\ndata: %s\n\n" % orjson.dumps(data)

    def _tell(self, wall: Wall) -> int:
        wall.seq += 1
        wall.wake.set()
        wall.wake = asyncio.Event()
        return wall.seq

    def _choose_leader(self, wall: Wall) -> bool:
        """Let the first tile that lives lead; say whether another one does now."""
        now = self._clock()
        alive = [s for s in wall.screens.values() if now - s.heard < HEARD_S]
        leader = min(alive, key=lambda one: one.order).tile if alive else wall.leader
        changed = leader != wall.leader
        wall.leader = leader
        return changed

    def _forget_old(self) -> None:
        now = self._clock()
        for name, wall in list(self._walls.items()):
            if now - wall.touched > FORGET_S:
                del self._walls[name]
        for wall in self._walls.values():
            for tile, screen in list(wall.screens.items()):
                if now - screen.heard > FORGET_S:
                    del wall.screens[tile]
