"""Whether a door is open at a time: OSM opening_hours, with the place's own holidays."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from opening_hours import OpeningHours, State, validate


class Clock:
    """Opening hours at one place.

    Args:
        timezone: IANA name of the place's time.
        lon_lat: Degrees: gives the country, whose holidays count, and sunrise and sunset.
    """

    def __init__(self, timezone: str, lon_lat: tuple[float, float]) -> None:
        self.zone = ZoneInfo(timezone)
        self._at = (lon_lat[1], lon_lat[0])
        self._read = lru_cache(maxsize=4096)(self._parse)

    def is_open(self, hours: str | None, at: datetime) -> bool | None:
        """Return whether it is open; None where that is not known.

        Args:
            hours: OSM opening_hours; None or what cannot be read is not known.
            at: An aware time.
        """
        parsed = self._read(hours) if hours else None
        if parsed is None:
            return None
        state = parsed.state(at.astimezone(self.zone))[0]
        return None if state == State.UNKNOWN else bool(state == State.OPEN)

    def next_change(self, hours: str | None, at: datetime) -> datetime | None:
        """Return when that changes next; None if it never does or is not known."""
        parsed = self._read(hours) if hours else None
        if parsed is None:
            return None
        return parsed.next_change(at.astimezone(self.zone))

    def can_read(self, hours: str | None) -> bool:
        """Return whether hours are in the syntax."""
        return bool(hours) and self._read(hours) is not None

    def _parse(self, hours: str) -> OpeningHours | None:
        if not validate(hours):
            return None
        return OpeningHours(hours, timezone=self.zone, coords=self._at)
