"""The file of aliases: what vendors call a device -> the thing of the community."""

from __future__ import annotations

import tomllib
from pathlib import Path

from geodata.errors import TwinError


class AliasError(TwinError):
    """The file of aliases cannot be used."""


def read_aliases(path: Path) -> dict[str, str]:
    """Return the aliases of a file: vendor's id -> `LAYER/ID`.

    Raises:
        AliasError: It is not there, or it is no such file.
    """
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise AliasError(
            f"The aliases {path} cannot be read: {error}. "
            'Write one line a device: "VENDOR ID" = "LAYER/ID".'
        ) from error
    wrong = [key for key, value in found.items() if not isinstance(value, str)]
    if wrong:
        raise AliasError(f'{path}: {wrong[0]!r} must be quoted text, as "entrances/b1-u2".')
    return found


def changed_at(path: Path) -> float:
    """Return when a file was last written, epoch seconds; 0 when it is not there."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
