"""How long a killed server takes until it shows again what it showed."""

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

EVENTS, KILLS = 20_000, 3
LAYERS = ("entrances", "gates", "plate_cameras", "devices", "parking", "services")
IMPORTS = (
    "import dashboard.cli, geodata.cli, callbacks, dashboard.compose, dashboard.doors, "
    "dashboard.server, uvicorn"
)


def measure_restart() -> list[Line]:
    """Return the median time from the start of a process to the state as before `kill -9`."""
    with tempfile.TemporaryDirectory() as name:
        var = Path(name)
        community = sample_path(Settings(var=var))
        environ = {"TWIN_FEED_TOKEN": TOKEN, "TWIN_FEED_RATE": "100000", "TWIN_VISITORS": "off"}
        arguments = (
            "serve", "--community", str(community), "--database", f"sqlite:///{var / 'bench.db'}",
        )  # fmt: skip
        app = ServedApp(arguments, find_free_port(), var, environ)
        taken, imports, changed = [], [], 0
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
                # rhythms and holds go on meanwhile: what the clock alone moves is not compared
                changed += sum(
                    _told(before[layer][key]) != _told(after[layer][key])
                    for layer in LAYERS
                    for key in before[layer]
                )
        finally:
            app.kill()
    return [
        Line(f"restart after kill -9 with {EVENTS:,} events, s", statistics.median(taken), 5),
        Line("  rows that are not as before", changed, 0),
        Line("restart / the program's imports alone", _ratio(taken, imports), 3),
        Line(f"  the imports alone take {statistics.median(imports):.1f} s"),
    ]


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
