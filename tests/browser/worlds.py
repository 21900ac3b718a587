"""A whole server in this process, whose twin a test can speak to."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import httpx
import orjson
import uvicorn

from callbacks import REGISTER
from dashboard.compose import LiveWorld, open_world
from dashboard.server import Worlds, create_server
from dashboard.settings import Settings
from geodata.community import Community
from live.accounts import Account
from live.events import Event
from tests.conftest import find_free_port


class _Server(uvicorn.Server):
    """Ends the streams first, as they would not end by themselves."""

    def __init__(self, config: uvicorn.Config, world: LiveWorld) -> None:
        super().__init__(config)
        self._world = world

    async def shutdown(self, sockets: list[Any] | None = None) -> None:
        self._world.twin.hub.close()
        await super().shutdown(sockets)


class RunningWorld:
    """A community served on a free port by a thread of this process.

    Args:
        community: What is served.
        var: Folder for what was built.
        database: SQLite file.
        real: As `serve` does, with visitors in a world apart; else as `demo` does.
        options: Settings that differ from the usual ones.
    """

    def __init__(
        self,
        community: Community,
        var: Path,
        database: Path,
        *,
        real: bool = False,
        **options: Any,
    ) -> None:
        settings = Settings(var=var, **options)
        self.port = find_free_port()
        self.world: LiveWorld = open_world(
            community, settings, database=f"sqlite:///{database}", simulate=False
        )
        visitors = self.world
        if real:
            visitors = open_world(community, settings, database="sqlite://", simulate=False)
        self.app = create_server(settings, Worlds(self.world, visitors), lambda: REGISTER)
        config = uvicorn.Config(
            self.app, port=self.port, log_level="warning", timeout_graceful_shutdown=1
        )
        self._server = _Server(config, self.world)
        self._thread = threading.Thread(target=self._server.run, name="server", daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> RunningWorld:
        self._thread.start()
        until = time.monotonic() + 60
        while not self._server.started:
            assert self._thread.is_alive(), "the server ended at once"
            assert time.monotonic() < until, "the server did not come up"
            time.sleep(0.02)
        httpx.get(self.url, timeout=60, trust_env=False).raise_for_status()  # the pages are there
        return self

    def log_in(
        self,
        client: httpx.Client,
        *roles: str,
        areas: Iterable[str] | None = None,
        layers: Iterable[str] | None = None,
    ) -> Account:
        """Let a client be somebody with an account of some roles, as a browser of theirs is."""
        front = self.app.state.front
        name = f"{'-'.join(roles)}-{secrets.token_hex(3)}"
        account: Account = front.accounts.add(name, roles, areas=areas, layers=layers)
        _, secret = front.sessions.begin(account, "127.0.0.1", "test")
        client.cookies.set("twin_session", secret)
        client.headers["sec-fetch-site"] = "same-origin"
        return account

    def submit(self, *events: Event) -> None:
        """Hand in events and wait until they are durable and the state has moved."""
        result = self.world.twin.intake.submit(events).result(30)
        assert result.accepted == len(events), result

    def submit_each(self, events: Iterable[Event]) -> None:
        self.submit(*events)

    def snapshot(self) -> dict[str, Any]:
        with self.world.twin.lock:
            layers = self.world.twin.state.snapshot()
        rows: dict[str, Any] = orjson.loads(orjson.dumps(layers))
        return rows

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(20)
