"""The secret that makes pseudonyms of people, in a file of its own that only we may read."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path


def ensure_key(path: Path) -> bytes:
    """Return the secret that a file keeps; the first call makes it.

    It is no part of the store, so that a backup does not hold the key of its own pseudonyms.
    """
    if not path.is_file():
        fresh = path.with_suffix(f".{secrets.token_hex(4)}")
        fresh.touch(0o600, exist_ok=False)
        fresh.write_bytes(secrets.token_bytes(32))
        # whole or not at all; where two begin at once the first one's stays
        with contextlib.suppress(FileExistsError):
            os.link(fresh, path)
        fresh.unlink()
    return path.read_bytes()
