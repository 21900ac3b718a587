"""From a click to its panel, among 5,000 buildings and 3,000 devices."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.report import Line
from tests.bench.town import make_town
from tests.browser.worlds import RunningWorld

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CLICKS = 40
CLIENT_GOAL_MS = 200
WHOLE_GOAL_MS = 500

SCRIPT = """async (clicks) => {
  const taken = [];
  for (let k = 0; k < clicks; k++) {
    const [layer, id] = k % 2 ? ["devices", `d-${k * 71}`] : ["buildings", `b-${k * 113}`];
    performance.clearResourceTimings();
    const began = performance.now();
    twin.pick({ layer, id, name: "" });
    while (!document.querySelector(`[data-detail-id="${id}"]`)) {
      await new Promise((done) => setTimeout(done, 2));
    }
    const shown = performance.now();
    await new Promise((done) => setTimeout(done, 150)); // the browser tells its timings later
    // the slowest question that this click asked of the server before the panel was there
    const asked = performance.getEntriesByType("resource")
      .filter((e) => e.name.endsWith("/_dash-update-component") && e.responseEnd <= shown);
    const server = Math.max(0, ...asked.map((e) => e.responseEnd - e.startTime));
    taken.push([shown - began, server]);
  }
  return taken;
}"""


def measure_panels(browser: Browser) -> list[Line]:
    """Return the upper quartile of click to panel, with the server and without it.

    The flat map is looked at: the scene in software would be timed instead of the panel.
    """
    with tempfile.TemporaryDirectory() as folder:
        world = RunningWorld(make_town(5000, 3000), Path(folder), Path(folder) / "b.db").start()
        try:
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.goto(f"{world.url}/manage?flat=1", wait_until="domcontentloaded")
            page.wait_for_selector("#twin-map[data-ready=true]", state="attached", timeout=180_000)
            page.wait_for_timeout(2000)
            page.evaluate(SCRIPT, 5)
            taken = page.evaluate(SCRIPT, CLICKS)
            page.close()
        finally:
            world.stop()
    whole = statistics.quantiles([t for t, _ in taken], n=4)[2]
    client = statistics.quantiles([t - s for t, s in taken], n=4)[2]
    return [
        Line("click to panel, p75 ms on the client's side", client, CLIENT_GOAL_MS),
        Line("click to panel, p75 ms with the server", whole, WHOLE_GOAL_MS),
    ]
