"""A sender over the HTTP feed that loses nothing: batches, retries, made-up events, history."""

from __future__ import annotations

import csv
import gzip
import io
import random
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import orjson

from geodata.errors import TwinError
from live.events import stable_id, utc_now
from live.feeds.base import DEFAULT_ZONE
from live.feeds.errors import UnfitError
from live.feeds.fields import to_moment
from live.feeds.http_json import split_records
from live.feeds.replay import SOURCE, read_csv
from live.plates import PROVINCES

BATCH = 500
TICK_S = 0.1
GIVE_UP_S = 120.0
"""A server that takes nothing in for so long ends the run, seconds."""
TIMEOUT_S = 30.0


class SendError(TwinError):
    """Events cannot be sent as asked."""


@dataclass
class Total:
    """What became of what was sent.

    Attributes:
        sent: Events sent, each counted once.
        accepted: New at the server.
        duplicate: Known there, as after an answer that was lost.
        quarantined: Kept aside there.
        retries: Batches sent again.
        lost: Events never acknowledged.
        reasons: Why some were kept aside.
    """

    sent: int = 0
    accepted: int = 0
    duplicate: int = 0
    quarantined: int = 0
    retries: int = 0
    lost: int = 0
    reasons: dict[str, int] = field(default_factory=dict)

    @property
    def is_whole(self) -> bool:
        """Whether the server acknowledged everything."""
        return self.lost == 0 and self.sent == self.accepted + self.duplicate + self.quarantined

    def describe(self) -> str:
        """Return the totals, for people."""
        lines = [
            f"{reason} ({n:,})"
            for reason, n in sorted(self.reasons.items(), key=lambda pair: -pair[1])[:5]
        ]
        counts = (
            f"sent {self.sent} accepted {self.accepted} duplicate {self.duplicate} "
            f"quarantined {self.quarantined} retries {self.retries} lost {self.lost}"
        )
        return "\n".join([*lines, counts])


