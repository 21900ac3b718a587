"""Our own wire form over HTTP: a JSON array, one object, or one object a line (NDJSON)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from live.events import KINDS, Event, stable_id
from live.feeds.base import DeviceIndex, ParseResult, make_event, read_each, to_body, too_long
from live.feeds.errors import UnfitError
from live.feeds.fields import as_dict, number, read_json, text, to_moment
from live.feeds.privacy import scrub


class HttpJsonFeed:
    """Events as `Event.to_json` writes them; only kind, subject and observed_at are needed."""

    name = "http"

    def parse(
        self,
        body: bytes,
        headers: Mapping[str, str],
        *,
        received_at: datetime,
        resolve: DeviceIndex,
    ) -> ParseResult:
        """Return the events; a reject carries the place of its record."""
        result = ParseResult()
        if too_long(body, result):
            return result

        def read(record: Any) -> list[Event]:
            if isinstance(record, bytes):  # a line that is not JSON
                record = read_json(record)
            return [read_event(record, self.name, received_at, resolve)]

        try:
            records = split_records(body)
        except UnfitError as error:
            result.reject(str(error), body)
            return result
        read_each(result, records, read, numbered=True)
        return result


def split_records(body: bytes) -> list[Any]:
    """Return the records of a JSON array, of one object, or of lines; a broken line as bytes.

    Raises:
        UnfitError: It is none of them.
    """
    try:
        whole = read_json(body)
    except UnfitError:
        lines = [line for line in body.splitlines() if line.strip()]
        if len(lines) < 2 or not any(line.lstrip().startswith(b"{") for line in lines):
            raise
        return [_line(line) for line in lines]
    if isinstance(whole, list):
        return whole
    if isinstance(whole, dict):
        return [whole]
    raise UnfitError("expected an array of events, an event, or one event a line")


def _line(line: bytes) -> Any:
    try:
        return read_json(line)
    except UnfitError:
        return line


def read_event(
    record: Any, source: str, received_at: datetime, resolve: DeviceIndex, *, history: bool = False
) -> Event:
    """Return the event of a record in our own form.

    Raises:
        UnfitError: It is not in that form.
    """
    if not isinstance(record, dict):
        raise UnfitError(f"expected an event (an object), got {type(record).__name__}")
    kind = record.get("kind")
    if kind not in KINDS:
        raise UnfitError(f"unknown kind {str(kind)[:40]!r}; use one of {', '.join(KINDS)}")
    subject = record.get("subject")
    layer, thing = text(record, "layer"), text(record, "subject", "id")
    if isinstance(subject, dict):
        layer, thing = text(subject, "layer"), text(subject, "id")
    ref = resolve.find([thing], [layer]) if layer else resolve.find([thing])
    observed = to_moment(record.get("observed_at"), resolve.zone)
    if observed is None:
        raise UnfitError("observed_at is missing: give the time in ISO 8601")
    data = record.get("data", {})
    if not isinstance(data, dict):
        raise UnfitError("data must be an object")
    data = as_dict(scrub(data))
    if kind == "reading":
        values = as_dict(data.get("values"))
        if not values or any(number(value) is None for value in values.values()):
            raise UnfitError("a reading needs values: {quantity: number}")
    told = text(record, "source")
    given = text(record, "event_id")
    identity = given or stable_id(source, kind, ref.layer, ref.id, observed, to_body(data).hex())
    return make_event(
        kind,
        ref,
        observed,
        data,
        event_id=identity[:200],
        source=told[:64] if told else source,
        received_at=received_at,
        live=not history and record.get("live", True) is not False,
    )
