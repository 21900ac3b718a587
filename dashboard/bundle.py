"""deck.gl's bundle from the installed pydeck wheel, compressed once and served under its hash."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import brotli

IMMUTABLE = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Bundle:
    """The script and its compressed form."""

    digest: str
    raw: bytes
    compressed: bytes

    @property
    def url(self) -> str:
        """Where it is served."""
        return f"/vendor/deck-{self.digest}.js"


@cache
def load_bundle(cache_folder: Path) -> Bundle:
    """Return the bundle, compressing it on the first start only (brotli 9: 4.3 MB to 1.0 MB)."""
    spec = find_spec("pydeck")  # its folder alone: the package itself is slow to load
    assert spec is not None
    assert spec.origin is not None
    source = Path(spec.origin).parent / "nbextension" / "static" / "index.js"
    raw = source.read_bytes()
    raw = raw.rsplit(b"//# sourceMappingURL", 1)[0]
    digest = hashlib.blake2b(raw, digest_size=8).hexdigest()
    kept = cache_folder / f"deck-{digest}.js.br"
    if not kept.is_file():
        cache_folder.mkdir(parents=True, exist_ok=True)
        part = kept.with_suffix(".part")
        part.write_bytes(brotli.compress(raw, quality=9, mode=brotli.MODE_TEXT))
        part.replace(kept)
    return Bundle(digest, raw, kept.read_bytes())
