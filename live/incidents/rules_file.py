"""The file of the rules of incidents: one TOML file, checked whole before any of it counts."""

from __future__ import annotations

import hashlib
import logging
import math
import tomllib
from collections.abc import Callable, KeysView, Mapping
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from geodata.schema import DEVICE_KINDS, SERVICE_KINDS
from live.incidents.errors import RulesError
from live.incidents.rules import WHEN, Clocks, Kind, Mode, Responder, Response, Rule, Rules
from live.subjects import STATES

DEFAULT_FILE = Path(__file__).parent / "rules.toml"
VERSION = 1
SEVERITIES = (1, 2, 3, 4)
LAYERS = ("entrances", "gates", "plate_cameras", "devices", "parking", "services")
COMMON = frozenset({"id", "kind", "severity", "when", "layers", "devices", "off"})

log = logging.getLogger(__name__)


def load_rules(path: Path = DEFAULT_FILE) -> Rules:
    """Load a rules file.

    Raises:
        RulesError: It cannot be read or does not fit.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RulesError(f"the incident rules {path.name} cannot be read: {error}") from error
    return read_rules(text, path.name)


def read_rules(text: str, name: str = "rules") -> Rules:
    """Return the rules that a text holds; see `load_rules`."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RulesError(f"{name} is not TOML: {error}") from error
    top = _Table(document, name)
    version = top.number("version")
    if version != VERSION:
        raise RulesError(f"{name}: version is {version:g}, this program reads {VERSION}")
    severities = top.table("severity")
    severity = {}
    for level in SEVERITIES:
        clocks = severities.table(str(level))
        severity[level] = Clocks(
            clocks.number("respond_s", above=0), clocks.number("resolve_s", above=0)
        )
        clocks.end()
    severities.end()
    response = _read_response(top)
    kinds = _read_kinds(top.table("kind"), tuple(response.responders))
    modes = _read_modes(top.table("mode"), kinds) if "mode" in top.left else {}
    raw = top.take("rule")
    if not isinstance(raw, list) or not raw:
        raise RulesError(f"{name} has no [[rule]]")
    rules, resting = _read_all(raw, kinds, name)
    ladder, together = top.table("escalation"), top.table("together")
    flapping, flood = top.table("flapping"), top.table("flood")
    shelving, pausing, ending = top.table("shelving"), top.table("pausing"), top.table("ending")
    reasons = pausing.table("reasons")
    found = Rules(
        rules=rules,
        kinds=kinds,
        severity=severity,
        ladder=ladder.texts("ladder", least=1),
        escalate_again_s=ladder.number("again_s", above=0),
        together_s=together.number("window_s"),
        together_m=together.number("radius_m"),
        area_s=together.number("area_s") if "area_s" in together.left else 28800.0,
        flapping_count=int(flapping.number("count", above=1)),
        flapping_s=flapping.number("window_s"),
        flapping_quiet_s=flapping.number("quiet_s"),
        flood_count=int(flood.number("count", above=1)),
        flood_s=flood.number("window_s", above=0),
        flood_keep=int(flood.number("keep", above=0)),
        flood_keep_severe=int(flood.number("keep_severe", above=0)),
        shelve_severities=shelving.severities("severities"),
        shelve_longest_s=shelving.number("longest_s", above=0),
        pause_severities=pausing.severities("severities"),
        pause_reasons={key: reasons.number(key, above=0) for key in list(reasons.left)},
        close_after_s=ending.number("close_after_s"),
        digest=hashlib.blake2b(text.encode(), digest_size=6).hexdigest(),
        off=tuple(rule.id for rule in resting),
        resting=resting,
        response=response,
        modes=modes,
    )
    for table in (ladder, together, flapping, flood, shelving, pausing, ending, reasons, top):
        table.end()
    return found


class RulesFile:
    """A rules file that is read again when it has changed; one with an error changes nothing.

    Attributes:
        rules: The last good rules, edited and changed.
        base: The same as the file has them.
        error: Why the file as it stands now is not used; None when it is.

    Args:
        path: The file; None for the rules that come with the product.
        change: Applied to what was read, as by a simulated world.
    """

    def __init__(self, path: Path | None = None, change: Any = None) -> None:
        self.path = path or DEFAULT_FILE
        self._change = change or (lambda rules: rules)
        self._edit: Callable[[Rules], Rules] = lambda rules: rules
        self._seen = self._stat()
        self.base = load_rules(self.path)
        self.rules: Rules = self._change(self.base)
        self.error: str | None = None

    def use(self, edit: Callable[[Rules], Rules]) -> None:
        """Lay edits over the file, now and whenever it is read again."""
        self._edit = edit
        self.rules = self._change(edit(self.base))

    def reread(self) -> bool:
        """Read the file if it has changed; say whether there are new rules."""
        seen = self._stat()
        if seen == self._seen:
            return False
        self._seen = seen
        try:
            base = load_rules(self.path)
            self.rules = self._change(self._edit(base))
            self.base = base
        except RulesError as error:
            self.error = str(error)
            log.error("%s; the rules read before stay in force", error)
            return False
        self.error = None
        log.info("incident rules %s read: %d rules", self.path.name, len(self.rules.rules))
        return True

    def _stat(self) -> tuple[int, int] | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size


