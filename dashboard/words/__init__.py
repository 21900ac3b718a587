"""The words of every screen: one folder a language, in it one catalogue an area."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

LANGUAGES = ("zh", "en")
HTML_LANG = {"zh": "zh-CN", "en": "en"}


class Words:
    """One language's catalogue."""

    def __init__(self, language: str, entries: dict[str, str]) -> None:
        self.language = language
        self.entries = entries

    def __call__(self, key: str, **values: object) -> str:
        """Return the text of a key with `{name}` places filled in.

        Raises:
            KeyError: The catalogue has no such key.
        """
        return self.entries[key].format(**values) if values else self.entries[key]

    def unit(self, code: str | None) -> str:
        """Return how a UCUM code is written for people: °C for Cel; other codes as they are."""
        if code == "1":  # a plain number
            return ""
        return self.entries.get(f"ucum.{code}", code or "")


@cache
def load_words(language: str) -> Words:
    """Return a language's catalogue; an unknown language gives Chinese."""
    name = language if language in LANGUAGES else "zh"
    entries: dict[str, str] = {}
    for path in sorted(Path(__file__).with_name(name).glob("*.json")):
        entries |= json.loads(path.read_text(encoding="utf-8"))
    return Words(name, entries)
