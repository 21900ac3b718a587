"""The MQTT subscriber: a message is acknowledged to the broker once what it told is durable."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from paho.mqtt.client import Client, MQTTMessage, MQTTv5, MQTTv311, topic_matches_sub
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from geodata.errors import TwinError
from live.events import Event
from live.feed_health import FeedHealth
from live.feeds.mqtt_map import PACKET_HEADER, RETAINED_HEADER, MqttFeed, to_kept_type
from live.intake import BusyError
from live.mqtt_broker import Broker, find_filters
from live.reception import Reception

IN_FLIGHT = 200
"""Messages held that are not acknowledged yet; the broker keeps the others."""
KEEPALIVE_S = 30
SESSION_S = 7 * 86400
"""An MQTT 5 broker keeps what comes for so long while we are away, seconds."""
RECONNECT_S = (1, 30)
"""First and longest pause before the next try to connect, seconds."""
RETRY_S = (0.5, 30.0)
"""First and longest pause before what could not be written is tried again, seconds."""
LOOK_BACK = 500
"""Latest events of a thing, and messages kept aside, that a second delivery is looked for among."""
CLIENT_ID, FILTERS = "mqtt_client_id", "mqtt_filters"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it came.

    Attributes:
        topic: Its topic.
        body: Its payload.
        mid: Its packet identifier.
        qos: 0 or 1; we subscribe with 1, so that no 2 comes.
        again: Whether the broker says that it sent it before.
        retained: Whether the broker kept it for those who come later.
        session: Number of the connection it came by.
        received_at: When it came.
    """

    topic: str
    body: bytes
    mid: int
    qos: int
    again: bool
    retained: bool
    session: int
    received_at: datetime

    @property
    def headers(self) -> dict[str, str]:
        """What the feed gets to know beside the payload."""
        found = {"content-type": to_kept_type(self.topic)}
        if self.qos:
            found[PACKET_HEADER] = str(self.mid)
        if self.retained:
            found[RETAINED_HEADER] = "1"
        return found


