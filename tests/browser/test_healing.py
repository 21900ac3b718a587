"""What breaks heals by itself: a lost graphics context, a killed server."""

from __future__ import annotations

import numpy as np
import pytest

from tests.browser.seeing import find_mark, look
from tests.browser.tiny import make_event

pytestmark = pytest.mark.browser

KEEP_STATES = """() => {
  // rows are new objects when they change, so that keeping a state means keeping its tables
  const keep = (layers) =>
    Object.fromEntries(Object.entries(layers).map(([name, rows]) => [name, { ...rows }]));
  globalThis.kept = new Map();
  globalThis.sameDocument = true;
  const { store } = twin;
  for (const name of ["patch", "snapshot"]) {
    const inner = store.on[name];
    store.on[name] = (layers, changed) => {
      kept.set(`${store.epoch}-${store.seq}`, keep(layers));
      inner(layers, changed);
    };
  }
}"""
COMPARE = """async (api) => {
  const same = (a, b) => {
    if (a === b) return true;
    if (typeof a !== "object" || typeof b !== "object" || !a || !b) return false;
    const keys = Object.keys(a).filter((k) => a[k] !== null);
    const other = Object.keys(b).filter((k) => b[k] !== null);
    return keys.length === other.length && keys.every((k) => same(a[k], b[k]));
  };
  const snapshot = await (await fetch(`${api}/api/v1/snapshot`, { cache: "no-store" })).json();
  const key = `${snapshot.epoch}-${snapshot.seq}`;
  for (let i = 0; i < 100 && !kept.has(key); i++) await new Promise((d) => setTimeout(d, 50));
  if (!kept.has(key)) return `never came to ${key}`;
  const mine = kept.get(key);
  const wrong = [];
  for (const [layer, rows] of Object.entries(snapshot.layers)) {
    const ids = new Set([...Object.keys(rows), ...Object.keys(mine[layer] ?? {})]);
    for (const id of ids) {
      if (!same(rows[id], mine[layer]?.[id])) {
        wrong.push([layer, id, rows[id], mine[layer]?.[id]]);
      }
    }
  }
  return wrong.slice(0, 3);
}"""


def compare(page):
    """Return what the page has otherwise than the server.

    The moment of a snapshot may be one that a slow page skips, as it is given several patches as
    one: then another snapshot is taken.
    """
    for _ in range(5):
        found = page.run(COMPARE, "")
        if not isinstance(found, str):
            return found
    return found


def test_lost_context_is_healed(bare_map, tiny):
    before = look(bare_map)
    bare_map.run(
        """() => document.querySelector("canvas.twin-canvas").getContext("webgl2")
          .getExtension("WEBGL_lose_context").loseContext()"""
    )
    bare_map.page.wait_for_selector("#twin-map[data-healed='1']", state="attached")
    bare_map.wait_for(lambda: bare_map.run("() => Boolean(twin.map.viewport)"))
    after = look(bare_map)
    assert np.abs(after - before).mean() < 2, "the picture is another one"

    mark = find_mark(bare_map, "entrances", "d0")
    x, y = round(mark[0]), round(mark[1])
    tiny.submit(make_event("entrances", "d0", "alarm", type="forced", severity=3))
    bare_map.wait_for(lambda: bare_map.run("() => twin.store.layers.entrances.d0.s") == "forced")
    around = look(bare_map)[y - 8 : y + 9, x - 8 : x + 9] - np.array([255, 90, 79])
    assert (np.abs(around).max(axis=2) < 30).sum() > 8, "live colours do not reach the new canvas"

    bare_map.page.mouse.click(*mark)
    bare_map.page.wait_for_selector('[data-detail-id="d0"]', state="attached")


def test_server_killed_and_started_again_misses_nothing(serve, open_page):
    app = serve("demo")
    page = open_page(f"{app.url}/manage?theme=dark").wait_ready()
    page.allowed = ("ERR_CONNECTION_REFUSED", "ERR_CONNECTION_RESET", "ERR_INCOMPLETE_CHUNKED",
                    "ERR_EMPTY_RESPONSE", "ERR_SOCKET_NOT_CONNECTED")  # fmt: skip
    page.run(KEEP_STATES)
    epoch = page.run("() => twin.store.epoch")
    page.wait_for(lambda: page.run("() => twin.store.patches") > 3)
    assert compare(page) == []

    app.kill()
    page.wait_for(lambda: page.run("() => twin.host.dataset.connection") == "lost")
    shown = page.page.locator("[data-connection]").first.text_content()
    assert shown != "", "the page must say that it is cut off"
    app.start()
    page.wait_for(lambda: page.run("() => twin.store.epoch") != epoch)
    page.wait_for(lambda: page.run("() => twin.host.dataset.connection") == "live")
    patches = page.run("() => twin.store.patches")
    page.wait_for(lambda: page.run("() => twin.store.patches") > patches + 2)
    assert compare(page) == []
    assert page.run("() => sameDocument"), "the page was loaded anew"
