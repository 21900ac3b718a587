"""Coverage over real HTTP: answers, privacy on the wire, scenarios of two viewers, kept ones."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from contextvars import copy_context
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from pypdf import PdfReader

from dashboard.access.viewer import Viewer, seen_by
from geodata.coverage.rules import RuleError
from live.events import Event
from tests.browser.tiny import to_degrees
from tests.browser.worlds import RunningWorld
from tests.dashboard.coverage.village import HOMES, KITCHEN_X, make_village

CANTEEN_M = 500.0


@pytest.fixture(scope="module")
def village(var: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningWorld]:
    world = RunningWorld(
        make_village(), var, tmp_path_factory.mktemp("village") / "twin.db"
    ).start()
    yield world
    world.stop()


@pytest.fixture
def http(village: RunningWorld) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{village.url}/api/v1", timeout=150) as client:
        yield client


def ask(http: httpx.Client, **params: str) -> dict[str, Any]:
    reply = http.get("/coverage", params=params)
    assert reply.status_code == 200, reply.text
    told: dict[str, Any] = reply.json()
    return told


def imagine(http: httpx.Client, edits: dict[str, Any], **more: Any) -> dict[str, Any]:
    reply = http.post("/coverage/scenario", json={"service": "canteen", "edits": edits, **more})
    assert reply.status_code == 200, reply.text
    told: dict[str, Any] = reply.json()
    return told


def answer_to(village: RunningWorld, viewer: Viewer) -> dict[str, Any]:
    desk = village.world.coverage
    with seen_by(viewer):
        asked_by = copy_context()
    question = desk.watch.run(desk.read_question, "canteen", "", "", "")
    told: dict[str, Any] = json.loads(desk.watch.run(asked_by.run, desk.answer, question))
    return told


def states(told: dict[str, Any]) -> dict[str, int]:
    return dict(zip(HOMES, base64.b64decode(told["states"]), strict=True))


def near(kitchen_x: float) -> set[str]:
    """Homes within a walk of a kitchen at some x by the village's own measure: street and legs."""
    return {home for home, (x, _, _) in HOMES.items() if abs(x - kitchen_x) + 10 + 22 <= CANTEEN_M}


def test_buildings_are_coloured_by_walked_distance(http: httpx.Client) -> None:
    told = ask(http, service="canteen")
    assert {home for home, state in states(told).items() if state == 0} == near(KITCHEN_X)
    assert {state for home, state in states(told).items() if home not in near(KITCHEN_X)} == {2}
    assert [gap["name"] for gap in told["gaps"]] == ["东村"]


def test_closing_a_service_reaches_the_stream_and_the_answer(
    http: httpx.Client, village: RunningWorld
) -> None:
    before = ask(http, service="canteen")

    def say(state: str) -> None:
        now = datetime.now(UTC)
        village.submit(
            Event(f"v-{now.timestamp()}", "service", "test", "services", "k0", now, now,
                  data={"state": state})
        )  # fmt: skip

    def wait(share: float | None) -> dict[str, Any]:
        until = time.monotonic() + 20
        while (row := village.snapshot()["coverage"]["canteen"])["now"] != share:
            assert time.monotonic() < until, row
            time.sleep(0.05)
        return row

    say("closed")
    row = wait(0.0)
    told = ask(http, service="canteen", rev=str(row["rev"]))
    assert {home for home, state in states(told).items() if state == 1} == near(KITCHEN_X)
    assert [(why["reason"], why["id"]) for why in told["why"]] == [("closed", "k0")]
    say("open")
    wait(next(each["now"] for each in before["kinds"] if each["kind"] == "canteen"))
    assert states(ask(http, service="canteen")) == states(before)


def test_no_number_under_five_and_none_that_is_not_rounded_is_on_the_wire(
    http: httpx.Client,
) -> None:
    """Two homes hold 3 and 2 people over sixty; moving the kitchen past them tells neither."""
    counts = []
    for x in range(-500, 520, 60):
        told = imagine(http, {"moved": {"k0": list(to_degrees(x, -10))}})
        counts += [row[name] for row in told["kinds"] for name in ("gap", "lost", "of")]
        counts += [gap[name] for gap in told["gaps"] for name in ("people", "lost", "gap", "of")]
        counts += [why["people"] for why in told["why"]]
    assert "<5" in counts
    assert all(number == "<5" or (number >= 5 and number % 5 == 0) for number in counts)


def test_who_lives_there_does_not_move_a_building_s_state(http: httpx.Client) -> None:
    assert states(ask(http, service="canteen", group="children")) == states(
        ask(http, service="canteen", group="all")
    )


