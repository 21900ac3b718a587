"""Where an address leads: areas by any of their spellings, buildings in them, doors by unit."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from dashboard.search.address import Address
from dashboard.search.forms import Forms
from dashboard.search.text import squeeze, strip_zeros

Key = tuple[str, str]
FEWEST_LETTERS = 2
MOST_AREAS = 6
_ORDER = {("plain", True): 1, ("pinyin", True): 2, ("initials", True): 3, ("plain", False): 4}


@dataclass
class Places:
    """Buildings by area and number, and their doors by unit.

    Attributes:
        areas: Folded names of compounds and streets, in the order of their coming.
    """

    areas: list[str] = field(default_factory=list)
    _buildings: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    _doors: dict[str, list[tuple[str | None, str]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    _known: set[str] = field(default_factory=set)
    _forms: Forms | None = None

    def add_building(self, building: str, area: str, number: str) -> None:
        """Add a building under the name of an area it stands in; it may have several."""
        key = squeeze(area)
        if key not in self._known:
            self._known.add(key)
            self.areas.append(key)
        if building not in self._buildings[key, number]:
            self._buildings[key, number].append(building)

    def add_door(self, door: str, building: str, unit: str | None) -> None:
        """Add a unit door of a building."""
        self._doors[building].append((unit, door))

    def find(self, address: Address) -> list[Key]:
        """Return layer and id of what an address leads to, best first.

        With a unit it is its door, then the building; without, the building, then its doors. What
        is beyond the door (floor, flat) plays no part.
        """
        found: dict[Key, None] = {}
        for area in self._resolve(address.area):
            for building in self._buildings.get((area, address.building), ()):
                doors = self._doors.get(building, [])
                if address.unit is None:
                    found[("buildings", building)] = None
                    found |= dict.fromkeys(("entrances", door) for _, door in doors)
                    continue
                mine = [door for unit, door in doors if _is(unit, address.unit)]
                if not mine and len(doors) == 1 and doors[0][0] is None:
                    mine = [doors[0][1]]  # the only door of a building without units
                found |= dict.fromkeys(("entrances", door) for door in mine)
                if mine or address.certain:
                    found[("buildings", building)] = None
        return list(found)

    def _resolve(self, area: str) -> list[str]:
        """Return the areas that a text may name; all of them for an empty text."""
        wanted = squeeze(area)
        if not wanted:
            return self.areas if not area.strip() else []
        if wanted in self.areas:
            # 津泰苑 is not 津泰新苑
            return [wanted]
        if wanted.isascii() and len(wanted) < FEWEST_LETTERS:
            return []
        if self._forms is None:
            self._forms = Forms(self.areas)
        found: dict[str, int] = {}
        for kind, first, met in self._forms.search(wanted):
            order = _ORDER.get((kind, first))
            if order is not None:
                skeleton = self.areas[met.form]
                found.setdefault(skeleton, 2 * order - met.whole)
        if not found:
            # 福州市军门社区津泰新苑: the name stands at the end of a longer address
            ends = [name for name in self.areas if name and wanted.endswith(name)]
            return sorted(ends, key=len, reverse=True)[:1]
        best = min(found.values())
        ranked = sorted(found, key=lambda name: (found[name], self.areas.index(name)))
        return [name for name in ranked if best % 2 == 0 or found[name] == best][:MOST_AREAS]


def _is(unit: str | None, wanted: str) -> bool:
    return unit is not None and strip_zeros(unit) == wanted
