"""The events of a busy community: doors, plates that come again, readings, states."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime
from itertools import count
from typing import Any

from live.events import Event, stable_id
from live.plates import PROVINCES

DOORS, CAMERAS, DEVICES = 332, 12, 3000
CARS = 5000
"""Plates recur: 3,500 households with their cars and visitors."""
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"


def make_plate(chance: random.Random) -> str:
    """Return a plate, two of three from the community's own province."""
    head = "闽" if chance.random() < 0.67 else chance.choice(PROVINCES)
    tail = "".join(chance.choice("0123456789ABCDEFGHJK") for _ in range(5))
    return f"{head}{chance.choice(LETTERS)}{tail}"


def make_told(chance: random.Random, cars: list[str]) -> tuple[str, str, str, dict[str, Any]]:
    """Return layer, id, kind and data of one event: 45 % access, 15 % plates, 30 % readings."""
    dice = chance.random()
    way = chance.choice(("in", "out"))
    if dice < 0.45:
        method = chance.choice(("face", "card", "code", "phone"))
        data = {"method": method, "direction": way, "granted": True, "subject": f"{dice:.16f}"}
        return "entrances", f"e-{chance.randrange(DOORS)}", "access", data
    if dice < 0.6:
        data = {"plate": chance.choice(cars), "direction": way, "confidence": round(dice + 0.4, 2)}
        return "plate_cameras", f"c-{chance.randrange(CAMERAS)}", "plate", data
    if dice < 0.9:
        level = round(100 * chance.random(), 1)
        data = {"values": {"level": level}, "unit": {"level": "%"}}
        return "devices", f"d-{chance.randrange(DEVICES)}", "reading", data
    data = {"state": chance.choice(("open", "closed"))}
    return "entrances", f"e-{chance.randrange(DOORS)}", "status", data


def make_events(now: datetime, seed: int = 1) -> Iterator[Event]:
    """Yield events of one moment without an end."""
    chance = random.Random(seed)
    cars = [make_plate(chance) for _ in range(CARS)]
    for number in count():
        layer, key, kind, data = make_told(chance, cars)
        name = stable_id("bench", seed, number)
        yield Event(name, kind, "http", layer, key, now, now, data=data)
