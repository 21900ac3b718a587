"""Five hundred alarms in a minute: few rows, nothing lost, pages that still answer."""

from __future__ import annotations

import os
import statistics
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geodata.community import Community
from live.events import Event, stable_id, utc_now
from tests.bench.report import Line
from tests.bench.town import make_town
from tests.browser.worlds import RunningWorld
from tests.chromium import find_chromium
from tests.conftest import launch_flags

if TYPE_CHECKING:
    from playwright.sync_api import Browser, CDPSession, Page

ALARMS, MINUTE_S = 500, 60.0
MOST_ROWS = 50
CALLS = {
    "sos_pole": "sos", "smoke_alarm": "smoke", "waste_bin": "fire", "charging_pile": "overheat",
}  # fmt: skip
PAGES = {"desk": "/manage/incidents", "wall": "/wall?theme=dark&flat=1"}
WATCH = """() => {
  const watch = globalThis.watch = { gaps: [] };
  let last = performance.now();
  const look = () => {
    const now = performance.now();
    watch.gaps.push(now - last);
    last = now;
    requestAnimationFrame(look);
  };
  look();
}"""
CLICK = """() => {
  // a click on a row until the frame that shows it chosen was painted
  const rows = [...document.querySelectorAll(".desk-what")];
  const row = rows[Math.floor(Math.random() * Math.min(10, rows.length))];
  const began = performance.now();
  row.click();
  return new Promise((done) => requestAnimationFrame(() => {
    const paint = new MessageChannel();
    paint.port1.onmessage = () => done(performance.now() - began);
    paint.port2.postMessage(null);
  }));
}"""
COUNTED = """() => {
  const rows = Object.values(globalThis.twin.store.layers.incidents);
  return rows.reduce((sum, row) => sum + row.n, 0);
}"""


def measure_flood(browser: Browser) -> list[Line]:
    """Return how the desk and the flat wall bear it, how few rows there are and what was lost.

    In a browser that draws pages without a GPU: software GL would be timed instead. How busy a
    page is is processor time of its main thread, which a busy machine does not stretch.
    """
    browser = browser.browser_type.launch(
        executable_path=find_chromium(os.environ), args=[*launch_flags(), "--disable-gpu"]
    )
    try:
        desk = _measure(browser, "desk")
        wall = _measure(browser, "wall")
    finally:
        browser.close()
    lines = [
        Line(f"{ALARMS} alarms in a minute: rows on the desk", desk["rows"], MOST_ROWS),
        Line("  alarms that are in no incident", desk["lost"], 0),
        Line("  alarms that the desk does not count", desk["uncounted"], 0),
        Line("  click on a row until it is painted, p95 ms", _p95(desk["clicks"]), 200),
    ]
    for name, one in (("desk", desk), ("wall", wall)):
        lines += [
            Line(f"  {name}: main thread busy, share of the minute", one["busy"], 0.5),
            Line(f"  {name}: frame to frame, p95 ms", _p95(one["gaps"]), 100),
        ]
    return lines


def _measure(browser: Browser, name: str) -> dict[str, Any]:
    """Flood a world of its own while one page shows it."""
    with tempfile.TemporaryDirectory() as folder:
        world = RunningWorld(_make_town(), Path(folder), Path(folder) / "b.db").start()
        try:
            page = _open(browser, world.url + PAGES[name])
            watch = page.context.new_cdp_session(page)
            watch.send("Performance.enable", {"timeDomain": "threadTicks"})
            before, began = _busy(watch), time.monotonic()
            clicks = _flood(world, page, clicking=name == "desk")
            told = {
                "busy": (_busy(watch) - before) / (time.monotonic() - began),
                "gaps": page.evaluate("() => watch.gaps"),
                "clicks": clicks,
            }
            if name == "desk":
                shown = page.inner_text("[data-desk-shown]")
                assert str(ALARMS) in shown, f"the desk does not tell of all {ALARMS}: {shown!r}"
                told["rows"] = page.locator("[data-desk-rows] tr[data-id]").count()
                told["uncounted"] = ALARMS - page.evaluate(COUNTED)
            found = world.world.twin.incidents.open()
            told["lost"] = ALARMS - len({c["id"] for one in found for c in one.causes.values()})
            page.close()
        finally:
            world.stop()
    return told


def _busy(watch: CDPSession) -> float:
    metrics = watch.send("Performance.getMetrics")["metrics"]
    return float(next(one["value"] for one in metrics if one["name"] == "TaskDuration"))


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20, method="inclusive")[18]


def _open(browser: Browser, url: str) -> Page:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(url, wait_until="domcontentloaded")
    page.wait_for_function(
        "() => globalThis.twin?.page && twin.store?.layers?.devices", timeout=120_000
    )
    page.wait_for_timeout(3000)
    page.evaluate(WATCH)
    return page


def _flood(world: RunningWorld, page: Page, *, clicking: bool) -> list[float]:
    """Send the alarms over a minute while somebody clicks at the desk; return times of clicks."""
    sender = threading.Thread(target=_send, args=(world,))
    sender.start()
    clicks = []
    while sender.is_alive():
        page.wait_for_timeout(3000)
        if clicking:
            clicks.append(page.evaluate(CLICK))
    page.wait_for_timeout(2000)
    return clicks


def _send(world: RunningWorld) -> None:
    kinds = world.world.community["devices"]["kind"].tolist()
    began = time.monotonic()
    for n in range(ALARMS):
        time.sleep(max(0.0, began + n * MINUTE_S / ALARMS - time.monotonic()))
        world.submit(_alarm(n, CALLS[kinds[n]]))


def _alarm(n: int, kind: str) -> Event:
    now = utc_now()
    data: dict[str, Any] = {"type": kind}
    return Event(stable_id("flood", n), "alarm", "bench", "devices", f"d-{n}", now, now, data=data)


def _make_town() -> Community:
    """Return a town where every device may call."""
    town = make_town(400, ALARMS)
    devices = town["devices"].copy()
    kinds = list(CALLS)
    devices["kind"] = [kinds[k % len(kinds)] for k in range(len(devices))]
    return replace(town, frames=town.frames | {"devices": devices}, digest=f"{town.digest}-flood")
