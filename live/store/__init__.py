"""The durable memory of the twin: events, roll-ups, plates, quarantine; SQLite or PostgreSQL."""

from live.store.errors import StoreError
from live.store.quarantine import Kept, Quarantined, Refused
from live.store.reading import HourCount, Page, PlateHit, StoredEvent
from live.store.retention import Holding
from live.store.store import Store, open_store
from live.store.writing import AppendResult

__all__ = [
    "AppendResult",
    "Holding",
    "HourCount",
    "Kept",
    "Page",
    "PlateHit",
    "Quarantined",
    "Refused",
    "Store",
    "StoreError",
    "StoredEvent",
    "open_store",
]
