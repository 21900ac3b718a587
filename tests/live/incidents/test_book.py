"""Signals become incidents: together, again, back, held down, grouped."""

from __future__ import annotations

import pytest

from live.incidents.incident import Step, replay
from tests.live.incidents.town import RULES, T0, Play, make_town, tell

SOS = {"type": "sos", "severity": 1}


def hot(subject, at, value):
    return tell("reading", subject, at, values={"temperature": value}, unit={})


def full(subject, at, value):
    return tell("reading", subject, at, values={"level": value}, unit={"level": "%"})


def test_a_pole_pressed_again_is_the_same_call():
    presses = [tell("alarm", "s1", at, **SOS) for at in (0, 5, 70, 130)]
    play = Play().run(*presses)
    (one,) = play.open
    (cause,) = one.causes.values()
    # the second press came in the same breath
    assert (cause["n"], cause["last"] - T0) == (3, 130)
    assert one.causes_n == 1


def test_two_poles_apart_are_two_calls_and_signals_at_one_place_are_one():
    play = Play().run(tell("alarm", "s1", 0, **SOS), tell("alarm", "s2", 1, **SOS))
    assert len(play.open) == 2
    # a bin on fire beside a charger that runs hot: 20 m apart, of one family
    play = Play().run(hot("p1", 0, 80), hot("b1", 100, 90))
    (one,) = play.open
    assert (one.kind, one.severity) == ("bin_fire", 1)
    assert {c["kind"] for c in one.causes.values()} == {"charger_overheat", "bin_fire"}
    # its clocks are those of the graver one, from when that came
    assert one.respond_due - T0 == 100 + RULES.severity[1].respond_s
    assert set(one.checklist) >= set(RULES.kinds["charger_overheat"].steps)
    assert set(one.checklist) >= set(RULES.kinds["bin_fire"].steps)


@pytest.mark.parametrize(
    "second",
    [hot("b2", 100, 90), hot("b1", 601, 90), full("b1", 100, 99)],
    ids=["far away", "much later", "another family"],
)
def test_what_is_apart_in_space_time_or_kind_stays_apart(second):
    play = Play().run(hot("p1", 0, 80), second, until=2500)
    assert len(play.kinds) == 2


def test_an_alarm_and_a_number_that_tell_the_same_are_one_incident():
    play = Play().run(full("b1", 0, 97), tell("alarm", "b1", 10, type="bin_full"), until=1900)
    (one,) = play.open
    assert one.causes_n == 2
    # and it ends when both are over
    play.run(full("b1", 2000, 10), until=2000)
    assert play.open[0].state == "new"
    play.run(tell("status", "b1", 2060, state="ok"))
    assert (play.open[0].state, play.open[0].outcome) == ("resolved", "by_itself")
    # what nobody ticked off is reported, even so
    assert play.open[0].skipped == ["call_collector", "check_overflow"]
    play.run(until=2060 + RULES.close_after_s)
    assert play.open == []


def test_a_grave_one_waits_for_a_person_even_when_it_is_over():
    play = Play().run(tell("alarm", "f1", 0, type="smoke"), tell("status", "f1", 60, state="ok"))
    play.run(until=86400)
    (one,) = play.open
    assert (one.state, one.active_n) == ("new", 0)
    assert one.place == ("buildings", "h1")  # a flat is never shown nearer
    assert one.late_response
    assert one.escalation == len(RULES.ladder) - 1


def test_what_comes_and_goes_is_held_in_one_incident_until_it_is_quiet():
    events = []
    for i in range(8):
        events += [tell("alarm", "v1", i * 400, type="fire_lane"),
                   tell("status", "v1", i * 400 + 200, state="ok")]  # fmt: skip
    play = Play().run(*events)
    assert play.kinds == ["fire_lane"]
    (one,) = play.open
    assert one.flapping
    assert one.state == "new"  # it is not let go in between any more
    assert one.reopened == RULES.flapping_count
    last = 7 * 400 + 180
    play.run(until=last + RULES.flapping_quiet_s - 30)
    assert play.open[0].flapping
    play.run(until=last + RULES.flapping_quiet_s + 60)
    assert (play.open[0].flapping, play.open[0].state) == (False, "resolved")


def test_what_a_person_settled_is_not_raised_again_while_it_goes_on():
    play = Play().run(tell("alarm", "s1", 0, **SOS))
    (one,) = play.open
    draft = play.book.draft(lambda _: "none")
    for action, data in (("acknowledge", {}), ("resolve", {"outcome": "test", "skipped": []})):
        draft.apply(one.id, Step(action, T0 + 10, "li", data))
    draft.apply(one.id, Step("close", T0 + 20, "li"))
    play.book.adopt(draft)
    play.run(*(tell("alarm", "s1", at, **SOS) for at in range(30, 151, 30)))
    assert len(play.kinds) == 1, "it never stopped calling"
    play.run(tell("alarm", "s1", 210, **SOS))
    assert len(play.kinds) == 2, "pressed again, though the pole never said that all is well"
    play.run(tell("status", "s1", 215, state="ok"), tell("alarm", "s1", 220, **SOS))
    assert len(play.open) == 1, "the same call, as nobody has settled it"


def test_five_hundred_in_a_minute_stay_few():
    town = make_town(poles=500)
    presses = [tell("alarm", f"s{i}", i * 0.1, **SOS) for i in range(500)]
    play = Play(town=town).run(*presses, until=60)
    single = [one for one in play.open if not one.group]
    (group,) = [one for one in play.open if one.group]
    assert len(single) == RULES.flood_keep_severe
    # nothing is dropped: each of the 500 is a cause somewhere
    assert group.causes_n + len(single) == 500
    assert group.active_n == group.causes_n
    assert group.severity == 1
    # another kind is not hidden in it
    play.run(tell("alarm", "f2", 61, type="smoke"))
    assert [one.kind for one in play.open if not one.group].count("smoke") == 1


def test_nine_in_ten_minutes_are_no_flood_and_twelve_slow_ones_neither():
    town = make_town(poles=40)
    quick = [tell("alarm", f"s{i}", i * 60, **SOS) for i in range(9)]
    assert not [one for one in Play(town=town).run(*quick).open if one.group]
    slow = [tell("alarm", f"s{i}", i * 70, **SOS) for i in range(30)]
    assert not [one for one in Play(town=town).run(*slow).open if one.group]


def test_everybody_sees_only_the_area_of_somebody_alone():
    from live.incidents.rows import to_row

    uses = [tell("reading", "w1", h * 3600, values={"water_m3": 5.0}, unit={}) for h in range(13)]
    (one,) = Play().run(*uses).open
    assert one.place == ("buildings", "h1")
    row = to_row(one)
    assert (row["l"], row["i"]) == ("grids", "west")
    assert "h1" not in str(row)
    assert "w1" not in str(row)


def test_the_steps_alone_lead_to_where_everything_stands():
    events = [
        tell("alarm", "s1", 0, **SOS), hot("p1", 5, 80), hot("b1", 100, 90), full("b2", 0, 99),
        full("b2", 2000, 5), full("b2", 2100, 99), full("b2", 4200, 5), hot("p1", 4300, 20),
        tell("status", "s1", 900, state="ok"), tell("alarm", "d1", 800, type="forced"),
    ]  # fmt: skip
    play = Play().run(*events, until=90_000)
    steps = {}
    for move in play.moves:
        steps.setdefault(move.number, []).append(move.step)
    assert len(steps) == 4
    last = {move.number: move.after for move in play.moves}
    for number, mine in steps.items():
        assert replay(number, mine) == last[number]
