"""The sample community's own pages in full: nothing errs, nothing leaves the house, words fit."""

from __future__ import annotations

import re
import urllib.error
import urllib.request

import pytest

from dashboard.words import load_words

pytestmark = pytest.mark.browser

CHINESE = re.compile(r"[\u3400-\u9fff]")
PLATE = re.compile(r"[\u4e00-\u9fff][A-Z][ ·]?[A-Z0-9*]{5,7}")
"""A masked plate, which begins with its province."""
READ_WORDS = """() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const box = node.parentElement;
    if (!box || box.closest("script, style, svg") || !node.data.trim()) continue;
    found.push([node.data.trim(), box.closest("[lang]")?.lang ?? "", box.className]);
  }
  for (const node of document.body.querySelectorAll("[title], [aria-label]")) {
    for (const name of ["title", "aria-label"]) {
      const text = node.getAttribute(name);
      if (text) found.push([text, node.closest("[lang]")?.lang ?? "", name]);
    }
  }
  return found;
}"""


@pytest.fixture(scope="module")
def demo(serve):
    return serve("demo")


def _catalogue(language):
    return load_words(language).entries


def _only_in(language, other):
    """Return texts of one catalogue that the other does not use too, parts around values."""
    mine = {text.strip() for text in _catalogue(language).values() if "{" not in text}
    return {text for text in mine - set(_catalogue(other).values()) if len(text) > 1}


PLACES = """() => Object.values(globalThis.twin?.store.layers.incidents ?? {})
  .map((row) => twin.incidents.placeName(row))"""


@pytest.mark.parametrize("path", ["/", "/wall", "/manage", "/demo"])
def test_page_in_english_has_no_chinese_but_names(demo, open_page, path):
    # flat, as the words are the same and drawing in software is slow
    page = open_page(f"{demo.url}{path}?lang=en&flat=1", width=1100, height=700)
    if path == "/":
        page.page.wait_for_selector(".door-card")
    else:
        page.wait_ready()
        page.wait_for(lambda: page.run("() => twin.host.dataset.connection") == "live")
    page.wait_for(lambda: page.run("() => document.documentElement.lang") == "en")
    words = page.run(READ_WORDS)
    names = set(
        page.run("() => globalThis.twin ? [...twin.index.values()].map((f) => f.name) : []")
    )
    names |= set(page.run("() => globalThis.twin ? twin.labels.items.map((l) => l.text) : []"))
    names |= set(page.run(PLACES))
    chinese = _only_in("zh", "en")
    for text, lang, where in words:
        if text in chinese and text not in names:
            # the way to the other language is written in it, and says so
            assert lang == "zh-CN", f"{text!r} in {where!r}"
        if CHINESE.search(text) and lang != "zh-CN":
            left = PLATE.sub("", text)
            for name in sorted(names, key=len, reverse=True):
                left = left.replace(name, "") if name else left
            assert not CHINESE.search(left), f"{text!r} in {where!r} is no name"


@pytest.mark.parametrize("path", ["/", "/wall", "/manage", "/demo"])
def test_page_in_chinese_has_no_english_word(demo, open_page, path):
    page = open_page(f"{demo.url}{path}", width=1100, height=700)
    if path == "/":
        page.page.wait_for_selector("html[lang]:has(.door-card)")
    else:
        page.wait_ready()
        page.wait_for(lambda: page.run("() => twin.host.dataset.connection") == "live")
    assert page.run("() => document.documentElement.lang") == "zh-CN"
    english = _only_in("en", "zh")
    for text, lang, where in page.run(READ_WORDS):
        assert text not in english or lang == "en", f"{text!r} in {where!r}"
        # a key that the catalogue lacks is shown as it is
        assert not re.fullmatch(r"[a-z_]+(\.[a-z_]+)+", text), f"{text!r} in {where!r}"


def test_unknown_paths_are_really_not_there(demo):
    for path in ("/nothing", "/wall/nothing", "/api/v1/nothing", "/api/nothing", "/assets/nothing",
                 "/vendor/nothing", "/demo/nothing", "/demo/api/v1/nothing"):  # fmt: skip
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(demo.url + path, timeout=10)
        caught.value.close()
        assert caught.value.code == 404, path


def test_wall_says_what_it_is_made_of(demo, open_page):
    page = open_page(f"{demo.url}/wall?flat=1", width=1600, height=900).wait_ready()
    seen = " ".join(text for text, _, _ in page.run(READ_WORDS))
    assert _catalogue("zh")["note.simulated"] in seen
    assert _catalogue("zh")["note.illustrative"] in seen


def test_doors_lead_to_the_pages_without_loading_the_bundle_twice(demo, open_page):
    page = open_page(f"{demo.url}/", width=1000, height=640)
    page.page.click("a.door-card[href='/wall']")
    page.wait_ready()
    assert page.page.url.endswith("/wall")
    assert page.calls("/vendor/deck-") == 1


def test_phone_fits_and_answers_a_tap(demo, open_page):
    page = open_page(f"{demo.url}/demo", width=390, height=780, has_touch=True, is_mobile=True)
    page.wait_ready()
    overflow = page.run("() => document.scrollingElement.scrollWidth - innerWidth")
    assert overflow <= 0, f"{overflow} px wider than the phone"
    at = page.run(
        """() => {
          const { ids, names } = twin.map.tables.buildings.meta;
          for (const id of ids) {
            const [x, y] = twin.map.project(...twin.map.locate("buildings", id)) ?? [];
            const top = document.elementFromPoint(x, y);
            if (top?.tagName === "CANVAS" && y < innerHeight / 2) return [x, y];
          }
          return null;
        }"""
    )
    assert at, "no building is in the clear on a phone"
    page.page.touchscreen.tap(*at)
    panel = page.page.wait_for_selector(".card-detail", state="visible")
    box = panel.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
