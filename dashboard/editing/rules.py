"""Thresholds and rules of incidents, and the plates of lists: laid over the rules' file."""

from __future__ import annotations

import math
import secrets
import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from dashboard.editing.fields import Fault, FaultsError, Field, Here
from dashboard.editing.topic import Item, Topic
from live.edits.book import Present
from live.incidents.rules import WHEN, Rule, Rules
from live.plates import mask_plate
from live.store.edits import LISTED

if TYPE_CHECKING:
    from sqlalchemy import Connection

DAY_S = 86_400.0
LISTS = ("watch", "exempt")
"""Plates that raise an incident where they are read, and those that may stay."""

NUMBERS = {
    "for_s": Field("for_s", "number", True, least=0, most=30 * DAY_S, unit="s"),
    "over_s": Field("over_s", "number", True, least=0, most=30 * DAY_S, unit="s"),
    "window_s": Field("window_s", "number", True, least=1, most=DAY_S, unit="s"),
    "gap_s": Field("gap_s", "number", True, least=1, most=30 * DAY_S, unit="s"),
    "above": Field("above", "number", True, least=-1e6, most=1e6),
    "below": Field("below", "number", True, least=-1e6, most=1e6),
    "clear": Field("clear", "number", True, least=-1e6, most=1e6),
    "rate": Field("rate", "number", True, least=0, most=1e6),
    "amount": Field("amount", "number", True, least=0, most=1e6),
    "count": Field("count", "int", True, least=1, most=1e6),
}
ENABLED = Field("enabled", "bool", True)
SEVERITY = Field("severity", "choice", True, values=("1", "2", "3", "4"), words="severity")
CLOCKS = {
    "respond_s": Field("respond_s", "number", True, least=1, most=30 * DAY_S, unit="s"),
    "resolve_s": Field("resolve_s", "number", True, least=1, most=365 * DAY_S, unit="s"),
}
SHELVED = {"longest_s": Field("longest_s", "number", True, least=60, most=30 * DAY_S, unit="s")}
ENDING = {"close_after_s": Field("close_after_s", "number", True, least=0, most=30 * DAY_S,
                                 unit="s")}  # fmt: skip


class RuleSet:
    """What both topics make of the rules; the file's rules with edits and plates over them."""

    def __init__(self, world: Any) -> None:
        self.world = world
        self.edited: Present = {}
        self.watched: tuple[str, ...] = ()
        self.exempt: tuple[str, ...] = ()

    def use(self) -> None:
        """Let them hold from now on."""
        edited, watched, exempt = self.edited, self.watched, self.exempt

        def edit(rules: Rules) -> Rules:
            laid = lay_over_rules(rules, edited)
            return laid.with_plates(watched).without_plates(exempt)

        self.world.twin.incidents.use_rules(edit)


class IncidentRules(Topic):
    """The rules of incidents: on or off, severity, numbers; clocks and shelving."""

    name = "rules"

    def __init__(self, world: Any, shared: RuleSet) -> None:
        super().__init__(world)
        self._shared = shared

    def items(self) -> dict[str, Item]:
        """Return the rules as the file has them."""
        base = self.world.twin.incidents.rules_file.base
        found = {}
        resting = {rule.id for rule in base.resting}
        for rule in (*base.rules, *base.resting):
            told = {name: _number(rule, name) for name in NUMBERS}
            numbers = {name: value for name, value in told.items() if value is not None}
            fields = {"enabled": ENABLED, "severity": SEVERITY}
            fields |= {name: NUMBERS[name] for name in numbers}
            about: dict[str, Any] = {"kind": rule.kind, "when": rule.when}
            about |= {"devices": list(rule.devices)} if rule.devices else {}
            about |= {"quantity": rule.quantity} if rule.quantity else {}
            values: dict[str, Any] = {
                "enabled": rule.id not in resting,
                "severity": str(rule.severity),
                **numbers,
            }
            group = "device" if rule.devices else "incident"
            item = Item(f"rule.{rule.id}", rule.id, values, fields, group, about)
            found[item.key] = item
        for level, clocks in base.severity.items():
            values = {"respond_s": clocks.respond_s, "resolve_s": clocks.resolve_s}
            key = f"severity.{level}"
            found[key] = Item(key, f"@{key}", values, CLOCKS, "clock")
        for key, values, fields in (
            ("shelving", {"longest_s": base.shelve_longest_s}, SHELVED),
            ("ending", {"close_after_s": base.close_after_s}, ENDING),
        ):
            found[key] = Item(key, f"@settings.{key}", values, fields, "clock")
        return found

    def check(self, item: Item, values: dict[str, Any], here: Here) -> None:
        """Refuse a limit that is over on its wrong side.

        Raises:
            FaultsError: It is.
        """
        clear, above, below = (values.get(name) for name in ("clear", "above", "below"))
        if clear is not None and above is not None and clear > above:
            raise FaultsError([Fault("clear", "clear", {"got": clear, "limit": above})])
        if clear is not None and below is not None and clear < below:
            raise FaultsError([Fault("clear", "clear", {"got": clear, "limit": below})])
        respond, resolve = values.get("respond_s"), values.get("resolve_s")
        if respond is not None and resolve is not None and respond > resolve:
            raise FaultsError([Fault("respond_s", "crosses", {"got": respond, "limit": resolve})])

    def apply(self, present: Present) -> None:
        """Lay the edits over the file; the engine goes on by them at once."""
        self._shared.edited = present
        self._shared.use()


