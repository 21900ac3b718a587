"""Live patches: they reach the screen without Dash, and never take the camera from a person."""

from __future__ import annotations

import pytest

from tests.browser.seeing import find_pixel, settle
from tests.browser.tiny import make_event

pytestmark = pytest.mark.browser

SPEAKERS = [("entrances", "d0"), ("entrances", "d1"), ("devices", "sos0")]


@pytest.fixture(scope="module")
def wall(open_shared_page, tiny):
    settle(tiny)  # what other files left open would take the wall
    return open_shared_page(f"{tiny.url}/wall?theme=dark", width=1000, height=620).wait_ready()


def _stir(page, world, seconds):
    """Let the world change ten times a second, and return how many patches the page took."""
    before = page.run("() => twin.store.patches")
    for tick in range(int(seconds * 10)):
        layer, subject = SPEAKERS[tick % 3]
        state = ("fault", "ok") if layer == "devices" else ("held", "closed")
        world.submit(make_event(layer, subject, "status", state=state[tick // 3 % 2]))
        page.page.wait_for_timeout(100)
    return page.run("() => twin.store.patches") - before


# first of all: what goes wrong below takes the wall, and the camera with it
def test_camera_stays_where_a_person_put_it(wall, tiny):
    # drawing in software is too slow for the idle drift; let the wall believe it is fast
    wall.run("() => Object.defineProperty(twin.map, 'frameMs', { get: () => 1, set() {} })")
    bearing = wall.run("() => twin.map.camera.view.bearing")
    wall.wait_for(lambda: wall.run("() => twin.map.camera.view.bearing") != bearing)

    x, y = find_pixel(wall, 0, 0)
    wall.page.mouse.move(x, y)
    wall.page.mouse.down()
    wall.page.mouse.move(x + 40, y + 25, steps=4)
    held = wall.run("() => twin.map.deckgl.getViewports()[0].bearing")
    _stir(wall, tiny, 1)
    assert wall.run("() => twin.map.deckgl.getViewports()[0].bearing") == held
    wall.page.mouse.up()
    wall.page.wait_for_timeout(600)  # the little that it coasts on

    left = wall.run("() => ({ ...twin.map.camera.view })")
    assert _stir(wall, tiny, 3) > 5
    wall.run("() => twin.fit()")  # as a panel that grows would
    wall.page.wait_for_timeout(300)
    assert wall.run("() => ({ ...twin.map.camera.view })") == left
    seen = wall.run(
        "() => { const v = twin.map.deckgl.getViewports()[0]; return [v.longitude, v.bearing]; }"
    )
    assert seen == pytest.approx([left["longitude"], left["bearing"]])


def test_patches_pass_no_dash_callback(wall, tiny):
    calls = wall.calls("/_dash-update-component")
    fetched = len(wall.requests)
    assert _stir(wall, tiny, 5) > 10
    assert wall.calls("/_dash-update-component") == calls
    # its clock and its own health it tells by themselves, whatever comes
    asked = [url for url in wall.requests[fetched:] if "/api/v1/wall" not in url]
    assert asked == [], "a patch made the page ask for something"


def test_page_holds_what_the_server_holds(wall, tiny):
    _stir(wall, tiny, 1)
    wall.wait_for(lambda: _rows(wall) == _rows_of(tiny.snapshot()))


def _rows(page):
    return _rows_of(page.run("() => twin.store.layers"))


def _rows_of(layers):
    return {name: layers[name] for name in ("entrances", "gates", "devices", "parking", "services")}


def test_figures_follow_the_state(wall, tiny):
    forced = wall.page.locator("[data-bind='counters.doors.forced']").first
    before = int(forced.text_content())
    tiny.submit(make_event("entrances", "d2", "alarm", type="forced", severity=3))
    wall.wait_for(lambda: forced.text_content() == str(before + 1))
    first = wall.page.locator("[data-list=attention] > li").first
    assert "三单元" in first.text_content()
    tiny.submit(make_event("entrances", "d2", "status", state="closed"))
    wall.wait_for(lambda: forced.text_content() == str(before))
