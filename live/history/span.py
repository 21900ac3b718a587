"""Spans of time by a place's own clocks: its days, and the hours within them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

HOUR = timedelta(hours=1)
YEARS = range(1970, 2200)
"""Whose days may be asked for: the calendar's own ends have no midnight in every zone."""


@dataclass(frozen=True, slots=True)
class Span:
    """From a moment to another, the second left out; both aware."""

    since: datetime
    until: datetime

    def __contains__(self, at: datetime) -> bool:
        return self.since <= at < self.until

    @property
    def hours(self) -> list[datetime]:
        """Beginnings, UTC, of the hours that begin within it: 23 to 25 on a day."""
        first = to_hour(self.since)
        if first < self.since:
            first += HOUR
        count = max(0, -((first - self.until) // HOUR))
        return [first + HOUR * step for step in range(count)]


def to_hour(at: datetime) -> datetime:
    """Return the beginning of the hour of a moment, UTC."""
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def day_span(day: date, zone: tzinfo) -> Span:
    """Return a day from midnight to midnight by the clocks of a place."""
    midnights = (datetime.combine(d, time(), zone) for d in (day, day + timedelta(days=1)))
    since, until = (midnight.astimezone(UTC) for midnight in midnights)
    return Span(since, until)
