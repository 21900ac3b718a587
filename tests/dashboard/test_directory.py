"""The directory: who says that a place is open, and what its hours mean in words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from dashboard.compose import open_world
from dashboard.directory import FRESH_S, GROUPS, describe_directory, plain_hours
from dashboard.pages.directory import build_directory
from dashboard.settings import Settings
from dashboard.words import load_words
from dashboard.world import World
from geodata.schema import SERVICE_KINDS
from tests.live.history.town import make_town
from tests.live.small_world import make_event

ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 23, 12, tzinfo=ZONE)


@pytest.fixture
def world(tmp_path: Path, var: Path) -> Iterator[World]:
    world = open_world(
        make_town(), Settings(var=var), database=f"sqlite:///{tmp_path}/d.db", simulate=False
    )
    yield world
    world.twin.store.close()


def _entry(world: World, key: str, now: datetime) -> dict:
    groups = describe_directory(world, now)["groups"]
    return next(e for group in groups for e in group["entries"] if e["id"] == key)


def _say(world: World, at: datetime, **data) -> None:
    world.twin.state.apply(make_event("service", "s0", at, layer="services", **data))


def test_every_kind_of_service_stands_in_one_group():
    kinds = [kind for kinds in GROUPS.values() for kind in kinds if kind != "parking"]
    assert sorted(kinds) == sorted(SERVICE_KINDS)


def test_what_a_place_says_itself_goes_first_then_its_hours(world):
    said = _entry(world, "s0", NOON)
    assert (said["state"], said["by"]) == ("open", "hours")
    assert said["changes_at"] == datetime(2026, 11, 23, 19, tzinfo=ZONE).timestamp()
    _say(world, NOON, state="closed", used=0, capacity=40)
    said = _entry(world, "s0", NOON + timedelta(minutes=5))
    assert (said["state"], said["by"], said["t"]) == ("closed", "live", NOON.timestamp())
    # what it said long ago says nothing of now
    later = _entry(world, "s0", NOON + timedelta(seconds=FRESH_S + 1))
    assert (later["state"], later["by"]) == ("open", "hours")
    night = _entry(world, "s0", NOON + timedelta(hours=9))
    assert (night["state"], night["by"]) == ("closed", "hours")


def test_few_users_are_not_told_apart(world):
    _say(world, NOON, state="open", used=3, capacity=40)
    assert _entry(world, "s0", NOON)["used"] == "<5"
    _say(world, NOON + timedelta(seconds=1), state="open", used=12, capacity=40)
    assert _entry(world, "s0", NOON)["used"] == 12


def test_a_silent_car_park_has_no_free_places_to_tell(world):
    said = _entry(world, "p0", NOON)
    assert (said["state"], said["free"], said["capacity"], said["t"]) == ("unknown", None, 60, None)
    event = make_event("reading", "p0", NOON, values={"free": 7}, unit={})
    world.twin.state.apply(event)
    said = _entry(world, "p0", NOON)
    assert (said["state"], said["free"], said["t"]) == ("open", 7, NOON.timestamp())


@pytest.mark.parametrize(
    ("hours", "zh", "en"),
    [
        ("24/7", "全天开放", "Open day and night"),
        ("Mo-Fr 08:30-12:00,14:30-18:00; Sa 09:00-12:00",
         "周一至周五 08:30–12:00、14:30–18:00；周六 09:00–12:00",
         "Mon–Fri 08:30–12:00, 14:30–18:00; Sat 09:00–12:00"),
        ("Mo-Su 07:00-23:00", "每天 07:00–23:00", "Daily 07:00–23:00"),
        ("06:00-22:00; PH off", "每天 06:00–22:00；节假日 不开放",
         "Daily 06:00–22:00; holidays closed"),
        ("Tu,Th 09:00-11:00", "周二、周四 09:00–11:00", "Tue, Thu 09:00–11:00"),
        ("sunrise-sunset", "sunrise-sunset", "sunrise-sunset"),
        (None, "开放时间未登记", "Hours not on file"),
    ],
)  # fmt: skip
def test_hours_are_said_in_words_and_what_is_not_plain_stays(hours, zh, en):
    assert plain_hours(load_words("zh"), hours) == zh
    assert plain_hours(load_words("en"), hours) == en


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_names_every_place_and_leads_to_the_map(world, language):
    found = describe_directory(world, NOON)
    page = str(
        [part.to_plotly_json() for part in build_directory(load_words(language), found, ZONE)]
    )
    for key in ("services/s0", "services/s1", "parking/p0"):
        assert f"/manage?at={key}" in page
