"""The first drawn frame of the wall against a bare deck.gl page with the same binary data."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dashboard.bundle import load_bundle
from geodata.community import Community, load_community
from geodata.sample import write_sample
from tests.bench.report import Line
from tests.browser.worlds import RunningWorld

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROUNDS = 5
MARK = "performance.getEntriesByName('twin-first-frame')"


def measure_first_frame(browser: Browser) -> list[Line]:
    """Return time and bytes to the first frame with everything fixed in it, as ratios."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_sample(folder / "sample.gpkg")
        community: Community = load_community(folder / "sample.gpkg")
        world = RunningWorld(community, folder, folder / "bench.db").start()
        bundle = load_bundle(folder / "cache").url
        bare = (Path(__file__).parent / "bare.html").read_text(encoding="utf-8")
        try:
            ours, theirs = [], []
            for _ in range(ROUNDS):  # in turn, so that both meet the same machine
                theirs.append(_load(browser, f"{world.url}/bare", bare.replace("BUNDLE", bundle)))
                ours.append(_load(browser, f"{world.url}/wall?theme=dark", None))
        finally:
            world.stop()
    time_ours, time_bare = (statistics.median(t for t, _ in runs) for runs in (ours, theirs))
    bytes_ours, bytes_bare = (statistics.median(b for _, b in runs) for runs in (ours, theirs))
    return [
        Line("first frame, time: wall / bare page", time_ours / time_bare, 1.5),
        Line("first frame, bytes: wall / bare page", bytes_ours / bytes_bare),
        Line(f"  wall {time_ours:,.0f} ms and {bytes_ours / 1e6:.2f} MB, "
             f"bare page {time_bare:,.0f} ms and {bytes_bare / 1e6:.2f} MB"),
    ]  # fmt: skip


def _load(browser: Browser, url: str, html: str | None) -> tuple[float, float]:
    """Return milliseconds to the first frame and bytes that came over the wire, cache empty."""
    context = browser.new_context(viewport={"width": 640, "height": 360})
    page = context.new_page()
    if html is not None:
        page.route("**/bare", lambda route: route.fulfill(body=html, content_type="text/html"))
    total = 0.0

    def add(event: Any) -> None:
        nonlocal total
        total += event["encodedDataLength"]

    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.loadingFinished", add)
    page.goto(url, wait_until="commit")
    for _ in range(1200):
        if page.evaluate(f"{MARK}.length"):
            break
        page.wait_for_timeout(100)
    taken: float = page.evaluate(f"{MARK}[0].startTime")
    context.close()
    return taken, total