def test_orders_lie_over_who_is_not_served(http: httpx.Client, village: RunningWorld) -> None:
    orders = village.world.twin.orders
    asked = {"title": "Lunch", "level": "general", "source": "resident", "kind": "elderly_care"}
    east = [{**asked, "grid": "grid-e"}, {**asked, "layer": "buildings", "place": "f"}]
    other = {**asked, "kind": "repair", "grid": "grid-e"}
    done = orders.create("tester", [*east, {**asked, "grid": "grid-w"}, other])[2]
    steps = (
        ("assign", {"supplier": "Kitchen", "supplier_kind": "community"}),
        ("start", {}),
        ("finish", {}),
        ("rate", {"rating": 5}),
    )
    for action, given in steps:
        done = orders.act(done.id, action, "tester", done.version, given)
    deadline = time.monotonic() + 20
    while True:
        told = ask(http, service="canteen")
        areas = {area["grid"]: area for area in told["demand"]["areas"]}
        if areas.get("grid-e", {}).get("asked") == 2 or time.monotonic() > deadline:
            break
        time.sleep(0.5)
    # two ask for care in the east, one by its building; what is to be repaired is another matter
    east_now = areas["grid-e"]
    assert (east_now["asked"], east_now["open"], east_now["without"]) == (2, 3, True)
    assert told["demand"]["areas"][0]["grid"] == "grid-e"
    assert "grid-w" not in areas or areas["grid-w"]["open"] == 0
    community = next(each for each in told["suppliers"] if each["supplier"] == "community")
    assert (community["open"], community["rated"], community["satisfied"]) == (0, 1, 1.0)
    assert not told["straight"] < told["kinds"][0]["paper"]  # circles never claim less
    # on the map at its building, for managers; a wall is not told which house asks for care
    assert [(each["id"], each["n"]) for each in told["demand"]["spots"]] == [("f", 1)]
    for viewer, seen in (
        (Viewer("wall", frozenset({"wall"})), []),
        (Viewer("west", frozenset({"grid_worker"}), frozenset({"grid-w"})), []),
        (Viewer("east", frozenset({"grid_worker"}), frozenset({"grid-e"})), ["f"]),
    ):
        spots = answer_to(village, viewer)["demand"]["spots"]
        assert [each["id"] for each in spots] == seen


