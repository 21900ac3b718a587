"""Days, seeded chances and batches of moments: what every part of the simulator stands on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from live.events import Event, stable_id

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

SOURCE = "simulator"
HOUR_MS = 3_600_000
MINUTE_MS = 60_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_ms(moment: datetime) -> int:
    """Return whole milliseconds since 1970 of an aware time, rounded up."""
    return -((_EPOCH - moment) // timedelta(milliseconds=1))


def to_time(ms: int) -> datetime:
    """Return the aware UTC time of milliseconds since 1970."""
    return _EPOCH + timedelta(milliseconds=ms)


@dataclass(frozen=True)
class Day:
    """One local day, midnight to midnight."""

    date: date
    zone: ZoneInfo

    @cached_property
    def start(self) -> int:
        """First millisecond of the day since 1970."""
        return to_ms(datetime.combine(self.date, time(), self.zone))

    @cached_property
    def end(self) -> int:
        """First millisecond of the next day."""
        return to_ms(datetime.combine(self.date + timedelta(days=1), time(), self.zone))

    @property
    def weekend(self) -> bool:
        """Whether it is a Saturday or a Sunday."""
        return self.date.weekday() >= 5

    def at(self, seconds: Floats) -> Ints:
        """Return the milliseconds of local seconds after midnight, held inside the day."""
        ms = self.start + np.round(np.asarray(seconds) * 1000).astype(np.int64)
        return np.clip(ms, self.start, self.end - 1)

    def hours(self, ms: Ints) -> Floats:
        """Return the hours since local midnight."""
        return np.asarray(ms - self.start, dtype=np.float64) / HOUR_MS

    def rng(self, seed: int, stream: int) -> np.random.Generator:
        """Return this day's own random numbers for one part of the simulator."""
        return np.random.default_rng([seed, self.date.toordinal(), stream])


def chance(seed: int, stream: int, *keys: npt.ArrayLike) -> Floats:
    """Return numbers in [0, 1) that depend only on the seed, the stream and the keys.

    Unlike a generator they need no order: any moment can be asked for by itself. The mixing is
    SplitMix64 (Steele, Lea and Flood 2014).
    """
    with np.errstate(over="ignore"):
        mixed = np.full(1, (seed * 1_000_003 + stream) % 2**64, dtype=np.uint64)
        for key in keys:
            mixed = mixed ^ np.asarray(key, dtype=np.int64).astype(np.uint64)
            mixed = mixed + np.uint64(0x9E3779B97F4A7C15)
            mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            mixed = mixed ^ (mixed >> np.uint64(31))
    return np.asarray((mixed >> np.uint64(11)).astype(np.float64) / 2.0**53)


def bump(hours: Floats, middle: float, width: float) -> Floats:
    """Return a bell of height 1 around an hour of the day."""
    return np.asarray(np.exp(-(((hours - middle) / width) ** 2) / 2))


def ticks(day: Day, period_s: Floats, phase: Floats) -> tuple[Ints, Ints]:
    """Return every moment of a day at which devices report, and whose it is.

    Args:
        day: The day.
        period_s: Rhythm of each device, seconds.
        phase: Where in its period each device reports, 0..1, so that they do not all speak at once.

    Returns:
        Milliseconds, and the position of the device, device by device.
    """
    period = np.maximum(np.round(period_s * 1000), 1000).astype(np.int64)
    offset = (phase * period).astype(np.int64)
    first = -((offset - day.start) // period)
    last = -((offset - day.end) // period)
    counts = last - first
    who = np.repeat(np.arange(len(period)), counts)
    step = np.arange(len(who)) - np.repeat(np.cumsum(counts) - counts, counts)
    return (first[who] + step) * period[who] + offset[who], who


@dataclass(frozen=True)
class Batch:
    """Events of one kind on one day, as arrays until someone asks for them.

    Attributes:
        name: Tells one batch of a day from another; part of the event ids.
        kind: Kind of event.
        layer: Layer of the subjects.
        ids: Ids of the layer.
        at: Moments, milliseconds.
        who: Position of each event's subject in `ids`.
        data: What the event at a position of the batch says.
    """

    name: str
    kind: str
    layer: str
    ids: list[str]
    at: Ints
    who: Ints
    data: Callable[[int], dict[str, Any]]

    def event(self, row: int, *, seed: int, live: bool) -> Event:
        """Return one event of the batch."""
        ms, subject = int(self.at[row]), self.ids[self.who[row]]
        observed = to_time(ms)
        received = to_time(ms + 80 + ms * 2_654_435_761 % 620)
        identity = stable_id(SOURCE, seed, self.name, subject, ms, row)
        return Event(
            identity, self.kind, SOURCE, self.layer, subject, observed, received, 0.0,
            live, self.data(row),
        )  # fmt: skip


def stretches(batch: Batch, low: int, high: int, gap: int) -> Iterator[tuple[str, int, int]]:
    """Yield id, first and last millisecond of the unbroken stretches in which subjects spoke.

    Args:
        batch: What they said, in any order.
        low: From this moment on, milliseconds.
        high: Up to this one, which is left out.
        gap: A longer pause ends a stretch, milliseconds.
    """
    within = (batch.at >= low) & (batch.at < high)
    at, who = batch.at[within], batch.who[within]
    order = np.lexsort((at, who))
    at, who = at[order], who[order]
    if not len(at):
        return
    breaks = np.flatnonzero((np.diff(who) != 0) | (np.diff(at) > gap)) + 1
    firsts, lasts = np.r_[0, breaks], np.r_[breaks, len(at)] - 1
    for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True):
        yield batch.ids[int(who[first])], int(at[first]), int(at[last])


class Timeline:
    """The batches of one day, merged in order of time."""

    def __init__(self, batches: list[Batch]) -> None:
        self._batches = batches
        sizes = [len(batch.at) for batch in batches]
        at = np.concatenate([batch.at for batch in batches]) if batches else np.empty(0, np.int64)
        order = np.argsort(at, kind="stable")
        self._at = at[order]
        self._batch = np.repeat(np.arange(len(batches)), sizes)[order]
        self._row = np.concatenate([np.arange(size) for size in [0, *sizes]])[order]

    def __len__(self) -> int:
        return len(self._at)

    def events(self, start: int, end: int, *, seed: int, live: bool) -> list[Event]:
        """Return the events with start <= moment < end, milliseconds, in order of time."""
        low, high = np.searchsorted(self._at, [start, end])
        return [
            self._batches[batch].event(row, seed=seed, live=live)
            for batch, row in zip(
                self._batch[low:high].tolist(), self._row[low:high].tolist(), strict=True
            )
        ]
