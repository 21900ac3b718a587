"""The index of a community's names and ids; what matches best comes first, always in one order."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, groupby, islice

from dashboard.search.address import read_address
from dashboard.search.forms import Forms
from dashboard.search.near import Vocabulary, partly, spread
from dashboard.search.pinyin import readings
from dashboard.search.places import Places
from dashboard.search.text import LONGEST, NUMBER, Folded, fold, is_latin, plain, strip_zeros

WEIGHTS = {
    name: weight
    for weight, name in enumerate(
        (
            "compounds",
            "grids",
            "buildings",
            "services",
            "gates",
            "parking",
            "entrances",
            "plate_cameras",
            "devices",
        )
    )
}
"""Searchable layers, the larger things first among what matches alike."""

EXACT, ID, ADDRESS, PREFIX, PINYIN, INITIALS, PART, SAID, SHORT, APART, ID_PART, OTHER, NEAR = (
    range(13)
)
MATCH = {
    EXACT: "exact",
    ID: "id",
    ADDRESS: "address",
    PREFIX: "prefix",
    PINYIN: "pinyin",
    INITIALS: "initials",
    PART: "part",
    SAID: "pinyin",
    SHORT: "initials",
    APART: "part",
    ID_PART: "id",
    OTHER: "part",
    NEAR: "near",
}
SCORES = (100, 98, 95, 90, 85, 80, 70, 65, 60, 55, 50, 45, 30)
"""Score of each tier, best first."""
FEWEST_INITIALS = 3
MOST_FORMS = 1000
MOST_ENTRIES = 4000

_TIERS = {
    ("plain", True): PREFIX,
    ("pinyin", True): PINYIN,
    ("initials", True): INITIALS,
    ("plain", False): PART,
    ("pinyin", False): SAID,
    ("initials", False): SHORT,
}


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that can be found.

    Attributes:
        layer: Its layer.
        id: Its id there.
        name: For people; the id where it has none.
        what: Kind of a device or service, else "".
        names: Other names that count as much as `name` (the English one).
        others: Texts that lead to it after all names: street address, words for its kind.
    """

    layer: str
    id: str
    name: str
    what: str = ""
    names: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry that a query meets, how, and how well (`SCORES`)."""

    entry: Entry
    match: str
    score: int

    def as_dict(self) -> dict[str, str | int]:
        """Return it as JSON has it."""
        entry = self.entry
        return {
            "layer": entry.layer,
            "id": entry.id,
            "name": entry.name,
            "what": entry.what,
            "match": self.match,
            "score": self.score,
        }


class _Postings:
    """The entries of one skeleton: row and numbers, in the order of rows."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, tuple[str, ...]]] = []
        self._by_number: dict[tuple[int, str], list[tuple[int, tuple[str, ...]]]] = {}
        self._spellings: dict[int, set[str]] = {}
        self._in_order: dict[int, list[str]] = {}

    def add(self, row: int, numbers: tuple[str, ...]) -> None:
        self.rows.append((row, numbers))
        for place, number in enumerate(numbers):
            self._by_number.setdefault((place, strip_zeros(number)), []).append((row, numbers))
            self._spellings.setdefault(place, set()).add(number)

    def take(self, skipped: int, numbers: tuple[str, ...], most: int) -> list[int]:
        """Return rows that have these numbers from a place on."""
        if not numbers:
            return [row for row, _ in self.rows[:most]]
        *head, last = [strip_zeros(number) for number in numbers]
        return self._rows_of(skipped, head, last, most)

    def take_longer(self, skipped: int, numbers: tuple[str, ...], most: int) -> list[int]:
        """Return rows whose last number only begins as asked: somebody may still be typing it."""
        *head, last = [strip_zeros(number) for number in numbers]
        spellings = self._sorted(skipped + len(head))
        begin, end = (bisect_left(spellings, numbers[-1] + mark) for mark in ("", ":"))
        longer = {strip_zeros(number) for number in spellings[begin:end][: 50 * most]}
        rows = (
            self._rows_of(skipped, head, number, most)
            for number in sorted(longer - {last}, key=lambda n: (len(n), n))[:most]
        )
        return sorted(chain.from_iterable(rows))[:most]

    def _sorted(self, place: int) -> list[str]:
        if place not in self._in_order:
            self._in_order[place] = sorted(self._spellings.get(place, ()))
        return self._in_order[place]

    def _rows_of(self, skipped: int, head: list[str], last: str, most: int) -> list[int]:
        place = skipped + len(head)
        rows = self._by_number.get((place, last), [])
        if not head:
            return [row for row, _ in rows[:most]]
        same = (r for r, own in rows if [strip_zeros(n) for n in own[skipped:place]] == head)
        return list(islice(same, most))


