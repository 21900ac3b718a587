"""Looks at a page: its camera, its picture, and where on it a place appears."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from tests.browser.oracle import project
from tests.browser.tiny import BLOCKS, make_event, place_of, to_degrees
from tests.browser.worlds import RunningWorld
from tests.watched import WatchedPage

Picture = npt.NDArray[np.int64]

LIFTS_M = {
    "entrances": 2.2,
    "gates": 4.5,
    "plate_cameras": 5.5,
    "devices": 2.5,
    "services": 3.0,
    "parking": 1.2,
}
"""How high above ground the middle of a mark floats (layers/marks.py)."""


def rest(page: WatchedPage) -> None:
    """Wait until Dash has drawn the page and it stays as it is for a moment, clocks apart."""
    page.page.wait_for_selector("#twin-page")
    page.run(
        """async () => {
          // a frame that began after now: the page has heard of its size
          for (let n = 0; n < 2; n++) await new Promise(requestAnimationFrame);
          let changed = performance.now();
          const watcher = new MutationObserver(() => {
            changed = performance.now();
          });
          watcher.observe(document.body, { childList: true, subtree: true });
          const began = changed;
          // ages and clocks tick once a second, so that there is always half a second of peace
          while (performance.now() - changed < 400 && performance.now() - began < 8000) {
            await new Promise((done) => setTimeout(done, 50));
          }
          watcher.disconnect();
        }"""
    )


def read_camera(page: WatchedPage) -> dict[str, Any]:
    """Return the view that the page's map has now."""
    camera: dict[str, Any] = page.run("() => twin.map.camera.withPadding(twin.map.camera.view)")
    return camera


def look(page: WatchedPage) -> npt.NDArray[np.int64]:
    """Return the picture of a page, shape (height, width, 3)."""
    page.settle()
    png = page.page.screenshot(timeout=60_000)
    return np.asarray(Image.open(BytesIO(png)).convert("RGB")).astype(np.int64)


def find_pixel(page: WatchedPage, x: float, y: float, z_m: float = 0.0) -> tuple[float, float]:
    """Return where metres from the tiny community's middle must appear, by the oracle."""
    size = page.page.viewport_size
    assert size is not None
    return project(read_camera(page), (size["width"], size["height"]), *to_degrees(x, y), z_m)


def find_roof(page: WatchedPage, building: str) -> tuple[float, float]:
    """Return the pixel of the middle of a building's roof."""
    x, y, _, _, height = BLOCKS[building]
    return find_pixel(page, x, y, height)


def find_mark(page: WatchedPage, layer: str, feature: str) -> tuple[float, float]:
    """Return the pixel of a point feature's mark."""
    return find_pixel(page, *place_of(layer, feature), LIFTS_M[layer])


def patch(picture: Picture, at: tuple[float, float], reach: int = 2) -> Picture:
    """Return the pixels around one, shape (n, 3)."""
    x, y = round(at[0]), round(at[1])
    return picture[y - reach : y + reach + 1, x - reach : x + reach + 1].reshape(-1, 3)


def settle(tiny: RunningWorld) -> None:
    """Deal with everything that is open, and with what called."""
    incidents = tiny.world.twin.incidents
    for one in incidents.open():
        for action in ("acknowledge", "resolve", "close"):
            now = incidents.get(one.id)
            if action == "acknowledge" and now.state != "new":
                continue
            if action == "resolve" and now.state == "resolved":
                continue
            incidents.act(one.id, action, "li", now.version, {"outcome": "handled"})
    tiny.submit(
        make_event("devices", "sos0", "status", state="ok"),
        make_event("entrances", "d0", "status", state="closed"),
    )
