"""Databases for tests of the store: SQLite always, PostgreSQL where its programs are installed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from live.store import Store, open_store
from tests.postgres import NoPostgresError, make_database, running_postgres

# the machine may be busy with other work
settings.register_profile("twin", deadline=None)
settings.load_profile("twin")


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Start a PostgreSQL server of our own; yield its address without a database."""
    pytest.importorskip("psycopg", reason="psycopg is not installed (requirements.in)")
    try:
        # our own temporary server needs no fsync
        with running_postgres(durable=False) as server:
            yield server
    except NoPostgresError as error:
        pytest.skip(str(error))


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, of either make."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/twin.db"
    return make_database(request.getfixturevalue("postgres"))


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    """An open, empty store, of either make."""
    opened = open_store(database)
    yield opened
    opened.close()
