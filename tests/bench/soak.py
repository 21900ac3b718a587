"""A wall for hours: 20 updates a second, a tour, servers killed, lines cut, a context lost.

`make soak` runs it for SECONDS_LONG=7200 seconds; `ARGS="--seconds 600"` for another time.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx
import numpy as np
from PIL import Image

from tests.bench.cuttable import CuttableLine
from tests.chromium import find_chromium
from tests.conftest import GL_FLAGS, ServedApp, find_free_port, launch_flags

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Page

RATE = 20
MOST_GROWTH = 0.10
RESUMED_S = 5.0
LEAST_CONTRAST = 6.0
SIZE = {"width": 640, "height": 360}
TOKEN = "soak-feed-token-0001"
CUT_S = 6.0
PATIENCE_S = 60.0


@dataclass
class Report:
    """What was seen."""

    seconds: float = 0.0
    sent: int = 0
    samples: list[tuple[float, float, float, float]] = field(default_factory=list)
    """Seconds since the start, heap in MB after a collection, contrast, DOM nodes."""
    resumed: list[tuple[str, float]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    patches: int = 0
    reloads: int = 0

    @property
    def growth(self) -> float:
        """Heap of the last quarter over that of the first after the warm-up."""
        heaps = [heap for _, heap, _, _ in self.samples]
        quarter = max(2, len(heaps) // 4)
        return statistics.median(heaps[-quarter:]) / statistics.median(heaps[:quarter]) - 1

    @property
    def problems(self) -> list[str]:
        found = [
            f"{self.growth:.1%} more memory" if self.growth > MOST_GROWTH else "",
            f"{self.reloads} reloads" if self.reloads else "",
            "too few samples" if len(self.samples) < 4 else "",
            *(f"empty screen at {at:.0f} s" for at, _, c, _ in self.samples if c < LEAST_CONTRAST),
            *(f"{what}: on after {s:.1f} s" for what, s in self.resumed if s > RESUMED_S),
            *self.errors,
        ]
        return [one for one in found if one]

    def describe(self) -> str:
        heaps = [heap for _, heap, _, _ in self.samples]
        slowest: dict[str, float] = {}
        for what, s in self.resumed:
            slowest[what] = max(slowest.get(what, 0.0), s)
        times = {what: sum(w == what for w, _ in self.resumed) for what in slowest}
        lines = [
            f"{self.seconds:.0f} s, {self.sent:,} events sent, {self.patches:,} patches shown",
            f"heap {heaps[0]:.1f} to {heaps[-1]:.1f} MB, growth {self.growth:+.1%} "
            f"(under {MOST_GROWTH:.0%})",
            f"DOM nodes {self.samples[0][3]:.0f} to {self.samples[-1][3]:.0f}",
            f"least contrast {min(c for _, _, c, _ in self.samples):.1f} (over {LEAST_CONTRAST})",
            *(
                f"{what}: {times[what]} times, on again after {s:.1f} s at most ({RESUMED_S:.0f})"
                for what, s in slowest.items()
            ),
        ]
        return "\n".join(lines)


class _Sender:
    """Sends events without end; a server that is not there is tried again."""

    def __init__(self, url: str) -> None:
        self.url, self.sent, self.stopped = url, 0, threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self.stopped.set()
        self._thread.join(20)

    def _run(self) -> None:
        doors: list[str] = []
        due = time.monotonic()
        with httpx.Client(base_url=self.url, timeout=5, trust_env=False) as client:
            while not self.stopped.is_set():
                due = max(due + 2 / RATE, time.monotonic() - 1)
                self.stopped.wait(max(0.0, due - time.monotonic()))
                try:
                    if not doors:
                        doors = list(client.get("/api/v1/snapshot").json()["layers"]["entrances"])
                    picked = [doors[(self.sent + k) * 7 % len(doors)] for k in range(2)]
                    answer = client.post(
                        "/api/v1/events",
                        json=[_access(door) for door in picked],
                        headers={"authorization": f"Bearer {TOKEN}"},
                    )
                    self.sent += len(picked) if answer.status_code == 200 else 0
                except (httpx.HTTPError, KeyError, ValueError):
                    self.stopped.wait(0.3)


def _access(door: str) -> dict[str, Any]:
    return {
        "event_id": f"soak-{uuid4()}",
        "kind": "access",
        "subject": {"layer": "entrances", "id": door},
        "observed_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "data": {"method": "face", "direction": "in"},
    }


class Soak:
    """One wall in a browser, its server, the line between them.

    Args:
        page: An empty page.
        app: A server that runs.
        line: The line to it.
    """

    def __init__(self, page: Page, app: ServedApp, line: CuttableLine) -> None:
        self.page, self.app, self.line = page, app, line
        self.report = Report()
        self.cdp: CDPSession = page.context.new_cdp_session(page)
        self.began = time.monotonic()

    def open(self) -> None:
        """Show the wall with its tour, and wait until it is drawn."""
        self.page.on("pageerror", lambda error: self.report.errors.append(str(error)[:300]))
        self.page.goto(f"{self.line.url}/wall?theme=dark&tour&mute", timeout=120_000)
        self.page.wait_for_selector("#twin-map[data-ready=true]", state="attached", timeout=180_000)
        self.page.evaluate("() => { globalThis.soaked = true; }")

    def sample(self) -> None:
        """Measure memory after a collection, and look at the picture."""
        self.cdp.send("HeapProfiler.collectGarbage")
        usage = self.cdp.send("Runtime.getHeapUsage")
        nodes = self.page.evaluate("() => document.querySelectorAll('*').length")
        picture = Image.open(BytesIO(self.page.screenshot(timeout=120_000))).convert("L")
        pixels = np.asarray(picture).astype(float)
        white = pixels.mean() > 245
        self.report.samples.append(
            (
                time.monotonic() - self.began,
                usage["usedSize"] / 2**20,
                0.0 if white else float(pixels.std()),
                float(nodes),
            )
        )

    def kill_server(self) -> None:
        """Kill the server while the wall looks, start it again, and wait until the wall goes on."""
        self.app.kill()
        self._look_while_lost()
        self.app.start()
        self._wait_until_on("server killed")

    def cut_line(self) -> None:
        """Cut the line for a while."""
        self.line.cut()
        self._look_while_lost()
        self.line.mend()
        self._wait_until_on("line cut")

    def lose_context(self) -> None:
        """Take the graphics context away, as a driver that crashes does."""
        healed = self.page.evaluate("() => twin.map.healed")
        self.page.evaluate(
            """() => document.querySelector("canvas.twin-canvas").getContext("webgl2")
              ?.getExtension("WEBGL_lose_context")?.loseContext()"""
        )
        self._wait("context lost", f"() => twin.map.healed > {healed} && twin.map.viewport")

    def _look_while_lost(self) -> None:
        """Make sure that the last picture stays and says how old it is."""
        until = time.monotonic() + PATIENCE_S
        shown = "() => !document.querySelector('.wall-lost')?.hidden"
        while not self.page.evaluate(shown):
            if time.monotonic() > until:
                self.report.errors.append("a wall that was cut off did not say so")
                break
            self.page.wait_for_timeout(100)
        self.page.wait_for_timeout(CUT_S * 500)
        self.sample()

    def _wait_until_on(self, what: str) -> None:
        seen = self.page.evaluate("() => twin.store.patches")
        self._wait(what, f"() => twin.store.patches > {seen} && twin.state === 'live'")

    def _wait(self, what: str, script: str) -> None:
        began = time.monotonic()
        while not self.page.evaluate(script):
            if time.monotonic() - began > PATIENCE_S:
                break
            self.page.wait_for_timeout(50)
        self.report.resumed.append((what, time.monotonic() - began))

    def finish(self) -> Report:
        """Return what was seen."""
        kept = self.page.evaluate("() => Boolean(globalThis.soaked)")
        self.report.reloads = 0 if kept else 1
        self.report.patches = self.page.evaluate("() => twin.store.patches")
        self.report.seconds = time.monotonic() - self.began
        return self.report


def run_soak(
    page: Page, app: ServedApp, seconds: float, *, every: float, warm_s: float, say: Any = None
) -> Report:
    """Let a wall run while things go wrong in turn.

    Args:
        page: An empty page.
        app: A server that runs, with `TOKEN` as its feed token.
        seconds: How long.
        every: Seconds between two things that go wrong.
        warm_s: Seconds before memory is first measured: everything was shown once by then.
        say: Told a line now and then.
    """
    line = CuttableLine(app.port).start()
    sender = _Sender(app.url)
    sender.start()
    soak = Soak(page, app, line)
    try:
        soak.open()
        soak.lose_context()
        page.wait_for_timeout(warm_s * 1000)
        until = time.monotonic() + seconds
        steps = [soak.cut_line, soak.kill_server]
        turn = 0
        while time.monotonic() < until:
            soak.sample()
            if say is not None and turn % 4 == 0:
                at, heap, contrast, nodes = soak.report.samples[-1]
                say(f"{at:6.0f} s  heap {heap:.1f} MB  contrast {contrast:.0f}  nodes {nodes:.0f}")
            page.wait_for_timeout(every * 500)
            soak.sample()
            steps[turn % len(steps)]()
            turn += 1
            page.wait_for_timeout(every * 500)
        soak.sample()
        report = soak.finish()
    finally:
        sender.stop()
        line.stop()
    report.sent = sender.sent
    return report


def main(argv: list[str] | None = None) -> int:
    """Run it from the command line; exit 1 when something was wrong."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(prog="soak", description=__doc__)
    long = float(os.environ.get("SECONDS_LONG") or 7200)
    parser.add_argument("--seconds", type=float, default=long)
    seconds = parser.parse_args(argv).seconds
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        environ = {"TWIN_FEED_TOKEN": TOKEN}
        app = ServedApp(("demo",), find_free_port(), Path(folder), environ)
        app.start()
        flags = [*launch_flags(), *GL_FLAGS, "--enable-precise-memory-info"]
        browser = playwright.chromium.launch(executable_path=find_chromium(os.environ), args=flags)
        try:
            page = browser.new_page(viewport=SIZE)
            every = min(120.0, max(15.0, seconds / 20))
            report = run_soak(
                page, app, seconds, every=every, warm_s=min(120.0, seconds / 5),
                say=lambda text: print(text, flush=True),
            )  # fmt: skip
        finally:
            browser.close()
            app.kill()
    print(report.describe())
    for problem in report.problems:
        print(f"wrong: {problem}")
    return 1 if report.problems else 0


if __name__ == "__main__":
    sys.exit(main())
