"""What a field of the settings takes, and how it says why not."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from dashboard.editing.fields import FaultsError, Field, Here, check_value
from geodata.coverage.hours import Clock

ZONE = ZoneInfo("Asia/Shanghai")
HERE = Here(ZONE, Clock(ZONE.key, (119.3, 26.08)), datetime(2026, 11, 27, tzinfo=UTC))


@pytest.mark.parametrize("kind", ["int", "number"])
@pytest.mark.parametrize("given", ["inf", "-Infinity", "1e999", "nan", float("inf"), True, "many"])
def test_what_is_no_number_of_this_world_is_said_to_be_none(kind, given):
    with pytest.raises(FaultsError) as caught:
        check_value(Field("capacity", kind), given, HERE)
    assert [fault.why for fault in caught.value.faults] == ["number"]


@pytest.mark.parametrize(("given", "kept"), [("1,200", 1200), (0, 0), ("2.5", 2.5)])
def test_numbers_are_kept_as_they_are_meant(given, kept):
    assert check_value(Field("limit", "number"), given, HERE) == kept
