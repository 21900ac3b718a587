"""Tables of what does not change: built once a community, kept on disk, served by their hash."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass
from pathlib import Path

import brotli

from layers.catalogue import LAYER_NAMES, THEMES, build_table
from layers.columns import encode_table
from layers.scene import Scene

FORMAT = "1"
"""Raise when a layer builder's output changes, so that kept tables are made anew."""


@dataclass(frozen=True)
class StaticTable:
    """One table's bytes, as served."""

    raw: bytes
    compressed: bytes
    etag: str


class StaticLayers:
    """The tables of one community."""

    def __init__(self, scene: Scene, folder: Path) -> None:
        self.scene = scene
        self.folder = folder / f"{scene.community.digest or 'none'}-{FORMAT}-{_code_digest()}"
        self._tables: dict[str, StaticTable] = {}
        self._lock = threading.Lock()
        self._shadows: tuple[tuple[int, int], StaticTable] | None = None

    def build_all(self) -> None:
        """Build every table that is not kept yet."""
        for layer in LAYER_NAMES:
            for theme in THEMES if layer == "ground" else ("",):
                self.get(layer, theme)

    def get(self, layer: str, theme: str = "") -> StaticTable:
        """Return a table, building it if it was never built.

        Raises:
            KeyError: There is no such layer or theme.
        """
        if layer not in LAYER_NAMES:
            raise KeyError(layer)
        if layer == "ground":
            theme = theme or THEMES[0]
            if theme not in THEMES:
                raise KeyError(theme)
        else:
            theme = ""
        name = f"{layer}-{theme}" if theme else layer
        with self._lock:
            if name not in self._tables:
                self._tables[name] = self._load(name, layer, theme)
            return self._tables[name]

    def refresh(self, *layers: str) -> None:
        """Build tables anew for this process, as managers edited what is in them."""
        for layer in layers:
            raw = encode_table(build_table(self.scene, layer, THEMES[0]))
            table = StaticTable(raw, brotli.compress(raw, quality=5), table_etag(raw))
            with self._lock:
                self._tables[layer] = table

    def shadows(self, azimuth_deg: float, altitude_deg: float) -> StaticTable:
        """Return the shadows of a sun to the nearest two degrees; only the newest is kept."""
        from layers.ground import build_shadows  # draws with Pillow

        key = (round(azimuth_deg / 2) * 2, round(altitude_deg / 2) * 2)
        with self._lock:
            if self._shadows is None or self._shadows[0] != key:
                raw = encode_table(build_shadows(self.scene, *key))
                self._shadows = (
                    key,
                    StaticTable(raw, brotli.compress(raw, quality=1), table_etag(raw)),
                )
            return self._shadows[1]

    def _load(self, name: str, layer: str, theme: str) -> StaticTable:
        kept = self.folder / f"{name}.bin"
        if kept.is_file():
            raw = kept.read_bytes()
            return StaticTable(raw, kept.with_suffix(".br").read_bytes(), table_etag(raw))
        raw = encode_table(build_table(self.scene, layer, theme or THEMES[0]))
        # pictures are compressed already
        quality = 1 if layer == "ground" else 9
        compressed = brotli.compress(raw, quality=quality)
        self.folder.mkdir(parents=True, exist_ok=True)
        for path, data in ((kept.with_suffix(".br"), compressed), (kept, raw)):
            part = path.with_name(path.name + ".part")
            part.write_bytes(data)
            part.replace(path)
        return StaticTable(raw, compressed, table_etag(raw))


def table_etag(raw: bytes) -> str:
    """Return the hash under which a table is kept."""
    return hashlib.blake2b(raw, digest_size=8).hexdigest()


def _code_digest() -> str:
    """Return a hash of the layer builders' source: another program, another picture."""
    digest = hashlib.blake2b(digest_size=4)
    folder = Path(__file__).parent.parent / "layers"
    for path in sorted(folder.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
