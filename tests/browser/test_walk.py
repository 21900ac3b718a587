"""From the community to a door and back: by keyboard alone, by mouse, by an address."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.seeing import find_roof, read_camera, rest
from tests.browser.tiny import GRIDS, PLATE, yesterday

pytestmark = pytest.mark.browser

SIZE: dict[str, Any] = {"width": 1000, "height": 640, "reduced_motion": "reduce"}
"""Small, and flights at once: drawing in software is slow."""

WAY = [("grids", "east"), ("buildings", "mid"), ("entrances", "d0")]
OFF = ["parking", "services"]
NAMES = [GRIDS["east"][0], "mid 楼", "一单元"]
COMMUNITY = {"zh": "小小社区", "en": "Tiny"}


@pytest.fixture(scope="module", params=["zh", "en"])
def map_page(request, open_shared_page, tiny):
    """The managers' page, in one language with the scene and in the other with the flat map."""
    more = {"zh": "theme=dark", "en": "lang=en&flat=1"}[request.param]
    return open_shared_page(f"{tiny.url}/manage?{more}", **SIZE).wait_ready()


@pytest.fixture
def home(map_page):
    """The same page with nothing chosen and the whole community in view."""
    map_page.run("() => { twin.home(); }")
    map_page.page.wait_for_selector(".card-detail", state="detached")
    map_page.settle()
    return map_page


def _expect(page, depth):
    """Wait until the panel, the breadcrumb, the address and the map agree on a step of the way."""
    if depth == 0:
        page.page.wait_for_selector(".card-detail", state="detached")
        page.wait_for(lambda: page.run("() => twin.picked") is None)
        assert "#at=" not in page.page.url
        return
    layer, key = WAY[depth - 1]
    page.page.wait_for_selector(f"[data-detail-layer='{layer}'][data-detail-id='{key}']")
    crumbs = page.page.locator(".crumbs .crumb").all_text_contents()
    language = page.run("() => twin.place.lang")
    assert crumbs == [COMMUNITY[language], *NAMES][: depth + 1]
    assert page.page.locator(".crumbs [aria-current=page]").text_content() == crumbs[-1]
    assert f"#at={layer}/{key}" in page.page.url
    picked = page.run("() => twin.map.view.selection")
    assert (picked["layer"], picked["id"]) == (layer, key)


