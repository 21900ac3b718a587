"""Databases for tests of the store: SQLite always, PostgreSQL where its programs are installed."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings

from live.store import Store, open_store
from tests.debian import find_or_install

# the machine may be busy with other work
settings.register_profile("twin", deadline=None)
settings.load_profile("twin")

_numbers = count()


def _find_postgres() -> Path | None:
    on_path = shutil.which("initdb")
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    candidates = [Path(on_path).parent] if on_path else []
    return next((f for f in [*candidates, *folders] if (f / "initdb").exists()), None)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Start a PostgreSQL server of our own; yield its address without a database."""
    pytest.importorskip("psycopg", reason="psycopg is not installed (requirements.in)")
    programs = find_or_install(_find_postgres, "postgresql")
    if programs is None:
        pytest.skip(
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
        # our own temporary server needs no fsync
        made = subprocess.run(
            [programs / "initdb", "-D", data, "-U", "twin", "--auth=trust", "-E", "UTF8", "-N"],
            user=user, cwd=folder, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if made.returncode:
            pytest.skip(f"PostgreSQL cannot make a database here: {made.stderr.strip()[-200:]}")
        server = subprocess.Popen(
            [programs / "postgres", "-D", data, "-p", str(port), "-k", folder, "-F",
             "-c", "listen_addresses=127.0.0.1"],
            user=user, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        _wait_until_ready(port, server)
        yield f"postgresql://twin@127.0.0.1:{port}"
    finally:
        if server is not None:
            server.terminate()
            server.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def _wait_until_ready(port: int, server: subprocess.Popen[bytes]) -> None:
    import psycopg

    while True:
        try:
            psycopg.connect(f"host=127.0.0.1 port={port} user=twin dbname=postgres").close()
        except psycopg.OperationalError:
            if server.poll() is not None:
                pytest.skip(f"PostgreSQL ended at once with code {server.returncode}")
            time.sleep(0.05)
        else:
            return


def _make_database(server: str) -> str:
    import psycopg

    name = f"twin{next(_numbers)}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
    return f"{server}/{name}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, of either make."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/twin.db"
    return _make_database(request.getfixturevalue("postgres"))


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    """An open, empty store, of either make."""
    opened = open_store(database)
    yield opened
    opened.close()