def _read_response(top: _Table) -> Response:
    """Return who can be sent; a file that says nothing of it sends nobody."""
    if "response" not in top.left:
        return Response()
    table, people = top.table("response"), top.table("responder")
    limits = table.table("arrive_s")
    responders = {}
    for key in list(people.left):
        one = people.table(key)
        responders[key] = Responder(key, one.choices("services", SERVICE_KINDS), one.flag("gates"))
        one.end()
    found = Response(
        speed_mps=table.number("speed_mps", above=0),
        radius_m=table.number("radius_m", above=0),
        arrive_s={int(k): limits.number(k, above=0) for k in list(limits.left & set("1234"))},
        sent_by=table.texts("sent_by", least=0),
        there_by=table.texts("there_by", least=0),
        responders=responders,
    )
    for one in (limits, table, people):
        one.end()
    return found


def _read_modes(table: _Table, kinds: dict[str, Kind]) -> dict[str, Mode]:
    modes = {}
    for key in list(table.left):
        one = table.table(key)
        modes[key] = Mode(
            key,
            one.choices("raises", tuple(kinds)),
            one.choices("devices", DEVICE_KINDS),
            one.choices("shelters", SERVICE_KINDS),
            one.number("built_before") if "built_before" in one.left else 0.0,
            one.number("storeys_at_most") if "storeys_at_most" in one.left else 0.0,
            one.number("longest_s", above=0),
        )
        one.end()
    table.end()
    return modes


def _read_kinds(table: _Table, responders: tuple[str, ...]) -> dict[str, Kind]:
    kinds = {}
    for key in list(table.left):
        one = table.table(key)
        kinds[key] = Kind(
            key,
            one.text("family", key),
            one.texts("steps", least=0),
            one.flag("resolves_itself"),
            one.flag("discreet"),
            one.flag("by_area"),
            one.choices("responders", responders),
            one.number("area_m") if "area_m" in one.left else 0.0,
        )
        one.end()
    return kinds


def _read_all(
    raw: list[Any], kinds: dict[str, Kind], name: str
) -> tuple[tuple[Rule, ...], tuple[Rule, ...]]:
    rules: dict[str, Rule] = {}
    off: dict[str, Rule] = {}
    for number, one in enumerate(raw, 1):
        where = f"{name}, rule {number}"
        if isinstance(one, dict) and isinstance(one.get("id"), str):
            where = f"{where} ({one['id']})"
        table = _Table(one, where)
        rule = _read_rule(table, kinds)
        if rule.id in rules or rule.id in off:
            raise RulesError(f"{where}: id {rule.id!r} stands twice")
        if table.flag("off"):
            off[rule.id] = rule
        else:
            rules[rule.id] = rule
        table.end()
    return tuple(rules.values()), tuple(off.values())


def _read_rule(table: _Table, kinds: dict[str, Kind]) -> Rule:
    where = table.where
    base = Rule(
        table.text("id"),
        table.choice("kind", tuple(kinds)),
        int(table.number("severity")),
        table.choice("when", tuple(WHEN)),
        table.choices("layers", LAYERS),
        table.choices("devices", DEVICE_KINDS),
    )
    if base.severity not in SEVERITIES:
        raise RulesError(f"{where}: severity is {base.severity}; use 1, 2, 3 or 4")
    needs, may = WHEN[base.when]
    for key in needs - table.left:
        raise RulesError(f"{where}: {key} is missing; when = {base.when!r} needs it")
    given: dict[str, Any] = {}
    for key in sorted((needs | may) & table.left):
        if key in ("types", "subjects", "plates", "states", "who"):
            least = 0 if key in ("plates", "subjects") else 1
            given[key] = table.texts(key, least=least)
        elif key == "quantity":
            given[key] = table.text(key)
        elif key == "count":
            given[key] = int(table.number(key, above=0))
        elif key in ("above", "below", "clear"):
            given[key] = table.number(key, least=-math.inf)
        else:
            given[key] = table.number(key)
    table.known = COMMON | needs | may
    for key in sorted(table.left - {"off"}):
        raise RulesError(f"{where}: unknown key {key!r}{_near(key, table.known)}")
    rule = replace(base, **given)
    if rule.when == "reading" and ("above" in given) == ("below" in given):
        raise RulesError(f"{where}: give either above or below")
    if rule.clear is not None and (rule.clear > rule.above or rule.clear < rule.below):
        raise RulesError(f"{where}: clear {rule.clear:g} is on the wrong side of the limit")
    states = {state for known in STATES.values() for state in known}
    for state in set(rule.states) - states:
        raise RulesError(f"{where}: states: there is no state {state!r}{_near(state, states)}")
    return rule


