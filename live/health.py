"""Tell heard, late and silent apart, each thing by its own rhythm.

A thing is heard up to twice its period, late up to three times, silent beyond; one that was never
heard is silent. Silence never looks like "closed" or "ok".
"""

from __future__ import annotations

import math

from live.events import Event

HEARD, LATE, SILENT = "heard", "late", "silent"

LATE_AFTER = 2.0
"""Periods without a word after which a thing is late."""
SILENT_AFTER = 3.0
"""Periods without a word after which a thing is silent."""

DOOR_PERIOD_S = 60.0
"""Heartbeat of doors and plate cameras, seconds."""
DUE_WITHIN_S = 300.0
"""Things with a rhythm of five minutes or quicker count in `counters.sensing`."""

DEFAULT_PERIOD_S: dict[str, float] = {
    "camera": 60.0,
    "wifi_ap": 60.0,
    "sos_pole": 60.0,
    "charging_pile": 60.0,
    "waste_bin": 600.0,
    "mailbox": 3600.0,
    "rodent_monitor": 3600.0,
    "smoke_alarm": 86400.0,
    "water_meter": 86400.0,
    "electricity_meter": 3600.0,
}
"""Assumed rhythm of a device kind whose community file names none, seconds."""
FALLBACK_PERIOD_S = 300.0


def to_period_s(kind: str, period_s: float | None) -> float:
    """Return a device's rhythm in seconds: its own if it has one, else that of its kind."""
    if period_s is not None and math.isfinite(period_s) and period_s > 0:
        return period_s
    return DEFAULT_PERIOD_S.get(kind, FALLBACK_PERIOD_S)


def to_hearing(last_reported: float | None, period_s: float, now: float) -> str:
    """Return heard, late or silent.

    Args:
        last_reported: When it last spoke, epoch seconds; None if never.
        period_s: Its rhythm, seconds.
        now: Epoch seconds.
    """
    if last_reported is None or now > last_reported + SILENT_AFTER * period_s:
        return SILENT
    return LATE if now > last_reported + LATE_AFTER * period_s else HEARD


def next_hearing_change(last_reported: float | None, period_s: float, now: float) -> float:
    """Return the moment after which `to_hearing` answers anew if nothing is heard, or infinity."""
    if last_reported is None:
        return math.inf
    for periods in (LATE_AFTER, SILENT_AFTER):
        moment = last_reported + periods * period_s
        if moment >= now:
            return moment
    return math.inf


def is_heartbeat(event: Event) -> bool:
    """Say whether an event only tells that its subject lives: a status without a state."""
    return (
        event.kind == "status"
        and event.data.get("heartbeat") is True
        and not event.data.get("state")
    )