class Subscriber:
    """Feeds a twin from an MQTT broker; the broker keeps its session while we are away.

    Paho's thread receives; one task on the event loop hands messages to the reception in their
    order and acknowledges them in their order (MQTT 5.0, section 4.6). A message that cannot be
    written now is tried again until it can: meanwhile nothing more is taken from the broker.

    Args:
        reception: Where messages go.
        feed: Its rules tell what to subscribe to.
        broker: Whose messages.
        reconnect_s: First and longest pause before the next try to connect, seconds.
    """

    def __init__(
        self,
        reception: Reception,
        feed: MqttFeed,
        broker: Broker,
        *,
        reconnect_s: tuple[int, int] = RECONNECT_S,
    ) -> None:
        self.reception, self.feed, self.broker = reception, feed, broker
        self.filters = find_filters(feed.rules)
        for rule in feed.rules:
            reception.health.setdefault(rule.preset, FeedHealth())
        self._reconnect_s = reconnect_s
        self._store = reception.twin.store
        self._gone: list[str] = []
        self._subscribed = False
        self._room = threading.Semaphore(IN_FLIGHT)
        self._stopping = threading.Event()
        self._session = 0
        self._told_down = self._told_full = False
        self._task: asyncio.Task[None] | None = None

    @property
    def connected(self) -> bool:
        """Whether the broker is there and has taken our subscriptions."""
        return self._task is not None and self._client.is_connected() and self._subscribed

    async def start(self) -> None:
        """Connect, now or as soon as the broker is there, and take messages in from then on.

        Raises:
            TwinError: The file of authorities to trust cannot be used.
        """
        client_id = await asyncio.to_thread(self._read_memory)
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[Message] = asyncio.Queue()
        self._client = self._make_client(client_id)
        self._task = asyncio.create_task(self._take_in())
        self._client.loop_start()

    async def stop(self) -> None:
        """Disconnect; what is not acknowledged yet comes again at the next start."""
        if self._task is None:
            return
        self._stopping.set()
        self._client.disconnect()
        await asyncio.to_thread(self._client.loop_stop)
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._task = None

    def _read_memory(self) -> str:
        """Return the name of our session; find out which subscriptions it must lose."""
        known = json.loads(self._store.recall(FILTERS) or "[]")
        self._gone = sorted(set(known) - set(self.filters))
        client_id = self.broker.client_id or self._store.recall(CLIENT_ID)
        if client_id is None:
            client_id = f"twin-{secrets.token_hex(6)}"
            self._store.remember(CLIENT_ID, client_id)
        return client_id

    def _make_client(self, client_id: str) -> Client:
        broker, is_5 = self.broker, self.broker.version == "5"
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id,
            clean_session=None if is_5 else False,
            protocol=MQTTv5 if is_5 else MQTTv311,
            manual_ack=True,
        )
        if broker.user is not None:
            client.username_pw_set(broker.user, broker.password)
        if broker.tls:
            try:
                client.tls_set(ca_certs=str(broker.ca) if broker.ca else None)
            except OSError as error:
                raise TwinError(f"TWIN_MQTT_URL: ca {broker.ca} cannot be used: {error}") from error
        client.reconnect_delay_set(*self._reconnect_s)
        client.on_connect = self._on_connect
        client.on_connect_fail = self._on_connect_fail
        client.on_disconnect = self._on_disconnect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        if is_5:
            properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
            properties.SessionExpiryInterval = SESSION_S
            properties.ReceiveMaximum = IN_FLIGHT
            client.connect_async(
                broker.host, broker.port, KEEPALIVE_S, clean_start=False, properties=properties
            )
        else:
            client.connect_async(broker.host, broker.port, KEEPALIVE_S)
        return client

    # on paho's thread

    def _on_connect(
        self, client: Client, _data: Any, flags: Any, reason: ReasonCode, _more: Any
    ) -> None:
        if reason.is_failure:
            hint = ""
            if reason.getName() == "Unsupported protocol version":
                hint = "; add ?version=3.1.1 to TWIN_MQTT_URL"
            log.error("the MQTT broker refuses us: %s%s", reason, hint)
            return
        self._session += 1
        self._told_down = False
        log.info("connected to the MQTT broker at %s:%d", self.broker.host, self.broker.port)
        if self._session > 1 and flags.session_present:
            self._subscribed = True
            return
        if self._gone:
            client.unsubscribe(self._gone)
        client.subscribe([self._subscription(one) for one in self.filters])
        try:
            self._store.remember(FILTERS, json.dumps(self.filters))
        except Exception as error:
            # the next start tells the broker again
            log.warning("the MQTT subscriptions are not noted: %s", type(error).__name__)

    def _subscription(self, one: str) -> Any:
        if self.broker.version == "5":
            # what is retained comes with a new subscription only, not with each start
            keep = SubscribeOptions.RETAIN_SEND_IF_NEW_SUB
            return (one, SubscribeOptions(qos=1, retainHandling=keep))
        return (one, 1)

    def _on_subscribe(
        self, _client: Client, _data: Any, _mid: int, reasons: Sequence[ReasonCode], _more: Any
    ) -> None:
        self._subscribed = True
        for one, reason in zip(self.filters, reasons, strict=False):
            if reason.is_failure:
                log.error("the MQTT broker refuses %s: %s; look at its rights", one, reason)

    def _on_connect_fail(self, _client: Client, _data: Any) -> None:
        if not self._told_down:
            self._told_down = True
            where = f"{self.broker.host}:{self.broker.port}"
            log.warning("no MQTT broker answers at %s, or no trusted one; trying on", where)

    def _on_disconnect(
        self, _client: Client, _data: Any, _flags: Any, reason: ReasonCode, _more: Any
    ) -> None:
        self._subscribed = False
        if not self._stopping.is_set():
            log.warning("the MQTT broker is gone (%s); connecting again", reason)

    def _on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        # without room this thread waits, and so do the broker's messages
        while not self._room.acquire(timeout=0.2):
            if self._stopping.is_set():
                return
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = ""
        taken = Message(
            topic,
            bytes(message.payload),
            message.mid,
            message.qos,
            bool(message.dup),
            bool(message.retain),
            self._session,
            self.reception.twin.clock(),
        )
        try:
            self._loop.call_soon_threadsafe(self._queue.put_nowait, taken)
        except RuntimeError:  # the loop has ended: the broker keeps the message
            log.debug("a message came after the end")

    # on the event loop

    async def _take_in(self) -> None:
        while True:
            batch = [await self._queue.get()]
            while not self._queue.empty():
                batch.append(self._queue.get_nowait())
            # begun in their order, so that they reach the intake in it and share a commit
            taking = [asyncio.create_task(self._take(message)) for message in batch]
            try:
                for message, one in zip(batch, taking, strict=True):
                    await one
                    self._acknowledge(message)
                    self._room.release()
            finally:
                for one in taking:
                    one.cancel()
                await asyncio.gather(*taking, return_exceptions=True)

    def _is_left_over(self, message: Message) -> bool:
        """Say whether a subscription brought it that is none of ours any more."""
        return any(topic_matches_sub(one, message.topic) for one in self._gone) and not any(
            topic_matches_sub(one, message.topic) for one in self.filters
        )

    async def _take(self, message: Message) -> None:
        if self._is_left_over(message):
            return
        pause = RETRY_S[0]
        while True:
            try:
                at = message.received_at
                if message.again:
                    found = await asyncio.to_thread(self._find_first, message)
                    if found is None:
                        return
                    at = found
                await self.reception.take(self.feed, message.body, message.headers, received_at=at)
            except BusyError as busy:
                await asyncio.sleep(busy.retry_after_s)
            except Exception as error:
                # the store does not take it: it stays ours and the broker's
                if not self._told_full:
                    self._told_full = True
                    log.warning("MQTT messages wait at the broker: %s", type(error).__name__)
                await asyncio.sleep(pause)
                pause = min(2 * pause, RETRY_S[1])
            else:
                self._told_full = False
                return

    def _acknowledge(self, message: Message) -> None:
        # by another connection the same identifier may be another message; this one comes again
        if message.qos and message.session == self._session and self._client.is_connected():
            self._client.ack(message.mid, message.qos)

    def _find_first(self, message: Message) -> datetime | None:
        """Return when a message that is delivered again first came; None if it was kept aside.

        A message without an id or a time of its own is known by the packet identifier and the time
        of its first receipt, which the event of its first delivery, if it became durable, holds.
        """

        def read(at: datetime) -> list[Event]:
            parsed = self.feed.parse(
                message.body, message.headers, received_at=at, resolve=self.reception.index
            )
            return parsed.events

        now = message.received_at
        events = read(now)
        if not events:
            kept = self._store.quarantined(None, limit=LOOK_BACK)
            mine = (self.feed.name, message.headers["content-type"][:200])
            rejects = self.feed.parse(
                message.body, message.headers, received_at=now, resolve=self.reception.index
            ).rejects
            known = {one.body for one in kept if (one.source, one.content_type) == mine}
            return None if rejects and all(one.body in known for one in rejects) else now
        ids = {event.event_id for event in events}
        if ids == {event.event_id for event in read(now + timedelta(seconds=1))}:
            return now  # it brings an identity of its own
        before = self._store.last_events(events[0].layer, events[0].subject, LOOK_BACK)
        for event in before:
            if event.kind != events[0].kind or event.source != events[0].source:
                continue
            if event.event_id in {again.event_id for again in read(event.received_at)}:
                return event.received_at
        return now