def _near(word: str, known: Any) -> str:
    near = get_close_matches(word, list(known), n=1)
    return f"; do you mean {near[0]!r}?" if near else f"; use one of {', '.join(sorted(known))}"


class _Table:
    """A table of the file whose keys are taken one by one; what is left at the end is unknown."""

    def __init__(self, raw: Any, where: str) -> None:
        if not isinstance(raw, Mapping):
            raise RulesError(f"{where}: a table is wanted, got {raw!r}")
        self.where, self._raw = where, dict(raw)
        self._given = set(self._raw)
        self.known: frozenset[str] = frozenset()
        self._asked: set[str] = set()

    @property
    def left(self) -> KeysView[str]:
        return dict(self._raw).keys()  # in the order of the file: screens show modes and kinds so

    def take(self, key: str, default: Any = ...) -> Any:
        self._asked.add(key)
        if key not in self._raw:
            if default is ...:
                raise RulesError(f"{self.where}: {key} is missing")
            return default
        return self._raw.pop(key)

    def end(self) -> None:
        for key in sorted(self._raw):
            known = self.known | self._asked
            raise RulesError(f"{self.where}: unknown key {key!r}{_near(key, known)}")

    def table(self, key: str) -> _Table:
        where = f"[{key}]" if "[" not in self.where else f"{self.where[:-1]}.{key}]"
        file = self.where.split(", ")[0]
        return _Table(self.take(key), f"{file}, {where.split(', ')[-1]}")

    def number(self, key: str, *, least: float = 0.0, above: float | None = None) -> float:
        value = self.take(key)
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
            raise RulesError(f"{self.where}: {key}: a number is wanted, got {value!r}")
        if value < least or (above is not None and value <= above):
            limit = f"more than {above:g}" if above is not None else f"{least:g} or more"
            raise RulesError(f"{self.where}: {key}: {limit} is wanted, got {value!r}")
        return float(value)

    def text(self, key: str, default: Any = ...) -> str:
        value = self.take(key, default)
        if not isinstance(value, str) or not value.strip():
            raise RulesError(f"{self.where}: {key}: a text is wanted, got {value!r}")
        return value

    def flag(self, key: str) -> bool:
        value = self.take(key, False)
        if not isinstance(value, bool):
            raise RulesError(f"{self.where}: {key}: true or false is wanted, got {value!r}")
        return value

    def texts(self, key: str, *, least: int) -> tuple[str, ...]:
        value = self.take(key, [])
        if not isinstance(value, list) or not all(isinstance(v, str) and v for v in value):
            raise RulesError(f"{self.where}: {key}: a list of texts is wanted, got {value!r}")
        if len(value) < least:
            raise RulesError(f"{self.where}: {key}: at least {least} is wanted")
        if len(set(value)) < len(value):
            raise RulesError(f"{self.where}: {key}: one stands twice in {value!r}")
        return tuple(value)

    def choice(self, key: str, known: tuple[str, ...]) -> str:
        value = self.text(key)
        if value not in known:
            raise RulesError(f"{self.where}: {key}: there is no {value!r}{_near(value, known)}")
        return value

    def choices(self, key: str, known: tuple[str, ...]) -> tuple[str, ...]:
        values = self.texts(key, least=0)
        for value in values:
            if value not in known:
                raise RulesError(f"{self.where}: {key}: there is no {value!r}{_near(value, known)}")
        return values

    def severities(self, key: str) -> tuple[int, ...]:
        value = self.take(key)
        if not isinstance(value, list) or not set(value) <= set(SEVERITIES):
            raise RulesError(f"{self.where}: {key}: a list of 1, 2, 3, 4 is wanted, got {value!r}")
        return tuple(value)
