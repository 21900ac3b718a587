"""Logging in with a browser: sent to the log-in, in, to the map, out again, in both languages."""

from __future__ import annotations

import pytest

from tests.browser.tiny import make_tiny, with_grids
from tests.browser.worlds import RunningWorld

pytestmark = pytest.mark.browser

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def world(var, tmp_path_factory):
    database = tmp_path_factory.mktemp("login") / "twin.db"
    running = RunningWorld(with_grids(make_tiny()), var, database, real=True).start()
    front = running.app.state.front
    front.accounts.add("chen", ["admin"], password=PASSWORD, shown="陈静")
    yield running
    running.stop()


def test_somebody_logs_in_works_and_leaves(world, open_page):
    page = open_page(f"{world.url}/manage/tables", width=1280, height=800).page
    page.wait_for_url("**/login?next=*")
    assert page.locator("h1").inner_text() == "登录社区孪生"
    page.fill("input[name=name]", "chen")
    page.fill("input[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url("**/manage/tables")
    page.locator("a.who").wait_for()
    page.goto(f"{world.url}/manage/users?lang=en")
    assert page.locator(".office-title").inner_text() == "Accounts and rights"
    form = page.locator(".access-add")
    form.locator("input[name=name]").fill("zhang")
    form.locator("input[value=grid_worker]").check()
    form.locator("button[type=submit]").click()
    given = page.locator(".said-done code").inner_text()
    assert len(given) == 16
    page.goto(f"{world.url}/account")
    page.locator("form[action^='/logout'] button").click()
    page.wait_for_url("**/login")
    page.fill("input[name=name]", "zhang")
    page.fill("input[name=password]", given)
    page.click("button[type=submit]")
    page.wait_for_url("**/account")
    assert "一次性密码" in page.locator("main").inner_text()


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1440, 900)])
def test_log_in_fits_in_both_languages_and_lights(world, open_page, width, height):
    for lang in ("zh", "en"):
        page = open_page(f"{world.url}/login?lang={lang}", width=width, height=height).page
        for theme in ("dark", "day"):
            page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width
            assert page.locator("button[type=submit]").is_visible()
