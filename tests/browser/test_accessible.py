"""Every page by axe-core, WCAG 2.0 to 2.2 A and AA, in both themes and on a phone."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from dashboard.pages import PAGES
from live.history.vehicle_keys import vehicle_key
from tests.browser.seeing import rest
from tests.browser.tiny import PANELS, PLATE, yesterday

pytestmark = pytest.mark.browser

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
OPTIONS: dict[str, Any] = {
    "runOnly": {"type": "tag", "values": TAGS},
    "resultTypes": ["violations"],
}


def _find_violations(page, context=None):
    """Return what axe finds, one line a node."""
    found = Axe().run(page.page, context=context, options=OPTIONS).response
    return [
        f"{rule['id']} ({rule['impact']}): {node['html'][:160]} - {node['failureSummary'][:200]}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


def _check(page, where, context=None):
    found = _find_violations(page, context)
    assert not found, f"{where}:\n" + "\n".join(found)


def _show_theme(page, theme):
    page.run(
        """(theme) => {
          if (globalThis.twin) twin.setTheme(theme);
          else document.documentElement.dataset.theme = theme;
        }""",
        theme,
    )


@pytest.mark.parametrize("path", [one.path for one in PAGES])
def test_page_has_no_violation(tiny, open_page, path):
    # flat, as axe sees no pixels of the map and drawing in software is slow
    page = open_page(f"{tiny.url}{path}?theme=dark&flat=1", width=1440, height=900)
    if path in ("/wall", "/manage", "/demo"):
        page.wait_ready()
    rest(page)
    _check(page, "dark")
    _show_theme(page, "day")
    _check(page, "by day")
    page.page.set_viewport_size({"width": 390, "height": 844})
    _check(page, "on a phone")


def test_panels_have_no_violation(tiny, open_page):
    page = open_page(
        f"{tiny.url}/manage?lang=en&flat=1&theme=dark#day={yesterday()}", width=1440, height=900
    ).wait_ready()
    panels = [*PANELS.items(), ("vehicles", vehicle_key(PLATE, tiny.world.pseudonym_key))]
    for layer, key in panels:
        page.run("(to) => { twin.goTo(to); }", {"layer": layer, "id": key})
        page.page.wait_for_selector(f"[data-detail-id='{key}']")
        if layer != "services":
            page.page.wait_for_selector(".history-part")
        rest(page)
        for theme in ("dark", "day"):
            _show_theme(page, theme)
            _check(page, f"{layer} {theme}", ".rail-right")
