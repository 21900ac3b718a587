"""The time machine over HTTP."""

from dataclasses import replace
from datetime import timedelta

import pytest

from live.events import utc_now
from tests.browser.tiny import make_event


def door_says(state):
    return make_event("entrances", "d0", "status", state=state)


@pytest.fixture
def told(served):
    """Say of a door that it was forced two minutes ago and closed one minute ago."""
    now = utc_now()
    forced, closed = (now - timedelta(seconds=s) for s in (120, 60))
    served.submit(
        replace(door_says("forced"), observed_at=forced, received_at=forced),
        replace(door_says("closed"), observed_at=closed, received_at=closed),
    )
    return forced, closed


def test_a_past_snapshot_shows_what_was(http, told):
    forced, closed = told
    for moment, state in ((forced, "forced"), (closed, "closed")):
        at = (moment + timedelta(seconds=5)).isoformat()
        found = http.get("/api/v1/snapshot", params={"at": at})
        assert found.status_code == 200, found.text
        told_then = found.json()
        assert told_then["past"] is True
        assert told_then["layers"]["entrances"]["d0"]["s"] == state
        assert told_then["layers"]["counters"]["intake"]["accepted"] is None
        assert found.headers["cache-control"] == "no-store"


def test_a_replay_tells_what_changed(http, told):
    forced, closed = told
    span = {
        "since": (forced - timedelta(seconds=10)).isoformat(),
        "until": (closed + timedelta(seconds=5)).isoformat(),
        "step": 5,
    }
    patches = http.get("/api/v1/replay", params=span).json()["patches"]
    states = [
        row["s"]
        for patch in patches
        for row in [patch["c"].get("entrances", {}).get("d0", {})]
        if "s" in row
    ]
    assert states == ["forced", "closed"]


def test_a_day_is_outlined(http, told):
    found = http.get("/api/v1/timeline").json()
    assert len(found["bins"]) == 96
    assert found["from"] < found["now"] < found["to"]
    assert http.get("/api/v1/timeline", params={"day": "2001-02-03"}).json()["bins"] == [0] * 96


@pytest.mark.parametrize(
    ("path", "params", "said"),
    [
        ("snapshot", {"at": "yesterday"}, "is no time"),
        ("snapshot", {"at": "2001-01-01T00:00:00Z"}, "does not reach back"),
        ("snapshot", {"at": "2090-01-01T00:00:00Z"}, "has not come yet"),
        ("replay", {"since": "2001-01-01T00:00:00Z"}, "until is missing"),
        ("replay", {"since": "2001-01-01T00:00:00Z", "until": "2001-01-01T00:00:00Z", "step": 0},
         "step"),
        ("timeline", {"day": "2026-13-01"}, "is no day"),
    ],
)  # fmt: skip
def test_what_cannot_be_shown_is_said(http, told, path, params, said):
    found = http.get(f"/api/v1/{path}", params=params)
    assert found.status_code == 422
    assert said in found.json()["detail"]
