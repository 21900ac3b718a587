"""The browser's own modules, served to a blank page straight from disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pydeck
import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Route

ROOT = Path(__file__).resolve().parents[2]
BUNDLE = Path(pydeck.__file__).parent / "nbextension" / "static" / "index.js"
ORIGIN = "http://twin.test"
TYPES = {".mjs": "text/javascript", ".js": "text/javascript", ".json": "application/json"}


def _serve_file(route: Route) -> None:
    path = route.request.url.removeprefix(ORIGIN).lstrip("/")
    file = ROOT / path
    if not path:
        route.fulfill(body="<!doctype html><meta charset=utf-8>", content_type="text/html")
    elif path == "vendor/deck.js":
        route.fulfill(body=BUNDLE.read_bytes(), content_type="text/javascript")
    elif file.is_file():
        kind = TYPES.get(file.suffix, "application/octet-stream")
        route.fulfill(body=file.read_bytes(), content_type=kind)
    else:
        route.fulfill(status=404)


@pytest.fixture(scope="session")
def run_js(browser: Browser) -> Iterator[Callable[..., Any]]:
    """Runs a function of JavaScript that may import /assets/twin/*.mjs; returns what it returns."""
    context = browser.new_context()
    page = context.new_page()
    page.route("**/*", _serve_file)
    page.goto(f"{ORIGIN}/")

    def run(script: str, argument: Any = None) -> Any:
        return page.evaluate(script, argument)

    yield run
    context.close()
