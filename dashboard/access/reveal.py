"""Showing what is masked: asked with a reason, for ten minutes, written down before it is shown."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

from dashboard.access.rights import DESK, is_open
from dashboard.access.viewer import Viewer
from dashboard.doors.limits import Buckets
from live import audit
from live.events import utc_now
from live.store import Store
from live.store.tables import to_us

log = logging.getLogger("audit")

ABOUT = {"vehicles": "plates", "buildings": "dwellings", "lists": "plates"}
"""What can be shown, by layer: a vehicle's plate or one on a list, what the flats of a building
are."""
HOLD = timedelta(minutes=10)
SHORTEST_REASON, LONGEST_REASON = 2, 200
RATE, BURST = 0.1, 10.0
"""So many a second, and at once, by one session: nobody looks through them all."""


class ReasonError(ValueError):
    """There is no reason that says anything."""


def may_reveal(viewer: Viewer) -> bool:
    """Say whether somebody may ask: at the desk, logged in, with all grids; never in the demo."""
    return (
        viewer.is_known
        and viewer.door == "manage"
        and not viewer.open_demo
        and is_open(DESK, viewer)
    )


@dataclass
class Reveals:
    """What is shown to whom at present, in one world.

    Attributes:
        store: Whose audit it is written into.
        clock: Gives the present moment.
    """

    store: Store
    clock: Callable[[], datetime] = utc_now
    _until: dict[tuple[str, str, str], datetime] = field(default_factory=dict)
    _asked: Buckets = field(default_factory=lambda: Buckets(RATE, BURST))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def allow(self, viewer: Viewer, layer: str, key: str, reason: str) -> datetime:
        """Let a viewer see something for a while; return until when.

        Args:
            viewer: Who asks; see `may_reveal`.
            layer: One of `ABOUT`.
            key: Id of the vehicle or building.
            reason: Why (事由).

        Raises:
            ReasonError: It is no reason.
            Refusal: They ask too often.
        """
        why = " ".join("".join(c if c.isprintable() else " " for c in reason).split())
        if not SHORTEST_REASON <= len(why) <= LONGEST_REASON:
            raise ReasonError(f"say why, in {SHORTEST_REASON} to {LONGEST_REASON} characters")
        self._asked.take(viewer.session)
        now = self.clock()
        until = now + HOLD
        told = {"layer": layer, "id": key, "reason": why, "until": to_us(until)}
        entry = audit.Entry(
            at=to_us(now), who=viewer.name, about=ABOUT[layer], subject=uuid4().hex, version=1,
            action="show", data=told,
        )  # fmt: skip
        with self.store.writing() as conn:
            audit.append(conn, [entry])
        log.info("%s shown to %s: %s %s, reason: %s", ABOUT[layer], viewer.name, layer, key, why)
        with self._lock:
            self._until = {held: end for held, end in self._until.items() if end > now}
            self._until[viewer.session, layer, key] = until
        return until

    def until(self, viewer: Viewer, layer: str, key: str) -> datetime | None:
        """Return until when somebody may see something; None where they may not."""
        if not may_reveal(viewer):
            return None
        end = self._until.get((viewer.session, layer, key))
        return end if end is not None and end > self.clock() else None
