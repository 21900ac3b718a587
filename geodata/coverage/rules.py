"""The rule file: profiles, tiers of GB 50180, catchment weights, what devices reach.

It is versioned and meant to be edited; a copy can be named instead of the one beside this module.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from geodata.errors import TwinError
from geodata.schema import SERVICE_KINDS

if TYPE_CHECKING:
    from geodata.coverage.network import Bools, Floats, Ints, WalkingNetwork

FARTHEST_M, FASTEST_M_MIN = 10_000.0, 600.0
"""No rule asks for more: what is farther or faster is no walk."""
GROUPS = ("all", "older", "children", "living_alone")
"""Groups of residents, in the order of every table: everybody, 60 and over, under 15, alone."""

DEFAULT = Path(__file__).with_name("rules.json")


class RuleError(TwinError):
    """The rule file cannot be used; the message says where."""


@dataclass(frozen=True)
class Profile:
    """Who walks: speed, metres a minute; whether over steps; least width of a way, metres."""

    id: str
    speed_m_min: float
    steps: bool
    min_width_m: float

    def can_pass(self, network: WalkingNetwork) -> Bools:
        """Return which edges this profile can walk, (m,); a way of unknown width is wide enough."""
        narrow = network.width_m < self.min_width_m
        return ~narrow & (self.steps | ~network.steps)


@dataclass(frozen=True)
class Tier:
    """One circle of life (生活圈): the distance walked in it by an adult, metres."""

    id: str
    walk_m: float


@dataclass(frozen=True)
class Item:
    """One facility that a tier asks for, and which services are it."""

    id: str
    tier: str
    kinds: tuple[str, ...]
    name_has: tuple[str, ...] = ()
    name_lacks: tuple[str, ...] = ()

    def matches(self, kind: str, name: str | None) -> bool:
        """Return whether a service is this facility and not one of another tier."""
        text = name or ""
        return (
            kind in self.kinds
            and (not self.name_has or any(word in text for word in self.name_has))
            and not any(word in text for word in self.name_lacks)
        )


@dataclass(frozen=True)
class Rules:
    """A rule file.

    Attributes:
        version: Of the file, shown beside every figure made with it.
        source: Where its numbers come from.
        profiles: By id.
        tiers: By id, nearest first.
        items: What each tier asks for.
        catchment: Steps of distance, metres, and their weights, nearest first.
        groups: {kind of service: the group of people it is for}; all where it is not named.
        devices: What kinds of devices reach, as in the file.
        words: {id of a profile, tier or item: {"zh", "en"}}.
    """

    version: str
    source: str
    profiles: dict[str, Profile]
    tiers: dict[str, Tier]
    items: tuple[Item, ...]
    catchment: tuple[tuple[float, float], ...]
    groups: dict[str, str]
    devices: dict[str, dict[str, float]]
    words: dict[str, dict[str, str]]

    def profile(self, id_: str) -> Profile:
        """Return a profile.

        Raises:
            RuleError: There is none of this name.
        """
        if id_ not in self.profiles:
            raise RuleError(f"No profile {id_!r}: choose one of {', '.join(self.profiles)}.")
        return self.profiles[id_]

    def item_of(self, kind: str, name: str | None) -> Item | None:
        """Return the one facility that a service is; None if no tier asks for such.

        Names decide first: a 社区卫生服务中心 is never counted as a 社区卫生服务站 as well.
        """
        fitting = [item for item in self.items if item.matches(kind, name)]
        named = [item for item in fitting if item.name_has]
        return next(iter([*named, *fitting]), None)

    def reach_m(self, tier: str, profile: Profile) -> float:
        """Return how far a profile comes in the minutes of a tier, metres.

        The standard's distance is an adult's; who walks slower comes less far in the same time.
        """
        usual = self.profiles.get("adult", profile).speed_m_min
        return self.tiers[tier].walk_m * min(1.0, profile.speed_m_min / usual)

    def radius_m(self, kind: str, profile: Profile) -> float:
        """Return how far a kind of service or device should be at most, metres.

        That of the first item that it can be, scaled to the profile; a device's own; else that of
        the second tier.
        """
        for item in self.items:
            if kind in item.kinds:
                return self.reach_m(item.tier, profile)
        if kind in self.devices and "walk_m" in self.devices[kind]:
            return self.devices[kind]["walk_m"]
        tiers = list(self.tiers)
        return self.reach_m(tiers[min(1, len(tiers) - 1)], profile)

    def follow_m(self, kind: str) -> float:
        """Return how far away a device of a kind is still measured, metres."""
        return 3 * float(self.devices.get(kind, {}).get("walk_m", 100.0))

    def group_column(self, group: str) -> int:
        """Return the column of a group in every table.

        Raises:
            RuleError: There is no such group.
        """
        if group not in GROUPS:
            raise RuleError(f"No group {group!r}: choose one of {', '.join(GROUPS)}.")
        return GROUPS.index(group)

    def group(self, kind: str) -> str:
        """Return the group that a kind of service is for."""
        return self.groups.get(kind, GROUPS[0])

    def weights(self) -> tuple[Ints, Floats]:
        """Return catchment steps, millimetres, ascending, and their weights."""
        metres, weights = zip(*self.catchment, strict=True)
        return np.rint(np.array(metres) * 1000).astype(np.int32), np.array(weights, float)


def load_rules(path: Path = DEFAULT) -> Rules:
    """Load a rule file.

    Raises:
        RuleError: It is missing, not JSON, or lacks or misstates something.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise RuleError(f"There is no rule file at {path}.") from error
    except (OSError, ValueError) as error:
        raise RuleError(f"{path.name} cannot be read as JSON: {error}") from error
    return to_rules(data, path.name)


