"""Vehicles by an opaque key instead of their plate, in addresses, files and on screens."""

from __future__ import annotations

import hashlib
import threading
from functools import lru_cache

from sqlalchemy import select

from live.disclosure import to_secret
from live.plates import normalise_plate
from live.store import Store
from live.store.tables import PLATES


def vehicle_key(plate: str, key: bytes) -> str:
    """Return the opaque key of a vehicle: a keyed hash of its plate, 24 hex digits.

    Args:
        plate: Its plate in any spelling.
        key: The world's pseudonym key; without it the plates cannot be tried one by one.
    """
    return _hash(normalise_plate(plate) or plate, key)


@lru_cache(maxsize=65_536)
def _hash(plate: str, key: bytes) -> str:
    digest = hashlib.blake2b(
        plate.encode(), key=to_secret(key), digest_size=12, person=b"vehicle-key"
    )
    return digest.hexdigest()


class VehicleBook:
    """Finds the plate behind an opaque key; the plates never leave the server.

    Args:
        store: Whose plates.
        key: The world's pseudonym key.
    """

    def __init__(self, store: Store, key: bytes) -> None:
        self._store, self._key = store, key
        self._plates: dict[str, str] = {}
        self._lock = threading.Lock()

    def find(self, vehicle: str) -> str | None:
        """Return the plate of a vehicle, or None; the first search for a new one reads all."""
        with self._lock:
            if vehicle not in self._plates:
                with self._store.reading() as conn:
                    plates = [str(plate) for plate in conn.scalars(select(PLATES.c.plate))]
                self._plates = {vehicle_key(plate, self._key): plate for plate in plates}
            return self._plates.get(vehicle)
