"""Every page and panel in both languages, at every size, by day and by night.

One opening of a page serves all of it: opening is what takes the time.
"""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from dashboard.pages import PAGES
from live.history.vehicle_keys import vehicle_key
from tests.browser.axe import check_access, show_theme
from tests.browser.measuring import SIZES, measure
from tests.browser.seeing import rest
from tests.browser.tiny import PANELS, PLATE, ZONE, yesterday
from tests.browser.tongues import check_language
from tests.watched import WatchedPage

pytestmark = pytest.mark.browser

MAPS = ("/wall", "/manage", "/demo")
LANGUAGES = ("zh", "en")
# flat, as neither axe nor the measures see pixels of the map, and drawing in software is slow
FLAT = "flat=1&theme=dark"


def _open(browser, url, path):
    page = WatchedPage(browser, url, *SIZES["desk"])
    page.open()
    if path in MAPS:
        page.wait_ready()
    page.page.wait_for_selector("body[data-page]", state="attached")
    rest(page)
    return page


@pytest.fixture(
    scope="module",
    params=[(one.path, language) for one in PAGES for language in LANGUAGES],
    ids=lambda param: "-".join(param),
)
def shown(request, tiny, flat_browser):
    """A page with its path and its language."""
    path, language = request.param
    page = _open(flat_browser, f"{tiny.url}{path}?lang={language}&{FLAT}", path)
    yield page, path, language
    page.close()
    page.assert_clean()


@pytest.fixture(scope="module", params=LANGUAGES)
def map_page(request, tiny, flat_browser):
    """The managers' map on a day that has a past, with its language."""
    url = f"{tiny.url}/manage?lang={request.param}&{FLAT}#day={yesterday()}"
    page = _open(flat_browser, url, "/manage")
    yield page, request.param
    page.close()
    page.assert_clean()


def test_page_is_in_one_language(shown):
    page, path, language = shown
    check_language(page, language, path)


def test_page_has_no_violation(shown):
    page, path, language = shown
    if language == "zh":
        check_access(page, f"{path} dark")
        page.page.set_viewport_size({"width": 390, "height": 844})
        check_access(page, f"{path} on a phone")
    else:
        show_theme(page, "day")
        check_access(page, f"{path} by day")
        show_theme(page, "dark")


def test_nothing_is_cut_off_or_covered_or_too_small(shown):
    page, path, _ = shown
    # nobody holds a wall in the hand
    sizes = [size for size in SIZES if (path, size) != ("/wall", "phone")]
    wrong = [one for size in sizes for one in measure(page, size)]
    assert not wrong, "\n".join(wrong)


def test_panels_are_in_one_language_fit_and_have_no_violation(map_page, tiny):
    page, language = map_page
    wrong = []
    panels = [*PANELS.items(), ("vehicles", vehicle_key(PLATE, tiny.world.pseudonym_key))]
    for layer, key in panels:
        page.run("(to) => { twin.goTo(to); }", {"layer": layer, "id": key})
        page.page.wait_for_selector(f"[data-detail-id='{key}']")
        if layer != "services":
            page.page.wait_for_selector(".history-part")
        rest(page)
        check_language(page, language, f"panel of {layer}")
        theme = "dark" if language == "zh" else "day"
        show_theme(page, theme)
        check_access(page, f"{layer} {theme}", ".rail-right")
        wrong += [f"{layer} {one}" for size in ("phone", "desk") for one in measure(page, size)]
    assert not wrong, "\n".join(dict.fromkeys(wrong))


def test_what_is_found_and_numbers_and_dates_are_as_its_readers_write(map_page):
    page, language = map_page
    page.page.fill("[data-find=box] input", "门")
    page.page.wait_for_selector("#find-list [role=option]")
    check_language(page, language, "what was found")

    now = datetime.now(ZoneInfo(ZONE))
    date = page.page.locator(".clock .date").text_content()
    written = f"{now:%Y %m %d}" if language == "zh" else f"{now:%d %m %Y}"
    assert re.findall(r"\d+", date) == written.split(), "in the order of the language's readers"
    weekday = "周" + "一二三四五六日"[now.weekday()] if language == "zh" else f"{now:%a}"
    assert weekday in date
    assert page.run("() => twin.words.format(1234567.25)") == "1,234,567.3"
    assert page.run("() => twin.words.format(null)") == "–"
