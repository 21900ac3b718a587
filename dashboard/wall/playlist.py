"""The wall's tour: one TOML file of scenes, checked whole before any of it counts."""

from __future__ import annotations

import hashlib
import logging
import math
import re
import threading
import tomllib
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from geodata.errors import TwinError

DEFAULT_FILE = Path(__file__).parent / "playlist.toml"
VERSION = 1
STOPS = (
    "overview", "compounds", "gates", "parking", "services", "buildings", "incidents", "coverage",
    "building",
)  # fmt: skip
LAYERS = ("buildings", "entrances", "gates", "plate_cameras", "devices", "services", "parking")
"""Layers that a stop may name a thing of."""
PRESETS = ("all", "doors", "vehicles", "devices", "services")
MOST_SCENES = 60
MOST_FIGURES = 3
SECONDS = (5.0, 600.0)
RANGES = {"orbit": (-45.0, 45.0), "zoom": (12.0, 21.0), "pitch": (0.0, 75.0), "bearing": (-180.0, 180.0)}  # noqa: E501  # fmt: skip
_KEYS = ("id", "stop", "seconds", "layers", "figures", "zh", "en", *RANGES)
_FIGURE = re.compile(r"[a-z_]+(\.[\w-]+){2}")

log = logging.getLogger(__name__)


class PlaylistError(TwinError):
    """A playlist cannot be used as it is."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One scene of the tour; the file that comes with the product describes each field."""

    id: str
    stop: str
    seconds: float
    layers: str
    zh: tuple[str, str]
    en: tuple[str, str]
    figures: tuple[str, ...] = ()
    orbit: float = 0.0
    zoom: float | None = None
    pitch: float | None = None
    bearing: float | None = None


def load_playlist(path: Path) -> tuple[Scene, ...]:
    """Read and check a playlist.

    Raises:
        PlaylistError: What is wrong, in which scene, and what is wanted instead.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PlaylistError(f"{path}: cannot be read ({error.strerror}).") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PlaylistError(f"{path.name}: not TOML: {error}.") from None
    if data.pop("version", None) != VERSION:
        raise PlaylistError(f"{path.name}: write `version = {VERSION}` first.")
    given = data.pop("scene", None)
    if data:
        raise PlaylistError(f"{path.name}: nothing is called {min(data)!r}; use [[scene]].")
    if not isinstance(given, list) or not 0 < len(given) <= MOST_SCENES:
        raise PlaylistError(f"{path.name}: one to {MOST_SCENES} tables [[scene]] are wanted.")
    scenes = tuple(_read_scene(f"{path.name}, scene {n}", one) for n, one in enumerate(given, 1))
    ids = [scene.id for scene in scenes]
    twice = sorted({one for one in ids if ids.count(one) > 1})
    if twice:
        raise PlaylistError(f"{path.name}: two scenes have the id {twice[0]!r}.")
    return scenes


def _read_scene(where: str, given: Any) -> Scene:
    if not isinstance(given, dict):
        raise PlaylistError(f"{where}: write [[scene]] with a line for each field.")
    for key in given:
        if key not in _KEYS:
            near = get_close_matches(key, _KEYS, 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise PlaylistError(f"{where}: there is no field {key!r}{hint}")
    key = given.get("id")
    if not isinstance(key, str) or not re.fullmatch(r"[a-z0-9-]{1,40}", key):
        raise PlaylistError(f"{where}: `id` is wanted, in small letters, figures and dashes.")
    where = f"{where} ({key})"
    stop = given.get("stop")
    layer, slash, thing = str(stop).partition("/")
    if stop not in STOPS and not (slash and thing and layer in LAYERS):
        raise PlaylistError(f"{where}: `stop` is {stop!r}; use {', '.join(STOPS)} or LAYER/ID.")
    preset = given.get("layers", "all")
    if preset not in PRESETS:
        raise PlaylistError(f"{where}: `layers` is {preset!r}; use {', '.join(PRESETS)}.")
    figures = given.get("figures", [])
    if (
        not isinstance(figures, list)
        or len(figures) > MOST_FIGURES
        or not all(isinstance(one, str) and _FIGURE.fullmatch(one) for one in figures)
    ):
        raise PlaylistError(
            f"{where}: `figures` are up to {MOST_FIGURES} paths such as counters.doors.open."
        )
    numbers = {
        name: _read_number(where, name, given[name], *limits)
        for name, limits in RANGES.items()
        if name in given
    }
    return Scene(
        id=key,
        stop=str(stop),
        seconds=_read_number(where, "seconds", given.get("seconds"), *SECONDS),
        layers=preset,
        zh=_read_texts(where, "zh", given.get("zh")),
        en=_read_texts(where, "en", given.get("en")),
        figures=tuple(figures),
        **numbers,
    )


def _read_number(where: str, name: str, value: Any, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise PlaylistError(f"{where}: `{name}` is {value!r}; a number is wanted.")
    if not low <= value <= high:
        raise PlaylistError(f"{where}: `{name}` is {value:g}; use {low:g} to {high:g}.")
    return float(value)


def _read_texts(where: str, name: str, value: Any) -> tuple[str, str]:
    texts = value if isinstance(value, list) else [value]
    if not 1 <= len(texts) <= 2 or not all(isinstance(t, str) and len(t) <= 120 for t in texts):
        raise PlaylistError(f'{where}: `{name}` is a title and a line: ["title", "line"].')
    return str(texts[0]), str(texts[1]) if len(texts) == 2 else ""


class PlaylistFile:
    """A playlist that is taken up again when its file changes; a bad change leaves the old one.

    Safe for many threads.

    Args:
        path: The file; the product's own when None. It must be right at the start.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or DEFAULT_FILE
        self.scenes = load_playlist(self.path)
        self.problem = ""
        self._seen = self._stamp()
        self._lock = threading.Lock()

    def describe(self) -> dict[str, Any]:
        """Return what a wall needs, read anew if the file changed: scenes, version, problem."""
        with self._lock:
            stamp = self._stamp()
            if stamp != self._seen:
                self._seen = stamp
                try:
                    self.scenes, self.problem = load_playlist(self.path), ""
                except PlaylistError as error:
                    self.problem = str(error)
                    log.warning("the playlist stays as it was: %s", error)
            scenes = [asdict(scene) for scene in self.scenes]
            digest = hashlib.blake2b(repr(self.scenes).encode(), digest_size=6).hexdigest()
            return {"version": digest, "scenes": scenes, "problem": self.problem}

    def _stamp(self) -> tuple[float, int]:
        try:
            found = self.path.stat()
        except OSError:
            return (0.0, -1)
        return (found.st_mtime, found.st_size)
