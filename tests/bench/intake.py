"""From HTTP to durable through a real server process: as fast as it goes, and held with readers."""

from __future__ import annotations

import asyncio
import http.client
import random
import re
import secrets
import sqlite3
import statistics
import tempfile
import threading
import time
from contextlib import closing, suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
import orjson

from dashboard.compose import sample_path
from dashboard.sending import make_events
from dashboard.settings import Settings
from live.events import utc_now
from live.store import open_store
from live.tokens import TokenBook
from tests.bench.readers import cpu_seconds
from tests.bench.report import Line
from tests.bench.store import sqlite_insert
from tests.conftest import ServedApp, find_free_port

TOKEN = "bench-feed-token-of-16"
BATCH, BATCHES, SENDERS = 500, 60, 4
RATE, STEP_S, HELD_S, READERS = 2000, 0.1, 20.0, 50
QUIET = 0.3
"""Share of a core below which the server has caught up with its start."""
RAW_RATE = 70_000
"""Raw SQLite inserts a second of a quiet machine, for which the goal of 5,000 events is meant."""


@dataclass
class Sent:
    """What became of the events sent.

    Attributes:
        taken_s: Seconds that each post took.
        accepted: Events that the server said are durable.
        retries: Batches sent again, as the server asked for.
    """

    taken_s: list[float] = field(default_factory=list)
    accepted: int = 0
    retries: int = 0


def measure_intake() -> list[Line]:
    """Return both rates, with the raw insert rate of the same minute beside them."""
    with tempfile.TemporaryDirectory() as name:
        var = Path(name)
        community, database = sample_path(Settings(var=var)), var / "bench.db"
        environ = {"TWIN_FEED_TOKEN": TOKEN, "TWIN_FEED_RATE": "100000", "TWIN_VISITORS": "off"}
        arguments = ("serve", "--community", str(community), "--database", f"sqlite:///{database}")
        with closing(open_store(arguments[-1])) as store:
            reader = {"authorization": f"Bearer {TokenBook(store).create('admin', 'bench')[1]}"}
        app = ServedApp(arguments, find_free_port(), var, environ)
        app.start()
        try:
            _wait_until_quiet(app)
            things = _take_snapshot(app, reader)["layers"]
            source = make_events({layer: sorted(rows) for layer, rows in things.items()}, seed=1)
            post_all(app.port, make_bodies(source, 4))  # warm
            raw = [_raw_rate(var / "raw-1.db")]
            fast = _measure_fast(app, source)
            raw.append(_raw_rate(var / "raw-2.db"))
            held = _measure_held(app, source, database, reader)
        finally:
            app.kill()
    ratio = fast["rate"] / statistics.mean(raw)
    return [
        Line("HTTP to durable, events a second in batches", fast["rate"], 5000, "least"),
        Line("HTTP to durable / raw SQLite insert", ratio, round(5000 / RAW_RATE, 3), "least"),
        Line(f"  raw SQLite insert {raw[0]:,.0f} and {raw[1]:,.0f} rows/s just before and after; "
             f"server {fast['cpu_us']:.0f} us of CPU an event"),
        Line(f"{RATE:,} events/s with {READERS} streams, share held", held["share"], 0.99, "least"),
        Line("  events lost or doubled", held["lost"], 0),
        Line("  gaps, resets and missing ends in the streams", held["gaps"], 0),
        Line(f"  post p50 {held['p50'] * 1e3:.0f} ms, p95 {held['p95'] * 1e3:.0f} ms; server "
             f"{held['cpu'] * 100:.0f} % of one core; {held['patches']:.0f} patches a reader; "
             f"{held['retries']:.0f} retries"),
    ]  # fmt: skip


def _take_snapshot(app: ServedApp, reader: dict[str, str]) -> dict[str, Any]:
    answer = httpx.get(f"{app.url}/api/v1/snapshot", headers=reader, trust_env=False)
    found: dict[str, Any] = answer.raise_for_status().json()
    return found


def _wait_until_quiet(app: ServedApp, most_s: float = 120.0) -> None:
    """Let the simulated visitors' world, which shares the process, catch up with its past."""
    for _ in range(round(most_s / 2)):
        before, began = _cpu_seconds(app), time.perf_counter()
        time.sleep(2)
        if (_cpu_seconds(app) - before) / (time.perf_counter() - began) < QUIET:
            return


def make_bodies(source: Any, batches: int, size: int = BATCH) -> list[bytes]:
    """Return bodies of posts, each a JSON array of events."""
    return [orjson.dumps(list(islice(source, size))) for _ in range(batches)]


def post_all(port: int, bodies: list[bytes], sent: Sent | None = None) -> Sent:
    """Post bodies one after another on one connection; a busy server is asked again."""
    sent = sent or Sent()
    headers = {"authorization": f"Bearer {TOKEN}", "content-type": "application/json"}
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        for body in bodies:
            while True:
                began = time.perf_counter()
                connection.request("POST", "/api/v1/events", body, headers)
                response = connection.getresponse()
                answer = orjson.loads(response.read())
                if response.status == 200:
                    break
                assert response.status in (429, 503), answer
                sent.retries += 1
                time.sleep(float(response.headers["retry-after"]))
            sent.taken_s.append(time.perf_counter() - began)
            sent.accepted += answer["accepted"]
    return sent


