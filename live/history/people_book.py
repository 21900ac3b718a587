"""Publishes the counts of people hour by hour, once each, and keeps what was published."""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import datetime, timedelta

import orjson
from sqlalchemy import BigInteger, Column, MetaData, Table, Text, select

from live.history.people import (
    LINK,
    HourTable,
    PeopleSpan,
    Places,
    State,
    count_hour,
    protect_hour,
)
from live.history.reading import read_events
from live.history.span import HOUR, Span
from live.store import Store
from live.store.tables import HOURS, from_us, to_us

GRACE = timedelta(minutes=15)
"""An hour is published this long after its end: what comes later is not counted in it."""

GAP = "simulated_gap_from"
"""Where the simulator notes from when on the store's past is still being filled in."""

_KEPT_HOURS = 24 * 40

METADATA = MetaData()
PEOPLE_HOURS = Table(
    "people_hours",
    METADATA,
    Column("hour", BigInteger, primary_key=True, autoincrement=False),  # its beginning
    Column("published", Text, nullable=False),  # JSON of rounded cells, final
)


class PeopleBook:
    """The published counts of people of one world.

    An hour is published once, as it was known then; a count that changed when late events come in
    would tell how many they were. Safe for many threads; it reads a database.

    Args:
        store: Whose events.
        places: Doors and gates of the community.
        key: The world's secret: pseudonyms and roundings come from it.
    """

    def __init__(self, store: Store, places: Places, key: bytes) -> None:
        self._store, self.places, self._key = store, places, key
        self._kept: OrderedDict[datetime, HourTable] = OrderedDict()
        self._lock = threading.Lock()
        self._ready = False

    def read(self, span: Span, now: datetime) -> PeopleSpan:
        """Return what is published of a span, publishing the hours that are over.

        Args:
            span: Whole hours; those that begin within it count.
            now: The present moment.
        """
        with self._lock:
            if not self._ready:
                # a transaction that writes from its first word waits for its turn
                with self._store.writing() as conn:
                    METADATA.create_all(conn)
                self._ready = True
            hours = span.hours
            self._recall(hours)
            heard, filled = self._heard(span), self._filled_until()
            states: dict[datetime, State] = {}
            for hour in hours:
                due = hour + HOUR + GRACE
                if due > now:  # of a moment in the past, what was published later is not known
                    states[hour] = "open"
                elif hour in self._kept:
                    states[hour] = "closed"
                elif due > (filled or now):
                    states[hour] = "open"
                elif hour not in heard:
                    states[hour] = "missing"
                else:
                    self._publish(hour)
                    states[hour] = "closed"
            tables = {h: self._kept.get(h) if states[h] == "closed" else None for h in hours}
            while len(self._kept) > _KEPT_HOURS:
                self._kept.popitem(last=False)
        return PeopleSpan(span, self.places, tables, states)

    def _recall(self, hours: list[datetime]) -> None:
        missing = [to_us(hour) for hour in hours if hour not in self._kept]
        if not missing:
            return
        query = select(PEOPLE_HOURS).where(
            PEOPLE_HOURS.c.hour >= missing[0], PEOPLE_HOURS.c.hour <= missing[-1]
        )
        with self._store.reading() as conn:
            for row in conn.execute(query):
                hour = from_us(row.hour)
                self._kept[hour] = HourTable.from_json(hour, orjson.loads(row.published))

    def _heard(self, span: Span) -> set[datetime]:
        """Return the hours in which anything at all was heard: nobody coming is not silence."""
        query = (
            select(HOURS.c.hour)
            .distinct()
            .where(HOURS.c.hour >= to_us(span.since), HOURS.c.hour < to_us(span.until))
        )
        with self._store.reading() as conn:
            return {from_us(hour) for hour in conn.scalars(query)}

    def _filled_until(self) -> datetime | None:
        gap = self._store.recall(GAP)
        return datetime.fromisoformat(gap) if gap is not None else None

    def _publish(self, hour: datetime) -> None:
        around = Span(hour - LINK, hour + HOUR + LINK)
        events = read_events(self._store, around, kinds=("access",))
        table = protect_hour(count_hour(events, hour, self.places), self.places, self._key)
        text = orjson.dumps(table.to_json()).decode()
        with self._store.writing() as conn:
            mine = PEOPLE_HOURS.c.hour == to_us(hour)
            there = conn.scalar(select(PEOPLE_HOURS.c.published).where(mine))
            if there is None:
                conn.execute(PEOPLE_HOURS.insert().values(hour=to_us(hour), published=text))
            else:  # another process was first: what it published counts
                table = HourTable.from_json(hour, orjson.loads(there))
        self._kept[hour] = table
