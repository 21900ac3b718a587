"""Sends what waits in the outbox: signed, again after longer and longer waits, at last given up."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, delete, select, update
from tenacity import AsyncRetrying, RetryCallState, stop_after_attempt, wait_exponential_jitter

from live.events import utc_now
from live.store import Store
from live.store.hooks import DEAD, DELIVERED, HOOKS, OUTBOX, WAITING
from live.webhooks.book import Hook, to_hook
from live.webhooks.payload import GoneError, build_payload
from live.webhooks.signing import sign
from live.webhooks.target import Network, TargetError, find_target

POLL_S, BATCH = 1.0, 20
KEEP_S = 30 * 86_400
"""Deliveries that arrived are kept in the ledger for so long."""
GONE = 410
AGENT = "community-twin-webhook/1"

if TYPE_CHECKING:
    import httpx

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SendOptions:
    """How to send.

    Attributes:
        allowed: Networks that may be reached though they are private, and by plain http.
        timeout_s: How long one attempt may take.
        attempts: After so many a delivery is given up.
        first_wait_s: Wait after the first failure; each next one is three times as long.
        most_wait_s: No wait is longer.
        grids: Ids of grids, which may be told.
        simulated: Whether everything in this world is simulated.
    """

    allowed: tuple[Network, ...] = ()
    timeout_s: float = 10.0
    attempts: int = 10
    first_wait_s: float = 5.0
    most_wait_s: float = 3600.0
    grids: frozenset[str] = field(default_factory=frozenset)
    simulated: bool = False


class Sender:
    """Sends for one store, each subscription on its own, so that one that hangs holds up no other.

    Args:
        store: Whose outbox.
        options: How.
        clock: Gives the present moment.
    """

    def __init__(
        self, store: Store, options: SendOptions, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self.store, self.options, self._clock = store, options, clock
        self._wait = wait_exponential_jitter(
            multiplier=options.first_wait_s, max=options.most_wait_s, exp_base=3,
            jitter=options.first_wait_s / 2,
        )  # fmt: skip
        self._stop = stop_after_attempt(options.attempts)
        self._main: asyncio.Task[None] | None = None
        self._at_work: dict[str, asyncio.Task[None]] = {}
        self._client: httpx.AsyncClient | None = None

    async def start(self) -> None:
        """Begin to send."""
        self._main = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Stop; what was under way is sent again at the next start."""
        tasks = [*self._at_work.values(), *([self._main] if self._main else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._main, self._at_work = None, {}
        if self._client is not None:
            await self._client.aclose()

    async def _run(self) -> None:
        swept = 0.0
        while True:
            try:
                for key in await asyncio.to_thread(self._read_due_hooks):
                    if key not in self._at_work:
                        self._at_work[key] = asyncio.create_task(self._serve(key))
                now = self._clock().timestamp()
                if now - swept > 3600:
                    await asyncio.to_thread(self._forget, now - KEEP_S)
                    swept = now
            except Exception:
                log.exception("the outbox of webhooks was not read; it goes on")
            await asyncio.sleep(POLL_S)

    async def _serve(self, key: str) -> None:
        """Send what is due of one subscription, oldest first; stop at the first that fails."""
        try:
            while True:
                hook, due = await asyncio.to_thread(self._read_due, key)
                for row in due:
                    if hook is None or not await self.deliver(hook, row):
                        return
                if len(due) < BATCH:
                    return
        except Exception:
            log.exception("webhook %s: not sent; it goes on", key)
        finally:
            self._at_work.pop(key, None)

    async def deliver(self, hook: Hook, row: Row[Any]) -> bool:
        """Try one delivery once and write down what came of it; say whether it arrived."""
        import httpx  # slow to load, and not needed before something is sent

        status: int | None = None
        over = False
        try:
            body = await asyncio.to_thread(self._read_body, row)
            async with asyncio.timeout(self.options.timeout_s):
                status = await self._post(hook, row.id, body)
            error = "" if 200 <= status < 300 else f"answered {status}"
            over = status == GONE
        except GoneError as gone:
            error, over = str(gone), True
        except TargetError as refused:
            error, over = str(refused), refused.why != "unknown"
        except TimeoutError:
            error = f"no answer in {self.options.timeout_s:g} s"
        except httpx.HTTPError as failed:
            error = f"{type(failed).__name__}: {failed}"[:300]
        await asyncio.to_thread(self._note, row, status, error, over)
        return not error

    async def _post(self, hook: Hook, delivery: str, body: bytes) -> int:
        import httpx

        if self._client is None:  # reading the certificates takes a while
            self._client = httpx.AsyncClient(follow_redirects=False, trust_env=False)
        target = await asyncio.to_thread(find_target, hook.url, self.options.allowed)
        timestamp = int(self._clock().timestamp())
        request = self._client.build_request(
            "POST",
            target.numeric_url,
            content=body,
            headers={
                "host": target.authority,
                "content-type": "application/json",
                "user-agent": AGENT,
                "webhook-id": delivery,
                "webhook-timestamp": str(timestamp),
                "webhook-signature": sign(hook.secret, delivery, timestamp, body),
            },
            timeout=self.options.timeout_s,
            # the certificate is checked against the name, not the address
            extensions={"sni_hostname": target.host} if target.scheme == "https" else {},
        )
        response = await self._client.send(request, stream=True)
        await response.aclose()  # what it says is not read
        return response.status_code

    def _read_due_hooks(self) -> list[str]:
        now = round(self._clock().timestamp() * 1e6)
        due = (
            select(OUTBOX.c.hook)
            .join(HOOKS, HOOKS.c.id == OUTBOX.c.hook)
            .where(OUTBOX.c.state == WAITING, OUTBOX.c.next_at <= now, HOOKS.c.active)
        )
        with self.store.reading() as conn:
            return list(conn.scalars(due.distinct()))

    def _read_due(self, key: str) -> tuple[Hook | None, list[Row[Any]]]:
        now = round(self._clock().timestamp() * 1e6)
        mine = (OUTBOX.c.hook == key, OUTBOX.c.state == WAITING, OUTBOX.c.next_at <= now)
        order = (OUTBOX.c.made_at, OUTBOX.c.audit_seq)
        with self.store.reading() as conn:
            row = conn.execute(select(HOOKS).where(HOOKS.c.id == key)).one_or_none()
            due = conn.execute(select(OUTBOX).where(*mine).order_by(*order).limit(BATCH)).all()
        return (None if row is None else to_hook(row)), list(due)

    def _read_body(self, row: Row[Any]) -> bytes:
        with self.store.reading() as conn:
            return build_payload(
                conn, row.event, row.audit_seq, row.made_at,
                simulated=self.options.simulated, grids=self.options.grids,
            )  # fmt: skip

    def _note(self, row: Row[Any], status: int | None, error: str, over: bool) -> None:
        """Write down what came of an attempt, and when the next one is."""
        now = self._clock().timestamp()
        attempts = row.attempts + 1
        values: dict[str, Any] = {"attempts": attempts, "status": status, "error": error}
        tried = RetryCallState(AsyncRetrying(), fn=None, args=(), kwargs={})
        tried.attempt_number = attempts
        if not error:
            values |= {"state": DELIVERED, "done_at": round(now * 1e6)}
        elif over or self._stop(tried):
            values |= {"state": DEAD, "done_at": round(now * 1e6)}
            log.warning("webhook %s: %s given up: %s", row.hook, row.id, error)
        else:
            values["next_at"] = round((now + self._wait(tried)) * 1e6)
        with self.store.writing() as conn:
            conn.execute(update(OUTBOX).where(OUTBOX.c.id == row.id).values(values))

    def _forget(self, before: float) -> None:
        old = (OUTBOX.c.state == DELIVERED, OUTBOX.c.done_at < round(before * 1e6))
        with self.store.writing() as conn:
            conn.execute(delete(OUTBOX).where(*old))
