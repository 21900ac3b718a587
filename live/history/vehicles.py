"""Histories of vehicles out of plate reads: visits, trails, who is inside, how many went unread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from live.events import Event
from live.history.span import to_hour
from live.history.vehicle_keys import vehicle_key
from live.plates import mask_plate
from live.rows import to_plate_class, to_who

SAME_PASSAGE = timedelta(minutes=2)
"""Reads of one vehicle in one direction so close together are one passage seen twice."""


@dataclass(frozen=True, slots=True)
class Read:
    """One read of a plate, its text masked.

    Attributes:
        at: When, aware UTC.
        camera: Id of the plate camera.
        vehicle: Opaque key; None where the plate was not read.
        masked: The plate as screens may show it, "" where it was not read.
        plate_class: One of `live.plates.CLASSES`.
        direction: in, out, or "" where nobody tells.
        who: resident, visitor or unknown.
        live: False for what was filled in afterwards.
    """

    at: datetime
    camera: str
    vehicle: str | None
    masked: str
    plate_class: str
    direction: str
    who: str
    live: bool = True


def to_read(event: Event, key: bytes, facing: str = "") -> Read:
    """Return the masked read of a plate event.

    Args:
        event: Of kind plate.
        key: The world's pseudonym key.
        facing: What the camera sees (in, out), where the event names no direction.
    """
    plate, said = event.data.get("plate"), event.data.get("direction") or facing
    return Read(
        event.observed_at,
        event.subject,
        vehicle_key(plate, key) if plate else None,
        mask_plate(plate),
        to_plate_class(event.data),
        said if said in ("in", "out") else "",
        to_who(event.data),
        event.live,
    )


@dataclass(frozen=True, slots=True)
class Visit:
    """One stay: from coming in to leaving, either of which a camera may have missed."""

    entered_at: datetime | None
    entered_by: str | None
    left_at: datetime | None
    left_by: str | None
    ended: bool = True
    """False while the vehicle is inside; a stay that ended unseen has no `left_at`."""

    @property
    def duration(self) -> timedelta | None:
        """How long it lasted, where both ends were seen."""
        if self.entered_at is None or self.left_at is None:
            return None
        return self.left_at - self.entered_at


def vehicle_trail(vehicle: str, reads: Iterable[Read]) -> list[Read]:
    """Return the reads of a vehicle, in order of time: its way from camera to camera."""
    return sorted((read for read in reads if read.vehicle == vehicle), key=lambda read: read.at)


def vehicle_visits(vehicle: str, reads: Iterable[Read]) -> list[Visit]:
    """Return the visits of a vehicle, oldest first.

    Reads without a direction belong to the trail alone. Two entries in a row: the exit between
    them was missed, and the first stay ended at a time nobody knows; an exit without an entry
    likewise.

    Args:
        vehicle: Its opaque key.
        reads: Reads, of this vehicle or of many.
    """
    visits: list[Visit] = []
    came: Read | None = None
    last: Read | None = None
    for read in vehicle_trail(vehicle, reads):
        if not read.direction:
            continue
        repeated = last is not None and last.direction == read.direction
        if repeated and last is not None and read.at - last.at <= SAME_PASSAGE:
            last = read
            continue
        last = read
        if read.direction == "in":
            if came is not None:
                visits.append(Visit(came.at, came.camera, None, None))
            came = read
        else:
            entered_at, entered_by = (came.at, came.camera) if came else (None, None)
            visits.append(Visit(entered_at, entered_by, read.at, read.camera))
            came = None
    if came is not None:
        visits.append(Visit(came.at, came.camera, None, None, ended=False))
    return visits


@dataclass(frozen=True, slots=True)
class Inside:
    """A vehicle that came in and was not seen to leave."""

    vehicle: str
    masked: str
    plate_class: str
    who: str
    since: datetime
    camera: str
    over: bool
    """A visitor inside for longer than the limit."""


def still_inside(reads: Iterable[Read], now: datetime, limit: timedelta) -> list[Inside]:
    """Return the vehicles inside at a moment, longest first.

    Only those whose entry is among the reads: what came in before them is not known.

    Args:
        reads: Reads of all cameras.
        now: The moment; later reads are left out.
        limit: How long a visitor may stay.
    """
    newest: dict[str, Read] = {}
    since: dict[str, Read] = {}
    for read in sorted(reads, key=lambda read: read.at):
        if read.vehicle is None or not read.direction or read.at > now:
            continue
        before = newest.get(read.vehicle)
        newest[read.vehicle] = read
        again = before is not None and before.direction == "in" == read.direction
        if not (again and before is not None and read.at - before.at <= SAME_PASSAGE):
            since[read.vehicle] = read
    found = [
        Inside(
            vehicle,
            read.masked,
            read.plate_class,
            read.who,
            since[vehicle].at,
            since[vehicle].camera,
            read.who == "visitor" and now - since[vehicle].at > limit,
        )
        for vehicle, read in newest.items()
        if read.direction == "in"
    ]
    return sorted(found, key=lambda inside: (inside.since, inside.vehicle))


@dataclass(frozen=True, slots=True)
class UnreadShare:
    """How many passages there were, and how many of them nobody could read."""

    reads: int
    unread: int

    @property
    def share(self) -> float | None:
        """Unread of all, 0..1; None without reads."""
        return self.unread / self.reads if self.reads else None


def unread_share(reads: Iterable[Read]) -> UnreadShare:
    """Return the share of reads whose plate was not read."""
    missing = [read.vehicle is None for read in reads]
    return UnreadShare(len(missing), sum(missing))


@dataclass(frozen=True, slots=True)
class VehicleHour:
    """Vehicles in an hour, which begins at `hour`, UTC."""

    hour: datetime
    in_: int
    out: int
    unread: int


@dataclass(frozen=True, slots=True)
class CameraDay:
    """What cameras saw in a span: by hour, by class, by whose; vehicles, so exact."""

    hours: list[VehicleHour]
    classes: Counter[str] = field(default_factory=Counter)
    who: Counter[str] = field(default_factory=Counter)
    unread: UnreadShare = UnreadShare(0, 0)

    @property
    def total(self) -> tuple[int, int]:
        """Vehicles in and out."""
        return sum(hour.in_ for hour in self.hours), sum(hour.out for hour in self.hours)


def camera_day(reads: Sequence[Read], hours: Sequence[datetime]) -> CameraDay:
    """Return what cameras saw, by the hours of a span.

    Args:
        reads: Reads of one camera, or of several.
        hours: Beginnings of hours (`Span.hours`); reads outside of them are left out.
    """
    ways: dict[datetime, Counter[str]] = {hour: Counter() for hour in hours}
    mine = [read for read in reads if to_hour(read.at) in ways]
    for read in mine:
        way = ways[to_hour(read.at)]
        way[read.direction] += 1
        way["unread"] += read.vehicle is None
    return CameraDay(
        [VehicleHour(hour, way["in"], way["out"], way["unread"]) for hour, way in ways.items()],
        Counter(read.plate_class for read in mine),
        Counter(read.who for read in mine),
        unread_share(mine),
    )
