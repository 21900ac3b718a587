"""The simulated day, made once."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import pytest

from geodata.community import Community
from live.history import Span
from live.store import Store
from tests.live.history.town import fill_store, make_town


@pytest.fixture(scope="session")
def town() -> Community:
    return make_town()


@pytest.fixture(scope="session")
def filled(town: Community) -> Iterator[tuple[Store, Span]]:
    store, span = fill_store(town)
    yield store, span
    store.close()


@pytest.fixture(scope="session")
def rows(filled: tuple[Store, Span]) -> pd.DataFrame:
    """Every event of the day as a plain table, read in another way than histories read."""
    store, span = filled
    events = [stored.event for stored in store.scan(since=span.since, until=span.until)]
    frame = pd.DataFrame(
        {"at": e.observed_at, "kind": e.kind, "layer": e.layer, "thing": e.subject, **e.data}
        for e in events
    )
    frame["hour"] = frame["at"].dt.floor("h")
    return frame
