"""Where messages of every feed come in: read, set to right time, made durable, counted by feed."""

from __future__ import annotations

import asyncio
import logging
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from geodata.errors import TwinError
from live.aliases import AliasError, changed_at, read_aliases
from live.events import Event
from live.feed_health import FeedHealth
from live.feeds import FEEDS, DeviceIndex, Feed, ParseResult, SkewClock
from live.feeds.base import DEVICE_HEADER
from live.feeds.errors import UnfitError
from live.intake import Refusal, check_event
from live.store import Refused, StoreError
from live.subjects import is_passage_word
from live.twin import Twin

IN_THREAD_BYTES = 16 * 2**10
"""Longer messages are read beside the event loop."""
REMEMBERED = 100_000
"""Events whose clock correction is remembered, so that a repeat is corrected alike."""
REJECTS_A_COMMIT = 500
MAX_TYPE = 200
PSEUDONYM_KEY = "pseudonym_key"
OTHER = "other"
"""Feed that events of an unknown source are counted under."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a message.

    Attributes:
        accepted: Events that are new and durable.
        duplicate: Events known already.
        quarantined: What was kept aside, by its place in the message where that is a list.
        parsed: What the feed read.
        refused: Those of `parsed.events` that do not fit the community, by their place there.
    """

    accepted: int
    duplicate: int
    quarantined: list[Refusal]
    parsed: ParseResult
    refused: list[Refusal]


class Reception:
    """Takes in the messages of every feed of one twin.

    Args:
        twin: Where events go.
        aliases: TOML file of `"VENDOR'S ID" = "LAYER/ID"` lines, read again when it changes.
        key: Secret that makes pseudonyms; without one the store keeps one of its own.
        on_commit: Called with the seconds from handing events in until they were durable.
    """

    def __init__(
        self,
        twin: Twin,
        *,
        aliases: Path | None = None,
        key: bytes = b"",
        on_commit: Callable[[float], None] = lambda seconds: None,
    ) -> None:
        self.twin = twin
        self.health: dict[str, FeedHealth] = {feed.name: FeedHealth() for feed in FEEDS}
        self.clock = SkewClock()
        self._on_commit = on_commit
        self._aliases = aliases
        self._aliases_at = 0.0
        self._lock = threading.Lock()
        self._corrected: OrderedDict[str, float] = OrderedDict()
        self._speaker: dict[tuple[str, str], str] = {}
        self._key = key or _read_key(twin)
        self._index = self._build_index()
        self._listen()

    @property
    def index(self) -> DeviceIndex:
        """The index of devices, with the aliases as they are now."""
        if self._aliases is not None and changed_at(self._aliases) != self._aliases_at:
            try:
                self._index = self._build_index()
            except TwinError as error:
                # the devices known so far go on speaking
                log.error("%s", error)
        return self._index

    async def take(
        self,
        feed: Feed,
        body: bytes,
        headers: Mapping[str, str],
        *,
        received_at: datetime | None = None,
    ) -> Taken:
        """Take in one message; its events are durable and its rejects kept when this returns.

        Args:
            feed: Whose message.
            body: As it came, decompressed unless the feed does that itself.
            headers: Of the message; `live.feeds.base.DEVICE_HEADER` names its sender.
            received_at: When it came, now by default.

        Raises:
            BusyError: Too much waits; nothing of it was taken.
            StoreError: It could not be written; the sender must keep it and try again.
        """
        at = received_at or self.twin.clock()
        if len(body) > IN_THREAD_BYTES:
            parsed = await asyncio.to_thread(self.read, feed, body, headers, at)
        else:
            parsed = self.read(feed, body, headers, at)
        health = self.health.setdefault(feed.name, FeedHealth())
        began = time.monotonic()
        accepted = duplicate = 0
        refused: list[Refusal] = []
        passed = any(map(is_passage_word, parsed.events))
        try:
            if parsed.events:
                result = await self.twin.intake.submit_async(parsed.events)
                accepted, duplicate = result.accepted, result.duplicate
                refused = result.quarantined
                if not passed:  # a count of commits would count people
                    self._on_commit(time.monotonic() - began)
            # after the events: a sender that tries again brings known events, not a second reject
            if parsed.rejects:
                await asyncio.to_thread(self._keep, feed, parsed, headers, at)
        except TwinError:
            raise
        except Exception as error:
            log.error("a message of %s could not be kept: %s", feed.name, type(error).__name__)
            raise StoreError("The store does not take anything in at present.") from error
        health.last_at = at
        health.told_at = health.told_at if passed else at
        health.duplicate += duplicate
        health.quarantined += len(parsed.rejects) + len(refused)
        return Taken(accepted, duplicate, _places(parsed, refused), parsed, refused)

    def read(
        self, feed: Feed, body: bytes, headers: Mapping[str, str], at: datetime
    ) -> ParseResult:
        """Read a message and set its times right; whatever happens, it ends as a result."""
        try:
            parsed = feed.parse(body, headers, received_at=at, resolve=self.index)
        except Exception as error:
            log.exception("%s could not read a message", feed.name)
            parsed = ParseResult()
            parsed.reject(f"the {feed.name} feed failed on it ({type(error).__name__})", body)
        parsed.events = self._correct(feed, parsed.events)
        return parsed

    async def replay(
        self, feed: Feed, body: bytes, headers: Mapping[str, str], received_at: datetime, live: bool
    ) -> Taken:
        """Take in a message from quarantine, all of it or nothing.

        Unlike `take` it keeps no rejects, as they are in quarantine already.

        Args:
            feed: Whose message.
            body: As it came, or mended.
            headers: As it came.
            received_at: When it first came.
            live: False marks its events as history.
        """
        parsed = await asyncio.to_thread(self.read, feed, body, headers, received_at)
        if not live:
            parsed.events = [replace(event, live=False) for event in parsed.events]
        reasons = [check_event(event, self.twin.state) for event in parsed.events]
        refused = [Refusal(n, reason) for n, reason in enumerate(reasons) if reason is not None]
        accepted = duplicate = 0
        if parsed.events and not (refused or parsed.rejects):
            result = await self.twin.intake.submit_async(parsed.events)
            accepted, duplicate = result.accepted, result.duplicate
        return Taken(accepted, duplicate, _places(parsed, refused), parsed, refused)

    def skews(self, source: str) -> list[tuple[str, str, float]]:
        """Return layer, id and clock error in seconds of a feed's things whose clocks are off."""
        things = sorted(self.health[source].things)
        found = [(layer, key, self.clock.skew_s(source, layer, key)) for layer, key in things]
        return [one for one in found if one[2]]

    def _correct(self, feed: Feed, events: list[Event]) -> list[Event]:
        with self._lock:
            corrected = []
            for event in events:
                known = self._corrected.get(event.event_id)
                if known is not None:  # a repeat teaches nothing
                    corrected.append(_shift(event, known))
                    continue
                (right,) = self.clock.correct([event])
                # a gateway may hold events back: there only a clock that runs ahead is wrong
                if feed.name == "http" and right.skew_s < 0:
                    right = event
                corrected.append(right)
                self._corrected[event.event_id] = right.skew_s
            while len(self._corrected) > REMEMBERED:
                self._corrected.popitem(last=False)
        return corrected

    def _keep(
        self, feed: Feed, parsed: ParseResult, headers: Mapping[str, str], at: datetime
    ) -> None:
        kind = to_kept_type(headers)
        refused = [
            Refused(feed.name, at, reject.reason, kind, reject.body) for reject in parsed.rejects
        ]
        for start in range(0, len(refused), REJECTS_A_COMMIT):
            self.twin.store.append([], refused[start : start + REJECTS_A_COMMIT])
        with self.twin.lock:
            self.twin.state.count_intake(0, 0, len(refused), at)

    def _listen(self) -> None:
        """Count what is accepted, by whatever way it came in."""
        before = self.twin.intake.on_accepted

        def heard(events: list[Event]) -> None:
            self._count(events)
            if before is not None:
                before(events)

        self.twin.intake.on_accepted = heard

    def _count(self, events: list[Event]) -> None:
        by_feed: dict[str, list[Event]] = {}
        for event in events:
            name = event.source if event.source in (*self.health, "simulator") else OTHER
            self.health.setdefault(name, FeedHealth())
            by_feed.setdefault(name, []).append(event)
            if event.live:
                self._attribute((event.layer, event.subject), name)
        for name, mine in by_feed.items():
            self.health[name].add(mine, self.twin.clock())

    def _attribute(self, thing: tuple[str, str], name: str) -> None:
        before = self._speaker.get(thing)
        if before == name:
            return
        if before is not None:
            self.health[before].things.discard(thing)
        self._speaker[thing] = name
        self.health[name].things.add(thing)

    def remember_speakers(self) -> None:
        """Find out from the store which feed spoke last of each thing; done once at start."""
        for latest in self.twin.store.latest():
            event = latest.event
            name = event.source if event.source in (*self.health, "simulator") else OTHER
            self.health.setdefault(name, FeedHealth())
            self._attribute((event.layer, event.subject), name)

    def _build_index(self) -> DeviceIndex:
        aliases: dict[str, str] = {}
        if self._aliases is not None:
            self._aliases_at = changed_at(self._aliases)
            aliases = read_aliases(self._aliases)
        try:
            return DeviceIndex(self.twin.community, aliases, key=self._key)
        except UnfitError as error:
            raise AliasError(f"{self._aliases}: {error}") from error


