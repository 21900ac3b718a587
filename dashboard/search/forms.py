"""Distinct skeletons of names, searched as joined texts: as they stand, by pinyin, by initials.

A community has many names and few skeletons ("津泰新苑#号楼#单元" stands for a hundred doors), so a
query looks through little text, at the speed of `str.find`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from dashboard.search.pinyin import Reading, initials, readings
from dashboard.search.text import NUMBER, is_latin

Unit = tuple[str, tuple[str, ...]]
"""A character with all that it may be read; a letter or a `NUMBER` has no reading."""

LONGEST_SYLLABLE = 6

LINE = "\n"
MOST_PLACES = 20_000
"""So many places of a query's text are looked at; who types one letter wants no more."""


class Found(NamedTuple):
    """A skeleton that a query meets.

    Attributes:
        form: Its row.
        skipped: How many of its numbers stand before the met part.
        whole: Whether the query is all of it.
    """

    form: int
    skipped: int
    whole: bool


@dataclass(frozen=True)
class _Lines:
    """Texts as one, a line each; several lines may be of one form."""

    text: str
    starts: list[int]
    forms: list[int]
    letters: bytes | None = None  # 1 where a syllable starts; None where every place is one

    @classmethod
    def join(cls, lines: Sequence[tuple[int, Sequence[str]]], *, marked: bool) -> _Lines:
        text, starts, forms, marks, at = [LINE], [], [], bytearray(b"\0"), 1
        for form, parts in lines:
            starts.append(at)
            forms.append(form)
            line = "".join(parts)
            text += [line, LINE]
            at += len(line) + 1
            if marked:
                for part in parts:
                    marks += b"\1" + bytes(max(0, len(part) - 1))
                marks += b"\0"
        return cls("".join(text), starts, forms, bytes(marks) if marked else None)

    def find(self, wanted: str, *, prefix: bool) -> Iterator[Found]:
        """Yield lines that hold a text at their beginning (`prefix`; whole ones first) or later."""
        needle = LINE + wanted if prefix else wanted
        if prefix and (at := self.text.find(needle + LINE)) >= 0:
            yield self._found(bisect_right(self.starts, at + 1) - 1, at + 1, at + len(needle))
        at = self.text.find(needle)
        for _ in range(MOST_PLACES):
            if at < 0:
                return
            place = at + prefix
            line = bisect_right(self.starts, place) - 1
            start = self.starts[line]
            right = prefix or (place > start and (self.letters is None or self.letters[place]))
            if right:
                yield self._found(line, place, place + len(wanted))
                at = self.text.find(needle, self._end(line))
            else:
                at = self.text.find(needle, at + 1)

    def _end(self, line: int) -> int:
        return (self.starts[line + 1] if line + 1 < len(self.starts) else len(self.text)) - 1

    def _found(self, line: int, begin: int, end: int) -> Found:
        start, stop = self.starts[line], self._end(line)
        return Found(
            self.forms[line], self.text.count(NUMBER, start, begin), begin == start and end == stop
        )


