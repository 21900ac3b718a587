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
  const asked = [];
  const fetch = window.fetch;
  // the whole question to the server, from asking to the last byte of the answer
  window.fetch = async (...given) => {
    const question = { from: performance.now(), until: Infinity };
    const response = await fetch(...given);
    const url = String(given[0]?.url ?? given[0]);
    if (!url.includes("/_dash-update-component")) return response;
    asked.push(question);
    const body = await response.arrayBuffer();
    question.until = performance.now();
    return new Response(response.status === 204 ? null : body, {
      status: response.status, headers: response.headers,
    });
  };
  for (let k = 0; k < clicks; k++) {
    const [layer, id] = k % 2 ? ["devices", `d-${k * 71}`] : ["buildings", `b-${k * 113}`];
    asked.length = 0;
    const began = performance.now();
    twin.pick({ layer, id, name: "" });
    while (!document.querySelector(`[data-detail-id="${id}"]`)) {
      await new Promise((done) => setTimeout(done, 2));
    }
    const shown = performance.now();
    const whole = asked.filter((q) => q.until <= shown).map((q) => q.until - q.from);
    // the slowest question that this click asked of the server before the panel was there
    taken.push([shown - began, Math.max(0, ...whole)]);
    await new Promise((done) => setTimeout(done, 150));
  }
  window.fetch = fetch;
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
    assert all(server for _, server in taken), "a panel came without a question to the server"
    whole = statistics.quantiles([t for t, _ in taken], n=4)[2]
    client = statistics.quantiles([t - s for t, s in taken], n=4)[2]
    return [
        Line("click to panel, p75 ms on the client's side", client, CLIENT_GOAL_MS),
        Line("click to panel, p75 ms with the server", whole, WHOLE_GOAL_MS),
    ]
