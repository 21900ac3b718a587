from __future__ import annotations

from datetime import UTC, datetime

import pytest

from geodata.coverage.hours import Clock

FUZHOU = Clock("Asia/Shanghai", (119.2965, 26.0844))


@pytest.mark.parametrize(
    ("hours", "utc", "is_open"),
    [
        ("24/7", datetime(2026, 11, 23, 20), True),
        ("Mo-Fr 08:30-12:00,14:30-18:00", datetime(2026, 11, 23, 1), True),  # 09:00 there
        ("Mo-Fr 08:30-12:00,14:30-18:00", datetime(2026, 11, 23, 5), False),  # 13:00
        ("Mo-Fr 08:30-18:00", datetime(2026, 11, 20, 17), False),  # Saturday there already
        ("Mo-Su 22:00-06:00", datetime(2026, 11, 23, 18), True),  # past midnight
        ("Mo-Su 08:00-20:00; PH off", datetime(2026, 10, 1, 2), False),  # the national day
        ("sunrise-sunset", datetime(2026, 11, 23, 8, 40), True),
        ("sunrise-sunset", datetime(2026, 11, 23, 9, 40), False),  # dark by 17:20 in Fuzhou
        ("when we feel like it", datetime(2026, 11, 23, 1), None),
        (None, datetime(2026, 11, 23, 1), None),
        ("Mo-Fr unknown", datetime(2026, 11, 23, 1), None),
    ],
)
def test_open_there_and_then(hours, utc, is_open):
    assert FUZHOU.is_open(hours, utc.replace(tzinfo=UTC)) is is_open


def test_when_it_changes_next():
    at = datetime(2026, 11, 23, 1, tzinfo=UTC)
    assert FUZHOU.next_change("Mo-Fr 08:30-12:00", at) == datetime(2026, 11, 23, 4, tzinfo=UTC)
    assert FUZHOU.next_change("24/7", at) is None
    assert FUZHOU.next_change("nonsense", at) is None
