"""How long a jump to a past moment takes, beside working that moment out from the whole log."""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from pathlib import Path

from live.past import Past
from live.state import TwinState
from live.store import open_store
from tests.bench.report import Line
from tests.live.small_world import after
from tests.live.test_past import COMMUNITY, EVENTS, MIDNIGHT, fill, make_day

JUMPS = 100


def measure_timemachine() -> list[Line]:
    """Return the 95th percentile of jumps within a day of 20,000 events, and their ratio."""
    events = make_day(5)
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{Path(folder)}/twin.db")
        fill(store, events)
        past = Past(COMMUNITY, store, lambda: (300, 40), lambda: after(43_300))
        rng = random.Random(2)
        moments = [after(rng.uniform(-43_000, 43_000)) for _ in range(JUMPS)]
        first = _time(lambda: past.snapshot(moments[0]))
        jumps, whole = [], []
        for number, moment in enumerate(moments[1:]):
            jumps.append(_time(lambda moment=moment: past.snapshot(moment)))
            if number % 20 == 0:  # in turn, so that both meet the same machine
                whole.append(_time(lambda moment=moment: _recompute(store, moment)))
        store.close()
    p95 = statistics.quantiles(jumps, n=20)[-1]
    return [
        Line(f"time machine, jump in a day of {EVENTS:,} events, p95, ms", p95 * 1000, 500),
        Line("  the same / working it out from the whole log", p95 / statistics.median(whole), 0.5),
        Line(f"  the first jump of a day takes {first * 1000:.0f} ms"),
    ]


def _recompute(store, moment):
    state = TwinState(COMMUNITY, MIDNIGHT)
    state.set_baseline(300, MIDNIGHT, 40)
    for stored in store.scan(until=moment):
        if stored.event.received_at <= moment:
            state.apply(stored.event)
    state.sweep(moment)
    return state.snapshot()


def _time(step):
    began = time.perf_counter()
    step()
    return time.perf_counter() - began
