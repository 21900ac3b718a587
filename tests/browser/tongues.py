"""No word of the other language, no key and no open brace on what a page shows."""

from __future__ import annotations

import re

from dashboard.words import load_words
from tests.watched import WatchedPage

CATALOGUES = {language: load_words(language).entries for language in ("zh", "en")}
CHINESE = re.compile(r"[\u3400-\u9fff]")
ROOTS = "|".join(sorted({key.split(".")[0] for key in CATALOGUES["zh"] if "." in key}))
KEY = re.compile(rf"(?<![\w/.@-])(?:{ROOTS})(?:\.[a-z0-9_]+)+(?![\w/.-])")
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


def check_language(page: WatchedPage, language: str, where: str) -> None:
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