class Forms:
    """Skeletons to search in; the earlier one of two that match alike comes first.

    Args:
        skeletons: Distinct folded texts, the more important first.
    """

    def __init__(self, skeletons: Sequence[str]) -> None:
        self.skeletons = list(skeletons)
        self._row = {skeleton: row for row, skeleton in enumerate(self.skeletons)}
        read = [readings(skeleton) for skeleton in self.skeletons]
        self._plain = _Lines.join(
            [(row, (skeleton,)) for row, skeleton in enumerate(self.skeletons)], marked=False
        )
        spoken = [(row, one) for row, all_ in enumerate(read) for one in all_]
        self._pinyin = _Lines.join(spoken, marked=True)
        short = dict.fromkeys((row, (initials(one),)) for row, one in spoken)
        self._initials = _Lines.join(list(short), marked=False)
        self._units = [_to_units(one, all_) for one, all_ in zip(self.skeletons, read, strict=True)]
        self._starts: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for row, units in enumerate(self._units):
            for place, (char, said) in enumerate(units):
                for key in {char, *(syllable[0] for syllable in said)}:
                    self._starts[key].append((row, place))

    def search(self, skeleton: str, most: int = MOST_PLACES) -> Iterator[tuple[str, bool, Found]]:
        """Yield how a query meets a form, best first: kind of match, at its beginning, which.

        Kinds are `plain`, `pinyin` and `initials`; a form may come more than once.

        Args:
            skeleton: Folded query.
            most: So many forms of each kind at most.
        """
        if (row := self._row.get(skeleton)) is not None:
            yield "plain", True, Found(row, 0, True)
        for found in islice(self._plain.find(skeleton, prefix=True), most):
            yield "plain", True, found
        letters = any(char.isalpha() and char.isascii() for char in skeleton)
        lines = [("pinyin", self._pinyin), ("initials", self._initials)]
        spoken = lines if letters and is_latin(skeleton) else []
        heard = False
        for kind, text in spoken:
            for found in islice(text.find(skeleton, prefix=True), most):
                heard = True
                yield kind, True, found
        if letters and not spoken:
            yield from self._find_mixed(skeleton, most)
        for found in islice(self._plain.find(skeleton, prefix=False), most):
            heard = True
            yield "plain", False, found
        for kind, text in spoken if len(skeleton) > 1 else []:
            for found in islice(text.find(skeleton, prefix=False), most):
                heard = True
                yield kind, False, found
        if spoken and not heard and len(skeleton) > 1:
            yield from self._find_mixed(skeleton, most)

    def knows(self, word: str) -> bool:
        """Say whether a word is the part of a name, or of what a name sounds like."""
        lines = [self._plain, self._pinyin, self._initials] if is_latin(word) else [self._plain]
        return any(
            next(text.find(word, prefix=prefix), None) for text in lines for prefix in (True, False)
        )

    def _find_mixed(self, skeleton: str, most: int) -> list[tuple[str, bool, Found]]:
        """Return forms where each character is met as itself or as the beginning of its pinyin.

        津tai新xy finds 津泰新苑, and so does jtxinyuan.
        """
        first: list[tuple[str, bool, Found]] = []
        later: list[tuple[str, bool, Found]] = []
        second = {*skeleton[1 : LONGEST_SYLLABLE + 1]}
        seen = -1
        for row, place in self._starts.get(skeleton[0], ()):
            units = self._units[row]
            if row == seen or not _may_follow(units, place + 1, second):
                continue
            end = walk(units, place, skeleton, 0)
            if end >= 0:
                seen = row
                skipped = sum(char == NUMBER for char, _ in units[:place])
                whole = place == 0 and end == len(units)
                found = ("pinyin", place == 0, Found(row, skipped, whole))
                (later if place else first).append(found)
                if len(first) >= most:
                    break
        return first + later[:most]


def _may_follow(units: Sequence[Unit], place: int, second: set[str]) -> bool:
    """Say whether the next character may be met by what follows; a last one always may."""
    if place == len(units):
        return True
    char, said = units[place]
    return char in second or any(syllable[0] in second for syllable in said)


def _to_units(skeleton: str, read: Sequence[Reading]) -> list[Unit]:
    return [
        (char, () if char.isascii() else tuple(dict.fromkeys(one[place] for one in read)))
        for place, char in enumerate(skeleton)
    ]


def _shared(syllable: str, query: str, at: int) -> int:
    """Return how many letters of a syllable a query has from a place on."""
    size = 0
    for one, other in zip(syllable, query[at : at + LONGEST_SYLLABLE], strict=False):
        if one != other:
            break
        size += 1
    return size


def walk(units: Sequence[Unit], place: int, query: str, at: int) -> int:
    """Return the place after the units that the rest of a query meets from here, or -1."""
    if at == len(query):
        return place
    if place == len(units):
        return -1
    char, said = units[place]
    if query[at] == char:
        return walk(units, place + 1, query, at + 1)
    for syllable in said:
        size = _shared(syllable, query, at)
        for taken in range(size, 0, -1):
            end = walk(units, place + 1, query, at + taken)
            if end >= 0:
                return end
    return -1
