"""What a question about coverage may have wrong; light to load, as the routes need it at start."""

from __future__ import annotations

from geodata.errors import TwinError


class UnknownThingError(LookupError):
    """A question names what is not there; the message says what is."""


class ScenarioError(TwinError):
    """Edits that cannot be made; the message says which and why."""
