"""The visitors' story in a browser: it plays to its end, by itself and by hand; nobody sees what
somebody else tries.

All of it on the flat map, as what is tested is the story; pictures are looked at by people.
"""

import pytest

pytestmark = pytest.mark.browser

DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844, "has_touch": True, "is_mobile": True}
SEEN = """() => {
  const card = document.querySelector(".card-story");
  const box = document.querySelector(".rail-right").getBoundingClientRect();
  return {
    mode: twin.story.mode, key: twin.story.stop?.key ?? null,
    title: card.querySelector(".headline")?.textContent, index: twin.story.index,
    overflow: document.scrollingElement.scrollWidth - innerWidth,
    off: box.right > innerWidth + 1 || box.bottom > innerHeight + 1,
    marks: [...document.querySelectorAll(".demo-mark, .story-mark")].filter((node) => {
      const at = node.getBoundingClientRect();
      return at.width > 0 && at.left >= 0 && at.right <= innerWidth && at.bottom <= innerHeight;
    }).length,
  };
}"""
RECORD = """() => {
  globalThis.told = [];
  const look = () => {
    const key = document.getElementById("twin-page")?.dataset.story;
    if (key && globalThis.told.at(-1) !== key) globalThis.told.push(key);
  };
  const all = { subtree: true, childList: true, attributes: true };
  new MutationObserver(look).observe(document, all);
}"""
TRIED = """() => Object.keys(twin.store.layers.incidents ?? {})
  .filter((id) => id.startsWith("try-"))"""
WHOLE = ["overview", "doors", "canteen", "plates", "sos", "waste", "together", "best"]


def _open(open_page, world, size, language, more="", prepare=None):
    url = f"{world.url}/demo?lang={language}&flat=1&theme=dark{more}"
    page = open_page(url, prepare=prepare, **size)
    page.wait_ready()
    page.wait_for(lambda: page.run("() => twin.story?.mode === 'stop'"))
    return page


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_story_plays_to_its_end_by_itself(tiny, open_page, size, language):
    def prepare(page):
        page.add_init_script(f"({RECORD})()")

    page = _open(open_page, tiny, size, language, "&pace=40", prepare)
    page.wait_for(lambda: page.run("() => twin.story.mode === 'roam'"))
    told = page.run("() => globalThis.told")
    assert told[: len(WHOLE) + 1] == [*WHOLE, "roam"]
    seen = page.run(SEEN)
    assert seen["overflow"] <= 0
    assert not seen["off"]
    assert seen["marks"] >= 1


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_story_is_gone_through_by_hand(tiny, open_page, size, language):
    page = _open(open_page, tiny, size, language)
    titles = []
    for key in WHOLE:
        seen = page.run(SEEN)
        assert seen["key"] == key
        assert seen["overflow"] <= 0
        assert seen["marks"] >= 1, "the mark that all is simulated is not in sight"
        titles.append(seen["title"])
        page.page.click("[data-story-do=next]")
    assert len(set(titles)) == len(WHOLE)
    assert page.run(SEEN)["mode"] == "roam"
    page.page.click("[data-story-do=prev]")
    assert page.run(SEEN)["key"] == WHOLE[-1]
    if size is DESK:
        page.page.keyboard.press("ArrowLeft")
        assert page.run(SEEN)["key"] == WHOLE[-2]
        page.page.keyboard.press("ArrowRight")
        assert page.run(SEEN)["key"] == WHOLE[-1]
        page.page.click(".story-dot >> nth=2")
        assert page.run(SEEN)["key"] == "canteen"


def test_hand_on_the_map_stops_the_story_and_a_press_lets_it_go_on(tiny, open_page):
    page = _open(open_page, tiny, DESK, "zh")
    assert page.run("() => twin.story.playing")
    page.page.mouse.move(500, 450)
    page.page.mouse.down()
    page.page.mouse.up()
    assert not page.run("() => twin.story.playing")
    page.page.click("[data-story-do=play]")
    assert page.run("() => twin.story.playing")
    page.page.click("[data-story-do=pause]")
    before = page.run("() => twin.story.elapsed")
    page.page.wait_for_timeout(600)
    assert page.run("() => twin.story.elapsed") == before


def test_sheet_of_a_phone_is_dragged_and_tapped(tiny, open_page):
    page = _open(open_page, tiny, PHONE, "zh")

    def height():
        return page.page.locator(".rail-right").bounding_box()["height"]

    half = height()
    page.page.click("[data-story-do=sheet]")
    page.wait_for(lambda: height() < half - 100)
    page.page.click("[data-story-do=sheet]")
    page.wait_for(lambda: abs(height() - half) < 1)
    box = page.page.locator(".story-handle").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + 12
    page.page.mouse.move(x, y)
    page.page.mouse.down()
    for step in range(1, 6):
        page.page.mouse.move(x, y - 40 * step)
    page.page.mouse.up()
    page.wait_for(lambda: height() > half + 100)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_two_visitors_do_not_see_each_others_scenarios(tiny, open_page, language):
    mine = _open(open_page, tiny, DESK, language, "&pace=8")
    other = _open(open_page, tiny, DESK, language)
    mine.page.click("[data-story-do=roam]")
    mine.page.click("[data-story-do=try][data-story-arg=sos]")
    mine.wait_for(lambda: mine.run(TRIED) == ["try-sos"])
    assert mine.run("() => twin.store.layers.devices.sos0.s") == "alarm"
    mine.wait_for(lambda: not mine.run("() => twin.story.scenario.running"))
    assert mine.run("() => document.querySelectorAll('.story-said li').length") == 6
    assert mine.run("() => twin.store.layers.incidents['try-sos'].s") == "resolved"
    assert other.run(TRIED) == []
    assert other.run("() => twin.store.layers.devices.sos0.s") != "alarm"
    assert "try-sos" not in tiny.snapshot().get("incidents", {})
    mine.page.click("[data-story-do=leave] >> nth=0")
    assert mine.run(TRIED) == []
    assert mine.run("() => twin.store.layers.devices.sos0?.s") != "alarm"


def test_who_does_nothing_is_taken_for_gone(tiny, open_page):
    page = _open(open_page, tiny, DESK, "zh", "&pace=20")
    page.run("() => { twin.story.roam(); }")
    page.page.wait_for_selector("[data-story=notice]:not([hidden])", state="attached")
    page.wait_for(lambda: page.run(SEEN)["mode"] == "stop")
    assert page.run(SEEN)["index"] == 0
    assert page.run("() => twin.story.playing")
