"""One wall: its tour, keys, modes, and a phone that steers it."""

from __future__ import annotations

import pytest

from tests.browser.seeing import settle
from tests.browser.tiny import make_event

pytestmark = pytest.mark.browser

HIDDEN = "(name) => getComputedStyle(document.querySelector(name)).visibility === 'hidden'"


@pytest.fixture(scope="module")
def wall(open_shared_page, tiny):
    settle(tiny)  # what other files left open would take the wall
    address = f"{tiny.url}/wall?theme=dark&steady&mute&wall=page"
    page = open_shared_page(address, width=960, height=540).wait_ready()
    page.run("() => twin.wall.tour.load()")
    page.wait_for(lambda: page.run("() => twin.wall.tour.scenes.length") > 3)
    return page


def _scene(page):
    return page.run("() => twin.wall.tour.state.scene")


def _version(page, number):
    return page.run("(id) => twin.store.layers.incidents[id]?.v ?? null", number)


def _title(page):
    return page.page.locator(".wall-caption-title").text_content()


def test_the_tour_is_steered_by_keys(wall):
    wall.page.keyboard.press("t")
    wall.page.wait_for_selector(".wall-caption:not([hidden])")
    assert _scene(wall) == "overview"
    assert _title(wall) == "社区全景"
    wall.page.keyboard.press("ArrowRight")
    second = _scene(wall)
    assert second != "overview"
    shown = wall.run("() => [...twin.map.view.hidden]")
    assert "devices" in shown, "the scene's own layers"
    wall.page.keyboard.press("ArrowLeft")
    assert _scene(wall) == "overview"
    wall.page.keyboard.press("Space")
    wall.wait_for(lambda: wall.run("() => twin.wall.tour.state.paused"))
    wall.page.keyboard.press("Space")
    wall.wait_for(lambda: not wall.run("() => twin.wall.tour.state.paused"))
    # a scene that has nothing to show is passed over, and the list goes round
    wall.run("() => twin.wall.tour.goto('hot-spots')")
    assert _scene(wall) not in (None, "hot-spots")
    wall.page.keyboard.press("t")
    wall.page.wait_for_selector(".wall-caption", state="hidden")


def test_an_incident_comes_first_and_the_tour_goes_on_afterwards(wall, tiny):
    wall.run("() => twin.wall.tour.goto('gates')")
    tiny.submit(make_event("devices", "sos0", "alarm", type="sos", severity=1))
    wall.page.wait_for_selector(".page-wall.taken-over", timeout=30_000)
    wall.wait_for(lambda: wall.run("() => twin.wall.tour.interrupted"))
    began = wall.run("() => twin.wall.tour.state.at")
    wall.run("() => { twin.wall.tour.sceneOf('gates').seconds = 0; }")
    wall.page.wait_for_timeout(1200)
    assert _scene(wall) == "gates", "nothing moves on meanwhile"
    assert wall.run("() => twin.wall.mode") == "incident"
    # day and night wait as well
    wall.page.keyboard.press("d")
    assert wall.run("() => document.documentElement.dataset.theme") == "dark"

    # it stays until those who come are there, and ends with the incident
    incident = tiny.world.twin.incidents
    number = wall.run("() => twin.takeover.shown")
    for action, given in (("acknowledge", {}), ("resolve", {"outcome": "handled"})):
        assert wall.run("() => document.querySelector('.page-wall').matches('.taken-over')")
        seen = incident.act(number, action, "test", _version(wall, number), given).version
        wall.wait_for(lambda seen=seen: _version(wall, number) in (seen, None))
    settle(tiny)
    wall.page.wait_for_selector(".page-wall:not(.taken-over)", timeout=30_000)
    wall.wait_for(lambda: wall.run("() => twin.wall.tour.state.at") > began)
    assert wall.run("() => twin.wall.tour.state.on")
    wall.wait_for(lambda: wall.run("() => document.documentElement.dataset.theme") == "day")
    wall.wait_for(lambda: wall.run("() => !document.querySelector('.wall-old')"))
    wall.page.keyboard.press("d")
    wall.wait_for(lambda: wall.run("() => document.documentElement.dataset.theme") == "dark")
    wall.run("() => twin.wall.tour.stop()")


