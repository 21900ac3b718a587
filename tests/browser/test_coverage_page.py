"""Coverage in Chromium: a service that closes recolours the map, a drag moves the ranking."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from live.events import Event
from tests.browser.oracle import project
from tests.browser.seeing import Picture, look, patch, read_camera
from tests.browser.tiny import to_degrees
from tests.browser.worlds import RunningWorld
from tests.dashboard.coverage.village import HOMES, KITCHEN_X, make_village
from tests.watched import WatchedPage

pytestmark = pytest.mark.browser

ROOF_M = 18.0
BARE = ".page, .labels, .tooltip { visibility: hidden !important }"


@pytest.fixture(scope="module")
def village(var: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningWorld]:
    world = RunningWorld(make_village(), var, tmp_path_factory.mktemp("cov") / "twin.db").start()
    yield world
    world.stop()


def say(world: RunningWorld, state: str) -> None:
    now = datetime.now(UTC)
    world.submit(
        Event(f"b-{now.timestamp()}", "service", "test", "services", "k0", now, now,
              data={"state": state})
    )  # fmt: skip


def roof(page: WatchedPage, picture: Picture, home: str) -> Picture:
    """Return the pixels in the middle of a roof."""
    size = page.page.viewport_size
    assert size is not None
    at = project(
        read_camera(page), (size["width"], size["height"]), *to_degrees(HOMES[home][0], 22), ROOF_M
    )
    return patch(picture, at, 1)


def lean(pixels: Picture) -> np.ndarray:
    """Return how much greener than red, and how much redder than green, pixels are on average."""
    red, green, _ = pixels.mean(axis=0)
    return np.array([green - red, red - green])


@pytest.fixture(scope="module")
def page(open_shared_page: Callable[..., WatchedPage], village: RunningWorld) -> WatchedPage:
    address = f"{village.url}/manage/coverage?service=canteen&theme=dark&lang=en"
    opened = open_shared_page(address, width=1280, height=800).wait_ready()
    opened.page.wait_for_selector("#twin-map[data-coverage^=canteen]", state="attached")
    opened.page.wait_for_selector(".cov-pin-service")
    opened.page.set_default_timeout(90_000)  # a busy machine draws a frame in seconds
    return opened


def test_closing_a_service_recolours_the_map(page: WatchedPage, village: RunningWorld) -> None:
    with hidden(page):
        picture = look(page)
        served, gap = (lean(roof(page, picture, home)) for home in ("a", "f"))
    assert served[0] > 15  # jade, twice as much as a bare roof
    assert gap[1] > 5  # magenta; a bare roof is greener than red
    say(village, "closed")
    page.page.wait_for_function(
        "() => twin.coverage.data.services[0].state === 'closed'"
        " && twin.coverage.painter.states[0] === 1"
    )
    assert "is closed" in page.page.inner_text("[data-cov=why]")
    page.page.wait_for_function(
        "() => twin.coverage.painter.bytes[3] === 254 && twin.coverage.painter.frame > 0"
    )
    page.page.wait_for_timeout(700)  # the colours mix for 400 ms
    with hidden(page):
        picture = look(page)
        body = page.run("() => [...twin.coverage.painter.bytes.slice(0, 3)]")
        assert max(body) - min(body) < 40  # no jade on the walls, which the roof's stripes carry
        assert lean(roof(page, picture, "f"))[1] > 5
    say(village, "open")
    page.page.wait_for_function("() => twin.coverage.painter.states[0] === 0")


@contextlib.contextmanager
def hidden(page: WatchedPage) -> Iterator[None]:
    """Show nothing but the map."""
    style = page.page.add_style_tag(content=BARE)
    try:
        yield
    finally:
        style.evaluate("(node) => node.remove()")


def test_dragging_a_facility_moves_the_ranking_while_it_moves(page: WatchedPage) -> None:
    page.page.wait_for_function("() => !twin.coverage.asking")
    before = page.page.inner_text("[data-cov=gaps]")
    assert "东村" in before.splitlines()[1]
    pin = page.page.locator(".cov-pin-service .cov-pin-main").first
    box = pin.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    target = page.run(f"() => twin.map.project({HOMES['d'][0]}, -10, 2)")
    start = page.run(f"() => twin.map.project({KITCHEN_X}, -10, 2)")
    on_top = "([x, y]) => document.elementFromPoint(x, y)?.closest('.cov-pin')?.dataset.key"
    assert page.page.evaluate(on_top, [x, y]) == "service:k0"
    mouse = page.page.mouse
    mouse.move(x, y)
    mouse.down()
    for part in range(1, 9):
        mouse.move(
            x + (target[0] - start[0]) * part / 8, y + (target[1] - start[1]) * part / 8, steps=2
        )
        time.sleep(0.05)
    # the hand still holds it, and the ranking has followed
    page.page.wait_for_function("() => twin.coverage.pins.held && twin.coverage.data.session")
    page.page.wait_for_function(
        "() => document.querySelector('[data-cov=gaps] .cov-gap-name')?.textContent === '西村'"
    )
    assert "→" in page.page.inner_text("[data-cov=compare]")
    mouse.up()
    page.page.wait_for_function("() => !twin.coverage.asking && !twin.coverage.again")
    page.page.click("[data-cov-do=reset]")
    page.page.wait_for_function(
        "() => document.querySelector('[data-cov=gaps] .cov-gap-name')?.textContent === '东村'"
    )
    assert page.page.inner_text("[data-cov=gaps]") == before


def test_where_one_more_helps_most_is_added_by_a_click(page: WatchedPage) -> None:
    page.page.click("[data-cov-do=sites]")
    page.page.locator(".cov-pin-site button").first.click()
    page.page.wait_for_function("() => twin.coverage.data.compare?.[0].gained > 0")
    assert page.page.locator(".cov-compare").count() == 1
    page.page.click("[data-cov-do=reset]")
    page.page.wait_for_function("() => !twin.coverage.data.session")


def test_a_gate_is_locked_by_a_click(page: WatchedPage) -> None:
    page.page.click("[data-cov-do=gates]")
    page.page.locator(".cov-pin-gate .cov-pin-main").first.click()
    page.page.locator(".cov-pin-gate .cov-pin-act").first.click()
    page.page.wait_for_function(
        "() => twin.coverage.data.session && twin.coverage.data.gates[0].shut"
    )
    page.page.click("[data-cov-do=reset]")
    page.page.wait_for_function(
        "() => !twin.coverage.data.session && !twin.coverage.data.gates[0].shut"
    )
    page.page.click("[data-cov-do=gates]")
    page.page.wait_for_selector(".cov-pin-gate", state="detached")


def test_the_map_is_given_back_as_it_was(page: WatchedPage) -> None:
    page.page.locator(".office-nav a").first.click()
    page.page.wait_for_function("() => twin.place.name === 'manage' && !twin.coverage")
    assert page.run("() => [...twin.map.view.hidden]") == []
    assert page.run("() => twin.map.view.paint") is None
    assert page.page.locator(".coverage-pins").count() == 0


def test_the_wall_shows_coverage_and_gives_its_cards_back(
    page: WatchedPage, village: RunningWorld
) -> None:
    page.page.goto(f"{village.url}/wall?theme=dark&lang=en")
    page.wait_ready()
    chip = page.page.locator("[data-tool=coverage]")
    card = page.page.locator(".page-wall .cov-card.chosen")
    assert not card.is_visible()
    chip.click()
    page.page.wait_for_function("() => twin.coverage?.painter?.painted")
    card.wait_for()
    assert "Canteen" in card.inner_text()
    assert page.run("() => twin.map.view.patches.length") > 12  # the circle's dashes
    assert chip.get_attribute("aria-pressed") == "true"
    assert page.page.locator(".brand p").inner_text() == "Coverage"
    # what has stepped back is not lit
    cameras = page.page.locator(".dock [data-layer=plate_cameras]")
    assert cameras.get_attribute("aria-pressed") == "false"
    chip.click()
    page.page.wait_for_function("() => !twin.coverage && !twin.map.view.paint")
    assert not card.is_visible()
    assert page.page.locator(".brand p").inner_text() == "Digital twin · command view"
    assert cameras.get_attribute("aria-pressed") == "true"
    assert page.run("() => twin.map.view.patches") is None
