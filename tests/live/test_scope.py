"""What is sent to who works in some grids only: theirs, and not a row more."""

from __future__ import annotations

import asyncio

import orjson
import pytest

from live.hub import Hub
from live.scope import Scope, ScopedRows
from live.store import open_store
from live.twin import Twin
from tests.browser.tiny import make_tiny, with_grids


@pytest.fixture(scope="module")
def twin():
    store = open_store("sqlite://")
    yield Twin(with_grids(make_tiny()), store)
    store.close()


@pytest.fixture(scope="module")
def areas(twin):
    places = twin.incidents.places.known
    found = {place.area[1] for place in places.values() if place.area}
    assert len(found) > 1, "the tiny community needs two grids for this"
    return sorted(found)


def test_snapshot_of_one_grid_holds_what_lies_in_it(twin, areas):
    mine = Scope(areas=frozenset(areas[:1]))
    layers = orjson.loads(twin.scoped_snapshot_bytes(mine))["layers"]
    whole = orjson.loads(twin.snapshot_bytes())["layers"]
    seen = 0
    for layer in ("entrances", "gates", "devices", "plate_cameras"):
        for key in whole[layer]:
            area = twin.incidents.places.of(layer, key).area
            inside = area is not None and area[1] == areas[0]
            assert (key in layers[layer]) is inside, (layer, key)
            seen += inside
    assert seen
    assert layers["counters"].keys() == whole["counters"].keys()


def test_two_grids_are_the_sum_of_each(twin, areas):
    def keys(*mine):
        layers = orjson.loads(twin.scoped_snapshot_bytes(Scope(areas=frozenset(mine))))["layers"]
        return {(layer, key) for layer, rows in layers.items() for key in rows}

    assert keys(*areas[:2]) == keys(areas[0]) | keys(areas[1])


def test_other_layers_are_left_out(twin):
    scope = Scope(layers=frozenset({"gates"}))
    layers = orjson.loads(twin.scoped_snapshot_bytes(scope))["layers"]
    assert set(layers) <= {"gates", "counters", "people", "feed"}


def test_patch_keeps_what_is_within(twin, areas):
    places = twin.incidents.places
    doors = list(orjson.loads(twin.snapshot_bytes())["layers"]["entrances"])
    inside = [key for key in doors if places.of("entrances", key).area == ("grids", areas[0])]
    rows = ScopedRows(twin, Scope(areas=frozenset(areas[:1])))
    changes = {
        "a": {
            "feed": {str(n): {"l": "entrances", "i": key} for n, key in enumerate(doors)},
            "incidents": {"x": {"a": ["grids", areas[1]]}, "y": {"a": ["grids", areas[0]]},
                          "z": {"a": None}},
        },
        "c": {"entrances": {key: {"s": "held"} for key in doors}, "counters": {"doors": {"n": 1}}},
        "r": {"entrances": doors},
    }  # fmt: skip
    patch = rows.patch(changes)
    assert list(patch["c"]["entrances"]) == inside
    assert {row["i"] for row in patch["a"]["feed"].values()} == set(inside)
    assert list(patch["a"]["incidents"]) == ["y"]
    assert patch["r"]["entrances"] == inside
    assert patch["c"]["counters"] == {"doors": {"n": 1}}


def test_scope_is_encoded_once_for_all_its_readers_and_no_longer_than_they_read():
    calls = []

    def view(changes):
        calls.append(changes)
        return {"a": {}, "c": {}, "r": {}}

    async def go():
        hub = Hub()
        readers = [hub.subscribe(f"{hub.epoch}-0", role="scope:G1", view=view) for _ in range(3)]
        for reader in readers:
            assert (await anext(reader)).startswith(b"retry")
        waits = [asyncio.ensure_future(anext(reader)) for reader in readers]
        await asyncio.sleep(0)
        hub.publish({"a": {"gates": {"x": {}}}, "c": {}, "r": {}}, 1.0)
        chunks = await asyncio.gather(*waits)
        assert len(calls) == 1
        assert all(b'"a":{}' in chunk for chunk in chunks)
        for reader in readers:
            await reader.aclose()
        hub.publish({"a": {}, "c": {}, "r": {}}, 2.0)
        assert len(calls) == 1
        # somebody who comes later takes a snapshot rather than what was never encoded for them
        late = hub.subscribe(f"{hub.epoch}-0", role="scope:G1", view=view)
        await anext(late)
        assert (await anext(late)).startswith(b"event: reset")
        await late.aclose()

    asyncio.run(go())
