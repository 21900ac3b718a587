"""/healthz, /readyz and /metrics: does it live, can it take events in, what are its numbers."""

import asyncio
import logging
import time
from pathlib import Path

import orjson
from fastapi import APIRouter, Response

from dashboard.doors.desk import Desk
from dashboard.metrics import MEDIA_TYPE, Metrics

PROBE_S = 5.0
"""An intake that does not answer within this time is stuck, seconds."""
KEEP_S = 2.0
"""An answer serves so long, so that probes never load the store, seconds."""
_KEY = "ready_at"

log = logging.getLogger(__name__)


class Readiness:
    """Tries whether events can come in: the store writes, and the intake's queue moves."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._lock = asyncio.Lock()
        self._asked_at = float("-inf")
        self._checks: dict[str, str] = {}

    async def check(self) -> dict[str, str]:
        """Return by part "ok" or what is wrong."""
        async with self._lock:
            if time.monotonic() - self._asked_at > KEEP_S:
                self._checks = {
                    "store": await self._try_store(),
                    "intake": await self._try_intake(),
                }
                self._asked_at = time.monotonic()
            return self._checks

    async def _try_store(self) -> str:
        twin = self.desk.world.twin
        try:
            async with asyncio.timeout(PROBE_S):
                await asyncio.to_thread(twin.store.remember, _KEY, twin.clock().isoformat())
        except TimeoutError:
            return f"does not write within {PROBE_S:g} s"
        except Exception as error:
            log.warning("the store does not write: %s", type(error).__name__)
            return "does not write; look at the disk and the database"
        return "ok"

    async def _try_intake(self) -> str:
        try:
            async with asyncio.timeout(PROBE_S):
                # an empty message waits its turn and is answered by the writer
                await self.desk.world.twin.intake.submit_async([])
        except TimeoutError:
            return f"the queue has not moved for {PROBE_S:g} s"
        except Exception as error:
            log.warning("the intake takes nothing in: %s", type(error).__name__)
            return "takes nothing in"
        return "ok"


def build_health(desk: Desk, metrics: Metrics, folder: Path) -> APIRouter:
    """Return the routes.

    Args:
        desk: The doors that events come in by.
        metrics: The server's numbers; the doors' are added to them.
        folder: See `Metrics.watch`.
    """
    router = APIRouter(tags=["health"])
    readiness = Readiness(desk)
    metrics.watch(desk, folder)

    @router.get("/healthz", summary="The process lives")
    async def healthz() -> Response:
        return _respond({"status": "ok"})

    @router.get("/readyz", summary="Events can come in")
    async def readyz() -> Response:
        checks = await readiness.check()
        ready = all(value == "ok" for value in checks.values())
        told = {"status": "ok" if ready else "not ready", "checks": checks}
        return _respond(told, 200 if ready else 503)

    @router.get("/metrics", summary="Numbers for Prometheus")
    async def numbers() -> Response:
        body = await asyncio.to_thread(metrics.render)
        return Response(body, headers={"content-type": MEDIA_TYPE, "cache-control": "no-store"})

    return router


def _respond(value: object, status: int = 200) -> Response:
    headers = {"cache-control": "no-store"}
    return Response(orjson.dumps(value), status, headers, media_type="application/json")
