"""A service closes: how long until the coverage on the map is drawn in other colours."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from geodata.community import write_community
from tests.bench.report import Line
from tests.bench.takeover import post, record, served
from tests.dashboard.coverage.village import make_village

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SIZE = {"width": 1280, "height": 720}
CHANGES, GOAL_S, WAIT_MS = 24, 1.0, 30_000
WATCH = """() => {
  const { deckgl } = twin.map;
  const before = deckgl.props.onAfterRender;
  deckgl.setProps({ onAfterRender: (...told) => {
    before(...told);
    // a frame drawn after the painter took other states
    if (watch.armed && twin.coverage.painted !== watch.painted) {
      watch.armed = false;
      watch.done((performance.timeOrigin + performance.now()) / 1000);
    }
  } });
  globalThis.watch = { arm() {
    watch.painted = twin.coverage.painted;
    watch.drawn = new Promise((done) => { watch.done = done; });
    watch.armed = true;
  } };
}"""
DRAWN = """(ms) => Promise.race([watch.drawn, new Promise((done) => setTimeout(done, ms, null))])"""


def measure_recolour(browser: Browser) -> list[Line]:
    """Return p50 and p95 in seconds from the post of a service's state to the recoloured frame.

    A village in 3D, as a frame of the sample takes seconds to draw in software; its canteen
    closes and opens in turn.
    """
    with tempfile.TemporaryDirectory() as name:
        village, path = make_village(), Path(name) / "village.gpkg"
        write_community(village.frames, village.meta, path)
        with served(str(path)) as url:
            page = browser.new_page(viewport=SIZE)
            try:
                taken = _measure_changes(page, url)
                frame_ms = page.evaluate("() => twin.map.frameMs")
            finally:
                page.close()
    cuts = statistics.quantiles(taken, n=100, method="inclusive")
    return [
        Line("service closed until the map is recoloured, p50 s", cuts[49]),
        Line("service closed until the map is recoloured, p95 s", cuts[94], GOAL_S),
        Line(
            f"  3D page of a village, {SIZE['width']} x {SIZE['height']}, software GL, "
            f"{frame_ms:.0f} ms a frame, n = {len(taken)}"
        ),
    ]


def _measure_changes(page: Page, url: str) -> list[float]:
    page.goto(f"{url}/manage/coverage?service=canteen&theme=dark", wait_until="domcontentloaded")
    page.wait_for_selector("#twin-map[data-coverage^=canteen]", state="attached", timeout=180_000)
    page.wait_for_timeout(5000)
    page.evaluate(WATCH)
    taken = []
    with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
        for change in range(CHANGES):
            page.wait_for_timeout(1200)  # the mixing of colours is over
            page.evaluate("() => watch.arm()")
            began = time.time()
            state = ("closed", "open")[change % 2]
            post(client, [record("services", "k0", "service", {"state": state})])
            drawn = page.evaluate(DRAWN, WAIT_MS)
            assert drawn is not None, f"{state}: nothing changed on the map"
            taken.append(drawn - began)
    return taken
