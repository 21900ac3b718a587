"""What happened over time, for panels, ledgers and files: pure functions over rows of the store.

Counts of people come from `PeopleBook.read` alone, rounded so that small ones cannot be worked out;
vehicles go by an opaque key, their plates masked.
"""

from live.history.devices import (
    ParkingHistory,
    Point,
    Series,
    Spell,
    device_history,
    door_history,
    parking_history,
)
from live.history.gates import GateDay, gate_day
from live.history.people import Flow, HourFigure, PeopleSpan, Places, read_places
from live.history.people_book import PeopleBook
from live.history.reading import read_events, read_reads
from live.history.span import Span, day_span
from live.history.vehicle_keys import VehicleBook, vehicle_key
from live.history.vehicles import (
    CameraDay,
    Inside,
    Read,
    UnreadShare,
    VehicleHour,
    Visit,
    camera_day,
    still_inside,
    unread_share,
    vehicle_trail,
    vehicle_visits,
)

__all__ = [
    "CameraDay",
    "Flow",
    "GateDay",
    "HourFigure",
    "Inside",
    "ParkingHistory",
    "PeopleBook",
    "PeopleSpan",
    "Places",
    "Point",
    "Read",
    "Series",
    "Span",
    "Spell",
    "UnreadShare",
    "VehicleBook",
    "VehicleHour",
    "Visit",
    "camera_day",
    "day_span",
    "device_history",
    "door_history",
    "gate_day",
    "parking_history",
    "read_events",
    "read_places",
    "read_reads",
    "still_inside",
    "unread_share",
    "vehicle_key",
    "vehicle_trail",
    "vehicle_visits",
]
