"""What a wall's screens and remotes may say: checked field by field before it is passed on."""

from __future__ import annotations

import math
import re
from typing import Any

import orjson

from dashboard.wall.playlist import LAYERS, PRESETS

THEMES = ("auto", "dark", "day")
EASES = ("smooth", "linear")
COMMANDS = ("play", "pause", "next", "prev", "scene", "home", "in", "out", "left", "right")
"""What the leading screen does once."""
SWITCHES = ("blank", "visitors", "mute")
MOST_BYTES = 8_192
_VIEW = {
    "longitude": (-180.0, 180.0), "latitude": (-90.0, 90.0), "zoom": (5.0, 24.0),
    "pitch": (0.0, 85.0), "bearing": (-100_000.0, 100_000.0),
}  # fmt: skip
_FIGURES = (
    "fps", "frame_ms", "heap_mb", "age_s", "long_ms", "healed", "missed", "reloads", "width",
    "height", "uptime_s",
)  # fmt: skip
_ID = re.compile(r"[\w./:\-]{1,80}")


class SayingError(Exception):
    """Something said is not what a wall understands."""


def read_json(body: bytes) -> dict[str, Any]:
    """Return an object from a short body.

    Raises:
        SayingError: It is too long, no JSON, or no object.
    """
    if len(body) > MOST_BYTES:
        raise SayingError(f"more than {MOST_BYTES} bytes")
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise SayingError("not JSON") from None
    if not isinstance(found, dict):
        raise SayingError("an object is wanted")
    return found


def read_change(given: dict[str, Any]) -> dict[str, Any]:
    """Return a change of a wall's state, with nothing in it but what is known.

    Raises:
        SayingError: A field is unknown or has a wrong value.
    """
    change: dict[str, Any] = {}
    for name, value in given.items():
        if name in SWITCHES:
            change[name] = _read_bool(name, value)
        elif name == "theme":
            change[name] = _read_one(name, value, THEMES)
        elif name == "layers":
            change[name] = None if value is None else _read_one(name, value, PRESETS)
        elif name == "move":
            change[name] = _read_move(value)
        elif name == "pick":
            change[name] = _read_pick(value)
        elif name == "tour":
            change[name] = _read_tour(value)
        elif name == "mode":
            change[name] = _read_one(name, value, ("calm", "tour", "incident", "held"))
        else:
            raise SayingError(f"a wall has no {name!r}")
    return change


def read_command(given: dict[str, Any]) -> tuple[str, Any]:
    """Return what a remote wants done: one of `COMMANDS`, or "set" and a change of the state.

    Raises:
        SayingError: It is nothing that a remote may do.
    """
    do = given.get("do")
    if do == "set":
        wanted = given.get("with")
        if not isinstance(wanted, dict) or set(wanted) - {*SWITCHES, "theme", "layers"}:
            raise SayingError("a remote sets blank, visitors, mute, theme and layers")
        return "set", read_change(wanted)
    if do not in COMMANDS:
        raise SayingError(f"a remote does {', '.join(COMMANDS)} or set")
    if do == "scene":
        scene = given.get("with")
        if not isinstance(scene, str) or not re.fullmatch(r"[a-z0-9-]{1,40}", scene):
            raise SayingError("a scene is named by its id")
        return do, scene
    return str(do), None


def read_figures(given: dict[str, Any]) -> dict[str, Any]:
    """Return what a screen says of itself; anything odd in it is left out."""
    figures: dict[str, Any] = {}
    for name in _FIGURES:
        value = given.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            figures[name] = round(min(max(float(value), -1e9), 1e9), 1)
    for name in ("mode", "degraded", "connection"):
        value = given.get(name)
        if isinstance(value, str) and re.fullmatch(r"[a-z0-9 -]{1,24}", value):
            figures[name] = value
    return figures


def _read_bool(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise SayingError(f"{name} is true or false")
    return value


def _read_one(name: str, value: Any, of: tuple[str, ...]) -> str:
    if value not in of:
        raise SayingError(f"{name} is one of {', '.join(of)}")
    return str(value)


def _read_number(name: str, value: Any, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise SayingError(f"{name} is a number from {low:g} to {high:g}")
    return float(value)


def _read_view(name: str, value: Any) -> dict[str, float]:
    if not isinstance(value, dict):
        raise SayingError(f"{name} is a view")
    return {key: _read_number(f"{name}.{key}", value.get(key), *of) for key, of in _VIEW.items()}


def _read_move(value: Any) -> dict[str, Any] | None:
    """Return a move of the camera: from, to, when it starts, how long it takes, what follows."""
    if value is None:
        return None
    if not isinstance(value, dict):
        raise SayingError("move is an object")
    return {
        "from": _read_view("from", value.get("from")),
        "to": _read_view("to", value.get("to")),
        "at": _read_number("at", value.get("at"), 0, 1e14),
        "ms": _read_number("ms", value.get("ms"), 0, 600_000),
        "ease": _read_one("ease", value.get("ease", "smooth"), EASES),
        "orbit": _read_number("orbit", value.get("orbit", 0), -360, 360),
        "orbit_ms": _read_number("orbit_ms", value.get("orbit_ms", 0), 0, 3_600_000),
        "drift": _read_bool("drift", value.get("drift", False)),
    }


def _read_pick(value: Any) -> dict[str, str] | None:
    if value is None:
        return None
    layer, key = (value.get("layer"), value.get("id")) if isinstance(value, dict) else (None, None)
    known = (*LAYERS, "floors", "incidents", "grids", "compounds")
    if layer not in known or not isinstance(key, str) or not _ID.fullmatch(key):
        raise SayingError("pick is a layer and an id")
    return {"layer": str(layer), "id": key}


def _read_tour(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise SayingError("tour is an object")
    scene = value.get("scene")
    if scene is not None and (not isinstance(scene, str) or len(scene) > 40):
        raise SayingError("tour.scene is the id of a scene")
    name = value.get("name", "")
    if not isinstance(name, str) or len(name) > 80:
        raise SayingError("tour.name is what the scene shows")
    return {
        "on": _read_bool("tour.on", value.get("on")),
        "paused": _read_bool("tour.paused", value.get("paused", False)),
        "scene": scene,
        "name": name,
        "at": _read_number("tour.at", value.get("at", 0), 0, 1e14),
        "seconds": _read_number("tour.seconds", value.get("seconds", 0), 0, 600),
    }
