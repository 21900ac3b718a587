"""The rules of coverage: its numbers one by one, handed on to the coverage itself."""

from __future__ import annotations

import copy
from typing import Any

from dashboard.editing.fields import Field
from dashboard.editing.topic import Item, Topic
from geodata.coverage.rulefile import check_rule_data
from live.edits.book import Present

GROUPS = ("profiles", "tiers", "catchment", "devices")
_NUMBERS = {
    "speed_m_min": Field("speed_m_min", "number", True, least=5, most=300, unit="m/min"),
    "min_width_m": Field("min_width_m", "number", True, least=0, most=10, unit="m"),
    "walk_m": Field("walk_m", "number", True, least=10, most=5000, unit="m"),
    "range_m": Field("range_m", "number", True, least=1, most=500, unit="m"),
    "fov_deg": Field("fov_deg", "number", True, least=5, most=360, unit="°"),
    "height_m": Field("height_m", "number", True, least=0, most=100, unit="m"),
    "target_m": Field("target_m", "number", True, least=0, most=100, unit="m"),
    "radio_m": Field("radio_m", "number", True, least=1, most=1000, unit="m"),
    "weight": Field("weight", "number", True, least=0, most=1),
}
_STEPS = Field("steps", "bool", True)


class CoverageRules(Topic):
    """Speeds, walks, weights and ranges that coverage reckons with.

    What holds is the data of `CoverageDesk.rule_data`, which other editors replace as a whole; an
    edit here changes single numbers of it, under a version of its own.
    """

    name = "coverage"

    def items(self) -> dict[str, Item]:
        """Return the groups of numbers, as they hold now."""
        return _read(self.world.coverage.rule_data)

    def apply(self, present: Present) -> None:
        """Nothing at a start: coverage keeps its own rules; see `change`."""

    def change(self, values: dict[str, dict[str, Any]], number: int) -> dict[str, Any]:
        """Return the rules with other numbers, checked.

        Args:
            values: {key: {field: value}}.
            number: Of the edit, which makes the version another.

        Raises:
            RuleError: They do not go together.
        """
        data = copy.deepcopy(self.world.coverage.rule_data)
        for key, fields in values.items():
            group, _, name = key.partition(".")
            place = data[group] if group != "catchment" else data
            for field, value in fields.items():
                if group == "catchment":
                    place["catchment"][name] = value
                else:
                    place[name][field] = value
        before = str(data.get("version", ""))
        data["version"] = f"{before.split('+')[0]}+{number}"
        check_rule_data(data, before=before)
        return data


def _read(data: dict[str, Any]) -> dict[str, Item]:
    found = {}
    for group in GROUPS:
        for name, told in data.get(group, {}).items():
            key = f"{group}.{name}"
            if not isinstance(told, dict):  # a weight by distance
                fields, values = {"weight": _NUMBERS["weight"]}, {"weight": told}
                found[key] = Item(key, f"{name} m", values, fields, group)
                continue
            fields = {one: _NUMBERS[one] for one in told if one in _NUMBERS}
            if isinstance(told.get("steps"), bool):
                fields["steps"] = _STEPS
            values = {one: told[one] for one in fields}
            about = {lang: told[lang] for lang in ("zh", "en") if lang in told}
            shown = f"@kind.{name}" if group == "devices" else name
            found[key] = Item(key, shown, values, fields, group, about)
    return found
