"""A page by keyboard, while it loads, and what a person may switch."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def manage(open_shared_page, tiny):
    return open_shared_page(f"{tiny.url}/manage?theme=dark", width=1200, height=760).wait_ready()


def _focused(page):
    return page.run("() => document.activeElement?.dataset?.layer ?? null")


def test_layer_is_switched_by_keyboard(manage):
    for _ in range(40):
        manage.page.keyboard.press("Tab")
        if _focused(manage) == "entrances":
            break
    assert _focused(manage) == "entrances"
    outline = manage.run("() => getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none", "one cannot see where the focus is"
    switch = manage.page.locator("[role=switch][data-layer=entrances]")
    manage.page.keyboard.press("Space")
    assert switch.get_attribute("aria-checked") == "false"
    assert manage.run("() => [...twin.map.view.hidden]") == ["entrances"]
    manage.page.keyboard.press("Enter")
    assert switch.get_attribute("aria-checked") == "true"
    assert manage.run("() => [...twin.map.view.hidden]") == []


def test_escape_goes_up_and_then_closes_the_detail(manage):
    manage.run("() => { twin.goTo({ layer: 'services', id: 's0' }); }")
    manage.page.wait_for_selector("[data-detail-id=s0]")
    manage.page.keyboard.press("Escape")
    manage.page.wait_for_selector("[data-detail-id=west]")
    manage.page.keyboard.press("Escape")
    manage.page.wait_for_selector(".card-detail", state="detached")
    assert manage.run("() => twin.picked") is None


def test_row_of_a_list_opens_by_enter(manage, tiny):
    row = manage.page.locator("[data-list=attention] > li button").first
    row.focus()
    manage.page.keyboard.press("Enter")
    manage.page.wait_for_selector(".card-detail")
    manage.page.keyboard.press("Escape")


def test_counts_tell_what_the_community_has(manage):
    counts = {
        node.get_attribute("data-count"): node.text_content()
        for node in manage.page.locator("[data-count]").all()
    }
    assert counts["buildings"] == "3"
    assert counts["entrances"] == "3"
    assert counts["gates"] == "2"


def test_loading_says_how_far_it_is(open_page, tiny):
    held = []

    def hold(page):
        page.route("**/layers/buildings*", lambda route: held.append(route))

    page = open_page(f"{tiny.url}/manage?theme=dark", prepare=hold)
    step = page.page.locator("[data-loading] .loading-step")
    page.wait_for(lambda: held and "/" in (step.text_content() or ""))
    assert page.page.locator("[data-loading]").is_visible()
    width = page.run("() => document.querySelector('.loading-bar i').style.width")
    assert 0 < float(width.rstrip("%")) < 100
    held[0].continue_()
    page.wait_ready()
    page.page.wait_for_selector("[data-loading].done", state="attached")


def test_theme_is_remembered_over_a_reload(open_page, tiny):
    page = open_page(f"{tiny.url}/manage", width=1000).wait_ready()
    theme = page.run("() => document.documentElement.dataset.theme")
    page.page.locator("button[data-tool=theme]").first.click()
    other = page.run("() => document.documentElement.dataset.theme")
    assert {theme, other} == {"dark", "day"}
    page.page.reload(wait_until="domcontentloaded")
    page.wait_ready()
    assert page.run("() => document.documentElement.dataset.theme") == other
