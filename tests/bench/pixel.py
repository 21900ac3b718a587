"""Event in to pixel changed: from the post of an event to the frame whose pixels show it."""

from __future__ import annotations

import random
import statistics
import subprocess
import sys
import threading
import time
from contextlib import closing
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from live.events import utc_now
from tests.bench.readers import ROOT
from tests.bench.report import Line
from tests.conftest import find_free_port

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

TOKEN = "bench-feed-token-of-16"
RATE, STEP_S = 200, 0.05
PROBES, BURSTS, BURST = 60, 25, 1000
WAIT_S = 15.0
WATCH = (Path(__file__).parent / "pixel.js").read_text(encoding="utf-8")
DOOR = "d0"
"""The door that is watched; everything else makes the load."""
LOAD = [
    ("entrances", "d1", "access", {"method": "face", "direction": "in", "granted": True}),
    ("entrances", "d2", "status", {"state": "open"}),
    ("gates", "g0", "access", {"method": "card", "direction": "out", "granted": True}),
    ("plate_cameras", "c0", "plate", {"plate": "闽A12345", "direction": "in", "confidence": 0.9}),
    ("devices", "bin0", "reading", {"values": {"level": 40}, "unit": {"level": "%"}}),
    ("entrances", "d2", "status", {"state": "closed"}),
    ("devices", "sos0", "status", {"state": "ok"}),
]
_numbers = count()


def measure_pixel(browser: Browser) -> list[Line]:
    """Return p50, p95 and p99 in seconds, at a steady rate and in bursts."""
    port = find_free_port()
    command = [sys.executable, "-m", "tests.bench.tiny_server", str(port), TOKEN]
    server = subprocess.Popen(command, cwd=ROOT)
    try:
        _wait_for(port)
        page = browser.new_page(viewport={"width": 640, "height": 400})
        page.goto(f"http://127.0.0.1:{port}/wall?theme=dark", wait_until="domcontentloaded")
        page.wait_for_selector("#twin-map[data-ready=true]", state="attached", timeout=180_000)
        with closing(_Poster(port)) as poster:
            poster.post([_probe("closed")])
            page.wait_for_timeout(2000)
            page.evaluate(WATCH, {"layer": "entrances", "id": DOOR})
            steady, rate = _measure_steady(page, poster, port)
            bursts = _measure_bursts(page, poster)
        frame_ms = page.evaluate("() => twin.map.frameMs")
        read_ms = page.evaluate("() => watch.readMs / watch.frames")
        page.close()
    finally:
        server.kill()
        server.wait(10)
    return [
        *_told(f"event to pixel at {rate:.0f} events/s", steady),
        *_told(f"event to pixel, last of a burst of {BURST:,}", bursts),
        Line(f"  3D wall of the tiny world, 640 x 400, software GL: {frame_ms:.0f} ms to ask for "
             f"a frame, {read_ms:.0f} ms until its pixel is drawn and read; "
             f"{len(steady)} and {len(bursts)} probes"),
    ]  # fmt: skip


def _told(name: str, seconds: list[float]) -> list[Line]:
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    return [
        Line(f"{name}, p50 s", cuts[49]),
        Line(f"{name}, p95 s", cuts[94], 1),
        Line(f"{name}, p99 s", cuts[98]),
    ]


def _measure_steady(page: Page, poster: _Poster, port: int) -> tuple[list[float], float]:
    ended, sent = threading.Event(), [0]

    def load() -> None:
        with closing(_Poster(port)) as mine:
            while not ended.is_set():
                # what a slow machine held up comes late, but it comes
                due = round((time.perf_counter() - began) * RATE) - sent[0]
                if due > 0:
                    mine.post([_load() for _ in range(min(due, 500))])
                    sent[0] += min(due, 500)
                time.sleep(STEP_S)

    began = time.perf_counter()
    thread = threading.Thread(target=load)
    thread.start()
    chance = random.Random(2)
    taken = []
    for n in range(PROBES):
        page.wait_for_timeout(chance.uniform(50, 250))
        taken.append(_time(page, poster, [_probe(("forced", "closed")[n % 2])]))
    ended.set()
    thread.join()
    return taken, sent[0] / (time.perf_counter() - began)


def _measure_bursts(page: Page, poster: _Poster) -> list[float]:
    chance = random.Random(3)
    taken = []
    for n in range(BURSTS):
        page.wait_for_timeout(chance.uniform(800, 1200))
        burst = [_load() for _ in range(BURST - 1)]
        taken.append(_time(page, poster, [*burst, _probe(("forced", "closed")[n % 2])]))
    return taken


def _time(page: Page, poster: _Poster, records: list[dict[str, Any]]) -> float:
    """Post events, the last of which is the probe; return seconds until the canvas shows it."""
    red = records[-1]["data"]["state"] == "forced"
    page.evaluate("([red, ms]) => { watch.found = watch.until(red, ms); }", [red, WAIT_S * 1000])
    began = time.time()
    poster.post(records)
    seen = page.evaluate("() => watch.found")
    assert seen is not None, f"not seen within {WAIT_S:g} s; the pixel is {_pixel(page)}"
    return float(seen) - began


def _pixel(page: Page) -> Any:
    return page.evaluate("() => watch.last")


def _probe(state: str) -> dict[str, Any]:
    return _record("entrances", DOOR, "status", {"state": state})


def _load() -> dict[str, Any]:
    return _record(*LOAD[next(_numbers) % len(LOAD)])


def _record(layer: str, key: str, kind: str, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "event_id": f"pixel-{next(_numbers)}", "kind": kind, "data": data,
        "subject": {"layer": layer, "id": key}, "observed_at": utc_now().isoformat(),
    }  # fmt: skip


class _Poster:
    """One connection to the HTTP feed."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=60)

    def post(self, records: list[dict[str, Any]]) -> None:
        """Post events; all of them must be taken."""
        headers = {"authorization": f"Bearer {TOKEN}", "content-type": "application/json"}
        self._connection.request("POST", "/api/v1/events", orjson.dumps(records), headers)
        answer = orjson.loads(self._connection.getresponse().read())
        assert answer.get("accepted") == len(records), answer

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


def _wait_for(port: int) -> None:
    for _ in range(600):
        try:
            with closing(HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
                connection.request("GET", "/readyz")
                if connection.getresponse().status == 200:
                    return
        except OSError:
            pass
        time.sleep(0.1)
    raise RuntimeError("the tiny server did not come up")
