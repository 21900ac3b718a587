"""History from a file, CSV or NDJSON: it never looks live, and keeps its pace when replayed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from live.events import Event
from live.feeds.base import DeviceIndex, ParseResult, read_each
from live.feeds.errors import UnfitError
from live.feeds.fields import confidence, quantity, read_json, text
from live.feeds.http_json import read_event, split_records

SOURCE = "replay"

_COLUMNS = frozenset(
    {"event_id", "kind", "source", "layer", "id", "subject", "device", "observed_at", "time",
     "received_at", "skew_s", "live", "quantity", "value", "unit"}
)  # fmt: skip
_WHOLE = frozenset({"used", "capacity", "severity"})


class ReplayFeed:
    """A whole file of history.

    CSV needs the columns observed_at (or time), id (or subject, device) and kind, or quantity and
    value for readings; layer where ids are not unique. Other columns are fields of `data`.
    """

    name = SOURCE

    def parse(
        self,
        body: bytes,
        headers: Mapping[str, str],
        *,
        received_at: datetime,
        resolve: DeviceIndex,
    ) -> ParseResult:
        """Return the events of a file, in its order; all of them history."""
        result = ParseResult()

        def read(record: Any) -> list[Event]:
            if isinstance(record, bytes):
                record = read_json(record)
            return [read_event(record, SOURCE, received_at, resolve, history=True)]

        try:
            plain = body.removeprefix(b"\xef\xbb\xbf").lstrip()
            records = split_records(plain) if plain[:1] in (b"{", b"[") else read_csv(plain)
        except UnfitError as error:
            result.reject(str(error), body)
            return result
        read_each(result, records, read, numbered=True)
        return result


def read_csv(body: bytes) -> list[dict[str, Any]]:
    """Return the rows of a CSV file in our own wire form.

    Raises:
        UnfitError: It is no CSV, or lacks a column that is needed.
    """
    try:
        plain = body.decode("utf-8")
    except UnicodeDecodeError:
        plain = body.decode("gb18030", errors="replace")
    try:
        reader = csv.DictReader(io.StringIO(plain.replace("\0", "\ufffd"), newline=""))
        names = {name.strip() for name in reader.fieldnames or []}
        if not names & {"observed_at", "time"} or not names & {"id", "subject", "device"}:
            raise UnfitError(
                "CSV needs the columns observed_at (or time) and id (or subject, device); "
                f"found: {', '.join(sorted(names))[:200]}"
            )
        return [_to_record({(k or "").strip(): v for k, v in row.items()}) for row in reader]
    except csv.Error as error:
        raise UnfitError(f"not CSV: {error}") from error


def _to_record(row: dict[str, Any]) -> dict[str, Any]:
    extra = {
        name.removeprefix("data."): _plain(name.removeprefix("data."), value)
        for name, value in row.items()
        if name and name not in _COLUMNS and isinstance(value, str) and value.strip()
    }
    kind = text(row, "kind") or ("reading" if text(row, "quantity") else None)
    if kind == "reading":
        values: dict[str, float] = {}
        units: dict[str, str] = {}
        pairs: dict[str | None, Any] = {text(row, "quantity"): row.get("value")}
        pairs |= {name: row[name] for name in extra if name in row}
        pairs |= {name.removeprefix("values."): row[name] for name in row if "values." in name}
        for name, told in pairs.items():
            read = quantity(told)
            if name and read is not None:
                values[name.removeprefix("values.")] = read[0]
                unit = read[1] or text(row, "unit")
                if unit:
                    units[name] = unit
        extra = {"values": values, "unit": units}
    return {
        "event_id": text(row, "event_id"),
        "kind": kind,
        "source": text(row, "source"),
        "layer": text(row, "layer"),
        "id": text(row, "id", "subject", "device"),
        "observed_at": text(row, "observed_at", "time"),
        "data": extra,
    }


def _plain(name: str, value: str) -> Any:
    word = value.strip()
    if name in _WHOLE and word.isdecimal() and len(word) < 16:
        return int(word)
    if name == "confidence":
        return confidence(word)
    if word.lower() in ("true", "false"):
        return word.lower() == "true"
    return word


def pace(events: Iterable[Event], speed: float) -> Iterator[tuple[float, Event]]:
    """Yield events in order of time, each with the seconds to wait since the first one.

    Args:
        events: History.
        speed: How many seconds of history pass in one; above 0.
    """
    if speed <= 0:
        raise ValueError(f"speed must be above 0, got {speed}")
    ordered = sorted(events, key=lambda event: event.observed_at)
    for event in ordered:
        yield (event.observed_at - ordered[0].observed_at).total_seconds() / speed, event
