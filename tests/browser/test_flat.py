"""Without WebGL there is a flat map of the same data, live and clickable."""

from __future__ import annotations

import pytest

from tests.browser.tiny import BLOCKS, POINTS, make_event

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def flat_browser(launch):
    """A Chromium that cannot draw WebGL at all."""
    return launch("--disable-gpu", "--disable-3d-apis")


@pytest.fixture(params=["asked for", "no WebGL"])
def flat_map(request, open_page, tiny):
    if request.param == "asked for":
        return open_page(f"{tiny.url}/manage?theme=dark&flat=1").wait_ready()
    using = request.getfixturevalue("flat_browser")
    page = open_page(f"{tiny.url}/manage?theme=dark", using=using).wait_ready()
    assert page.run("() => document.createElement('canvas').getContext('webgl2')") is None
    return page


def _colour(page, at):
    return page.run(
        """([x, y]) => {
          const canvas = document.querySelector("canvas.twin-canvas");
          const ratio = canvas.width / canvas.clientWidth;
          const ink = canvas.getContext("2d");
          return [...ink.getImageData(Math.round(x * ratio), Math.round(y * ratio), 1, 1).data];
        }""",
        at,
    )[:3]


def _place(page, layer, feature):
    return page.run(
        """([layer, id]) => {
          const { meta, columns } = twin.map.tables[layer];
          const row = meta.ids.indexOf(id);
          if (!columns.starts) {
            return twin.map.project(columns.positions[row * 3], columns.positions[row * 3 + 1]);
          }
          let [x, y] = [0, 0];
          const [from, to] = [columns.starts[row], columns.starts[row + 1] - 1];
          for (let v = from; v < to; v++) {
            x += columns.positions[v * 3] / (to - from);
            y += columns.positions[v * 3 + 1] / (to - from);
          }
          return twin.map.project(x, y);
        }""",
        [layer, feature],
    )[:2]


def test_flat_map_is_the_same_community(flat_map, tiny):
    assert flat_map.page.locator("canvas.twin-canvas.flat").count() == 1
    assert flat_map.calls("/vendor/deck-") == 0, "it loaded a bundle that it cannot use"
    flat_map.page.add_style_tag(content=".page { visibility: hidden }")
    flat_map.run("() => { twin.map.fit({left: 0, right: 0, top: 0, bottom: 0}); }")
    flat_map.settle()
    for name in BLOCKS:
        middle = _place(flat_map, "buildings", name)
        assert _colour(flat_map, middle) == [93, 104, 117], name
    for layer, rows in POINTS.items():
        drawn = flat_map.run("(layer) => twin.map.tables[layer].meta.ids", layer)
        assert drawn == [key for key, *_, more in rows if more.get("kind") != "water_meter"]

    at = _place(flat_map, "gates", "g1")
    tiny.submit(make_event("gates", "g1", "alarm", type="forced", severity=3))
    flat_map.wait_for(lambda: _colour(flat_map, at) == [255, 90, 79])
    tiny.submit(make_event("gates", "g1", "status", state="closed"))
    flat_map.wait_for(lambda: _colour(flat_map, at) != [255, 90, 79])

    flat_map.page.mouse.click(*_place(flat_map, "buildings", "tall"))
    flat_map.page.wait_for_selector("[data-detail-id=tall]", state="attached")
    flat_map.page.mouse.click(*_place(flat_map, "entrances", "d0"))
    flat_map.page.wait_for_selector("[data-detail-id=d0]", state="attached")


def test_flat_map_says_that_it_is_flat(open_page, tiny):
    page = open_page(f"{tiny.url}/manage?lang=en&flat=1")
    page.page.wait_for_selector("[data-loading] .loading-title", state="attached")
    said = page.wait_for(lambda: page.page.locator(".loading-title").text_content())
    page.wait_ready()
    said = page.page.locator(".loading-title").text_content()
    assert "WebGL" in said
