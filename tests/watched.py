"""A page in a real browser that remembers every error and every call to another host."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Route

OWN_SCHEMES = frozenset({"data", "blob", "about", "chrome-error"})
# the bundle tries WebAssembly in a try block, which the policy refuses; nothing depends on it
HARMLESS = ("WebAssembly", "wasm-eval")


class WatchedPage:
    """One page in a context of its own.

    Attributes:
        page: Playwright's page.
        errors: What went wrong in it: console errors, uncaught exceptions.
        elsewhere: URLs of other hosts that it asked for; none of them was let out.
        requests: Every URL it asked for, in order.
        allowed: Parts of messages that this test brings about on purpose.
    """

    def __init__(
        self,
        browser: Browser,
        url: str,
        width: int,
        height: int,
        *,
        prepare: Callable[[Page], object] | None = None,
        **options: Any,
    ) -> None:
        self.url = url
        self.errors: list[str] = []
        self.elsewhere: list[str] = []
        self.requests: list[str] = []
        self.allowed: tuple[str, ...] = ()
        self.context = browser.new_context(
            viewport={"width": width, "height": height},
            **{"timezone_id": "Asia/Shanghai", "locale": "zh-CN", **options},
        )
        self.context.set_default_timeout(60_000)
        self.page = self.context.new_page()
        self.context.route(self._is_elsewhere, self._refuse)
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.errors.append(f"uncaught: {error.stack}"))
        self.page.on("request", self._on_request)
        if prepare is not None:
            prepare(self.page)

    def open(self) -> None:
        """Go to the URL."""
        self.page.goto(self.url, wait_until="domcontentloaded")

    def _is_elsewhere(self, url: str) -> bool:
        parts = urlsplit(url)
        return parts.scheme not in OWN_SCHEMES and parts.netloc != urlsplit(self.url).netloc

    def _refuse(self, route: Route) -> None:
        self.elsewhere.append(route.request.url)
        route.abort()

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(f"console: {message.text} ({message.location.get('url')})")

    def _on_request(self, request: Request) -> None:
        self.requests.append(request.url)

    def wait_ready(self, timeout_s: float = 120) -> WatchedPage:
        """Wait until the map drew its tables and the live state, and the page is around it."""
        for part in ("#twin-map[data-ready=true]", "#twin-page", "html[lang]"):
            self.page.wait_for_selector(part, state="attached", timeout=timeout_s * 1000)
        self.settle()
        return self

    def settle(self, quiet_ms: float = 400) -> None:
        """Wait until no frame was drawn for a while, so that pixels and picking are true."""
        self.page.evaluate(
            """async (quiet) => {
              const host = document.getElementById("twin-map");
              let frames = null;
              let since = performance.now();
              while (performance.now() - since < quiet || !Number(host.dataset.frames)) {
                if (host.dataset.frames !== frames) {
                  frames = host.dataset.frames;
                  since = performance.now();
                }
                await new Promise((done) => setTimeout(done, 40));
              }
            }""",
            quiet_ms,
        )

    def run(self, script: str, argument: Any = None) -> Any:
        """Evaluate JavaScript in the page."""
        return self.page.evaluate(script, argument)

    def wait_for(self, what: Callable[[], Any], timeout_s: float = 60) -> Any:
        """Poll until something is true and return it."""
        until = time.monotonic() + timeout_s
        while not (found := what()):
            assert time.monotonic() < until, f"waited {timeout_s} s in vain"
            self.page.wait_for_timeout(50)
        return found

    def calls(self, part: str) -> int:
        """Count requests whose URL has a part."""
        return sum(part in url for url in self.requests)

    def close(self) -> None:
        self.context.close()

    def assert_clean(self) -> None:
        """Fail if anything erred or called out that the test did not bring about."""
        known = (*HARMLESS, *self.allowed)
        errors = [e for e in self.errors if not any(part in e for part in known)]
        assert not errors, f"{self.url}:\n" + "\n".join(errors)
        assert not self.elsewhere, f"{self.url} called out: {json.dumps(self.elsewhere)}"
