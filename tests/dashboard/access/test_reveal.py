"""A clear plate, and what flats are: with a reason, for ten minutes, written down, and marked."""

from __future__ import annotations

from datetime import timedelta

import orjson
import pytest
from sqlalchemy import select

from dashboard.access.reveal import HOLD
from live.accounts import AccountBook
from live.audit import verify
from live.events import utc_now
from live.store.cases import AUDIT
from live.tokens import TokenBook
from tests.browser.tiny import make_event

PLATE = "闽A8R4T6"


@pytest.fixture(scope="module")
def vehicle(real):
    real.submit(make_event("plate_cameras", "c0", "plate", plate=PLATE, direction="in"))
    from live.history.vehicle_keys import vehicle_key

    return vehicle_key(PLATE, real.world.pseudonym_key)


def ask(client, vehicle, reason="寻找走失老人", layer="vehicles"):
    return client.post("/api/v1/reveals", json={"layer": layer, "id": vehicle, "reason": reason})


def rows(real, action="show"):
    with real.world.twin.store.reading() as conn:
        found = conn.execute(select(AUDIT).where(AUDIT.c.action == action).order_by(AUDIT.c.seq))
        return [(row.who, row.about, orjson.loads(row.data)) for row in found]


def test_plate_is_shown_to_the_desk_with_a_reason_and_written_down(real, browser, vehicle):
    client = browser()
    account = real.log_in(client, "operator")
    before = len(rows(real))
    answer = ask(client, vehicle)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["plate"] == PLATE
    assert told["who"] == account.shown
    assert 0 < told["seconds"] <= HOLD.total_seconds()
    who, about, data = rows(real)[-1]
    assert len(rows(real)) == before + 1
    assert (who, about, data["reason"]) == (account.shown, "plates", "寻找走失老人")
    assert PLATE not in str(data)
    with real.world.twin.store.reading() as conn:
        assert verify(conn).problems == []


def test_it_holds_for_ten_minutes_and_in_that_session_alone(real, browser, vehicle):
    client, other = browser(), browser()
    real.log_in(client, "manager")
    real.log_in(other, "manager")
    assert ask(client, vehicle).status_code == 200
    again = f"/api/v1/reveals/vehicles/{vehicle}"
    assert client.get(again).json()["plate"] == PLATE
    assert other.get(again).status_code == 404
    reveals = real.world.reveals
    reveals.clock = lambda: utc_now() + HOLD + timedelta(seconds=1)
    try:
        assert client.get(again).status_code == 404
    finally:
        reveals.clock = utc_now


@pytest.mark.parametrize("reason", ["", " ", "x", "\x00\x01", "r" * 201])
def test_without_a_reason_nothing_is_shown(real, browser, vehicle, reason):
    client = browser()
    real.log_in(client, "admin")
    before = len(rows(real))
    answer = ask(client, vehicle, reason)
    assert answer.status_code == 422
    assert PLATE not in answer.text
    assert len(rows(real)) == before


def test_who_looks_through_many_is_held_up(real, browser, vehicle):
    client = browser()
    real.log_in(client, "operator")
    codes = [ask(client, vehicle).status_code for _ in range(13)]
    assert codes[:10] == [200] * 10
    assert 429 in codes[10:]


@pytest.mark.parametrize("who", ["wall", "visitor", "grid_worker", "limited", "token"])
def test_nobody_else_is_shown_anything(real, browser, vehicle, who):
    client = browser()
    book = TokenBook(real.world.twin.store)
    if who == "wall":
        client.get(f"/wall?token={book.create('wall', 'reveal')[1]}")
    elif who == "token":
        client.headers["authorization"] = f"Bearer {book.create('admin', 'program')[1]}"
    elif who == "grid_worker":
        real.log_in(client, "grid_worker")
    elif who == "limited":
        real.log_in(client, "operator", areas=["east"])
    answer = ask(client, vehicle)
    assert answer.status_code in (401, 403)
    assert PLATE not in answer.text
    assert client.post("/demo/api/v1/reveals", json={}).status_code == 404


def test_flats_are_told_of_one_building_only(real, browser):
    client = browser()
    real.log_in(client, "manager")
    plain = client.get("/api/v1/layers/floors?building=mid&detail=1").content
    assert ask(client, "mid", layer="buildings").status_code == 200
    shown = client.get("/api/v1/layers/floors?building=mid&detail=1").content
    assert shown != plain
    assert ask(client, "nowhere", layer="buildings").status_code == 404
    other = browser()
    real.log_in(other, "manager")
    assert other.get("/api/v1/layers/floors?building=mid&detail=1").content == plain


def test_panels_ask_the_desk_and_nobody_else(real, browser, vehicle):
    def panel(client, layer, key):
        picked = {"layer": layer, "id": key, "lang": "en", "api": "", "page": "manage"}
        body = {
            "output": "detail.children",
            "outputs": {"id": "detail", "property": "children"},
            "inputs": [{"id": "picked", "property": "data", "value": picked}],
            "changedPropIds": ["picked.data"],
        }
        answer = client.post("/_dash-update-component", json=body)
        assert answer.status_code == 200, answer.text
        return answer.text

    desk, worker = browser(), browser()
    account = real.log_in(desk, "operator")
    real.log_in(worker, "grid_worker")
    assert "data-reveal" in panel(desk, "vehicles", vehicle)
    assert "data-reveal" not in panel(worker, "vehicles", vehicle)
    assert "data-reveal" in panel(desk, "floors", "mid/1")
    assert ask(desk, "mid", layer="buildings").status_code == 200
    marked = panel(desk, "floors", "mid/1")
    assert "watermark" in marked
    assert account.shown in marked
    assert "data-reveal" not in marked
    assert PLATE not in marked


def test_accounts_are_in_the_audit_too(real):
    AccountBook(real.world.twin.store).add("noted", ["operator"], by="test")
    who, about, data = rows(real, "add")[-1]
    assert (who, about, data["account"]) == ("test", "accounts", "noted")
