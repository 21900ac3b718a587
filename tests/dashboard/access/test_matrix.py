"""Every role against every route, page and callback; and what the wire carries to wall and demo."""

from __future__ import annotations

import asyncio
import itertools
import json
from dataclasses import replace

import httpx
import orjson
import pytest

from dashboard.access.gate import Gate
from dashboard.access.roles import CIRCLES
from dashboard.access.table import API, CALLBACKS, PAGES, list_routes
from live.tokens import TokenBook
from tests.browser.tiny import make_event
from tests.dashboard.access.test_table import fill

WHO = ("visitor", "wall", "grid_worker", "operator", "manager", "admin", "feed", "limited")
"""Roles, and an operator who has one grid only."""

NOWHERE = (
    ("GET", "/api/v1/new"), ("PUT", "/api/v1/snapshot"), ("DELETE", "/api/v1/incidents/x"),
    ("GET", "/manage/new"), ("POST", "/manage"),
)  # fmt: skip

PLATE = "闽A7K3M2"
PEOPLE = "张三丰"


async def behind(scope, receive, send):
    """Stand for the whole product: whoever comes so far is let in."""
    await send({"type": "http.response.start", "status": 299, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@pytest.fixture(scope="module")
def clients(real):
    """A client of each role, with a gate of the real server and nothing else behind it."""
    front = real.app.state.front
    book = TokenBook(real.world.twin.store)
    gate = Gate(behind, front)
    found = {}
    for who in WHO:
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(gate, client=("192.0.2.7", 1)), base_url="http://testserver",
            headers={"sec-fetch-site": "same-origin"},
        )  # fmt: skip
        if who == "feed":
            client.headers["authorization"] = f"Bearer {book.create('feed', 'matrix')[1]}"
        elif who == "wall":
            token, _ = book.create("wall", "matrix")
            client.cookies.set("twin_wall", front.walls.bind(token, "", ""))
        elif who != "visitor":
            role, areas = ("operator", ["east"]) if who == "limited" else (who, None)
            account = front.accounts.add(f"matrix-{who}", [role], areas=areas)
            client.cookies.set("twin_session", front.sessions.begin(account, "", "")[1])
        found[who] = client
    front.desk.access.book.read()
    return found


def is_expected(circle, who):
    whole = circle.endswith("*")
    members = CIRCLES[circle.removesuffix("*")]
    return ("operator" if who == "limited" else who) in members and not (whole and who == "limited")


def test_every_role_against_every_route(clients):
    async def go():
        for (line, circle), who in itertools.product(list_routes().items(), WHO):
            method, _, path = line.partition(" ")
            if path == "/_dash-update-component":
                continue
            answer = await clients[who].request("POST" if method == "ANY" else method, fill(path))
            allowed = is_expected(circle, who)
            assert (answer.status_code == 299) is allowed, (line, who, answer.status_code)
            if not allowed:
                assert answer.status_code in (303, 401, 403), (line, who)
                if answer.status_code == 303:
                    assert answer.headers["location"].startswith("/login?next=")

    asyncio.run(go())


def test_every_role_against_every_callback(clients):
    async def go():
        for (output, circle), who in itertools.product(CALLBACKS.items(), WHO):
            if "_pages_content" in output:
                continue
            body = {"output": output, "inputs": []}
            answer = await clients[who].post("/_dash-update-component", json=body)
            assert (answer.status_code == 299) is is_expected(circle, who), (output, who)

    asyncio.run(go())


def test_every_role_against_going_to_every_page(clients):
    async def go():
        for (page, circle), who in itertools.product(PAGES.items(), WHO):
            body = {
                "output": ".._pages_content.children..._pages_store.data..",
                "inputs": [{"id": "_pages_location", "property": "pathname", "value": page}],
            }
            answer = await clients[who].post("/_dash-update-component", json=body)
            assert (answer.status_code == 299) is is_expected(circle, who), (page, who)

    asyncio.run(go())


def test_what_is_in_no_line_is_refused_to_everybody(clients):
    async def go():
        for who in WHO:
            for method, path in NOWHERE:
                assert (await clients[who].request(method, path)).status_code == 404
            body = {"output": "new.children", "inputs": []}
            answer = await clients[who].post("/_dash-update-component", json=body)
            assert answer.status_code == 403

    asyncio.run(go())


@pytest.mark.parametrize(
    ("who", "line", "allowed"),
    [
        ("wall", "POST /api/v1/incidents/x", False),
        ("wall", "GET /manage", False),
        ("wall", "GET /api/v1/vehicles/x/trail", False),
        ("visitor", "GET /api/v1/stream", False),
        ("visitor", "GET /demo/api/v1/stream", True),
        ("grid_worker", "POST /api/v1/incidents/x", True),
        ("grid_worker", "GET /manage/ledger", False),
        ("grid_worker", "GET /manage/users", False),
        ("manager", "GET /manage/users", False),
        ("manager", "GET /api/v1/quarantine", False),
        ("admin", "GET /api/v1/quarantine", True),
        ("feed", "GET /api/v1/snapshot", True),
        ("feed", "GET /api/v1/stream", False),
        ("limited", "GET /api/v1/people/flows", False),
    ],
)
def test_what_the_table_is_meant_to_say(clients, who, line, allowed):
    method, _, path = line.partition(" ")
    answer = asyncio.run(clients[who].request(method, path))
    assert (answer.status_code == 299) is allowed


@pytest.fixture(scope="module")
def seeded(real):
    """The real community has a plate and somebody's name in its events."""
    door = make_event("entrances", "d0", "access", direction="in", method="card")
    real.submit(
        make_event("plate_cameras", "c0", "plate", plate=PLATE, direction="in"),
        replace(door, data={**door.data, "subject": PEOPLE}),
    )
    return real


def read_everything(client, prefix, world):
    """Yield what every route that reads answers, with ids that are there."""
    for layer in ("buildings", "entrances", "gates", "plate_cameras", "devices", "services"):
        for key in world.community[layer]["id"].head(2):
            yield client.get(f"{prefix}/features/{layer}/{key}")
        for form in ("csv",):
            yield client.get(f"{prefix}/tables/{layer}.{form}")
    for line, _ in API:
        method, _, path = line.partition(" ")
        if method == "GET" and "{" not in path and "stream" not in path and "channel" not in path:
            yield client.get(f"{prefix}{path}")
    for text in (PLATE, PLATE[:4], PLATE[2:], PEOPLE):
        yield client.get(f"{prefix}/search", params={"q": text, "reason": "look for it"})


@pytest.mark.parametrize("who", ["wall", "visitor"])
def test_wire_carries_no_clear_plate_and_no_name_to_wall_and_demo(seeded, browser, who):
    client = browser()
    prefix = "/api/v1"
    if who == "wall":
        _, secret = TokenBook(seeded.world.twin.store).create("wall", "wire")
        client.get(f"/wall?token={secret}")
    else:
        prefix = "/demo/api/v1"
    read = 0
    for answer in read_everything(client, prefix, seeded.world):
        read += answer.status_code == 200
        for secret in (PLATE, PLATE[2:], PEOPLE):
            text = answer.text.replace(json.dumps(PLATE), "")
            assert secret not in text, answer.url
    assert read > 20
    with client.stream("GET", f"{prefix}/stream") as stream:
        assert stream.status_code == 200
        chunks = stream.iter_text()
        next(chunks)
        seeded.submit(make_event("plate_cameras", "c0", "plate", plate=PLATE, direction="out"))
        got = ""
        if who == "wall":
            while "plate_cameras" not in got:
                got += next(chunks)
        assert PLATE not in got
        assert PLATE[2:] not in got


def test_grid_worker_sees_and_does_nothing_beyond_their_grid(seeded, browser):
    mine, whole = browser(), browser()
    seeded.log_in(mine, "grid_worker", areas=["east"])
    seeded.log_in(whole, "manager")
    places = seeded.world.twin.incidents.places

    def is_mine(layer, key):
        area = places.of(layer, key).area
        return area is not None and area[1] == "east"

    everything = orjson.loads(whole.get("/api/v1/snapshot").content)["layers"]
    shown = orjson.loads(mine.get("/api/v1/snapshot").content)["layers"]
    hidden = 0
    for layer in ("entrances", "gates", "devices", "plate_cameras"):
        for key in everything[layer]:
            assert (key in shown[layer]) is is_mine(layer, key)
            answer = mine.get(f"/api/v1/features/{layer}/{key}")
            assert answer.status_code == (200 if is_mine(layer, key) else 404), (layer, key)
            hidden += not is_mine(layer, key)
        table = mine.get(f"/api/v1/tables/{layer}.csv").text.split()
        for key in everything[layer]:
            assert any(row.endswith(f",{key}") for row in table) is is_mine(layer, key)
    assert hidden >= 3


def test_grid_worker_works_on_orders_of_their_grid_only(seeded, browser):
    mine, whole = browser(), browser()
    worker = seeded.log_in(mine, "grid_worker", areas=["east"])
    seeded.log_in(whole, "manager")
    order = {"kind": "repair", "title": "Mend the lamp", "level": "general"}
    theirs = whole.post("/api/v1/orders", json={**order, "grid": "west"}).json()
    refused = mine.post("/api/v1/orders", json={**order, "grid": "west"})
    assert refused.status_code == 403, refused.text
    made = mine.post("/api/v1/orders", json={**order, "grid": "east", "by": "somebody else"})
    assert made.status_code == 201, made.text
    number = made.json()["id"]
    assert mine.get(f"/api/v1/orders/{theirs['id']}").status_code == 404
    step = {"action": "accept", "version": theirs["version"]}
    assert mine.post(f"/api/v1/orders/{theirs['id']}", json=step).status_code == 404
    listed = {one["id"] for one in mine.get("/api/v1/orders?state=any").json()["items"]}
    assert number in listed
    assert theirs["id"] not in listed
    # the name is the account's, whatever the body said
    told = mine.get(f"/api/v1/orders/{number}").json()
    assert {step["who"] for step in told["timeline"]} == {worker.shown}
