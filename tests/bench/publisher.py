"""A server of its own process whose 300 devices change ten times a second."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from itertools import count
from pathlib import Path

import uvicorn

from callbacks import REGISTER
from dashboard.compose import open_world
from dashboard.server import Worlds, create_server
from dashboard.settings import Settings
from tests.bench.town import make_town

CHANGED = 300


def main(port: int) -> None:
    """Serve until killed."""
    folder = Path(tempfile.mkdtemp())
    settings = Settings(var=folder)
    world = open_world(
        make_town(500, 3000), settings, database=f"sqlite:///{folder / 'b.db'}", simulate=False
    )
    hub = world.twin.hub
    start = world.start

    async def publish() -> None:
        for n in count():
            rows = {
                f"d-{k * 10}": {"s": "ok" if n % 2 else "fault", "t": n} for k in range(CHANGED)
            }
            hub.publish({"a": {}, "c": {"devices": rows}, "r": {}}, float(n))
            await asyncio.sleep(0.1)

    async def start_publishing() -> None:
        await start()
        tasks.append(asyncio.create_task(publish()))

    tasks: list[asyncio.Task[None]] = []
    world.start = start_publishing  # type: ignore[method-assign]
    server = create_server(settings, Worlds(world, world), lambda: REGISTER)
    uvicorn.run(server, port=port, log_level="warning", timeout_graceful_shutdown=1)


if __name__ == "__main__":
    main(int(sys.argv[1]))
