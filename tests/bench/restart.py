"""How long a killed server takes until it tells again what it told, and until its pages show."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

from dashboard.compose import sample_path
from dashboard.sending import make_events
from dashboard.settings import Settings
from tests.bench.intake import BATCH, TOKEN, make_bodies, post_all
from tests.bench.report import Line
from tests.conftest import ROOT, ServedApp, find_free_port
from tests.postgres import NoPostgresError, make_database, running_postgres

EVENTS, KILLS = 20_000, 3
LAYERS = ("entrances", "gates", "plate_cameras", "devices", "parking", "services")
IMPORTS = "import dashboard.cli, geodata.cli, dashboard.compose, dashboard.server, uvicorn"


def measure_restart() -> list[Line]:
    """Return the median time from the start of a process to the state as before `kill -9`.

    On SQLite and on PostgreSQL, which goes on while the server is down.
    """
    with tempfile.TemporaryDirectory() as name:
        lines = _measure("SQLite", Path(name), f"sqlite:///{Path(name) / 'bench.db'}")
    try:
        with running_postgres(durable=True) as server, tempfile.TemporaryDirectory() as name:
            lines += _measure("PostgreSQL", Path(name), make_database(server))
    except NoPostgresError as error:
        lines.append(Line(f"restart on PostgreSQL: not measured, {error}"))
    return lines


def _measure(store: str, var: Path, database: str) -> list[Line]:
    community = sample_path(Settings(var=var))
    environ = {"TWIN_FEED_TOKEN": TOKEN, "TWIN_FEED_RATE": "100000", "TWIN_VISITORS": "off"}
    arguments = ("serve", "--community", str(community), "--database", database)
    app = ServedApp(arguments, find_free_port(), var, environ)
    taken, pages, imports, changed = [], [], [], 0
    app.start()
    try:
        things = {layer: sorted(rows) for layer, rows in _rows(app).items()}
        post_all(app.port, make_bodies(make_events(things, seed=1), EVENTS // BATCH))
        for _ in range(KILLS):
            before = _rows(app)
            app.kill()
            imports.append(_time_imports())  # in turn, so that both meet the same machine
            began = time.perf_counter()
            app.start()
            after = _rows(app)
            taken.append(time.perf_counter() - began)
            httpx.get(app.url, timeout=60, trust_env=False).raise_for_status()
            pages.append(time.perf_counter() - began)
            # rhythms and holds go on meanwhile: what the clock alone moves is not compared
            changed += sum(
                _told(before[layer][key]) != _told(after[layer][key])
                for layer in LAYERS
                for key in before[layer]
            )
    finally:
        app.kill()
    return [
        Line(f"restart after kill -9 with {EVENTS:,} events, {store}, s", max(taken), 5),
        Line(f"  each: {', '.join(f'{each:.2f}' for each in taken)}; imports alone "
             f"{statistics.median(imports):.1f}; the first page after {max(pages):.1f}"),
        Line("  rows that are not as before", changed, 0),
        Line("restart / the program's imports alone", _ratio(taken, imports), 3),
    ]  # fmt: skip


def _time_imports() -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", IMPORTS], cwd=ROOT, check=True)
    return time.perf_counter() - began


def _ratio(taken: list[float], imports: list[float]) -> float:
    return statistics.median(a / b for a, b in zip(taken, imports, strict=True))


def _rows(app: ServedApp) -> dict[str, dict[str, Any]]:
    headers = {"authorization": f"Bearer {TOKEN}"}
    url = f"{app.url}/api/v1/snapshot"
    answer = httpx.get(url, headers=headers, timeout=60, trust_env=False).json()
    layers: dict[str, dict[str, Any]] = answer["layers"]
    return {layer: layers[layer] for layer in LAYERS}


def _told(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in ("s", "h", "since")}
