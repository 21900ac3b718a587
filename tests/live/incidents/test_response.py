"""Who is sent: able by kind, there now, nearest on foot; people as counts in fives."""

from __future__ import annotations

from dataclasses import replace

import pytest

from live.incidents.response import ResponseDesk
from live.incidents.rules_file import load_rules
from tests.geodata.coverage.worlds import community, house, line, point
from tests.live.incidents.town import Play, make_town, tell

RULES = load_rules()
NOON, NIGHT = 1_764_216_000.0, 1_764_180_000.0
"""12:00 and 02:00 of a Thursday in Fuzhou."""


@pytest.fixture(scope="module")
def world():
    return community(
        roads=[line((-200, 0), (0, 0), (200, 0), (400, 0)), line((0, 0), (0, 100))],
        devices=[point(0, 2, id="s1", kind="sos_pole"), point(390, 2, id="v1", kind="camera")],
        services=[
            point(-120, 2, id="fire", kind="fire_station", hours="24/7"),
            point(60, 2, id="clinic", kind="health_station", hours="Mo-Su 08:00-18:00"),
        ],
        gates=[
            point(150, 0, id="g1", access="both", hours="24/7"),
            point(30, 0, id="g2", access="pedestrian"),
        ],
        buildings=[
            house(5, 12, id="h1", households=2, residents=3),
            house(40, 20, id="h2", households=30, residents=78),
        ],
        entrances=[point(5, 6, id="d1", building_id="h1")],
    )


@pytest.fixture(scope="module")
def desk(world):
    return ResponseDesk(world)


def incident(kind="sos", place=("devices", "s1"), **changes):
    play = Play(RULES, make_town()).run(tell("alarm", "s1", 0, type="sos"))
    return replace(play.open[0], kind=kind, place=place, **changes)


def test_the_nearest_of_those_able_goes_and_only_within_their_hours(desk):
    by_day = desk.send(incident(), RULES, NOON, {}, {})
    assert (by_day.who, by_day.id) == ("clinic", "clinic")
    assert by_day.mm == pytest.approx(62_000 + 2_000, abs=60)
    # by night the clinic is shut, and a fire station that says so is not there either
    by_night = desk.send(incident(), RULES, NIGHT, {}, {})
    assert (by_night.who, by_night.layer) == ("fire_station", "services")
    gone = desk.send(incident(), RULES, NIGHT, {}, {"fire": "closed"})
    assert (gone.who, gone.id) == ("guard", "g1")
    # a kind that nobody else is able to help with
    assert desk.send(incident("smoke"), RULES, NOON, {}, {}).id == "fire"
    assert desk.send(incident("bin_full"), RULES, NOON, {}, {}) is None
    # speed and metres make the time: 154 m at 1.6 m/s
    assert by_night.travel_s(1.6) == pytest.approx(by_night.mm / 1600)


def test_a_gate_that_is_locked_stands_in_the_way(desk):
    # the only way from the clinic leads through g2
    shut = desk.send(incident(), RULES, NOON, {"g2": True}, {})
    assert (shut.id, shut.shut) == ("fire", ("g2",))


def test_nobody_is_sent_where_no_place_is_known_and_to_no_group(desk):
    assert desk.send(incident(place=("grids", "west")), RULES, NOON, {}, {}) is None
    assert desk.send(incident(place=("", "")), RULES, NOON, {}, {}) is None
    assert desk.send(incident(group=True), RULES, NOON, {}, {}) is None


def test_people_are_counts_in_fives_and_few_are_not_told_apart(desk):
    near = desk.people(incident(), 10)
    assert (near["buildings"], near["households"], near["residents"]) == (1, "<5", "<5")
    both = desk.people(incident(), 60)
    assert (both["buildings"], both["households"], both["residents"]) == (2, 30, 80)
    assert desk.people(incident(), 0) is None


def test_what_is_around_is_nearest_first_and_not_itself(desk):
    around = desk.around(incident(), 80)
    assert around["devices"] == []
    assert [id_ for id_, _ in around["gates"]] == ["g2"]
    assert around["entrances"][0][1] == pytest.approx((5**2 + 4**2) ** 0.5, abs=0.1)
