"""Scenarios: worked out by the product's own rules, and nothing of them stays anywhere."""

import orjson
import pytest

from dashboard.story.stops import choose_stops
from dashboard.words import LANGUAGES, load_words
from tests.browser.tiny import make_tiny

ORDER = ["new", "acknowledged", "in_progress", "resolved"]


@pytest.fixture(scope="module")
def sos(served):
    import httpx

    with httpx.Client(base_url=served.url, timeout=60) as client:
        before = client.get("/demo/api/v1/snapshot").json()
        told = client.post("/demo/api/v1/scenarios/sos").json()
        after = client.get("/demo/api/v1/snapshot").json()
    return before, told, after


def _incidents(told):
    rows = [beat["patch"]["a"].get("incidents", {}) for beat in told["beats"]]
    return [row for found in rows for row in found.values()]


def test_button_opens_an_incident_that_is_worked_through(sos):
    _, told, _ = sos
    rows = _incidents(told)
    assert {row["k"] for row in rows} == {"sos"}
    assert {row["sev"] for row in rows} == {1}
    states = [row["s"] for row in rows]
    assert states == sorted(states, key=ORDER.index)
    assert states[0] == "new"
    assert states[-1] == "resolved"
    assert told["beats"][0]["patch"]["a"]["devices"]["sos0"]["s"] == "alarm"
    assert told["beats"][-1]["patch"]["a"]["devices"]["sos0"]["s"] == "ok"


def test_answer_is_within_the_limit_of_the_rules(sos):
    _, told, _ = sos
    first = _incidents(told)[-1]
    assert 0 < first["resp"] - first["since"] <= first["due_r"] - first["since"]


def test_moments_go_forward_and_the_walk_takes_its_distance(sos):
    _, told, _ = sos
    for name in ("at", "world", "t"):
        moments = [beat[name] for beat in told["beats"]]
        assert moments == sorted(moments)
    walk = told["walk"]
    assert walk["metres"] > 10
    assert walk["travel_s"] == pytest.approx(walk["metres"] / 1.2, rel=0.05)
    there = next(beat for beat in told["beats"] if beat["word"] == "sos.there")
    sent = next(beat for beat in told["beats"] if beat["word"].startswith("sent."))
    assert there["world"] - sent["world"] == pytest.approx(walk["travel_s"], abs=0.2)


def test_nothing_of_it_is_in_the_world(sos):
    before, _, after = sos
    assert after["layers"].get("incidents", {}) == before["layers"].get("incidents", {})
    assert after["layers"]["devices"]["sos0"] == before["layers"]["devices"]["sos0"]
    assert after["epoch"] == before["epoch"]


def test_canteen_that_closes_is_counted_by_the_coverage_engine(http):
    told = http.post("/demo/api/v1/scenarios/canteen").json()
    assert [paint["at"] for paint in told["paint"]] == [0, 7]
    before, after = told["homes"]
    assert before > after == 0  # the only canteen
    real = http.get("/demo/api/v1/coverage?service=canteen").json()
    assert {beat["word"] for beat in told["beats"]} >= {"canteen.open", "canteen.lost"}
    assert real["services"][0]["id"] == "s0"


@pytest.mark.parametrize("name", ["living_alone", "nothing", "%2e%2e", "sos0", "x" * 300])
def test_scenario_that_is_not_there_is_a_plain_404(http, name):
    assert http.post(f"/demo/api/v1/scenarios/{name}").status_code == 404


def test_scenarios_are_the_visitors_alone(http):
    assert http.post("/api/v1/scenarios/sos").status_code == 404
    assert http.get("/api/v1/story").status_code == 404


def test_stops_are_of_things_that_are_there(http):
    told = http.get("/demo/api/v1/story").json()
    assert [stop["key"] for stop in told["stops"]] == [
        "overview", "doors", "canteen", "plates", "sos", "waste", "together", "best",
    ]  # fmt: skip
    community = make_tiny()
    for stop in told["stops"]:
        if stop["layer"]:
            assert stop["id"] in set(community[stop["layer"]]["id"])
        assert 1 <= len(stop["figures"]) <= 2
    whole = sum(stop["seconds"] for stop in told["stops"])
    assert 180 <= whole <= 300  # three to five minutes


def test_community_without_things_has_fewer_stops():
    bare = make_tiny()
    for layer in ("services", "devices", "entrances", "gates", "plate_cameras"):
        bare.frames[layer] = bare.frames[layer].iloc[:0]
    assert [stop.key for stop in choose_stops(bare)] == ["overview", "together", "best"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_story_and_scenarios_is_there(http, language):
    words = load_words(language).entries
    story = http.get("/demo/api/v1/story").json()
    for stop in story["stops"]:
        keys = [f"stop.{stop['key']}.{part}" for part in ("name", "title", "text")]
        for figure in stop["figures"]:
            keys += [f"figure.{figure['label']}", f"source.{figure['source']}"]
            keys += [f"unit.{figure['unit']}"] if figure["unit"] else []
        assert [key for key in keys if f"story.{key}" not in words] == []
    for name in story["scenarios"]:
        told = http.post(f"/demo/api/v1/scenarios/{name}").json()
        assert f"story.try.{name}" in words
        for beat in told["beats"]:
            assert f"story.say.{beat['word']}" in words
        if told["walk"]:
            assert f"story.who.{told['walk']['who']}" in words


def test_what_is_told_to_a_visitor_holds_no_name_and_no_flat(http):
    for name in ("sos", "canteen"):
        text = orjson.dumps(http.post(f"/demo/api/v1/scenarios/{name}").json()).decode()
        assert "rehearsal" not in text
        assert "meter0" not in text
