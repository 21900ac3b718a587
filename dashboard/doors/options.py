"""Settings of the doors, from the environment as all others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from dashboard.settings import PREFIX, SettingsError

SHORTEST_TOKEN = 16


@dataclass(frozen=True)
class DoorOptions:
    """What the doors let in; every field is a `TWIN_` variable of its name in capitals."""

    feed_token: str = ""
    """A feed token of one's own, besides those of `token create`; empty for none."""

    aliases: Path | None = None
    """TOML file: vendor's device id -> LAYER/ID."""

    max_body: int = 8 * 2**20
    """Longest message, as sent and unpacked, bytes."""

    max_records: int = 20_000
    """Most records in one message."""

    held_bodies: int = 64 * 2**20
    """Bytes of half-read messages that may be held at once."""

    feed_rate: float = 200.0
    """Messages a second from one token; twice as many at once."""

    body_timeout_s: float = 20.0
    """A message must be there whole after so long, seconds."""

    registration_s: float = 3600.0
    """A GA/T 1400 registration ends so long after the device was last heard, seconds."""

    nonce_s: float = 300.0
    """A Digest nonce is good for so long, seconds."""

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> DoorOptions:
        """Return the options that an environment holds.

        Raises:
            SettingsError: A value has the wrong form; says which and what is wanted.
        """
        values: dict[str, Any] = {}
        for one in fields(cls):
            name = PREFIX + one.name.upper()
            text = environ.get(name, "")
            if text:
                values[one.name] = _cast(name, text, one.default)
        token = values.get("feed_token", "")
        if token and len(token) < SHORTEST_TOKEN:
            raise SettingsError(
                f"{PREFIX}FEED_TOKEN is too short: use {SHORTEST_TOKEN} characters or more, "
                "such as those of: app.py token create"
            )
        return cls(**values)


def _cast(name: str, text: str, default: object) -> object:
    if isinstance(default, str):
        return text
    if default is None:
        return Path(text)
    kind = int if isinstance(default, int) else float
    try:
        value = kind(text)
    except ValueError:
        value = kind(0)
    if not 0 < value < float("inf"):
        raise SettingsError(f"{name} is {text!r}; a number above 0 is wanted.")
    return value
