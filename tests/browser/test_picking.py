"""A click on the map tells what it hit, the first row of each layer included."""

from __future__ import annotations

import pytest

from tests.browser.seeing import find_mark, find_pixel, find_roof
from tests.browser.tiny import POINTS

pytestmark = pytest.mark.browser

FIRST_POINTS = {
    layer: next(key for key, _, _, columns in rows if columns.get("kind") != "water_meter")
    for layer, rows in POINTS.items()
}


def _click(page, at):
    page.run("() => { twin.pick(null); }")
    page.settle()
    page.page.mouse.click(*at)


def _wait_for_panel(page, layer, feature):
    page.page.wait_for_selector(
        f'[data-detail-layer="{layer}"][data-detail-id="{feature}"]', state="attached"
    )
    return page.page.locator(".card-detail h2").text_content()


@pytest.mark.parametrize(("layer", "feature"), FIRST_POINTS.items())
def test_first_row_of_each_layer_of_marks_can_be_picked(bare_map, layer, feature):
    _click(bare_map, find_mark(bare_map, layer, feature))
    name = next(columns["name"] for key, _, _, columns in POINTS[layer] if key == feature)
    assert _wait_for_panel(bare_map, layer, feature) == name
    assert bare_map.run("() => twin.picked.row") == 0


def test_first_building_can_be_picked(bare_map):
    _click(bare_map, find_roof(bare_map, "tall"))
    assert _wait_for_panel(bare_map, "buildings", "tall") == "tall 楼"
    assert bare_map.run("() => twin.picked.row") == 0


def test_empty_ground_picks_nothing(bare_map):
    _click(bare_map, find_pixel(bare_map, 0, 30))
    bare_map.page.wait_for_selector(".card-detail", state="detached")
    assert bare_map.run("() => twin.picked") is None


def test_hidden_layer_is_not_picked(bare_map):
    # a car park stands behind that roof
    bare_map.run("() => ['buildings', 'parking'].forEach((one) => twin.map.show(one, false))")
    _click(bare_map, find_roof(bare_map, "tall"))
    bare_map.page.wait_for_timeout(500)
    assert bare_map.run("() => twin.picked") is None
    bare_map.run("() => ['buildings', 'parking'].forEach((one) => twin.map.show(one, true))")
