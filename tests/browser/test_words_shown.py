"""No word of the other language, no key and no open brace on any page or panel."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from dashboard.pages import PAGES
from dashboard.words import load_words
from live.history.vehicle_keys import vehicle_key
from tests.browser.seeing import rest
from tests.browser.tiny import PANELS, PLATE, ZONE, yesterday

pytestmark = pytest.mark.browser

CATALOGUES = {language: load_words(language).entries for language in ("zh", "en")}
CHINESE = re.compile(r"[\u3400-\u9fff]")
ROOTS = "|".join(sorted({key.split(".")[0] for key in CATALOGUES["zh"] if "." in key}))
KEY = re.compile(rf"(?<![\w/.@-])(?:{ROOTS})(?:\.[a-z0-9_]+)+(?![\w/.-])")
MAPS = ("/wall", "/manage", "/demo")
READ = """() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const box = node.parentElement;
    if (!box || box.closest("script, style, noscript") || !node.data.trim()) continue;
    found.push([node.data.trim(), box.closest("[lang]")?.lang ?? "", box.className.toString()]);
  }
  for (const name of ["title", "aria-label", "placeholder", "alt", "data-copied"]) {
    for (const node of document.querySelectorAll(`[${name}]`)) {
      const text = node.getAttribute(name).trim();
      if (text) found.push([text, node.closest("[lang]")?.lang ?? "", `@${name}`]);
    }
  }
  found.push([document.title, document.querySelector("h1")?.lang ?? "", "title of the document"]);
  return found;
}"""


def _check(page, language, where):
    """Fail on what is not in a page's language, unless it says so itself: names of places do."""
    wrong = []
    other = CATALOGUES["en" if language == "zh" else "zh"]
    shared = set(CATALOGUES[language].values())
    foreign = {text for text in other.values() if len(text) > 1} - shared
    names = page.run(
        """() => globalThis.twin?.index
          ? [twin.about.name, ...[...twin.index.values()].map((f) => f.name)] : []"""
    )
    for text, lang, place in page.run(READ):
        if KEY.search(text):
            wrong.append(f"a key in {text!r} of {place!r}")
        if re.search(r"\{\w+\}", text):
            wrong.append(f"an open brace in {text!r} of {place!r}")
        own = lang.startswith("zh") == (language == "zh")
        if own and text in foreign and text not in names:
            wrong.append(f"{text!r} of {place!r} is of the other catalogue")
        if language == "en" and not lang.startswith("zh"):
            left = text
            if place.startswith(
                ("@", "title")
            ):  # a name within a sentence cannot tell its language there
                for name in sorted(filter(None, names), key=len, reverse=True):
                    left = left.replace(name, "")
            if CHINESE.search(left):
                wrong.append(f"{text!r} of {place!r} is Chinese and does not say so")
    assert not wrong, f"{where}:\n" + "\n".join(dict.fromkeys(wrong))


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("path", [one.path for one in PAGES])
def test_page_is_in_one_language(tiny, open_page, path, language):
    page = open_page(f"{tiny.url}{path}?lang={language}&flat=1", width=1440, height=900)
    if path in MAPS:
        page.wait_ready()
    # the document comes in Chinese; its scripts put that right with the first words
    tongue = "en" if language == "en" else "zh-CN"
    page.wait_for(lambda: page.run("() => document.documentElement.lang") == tongue)
    rest(page)
    _check(page, language, path)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_panels_are_in_one_language_and_write_as_its_readers_do(tiny, open_page, language):
    address = f"{tiny.url}/manage?lang={language}&flat=1#day={yesterday()}"
    page = open_page(address, width=1440, height=900).wait_ready()
    panels = [*PANELS.items(), ("vehicles", vehicle_key(PLATE, tiny.world.pseudonym_key))]
    for layer, key in panels:
        page.run("(to) => { twin.goTo(to); }", {"layer": layer, "id": key})
        page.page.wait_for_selector(f"[data-detail-id='{key}']")
        rest(page)
        _check(page, language, f"panel of {layer}")
    page.page.fill("[data-find=box] input", "门")
    page.page.wait_for_selector("#find-list [role=option]")
    _check(page, language, "what was found")

    now = datetime.now(ZoneInfo(ZONE))
    date = page.page.locator(".clock .date").text_content()
    written = f"{now:%Y %m %d}" if language == "zh" else f"{now:%d %m %Y}"
    assert re.findall(r"\d+", date) == written.split(), "in the order of the language's readers"
    weekday = "周" + "一二三四五六日"[now.weekday()] if language == "zh" else f"{now:%a}"
    assert weekday in date
    assert page.run("() => twin.words.format(1234567.25)") == "1,234,567.3"
    assert page.run("() => twin.words.format(null)") == "–"
