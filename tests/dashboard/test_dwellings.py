"""What a flat is stays on the server: the bytes that leave it, for every kind of world and door."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pandas as pd
import pytest
from fastapi import FastAPI

from dashboard.dwellings import describe_floors, may_see_dwellings
from dashboard.floors_api import build_floors_router
from dashboard.static_layers import StaticLayers
from dashboard.world import World
from geodata.community import DWELLINGS, Community, to_columns
from layers.columns import decode_table
from layers.scene import Scene
from live.store import open_store
from live.twin import Twin
from tests.browser.tiny import make_event, make_tiny

ROOMS = ["7301", "7302", "7401", "7402", "7403"]
FLATS = pd.DataFrame(
    {
        "id": [f"secret{n}" for n in range(5)],
        "building_id": "mid",
        "unit": list("12121"),
        "floor": [3, 3, 4, 4, 4],
        "room": ROOMS,
        "tenure": ["owner", "vacant", "let", "owner", None],
        "residents": [3, 0, 6, 4, None],
    }
)
PLAIN = {"accept-encoding": "identity"}


def _make_world(path, *, simulated, illustrative, flats=FLATS):
    tiny = make_tiny(illustrative=illustrative)
    tiny["devices"].loc[tiny["devices"]["id"] == "meter0", "floor"] = 3
    community = Community(tiny.frames, tiny.meta, "d", to_columns(flats, DWELLINGS))
    twin = Twin(community, open_store(f"sqlite:///{path}/twin.db"))
    return World(community, twin, StaticLayers(Scene(community), path), simulated)


@pytest.fixture
def make_world(tmp_path) -> Iterator:
    made = []

    def make(**options):
        folder = tmp_path / str(len(made))
        folder.mkdir()
        made.append(_make_world(folder, **options))
        return made[-1]

    yield make
    for world in made:
        world.twin.store.close()


class _Client:
    """Asks an application in this process."""

    def __init__(self, app):
        self.transport = httpx.ASGITransport(app)

    def get(self, url, headers=None):
        async def ask():
            async with httpx.AsyncClient(
                transport=self.transport, base_url="http://twin", headers=headers
            ) as client:
                return await client.get(url)

        return asyncio.run(ask())


def _client(world, *, visitors=False):
    app = FastAPI()
    app.include_router(build_floors_router(lambda: world, visitors=visitors))
    return _Client(app)


def _fetch(client, detail):
    url = f"/layers/floors?building=mid{'&detail=1' if detail else ''}"
    response = client.get(url, headers=PLAIN)
    assert response.status_code == 200
    return response.content


def _tells(wire):
    """What of a flat is in some bytes."""
    words = ["owner", "vacant", "secret", *ROOMS]
    return [word for word in words if word.encode() in wire]


@pytest.mark.parametrize("simulated", [True, False])
@pytest.mark.parametrize("illustrative", [True, False])
def test_only_a_world_where_nobody_lives_tells_what_its_flats_are(
    make_world, simulated, illustrative
):
    world = make_world(simulated=simulated, illustrative=illustrative)
    allowed = simulated and illustrative
    assert may_see_dwellings(world) is allowed
    client = _client(world)
    plain, detailed = _fetch(client, detail=False), _fetch(client, detail=True)
    assert not _tells(plain)
    assert bool(_tells(detailed)) is allowed
    assert (detailed == plain) is not allowed
    assert decode_table(detailed).meta["detail"] is allowed
    assert ("flats" in describe_floors(world, "mid", detail=True)["floors"][2]) is allowed


def test_visitors_never_learn_what_a_flat_is(make_world):
    world = make_world(simulated=True, illustrative=True)
    client = _client(world, visitors=True)
    assert _fetch(client, detail=True) == _fetch(client, detail=False)
    assert not _tells(_fetch(client, detail=True))


def test_bytes_are_the_same_whoever_lives_there(make_world):
    empty = FLATS.assign(tenure="vacant", residents=0, room="", id=list("abcde"))
    one = make_world(simulated=True, illustrative=True)
    other = make_world(simulated=True, illustrative=True, flats=empty)
    for url in ("/layers/floors?building=mid", "/floors/mid"):
        answers = [_client(world).get(url, headers=PLAIN).content for world in (one, other)]
        first, second = (re.sub(rb'"at":[0-9.]+', b"", answer) for answer in answers)
        assert first == second, url
        assert not _tells(first)


def test_counts_by_floor_are_of_households_and_meters(make_world):
    world = make_world(simulated=False, illustrative=False)
    floors = _client(world).get("/floors/mid").json()["floors"]
    assert [floor["households"] for floor in floors] == [0, 0, 2, 3, 0, 0, 0]
    assert floors[3]["units"] == {"1": 2, "2": 1}
    assert floors[2]["meters"] == {"water_meter": {"n": 1, "silent": 1, "alarm": 0}}
    assert {door["id"] for door in floors[0]["doors"]} == {"d0", "d1"}
    assert "flats" not in floors[2]

    reading = make_event("devices", "meter0", "reading", values={"volume": 3.0})
    with world.twin.lock:
        world.twin.state.apply(reading)
        world.twin.state.sweep(datetime.now(UTC))
    floors = _client(world).get("/floors/mid").json()["floors"]
    assert floors[2]["meters"] == {"water_meter": {"n": 1, "silent": 0, "alarm": 0}}
    with world.twin.lock:
        world.twin.state.apply(make_event("devices", "meter0", "alarm", type="leak", severity=2))
    floors = _client(world).get("/floors/mid").json()["floors"]
    assert floors[2]["meters"]["water_meter"]["alarm"] == 1


def test_people_of_a_flat_are_never_counted_out(make_world):
    world = make_world(simulated=True, illustrative=True)
    floors = describe_floors(world, "mid", detail=True)["floors"]
    told = [flat["residents"] for floor in floors for flat in floor["flats"]]
    assert sorted(map(str, told)) == ["0", "5+", "<5", "<5", "None"]


def test_households_are_unknown_where_no_flat_is_known(make_world):
    world = make_world(simulated=True, illustrative=True, flats=FLATS.iloc[:0])
    floors = describe_floors(world, "mid", detail=True)["floors"]
    assert [floor["households"] for floor in floors] == [None] * 7


def test_table_is_kept_by_its_hash(make_world):
    client = _client(make_world(simulated=True, illustrative=True))
    first = client.get("/layers/floors?building=mid")
    etag = first.headers["etag"]
    assert client.get(
        "/layers/floors?building=mid", headers={"if-none-match": etag}
    ).status_code == 304  # fmt: skip
    other = client.get("/layers/floors?building=mid&detail=1", headers={"if-none-match": etag})
    assert other.status_code == 200
    assert "private" in other.headers["cache-control"]


@pytest.mark.parametrize("url", ["/layers/floors?building=nowhere", "/layers/floors", "/floors/x"])
def test_unknown_building_is_not_found(make_world, url):
    assert _client(make_world(simulated=True, illustrative=True)).get(url).status_code == 404