class PlateLists(Topic):
    """Plates on lists: which, why, until when. The plate itself is kept apart, in clear."""

    name = "lists"
    fields: Mapping[str, Field] = {
        "list": Field("list", "choice", True, values=LISTS, words="settings.list"),
        "plate": Field("plate", "plate", True),
        "why": Field("why", required=True, most=200),
        "until": Field("until", "moment"),
    }

    def __init__(self, world: Any, shared: RuleSet) -> None:
        super().__init__(world)
        self._shared = shared
        self._present: Present = {}
        self._ends: list[float] = []
        self._lock = threading.Lock()

    def items(self) -> dict[str, Item]:
        """Return what is on the lists; nothing of it is in a file."""
        none = dict.fromkeys(self.fields)
        return {
            key: Item(key, str(values.get("plate") or key), none, self.fields, values["list"])
            for key, values in self._present.items()
            if values.get("list")
        }

    def apply(self, present: Present) -> None:
        """Let the plates that are on a list now be looked for."""
        with self._lock:
            self._present = present
            now = self.world.twin.clock().timestamp()
            plates, held = self.plates(), {name: [] for name in LISTS}  # type: ignore[var-annotated]
            self._ends = []
            for key, values in present.items():
                until = values.get("until")
                end = datetime.fromisoformat(until).timestamp() if until else math.inf
                if key in plates and values.get("list") in held and end > now:
                    held[values["list"]].append(plates[key])
                    self._ends.append(end)
            self._shared.watched = tuple(held["watch"])
            self._shared.exempt = tuple(held["exempt"])
        self._shared.use()

    def is_due(self) -> bool:
        """Say whether one's time on a list is over."""
        now = self.world.twin.clock().timestamp()
        return any(end <= now for end in self._ends)

    def plates(self) -> dict[str, str]:
        """Return the plates in clear, by the id of their entry."""
        with self.world.twin.store.reading() as conn:
            return {row.id: row.plate for row in conn.execute(select(LISTED))}

    def find(self, key: str) -> str | None:
        """Return the plate of an entry in clear; None where there is none."""
        with self.world.twin.store.reading() as conn:
            found: str | None = conn.scalar(select(LISTED.c.plate).where(LISTED.c.id == key))
        return found


def new_key() -> str:
    """Return a key for a new entry of a list, which tells nothing of it."""
    return secrets.token_hex(6)


def keep_plate(conn: Connection, key: str, plate: str) -> None:
    """Keep a plate in clear under the key of its entry."""
    conn.execute(LISTED.insert().values(id=key, plate=plate))


def shown_plate(plate: str) -> str:
    """Return a plate or pattern as everybody sees it."""
    if "?" in plate or "*" in plate:
        return f"{plate[:2]}…{'*' if plate.endswith('*') else plate[-1]}"
    return mask_plate(plate)


def lay_over_rules(rules: Rules, edited: Present) -> Rules:
    """Return rules with edited values in their places."""
    on: list[Rule] = []
    resting: list[Rule] = []
    off = {rule.id for rule in rules.resting}
    for rule in (*rules.rules, *rules.resting):
        values = dict(edited.get(f"rule.{rule.id}", {}))
        enabled = values.pop("enabled", rule.id not in off)
        if "severity" in values:
            values["severity"] = int(values["severity"])
        laid = replace(rule, **values) if values else rule
        (on if enabled else resting).append(laid)
    severity = {
        level: replace(clocks, **edited.get(f"severity.{level}", {}))
        for level, clocks in rules.severity.items()
    }
    return replace(
        rules,
        rules=tuple(on),
        resting=tuple(resting),
        off=tuple(rule.id for rule in resting),
        severity=severity,
        shelve_longest_s=edited.get("shelving", {}).get("longest_s", rules.shelve_longest_s),
        close_after_s=edited.get("ending", {}).get("close_after_s", rules.close_after_s),
    )


def _number(rule: Rule, name: str) -> float | int | None:
    """Return a number of a rule that its way to detect looks at; None where it has none."""
    needs, may = WHEN[rule.when]
    value = getattr(rule, name)
    if name not in needs | may or value is None or not math.isfinite(value):
        return None
    return int(value) if value == int(value) else float(value)
