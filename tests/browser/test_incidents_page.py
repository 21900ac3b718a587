"""A wall that is taken over and calm again, the desk of incidents, and modes on both."""

from __future__ import annotations

import pytest

from tests.browser.seeing import settle
from tests.browser.tiny import make_event

pytestmark = pytest.mark.browser

VIEW = (
    "() => (({ longitude, latitude, zoom }) => [longitude, latitude, zoom])(twin.map.camera.view)"
)
CARD = ".desk-card .card-incident"


@pytest.fixture(scope="module")
def incidents(tiny):
    settle(tiny)  # what earlier files left open
    yield tiny.world.twin.incidents
    settle(tiny)


@pytest.fixture(scope="module")
def wall(open_shared_page, tiny, incidents):
    address = f"{tiny.url}/wall?theme=dark&steady&wall=takeover"
    return open_shared_page(address, width=960, height=540).wait_ready()


@pytest.fixture(scope="module")
def desk(open_shared_page, tiny, incidents):
    page = open_shared_page(f"{tiny.url}/manage/incidents?theme=dark", width=1440, height=900)
    page.page.wait_for_selector("[data-desk-rows] tr")
    return page


def press(tiny):
    tiny.submit(make_event("devices", "sos0", "alarm", type="sos", severity=1))


def marks(page, name):
    return page.run("(name) => performance.getEntriesByName(name).length", name)


def test_the_gravest_takes_the_wall_and_two_take_turns(wall, tiny):
    home = wall.run(VIEW)
    press(tiny)
    wall.page.wait_for_selector(".takeover:not([hidden]) h2", timeout=30_000)
    assert wall.page.inner_text(".takeover h2") == "一键求助"
    assert "报警灯杆" in wall.page.inner_text(".takeover")
    assert wall.page.get_attribute(".takeover", "aria-live") == "assertive"
    wall.wait_for(lambda: marks(wall, "takeover-flight"))
    assert marks(wall, "takeover-sound") == 1
    wall.wait_for(lambda: wall.run(VIEW) != home)
    # a forced door meanwhile: it comes first, the other has its turn again
    first = wall.run("() => twin.takeover.shown")
    tiny.submit(make_event("entrances", "d0", "status", state="forced"))
    wall.wait_for(lambda: wall.page.inner_text(".takeover h2") == "强行开门")
    assert "另有 1 件特急" in wall.page.inner_text(".takeover")
    wall.run("() => { twin.takeover.since -= 13_000; twin.takeover.tick(); }")
    assert wall.run("() => twin.takeover.shown") == first
    # taken in hand: calm, and the camera back where it was
    settle(tiny)
    wall.page.wait_for_selector(".page-wall:not(.taken-over)", timeout=30_000)
    wall.page.wait_for_selector(".takeover", state="hidden")
    wall.wait_for(lambda: wall.run(VIEW)[2] == pytest.approx(home[2], abs=0.02))


def test_a_camera_that_a_person_holds_is_left_alone(wall, tiny):
    flights = marks(wall, "takeover-flight")
    wall.run("() => twin.map.camera.hold(true)")
    before = wall.run(VIEW)
    press(tiny)
    wall.page.wait_for_selector(".takeover:not([hidden]) h2", timeout=30_000)
    wall.page.wait_for_timeout(1500)
    assert (wall.run(VIEW), marks(wall, "takeover-flight")) == (before, flights)
    wall.run("() => { twin.map.camera.heldUntil = 0; }")
    wall.wait_for(lambda: marks(wall, "takeover-flight") > flights)
    settle(tiny)
    wall.page.wait_for_selector(".takeover", state="hidden")


def step(desk, action, **given):
    more = "".join(f'[data-given-{name}="{value}"]' for name, value in given.items())
    desk.page.click(f'{CARD} [data-incident-action="{action}"]{more}')


def wait_version(desk, number):
    desk.page.wait_for_selector(f'{CARD}[data-version="{number}"]')


def test_an_operator_works_through_an_incident_and_hears_of_another_one(desk, tiny, incidents):
    desk.allowed = ("409",)
    press(tiny)
    row = desk.page.locator("[data-desk-rows] tr", has_text="一键求助")
    row.locator(".desk-what").click()
    wait_version(desk, 1)
    number = desk.page.get_attribute(CARD, "data-detail-id")
    step(desk, "acknowledge")
    wait_version(desk, 2)
    desk.wait_for(lambda: desk.page.inner_text("[data-desk-n=mine]") == "1")
    desk.page.click("[data-desk-switch=mine]")
    assert row.count() == 1
    desk.page.click("[data-desk-switch=mine]")
    # the other operator is quicker: nothing is overwritten, the card shows what is
    incidents.act(number, "note", "wang", 2, {"text": "家属在场"})
    tiny.world.twin.flush()
    step(desk, "start")
    wait_version(desk, 3)
    assert "家属在场" in desk.page.inner_text(CARD)
    desk.wait_for(lambda: "wang" in desk.page.inner_text(f"{CARD} .incident-said"))
    assert incidents.get(number).state == "acknowledged"
    step(desk, "start")
    wait_version(desk, 4)
    step(desk, "step", step="call_back", how="done")
    wait_version(desk, 5)
    # what is skipped wants its reason
    step(desk, "step", step="watch_camera", how="skipped")
    desk.wait_for(lambda: desk.page.inner_text(f"{CARD} .incident-said") != "")
    assert incidents.get(number).version == 5
    desk.page.fill(f"{CARD} .incident-text input", "没有摄像头")
    step(desk, "step", step="watch_camera", how="skipped")
    wait_version(desk, 6)
    desk.page.fill(f"{CARD} .incident-text input", "已送医")
    step(desk, "resolve")
    wait_version(desk, 7)
    step(desk, "close")
    desk.wait_for(lambda: incidents.get(number).state == "closed")
    desk.wait_for(lambda: row.count() == 0)
    done = incidents.get(number)
    assert done.checklist["call_back"] == "done"
    assert "watch_camera" in done.skipped
    settle(tiny)


def test_a_mode_of_the_community_is_on_every_screen(desk, wall, tiny):
    mode = "() => document.documentElement.dataset.mode ?? null"
    desk.page.click("[data-mode-set=typhoon]")
    desk.wait_for(lambda: desk.page.inner_text("[data-mode-said]") != "")
    assert tiny.world.twin.incidents.mode.kind == "", "not without a reason"
    buttons = desk.run(
        "() => [...document.querySelectorAll('[data-mode-set]')].map((b) => b.dataset.modeSet)"
    )
    assert buttons == ["none", "typhoon", "flood", "fire"]
    desk.page.fill(".mode-desk .incident-text input", "防台风Ⅲ级应急响应")
    desk.page.click("[data-mode-set=typhoon]")
    for page in (desk, wall):
        page.wait_for(lambda page=page: page.run(mode) == "typhoon")
        assert "台风" in page.page.inner_text(".mode-banner")
    desk.wait_for(
        lambda: desk.page.get_attribute("[data-mode-set=typhoon]", "aria-pressed") == "true"
    )
    desk.page.fill(".mode-desk .incident-text input", "解除")
    desk.page.click("[data-mode-set=none]")
    for page in (desk, wall):
        page.wait_for(lambda page=page: page.run(mode) is None)
        page.page.wait_for_selector(".mode-banner", state="hidden")
