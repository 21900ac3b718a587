"""Plate search and last-N queries on millions of rows of the default store, and the full scan."""

from __future__ import annotations

import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex

from live.events import utc_now
from live.plates import near_keys
from live.store import Store, open_store
from live.store.tables import EVENTS, to_us
from tests.bench.events import CAMERAS, DEVICES, DOORS, make_plate
from tests.bench.report import Line

ROWS = 10_000_000
DAYS = 30
GOAL_MS = 300.0
RESIDENT_CARS, OTHER_CARS = 5_000, 295_000
"""Three reads of five are of residents; the rest are visitors, deliveries and misreads."""
CHUNK = 50_000


def measure_search(rows: int = ROWS) -> list[Line]:
    """Return the slowest of each kind of query in ms, and how many times longer a scan takes."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "large.db"
        began = time.perf_counter()
        plates = fill(path, rows)
        taken = time.perf_counter() - began
        lines = [
            Line(f"  {rows:,} events, {len(plates):,} plates: {path.stat().st_size / 1e9:.1f} GB, "
                 f"loaded in {taken:.0f} s")
        ]  # fmt: skip
        store = open_store(f"sqlite:///{path}")
        try:
            for kind, (queries, condition) in _queries(store, plates).items():
                slowest, typical = _time_all(queries)
                scan = _time_scan(path, condition)
                lines += [
                    Line(f"{kind}: slowest of {len(queries)}, ms", slowest, GOAL_MS),
                    Line(f"  p50 {typical:.1f} ms; a full scan takes {scan:,.0f} ms, "
                         f"{scan / slowest:,.0f} times the slowest"),
                ]  # fmt: skip
        finally:
            store.close()
    return lines


Queries = dict[str, Callable[[], object]]


def _queries(store: Store, plates: list[str]) -> dict[str, tuple[Queries, str]]:
    """Return what is asked for by kind, and the condition of the scan that it spares."""
    chance = random.Random(7)
    home, rare = plates[:RESIDENT_CARS], plates[RESIDENT_CARS:]
    now = utc_now()

    def plate(text: str, **more: Any) -> Callable[[], object]:
        return lambda: store.search_plates(text, **more)

    some = [*chance.sample(home, 5), *chance.sample(rare, 5)]
    week = {"since": now - timedelta(days=8), "until": now - timedelta(days=1)}
    parts = ["闽A", "A12", "88", "7", *(one[2:5] for one in some[:4]), "ZZZZ"]
    wild = ["闽*", "闽A?2*5", "*8?8*", f"{some[0][:3]}*", f"??{some[1][2:]}", "*ZZZZ*", "京*0"]
    misread = [f"{one[:3]}{chance.choice('0D8B')}{one[4:]}" for one in some]
    door, camera, device = "e-7", "c-3", "d-99"
    return {
        "plate, exact": (
            {one: plate(one) for one in [*some, "闽Z00000"]}
            | {f"{one} week": plate(one, **week) for one in some},
            f"plate = '{some[0]}'",
        ),
        "plate, part": ({one: plate(one) for one in parts}, "plate LIKE '%A12%'"),
        "plate, part, within a week": (
            {one: plate(one, **week) for one in parts},
            f"plate LIKE '%A12%' AND observed_at < {to_us(now)}",
        ),
        "plate, wildcards": ({one: plate(one) for one in wild}, "plate LIKE '闽A_2%5'"),
        "plate, near": ({one: plate(one, near=True) for one in misread}, "plate LIKE '闽A1_345'"),
        "last 50 of a door, a camera, a device": (
            {
                "door": lambda: store.last_events("entrances", door),
                "camera": lambda: store.last_events("plate_cameras", camera),
                "device": lambda: store.last_events("devices", device),
                "none": lambda: store.last_events("gates", "g-1"),
            },
            f"layer = 'entrances' AND subject = '{door}'",
        ),
        "last 100 by kind, layer, plate, span": (
            {
                "all": lambda: store.query(),
                "kind": lambda: store.query("plate"),
                "rare kind": lambda: store.query("alarm"),
                "layer": lambda: store.query(layer="devices"),
                "rare layer": lambda: store.query(layer="services"),
                "plate": lambda: store.query(plate=some[0]),
                "day": lambda: store.query("access", until=now - timedelta(days=9)),
                "kind of a camera": lambda: store.query("status", "plate_cameras", camera),
                "kind of a door": lambda: store.query("status", "entrances", door),
                "kind of a layer": lambda: store.query("alarm", "entrances"),
            },
            "kind = 'plate' AND layer = 'plate_cameras'",
        ),
    }


def _time_all(queries: Queries) -> tuple[float, float]:
    """Return the slowest and the middle query in ms, each the median of three."""
    taken = {}
    for name, query in queries.items():
        runs = []
        for _ in range(3):
            began = time.perf_counter()
            query()
            runs.append((time.perf_counter() - began) * 1e3)
        taken[name] = statistics.median(runs)
    return max(taken.values()), statistics.median(taken.values())


def _time_scan(path: Path, condition: str) -> float:
    """Return ms of the newest 50 of a condition, with no index to help."""
    with closing(sqlite3.connect(path)) as conn:
        conn.execute("PRAGMA cache_size = -65536")
        began = time.perf_counter()
        conn.execute(
            f"SELECT * FROM events NOT INDEXED WHERE {condition} ORDER BY observed_at DESC LIMIT 50"
        ).fetchall()
        return (time.perf_counter() - began) * 1e3


def fill(path: Path, rows: int) -> list[str]:
    """Load a store with events of 30 days, straight into its tables; return the plates.

    Indexes are made after the rows, as for any bulk load.
    """
    open_store(f"sqlite:///{path}").close()
    chance = random.Random(11)
    wanted = min(RESIDENT_CARS + OTHER_CARS, max(RESIDENT_CARS + 1, rows // 10))
    found: dict[str, None] = {}
    while len(found) < wanted:
        found[make_plate(chance)] = None
    plates = list(found)
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        conn.execute("PRAGMA journal_mode = OFF")  # until the store opens it anew
        conn.execute("PRAGMA synchronous = OFF")
        conn.execute("PRAGMA cache_size = -1000000")
        for index in EVENTS.indexes:
            conn.execute(f"DROP INDEX {index.name}")
        marks = ", ".join("?" * len(EVENTS.columns))
        source = _rows(chance, plates, rows)
        conn.execute("BEGIN")
        while chunk := list(islice(source, CHUNK)):
            conn.executemany(f"INSERT INTO events VALUES ({marks})", chunk)
        conn.execute("COMMIT")
        for index in EVENTS.indexes:
            conn.execute(str(CreateIndex(index).compile(dialect=sqlite.dialect())))
        conn.execute("BEGIN")
        conn.execute(
            "INSERT INTO plates SELECT plate, count(*), min(observed_at), max(observed_at) "
            "FROM events WHERE plate IS NOT NULL GROUP BY plate"
        )
        conn.executemany(
            "INSERT INTO plate_keys VALUES (?, ?)",
            sorted((key, plate) for plate in plates for key in near_keys(plate)),
        )
        conn.execute("COMMIT")
    return plates


def _rows(chance: random.Random, plates: list[str], rows: int) -> Iterator[tuple[Any, ...]]:
    """Yield rows of `events`, even in time: 45 % access, 15 % plates, 38 % readings, 2 % states."""
    end = to_us(utc_now())
    step = DAYS * 86_400_000_000 // rows
    first = end - step * rows
    told = {
        name: orjson.dumps(data).decode()
        for name, data in {
            "access": {"method": "face", "direction": "in", "granted": True},
            "reading": {"values": {"level": 41.5}, "unit": {"level": "%"}},
            "status": {"state": "closed"},
        }.items()
    }
    draw = chance.random
    for number in range(1, rows + 1):
        dice, at = draw(), first + number * step
        plate = None
        if dice < 0.45:
            kind, layer, subject = "access", "entrances", f"e-{int(draw() * DOORS)}"
        elif dice < 0.6:
            kind, layer, subject = "plate", "plate_cameras", f"c-{int(draw() * CAMERAS)}"
            cars = RESIDENT_CARS if draw() < 0.6 else len(plates)
            plate = plates[int(draw() * cars)]
        elif dice < 0.98:
            kind, layer, subject = "reading", "devices", f"d-{int(draw() * DEVICES)}"
        else:
            kind, layer, subject = "status", "entrances", f"e-{int(draw() * DOORS)}"
        data = told[kind] if plate is None else f'{{"plate":"{plate}","confidence":0.97}}'
        name = f"{chance.getrandbits(128):032x}"
        yield (number, name, kind, "http", layer, subject, at, at, 0.0, 1, plate, data)
