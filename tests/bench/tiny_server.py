"""The tiny community, or one of a file, behind real doors in a process of its own."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import uvicorn

from callbacks import REGISTER
from dashboard.compose import open_world
from dashboard.doors import DoorOptions
from dashboard.doors.patience import PatientProtocol
from dashboard.server import Worlds, create_server
from dashboard.settings import Settings
from geodata.community import load_community
from tests.browser.tiny import make_tiny


def main(port: int, token: str, path: str = "") -> None:
    """Serve until killed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = Settings(var=folder)
        world = open_world(
            load_community(Path(path)) if path else make_tiny(),
            settings,
            database=f"sqlite:///{folder / 'b.db'}",
            simulate=False,
        )
        options = DoorOptions(feed_token=token, feed_rate=1e6)
        server = create_server(settings, Worlds(world, world), lambda: REGISTER, options)
        uvicorn.run(
            server, port=port, http=PatientProtocol, log_level="warning", access_log=False,
            timeout_graceful_shutdown=1,
        )  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
