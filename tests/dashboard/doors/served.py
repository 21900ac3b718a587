"""Real servers with doors, on free ports, in front of a community small enough to reckon with."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

from dashboard.doors import Desk, DoorOptions, build_doors
from dashboard.doors.patience import PatientProtocol
from dashboard.health import build_health
from dashboard.metrics import Metrics
from dashboard.world import World
from live.events import utc_now
from live.store import Store, open_store
from live.tokens import TokenBook
from live.twin import Twin
from tests.conftest import find_free_port
from tests.live.small_world import small_community

PAYLOADS = Path(__file__).resolve().parents[3] / ".." / "shared" / "data" / "payloads"


@dataclass
class Served:
    """A server that runs, and what is behind it."""

    url: str
    desk: Desk
    twin: Twin
    store: Store
    tokens: dict[str, str] = field(default_factory=dict)

    def token(self, kind: str = "feed", name: str | None = None) -> str:
        """A token of a kind, made at the first use."""
        name = name or f"test-{kind}"
        if name not in self.tokens:
            self.tokens[name] = TokenBook(self.store).create(kind, name)[1]
        return self.tokens[name]

    def client(self, kind: str | None = "feed", **options: Any) -> httpx.Client:
        headers = {"authorization": f"Bearer {self.token(kind)}"} if kind else {}
        return httpx.Client(
            base_url=self.url, headers=headers, timeout=60, trust_env=False, **options
        )

    def post(self, body: Any, **options: Any) -> httpx.Response:
        """Post to the HTTP feed with a feed token."""
        with self.client() as client:
            if isinstance(body, bytes):
                return client.post("/api/v1/events", content=body, **options)
            return client.post("/api/v1/events", json=body, **options)

    def stored(self) -> list[Any]:
        """Every event in the store, in the order of arrival."""
        return [one.event for one in self.store.scan()]

    def count_stored(self) -> tuple[int, int]:
        """How many events and how many refused messages the store holds."""
        with self.store.reading() as conn:
            events = conn.exec_driver_sql("SELECT count(*) FROM events").scalar()
            kept = conn.exec_driver_sql("SELECT count(*) FROM quarantine").scalar()
        return int(events or 0), int(kept or 0)

    def kept(self) -> list[Any]:
        """Everything in quarantine, oldest first."""
        return self.store.quarantined(None, limit=1000)[::-1]


def record(subject: str = "d0", kind: str = "access", /, **more: Any) -> dict[str, Any]:
    """An event in our own wire form, of now."""
    layer = {"d": "entrances", "c": "plate_cameras", "g": "gates"}.get(subject[0], "devices")
    data = more.pop("data", {"method": "card", "direction": "in", "granted": True})
    at = more.pop("at", None) or utc_now()
    return {
        "kind": kind,
        "subject": {"layer": layer, "id": subject},
        "observed_at": at.isoformat() if isinstance(at, datetime) else at,
        "data": data,
        **more,
    }


@contextmanager
def serving(
    folder: Path, options: DoorOptions | None = None, *, demo: bool = False, **limits: Any
) -> Iterator[Served]:
    """Serve the doors of a small community; its store is in the folder."""
    community = small_community(residents=1000)
    store = open_store(f"sqlite:///{folder}/twin.db")
    twin = Twin(community, store)
    world = World(community, twin, None, simulated=demo)  # type: ignore[arg-type]
    metrics = Metrics()
    desk = Desk(lambda: world, options, demo=demo, on_commit=metrics.commit_seconds.observe)

    @asynccontextmanager
    async def lifespan(_):
        desk.open()
        await twin.start()
        yield
        await twin.stop()

    app = FastAPI(lifespan=lifespan, docs_url=None, openapi_url=None)
    app.include_router(build_doors(desk))
    app.include_router(build_health(desk, metrics, folder))

    @app.get("/api/v1/snapshot")
    async def snapshot():
        return twin.snapshot()

    protocol = type("Protocol", (PatientProtocol,), limits)
    port = find_free_port()
    config = uvicorn.Config(
        app, host="127.0.0.1", port=port, log_config=None, log_level="error", http=protocol,
        timeout_graceful_shutdown=1, access_log=False,
    )  # fmt: skip
    server = uvicorn.Server(config)
    began = threading.Event()
    failed: list[BaseException] = []

    async def run():
        task = asyncio.create_task(server.serve())
        while not server.started and not task.done():
            await asyncio.sleep(0.01)
        began.set()
        await task

    def main():
        try:
            asyncio.run(run())
        except BaseException as error:
            failed.append(error)
        finally:
            began.set()

    thread = threading.Thread(target=main, name="server", daemon=True)
    thread.start()
    began.wait(60)
    assert not failed, failed
    try:
        yield Served(f"http://127.0.0.1:{port}", desk, twin, store)
    finally:
        server.should_exit = True
        thread.join(30)
        store.close()