class _Best:
    """What was found so far: each entry by its best tier."""

    def __init__(self) -> None:
        self.keys: dict[int, tuple[int, int, int]] = {}

    def add(self, row: int, tier: int, late: int = 0) -> None:
        key = (tier, late, row)
        if key < self.keys.get(row, (99, 0, 0)):
            self.keys[row] = key

    def __len__(self) -> int:
        return len(self.keys)

    def ordered(self) -> list[tuple[int, int, int]]:
        return sorted(self.keys.values())


class SearchIndex:
    """Finds things by name, address, pinyin, initials, id, and by words that are nearly theirs.

    Args:
        entries: In any order; ties of a search come in the order of layer, length of name, number,
            id.
        places: Where addresses lead.
    """

    def __init__(self, entries: Sequence[Entry], places: Places) -> None:
        self.entries = sorted(entries, key=_natural)
        self.places = places
        self._row = {(entry.layer, entry.id): row for row, entry in enumerate(self.entries)}
        self._names, self._postings = _gather(self.entries, lambda e: (e.name, *e.names))
        self._others, self._other_postings = _gather(self.entries, lambda e: e.others)
        self._ids: dict[str, list[int]] = defaultdict(list)
        for row, entry in enumerate(self.entries):
            self._ids[_id_key(entry.id)].append(row)
        self._sorted_ids = sorted(self._ids)
        self._vocabulary = Vocabulary(self._words())

    def _words(self) -> Iterator[str]:
        yield from self.places.areas
        for skeleton in self._names.skeletons:
            yield from (run for run in skeleton.split(NUMBER) if len(run) > 1)
        for entry in self.entries:
            yield from (word for name in (entry.name, *entry.names) for word in fold(name).words)

    def search(self, query: str, limit: int = 20) -> list[Hit]:
        """Return what a query meets, best first.

        Args:
            query: As typed; only its first `LONGEST` characters count.
            limit: So many hits at most.
        """
        text = query[:LONGEST].strip()
        wanted = fold(text)
        if not wanted.skeleton:
            return []
        best = self._find(text, wanted, limit)
        if not best or min(best.keys.values())[0] >= SAID:
            known = set(best.keys)
            for late, row in enumerate(self._find_near(text, wanted, limit)):
                if row not in known:
                    best.add(row, NEAR, late)
        hits = [
            Hit(self.entries[row], MATCH[tier], SCORES[tier]) for tier, _, row in best.ordered()
        ]
        return hits[:limit]

    def _find(self, text: str, wanted: Folded, limit: int) -> _Best:
        best = _Best()
        for row in self._ids.get(_id_key(text), ()):
            best.add(row, ID)
        if best and wanted.numbers and is_latin(wanted.skeleton):
            return best  # who types a whole device id wants that device
        address = read_address(text)
        if address is not None:
            for late, key in enumerate(self.places.find(address)):
                if key in self._row:
                    best.add(self._row[key], ADDRESS, late)
        self._find_names(best, self._names, self._postings, wanted, limit)
        if len(best) < limit:
            self._find_apart(best, text, limit)
        if len(best) < limit:
            self._find_ids(best, text, limit)
        if len(best) < limit:
            self._find_others(best, wanted, limit)
        return best

    def _find_names(
        self, best: _Best, forms: Forms, postings: list[_Postings], wanted: Folded, limit: int
    ) -> None:
        # rows of a form come in their order, and forms in that of their first rows: of all forms
        # that a query without numbers meets, the first ones hold the first rows
        most = MOST_FORMS if wanted.numbers else limit
        tiers = groupby(forms.search(wanted.skeleton, most), lambda met: _TIERS[met[0], met[1]])
        for tier, group in tiers:
            if len(best) >= limit:
                return
            if tier == SHORT and len(wanted.skeleton) < FEWEST_INITIALS:
                continue
            met = [(kind, found) for kind, _, found in group]
            for kind, found in met:
                exact = found.whole and kind == "plain"
                for row in postings[found.form].take(found.skipped, wanted.numbers, limit):
                    best.add(row, EXACT if exact else tier, 0 if found.whole else 1)
            if not wanted.numbers or not wanted.skeleton.endswith(NUMBER):
                continue
            for _, found in met:
                if len(best) >= limit:
                    break
                for row in postings[found.form].take_longer(found.skipped, wanted.numbers, limit):
                    best.add(row, tier, 2)

    def _find_apart(self, best: _Best, text: str, limit: int) -> None:
        """Find names that hold all of several words, wherever: 津泰新苑 西门, jintai ximen."""
        terms = [fold(part) for part in re.split(r"[\s,，、]+", plain(text))]
        terms = [term for term in terms if term.skeleton]
        if len(terms) < 2:
            return
        spelled = [term for term in terms if term.skeleton.strip(NUMBER)]
        if not spelled:
            return
        common = set.intersection(
            *({found.form for _, _, found in self._names.search(t.skeleton)} for t in spelled)
        )
        numbers = [strip_zeros(number) for term in terms for number in term.numbers]
        self._add_forms(best, sorted(common), numbers, APART, limit)

    def _add_forms(
        self, best: _Best, forms: Sequence[int], numbers: list[str], tier: int, limit: int
    ) -> None:
        added = 0
        for form in forms:
            for row, own in self._postings[form].rows:
                mine = [strip_zeros(number) for number in own]
                if all(mine.count(number) >= numbers.count(number) for number in numbers):
                    best.add(row, tier)
                    added += 1
                    if added >= max(limit, MOST_ENTRIES if numbers else limit):
                        return

    def _find_ids(self, best: _Best, text: str, limit: int) -> None:
        head = _id_key(text)
        if not head:
            return
        start = bisect_left(self._sorted_ids, head)
        for key in self._sorted_ids[start : start + limit]:
            if not key.startswith(head):
                return
            for row in self._ids[key]:
                best.add(row, ID_PART)

    def _find_others(self, best: _Best, wanted: Folded, limit: int) -> None:
        for kind, first, found in self._others.search(wanted.skeleton):
            if kind == "plain" or first:
                postings = self._other_postings[found.form]
                for row in postings.take(found.skipped, wanted.numbers, limit):
                    best.add(row, OTHER)

    def _find_near(self, text: str, wanted: Folded, limit: int) -> list[int]:
        """Return rows that a query with its unknown words corrected meets, the most like first."""
        found: dict[int, None] = {}
        if not is_latin(wanted.skeleton):  # other characters of the same sound
            spoken = "".join(readings(wanted.skeleton)[0])
            best = _Best()
            heard = Folded(spoken, wanted.numbers, ())
            self._find_names(best, self._names, self._postings, heard, limit)
            found |= dict.fromkeys(row for _, _, row in best.ordered()[:limit])
        unknown = [w for w in wanted.words if not self._names.knows(w)]
        lower = plain(text)
        for place, word in enumerate(unknown or wanted.words):
            others = [w for w in unknown if w != word]
            for candidate in self._vocabulary.correct(word, 4 if place == 0 else 1):
                corrected = lower.replace(word, candidate)
                for other in others:
                    corrected = corrected.replace(
                        other, next(iter(self._vocabulary.correct(other)), other)
                    )
                best = self._find(corrected, fold(corrected), limit)
                found |= dict.fromkeys(row for _, _, row in best.ordered()[:limit])
                if len(found) >= limit:
                    return list(found)
        bare = wanted.skeleton.replace(NUMBER, "")
        numbers = [strip_zeros(number) for number in wanted.numbers]
        for look in (spread, partly):
            if len(bare) < FEWEST_INITIALS or found:
                break
            best = _Best()
            self._add_forms(best, look(bare, self._names.skeletons, limit), numbers, NEAR, limit)
            found |= dict.fromkeys(row for _, _, row in best.ordered())
        return list(found)


def _gather(
    entries: Sequence[Entry], texts: Callable[[Entry], tuple[str, ...]]
) -> tuple[Forms, list[_Postings]]:
    """Return the skeletons of entries' texts and their postings, the more important first."""
    by_skeleton: dict[str, _Postings] = defaultdict(_Postings)
    for row, entry in enumerate(entries):
        for text in dict.fromkeys(texts(entry)):
            folded = fold(text)
            if folded.skeleton:
                by_skeleton[folded.skeleton].add(row, folded.numbers)
    return Forms(list(by_skeleton)), list(by_skeleton.values())


def _natural(entry: Entry) -> tuple[int, int, tuple[tuple[int, str], ...], str]:
    folded = fold(entry.name)
    numbers = tuple((len(strip_zeros(n)), strip_zeros(n)) for n in folded.numbers)
    return WEIGHTS.get(entry.layer, len(WEIGHTS)), len(folded.skeleton), numbers, entry.id


def _id_key(text: str) -> str:
    """Return an id without case and separators, except between figures: L-01, l01 and Ｌ－０１."""
    bare = re.sub(r"[\s_\-—–./:]+", "-", plain(text).strip())
    return re.sub(r"(?<![0-9])-|-(?![0-9])", "", bare)
