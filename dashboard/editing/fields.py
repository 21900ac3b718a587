"""Fields that can be edited: what each may hold, and why something does not fit."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from typing import Any
from zoneinfo import ZoneInfo

from geodata.coverage.hours import Clock
from live.plates import is_valid_plate, normalise_plate

_PHONE = re.compile(r"\+?[0-9][0-9 ()\-]{2,24}(?:转[0-9]{1,6})?")
_PATTERN = re.compile(r"[\w?*·\s-]{4,16}")
LONGEST_REASON = 200


class FaultsError(ValueError):
    """Values that do not fit, by field.

    Attributes:
        faults: What is wrong with each.
    """

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(fault.say() for fault in faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a value does not fit.

    Attributes:
        field: Of which field; empty for the whole.
        why: The end of the key `settings.fault.WHY`, which says it in words.
        told: What the words name.
    """

    field: str
    why: str
    told: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def say(self) -> str:
        """Return it for programs, in English."""
        text = _ENGLISH[self.why].format_map(_Told(self.told))
        return f"{self.field}: {text}" if self.field else text

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {"field": self.field, "why": self.why, "told": dict(self.told), "error": self.say()}


class _Told(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"


_ENGLISH = {
    "required": "is missing; fill it in",
    "long": "is longer than {most} characters; shorten it",
    "text": "is no plain text; leave out line breaks and signs that cannot be printed",
    "choice": "there is no {got!r}; use one of {known}",
    "number": "{got!r} is no number; use digits such as {example}",
    "whole": "{got!r} is no whole number; leave out the fraction",
    "low": "{got} is too little; {least} is the least",
    "high": "{got} is too much; {most} is the most",
    "bool": "{got!r} is neither yes nor no",
    "hours": "{got!r} are no opening hours; write them like Mo-Fr 08:30-17:30; Sa 09:00-12:00, "
    "or 24/7",
    "phone": "{got!r} is no telephone number; use digits, spaces, - and a leading +",
    "moment": "{got!r} is no time; write it like 2026-12-01T08:00",
    "past": "{got} is over already; choose a later time, or leave it empty",
    "plate": "{got!r} is no plate; write it whole, such as 闽A12345, or with ? and * for any",
    "clear": "{got} is on the wrong side of the limit {limit}; it is over only beyond it",
    "fixed": "stays as it is; make a new entry instead",
    "unknown": "there is no such field; leave it out",
    "missing": "there is no {got!r} here; check its id",
    "twice": "stands on this list already, as {got}; change that entry",
    "double": "{got} stands in the file twice; keep one row",
    "many": "{most} things are called {got!r}; name them by id",
    "crosses": "{got} is more than {limit}, of which it is a part",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field.

    Attributes:
        name: Its name; its word is `settings.field.NAME`.
        kind: text, choice, int, number, bool, hours, phone, moment, plate.
        required: Whether it may not be empty.
        values: Of a choice.
        words: Beginning of the keys of a choice's words.
        least: Least number.
        most: Greatest number, or longest text.
        unit: Of a number.
    """

    name: str
    kind: str = "text"
    required: bool = False
    values: tuple[str, ...] = ()
    words: str = ""
    least: float | None = None
    most: float | None = None
    unit: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON, for whoever draws a form."""
        told = {
            "name": self.name, "kind": self.kind, "required": self.required,
            "values": list(self.values), "words": self.words, "least": self.least,
            "most": self.most, "unit": self.unit,
        }  # fmt: skip
        return {key: value for key, value in told.items() if value not in ("", [], None, False)}


@dataclass(frozen=True, slots=True)
class Here:
    """What checks know of the place: its clock, its hours, the present moment."""

    zone: ZoneInfo
    hours: Clock
    now: datetime


def check_value(field: Field, given: Any, here: Here) -> Any:
    """Return a value as it is kept, None where it is empty.

    Raises:
        FaultsError: It does not fit.
    """
    if isinstance(given, str):
        given = " ".join(given.split()) if field.kind != "choice" else given.strip()
    if given is None or given == "":
        if field.required:
            raise FaultsError([Fault(field.name, "required")])
        return None
    return _CHECKS[field.kind](field, given, here)


def check_values(
    fields: Mapping[str, Field], given: Mapping[str, Any], here: Here
) -> dict[str, Any]:
    """Return values as they are kept.

    Raises:
        FaultsError: Some do not fit; tells all of them.
    """
    kept: dict[str, Any] = {}
    faults: list[Fault] = []
    for name, value in given.items():
        if name not in fields:
            faults.append(Fault(str(name)[:40], "unknown"))
            continue
        try:
            kept[name] = check_value(fields[name], value, here)
        except FaultsError as error:
            faults += error.faults
    if faults:
        raise FaultsError(faults)
    return kept


def _fail(field: Field, why: str, **told: Any) -> FaultsError:
    got = told.get("got")
    if isinstance(got, str):
        told["got"] = got[:60]
    return FaultsError([Fault(field.name, why, told)])


def _text(field: Field, given: Any, here: Here) -> str:
    text = str(given)
    if not isinstance(given, str | int | float) or not text.isprintable():
        raise _fail(field, "text")
    if len(text) > (field.most or LONGEST_REASON):
        raise _fail(field, "long", most=int(field.most or LONGEST_REASON))
    return text


def _choice(field: Field, given: Any, here: Here) -> str:
    if given not in field.values:
        raise _fail(field, "choice", got=str(given), known=", ".join(field.values))
    return str(given)


def _number(field: Field, given: Any, here: Here) -> float | int:
    if isinstance(given, str):
        try:
            given = float(given.replace(",", ""))
        except ValueError:
            raise _fail(field, "number", got=given, example=f"{field.least or 1:g}") from None
    if isinstance(given, bool) or not isinstance(given, int | float) or not isfinite(given):
        raise _fail(field, "number", got=str(given), example=f"{field.least or 1:g}")
    if field.kind == "int" and given != int(min(max(given, -1e15), 1e15)):
        raise _fail(field, "whole", got=f"{given:g}")
    if field.least is not None and given < field.least:
        raise _fail(field, "low", got=f"{given:g}", least=f"{field.least:g}")
    if field.most is not None and given > field.most:
        raise _fail(field, "high", got=f"{given:g}", most=f"{field.most:g}")
    return int(given) if given == int(given) else float(given)


def _bool(field: Field, given: Any, here: Here) -> bool:
    if not isinstance(given, bool):
        raise _fail(field, "bool", got=str(given))
    return given


def _hours(field: Field, given: Any, here: Here) -> str:
    text = _text(field, given, here)
    if not here.hours.can_read(text):
        raise _fail(field, "hours", got=text)
    return text


def _phone(field: Field, given: Any, here: Here) -> str:
    text = _text(field, given, here)
    if not _PHONE.fullmatch(text):
        raise _fail(field, "phone", got=text)
    return text


def _moment(field: Field, given: Any, here: Here) -> str:
    try:
        at = datetime.fromisoformat(str(given))
    except ValueError:
        raise _fail(field, "moment", got=str(given)) from None
    at = at.replace(tzinfo=here.zone) if at.tzinfo is None else at.astimezone(here.zone)
    if at <= here.now:
        raise _fail(field, "past", got=f"{at:%Y-%m-%d %H:%M}")
    return at.isoformat(timespec="minutes")


def _plate(field: Field, given: Any, here: Here) -> str:
    text = str(given).upper()
    if "?" in text or "*" in text:
        kept = "".join(char for char in text if char in "?*" or char.isalnum())
        # a pattern that nearly everything fits would put everybody on the list
        if not _PATTERN.fullmatch(kept) or sum(char not in "?*" for char in kept) < 4:
            raise _fail(field, "plate", got=text)
        return kept
    plain = normalise_plate(text)
    if plain is None or not is_valid_plate(plain):
        raise _fail(field, "plate", got=text)
    return plain


_CHECKS = {
    "text": _text,
    "choice": _choice,
    "int": _number,
    "number": _number,
    "bool": _bool,
    "hours": _hours,
    "phone": _phone,
    "moment": _moment,
    "plate": _plate,
}
