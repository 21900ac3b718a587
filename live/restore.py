"""Bring the state back from the store, so that a restart shows what was shown before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from live.state import TwinState
from live.store import Store


def restore_state(state: TwinState, store: Store, now: datetime) -> int:
    """Move a fresh state to where the store's events lead; return how many were applied.

    What was last known before today (or before the last hour) comes from the newest event of each
    kind of each subject; from then on every event is applied in its order of arrival.
    """
    midnight = datetime.fromtimestamp(state.day.start, UTC)
    since = min(midnight, now - timedelta(hours=1))
    for layer, subject, began, until in store.heard():
        state.assume_heard(layer, subject, began, until)
    applied = 0
    for latest in store.latest(until=since):
        state.apply(latest.event)
        applied += 1
    for stored in store.scan(since=since):
        state.apply(stored.event)
        applied += 1
    state.hear_assumed()
    for layer, subject, shown, began in store.runs():
        if began < since:
            state.extend_run(layer, subject, shown, began)
    state.sweep(now)
    state.take_changes()
    return applied
