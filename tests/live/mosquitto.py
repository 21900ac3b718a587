"""A real mosquitto of one's own, on a free port of this machine; and somebody who publishes."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from paho.mqtt.client import Client, MQTTMessageInfo, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion

from tests.debian import find_or_install

PATIENCE_S = 60.0
PLACES = ("/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto", "/opt/homebrew/sbin/mosquitto")


def _find() -> Path | None:
    on_path = shutil.which("mosquitto")
    return next((Path(one) for one in (on_path, *PLACES) if one and Path(one).is_file()), None)


def find_mosquitto() -> str:
    """Return the broker's program, installing it where we may; skip the test without it."""
    found = find_or_install(_find, "mosquitto")
    if found is None:
        pytest.skip(
            "mosquitto is not here, and only root may install it: apt-get install mosquitto"
        )
    return str(found)


class Mosquitto:
    """A broker that keeps its sessions on disk; kill it and start it again as you like."""

    def __init__(self, program: str, folder: Path, port: int, more: Iterable[str] = ()) -> None:
        self.program, self.port, self.folder = program, port, folder
        self.kept = folder / "mosquitto.db"
        self._config = folder / "mosquitto.conf"
        lines = [
            f"listener {port} 127.0.0.1",
            "persistence true",
            f"persistence_location {folder}/",
            # after each change, in the turn of the loop that made it
            "autosave_interval 1",
            "autosave_on_changes true",
            "max_queued_messages 0",
            *more,
        ]
        if not any(line.startswith("allow_anonymous") for line in lines):
            lines.append("allow_anonymous true")
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            lines.append("user root")
        self._config.write_text("\n".join(lines) + "\n")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"mqtt://127.0.0.1:{self.port}"

    def start(self) -> None:
        with (self.folder / "mosquitto.log").open("ab") as log:
            self._process = subprocess.Popen(
                [self.program, "-c", str(self._config)], stdout=log, stderr=log
            )
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until and self._process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        said = (self.folder / "mosquitto.log").read_text(errors="replace")
        pytest.fail(f"mosquitto does not start: {said[-1000:]}")

    def kill(self) -> None:
        """kill -9."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(PATIENCE_S)
            self._process = None


class Publisher:
    """Publishes and knows what the broker holds on its disk."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.connections = 0
        self._connected = threading.Event()

    def __enter__(self) -> Publisher:
        self._client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTv5)
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = lambda *_: self._connected.clear()
        self._client.connect_async("127.0.0.1", self.port)
        self._client.reconnect_delay_set(1, 1)
        self._client.loop_start()
        assert self._connected.wait(PATIENCE_S), "the broker lets no publisher in"
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _on_connect(self, *_: object) -> None:
        self.connections += 1
        self._connected.set()

    def send(
        self, messages: Iterable[tuple[str, bytes | str]], *, qos: int = 1, retain: bool = False
    ) -> None:
        """Publish and wait until the broker holds all of it on its disk.

        A broker that dies meanwhile gets all of it again: it may have acknowledged what it had not
        written yet.
        """
        messages = list(messages)
        while True:
            assert self._connected.wait(PATIENCE_S), "the broker is gone"
            before = self.connections
            sent = [self._client.publish(topic, body, qos, retain) for topic, body in messages]
            if qos:
                # another turn of the broker's loop: what went before is on its disk by now
                self._wait(sent)
                sent = [self._client.publish("turn", b"", 1)]
            self._wait(sent)
            if self.connections == before and self._connected.is_set():
                return

    def _wait(self, sent: list[MQTTMessageInfo]) -> None:
        until = time.monotonic() + PATIENCE_S
        for one in sent:
            one.wait_for_publish(max(0.0, until - time.monotonic()))
            assert one.is_published(), "the broker does not take a message"


@contextmanager
def running(folder: Path, port: int, *more: str) -> Iterator[Mosquitto]:
    """Run a broker that ends with the test."""
    broker = Mosquitto(find_mosquitto(), folder, port, more)
    broker.start()
    try:
        yield broker
    finally:
        broker.kill()
