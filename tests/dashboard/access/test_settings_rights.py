"""Settings: operators read, managers edit, others are kept out; listed plates ask for a reason."""

import pytest

API = "/api/v1/settings"
PLATE = "闽A8R4T6"


def as_(real, browser, *roles, **more):
    client = browser()
    client.account = real.log_in(client, *roles, **more)
    return client


@pytest.mark.parametrize(
    ("roles", "areas", "reads", "edits"),
    [
        (["admin"], None, 200, 200),
        (["manager"], None, 200, 200),
        (["operator"], None, 200, 403),
        (["grid_worker"], None, 403, 403),
        (["manager"], ["west"], 403, 403),
    ],
)
def test_who_reads_and_who_edits(real, browser, roles, areas, reads, edits):
    client = as_(real, browser, *roles, areas=areas)
    assert client.get(API).status_code == reads
    if reads == 200:
        assert client.get(API).json()["may_edit"] == (edits == 200)
    revision = real.world.edits.book.revisions("services").get("s0", 0)
    capacity = 40 + len(real.world.edits.book.history(limit=200))
    made = client.put(
        f"{API}/services/s0",
        json={"values": {"capacity": capacity + 1}},
        headers={"if-match": str(revision)},
    )
    assert made.status_code == edits, made.text
    page = client.get("/manage/settings", headers={"accept": "text/html"})
    assert page.status_code == (200 if reads == 200 else 303)  # to a page that is theirs


def test_an_edit_is_under_the_name_of_who_made_it(real, browser):
    client = as_(real, browser, "manager")
    revision = real.world.edits.book.revisions("services").get("s1", 0)
    made = client.put(
        f"{API}/services/s1",
        json={"values": {"phone": "0591-8765 0001"}, "reason": "居民来电"},
        headers={"if-match": str(revision)},
    ).json()
    last = client.get(f"{API}/history").json()["items"][0]
    assert (last["number"], last["who"]) == (made["edit"], client.account.shown)
    assert last["reason"] == "居民来电"


def test_a_listed_plate_is_shown_with_a_reason_alone(real, browser):
    client = as_(real, browser, "manager")
    values = {"list": "exempt", "plate": PLATE, "why": "施工车辆"}
    key = client.post(f"{API}/lists", json={"values": values}).json()["item"]["key"]
    assert PLATE not in client.get(f"{API}/lists").text
    other = as_(real, browser, "operator")
    path = "/api/v1/reveals"
    assert other.get(f"{path}/lists/{key}").status_code == 404
    assert other.post(path, json={"layer": "lists", "id": key, "reason": ""}).status_code == 422
    told = other.post(path, json={"layer": "lists", "id": key, "reason": "核对施工车辆"})
    assert told.status_code == 200, told.text
    assert told.json()["plate"] == PLATE
    assert other.get(f"{path}/lists/{key}").json()["plate"] == PLATE
    outsider = as_(real, browser, "grid_worker")
    refused = outsider.post(path, json={"layer": "lists", "id": key, "reason": "看看"})
    assert refused.status_code == 403
