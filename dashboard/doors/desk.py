"""What all doors of a world share: who may speak, how much, and the reception behind them."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping

from starlette.requests import Request

from dashboard.doors.access import Access
from dashboard.doors.limits import BodyBudget, Buckets, Refusal, check_records, read_body, unpack
from dashboard.doors.options import DoorOptions
from dashboard.world import World
from live.feeds import FEEDS, Feed
from live.feeds.base import DEVICE_HEADER
from live.intake import BusyError
from live.reception import Reception, Taken
from live.store import StoreError
from live.tokens import TokenBook

STORE_BACK_S = 5
"""When to come back to a store that fails, seconds."""
KEPT_HEADERS = ("content-type", "content-encoding", "user-identify")
MAX_DEVICE = 128

log = logging.getLogger(__name__)

BY_NAME: dict[str, Feed] = {feed.name: feed for feed in FEEDS}


class Desk:
    """The doors of one world, opened at the first use or by `open`.

    Args:
        world: Gives the world; asked once, when the doors open.
        options: Settings of the doors.
        demo: Whether everything in the world is simulated and callers on this machine may look.
        on_commit: Called with the seconds that each message's commit took.
    """

    def __init__(
        self,
        world: Callable[[], World],
        options: DoorOptions | None = None,
        *,
        demo: bool = False,
        on_commit: Callable[[float], None] = lambda seconds: None,
    ) -> None:
        self.options = options or DoorOptions()
        self.demo = demo
        self.refused: Counter[tuple[str, int]] = Counter()
        self._world, self._on_commit = world, on_commit
        self.budget = BodyBudget(self.options.held_bodies)
        self._buckets = Buckets(self.options.feed_rate, 2 * self.options.feed_rate)
        self._opened: tuple[World, Reception, Access] | None = None

    def open(self) -> None:
        """Get ready, so that the first message need not wait."""
        if self._opened is None:
            world = self._world()
            reception = Reception(
                world.twin,
                aliases=self.options.aliases,
                key=world.pseudonym_key,
                on_commit=self._on_commit,
            )
            reception.remember_speakers()
            world.reception, world.desk = reception, self
            access = Access(TokenBook(world.twin.store), self.options, demo=self.demo)
            self._opened = (world, reception, access)

    @property
    def world(self) -> World:
        """The world behind the doors."""
        return self._ready()[0]

    @property
    def reception(self) -> Reception:
        """Where messages go."""
        return self._ready()[1]

    @property
    def access(self) -> Access:
        """Who may speak."""
        return self._ready()[2]

    def _ready(self) -> tuple[World, Reception, Access]:
        self.open()
        assert self._opened is not None
        return self._opened

    def count_message(self, sender: str) -> None:
        """Count one message of a sender against its rate.

        Raises:
            Refusal: It sends too many.
        """
        self._buckets.take(sender)

    def note_refusal(self, door: str, refusal: Refusal) -> None:
        """Count what a door did not let in."""
        self.refused[door, refusal.status] += 1
        log.debug("%s: %d %s", door, refusal.status, refusal.reason)

    async def take(self, request: Request, feed: str, *, device: str = "") -> tuple[bytes, Taken]:
        """Take in the message of a request; return its body, unpacked, and what became of it.

        Args:
            request: The request; its sender may speak.
            feed: Name of the feed whose message it is.
            device: Who sends it; else `?device=` tells, or the message itself.

        Raises:
            Refusal: It is not let in; the sender keeps it.
        """
        headers = sender_headers(request, device)
        async with read_body(request, self.options, self.budget) as body:
            if feed != "dahua":  # whose packing is told wrongly, so that the feed itself unpacks
                body = unpack(body, headers.pop("content-encoding", ""), self.options)
            check_records(body, self.options)
            return body, await self.submit(BY_NAME[feed], body, headers)

    async def submit(self, feed: Feed, body: bytes, headers: Mapping[str, str]) -> Taken:
        """Take in a body.

        Raises:
            Refusal: It could not be made durable; the sender keeps it.
        """
        try:
            return await self.reception.take(feed, body, headers)
        except BusyError as busy:
            raise Refusal(503, str(busy), retry_after=str(busy.retry_after_s)) from busy
        except StoreError as error:
            # the text may hold what was to be written
            reason = "the store does not take anything in at present; keep it and try again"
            raise Refusal(503, reason, retry_after=str(STORE_BACK_S)) from error


def sender_headers(request: Request, device: str = "") -> dict[str, str]:
    """Return the headers of a message that feeds look at, its sender among them."""
    headers = {name: request.headers[name] for name in KEPT_HEADERS if name in request.headers}
    sender = device or request.query_params.get("device", "")
    if sender:
        headers[DEVICE_HEADER] = sender[:MAX_DEVICE]
    return headers