def test_another_moment_of_the_day_and_what_is_closed_until_when(http: httpx.Client) -> None:
    def row(told: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = next(k for k in told["kinds"] if k["kind"] == "pharmacy")
        return found

    night = ask(http, service="pharmacy", at="03:00")
    assert (row(night)["shut"], row(night)["now"]) == (True, 0.0)
    assert row(night)["next"] - night["at"] == 5 * 3600
    day = ask(http, service="pharmacy", at="10:00")
    assert (row(day)["shut"], row(day)["next"]) == (False, None)
    assert row(day)["now"] == row(night)["paper"] > 0
    assert day["at"] - night["at"] == 7 * 3600
    opening = datetime.fromtimestamp(row(night)["next"], UTC).isoformat()
    assert row(ask(http, service="pharmacy", at=opening)) == row(day)
    assert ask(http, service="pharmacy")["at"] is None
    imagined = imagine(http, {"at": opening}, service="pharmacy")
    assert imagined["states"] == day["states"]
    assert imagined["at"] == row(night)["next"]


@pytest.mark.parametrize(
    "at", ["25:00", "soon", "2026-11-23T08:00", "0001-01-01T00:00+14:00", "9999-12-31T23:59-12:00"]
)
def test_a_moment_that_is_none_is_refused(http: httpx.Client, at: str) -> None:
    reply = http.get("/coverage", params={"service": "pharmacy", "at": at})
    assert reply.status_code == 422
    assert "edits.at" in reply.json()["detail"]


def test_a_gate_locked_in_a_scenario_cuts_the_east_off(http: httpx.Client) -> None:
    gates = ask(http, service="canteen")["gates"]
    assert [(gate["id"], gate["name"], gate["shut"]) for gate in gates] == [("g0", "中门", False)]
    told = imagine(http, {"moved": {"k0": list(to_degrees(40, -10))}})
    reached = {home for home, state in states(told).items() if state == 0}
    assert {"d", "e"} <= reached
    locked = imagine(
        http, {"moved": {"k0": list(to_degrees(40, -10))}, "locked": {"g0": True}}
    )  # fmt: skip
    assert locked["gates"][0]["shut"]
    assert {home for home, state in states(locked).items() if state == 0} == reached & set("abc")
    assert states(locked)["d"] == 1  # on paper only: the gate is why
    assert locked["why"][0]["reason"] == "gate"


def test_ways_within_a_walk_of_devices_and_those_beyond(http: httpx.Client) -> None:
    none = http.get("/coverage/devices", params={"kind": "waste_bin"}).json()
    assert (none["reach"], none["n"], none["share"]) == ("walk", 0, 0.0)
    assert none["blind"]
    assert not none["seen"]
    assert http.get("/coverage/devices", params={"kind": "kite"}).status_code == 422


def test_rules_are_edited_under_a_new_version(http: httpx.Client, village: RunningWorld) -> None:
    hold = village.world.coverage.hold_rules
    rules = http.get("/coverage/rules").json()
    before = ask(http, service="canteen", tier="10min")
    edited = {**rules, "version": "test-1"}
    edited["tiers"] = {**rules["tiers"], "10min": {**rules["tiers"]["10min"], "walk_m": 150}}
    with pytest.raises(RuleError, match="version"):
        hold({**edited, "version": rules["version"]})
    with pytest.raises(RuleError):
        hold({**edited, "tiers": {}})
    hold(edited)
    assert http.get("/coverage/rules").json() == edited
    after = ask(http, service="canteen", tier="10min")
    assert (after["rules"]["version"], after["radius_m"]) == ("test-1", 150)
    assert states(after) != states(before)
    for part, value, said in (
        ("profiles", {}, "adult"),
        ("profiles", {"adult": {"speed_m_min": 1e300, "steps": True}}, "speed_m_min"),
        ("profiles", {"adult": {"speed_m_min": 0, "steps": True}}, "speed_m_min"),
        ("tiers", {**rules["tiers"], "5min": {"walk_m": 1e12}}, "5min"),
        ("catchment", {"inf": 1}, "catchment"),
        ("catchment", {"300": float("1e9")}, "catchment"),
        ("catchment", [], "catchment"),
        ("devices", {"camera": {"range_m": 1e9}}, "range_m"),
        ("devices", {"camera": {"fov_deg": 400}}, "fov_deg"),
    ):
        with pytest.raises(RuleError, match=said):
            hold({**rules, "version": "odd", part: value})
    hold({**rules, "version": "test-2"})
    assert states(ask(http, service="canteen", tier="10min")) == states(before)


def test_two_viewers_try_different_things_and_neither_moves_the_other(http: httpx.Client) -> None:
    real = ask(http, service="canteen")
    one = imagine(http, {"moved": {"k0": list(to_degrees(400, -10))}})
    two = imagine(http, {"working": {"k0": False}})
    assert one["session"] != two["session"]
    assert {home for home, state in states(one).items() if state == 0} == near(400)
    assert 0 not in states(two).values()
    assert 1 in states(two).values()
    # each goes on from its own
    again = imagine(http, {"moved": {"k0": list(to_degrees(0, -10))}}, session=one["session"])
    assert again["session"] == one["session"]
    assert {home for home, state in states(again).items() if state == 0} == near(0)
    assert states(ask(http, service="canteen")) == states(real)
    back = imagine(http, {}, session=one["session"])
    assert states(back) == states(real)
    assert back["kinds"] == real["kinds"]


def test_edits_taken_step_by_step_equal_edits_made_at_once(http: httpx.Client) -> None:
    added = {"new-1": {"kind": "canteen", "at": list(to_degrees(450, 0))}}
    steps = [
        {"added": added},
        {"added": added, "working": {"k0": False, "new-1": True}},
        {"moved": {"k0": list(to_degrees(100, 0))}, "locked": {"g0": True}},
        {"moved": {"k0": list(to_degrees(100, 0))}, "added": added, "locked": {"g0": True}},
        {"added": added, "at": "2026-11-23T03:00+08:00"},
    ]
    session = ""
    for edits in steps:
        walked = imagine(http, edits, session=session)
        session = walked["session"]
        at_once = imagine(http, edits)
        for name in ("states", "kinds", "gaps", "why", "services", "suppliers", "compare"):
            assert walked[name] == at_once[name], (name, edits)


def test_where_one_more_would_help_most_is_where_it_serves_most(http: httpx.Client) -> None:
    found = http.get(
        "/coverage/sites", params={"service": "canteen", "group": "all", "count": 1}
    ).json()
    best = found["sites"][0]
    told = imagine(
        http,
        {"added": {"new-1": {"kind": "canteen", "at": [best["lon"], best["lat"]]}}},
        group="all",
    )
    change = told["compare"][0]
    assert (
        change["before"]["gap"] - (0 if change["after"]["gap"] == "<5" else change["after"]["gap"])
        == best["people"]
    )
    # no other place on the street does better
    for x in range(-500, 520, 50):
        other = imagine(
            http,
            {"added": {"new-1": {"kind": "canteen", "at": list(to_degrees(x, 0))}}},
            group="all",
        )["compare"][0]["after"]["gap"]
        assert (0 if other == "<5" else other) >= (
            0 if change["after"]["gap"] == "<5" else change["after"]["gap"]
        )


def test_scenarios_are_kept_by_name_and_forgotten(http: httpx.Client) -> None:
    edits = {"working": {"k0": False}}
    assert (
        http.put(
            "/coverage/scenarios/夜里%20一试", json={"service": "canteen", "edits": edits}
        ).status_code
        == 200
    )
    kept = http.get("/coverage/scenarios").json()
    assert kept["夜里 一试"]["edits"] == edits
    assert kept["夜里 一试"]["service"] == "canteen"
    assert http.delete("/coverage/scenarios/夜里%20一试").json() == {}
    assert http.delete("/coverage/scenarios/夜里%20一试").status_code == 404


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("%20", {"edits": {}}),
        ("a%00b", {"edits": {}}),
        ("x" * 41, {"edits": {}}),
        ("palace", {"edits": {}, "service": "palace"}),
        ("bird", {"edits": {}, "profile": "bird"}),
        ("edits", {"edits": 5}),
    ],
)
def test_a_scenario_that_could_not_be_opened_is_not_kept(
    http: httpx.Client, name: str, told: Any
) -> None:
    assert http.put(f"/coverage/scenarios/{name}", json=told).status_code == 422
    assert http.get("/coverage/scenarios").json() == {}


