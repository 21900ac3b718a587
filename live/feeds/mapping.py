"""The mapping of MQTT messages to events, read from TOML and checked when it is loaded."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from geodata.errors import TwinError
from live.events import KINDS

PRESETS = Path(__file__).parent / "presets"

_TOPIC = re.compile(r"^(?:(?:\+|[^+#\0/]*)/)*(?:#|\+|[^+#\0/]*)$")
_PATH = re.compile(r"^\$topic\.(?:\d+-?|-\d+|\d+:-\d+)$|^(?!\$topic)\S(?:.*\S)?$")


@dataclass(frozen=True)
class AlarmRule:
    """One field that raises an alarm when it holds one of some values."""

    path: str
    equals: tuple[Any, ...]
    type: str
    severity: int


@dataclass(frozen=True)
class Rule:
    """How messages of some topics become events; paths are those of `live.feeds.paths`.

    Attributes:
        preset: Name of the mapping, the `source` of its events.
        topic: MQTT filter.
        kind: Kind of event; None for messages that are read and left alone.
        device: Where the device's id may stand, the most telling first.
        where: Path -> values, one of which it must hold; an empty list: anything but nothing.
        time: Where the device's time may stand.
        id: Where an id of the message stands; without one, its content counts.
        values: Quantity -> path.
        values_from: Object whose every number is a quantity.
        units: Quantity -> unit, for values that bring none.
        scale: Quantity -> factor.
        rename: Name in the message -> quantity.
        drop: Names under `values_from` that are no quantities.
        fields: Field of `data` -> path, for kinds other than readings.
        words: Value in the message -> word in `data`.
        alarms: Fields that raise an alarm beside the event.
    """

    preset: str
    topic: tuple[str, ...]
    kind: str | None
    device: tuple[str, ...]
    where: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    time: tuple[str, ...] = ()
    id: tuple[str, ...] = ()
    values: dict[str, str] = field(default_factory=dict)
    values_from: str | None = None
    units: dict[str, str] = field(default_factory=dict)
    scale: dict[str, float] = field(default_factory=dict)
    rename: dict[str, str] = field(default_factory=dict)
    drop: frozenset[str] = frozenset()
    fields: dict[str, str] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    alarms: tuple[AlarmRule, ...] = ()


def load_rules(path: Path) -> list[Rule]:
    """Load the rules of one mapping file.

    Raises:
        TwinError: The file is not there or does not fit; the message names the rule.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise TwinError(f"cannot read the MQTT mapping {path.name}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TwinError(f"{path.name} is not TOML: {error}") from error
    rules = document.get("rule")
    if not isinstance(rules, list) or not rules:
        raise TwinError(f"{path.name} has no [[rule]]")
    return [
        _read_rule(rule, str(document.get("name") or path.stem), f"{path.name}, rule {number}")
        for number, rule in enumerate(rules, 1)
    ]


def load_presets() -> list[Rule]:
    """Load the rules that come with the product."""
    return [rule for path in sorted(PRESETS.glob("*.toml")) for rule in load_rules(path)]


def load_mapping(text: str) -> list[Rule]:
    """Load the rules of a list such as `mine.toml, frigate`; the presets when it names none.

    Args:
        text: Names of presets and files, separated by commas; earlier rules are tried first.

    Raises:
        TwinError: One is no preset and no file, or does not fit.
    """
    presets: dict[str, list[Rule]] = {}
    for rule in load_presets():
        presets.setdefault(rule.preset, []).append(rule)
    rules: list[Rule] = []
    for part in filter(None, map(str.strip, text.split(","))):
        if part not in presets and not part.endswith(".toml"):
            known = ", ".join(sorted(presets))
            raise TwinError(f"no MQTT mapping {part!r}; name a file, NAME.toml, or one of {known}")
        rules += presets[part] if part in presets else load_rules(Path(part))
    return rules or [rule for some in presets.values() for rule in some]


def _read_rule(raw: Mapping[str, Any], preset: str, where: str) -> Rule:
    known = {"topic", "kind", "ignore", *Rule.__dataclass_fields__} - {"preset"}
    unknown = sorted(set(raw) - known)
    if unknown:
        raise TwinError(f"{where}: unknown {', '.join(unknown)}; known: {', '.join(sorted(known))}")
    topic, kind = raw.get("topic"), raw.get("kind", "reading")
    if not isinstance(topic, str) or not topic:
        raise TwinError(f"{where}: needs a topic filter")
    if not _TOPIC.match(topic):
        raise TwinError(
            f"{where}: {topic!r} is no topic filter; + and # stand alone between slashes, # last"
        )
    if raw.get("ignore"):
        return Rule(preset, tuple(topic.split("/")), None, (), _where(raw, where))
    if kind not in KINDS:
        raise TwinError(f"{where}: unknown kind {kind!r}; use one of {', '.join(KINDS)}")
    device = _texts(raw, "device", where)
    if not device:
        raise TwinError(f"{where}: needs device, the paths where the device's id stands")
    rule = Rule(
        preset=preset,
        topic=tuple(topic.split("/")),
        kind=kind,
        device=device,
        where=_where(raw, where),
        time=_texts(raw, "time", where),
        id=_texts(raw, "id", where),
        values=_table(raw, "values", where),
        values_from=str(raw["values_from"]) if "values_from" in raw else None,
        units=_table(raw, "units", where),
        scale={name: float(value) for name, value in raw.get("scale", {}).items()},
        rename=_table(raw, "rename", where),
        drop=frozenset(map(str, raw.get("drop", ()))),
        fields=_table(raw, "fields", where),
        words=_table(raw, "words", where),
        alarms=tuple(_alarm(alarm, where) for alarm in raw.get("alarms", ())),
    )
    paths = [*rule.device, *rule.time, *rule.id, *rule.values.values(), *rule.fields.values(),
             *rule.where, *(alarm.path for alarm in rule.alarms)]  # fmt: skip
    for path in paths:
        if not _PATH.match(path):
            raise TwinError(f"{where}: {path!r} is no path (a.b.0.c, $topic.2, $topic.2-)")
    return rule


def _where(raw: Mapping[str, Any], where: str) -> dict[str, tuple[Any, ...]]:
    found = raw.get("where", {})
    if not isinstance(found, dict):
        raise TwinError(f"{where}: where must be a table of path = [values]")
    return {path: tuple(v) if isinstance(v, list) else (v,) for path, v in found.items()}


def _texts(raw: Mapping[str, Any], name: str, where: str) -> tuple[str, ...]:
    found = raw.get(name, ())
    found = [found] if isinstance(found, str) else found
    if not all(isinstance(item, str) for item in found):
        raise TwinError(f"{where}: {name} must be paths")
    return tuple(found)


def _table(raw: Mapping[str, Any], name: str, where: str) -> dict[str, str]:
    found = raw.get(name, {})
    if not isinstance(found, dict) or not all(isinstance(item, str) for item in found.values()):
        raise TwinError(f"{where}: {name} must be a table of texts")
    return found


def _alarm(raw: Mapping[str, Any], where: str) -> AlarmRule:
    try:
        equals = raw["equals"]
        severity = int(raw.get("severity", 2))
        if not 1 <= severity <= 4:
            raise TwinError(f"{where}: severity must be 1 to 4")
        several = tuple(equals) if isinstance(equals, list) else (equals,)
        return AlarmRule(str(raw["path"]), several, str(raw["type"]), severity)
    except KeyError as error:
        raise TwinError(f"{where}: an alarm needs {error}") from error
