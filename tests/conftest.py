"""What the whole suite shares: real servers on free ports and a watched Chromium."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

from tests.chromium import find_chromium
from tests.watched import WatchedPage

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parent.parent

LONG = frozenset({"test_server_crash.py", "test_mqtt_crash.py", "test_replays.py"})
"""Files whose tests take minutes: servers and brokers killed again and again, whole histories."""

# how long an example takes says more of the machine than of the code
settings.register_profile("twin", deadline=None)
settings.load_profile("twin")
START_S = 180
GL_FLAGS = (
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
)
FLAT_FLAGS = (*GL_FLAGS, "--disable-gpu-compositing")
"""Of a browser for flat maps: panels are put together without the detour by a drawn GPU."""
QUIET_FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--no-first-run",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what needs a browser last: Playwright's loop, which stays in this thread for the rest of
    the session, is in nobody's way there. What takes minutes goes first, so that of several
    workers none is left with it at the end.
    """
    items.sort(
        key=lambda item: (
            item.get_closest_marker("browser") is not None, item.path.name not in LONG
        )
    )  # fmt: skip


def find_free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture
def free_port() -> int:
    return find_free_port()


@dataclass
class ServedApp:
    """A real `python app.py` in a process of its own."""

    arguments: tuple[str, ...]
    port: int
    var: Path
    environ: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        log = (self.var / f"server-{self.port}.log").open("ab")
        command = [sys.executable, "app.py", *self.arguments, "--port", str(self.port)]
        environ = {**os.environ, "TWIN_VAR": str(self.var), "TWIN_LOG_LEVEL": "warning"}
        environ |= self.environ
        with log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=environ, stdout=log, stderr=subprocess.STDOUT
            )
        self._wait_until_healthy()

    def kill(self, sign: signal.Signals = signal.SIGKILL) -> None:
        if self.process is not None:
            self.process.send_signal(sign)
            self.process.wait(30)
            self.process = None

    def _wait_until_healthy(self) -> None:
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            assert self.process is not None
            if self.process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(f"{self.url}/healthz", timeout=2):
                    return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.1)
        said = (self.var / f"server-{self.port}.log").read_text(encoding="utf-8")[-2000:]
        self.kill()
        pytest.fail(f"app.py {' '.join(self.arguments)} did not come up:\n{said}")


@pytest.fixture(scope="session")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A TWIN_VAR folder for the session, so that the sample is built once."""
    return tmp_path_factory.mktemp("var")


@pytest.fixture(scope="module")
def serve(var: Path) -> Iterator[Callable[..., ServedApp]]:
    """Starts `python app.py ARGUMENTS...` on a free port; ends what it started."""
    started: list[ServedApp] = []

    def start(*arguments: str, **environ: str) -> ServedApp:
        app = ServedApp(arguments, find_free_port(), var, environ)
        started.append(app)
        app.start()
        return app

    yield start
    for app in started:
        app.kill()


def launch_flags() -> list[str]:
    geteuid = getattr(os, "geteuid", None)
    as_root = geteuid is not None and geteuid() == 0
    return [*(("--no-sandbox",) if as_root else ()), *QUIET_FLAGS]


@pytest.fixture(scope="session")
def chromium() -> str:
    path = find_chromium(os.environ)
    if not path or path == "none":
        pytest.skip("no Chromium is here; `make test` finds or installs one")
    return path


@pytest.fixture(scope="session")
def launch(chromium: str) -> Iterator[Callable[..., Browser]]:
    """Starts Chromiums with flags of one's own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browsers = []

        def start(*flags: str) -> Browser:
            browser = playwright.chromium.launch(
                executable_path=chromium, args=[*launch_flags(), *flags]
            )
            browsers.append(browser)
            return browser

        yield start
        for browser in browsers:
            browser.close()


@pytest.fixture(scope="session")
def browser(launch: Callable[..., Browser]) -> Browser:
    """A Chromium that draws WebGL in software."""
    return launch(*GL_FLAGS)


@pytest.fixture(scope="session")
def flat_browser(launch: Callable[..., Browser]) -> Browser:
    """A Chromium for pages whose map is flat."""
    return launch(*FLAT_FLAGS)


def _opening(
    request: pytest.FixtureRequest, browser: Browser
) -> Iterator[Callable[..., WatchedPage]]:
    opened: list[WatchedPage] = []

    def open_(
        url: str, *, width: int = 640, height: int = 400, using: Browser | None = None, **more: Any
    ) -> WatchedPage:
        flat = "flat=1" in url
        mine = using or (request.getfixturevalue("flat_browser") if flat else browser)
        page = WatchedPage(mine, url, width, height, **more)
        opened.append(page)
        page.open()
        return page

    yield open_
    for page in opened:
        page.close()
    for page in opened:
        page.assert_clean()


@pytest.fixture
def open_page(
    request: pytest.FixtureRequest, browser: Browser
) -> Iterator[Callable[..., WatchedPage]]:
    """Opens pages, each in a context of its own; none may have erred or called out at the end."""
    yield from _opening(request, browser)


@pytest.fixture(scope="module")
def open_shared_page(
    request: pytest.FixtureRequest, browser: Browser
) -> Iterator[Callable[..., WatchedPage]]:
    """The same, for a page that the tests of a file share, as drawing in software is slow."""
    yield from _opening(request, browser)
