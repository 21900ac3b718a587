"""Why a record of a feed was not taken in."""

from __future__ import annotations

from geodata.errors import TwinError


class UnfitError(TwinError):
    """A record that does not fit; the message is the reason that quarantine shows."""
