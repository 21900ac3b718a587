"""The walls over real HTTP: a phone is paired, steers its wall, and is told nothing of anybody."""

import base64
import json

import pytest

API = "/api/v1"


@pytest.fixture
def phone(http):
    """Headers of a phone that was paired with the wall `hall`."""
    offer = http.post(f"{API}/walls/hall/pairing").json()
    answer = http.post(f"{API}/remote/pair", json={"code": offer["code"]})
    assert answer.status_code == 200
    assert answer.json()["wall"] == "hall"
    return {"authorization": f"Remote {answer.json()['secret']}"}


def _first_said(http, wall):
    with http.stream("GET", f"{API}/walls/{wall}/stream") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        for line in stream.iter_lines():
            if line.startswith("data: {"):
                return json.loads(line[6:])
    raise AssertionError("the channel ended")


def test_a_phone_steers_its_wall_and_no_other(http, phone):
    http.post(f"{API}/walls/hall/beat", json={"tile": ""})
    set_day = {"do": "set", "with": {"theme": "day", "blank": True}}
    assert http.post(f"{API}/remote/command", json=set_day, headers=phone).status_code == 200
    assert http.post(f"{API}/remote/command", json={"do": "next"}, headers=phone).status_code == 200
    said = _first_said(http, "hall")
    assert (said["state"]["theme"], said["state"]["blank"]) == ("day", True)
    assert said["state"]["command"]["do"] == "next"
    assert "theme" not in _first_said(http, "other")["state"]
    state = http.get(f"{API}/remote/state", headers=phone).json()
    assert state["alive"]
    assert state["theme"] == "day"
    allowed = {
        "wall",
        "alive",
        "blank",
        "visitors",
        "mute",
        "theme",
        "layers",
        "mode",
        "tour",
        "scenes",
    }
    assert set(state) == allowed


def test_a_phone_that_was_cut_off_is_told_so(http, phone):
    assert http.delete(f"{API}/walls/hall/pairing").json()["ended"] >= 1
    for answer in (
        http.get(f"{API}/remote/state", headers=phone),
        http.post(f"{API}/remote/command", json={"do": "next"}, headers=phone),
        http.post(f"{API}/remote/command", json={"do": "next"}),
        http.get(f"{API}/remote/state", headers={"authorization": "Bearer x"}),
    ):
        assert answer.status_code == 401
        assert "scan" in answer.json()["error"]


def test_a_remote_that_hurries_is_slowed(http, phone):
    codes = [
        http.post(f"{API}/remote/command", json={"do": "next"}, headers=phone).status_code
        for _ in range(60)
    ]
    assert codes[0] == 200
    assert 429 in codes


def test_the_code_is_drawn_and_leads_to_the_phones_page(http):
    offer = http.post(f"{API}/walls/hall/pairing?lang=en").json()
    kind, _, data = offer["image"].partition(",")
    assert kind.startswith("data:image/svg+xml")
    assert "svg" in (base64.b64decode(data).decode() if "base64" in kind else data)
    page, _, code = offer["url"].partition("#code=")
    assert code == offer["code"]
    assert "code" not in page, "a code must not be where logs keep it"
    assert offer["near"], "127.0.0.1 is no address for a phone"
    told = http.get(page)
    assert told.status_code == 200
    assert '<html lang="en">' in told.text
    assert "Content-Security-Policy".lower() in told.headers


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("walls/HALL/beat", {"tile": ""}, 404), ("walls/hall/beat", {"tile": "x"}, 404),
        ("walls/hall/beat", {}, 422), ("walls/hall/say", {"odd": 1}, 422),
        ("walls/hall/say", [], 422), ("remote/pair", {}, 422),
        ("remote/pair", {"code": "ABCDEFGH"}, 403),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(http, path, body, status):
    answer = http.post(f"{API}/{path}", json=body)
    assert answer.status_code == status
    assert answer.json()["error"]


def test_screens_are_told_the_time_the_tour_and_who_leads(http):
    assert http.get(f"{API}/wall/clock").json()["at"] > 1.6e12
    tour = http.get(f"{API}/wall/playlist").json()
    assert tour["problem"] == ""
    assert tour["scenes"][0]["zh"]
    assert tour["dimming"]["light"] == 1.0
    beat = http.post(
        f"{API}/walls/row/beat", json={"tile": "1,0", "fps": 60, "mode": "calm"}
    ).json()
    assert beat["leader"] == "1,0"
    row = next(w for w in http.get(f"{API}/walls").json()["walls"] if w["wall"] == "row")
    assert row["screens"][0]["fps"] == 60
    assert row["screens"][0]["alive"]