def to_kept_type(headers: Mapping[str, str]) -> str:
    """Return the media type to quarantine a message under, its sender in a parameter."""
    given = {name.lower(): value for name, value in headers.items()}
    kind = given.get("content-type", "") or "application/octet-stream"
    sender = given.get(DEVICE_HEADER) or given.get("user-identify")
    if sender:
        kind = f"{kind}; {DEVICE_HEADER}={sender}"
    return kind[:MAX_TYPE]


def to_headers(kept_type: str) -> dict[str, str]:
    """Return the headers of a quarantined message again."""
    kind, mark, sender = kept_type.partition(f"; {DEVICE_HEADER}=")
    return {"content-type": kind, **({DEVICE_HEADER: sender} if mark else {})}


def is_recent(received_at: datetime, now: datetime) -> bool:
    """Say whether a message that was kept aside may still count as live when it is replayed."""
    return now - received_at < timedelta(minutes=5)


def _places(parsed: ParseResult, refused: list[Refusal]) -> list[Refusal]:
    """Return all that was kept aside by its place in what was sent."""
    placed = [Refusal(one.index or 0, one.reason) for one in parsed.rejects]
    if refused:
        taken = {one.index for one in parsed.rejects}
        total = len(parsed.events) + len(parsed.rejects)
        sent = [index for index in range(total) if index not in taken]
        placed += [Refusal(sent[one.index], one.reason) for one in refused]
    return sorted(placed, key=lambda one: one.index)


def _shift(event: Event, skew_s: float) -> Event:
    if not skew_s:
        return event
    moment = event.observed_at - timedelta(seconds=skew_s)
    return replace(event, observed_at=moment, skew_s=skew_s)


def _read_key(twin: Twin) -> bytes:
    """Return the secret that makes pseudonyms, of this store alone."""
    known = twin.store.recall(PSEUDONYM_KEY)
    if known is None:
        known = secrets.token_hex(32)
        twin.store.remember(PSEUDONYM_KEY, known)
    return bytes.fromhex(known)
