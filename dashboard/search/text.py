"""What of a name or a query counts: one width, one case, Chinese numerals as figures, no spaces."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

LONGEST = 64
"""Characters of a query that count; the API refuses longer ones."""
HAN = r"[\u3400-\u4dbf\u4e00-\u9fff]"
NUMBER = "#"
"""Stands in a skeleton for a number."""
TONELESS = str.maketrans("āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜü", "aaaaeeeeiiiioooouuuuvvvvv")

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
# 三合一 and 五福缘 are names, 三号楼 and 五单元 are numbers
_COUNTED = "号栋幢座单楼层室期区网弄排门组"
_NUMERAL = re.compile(
    rf"([零〇一二三四五六七八九]?十[一二三四五六七八九]?|[零〇一二两三四五六七八九]+)(?=\s*[{_COUNTED}])"
)
_BREAK = re.compile(r"[^a-z0-9#\u3400-\u4dbf\u4e00-\u9fff]+")
_PIECE = re.compile(rf"[0-9]+|[a-z]+|{HAN}+")


@dataclass(frozen=True, slots=True)
class Folded:
    """A text for comparison.

    Attributes:
        skeleton: Letters and Chinese characters without spaces, each number a `NUMBER`.
        numbers: The numbers in their order, as written.
        words: Runs of letters or of characters as they stand apart in the text, numbers left out.
    """

    skeleton: str
    numbers: tuple[str, ...]
    words: tuple[str, ...]


def plain(text: str) -> str:
    """Return a text in one width and one case, without tones, Chinese numerals as figures.

    `第一网格` and `第 1 网格` are one, and so are `５号楼` and `五号楼`; `五福缘` stays.
    """
    lower = unicodedata.normalize("NFKC", text).casefold()
    lower = unicodedata.normalize("NFC", lower).translate(TONELESS)
    return _NUMERAL.sub(lambda found: str(_to_number(found[1])), lower)


def _to_number(numeral: str) -> int:
    if "十" in numeral:
        tens, _, ones = numeral.partition("十")
        return 10 * _DIGITS.get(tens, 1) + _DIGITS.get(ones, 0)
    return int("".join(str(_DIGITS[char]) for char in numeral))


@lru_cache(maxsize=4096)
def fold(text: str) -> Folded:
    """Return a text as it is compared."""
    clean = _BREAK.sub(" ", plain(text).replace(NUMBER, " ").replace("'", ""))
    pieces = _PIECE.findall(clean)
    numbers = tuple(piece for piece in pieces if piece[0].isdecimal())
    skeleton = "".join(NUMBER if piece[0].isdecimal() else piece for piece in pieces)
    words = tuple(re.findall(rf"(?:[a-z]|{HAN})+", clean))
    return Folded(skeleton, numbers, words)


def squeeze(text: str) -> str:
    """Return a text without spaces and punctuation, its numbers kept: 3 区 is not 4 区."""
    return re.sub(r"[^a-z0-9\u3400-\u4dbf\u4e00-\u9fff]+", "", plain(text))


def is_latin(text: str) -> bool:
    """Say whether a folded text has no Chinese character."""
    return text.isascii()


def strip_zeros(number: str) -> str:
    """Return a number without leading zeros."""
    return number.lstrip("0") or "0"
