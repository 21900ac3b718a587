"""Reads fields of untrusted JSON: text, numbers, times, and the pieces of a multipart body."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from live.feeds.errors import UnfitError

_DIGITS = re.compile(r"^(\d{14})(\d{3})?$")
_FRACTION = re.compile(r"(\.\d{6})\d+")
_SHORT_FRACTION = re.compile(r"\.(\d{1,5})(?=\D|$)")
_NUMBER = re.compile(
    r"^\s*([-+]?\d+(?:[.,]\d+)?(?:[eE][-+]?\d{1,3})?)\s*([^\d\s\-+:/.,]\S{0,11})?\s*$"
)
_BOUNDARY = re.compile(r"boundary=\"?([^\";,\s]+)", re.IGNORECASE)
_EARLIEST, _LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)

UNITS = {
    "℃": "Cel",
    "°C": "Cel",
    "摄氏度": "Cel",
    "°": "deg",
    "hours": "h",
    "minutes": "min",
    "seconds": "s",
    "个": "1",
    "立方米": "m3",
    "m³": "m3",
    "度": "kWh",
}
"""Units as vendors write them -> UCUM."""


def as_dict(value: Any) -> dict[str, Any]:
    """Return a value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    """Return a list as it is, nothing as an empty list, anything else as a list of one."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def text(record: Mapping[str, Any], *names: str) -> str | None:
    """Return the first of some fields that holds a text or a number, as text."""
    for name in names:
        value = record.get(name)
        if isinstance(value, str) and value.strip():
            return value.strip()
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
    return None


def number(value: Any) -> float | None:
    """Return a finite number, also of a text, or None."""
    if isinstance(value, bool):
        return float(value)
    if isinstance(value, str) and len(value) < 40:
        found = _NUMBER.match(value)
        value = float(found[1].replace(",", ".")) if found and not found[2] else None
    if isinstance(value, int | float):
        try:
            return float(value) if math.isfinite(value) else None
        except OverflowError:
            return None
    return None


def quantity(value: Any) -> tuple[float, str | None] | None:
    """Return a number and its unit of values such as 25, true, "2000 mm" or "25 ℃", or None."""
    plain = number(value)
    if plain is not None:
        return plain, None
    if isinstance(value, str) and len(value) < 40:
        found = _NUMBER.match(value)
        if found and found[2] and math.isfinite(float(found[1].replace(",", "."))):
            unit = found[2].strip()
            return float(found[1].replace(",", ".")), UNITS.get(unit, unit)
    return None


def per_cent(value: Any) -> float | None:
    """Return a trust of 0..1 from per cent, or None when there is none."""
    found = number(value)
    return found / 100 if found is not None and 0 <= found <= 100 else None


def confidence(value: Any) -> float | None:
    """Return a trust of 0..1 from per cent or from a share, or None when there is none."""
    found = number(value)
    if found is None or not 0 <= found <= 100:
        return None
    return found / 100 if found > 1 else found


def to_moment(value: Any, zone: ZoneInfo) -> datetime | None:
    """Return an aware UTC time, or None when no value is given.

    Takes ISO 8601 with or without a zone and with up to nanoseconds, 14 and 17 digits, seconds and
    milliseconds since 1970. A time without a zone is local.

    Raises:
        UnfitError: There is a value and it is no time between 1990 and 2100.
    """
    if value is None or value == "":
        return None
    try:
        moment = _moment(value)
        if moment is not None and moment.tzinfo is None:
            moment = moment.replace(tzinfo=zone)
        if moment is not None and _EARLIEST <= moment.astimezone(UTC) < _LATEST:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        pass
    raise UnfitError(f"{str(value)[:60]!r} is no time between 1990 and 2100")


def _moment(value: Any) -> datetime | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        seconds = value / 1000 if value > 1e11 else value
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    if not isinstance(value, str) or len(value) > 60:
        return None
    plain = value.strip()
    digits = _DIGITS.match(plain)
    if digits:
        moment = datetime.strptime(digits[1], "%Y%m%d%H%M%S")
        return moment + timedelta(milliseconds=int(digits[2] or 0))
    if plain.isdigit() and len(plain) in (10, 13):
        return _moment(int(plain))
    plain = _FRACTION.sub(r"\1", plain.replace("/", "-"))
    plain = _SHORT_FRACTION.sub(lambda found: "." + found[1].ljust(6, "0"), plain)
    return datetime.fromisoformat(plain)


def local_epoch(value: Any, zone: ZoneInfo) -> datetime | None:
    """Return the time of an epoch that counts local wall-clock seconds, or None."""
    seconds = number(value)
    if seconds is None:
        return None
    moment = to_moment(seconds, zone)
    return moment.replace(tzinfo=zone).astimezone(UTC) if moment else None


def read_json(body: bytes) -> Any:
    """Return a JSON value; also of GB 18030, as some devices send.

    Raises:
        UnfitError: It is not JSON.
    """
    plain = body.removeprefix(b"\xef\xbb\xbf")
    try:
        return orjson.loads(plain)
    except orjson.JSONDecodeError as error:
        try:
            plain.decode()
        except UnicodeDecodeError:
            try:
                return orjson.loads(plain.decode("gb18030"))
            except (UnicodeDecodeError, orjson.JSONDecodeError, UnicodeEncodeError):
                pass
        raise UnfitError(f"not JSON: {error}") from error


def lower_keys(headers: Mapping[str, str]) -> dict[str, str]:
    """Return headers under lower-case names."""
    return {name.lower(): value for name, value in headers.items()}


def boundary_of(body: bytes, content_type: str) -> bytes | None:
    """Return the boundary of a multipart body, from its header or from its first line."""
    found = _BOUNDARY.search(content_type)
    if found:
        told = found[1].encode(errors="replace")
        # some devices name the boundary with its leading dashes
        return told if told.startswith(b"--") and b"--" + told not in body else b"--" + told
    first = body.lstrip()[:200].split(b"\n", 1)[0].strip()
    return first if first.startswith(b"--") and len(first) > 4 else None


def split_parts(body: bytes, boundary: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield content type and content of each part.

    Goes by the boundary alone: the Content-Length that devices send may lie.
    """
    for part in body.split(boundary)[1:]:
        if part.startswith(b"--") or not part.strip():
            continue
        head, gap, content = part.lstrip(b"\r\n").partition(b"\r\n\r\n")
        if not gap or b"\n\n" in head:
            head, gap, content = part.lstrip(b"\r\n").partition(b"\n\n")
        kind = ""
        for line in head.decode("latin-1").splitlines():
            name, _, value = line.partition(":")
            if name.strip().lower() == "content-type":
                kind = value.strip().lower()
        yield kind, content.strip(b"\r\n")
