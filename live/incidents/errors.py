"""What can go wrong with incidents: rules that do not fit, steps that may not be taken."""

from __future__ import annotations

from typing import Any

from geodata.errors import TwinError


class RulesError(TwinError):
    """A rules file does not fit; says which rule, which key, and what is wanted."""


class StepError(TwinError):
    """A step that the incident's state, or its kind, does not allow."""


class MissingError(TwinError):
    """There is no such incident or order."""


class StaleError(TwinError):
    """Somebody else was quicker: the caller's version is not the present one.

    Attributes:
        version: The present version.
        changed: The steps since the caller's version, oldest first.
    """

    def __init__(self, message: str, version: int, changed: list[dict[str, Any]]) -> None:
        super().__init__(message)
        self.version, self.changed = version, changed
