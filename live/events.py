"""The one event model that every feed speaks.

Contract (ARCHITECTURE.md, "Event"): `event_id` is stable, so that a repeat counts once; times are
aware UTC; `live` is false for replay or backfill.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

KINDS = ("access", "plate", "reading", "status", "alarm", "order", "service")
"""What an event tells. `data` by kind:

- access: `method` (face card code phone), `direction` (in out), `granted`, `subject` (pseudonym
  or absent); subject layer `entrances` or `gates`.
- plate: `plate` (text, or None when unread), `plate_class`, `confidence` 0..1, `direction`;
  subject layer `plate_cameras`.
- reading: `values` {quantity: number}, `unit` {quantity: unit}; subject layer `devices`, `parking`.
  Numbers that cannot be true are marked by us in `doubt` {quantity: fault or stale}.
- status: `state` (door: open closed held forced offline; device: ok fault offline; service: open
  closed full), `detail`.
- alarm: `type` (sos smoke forced held ...), `severity` 1..4, `detail`.
- order: `order_id`, `state`, `title`, ...
- service: `state` (open closed full), `used`, `capacity`.
"""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened.

    Attributes:
        event_id: Stable id; the same message sent twice has the same id.
        kind: One of `KINDS`.
        source: Name of the feed.
        layer: Layer of the subject.
        subject: Id of the subject within the layer.
        observed_at: When the device says it happened, corrected where known; aware UTC.
        received_at: When we got it; aware UTC.
        skew_s: Estimated clock error of the device, seconds, positive when it runs fast.
        live: False for replay or backfill, which never looks live.
        data: By kind, see `KINDS`.
    """

    event_id: str
    kind: str
    source: str
    layer: str
    subject: str
    observed_at: datetime
    received_at: datetime
    skew_s: float = 0.0
    live: bool = True
    data: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the wire form: ISO 8601 times, `subject` as an object."""
        return {
            "event_id": self.event_id,
            "kind": self.kind,
            "source": self.source,
            "subject": {"layer": self.layer, "id": self.subject},
            "observed_at": self.observed_at.isoformat(),
            "received_at": self.received_at.isoformat(),
            "skew_s": self.skew_s,
            "live": self.live,
            "data": self.data,
        }


def stable_id(source: str, *parts: object) -> str:
    """Return a 128-bit id made of what identifies a message at its source."""
    text = "\x1f".join([source, *map(str, parts)])
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def utc_now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)
