"""Pages that are made after the start: who asks waits, and a failure is told, not hidden."""

import asyncio
import functools

import httpx
import pytest
from fastapi import FastAPI

from dashboard import later
from dashboard.dash_app import Drawn
from dashboard.later import Later


def make_drawn():
    app = FastAPI()

    @app.get("/wall")
    async def wall() -> str:
        return "drawn"

    return Drawn(app, "policy of the pages", b"preload of the pages")


def run(test):
    """Run a coroutine test on a loop of its own."""

    @functools.wraps(test)
    def wrapper(**fixtures):
        asyncio.run(test(**fixtures))

    return wrapper


def ask(pages):
    transport = httpx.ASGITransport(pages)
    return httpx.AsyncClient(transport=transport, base_url="http://twin")


@run
async def test_who_asks_first_has_them_made_and_waits(monkeypatch):
    monkeypatch.setattr(later, "FIRST_S", 60.0)
    made, ended = [], []

    async def make():
        made.append(1)
        return make_drawn()

    pages = Later(make, lambda: ended.append(1))
    pages.begin()
    await asyncio.sleep(0.05)
    assert made == []
    assert "policy of the pages" not in pages.policy
    async with ask(pages) as client:
        answers = await asyncio.gather(*(client.get("/wall") for _ in range(5)))
    assert [answer.json() for answer in answers] == ["drawn"] * 5
    assert (made, ended) == ([1], [1])
    assert (pages.policy, pages.preload) == ("policy of the pages", b"preload of the pages")
    await pages.stop()


@run
async def test_they_are_made_when_nobody_asks(monkeypatch):
    monkeypatch.setattr(later, "FIRST_S", 0.01)

    async def make():
        return make_drawn()

    pages = Later(make)
    pages.begin()
    async with asyncio.timeout(30):
        while pages.app is None:
            await asyncio.sleep(0.01)
    await pages.stop()


@run
async def test_what_cannot_be_made_is_told_to_the_log_and_to_who_asks(caplog):
    ended = []

    async def make():
        raise ValueError("a page without a layout")

    pages = Later(make, lambda: ended.append(1))
    pages.begin()
    async with ask(pages) as client:
        for _ in range(2):
            with pytest.raises(ValueError, match="without a layout"):
                await client.get("/wall")
    assert ended == [1]
    assert "the pages could not be made" in caplog.text
    await pages.stop()


@run
async def test_a_page_before_the_start_is_refused():
    async with ask(Later(make_drawn)) as client:
        with pytest.raises(RuntimeError, match="before the server has started"):
            await client.get("/wall")
