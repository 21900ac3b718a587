"""No view of people looks past the published table: each is the same when the raw events are gone.

Together with `tests/live/test_disclosure.py`, which bounds every small count given all published
cells, this is the differencing attack: what the views show is no more than those cells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pandas as pd
import pytest
from sqlalchemy import delete

from dashboard.compose import open_world
from dashboard.features import describe_feature
from dashboard.history_panel import build_history
from dashboard.ledger import read_ledger
from dashboard.ledger_view import build_ledger_page
from dashboard.people_api import PLACES, describe_flows, describe_people
from dashboard.settings import Settings
from dashboard.words import load_words
from dashboard.world import World
from geodata.community import Community
from live.store.tables import EVENTS, HOURS
from live.twin import Twin
from tests.live.history.town import DAY, fill_store, make_town


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, var: Path) -> Iterator[World]:
    town, folder = make_town(), tmp_path_factory.mktemp("differencing")
    url = f"sqlite:///{folder}/twin.db"
    store, _ = fill_store(town, url)
    store.close()
    world = open_world(town, Settings(var=var), database=url, simulate=False)
    yield world
    world.twin.store.close()


def _views(world: World) -> dict[str, Callable[[], Any]]:
    """Everything that shows people of a day that is over, by name."""
    span = world.people.read
    words = load_words("zh")
    day = world_day(world)
    now = day.until + timedelta(hours=2)
    keys = {
        layer: ["", *map(str, world.community[layer]["id"])] if layer == "gates"
        else list(map(str, world.community[layer]["id"]))
        for layer in PLACES if layer != "community"
    } | {"community": [""]}  # fmt: skip
    views: dict[str, Callable[[], Any]] = {
        f"api {layer} {key}": lambda layer=layer, key=key: describe_people(
            span(day, now), layer, key
        )
        for layer, of in keys.items()
        for key in of
    }
    views |= {
        f"flows {hour}": lambda hour=hour: describe_flows(world, span(day, now), hour)
        for hour in (None, *range(24))
    }
    views["ledger"] = lambda: build_ledger_page(words, read_ledger(world, DAY, now), 0)
    views |= {
        f"panel {layer} {key}": lambda layer=layer, key=key: build_history(
            world, words, layer, key, day=DAY, now=now
        )
        for layer, of in keys.items()
        for key in of
        if key
    }
    return views


def world_day(world: World) -> Any:
    from live.history import day_span

    return day_span(DAY, world.timezone)


def _flat(shown: Any) -> bytes:
    return orjson.dumps(shown, default=lambda part: part.to_plotly_json())


def test_every_view_stands_without_the_events_it_is_made_of(world):
    views = _views(world)
    before = {name: _flat(view()) for name, view in views.items()}
    assert len(before) > 45
    assert sum("<5" in shown.decode() for shown in before.values()) > 20
    with world.twin.store.writing() as conn:
        conn.execute(delete(EVENTS).where(EVENTS.c.kind == "access"))
        conn.execute(delete(HOURS).where(HOURS.c.kind == "access"))
    for name, view in views.items():
        assert _flat(view()) == before[name], f"{name} looks past what is published"


def test_the_sum_of_an_area_less_its_other_buildings_tells_nobody(world):
    def total(few):
        buildings = world.community["buildings"].copy()
        buildings.loc[buildings["id"] == "a2", "residents"] = few
        frames = {**world.community.frames, "buildings": buildings}
        town = Community(frames, world.community.meta, world.community.digest)
        twin = Twin(town, world.twin.store)
        assert describe_feature(twin, "buildings", "a2")["columns"]["residents"] == "<5"
        return describe_feature(twin, "compounds", "A")["totals"]["residents"]

    assert len({total(few) for few in (1, 2, 3, 4)}) == 1


def test_every_number_of_the_api_is_a_sum_of_published_cells(world):
    day = world_day(world)
    people = world.people.read(day, day.until + timedelta(hours=2))
    cells = pd.DataFrame(
        [
            (hour, layer, way, *name.split("|"), count)
            for hour, table in people.hours.items()
            for (layer, way), kept in table.tables.items()
            for name, count in kept.items()
        ],
        columns=["hour", "layer", "way", "place", "method", "building", "count"],
    )
    compound = {"a1": "A", "a2": "A", "b1": "B"}
    doors = cells[cells["layer"] == "entrances"]
    subsets = {
        ("community", ""): doors,
        ("compounds", "A"): doors[doors["building"].map(compound) == "A"],
        ("buildings", "a2"): doors[doors["building"] == "a2"],
        ("entrances", "b1-1"): doors[doors["place"] == "b1-1"],
        ("gates", "gB"): cells[(cells["layer"] == "gates") & (cells["place"] == "gB")],
    }
    for (layer, key), mine in subsets.items():
        shown = describe_people(people, layer, key)
        sums = mine.groupby(["hour", "way"])["count"].sum()
        for hour in shown["hours"]:
            for way in ("in", "out"):
                count = int(sums.get((pd.Timestamp(hour["hour"]), way), 0))
                assert hour[way] == (count if count >= 5 else "<5")
        assert shown["in"] == mine[mine["way"] == "in"]["count"].sum()