def to_rules(data: Any, name: str) -> Rules:
    """Return the rules that a rule file's data states.

    Raises:
        RuleError: It lacks or misstates something; the message begins with `name`.
    """
    try:
        return _to_rules(data)
    except KeyError as error:
        raise RuleError(f"{name} lacks {error.args[0]!r}: see rules.json.") from error
    except (TypeError, ValueError, AttributeError) as error:
        raise RuleError(f"{name}: {error}") from error


def _to_rules(data: dict[str, Any]) -> Rules:
    for part in ("profiles", "tiers", "catchment", "groups", "devices"):
        if not isinstance(data[part], dict):
            raise ValueError(f"{part}: expected an object, found {type(data[part]).__name__}")
    for part, least in (("profiles", "adult"), ("tiers", None)):
        if not data[part] or (least and least not in data[part]):
            raise ValueError(f"{part}: expected {repr(least) if least else 'one'} at least")
    profiles = {
        id_: Profile(
            id_,
            _positive(entry["speed_m_min"], f"profiles.{id_}.speed_m_min", FASTEST_M_MIN),
            bool(entry["steps"]),
            _number(entry.get("min_width_m", 0), f"profiles.{id_}.min_width_m", 0, 100),
        )
        for id_, entry in data["profiles"].items()
    }
    tiers = {
        id_: Tier(id_, _positive(entry["walk_m"], f"tiers.{id_}.walk_m", FARTHEST_M))
        for id_, entry in data["tiers"].items()
    }
    items = tuple(
        Item(
            entry["id"],
            entry["tier"],
            tuple(entry["kinds"]),
            tuple(entry.get("name_has", ())),
            tuple(entry.get("name_lacks", ())),
        )
        for entry in data["items"]
    )
    for item in items:
        if item.tier not in tiers:
            raise ValueError(f"item {item.id}: there is no tier {item.tier!r}")
        for kind in item.kinds:
            if kind not in SERVICE_KINDS:
                raise ValueError(f"item {item.id}: there is no kind of service {kind!r}")
    steps = sorted(
        (
            _positive(metres, f"catchment.{metres}", FARTHEST_M),
            _number(weight, f"catchment.{metres}", 0, 1),
        )
        for metres, weight in data["catchment"].items()
    )
    if not steps:
        raise ValueError("catchment: expected metres above 0 with weights of 0 to 1")
    words = {
        id_: {"zh": entry.get("zh", id_), "en": entry.get("en", id_)}
        for part in (data["profiles"], data["tiers"], {item["id"]: item for item in data["items"]})
        for id_, entry in part.items()
    }
    tiers = dict(sorted(tiers.items(), key=lambda pair: pair[1].walk_m))
    return Rules(
        str(data["version"]),
        str(data["source"]),
        profiles,
        tiers,
        items,
        tuple(steps),
        _to_groups(data["groups"]),
        _to_devices(data["devices"]),
        words,
    )


def _to_groups(groups: dict[str, str]) -> dict[str, str]:
    for kind, group in groups.items():
        if kind not in SERVICE_KINDS or group not in GROUPS:
            raise ValueError(f"groups: {kind!r} for {group!r}; groups are {', '.join(GROUPS)}")
    return dict(groups)


def _to_devices(devices: dict[str, dict[str, Any]]) -> dict[str, dict[str, float]]:
    return {
        kind: {
            name: _positive(
                value, f"devices.{kind}.{name}", 360.0 if name == "fov_deg" else FARTHEST_M
            )
            for name, value in entry.items()
        }
        for kind, entry in devices.items()
    }


def _positive(value: Any, where: str, most: float) -> float:
    number = float(value)
    if not 0 < number <= most:
        raise ValueError(f"{where}: expected a number above 0 and up to {most:g}, found {value!r}")
    return number


def _number(value: Any, where: str, least: float, most: float) -> float:
    number = float(value)
    if not least <= number <= most:
        raise ValueError(f"{where}: expected a number from {least:g} to {most:g}, found {value!r}")
    return number
