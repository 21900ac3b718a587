"""Vehicles: a plate on a list, and a visitor's car that stays too long."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from live.events import Event
from live.incidents.detect.base import Watch, key_of
from live.incidents.signals import MOMENT, Key, Signal
from live.plates import normalise_plate


def hash_plate(plate: str) -> str:
    """Return what tells two plates apart in keys without naming either."""
    return hashlib.blake2b(plate.encode(), digest_size=5, person=b"incidents").hexdigest()


class PlateWatch(Watch):
    """A read of a plate that is on the list; patterns may hold ? and *."""

    kinds = ("plate",)

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._plain: set[str] = set()
        patterns = []
        for text in self.rule.plates:
            if "*" in text or "?" in text:
                kept = "".join(c for c in text.upper() if c in "*?" or c.isalnum())
                patterns.append(re.escape(kept).replace(r"\*", ".*").replace(r"\?", "."))
            elif plate := normalise_plate(text):
                self._plain.add(plate)
        self._pattern = re.compile("|".join(patterns)) if patterns else None
        self._told: dict[Key, float] = {}

    def take(self, event: Event, t: float) -> list[Signal]:
        """Take in a read."""
        plate = normalise_plate(event.data.get("plate"))
        if plate is None:
            return []
        if plate not in self._plain and not (self._pattern and self._pattern.fullmatch(plate)):
            return []
        rule, key = self.rule, key_of(event, hash_plate(plate))
        way = event.data.get("direction")
        detail = {"direction": way} if way in ("in", "out") else {}
        return [
            Signal(MOMENT, rule.id, rule.kind, rule.severity, key, t, t, event.event_id, detail)
        ]


class OverstayWatch(Watch):
    """A vehicle of `who` that came in and was not seen again for `for_s`."""

    kinds = ("plate",)

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._inside: dict[str, Key] = {}
        self._exempt = {hash_plate(plate) for plate in map(normalise_plate, self.rule.exempt)
                        if plate}  # fmt: skip

    def take(self, event: Event, t: float) -> list[Signal]:
        """Take in a read: whoever is seen again has left, or has come in anew."""
        plate = normalise_plate(event.data.get("plate"))
        if plate is None:
            return []
        number = hash_plate(plate)
        found: list[Signal] = []
        key = self._inside.pop(number, None)
        if key is not None:
            found = self.latch.off(key, t)
        counts = event.data.get("who") in self.rule.who and number not in self._exempt
        if event.data.get("direction") == "in" and counts:
            key = self._inside[number] = key_of(event, number)
            found += self.latch.on(key, t, event.event_id, {})
        return found

    def dump(self) -> dict[str, Any]:
        """Return what is remembered, as JSON."""
        return {**super().dump(), "inside": {k: list(v) for k, v in self._inside.items()}}

    def load(self, kept: dict[str, Any]) -> None:
        """Go on from what `dump` gave."""
        super().load(kept)
        self._inside = {
            number: (layer, subject, extra)
            for number, (layer, subject, extra) in kept.get("inside", {}).items()
        }