def _measure_fast(app: ServedApp, source: Any) -> dict[str, float]:
    share = BATCHES // SENDERS
    bodies = [make_bodies(source, share) for _ in range(SENDERS)]
    results: list[Sent] = []
    senders = [
        threading.Thread(target=lambda mine=mine: results.append(post_all(app.port, mine)))
        for mine in bodies
    ]
    before, began = _cpu_seconds(app), time.perf_counter()
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    taken = time.perf_counter() - began
    accepted = sum(one.accepted for one in results)
    assert accepted == BATCH * BATCHES, f"{accepted} accepted"
    return {"rate": accepted / taken, "cpu_us": (_cpu_seconds(app) - before) / accepted * 1e6}


def _measure_held(
    app: ServedApp, source: Any, database: Path, reader: dict[str, str]
) -> dict[str, float]:
    before = _count(database)
    readers = Readers(app.port, reader["authorization"])
    readers.start()
    sent = Sent()
    cpu, began = _cpu_seconds(app), time.perf_counter()
    total = round(RATE * HELD_S)
    given = 0
    while given < total:
        # a sender that fell behind sends larger batches, as a gateway does
        due = min(total, round((time.perf_counter() - began + STEP_S) * RATE))
        if due > given:
            post_all(app.port, make_bodies(source, 1, min(due - given, 2000)), sent)
            given += min(due - given, 2000)
        time.sleep(max(0.0, began + given / RATE - time.perf_counter() - STEP_S / 2))
    taken = time.perf_counter() - began
    cpu = (_cpu_seconds(app) - cpu) / taken
    last = _take_snapshot(app, reader)["seq"]
    gaps = readers.stop(last)
    assert sent.accepted == total, f"{sent.accepted} of {total} acknowledged"
    cuts = statistics.quantiles(sent.taken_s, n=20)
    return {
        "share": given / taken / RATE,
        "lost": abs(_count(database) - before - total),
        "gaps": gaps,
        "p50": statistics.median(sent.taken_s),
        "p95": cuts[18],
        "cpu": cpu,
        "patches": statistics.mean(readers.patches),
        "retries": sent.retries,
    }


class Readers:
    """Readers of the stream on a loop of their own; every other one takes packed patches."""

    _ID = re.compile(rb"(?:^|\n)id: [0-9a-f]+-(\d+)\n|\nevent: (reset)\n")

    def __init__(self, port: int, shown: str) -> None:
        self._port, self._shown = port, shown
        self.patches = [0] * READERS
        self._last: list[int | None] = [None] * READERS
        self._gaps = 0
        self._end: int | None = None
        self._up = threading.Semaphore(0)
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))

    def start(self) -> None:
        """Return once every reader hears the stream."""
        self._thread.start()
        for _ in range(READERS):
            self._up.acquire()

    def stop(self, last: int) -> int:
        """Return gaps, resets and readers that did not come to patch `last` within 5 s."""
        self._end = last
        self._thread.join()
        return self._gaps + sum(seq is None or seq < last for seq in self._last)

    async def _run(self) -> None:
        tasks = [asyncio.create_task(self._read(k)) for k in range(READERS)]
        while self._end is None:
            await asyncio.sleep(0.05)
        for _ in range(100):
            if all(seq is not None and seq >= self._end for seq in self._last):
                break
            await asyncio.sleep(0.05)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _read(self, k: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port, limit=2**24)
        # HTTP/1.0: the body comes without chunks in between
        target = "/api/v1/stream?packed=1" if k % 2 else "/api/v1/stream"
        head = f"Host: bench\r\nAuthorization: {self._shown}\r\n\r\n"
        writer.write(f"GET {target} HTTP/1.0\r\n{head}".encode())
        with suppress(asyncio.CancelledError):
            await reader.readuntil(b"event: reset\n")  # a new reader is told to take a snapshot
            await reader.readuntil(b"\n\n")
            self._up.release()
            while True:
                message = await reader.readuntil(b"\n\n")
                for found in self._ID.finditer(message):
                    self._note(k, found)
        writer.close()

    def _note(self, k: int, found: re.Match[bytes]) -> None:
        if found[2]:
            self._gaps += 1
            return
        seq, last = int(found[1]), self._last[k]
        self._gaps += last is not None and seq != last + 1
        self._last[k] = seq
        self.patches[k] += 1


def _raw_rate(path: Path, seconds: float = 1.5) -> float:
    """Return rows a second of plain inserts into the events table, 1,000 a commit."""
    open_store(f"sqlite:///{path}").close()
    insert = sqlite_insert(f"sqlite:///{path}")
    chance = random.Random(1)
    now = int(utc_now().timestamp() * 1e6)
    number, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        rows = [
            (number + k, secrets.token_hex(16), "access", "http", "entrances",
             f"e-{chance.randrange(332)}", now, now, 0.0, 1, None,
             '{"method":"face","direction":"in","granted":true}')
            for k in range(1000)
        ]  # fmt: skip
        insert(rows)
        number += 1000
    return number / (time.perf_counter() - began)


def _count(database: Path) -> int:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as conn:
        return int(conn.execute("SELECT count(*) FROM events").fetchone()[0])


def _cpu_seconds(app: ServedApp) -> float:
    assert app.process is not None
    return cpu_seconds(app.process.pid)
