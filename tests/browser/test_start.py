"""Starting up: one map, whatever is asked of the page while it loads."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser


def _count(page):
    return page.run(
        """() => [document.querySelectorAll("canvas.twin-canvas").length,
          document.querySelectorAll("#twin-map [class='labels']").length]"""
    )


def test_house_of_another_language_gets_one_map_in_it(serve, open_page):
    house = serve("demo", TWIN_LANGUAGE="en")
    page = open_page(f"{house.url}/manage?theme=dark")
    page.page.wait_for_selector("[data-page=manage][data-lang=en]", state="attached")
    page.wait_ready()
    page.page.wait_for_timeout(1500)
    assert _count(page) == [1, 1]
    assert page.calls("/vendor/deck-") == 1
    assert page.run("() => twin.words.lang") == "en-GB"


@pytest.mark.parametrize("late", ["community", "layers/buildings"])
def test_leaving_while_it_loads_leaves_no_map_behind(tiny, open_page, late):
    held, released = [], []

    def answer(route):
        if released:
            route.continue_()
        else:
            held.append(route)

    page = open_page(f"{tiny.url}/", prepare=lambda page: page.route(f"**/api/v1/{late}*", answer))
    page.page.click("a.door-card[href='/manage']")
    page.wait_for(lambda: held)
    page.page.go_back()
    page.page.wait_for_selector(".door-card")
    released.append(True)
    for route in held:
        route.continue_()
    page.page.wait_for_timeout(2000)
    assert _count(page) == [0, 0]
    page.page.click("a.door-card[href='/manage']")
    page.wait_ready()
    assert _count(page) == [1, 1]
