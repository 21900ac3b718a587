"""A building opens floor by floor: apart in the picture, each to be picked, and closes again."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.browser.conftest import BARE, NO_PADDING
from tests.browser.seeing import find_pixel, look, patch, read_camera
from tests.browser.tiny import BLOCKS, make_event

pytestmark = pytest.mark.browser

X, Y, WIDTH, DEPTH, HEIGHT = BLOCKS["mid"]
STOREYS = 7
PITCH_M = 5.4


@pytest.fixture(scope="module")
def map_page(open_shared_page, tiny):
    page = open_shared_page(
        f"{tiny.url}/manage?theme=dark", width=900, height=640, reduced_motion="reduce"
    ).wait_ready()
    page.page.add_style_tag(content=BARE)
    page.run(f"() => {{ twin.map.fit({NO_PADDING}); }}")
    page.settle()
    return page


@pytest.fixture
def opened(map_page):
    """The building mid, chosen and opened; closed again after the test."""
    map_page.run(
        """async () => {
          twin.pick({ layer: "buildings", id: "mid" });
          await twin.map.openFloors("mid");
        }"""
    )
    map_page.page.wait_for_selector('#twin-map[data-floors="mid apart"]', state="attached")
    map_page.settle()
    yield map_page
    map_page.run("() => { twin.pick(null); twin.map.openFloors(null); }")
    map_page.settle()


def _at(page, floor, above_m, *, east=True):
    """Pixel of a place on the long side that the camera sees, above a floor's lifted slab."""
    looks_north = math.cos(math.radians(read_camera(page)["bearing"])) > 0
    y = Y + (DEPTH / 2 - 0.5) * (-1 if looks_north else 1)
    x = X + WIDTH / 4 * (1 if east else -1)
    return find_pixel(page, x, y, (floor - 1) * PITCH_M + above_m)


def _picked(page):
    return page.run("() => twin.picked && [twin.picked.layer, twin.picked.id]")


def test_floors_stand_apart_in_the_picture(opened):
    open_ = look(opened)
    opened.run("() => twin.map.openFloors(null)")
    whole = look(opened)
    for floor in range(1, STOREYS + 1):
        block = patch(open_, _at(opened, floor, 1.4)).mean(axis=0)
        gap = patch(open_, _at(opened, floor, 4.4)).mean(axis=0)
        assert np.abs(block - gap).max() > 8, f"floor {floor} is not told from the gap above it"
    # the highest stand where there was air, and the body that stood there is gone
    for floor in (5, 6, 7):
        assert (floor - 1) * PITCH_M > HEIGHT - 1
        at = _at(opened, floor, 1.4)
        assert np.abs(patch(open_, at).mean(axis=0) - patch(whole, at).mean(axis=0)).max() > 8
    at = _at(opened, 3, 4.4)
    assert np.abs(patch(open_, at).mean(axis=0) - patch(whole, at).mean(axis=0)).max() > 8


@pytest.mark.parametrize("floor", [1, 4, 7])
def test_each_flat_is_picked_where_its_floor_is(opened, floor):
    names = set()
    for east in (True, False):
        opened.settle()
        opened.page.mouse.click(*_at(opened, floor, 1.4, east=east))
        opened.wait_for(lambda: (_picked(opened) or [""])[0] == "floors")
        building, level, unit, index = _picked(opened)[1].split("/")
        assert (building, level, index) == ("mid", str(floor), "1")
        names.add(unit)
        opened.run("() => twin.pick({ layer: 'buildings', id: 'mid' })")
    assert names == {"1", "2"}
    assert opened.run("() => twin.map.host.dataset.floors") == "mid apart"


def test_chosen_floor_is_marked_beside_and_on_the_building(opened):
    at = _at(opened, 3, 1.4)
    before = patch(look(opened), at).mean(axis=0)
    opened.page.locator('.floor-label[data-floor="3"]').click()
    assert _picked(opened) == ["floors", "mid/3"]
    assert opened.page.locator(".floor-label.chosen").all_text_contents() == ["3F"]
    after = patch(look(opened), at).mean(axis=0)
    assert after[1] - after[0] > before[1] - before[0] + 4, "the chosen floor is not tinted"
    opened.page.locator(".floor-bar").get_by_role("button", name="往上一层").click()
    assert _picked(opened) == ["floors", "mid/4"]


def test_whole_again_and_apart_again(opened):
    top = _at(opened, STOREYS, 1.4)
    apart = patch(look(opened), top).mean(axis=0)
    opened.page.get_by_role("button", name="整栋").click()
    opened.page.wait_for_selector('#twin-map[data-floors="mid whole"]', state="attached")
    whole = patch(look(opened), top).mean(axis=0)
    opened.page.get_by_role("button", name="分层展开").click()
    opened.page.wait_for_selector('#twin-map[data-floors="mid apart"]', state="attached")
    again = patch(look(opened), top).mean(axis=0)
    assert np.abs(apart - whole).max() > 8
    assert again == pytest.approx(apart, abs=3)


def test_doors_tell_their_state_above_their_unit(tiny, opened):
    tiny.submit(make_event("entrances", "d0", "alarm", type="forced", severity=3))
    pins = opened.page.locator(".floor-pin")
    opened.wait_for(lambda: "强开" in "".join(pins.all_text_contents()))
    told = dict(text.split(" 单元") for text in pins.all_text_contents())
    assert told["1"] == "强开"
    assert set(told) == {"1", "2"}
    tiny.submit(make_event("entrances", "d0", "status", state="closed"))
    opened.wait_for(lambda: "强开" not in "".join(pins.all_text_contents()))


def test_a_real_world_keeps_what_its_flats_are(opened):
    asked = [url for url in opened.requests if "/layers/floors" in url]
    assert any("detail=1" in url for url in asked), "the managers' page asks, the server refuses"
    told = opened.run(
        "() => [twin.map.tables.floors.meta.detail, 'tenures' in twin.map.tables.floors.columns]"
    )
    assert told == [False, False]


def test_escape_goes_up_until_the_building_is_closed(opened):
    opened.page.locator('.floor-label[data-floor="3"]').click()
    opened.page.wait_for_timeout(300)
    for _ in range(4):
        if _picked(opened) is None:
            break
        opened.page.keyboard.press("Escape")
        opened.page.wait_for_timeout(300)
    assert _picked(opened) is None
    assert opened.run("() => twin.map.host.dataset.floors ?? null") is None
    assert opened.page.locator(".floor-label").count() == 0


def test_another_choice_closes_it(opened):
    opened.run("() => twin.pick({ layer: 'buildings', id: 'low' })")
    assert opened.run("() => 'floors' in twin.map.tables") is False


def test_a_building_that_is_not_there_opens_nothing(map_page):
    map_page.allowed += ("404",)
    map_page.run("() => twin.map.openFloors('nowhere')")
    assert map_page.run("() => 'floors' in twin.map.tables") is False
