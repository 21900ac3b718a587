"""A PostgreSQL server of our own, for tests and benchmarks; found, or installed where we may."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from tests.debian import find_or_install

_numbers = count()


class NoPostgresError(Exception):
    """PostgreSQL cannot be had here; says why."""


def _find() -> Path | None:
    on_path = shutil.which("initdb")
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    candidates = [Path(on_path).parent] if on_path else []
    return next((f for f in [*candidates, *folders] if (f / "initdb").exists()), None)


@contextmanager
def running_postgres(*, durable: bool) -> Iterator[str]:
    """Start a server; yield its address without a database.

    Args:
        durable: Whether a commit waits for the disk; tests that lose nothing by it go without.

    Raises:
        NoPostgresError: Its programs are missing, or it does not start.
    """
    programs = find_or_install(_find, "postgresql")
    if programs is None:
        raise NoPostgresError(
            "PostgreSQL is not here, and only root may install it: apt-get install postgresql"
        )
    # the server refuses to run as root
    user = "postgres" if os.getuid() == 0 else None
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="twin-pg-"))
    data = folder / "data"
    server: subprocess.Popen[bytes] | None = None
    try:
        if user:
            shutil.chown(folder, user)
        made = subprocess.run(
            [programs / "initdb", "-D", data, "-U", "twin", "--auth=trust", "-E", "UTF8", "-N"],
            user=user, cwd=folder, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if made.returncode:
            raise NoPostgresError(
                f"PostgreSQL cannot make a database here: {made.stderr.strip()[-200:]}"
            )
        server = subprocess.Popen(
            [programs / "postgres", "-D", data, "-p", str(port), "-k", folder,
             *(() if durable else ("-F",)), "-c", "listen_addresses=127.0.0.1"],
            user=user, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        _wait_until_ready(port, server)
        yield f"postgresql://twin@127.0.0.1:{port}"
    finally:
        if server is not None:
            # the fast shutdown: it does not wait for clients that forgot to hang up
            server.send_signal(signal.SIGINT)
            server.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def make_database(server: str) -> str:
    """Make an empty database; return its URL."""
    import psycopg

    name = f"twin{next(_numbers)}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
    return f"{server}/{name}"


def _wait_until_ready(port: int, server: subprocess.Popen[bytes]) -> None:
    import psycopg

    while True:
        try:
            psycopg.connect(f"host=127.0.0.1 port={port} user=twin dbname=postgres").close()
        except psycopg.OperationalError:
            if server.poll() is not None:
                raise NoPostgresError(
                    f"PostgreSQL ended at once with code {server.returncode}"
                ) from None
            time.sleep(0.05)
        else:
            return
