"""Settings and the time machine by mouse and keyboard, in one browser."""

from __future__ import annotations

import pytest

from tests.browser.tiny import make_past, make_tiny, with_grids
from tests.browser.worlds import RunningWorld

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def world(var, tmp_path_factory):
    """A community of this file's own: others are not to see what is edited."""
    database = tmp_path_factory.mktemp("settings") / "twin.db"
    running = RunningWorld(with_grids(make_tiny()), var, database).start()
    running.world.twin.store.append(make_past())
    yield running
    running.stop()


@pytest.fixture(scope="module")
def page(world, open_shared_page):
    opened = open_shared_page(f"{world.url}/manage/settings?theme=dark", width=1440, height=900)
    opened.allowed = ("status of 422", "status of 409")  # refused on purpose
    opened.page.wait_for_selector("tr[data-key=s0]")
    return opened.page


def save(page):
    page.click(".settings-form .action.primary")


def test_what_does_not_fit_is_told_at_its_field_and_what_fits_can_be_undone(world, page):
    page.click("tr[data-key=s0] button")
    page.fill(".settings-form input[name=hours]", "from nine")
    save(page)
    fault = page.wait_for_selector("#fault-hours:not(:empty)")
    assert "from nine" in fault.inner_text()
    page.fill(".settings-form input[name=hours]", "Mo-Su 08:00-20:00")
    page.fill(".settings-form input[name=phone]", "0591-8765 4321")
    page.press(".settings-form input[name=phone]", "Enter")
    page.wait_for_selector("tr[data-key=s0] td.cell-phone.edited")
    services = world.world.community["services"]
    assert services[services["id"] == "s0"]["phone"].iloc[0] == "0591-8765 4321"
    page.click(".settings-done .link")
    page.wait_for_selector("tr[data-key=s0] td.cell-phone:not(.edited)")


def test_who_was_slower_is_told_and_keeps_what_they_typed(world, page):
    page.click("tr[data-key=s1] button")
    page.fill(".settings-form input[name=capacity]", "12")
    world.world.edits.edit("林", "services", "s1", {"capacity": 11}, seen=0)
    save(page)
    said = page.wait_for_selector(".settings-form .settings-said li").inner_text()
    assert "林" in said
    assert "11" in said
    assert page.input_value(".settings-form input[name=capacity]") == "12"
    save(page)
    page.locator("tr[data-key=s1] td.cell-capacity", has_text="12").wait_for()
    assert world.world.edits.tell("services", "s1")["values"]["capacity"] == 12


def test_a_file_is_tried_before_it_is_taken(world, page):
    page.click("[data-settings-tab=import]")
    body = b"id,phone\ns0,0591-111 2222\nzz,1\n"
    page.wait_for_selector(".settings-drop input", state="attached")
    file = {"name": "a.csv", "mimeType": "text/csv", "buffer": body}
    page.set_input_files(".settings-drop input", files=[file])
    page.wait_for_selector(".sheet-faults td.reason")
    assert not world.world.edits.tell("services", "s0")["edited"]
    page.click(".settings-report .action.primary")
    page.wait_for_selector(".settings-report", state="detached")
    assert world.world.edits.tell("services", "s0")["values"]["phone"] == "0591-111 2222"
    page.click("[data-settings-tab=history]")
    page.wait_for_selector(".settings-history li")
    page.click(".settings-history > li:first-child header .action")
    page.wait_for_selector(".settings-history > li:nth-child(2).undone")
    assert "phone" not in world.world.edits.tell("services", "s0")["edited"]


def test_the_machine_goes_to_the_past_and_one_key_leads_back(world, page):
    page.goto(f"{world.url}/manage")
    page.wait_for_selector("#twin-map[data-ready=true]", state="attached")
    slider = page.wait_for_selector(".machine input[type=range]", state="attached")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_selector("body.replaying", state="attached")
    # the handle stands where the moment is
    track = page.locator(".machine-track").bounding_box()
    handle = page.locator(".machine-handle").bounding_box()
    share = int(slider.input_value()) / 86_400
    assert abs((handle["x"] - track["x"]) / track["width"] - share) < 0.02
    page.locator("#twin-map").focus()
    page.keyboard.press("l")
    page.wait_for_selector("body:not(.replaying)", state="attached")
