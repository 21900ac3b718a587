"""Words that a mistyped one may mean: same sound, a wrong, dropped, added or swapped character.

The distance counts insertions, deletions, substitutions and swaps of neighbours (optimal string
alignment; Damerau 1964, Boytsov 2011), by rapidfuzz.
"""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA, LCSseq

from dashboard.search.pinyin import readings
from dashboard.search.text import is_latin

SHORTEST_LATIN = 4
SHORTEST_HAN = 2
LONG_LATIN = 8
LONG_HAN = 5
SPOKEN = 3
"""So many readings of a word are compared."""
BEGINNING = 0.4
"""What it costs that a word is like the beginning of another, not like the whole of it."""
SOUND = 0.3
"""What it costs to be like by sound and not by character."""


class Vocabulary:
    """The words of all names.

    Args:
        words: Folded, the more important first; numbers are no words.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self.words = list(dict.fromkeys(words))
        self._known = set(self.words)
        said = [
            (row, "".join(one))
            for row, word in enumerate(self.words)
            for one in readings(word)[:SPOKEN]
        ]
        self._said = [letters for _, letters in said]
        self._said_by = [row for row, _ in said]

    def correct(self, word: str, limit: int = 4) -> list[str]:
        """Return the words that this one may mean, the most like it first; never itself."""
        cost: dict[int, float] = {}

        def offer(row: int, price: float) -> None:
            if price < cost.get(row, 99) and self.words[row] != word:
                cost[row] = price

        if not is_latin(word):
            if len(word) < SHORTEST_HAN:
                return []
            most = 1 if len(word) < LONG_HAN else 2
            for row, distance, extra in _compare(word, self.words, most):
                offer(row, distance + extra)
        spoken = "".join(readings(word)[0])
        if len(spoken) >= SHORTEST_LATIN:
            most = 1 if len(spoken) < LONG_LATIN else 2
            for place, distance, extra in _compare(spoken, self._said, most):
                offer(self._said_by[place], distance + extra + SOUND)
        best = sorted(cost, key=lambda row: (cost[row], row))
        return [self.words[row] for row in best[:limit]]


def _compare(word: str, choices: list[str], most: int) -> Iterable[tuple[int, float, float]]:
    """Yield row, distance and extra cost of choices like a word, whole or by their beginning."""
    size = len(word)
    for _, distance, row in process.extract(
        word, choices, scorer=OSA.distance, score_cutoff=most, limit=20
    ):
        yield row, distance, 0.0
    cut = [choice[:size] for choice in choices]
    for _, distance, row in process.extract(
        word, cut, scorer=OSA.distance, score_cutoff=most, limit=20
    ):
        yield row, distance, BEGINNING


def spread(query: str, texts: list[str], limit: int) -> list[int]:
    """Return the rows of texts that hold all characters of a query in their order, short first."""
    found = process.extract(
        query, texts, scorer=LCSseq.similarity, score_cutoff=len(query), limit=None
    )
    rows = [row for _, _, row in found]
    return sorted(rows, key=lambda row: (len(texts[row]), row))[:limit]


def partly(query: str, texts: list[str], limit: int) -> list[int]:
    """Return the rows of texts a part of which is a query but for one character, the most like."""
    size = len(query)
    if size < (LONG_LATIN if is_latin(query) else SHORTEST_LATIN):
        return []
    least = 100 * (1 - 1.2 / size)
    found = process.extract(
        query, texts, scorer=fuzz.partial_ratio, score_cutoff=least, limit=limit
    )
    # a text shorter than the query is met by a part of the query, which is another thing
    return [row for text, _, row in found if len(text) >= size - 1]