def _tab_to(page, selector, most=120):
    """Press Tab until what a selector means has the focus, and shows that it has."""
    for _ in range(most):
        page.page.keyboard.press("Tab")
        if page.run("(s) => document.activeElement.matches(s)", selector):
            outline = page.run("() => getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", f"one cannot see the focus on {selector}"
            return
    pytest.fail(f"{most} times Tab do not lead to {selector}")


def _goto(layer, key):
    return f"button[data-goto-layer='{layer}'][data-goto-id='{key}']"


def _is_flat(page):
    return page.run("() => Boolean(twin.map.flat)")


def test_walk_by_keyboard_alone(home):
    for depth, step in enumerate(WAY, 1):
        _tab_to(home, _goto(*step))
        home.page.keyboard.press("Enter")
        _expect(home, depth)
    for depth in (2, 1, 0):
        home.page.keyboard.press("Escape")
        _expect(home, depth)
    # back down by the search box, and up two levels at once by the breadcrumb
    home.page.keyboard.press("/")
    home.page.keyboard.type("一单元")
    option = home.page.locator("#find-list [aria-selected=true]")
    option.wait_for()
    home.page.keyboard.press("Enter")
    _expect(home, 3)
    _tab_to(home, f".crumbs {_goto('grids', 'east')}")
    home.page.keyboard.press("Space")
    _expect(home, 1)


def test_walk_by_mouse(home):
    home.page.click(f".card-areas {_goto('grids', 'east')}")
    _expect(home, 1)
    home.settle(1500)  # a frame of the flight may take longer than the usual moment of peace
    if _is_flat(home):
        home.page.click(f".card-detail {_goto('buildings', 'mid')}")
    else:
        home.page.mouse.click(*find_roof(home, "mid"))
    _expect(home, 2)
    home.page.click(f".card-detail {_goto('entrances', 'd0')}")
    _expect(home, 3)
    for depth in (2, 1, 0):
        home.page.go_back()
        _expect(home, depth)
    for depth in (1, 2, 3):
        home.page.go_forward()
        _expect(home, depth)
    home.page.click(f".crumbs {_goto('buildings', 'mid')}")
    _expect(home, 2)
    home.page.click(".crumbs button >> nth=0")
    _expect(home, 0)
    if not _is_flat(home):
        home.settle()
        home.page.mouse.click(*find_roof(home, "tall"))
        home.page.wait_for_selector("[data-detail-layer=buildings][data-detail-id=tall]")


def test_address_brings_back_the_view(home, open_page, tiny):
    home.page.click(f".card-areas {_goto('grids', 'east')}")
    _expect(home, 1)
    home.page.click(f".card-detail {_goto('entrances', 'd0')}")
    _expect(home, 3)
    switches = [home.page.locator(f"[role=switch][data-layer={name}]") for name in OFF]
    for switch in switches:
        switch.click()
    home.page.locator(".map-tools [data-tool=out]").click()
    home.settle()
    # a view is remembered once it rests
    home.wait_for(lambda: all(name in home.page.url for name in OFF))
    home.page.wait_for_timeout(900)
    address = f"{home.page.url}&day={yesterday()}"

    fresh = open_page(address, **SIZE).wait_ready()
    _expect(fresh, 3)
    if not _is_flat(home):
        before, after = read_camera(home), read_camera(fresh)
        close = {"longitude": 2e-6, "latitude": 2e-6, "zoom": 0.01, "pitch": 0.1, "bearing": 0.1}
        for name, within in close.items():
            assert after[name] == pytest.approx(before[name], abs=within), name
    assert sorted(fresh.run("() => [...twin.map.view.hidden]")) == OFF
    off = fresh.page.locator("[role=switch][aria-checked=false]")
    assert sorted(node.get_attribute("data-layer") for node in off.all()) == OFF
    title = fresh.page.wait_for_selector(".history-title")
    assert title.text_content() == yesterday().isoformat()
    language = "() => document.documentElement.lang"
    assert fresh.run(language) == home.run(language)
    for switch in switches:
        switch.click()
    if _is_flat(home):  # the other language shows the same place
        fresh.page.click("a[data-icon=language]")
        fresh.page.wait_for_selector("html[lang=zh-CN]", state="attached")
        _expect(fresh.wait_ready(), 3)
        assert sorted(fresh.run("() => [...twin.map.view.hidden]")) == OFF


@pytest.mark.parametrize(
    "fragment",
    [
        "#at=entrances/nope&cam=1,2,3&off=nothing&day=2026-99-99",
        "#at=../../etc/passwd&day=0001-01-01",
        "#at=%3Cscript%3E/%22onload&cam=NaN,0,0,0,0",
        "#at=entrances/d0%27--&day=9999-12-31",
        "#at=__proto__/constructor&off=__proto__",
    ],
)
def test_hostile_address_opens_the_page_all_the_same(tiny, open_page, fragment):
    page = open_page(f"{tiny.url}/manage?flat=1&lang=en{fragment}", **SIZE).wait_ready()
    rest(page)
    assert page.page.locator(".card-areas").is_visible()
    assert page.page.locator("[data-detail-id]").count() == 0


def test_day_of_an_address_is_kept_from_panel_to_panel(tiny, open_page):
    page = open_page(f"{tiny.url}/manage?flat=1&lang=en#day={yesterday()}", **SIZE).wait_ready()
    for layer, key in (("plate_cameras", "c0"), ("devices", "bin0")):
        page.run("(to) => { twin.goTo(to); }", {"layer": layer, "id": key})
        page.page.wait_for_selector(f"[data-detail-id={key}]")
        title = page.page.wait_for_selector(".history-title")
        assert title.text_content() == yesterday().isoformat()
        assert f"day={yesterday()}" in page.page.url
    masked = page.page.locator(".history .plate")
    page.run("() => { twin.goTo({ layer: 'plate_cameras', id: 'c0' }); }")
    masked.first.wait_for()
    assert PLATE not in page.page.content()
