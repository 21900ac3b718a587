"""A manager mends a message that was kept aside, and reads what became of it."""

from __future__ import annotations

import json

import pytest

from tests.browser.tiny import make_event

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page(open_shared_page, tiny):
    wrong = make_event("entrances", "d0", "access", granted=True).to_json() | {"kind": "acces"}
    store = tiny.world.twin.store
    store.quarantine("http", json.dumps(wrong).encode(), "unknown kind 'acces'; use one of access")
    store.quarantine("hikvision", b"<a><b>1</b></a>", "unknown device ID 'x': give it an alias")
    page = open_shared_page(f"{tiny.url}/manage/intake?lang=en", width=1200, height=900)
    page.page.wait_for_selector(".sheet-kept")
    return page


def text_of(page, selector):
    return page.page.inner_text(selector)


def test_feeds_that_were_never_heard_say_so(page, tiny):
    page.page.wait_for_selector(".sheet-feeds")
    assert text_of(page, ".sheet-feeds tr:has-text('Dahua')").count("never heard") == 1
    silent = sum(row["h"] == "silent" for row in tiny.snapshot()["entrances"].values())
    assert f"silent {silent}" in text_of(page, ".late-kind:has-text('Entry door')")


def test_a_late_thing_leads_to_the_map(page):
    page.page.click(".late-kind:has-text('Entry door') summary")
    link = page.page.get_attribute(".late-kind[open] a", "href")
    assert link.startswith("/manage?at=entrances/d")


def test_a_message_is_mended_and_replayed(page, tiny):
    before = [one.event.event_id for one in tiny.world.twin.store.scan("access")]
    page.page.click("text=Open 1")
    box = page.page.wait_for_selector("#intake-text")
    told = box.input_value()
    assert told.count("\n") > 5  # laid out, a field a line
    box.fill(told.replace('"acces"', '"acess"'))
    page.page.click("#intake-mended")
    page.page.wait_for_selector("text=What you mended in message 1 is kept")
    assert "acess" in text_of(page, "#intake-result")
    page.page.fill("#intake-text", told.replace('"acces"', '"access"'))
    page.page.click("#intake-mended")
    page.page.wait_for_selector("text=Message 1 is replayed: 1 accepted, 0 known already")
    after = [one.event for one in tiny.world.twin.store.scan("access")]
    assert [one.subject for one in after if one.event_id not in before] == ["d0"]
    page.page.wait_for_selector("#intake-open:empty", state="attached")


def test_a_discard_is_asked_about_first(page, tiny):
    store = tiny.world.twin.store
    page.page.click("text=Open 2")
    page.page.wait_for_selector("#intake-text")
    assert page.page.input_value("#intake-text") == "<a>\n  <b>1</b>\n</a>"
    asked = []

    def answer(dialog):
        asked.append(dialog.message)
        dialog.dismiss() if len(asked) == 1 else dialog.accept()

    page.page.on("dialog", answer)
    page.page.click("#intake-discard")
    page.wait_for(lambda: len(asked) == 1)
    page.page.click("#intake-discard")
    page.page.wait_for_selector("text=Message 2 is discarded")
    assert len(asked) == 2
    assert "Discard this message?" in asked[0]
    page.page.wait_for_selector("text=Nothing waits")
    assert [one.id for one in store.quarantined("discarded")] == [2]
    page.page.click(".settled summary")
    assert "discarded" in text_of(page, ".sheet-settled tr:has-text('2')")
