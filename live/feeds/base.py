"""The interface of a feed: bytes in, events and reasoned rejects out; pure, and it never raises."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import orjson
import pandas as pd

from geodata.community import Community
from live.events import Event
from live.feeds.errors import UnfitError
from live.feeds.privacy import scrub, scrub_bytes

MAX_BODY = 8 * 2**20
"""Longest message that a feed reads, bytes."""

DEVICE_HEADER = "x-twin-device"
"""Header (set by us from the URL or the token) that names the sender of a message that does not."""

LIVE_WITHIN = timedelta(hours=26)
"""A message further off the time of receipt is history; a clock on the wrong zone is not."""

DEFAULT_ZONE = "Asia/Shanghai"
LAYERS = ("entrances", "gates", "plate_cameras", "devices", "parking", "services")


@dataclass(frozen=True, slots=True)
class Ref:
    """A thing of the community that a message is about."""

    layer: str
    id: str


@dataclass(frozen=True, slots=True)
class Reject:
    """A message, or a part of one, that was not taken in.

    Attributes:
        reason: For people: what does not fit, and what to do.
        body: What was sent, without images.
        index: Its place in what was sent, where it was a list.
    """

    reason: str
    body: bytes
    index: int | None = None


@dataclass(slots=True)
class ParseResult:
    """What became of a message.

    Attributes:
        events: In the order they were sent.
        rejects: What could not be taken in.
        skipped: How many parts needed nothing: images, and heartbeats that name no device.
    """

    events: list[Event] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    skipped: int = 0

    def reject(self, reason: str, body: Any, index: int | None = None) -> None:
        """Keep what could not be taken in, without its images."""
        self.rejects.append(Reject(reason, to_body(body), index))

    def merge(self, other: ParseResult) -> None:
        """Add what became of a part."""
        self.events += other.events
        self.rejects += other.rejects
        self.skipped += other.skipped


class Feed(Protocol):
    """One protocol."""

    @property
    def name(self) -> str:
        """Name, the `source` of its events."""

    def parse(
        self,
        body: bytes,
        headers: Mapping[str, str],
        *,
        received_at: datetime,
        resolve: DeviceIndex,
    ) -> ParseResult:
        """Return what a message tells; whatever does not fit ends as a reject with its reason."""


class DeviceIndex:
    """Finds the thing of a community that a vendor's id means.

    Args:
        community: Its layers name the things.
        aliases: Vendor's id -> `LAYER/ID`, for devices whose own id is not the community's.
        key: Secret that makes pseudonyms; without one no subject is kept at all.
    """

    def __init__(
        self, community: Community, aliases: Mapping[str, str] | None = None, *, key: bytes = b""
    ) -> None:
        self.zone = ZoneInfo(str(community.meta.get("timezone") or DEFAULT_ZONE))
        self._key = key
        self._by_id: dict[str, list[Ref]] = {}
        self._facing: dict[str, str] = {}
        for layer in LAYERS:
            for value in community[layer]["id"]:
                self._by_id.setdefault(_fold(str(value)), []).append(Ref(layer, str(value)))
        cameras = community["plate_cameras"]
        for value, facing in zip(cameras["id"], cameras["direction"], strict=True):
            if not pd.isna(facing) and facing in ("in", "out"):
                self._facing[str(value)] = str(facing)
        for alias, target in (aliases or {}).items():
            layer, _, thing = target.partition("/")
            if Ref(layer, thing) not in self._by_id.get(_fold(thing), []):
                raise UnfitError(
                    f"alias {alias!r} -> {target!r}: the community has no such thing. "
                    "Write LAYER/ID, such as entrances/b1-u2."
                )
            self._by_id[_fold(alias)] = [Ref(layer, thing)]

    def find(self, keys: Iterable[str | None], layers: Iterable[str] = LAYERS) -> Ref:
        """Return the thing that the first known key names.

        Args:
            keys: Everything the message calls its device, the most telling first.
            layers: Where such a message may belong.

        Raises:
            UnfitError: No key is known, or it names a thing of another layer.
        """
        allowed = tuple(layers)
        named = list(dict.fromkeys(key.strip() for key in keys if key and key.strip()))
        elsewhere: Ref | None = None
        for key in named:
            for ref in self._by_id.get(_fold(key), ()):
                if ref.layer in allowed:
                    return ref
                elsewhere = ref
        if elsewhere is not None:
            raise UnfitError(
                f"{elsewhere.layer}/{elsewhere.id} cannot tell this: "
                f"it belongs to {' or '.join(allowed)}"
            )
        if not named:
            raise UnfitError("names no device: add ?device=ID to the address it is sent to")
        others = f" (nor {', '.join(repr(key[:80]) for key in named[1:5])})" if named[1:] else ""
        raise UnfitError(f"unknown device ID {named[0][:80]!r}{others}: give it an alias")

    def direction(self, ref: Ref, told: str | None = None) -> str | None:
        """Return the way a passage goes: as the camera is set up, else as the message tells."""
        return self._facing.get(ref.id) if ref.id in self._facing else told

    def pseudonym(self, source: str, *parts: str | None) -> str | None:
        """Return a keyed hash of a vendor's id of a person, or None without a key or an id."""
        if not self._key or not any(parts):
            return None
        text = "\x1f".join([source, *(part or "" for part in parts)])
        return hmac.new(self._key, text.encode(errors="replace"), hashlib.sha256).hexdigest()[:32]


def _fold(key: str) -> str:
    return key.strip().casefold()


def make_event(
    kind: str,
    ref: Ref,
    observed_at: datetime | None,
    data: Mapping[str, Any],
    *,
    event_id: str,
    source: str,
    received_at: datetime,
    live: bool | None = None,
) -> Event:
    """Return an event; one without a time is of now.

    Where the message does not say itself whether it is live, one whose time is far off is history.
    """
    received = received_at.astimezone(UTC)
    observed = (observed_at or received).astimezone(UTC)
    known = {name: value for name, value in data.items() if value is not None}
    if kind == "plate":
        known.setdefault("plate", None)
    recent = abs(received - observed) <= LIVE_WITHIN
    return Event(
        event_id,
        kind,
        source,
        ref.layer,
        ref.id,
        observed,
        received,
        0.0,
        recent if live is None else live,
        known,
    )


def read_each(
    result: ParseResult,
    records: Iterable[Any],
    read: Callable[[Any], list[Event]],
    *,
    numbered: bool = False,
) -> None:
    """Read records one by one into a result: one that does not fit never costs the others."""
    for index, record in enumerate(records):
        try:
            result.events += read(record)
        except UnfitError as error:
            result.reject(str(error), record, index if numbered else None)


def to_body(value: Any) -> bytes:
    """Return what quarantine keeps of a message: as it came, without images."""
    if isinstance(value, bytes):
        return scrub_bytes(value)
    if isinstance(value, str):
        return scrub_bytes(value.encode(errors="replace"))
    try:
        return scrub_bytes(orjson.dumps(scrub(value), option=orjson.OPT_NON_STR_KEYS))
    except (orjson.JSONEncodeError, TypeError):
        return scrub_bytes(repr(scrub(value)).encode(errors="replace"))


def too_long(body: bytes, result: ParseResult) -> bool:
    """Reject a message that is longer than any device sends; say whether it was."""
    if len(body) <= MAX_BODY:
        return False
    result.reject(f"{len(body)} bytes: longer than {MAX_BODY}, not read", body[:1000])
    return True
