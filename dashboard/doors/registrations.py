"""Devices that registered at the GA/T 1400 door, until they leave or fall silent."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import orjson

from live.store import Store, StoreError

_KEY = "viid:"
MAX_KNOWN = 10_000


@dataclass(frozen=True, slots=True)
class Registration:
    """One registered device.

    Attributes:
        device: Its DeviceID.
        token: Id of the token it proved.
        address: Where it spoke from; elsewhere it must register again.
        until: When the registration ends, epoch seconds.
    """

    device: str
    token: str
    address: str
    until: float


class Registrations:
    """Registrations of one world; they outlive the server.

    Args:
        store: Where they are kept.
        life_s: How long one lasts after the device was last heard, seconds.
        clock: Epoch seconds.
    """

    def __init__(self, store: Store, life_s: float, clock: Callable[[], float] = time.time) -> None:
        self._store, self._life_s, self._clock = store, life_s, clock
        self._known: dict[str, Registration | None] = {}
        self._kept_until: dict[str, float] = {}

    async def add(self, device: str, token: str, address: str) -> None:
        """Register a device, or register it anew."""
        await self._keep(Registration(device, token, address, self._clock() + self._life_s))

    async def remove(self, device: str) -> None:
        """End a registration."""
        self._known[device] = None
        await self._remember(device, None)

    async def find(self, device: str) -> Registration | None:
        """Return the registration of a device, unless it ended."""
        if device not in self._known:
            if len(self._known) >= MAX_KNOWN:
                self._known.clear()
            kept = await asyncio.to_thread(self._store.recall, _KEY + device)
            self._known[device] = None if kept is None else Registration(**orjson.loads(kept))
        found = self._known[device]
        return found if found is not None and found.until > self._clock() else None

    async def renew(self, found: Registration) -> None:
        """Let a registration last on, as the device was heard."""
        later = replace(found, until=self._clock() + self._life_s)
        self._known[found.device] = later
        # written now and then only: a device may be heard every second
        if later.until - self._kept_until.get(found.device, 0.0) > self._life_s / 4:
            await self._keep(later)

    async def _keep(self, one: Registration) -> None:
        told = {
            "device": one.device,
            "token": one.token,
            "address": one.address,
            "until": one.until,
        }
        text = orjson.dumps(told).decode()
        await self._remember(one.device, text)
        self._known[one.device] = one
        self._kept_until[one.device] = one.until

    async def _remember(self, device: str, text: str | None) -> None:
        try:
            await asyncio.to_thread(self._store.remember, _KEY + device, text)
        except Exception as error:
            raise StoreError("The registration could not be kept.") from error
