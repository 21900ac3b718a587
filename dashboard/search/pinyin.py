"""Readings of Chinese text: pinyin without tones, initials, and what a character may also be read.

Readings come from pypinyin: of phrases first (重庆 is chongqing), then of each character in turn,
so that one who reads 长者 as changzhe finds it too.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from pypinyin import Style, lazy_pinyin, pinyin

from dashboard.search.text import TONELESS

Reading = tuple[str, ...]
"""Syllables; what is no Chinese character is one of its own."""

MOST_READINGS = 12


@lru_cache(maxsize=8192)
def _readings_of(char: str) -> tuple[str, ...]:
    found = pinyin(char, style=Style.NORMAL, heteronym=True)[0]
    plain = [syllable.translate(TONELESS) for syllable in found]
    # lü is typed lv, and lu by those who do not know that
    bare = [s.replace("v", "u") for s in plain if s.startswith(("lv", "nv"))]
    return tuple(dict.fromkeys([*plain, *bare]))


@lru_cache(maxsize=65536)
def readings(text: str) -> tuple[Reading, ...]:
    """Return the ways to read a text, the usual one first, each other differing in one character.

    Args:
        text: Folded; letters and `NUMBER` stay as they are, one syllable each.
    """
    spread: Any = list  # of a run of other characters each is one
    said = lazy_pinyin(text, style=Style.NORMAL, errors=spread)
    usual = [syllable.translate(TONELESS) for syllable in said]
    if len(usual) != len(text):  # a character that no dictionary has
        usual = [_readings_of(char)[0] if not char.isascii() else char for char in text]
    found = [tuple(usual)]
    for place, char in enumerate(text):
        if char.isascii():
            continue
        for other in _readings_of(char):
            if other != usual[place] and len(found) < MOST_READINGS:
                found.append((*usual[:place], other, *usual[place + 1 :]))
    return tuple(found)


def initials(reading: Reading) -> str:
    """Return the first letter of each syllable."""
    return "".join(syllable[:1] for syllable in reading)
