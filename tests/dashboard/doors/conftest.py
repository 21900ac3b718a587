"""One server for tests that need no settings of their own."""

from __future__ import annotations

import pytest

from dashboard.doors import DoorOptions
from tests.dashboard.doors.served import PAYLOADS, serving


@pytest.fixture
def served(tmp_path):
    """A server of one's own, in serve mode."""
    with serving(tmp_path, DoorOptions(feed_rate=10_000)) as server:
        yield server


@pytest.fixture(scope="session")
def payloads():
    """The folder of real payloads."""
    if not PAYLOADS.is_dir():
        pytest.skip("the real payloads (../shared/data/payloads) are not at hand")
    return PAYLOADS
