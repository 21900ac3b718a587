"""A real community, as `serve` serves it: nobody gets in without an account or a token."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.browser.tiny import make_tiny, with_grids
from tests.browser.worlds import RunningWorld

PASSWORD = "correct horse battery"


@pytest.fixture(scope="package")
def real(var: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningWorld]:
    database = tmp_path_factory.mktemp("access") / "twin.db"
    world = RunningWorld(with_grids(make_tiny()), var, database, real=True).start()
    yield world
    world.stop()


@pytest.fixture
def front(real):
    return real.app.state.front


@pytest.fixture
def browser(real) -> Iterator[Callable[[], httpx.Client]]:
    """Opens browsers, each with cookies of its own."""
    opened = []

    def open_() -> httpx.Client:
        client = httpx.Client(base_url=real.url, timeout=60, trust_env=False)
        client.headers["sec-fetch-site"] = "same-origin"
        # many of them come from this one address
        real.app.state.front._tries._filled.clear()
        opened.append(client)
        return client

    yield open_
    for client in opened:
        client.close()


def form_token(page: httpx.Response) -> str:
    found = re.search(r'name="token" value="([^"]+)"', page.text)
    assert found, page.text[:500]
    return found[1]


def send(client: httpx.Client, page: str, target: str, **fields: str) -> httpx.Response:
    """Open a page and send a form of it."""
    token = form_token(client.get(page))
    return client.post(target, data={"token": token, **fields})


def log_in(client: httpx.Client, name: str, password: str = PASSWORD, next: str = ""):
    return send(client, "/login", "/login", name=name, password=password, next=next)


@pytest.fixture
def person(front):
    """Makes accounts with a password."""
    made = []

    def make(*roles, **more):
        name = f"p-{secrets.token_hex(4)}"
        made.append(front.accounts.add(name, roles or ["manager"], password=PASSWORD, **more))
        return made[-1]

    return make