class Sender:
    """Sends events to a server and keeps them until they are acknowledged.

    Args:
        url: Of the server.
        token: A feed token.
        sleep: Waits for some seconds.
        transport: Another way to the server than the network.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        sleep: Callable[[float], None] = time.sleep,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.url, self.total = url, Total()
        self._sleep = sleep
        headers = {"authorization": f"Bearer {token}"} if token else {}
        self._client = httpx.Client(
            base_url=url, headers=headers, timeout=TIMEOUT_S, transport=transport, trust_env=False
        )

    def __enter__(self) -> Sender:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()

    def things(self) -> dict[str, list[str]]:
        """Return the ids that the server's community has, by layer.

        Raises:
            SendError: The server does not tell.
        """
        try:
            response = self._client.get("/api/v1/snapshot")
            response.raise_for_status()
            layers = response.json()["layers"]
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError) as error:
            raise SendError(f"{self.url} does not tell what it has: {error}") from error
        return {layer: sorted(rows) for layer, rows in layers.items()}

    def send(self, records: list[dict[str, Any]]) -> None:
        """Send a batch until it is acknowledged.

        Raises:
            SendError: The server refuses it for good.
        """
        self.total.sent += len(records)
        self.total.lost += len(records)
        body = orjson.dumps(records)
        waited, pause = 0.0, 0.25
        while True:
            response, wait = self._post(body), pause
            if response is not None:
                if response.status_code == 200:
                    self._count(len(records), response.json())
                    return
                if response.status_code not in (408, 429, 500, 502, 503, 504):
                    raise SendError(
                        f"{self.url} answers {response.status_code}: {response.text[:300]}"
                    )
                told = response.headers.get("retry-after", "")
                wait = float(told) if told.isdecimal() else pause
            if waited > GIVE_UP_S:
                return
            self._sleep(wait)
            waited, pause = waited + wait, min(pause * 2, 5.0)
            self.total.retries += 1

    def _post(self, body: bytes) -> httpx.Response | None:
        try:
            headers = {"content-type": "application/json"}
            return self._client.post("/api/v1/events", content=body, headers=headers)
        except httpx.TransportError:
            return None
        except httpx.InvalidURL as error:
            raise SendError(f"{self.url!r} is no address: {error}") from error

    def _count(self, sent: int, answer: dict[str, Any]) -> None:
        total = self.total
        total.lost -= sent
        total.accepted += answer["accepted"]
        total.duplicate += answer["duplicate"]
        total.quarantined += len(answer["quarantined"])
        for one in answer["quarantined"]:
            reason = str(one["reason"])
            total.reasons[reason] = total.reasons.get(reason, 0) + 1


def simulate(
    sender: Sender,
    rate: float,
    seconds: float,
    seed: int,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Total:
    """Send made-up events at a rate for some seconds; return what became of them.

    Args:
        sender: The way to the server.
        rate: Events a second.
        seconds: How long.
        seed: Another seed is another crowd.
        clock: Seconds that only go forward.
        sleep: Waits for some seconds.
    """
    make = make_events(sender.things(), seed)
    began, sent, whole = clock(), 0, max(1, round(rate * seconds))
    while sent < whole:
        due = min(whole, max(1, round((clock() - began) * rate)))
        batch = list(islice(make, min(BATCH, due - sent)))
        if batch:
            sender.send(batch)
            sent += len(batch)
        else:
            sleep(TICK_S)
    return sender.total


def make_events(things: dict[str, list[str]], seed: int) -> Iterator[dict[str, Any]]:
    """Yield made-up events of now about some things, without an end.

    Raises:
        SendError: None of the things tells anything.
    """
    chance = random.Random(seed)
    run = secrets.token_hex(4)
    told = {"entrances": "access", "gates": "access", "plate_cameras": "plate",
            "devices": "reading"}  # fmt: skip
    layers = [layer for layer in told if things.get(layer)]
    if not layers:
        raise SendError("The server's community has no doors, cameras or devices to speak for.")
    number = 0
    while True:
        number += 1
        layer = chance.choice(layers)
        yield {
            "event_id": stable_id("simulate", seed, run, number),
            "kind": told[layer],
            "subject": {"layer": layer, "id": chance.choice(things[layer])},
            "observed_at": utc_now().isoformat(),
            "data": _make_data(told[layer], chance),
        }


def _make_data(kind: str, chance: random.Random) -> dict[str, Any]:
    way = chance.choice(("in", "out"))
    if kind == "access":
        method = chance.choice(("face", "card", "code", "phone"))
        return {"method": method, "direction": way, "granted": chance.random() < 0.98}
    if kind == "plate":
        letters = "ABCDEFGHJKLMNPQRSTUVWXYZ"
        tail = "".join(chance.choice("0123456789") for _ in range(5))
        plate = PROVINCES[chance.randrange(len(PROVINCES))] + chance.choice(letters) + tail
        return {"plate": plate, "direction": way, "confidence": round(chance.uniform(0.7, 1), 2)}
    return {"values": {"level": round(chance.uniform(0, 100), 1)}, "unit": {"level": "%"}}


def read_records(
    path: Path, columns: dict[str, str], values: dict[str, str]
) -> list[tuple[datetime, dict[str, Any]]]:
    """Return the rows of a history file in our own wire form, in order of time.

    Args:
        path: CSV or NDJSON, also under gzip.
        columns: Our name of a column -> the file's.
        values: Our name of a column -> what it holds in every row.

    Raises:
        SendError: There is no such file, or it is none of them.
    """
    try:
        body = path.read_bytes()
        if body[:2] == b"\x1f\x8b":
            body = gzip.decompress(body)
    except (OSError, EOFError) as error:
        raise SendError(f"{path} cannot be read: {error}") from error
    plain = body.removeprefix(b"\xef\xbb\xbf").lstrip()
    try:
        if plain[:1] in (b"{", b"["):
            rows = [_loads(row) for row in split_records(plain)]
        else:
            rows = read_csv(_rename(plain, columns, values) if columns or values else plain)
    except (UnfitError, csv.Error) as error:
        raise SendError(f"{path}: {error}. Name other columns by --column OURS=THEIRS.") from error
    zone = ZoneInfo(DEFAULT_ZONE)
    dated = []
    for row in rows:
        record = {"source": SOURCE, **{k: v for k, v in row.items() if v is not None}}
        record["live"] = False
        try:
            at = to_moment(record.get("observed_at"), zone) or utc_now()
        except UnfitError:
            at = utc_now()  # the server keeps it aside with its reason
        dated.append((at, record))
    return sorted(dated, key=lambda pair: pair[0])


def replay(
    sender: Sender,
    records: list[tuple[datetime, dict[str, Any]]],
    speed: float,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Total:
    """Send history at its own pace times `speed`, or as fast as it goes at 0."""
    began = clock()
    for batch in _paced(records, speed):
        if speed:
            due = (batch[0][0] - records[0][0]).total_seconds() / speed
            sleep(max(0.0, due - (clock() - began)))
        sender.send([record for _, record in batch])
    return sender.total


def _paced(
    records: Iterable[tuple[datetime, dict[str, Any]]], speed: float
) -> Iterator[list[tuple[datetime, dict[str, Any]]]]:
    """Yield batches, none longer than a tick at the wanted speed."""
    batch: list[tuple[datetime, dict[str, Any]]] = []
    for at, record in records:
        late = bool(batch) and speed and (at - batch[0][0]).total_seconds() / speed > TICK_S
        if late or len(batch) == BATCH:
            yield batch
            batch = []
        batch.append((at, record))
    if batch:
        yield batch


def _loads(row: Any) -> dict[str, Any]:
    if isinstance(row, bytes):
        try:
            row = orjson.loads(row)
        except orjson.JSONDecodeError:
            row = None
    return row if isinstance(row, dict) else {"kind": "not an event"}


def _rename(body: bytes, columns: dict[str, str], values: dict[str, str]) -> bytes:
    """Return a CSV file with columns renamed and added."""
    reader = csv.DictReader(io.StringIO(body.decode("utf-8", errors="replace"), newline=""))
    ours = {theirs: name for name, theirs in columns.items()}
    missing = set(ours) - set(reader.fieldnames or [])
    if missing:
        raise UnfitError(f"there is no column {', '.join(sorted(missing))}")
    names = [ours.get(name, name) for name in reader.fieldnames or []]
    target = io.StringIO(newline="")
    writer = csv.DictWriter(target, [*names, *values], extrasaction="ignore")
    writer.writeheader()
    for row in reader:
        writer.writerow({**{ours.get(k, k): v for k, v in row.items()}, **values})
    return target.getvalue().encode()
