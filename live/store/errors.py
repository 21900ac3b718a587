"""What can go wrong with the store."""

from __future__ import annotations

from geodata.errors import TwinError


class StoreError(TwinError):
    """The store cannot be opened, written, backed up or restored."""
