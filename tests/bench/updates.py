"""One live update, 300 of 3,000 devices among the buildings: our way, the usual way, the limit."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import pydeck as pdk

from geodata.community import Community
from live.events import Event, stable_id, utc_now
from live.hub import Hub
from tests.bench.report import Line
from tests.bench.town import make_town
from tests.browser.worlds import RunningWorld

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHANGED = 300
DEVICES = 3000
SCRIPT = (Path(__file__).parent / "update.js").read_text(encoding="utf-8")


def measure_updates(browser: Browser) -> list[Line]:
    """Return bytes and main-thread time of an update, and how they grow with the scene."""
    large = _measure(browser, make_town(5000, DEVICES), with_usual=True)
    small = _measure(browser, make_town(500, DEVICES), with_usual=False)
    return [
        Line("update, bytes: usual way / ours", large["usual"] / large["bytes"], 1000, "least"),
        Line("update, main thread: usual way / ours", large["dash"] / large["ours"], 100, "least"),
        Line("update, main thread: ours / bare limit", large["ours"] / large["limit"], 1.5),
        Line("update, main thread: 5,000 / 500 buildings", large["ours"] / small["ours"], 1.25),
        Line(f"  ours {large['ours']:.3f} ms, limit {large['limit']:.3f} ms, "
             f"usual {large['dash']:.0f} ms, patch {large['bytes']:,.0f} bytes"),
    ]  # fmt: skip


def _measure(browser: Browser, town: Community, *, with_usual: bool) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        world = RunningWorld(town, Path(folder), Path(folder) / "bench.db").start()
        try:
            patches = _patches(world)
            usual = _whole_deck(town) if with_usual else ""
            page = browser.new_page(viewport={"width": 480, "height": 320})
            page.goto(f"{world.url}/wall?theme=dark", wait_until="domcontentloaded")
            page.wait_for_selector("#twin-map[data-ready=true]", state="attached", timeout=180_000)
            page.wait_for_timeout(3000)
            told = {"patches": [one.decode() for one in patches], "usual": usual, "rounds": 25}
            taken = page.evaluate(SCRIPT, told)
            page.close()
        finally:
            world.stop()
    return {**taken, "bytes": _on_the_wire(patches[0]), "usual": len(usual)}


def _patches(world: RunningWorld) -> list[bytes]:
    """Return the patches that the server really makes when 300 devices report anew, and again."""
    twin = world.world.twin
    now = utc_now()
    _report(twin.intake.submit, now, range(DEVICES), "ok")
    with twin.lock:
        twin.state.take_changes()
    changed = range(0, DEVICES, DEVICES // CHANGED)
    patches = []
    for seq, state in enumerate(("fault", "ok"), start=1):
        _report(twin.intake.submit, now + timedelta(seconds=seq), changed, state)
        with twin.lock:
            changes = twin.state.take_changes() or {}
        only = {kind: {"devices": rows["devices"]} for kind, rows in changes.items()
                if isinstance(rows, dict) and "devices" in rows}  # fmt: skip
        head = {"v": 1, "epoch": "bench", "seq": seq, "at": now.timestamp()}
        patches.append(orjson.dumps({**head, **only}))
    return patches


def _on_the_wire(patch: bytes) -> int:
    """Return the bytes that the page's stream carries for a patch."""
    hub = Hub("bench")
    return len(hub._pack(b"id: bench-1\nevent: patch\ndata: %s\n\n" % patch, 1))


def _report(submit: Callable[..., Any], at: Any, which: range, state: str) -> None:
    events = [
        Event(
            stable_id("bench", k, at), "status", "bench", "devices", f"d-{k}", at, at,
            data={"state": state},
        )
        for k in which
    ]  # fmt: skip
    submit(events).result(60)


def _whole_deck(town: Community) -> str:
    """Return the JSON that an interval callback would send: every polygon and every device."""
    polygons = [
        {"polygon": [list(xy) for xy in shape.exterior.coords], "height": height, "name": name,
         "colour": [104, 112, 122]}
        for shape, height, name in zip(
            town["buildings"].geometry, town["buildings"]["height_m"], town["buildings"]["name"],
            strict=True,
        )
    ]  # fmt: skip
    points = [
        {"position": [point.x, point.y], "name": name, "colour": [182, 194, 206], "state": "ok"}
        for point, name in zip(town["devices"].geometry, town["devices"]["name"], strict=True)
    ]
    deck = pdk.Deck(
        map_provider=None,
        map_style=None,
        layers=[
            pdk.Layer("PolygonLayer", polygons, get_polygon="polygon", get_elevation="height",
                      get_fill_color="colour", extruded=True, pickable=True),
            pdk.Layer("ScatterplotLayer", points, get_position="position", get_fill_color="colour",
                      get_radius=3, pickable=True),
        ],
    )  # fmt: skip
    text: str = deck.to_json()
    return text
