"""The durable memory of the twin: events, roll-ups, plates, quarantine; SQLite or PostgreSQL."""

from live.store.errors import StoreError
from live.store.quarantine import Quarantined, Refused
from live.store.reading import HourCount, Page, PlateHit, StoredEvent
from live.store.store import Store, open_store
from live.store.writing import AppendResult

__all__ = [
    "AppendResult",
    "HourCount",
    "Page",
    "PlateHit",
    "Quarantined",
    "Refused",
    "Store",
    "StoreError",
    "StoredEvent",
    "open_store",
]
