"""Who looks: one frozen object for the length of a request, carried by a ContextVar."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from dashboard.access.roles import STAFF


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody, or some program, that asks for something.

    Attributes:
        name: What they are called; what they do is written down under it.
        roles: See `dashboard.access.roles`.
        areas: Ids of the grids they work in; None for all.
        layers: Layers whose live state they see; None for all.
        door: wall, manage, demo, or api for a program with a token.
        open_demo: Whether this is the `demo` command, whose doors stand open.
        session: Id of the session, or of the token, that says so; empty where there is none.
        must_change: Whether they have to choose a password first; they may do nothing before.
    """

    name: str
    roles: frozenset[str]
    areas: frozenset[str] | None = None
    layers: frozenset[str] | None = None
    door: str = ""
    open_demo: bool = False
    session: str = ""
    must_change: bool = False

    @property
    def is_known(self) -> bool:
        """Whether the name is one that somebody proved, by a password or a token."""
        return bool(self.session)

    @property
    def is_staff(self) -> bool:
        """Whether they may read names and notes of what is worked on."""
        return bool(self.roles & STAFF)

    def may_enter(self, area: str | None) -> bool:
        """Say whether a grid is theirs; what lies in none belongs to those who have all."""
        return self.areas is None or (area is not None and area in self.areas)

    def may_see(self, layer: str) -> bool:
        """Say whether a layer's live state is theirs."""
        return self.layers is None or layer in self.layers


SYSTEM = Viewer("system", frozenset({"system"}))
"""The program itself: what runs outside of any request."""

_CURRENT: ContextVar[Viewer] = ContextVar("viewer", default=SYSTEM)


def current_viewer() -> Viewer:
    """Return who asks; `SYSTEM` outside of a request."""
    return _CURRENT.get()


@contextmanager
def seen_by(viewer: Viewer) -> Iterator[None]:
    """Let everything within be asked by a viewer."""
    token = _CURRENT.set(viewer)
    try:
        yield
    finally:
        _CURRENT.reset(token)