@pytest.mark.parametrize(
    ("edits", "said"),
    [
        ({"moved": {"nobody": [119.3, 26.08]}}, "nobody"),
        ({"moved": {"k0": [999, 0]}}, "999"),
        ({"moved": {"k0": "east"}}, "longitude"),
        ({"moved": {"k0": [True, 26.08]}}, "longitude"),
        ({"moved": {"k0": ["119.3", 26.08]}}, "longitude"),
        ({"moved": {"k0": [119.3, 26.08, 5]}}, "longitude"),
        ({"added": {"n": 5}}, "kind"),
        ({"added": {"k0": {"kind": "canteen", "at": [119.3, 26.08]}}}, "already"),
        ({"added": {"n": {"kind": "palace", "at": [119.3, 26.08]}}}, "palace"),
        ({"working": {"k0": "no"}}, "true or false"),
        ({"locked": {"nowhere": True}}, "nowhere"),
        ({"at": "soon"}, "soon"),
        ({"burnt": {}}, "burnt"),
        ([], "edits"),
    ],
)
def test_edits_that_cannot_be_made_are_refused_with_the_reason(
    http: httpx.Client, edits: Any, said: str
) -> None:
    reply = http.post("/coverage/scenario", json={"service": "canteen", "edits": edits})
    assert reply.status_code == 422
    assert said in reply.json()["detail"]


@pytest.mark.parametrize("params", [{"service": "palace"}, {"profile": "bird"}, {"tier": "1min"}])
def test_questions_about_what_is_not_there_say_what_is(
    http: httpx.Client, params: dict[str, str]
) -> None:
    reply = http.get("/coverage", params=params)
    assert reply.status_code == 422
    assert "choose one of" in reply.json()["detail"]


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("zh", ["谁走得到，谁走不到", "长者食堂", "东村", "现在 / 纸面", "规则文件", "2026-11"]),
        ("en", ["Who gets there, who does not", "Canteen", "东村", "now / on paper", "Village"]),
    ],
)
def test_the_page_for_the_meeting_can_be_read_in_both_languages(
    http: httpx.Client, lang: str, said: list[str]
) -> None:
    reply = http.get("/coverage/pack.pdf", params={"service": "canteen", "lang": lang})
    assert reply.headers["content-type"] == "application/pdf"
    document = PdfReader(BytesIO(reply.content))
    assert len(document.pages) == 1
    # where the letters change their font, the text that is read back breaks
    text = "".join(document.pages[0].extract_text().split())
    for words in said:
        assert words.replace(" ", "") in text
    # the figures are those of the screen
    row = next(k for k in ask(http, service="canteen")["kinds"] if k["kind"] == "canteen")
    assert f"{row['now']:.0%}/{row['paper']:.0%}" in text
    assert f"{row['gap']:,}" in text


def test_the_page_for_the_meeting_says_what_is_closed_until_when(http: httpx.Client) -> None:
    asked = {"service": "pharmacy", "lang": "en", "at": "03:00"}
    page = PdfReader(BytesIO(http.get("/coverage/pack.pdf", params=asked).content)).pages[0]
    text = " ".join(page.extract_text().split())
    assert "is closed now and opens 08:00" in text
    assert " 03:00" in text
    assert "closed / " in text
