"""The tiny community over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.browser.tiny import make_tiny
from tests.browser.worlds import RunningWorld


@pytest.fixture(scope="session")
def served(var: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningWorld]:
    """A running server of the tiny community, whose twin a test can speak to."""
    database = tmp_path_factory.mktemp("served") / "twin.db"
    world = RunningWorld(make_tiny(), var, database).start()
    yield world
    world.stop()


@pytest.fixture
def http(served: RunningWorld) -> Iterator[httpx.Client]:
    """A client of that server; redirects are not followed."""
    with httpx.Client(base_url=served.url, timeout=30) as client:
        yield client
