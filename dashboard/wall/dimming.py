"""Hours in which walls are dimmed, such as `22:30-06:00=40`: to 40 % of their light."""

from __future__ import annotations

import re
from dataclasses import dataclass

from geodata.errors import TwinError

_FORM = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)=(\d{1,3})")
LEAST = 5


class DimmingError(TwinError):
    """The hours of dimming cannot be read."""


@dataclass(frozen=True, slots=True)
class Dimming:
    """From one minute of the day to another; light is left to a share of 1."""

    start: int = 0
    end: int = 0
    light: float = 1.0

    def describe(self) -> dict[str, float]:
        """Return what a wall needs."""
        return {"start": self.start, "end": self.end, "light": self.light}


def read_dimming(text: str) -> Dimming:
    """Return the hours that a setting names; none when it is empty.

    Raises:
        DimmingError: It has another form.

    Example:
        >>> read_dimming("22:30-06:00=40").describe()
        {'start': 1350, 'end': 360, 'light': 0.4}
    """
    if not text.strip():
        return Dimming()
    found = _FORM.fullmatch(text.replace(" ", ""))
    if found is None or not LEAST <= int(found[5]) <= 100:
        raise DimmingError(
            f"TWIN_WALL_DIM is {text!r}; write hours and the share of light that is left, "
            f"{LEAST} to 100, such as 22:30-06:00=40."
        )
    one, two, three, four, light = map(int, found.groups())
    return Dimming(one * 60 + two, three * 60 + four, light / 100)
