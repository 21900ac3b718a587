"""Each rule fires on a story, and stays quiet on one that nearly is it."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from live.incidents.detect import Detector
from live.incidents.places import build_scene
from tests.live.incidents.town import RULES, T0, TOWN, Play, tell

HOUR = 3600.0


def water(subject, uses, *, every=HOUR, total=100.0):
    """Readings of a water meter, one more than there are uses."""
    events = []
    for step, use in enumerate([0.0, *uses]):
        total += use
        values = {"water_m3": round(total, 6)}
        events.append(
            tell("reading", subject, step * every, values=values, unit={"water_m3": "m3"})
        )
    return events


def level(subject, at, value, quantity="level", **more):
    return tell("reading", subject, at, values={quantity: value}, unit={quantity: "%"}, **more)


def crowd(n, *, every=4.0, gate="g1"):
    return [tell("access", gate, i * every, direction="in", method="card") for i in range(n)]


FIRES = {
    "an SOS pole is pressed": ("sos", [tell("alarm", "s1", 0, type="sos", severity=1)], 0),
    "a smoke alarm sounds": ("smoke", [tell("alarm", "f1", 0, type="smoke")], 0),
    "a door is forced, by alarm": ("door_forced", [tell("alarm", "d1", 0, type="forced")], 0),
    "a gate is forced, by state": ("door_forced", [tell("status", "g1", 0, state="forced")], 0),
    "a door stands open": ("door_held", [tell("status", "d1", 0, state="open")], 900),
    "a door that told it is held": (
        "door_held",
        [tell("status", "d1", 0, state="open"), tell("status", "d1", 30, state="held")],
        900,
    ),
    "an access reader tells of tailgating": (
        "tailgating", [tell("alarm", "d1", 0, type="tailgating")], 0
    ),
    "two went through on one card": (
        "tailgating", [tell("access", "d1", 0, direction="in", passages=2)], 0
    ),
    "a stranger's car behind a resident's": (
        "tailgating",
        [
            tell("status", "g1", 0, state="open"),
            tell("plate", "c1", 1, plate="闽A11111", who="resident"),
            tell("plate", "c1", 6, plate="闽A22222", who="unknown"),
        ],
        0,
    ),
    "a plate on the list": ("plate_watch", [tell("plate", "c1", 0, plate="闽A·12345")], 0),
    "a plate of a pattern": ("plate_watch", [tell("plate", "c1", 0, plate="浙BD66123")], 0),
    "a visitor's car stays a day": (
        "overstay",
        [tell("plate", "c1", 0, plate="闽A77777", who="visitor", direction="in")],
        24 * HOUR,
    ),
    "a fire lane is blocked": ("fire_lane", [tell("alarm", "v1", 0, type="fire_lane")], 180),
    "a bin stays full": ("bin_full", [level("b1", 0, 96), level("b1", 1800, 80)], 0),
    "a bin burns": ("bin_fire", [level("b1", 0, 71, "temperature")], 0),
    "a bin tells that it burns": ("bin_fire", [tell("alarm", "b1", 0, type="fire")], 0),
    "a charger runs hot": ("charger_overheat", [level("p1", 0, 76, "temperature")], 0),
    "a charger tells that it is hot": (
        "charger_overheat", [tell("alarm", "p1", 0, type="overheat")], 0
    ),
    "water runs all day and night": ("meter_leak", water("w2", [0.006] * 24), 0),
    "nobody drinks for 12 hours": ("living_alone", water("w1", [0.0005] * 12), 0),
    "sixty people at a gate": ("gate_crowd", crowd(60), 0),
}  # fmt: skip

QUIET = {
    "an SOS pole is tested in the past": (
        [tell("alarm", "s1", 0, live=False, type="sos", severity=1)], HOUR
    ),
    "another alarm of an SOS pole": ([tell("alarm", "s1", 0, type="tamper")], HOUR),
    "a smoke alarm reports a low battery": ([tell("alarm", "f1", 0, type="battery")], HOUR),
    "a door closes in time": (
        [tell("status", "d1", 0, state="open"), tell("status", "d1", 899, state="closed")], HOUR
    ),
    "a door is opened, closed and opened": (
        [
            tell("status", "d1", 0, state="open"),
            tell("status", "d1", 600, state="closed"),
            tell("status", "d1", 601, state="open"),
        ],
        1500,
    ),
    "a door is open and goes offline": (
        [tell("status", "d1", 0, state="open"), tell("status", "d1", 100, state="offline")], HOUR
    ),
    "two on two cards": (
        [tell("access", "d1", 0, direction="in"), tell("access", "d1", 3, direction="in")], HOUR
    ),
    "somebody is refused behind another": (
        [tell("access", "d1", 0), tell("access", "d1", 3, granted=False, passages=2)], HOUR
    ),
    "two residents' cars on one opening": (
        [
            tell("status", "g1", 0, state="open"),
            tell("plate", "c1", 1, plate="闽A11111", who="resident"),
            tell("plate", "c1", 6, plate="闽A22222", who="resident"),
        ],
        600,
    ),
    "a stranger's car after the barrier came down": (
        [
            tell("status", "g1", 0, state="open"),
            tell("plate", "c1", 1, plate="闽A11111", who="resident"),
            tell("status", "g1", 4, state="closed"),
            tell("status", "g1", 5, state="open"),
            tell("plate", "c1", 6, plate="闽A22222", who="unknown"),
        ],
        600,
    ),
    "a barrier that never tells": (
        [
            tell("plate", "c1", 1, plate="闽A11111", who="unknown"),
            tell("plate", "c1", 6, plate="闽A22222", who="unknown"),
        ],
        HOUR,
    ),
    "a guard lets in somebody on foot, and a car comes": (
        [tell("access", "g1", 0), tell("plate", "c1", 2, plate="闽A11111", who="unknown")], HOUR
    ),
    "a plate one character off the list": (
        [tell("plate", "c1", 0, plate="闽A12346"), tell("plate", "c1", 9, plate=None)], HOUR
    ),
    "a visitor leaves in time": (
        [
            tell("plate", "c1", 0, plate="闽A77777", who="visitor", direction="in"),
            tell("plate", "c2", 23.9 * HOUR, plate="闽A77777", who="visitor", direction="out"),
        ],
        25 * HOUR,
    ),
    "a resident stays": (
        [tell("plate", "c1", 0, plate="闽A77777", who="resident", direction="in")], 48 * HOUR
    ),
    "a fire lane is free again": (
        [tell("alarm", "v1", 0, type="fire_lane"), tell("status", "v1", 179, state="ok")], HOUR
    ),
    "a bin is emptied in time": ([level("b1", 0, 99), level("b1", 1799, 20)], HOUR),
    "a bin is nearly full": ([level("b1", 0, 94), level("b1", 1800, 94)], HOUR),
    "a bin sensor that cannot be true": (
        [level("b1", 0, 300, doubt={"level": "fault"}), level("b1", 1800, 80)], 0
    ),
    "a bin in the sun": ([level("b1", 0, 69, "temperature")], HOUR),
    "a pole that is hot as no charger may be": ([level("s1", 0, 90, "temperature")], HOUR),
    "water rests for an hour": (water("w2", [0.006] * 23 + [0.001] + [0.006] * 23), 0),
    "water runs for 23 hours": (water("w2", [0.006] * 23), 48 * HOUR),
    "a meter silent for half a day proves no leak": (
        [*water("w2", [0.01] * 12), *water("w2", [0.01] * 12, total=101)[0:0],
         tell("reading", "w2", 24 * HOUR, values={"water_m3": 101.0})], 0
    ),
    "somebody has a cup of tea": (water("w1", [0.0005] * 11 + [0.006]), 0),
    "eleven hours without water": (water("w1", [0.0] * 11), 24 * HOUR),
    "a home that did not agree": (water("w2", [0.0] * 30), 0),
    "a silent meter of somebody alone": (water("w1", [0.01]), 48 * HOUR),
    "fifty-nine people at a gate": (crowd(59), HOUR),
    "sixty people in six minutes": (crowd(60, every=6.0), HOUR),
}  # fmt: skip


@pytest.mark.parametrize("story", FIRES)
def test_a_rule_fires_on_its_story(story):
    kind, events, until = FIRES[story]
    play = Play().run(*events, until=until)
    assert play.kinds == [kind]


@pytest.mark.parametrize("story", QUIET)
def test_a_near_miss_stays_quiet(story):
    events, until = QUIET[story]
    assert Play().run(*events, until=until).kinds == []


@pytest.mark.parametrize("step", [1.0, 7.0, 60.0, 10_000.0])
def test_what_is_found_does_not_hang_on_how_often_somebody_looks(step):
    events = [
        tell("status", "d1", 0, state="open"),
        tell("status", "d1", 901, state="closed"),
        tell("status", "d1", 2000, state="open"),
        tell("status", "d1", 2899, state="closed"),
        tell("alarm", "v1", 4000, type="fire_lane"),
        tell("status", "v1", 4181, state="ok"),
    ]
    signals = Play().run(*events, step=step).signals
    assert [(s.kind, s.what) for s in signals] == [
        ("door_held", "began"), ("door_held", "over"),
        ("fire_lane", "began"), ("fire_lane", "over"),
    ]  # fmt: skip
    assert [s.at - T0 for s in signals] == [900, 901, 4180, 4181]


def test_an_alarm_that_nobody_ends_is_over_a_while_after_it_was_told_last():
    detector = Detector(RULES, build_scene(TOWN))
    for at in (0, 40, 80):
        detector.take(tell("alarm", "d1", at, type="tailgating"))
    assert detector.sweep(T0 + 139) == []
    after = Detector(RULES, build_scene(TOWN))
    after.load(detector.dump())
    (over,) = after.sweep(T0 + 500)
    assert (over.kind, over.what, over.at) == ("tailgating", "over", T0 + 140)


def test_a_device_silent_for_an_hour_and_one_that_speaks_again():
    things = {("devices", "s1"): (60.0, T0), ("devices", "s2"): (60.0, None)}
    play = Play().run(until=180 + 3599, subjects=things)
    assert play.kinds == []
    play.run(until=180 + 3700, subjects=things)
    assert play.kinds == ["device_silent"]  # and not the one that was never put in
    (one,) = play.open
    assert one.place == ("grids", "west")
    things["devices", "s1"] = (60.0, T0 + 3900)
    play.run(until=3960, subjects=things)
    assert play.open[0].state == "resolved"


def test_nobody_is_silent_because_we_were_away():
    things = {("devices", "s1"): (60.0, T0 - 86400)}
    assert Play().run(until=3700, subjects=things).kinds == []
    assert Play().run(until=3900, subjects=things).kinds == ["device_silent"]


def test_a_feed_that_dies_and_one_that_is_slow():
    busy = [level("b1", i * 2.0, 5) for i in range(150)]
    play = Play().run(*busy, until=298 + 299)
    assert play.kinds == []
    play.run(until=298 + 400)
    assert play.kinds == ["feed_dead"]
    # once in two minutes: ten minutes of quiet are nothing
    slow = [level("b1", i * 120.0, 5) for i in range(150)]
    assert Play().run(*slow, until=150 * 120 + 600).kinds == []
    # a test message or two are no feed
    assert Play().run(tell("access", "d1", 0), until=86400).kinds == []


def test_a_restart_goes_on_where_it_was():
    events = [
        *water("w1", [0.0] * 13), *water("w2", [0.01] * 30), *crowd(61),
        tell("plate", "c1", 5, plate="闽A77777", who="visitor", direction="in"),
        tell("status", "d1", 40, state="open"), level("b1", 0, 96), level("b1", 3600, 30),
        tell("status", "g1", 10, state="open"),
        tell("plate", "c1", 11, plate="闽A1", who="resident"),
        tell("plate", "c2", 12, plate="闽A2", who="unknown"),
    ]  # fmt: skip
    events.sort(key=lambda event: event.received_at)
    whole = Detector(RULES, build_scene(TOWN))
    expected = [s for event in events for s in whole.take(event)] + whole.sweep(T0 + 90_000)
    assert {s.kind for s in expected} >= {
        "living_alone", "meter_leak", "gate_crowd", "overstay", "door_held", "tailgating",
        "bin_full",
    }  # fmt: skip
    chance = random.Random(1)
    for _ in range(5):
        detector, found = Detector(RULES, build_scene(TOWN)), []
        for event in events:
            if chance.random() < 0.3:
                after = Detector(RULES, build_scene(TOWN))
                after.load(detector.dump())
                detector = after
            found += detector.take(event)
        found += detector.sweep(T0 + 90_000)
        assert found == expected


def test_new_rules_go_on_with_what_the_old_ones_knew():
    play = Play().run(tell("status", "d1", 0, state="open"))
    play.detector = play.detector.follow(RULES)
    assert play.run(until=901).kinds == ["door_held"]


@settings(max_examples=25)
@given(
    st.lists(
        st.tuples(st.integers(0, 4000), st.sampled_from(["open", "held", "closed", "offline"])),
        max_size=14,
        unique_by=lambda pair: pair[0],
    )
)
def test_a_door_is_held_open_exactly_when_it_was_open_long_enough(story):
    """Against a reckoning of intervals that knows nothing of latches and heaps."""
    story = sorted(story)
    expected, since = [], None
    for at, state in [*story, (5000, "closed")]:
        if state in ("open", "held"):
            since = at if since is None else since
        else:
            if since is not None and at - since >= 900:
                expected.append(since + 900)
            since = None
    events = [tell("status", "d1", at, state=state) for at, state in story]
    play = Play().run(*events, until=4999 if since is None else 5000, step=333.0)
    play.run(tell("status", "d1", 5000, state="closed"))
    began = [s.at - T0 for s in play.signals if s.what == "began" and s.kind == "door_held"]
    assert began == expected


def test_what_is_remembered_does_not_grow_with_visitors():
    cars = []
    for day in range(6):
        for car in range(20):
            at = day * 86_400 + car * 60
            plate = f"闽A{day}{car:04d}"
            cars += [
                tell("plate", "c1", at, plate=plate, who="visitor", direction="in"),
                tell("plate", "c2", at + 3600, plate=plate, who="visitor", direction="out"),
            ]
    play = Play().run(*cars, until=8 * 86_400, step=3600)
    assert "overstay" not in play.kinds
    assert len(str(play.detector.dump()["visitor_overstay"])) < 200