def test_visitors_see_the_picture_and_no_figures(wall):
    assert not wall.run(HIDDEN, ".rail-left")
    wall.page.keyboard.press("v")
    for name in (".rail-left", ".rail-right", ".bottom", ".sensing"):
        wall.wait_for(lambda name=name: wall.run(HIDDEN, name))
    assert not wall.run(HIDDEN, ".clock")
    wall.page.keyboard.press("v")
    wall.wait_for(lambda: not wall.run(HIDDEN, ".rail-left"))
    black = "() => Number(getComputedStyle(document.querySelector('.wall-black')).opacity)"
    wall.page.keyboard.press("b")
    wall.wait_for(lambda: wall.run(black) == 1)
    wall.page.keyboard.press("b")
    wall.wait_for(lambda: wall.run(black) == 0)


def test_tools_go_when_nobody_is_there(wall):
    wall.page.mouse.move(200, 200)
    wall.wait_for(lambda: not wall.run(HIDDEN, ".wall-tools"))
    wall.wait_for(lambda: wall.run(HIDDEN, ".wall-tools"))
    assert wall.run("() => getComputedStyle(document.querySelector('.card')).cursor") == "none"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_phone_steers_the_wall(wall, open_page, tiny, language):
    wall.page.keyboard.press("q")
    image = wall.page.wait_for_selector(".wall-pair-image")
    assert image.get_attribute("src").startswith("data:image/svg+xml")
    code = wall.page.locator(".wall-pair-code").text_content().replace(" ", "")
    phone = open_page(f"{tiny.url}/remote?lang={language}#code={code}", width=390, height=844)
    phone.page.wait_for_selector("[data-remote=keys]:not([hidden])")
    assert code not in phone.page.url
    wall.page.wait_for_selector(".wall-pair", state="hidden")
    small = phone.run(
        """() => [...document.querySelectorAll(".remote button, .remote a")]
          .filter((n) => n.checkVisibility())
          .map((n) => [n.textContent, n.getBoundingClientRect()])
          .filter(([, box]) => box.width < 48 || box.height < 48).map(([text]) => text)"""
    )
    assert small == []
    assert phone.run("() => document.scrollingElement.scrollWidth <= innerWidth")
    phone.page.click("[data-do=play]")
    wall.wait_for(lambda: wall.run("() => twin.wall.tour.state.on"))
    before = _scene(wall)
    phone.page.click("[data-do=next]")
    wall.wait_for(lambda: _scene(wall) != before)
    phone.page.click("[data-scene=parking]")
    wall.wait_for(lambda: _scene(wall) == "parking")
    phone.page.click("[data-switch=visitors]")
    wall.wait_for(lambda: wall.run(HIDDEN, ".rail-left"))
    phone.page.wait_for_selector("[data-switch=visitors][aria-pressed=true]")
    phone.page.click("[data-switch=visitors]")
    wall.wait_for(lambda: not wall.run(HIDDEN, ".rail-left"))
    wall.run("() => twin.wall.tour.stop()")
    # the wall ends it
    phone.allowed = ("401",)
    wall.run("() => fetch(twin.wall.pair.url, { method: 'DELETE' })")
    phone.page.wait_for_selector("[data-remote=pair]:not([hidden])")
    # a code that was used opens nothing
    phone.allowed = ("401", "403")
    phone.page.fill("#remote-code", code)
    phone.page.click("[data-remote=pair] button")
    text = {"zh": "配对码已失效", "en": "This code is void"}[language]
    phone.page.wait_for_selector(f"[data-remote=status]:has-text('{text}')")
