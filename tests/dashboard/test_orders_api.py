"""Orders over HTTP: made, worked on, counted, as tables; titles stay with administrators."""

import pytest

from live.orders.tables import read_table
from tests.dashboard.doors.served import serving

LAMP = {"kind": "repair", "title": "林阿姨家门口灯不亮", "level": "utility", "grid": "g"}


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("served")) as server:
        yield server


@pytest.fixture
def manager(served):
    with served.client("admin") as client:
        yield client


def test_an_order_is_made_worked_on_and_read_by_all_without_its_title(served, manager):
    made = manager.post("/api/v1/orders", json=LAMP)
    assert made.status_code == 201, made.text
    number = made.json()["id"]
    path = f"/api/v1/orders/{number}"
    firm = {"supplier": "物业", "supplier_kind": "enterprise"}
    answer = manager.post(path, json={"action": "assign", "version": 1, **firm})
    assert answer.json()["state"] == "assigned"
    assert manager.post(path, json={"action": "start", "version": 1}).status_code == 409
    assert manager.post(path, json={"action": "close", "version": 2}).status_code == 422
    assert manager.post("/api/v1/orders", json={"kind": "odd"}).status_code == 422
    assert manager.post("/api/v1/orders", content=b"{}").status_code == 422
    assert manager.get("/api/v1/orders/P1").status_code == 404
    assert manager.get("/api/v1/orders?state=odd").status_code == 400
    assert [s["action"] for s in manager.get(path).json()["timeline"]] == ["open", "assign"]
    with served.client(None) as anybody:
        for url in ("/api/v1/orders", path):
            told = anybody.get(url)
            assert told.status_code == 200
            assert number in told.text
            assert "林阿姨" not in told.text
            assert "test-admin" not in told.text
        assert anybody.post(path, json={"action": "start", "version": 2}).status_code == 401
        assert anybody.get("/api/v1/orders/table.csv").status_code == 401
        figures = anybody.get("/api/v1/orders/figures").json()
    assert figures["all"]["open"] == 1
    assert figures["by_supplier"]["物业"]["open"] == 1


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_table_goes_out_and_comes_in(manager, form):
    manager.post("/api/v1/orders", json={**LAMP, "title": f"表 {form}"})
    out = manager.get(f"/api/v1/orders/table.{form}")
    assert out.status_code == 200
    before = len(read_table(out.content))
    answer = manager.post("/api/v1/orders/table", content=out.content)
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["made"]) == before
    assert len(read_table(manager.get(f"/api/v1/orders/table.{form}").content)) == 2 * before
    bad = manager.post("/api/v1/orders/table", content="类别,事项\nodd,x\n".encode())
    assert bad.status_code == 422
    assert "row 2" in bad.json()["error"]
