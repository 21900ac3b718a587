"""A seeded week of a town: the incidents are those that a plain reckoning over its events finds."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from live.incidents.engine import Incidents
from live.incidents.incident import CLOSED
from live.incidents.records import read_page, read_steps
from live.incidents.rules_file import RulesFile, load_rules
from live.incidents.staff import NAME, Staff
from live.simulator import Simulator
from live.store import open_store
from tests.live.incidents.test_engine import Hands, problems, tell
from tests.live.incidents.town import Play, make_town

TOWN = make_town(poles=8, doors=6, door_gap_m=100.0)
START = datetime(2026, 11, 16, tzinfo=ZoneInfo("Asia/Shanghai"))
WEEK = timedelta(days=7)
SIMULATOR = Simulator(TOWN, 5)


@pytest.fixture(scope="module")
def week():
    return list(SIMULATOR.events(START, START + WEEK))


def spans(events, begins, ends):
    """From when to when each subject was in a state: [(subject, from, to or None)]."""
    since, found = {}, []
    for event in events:
        key, at = event.subject, event.observed_at.timestamp()
        if begins(event):
            since.setdefault(key, at)
        elif ends(event) and key in since:
            found.append((key, since.pop(key), at))
    return found + [(key, at, None) for key, at in since.items()]


def alarm(*types):
    return lambda e: e.kind == "alarm" and e.data["type"] in types


def calm(event):
    return event.kind == "status" and event.data.get("state") in ("ok", "closed")


def lasting(found, seconds, end):
    return [(key, at) for key, at, to in found if (to or end) - at >= seconds]


def reckon(events):
    """Incidents of the week by kind: what needs a person is one for each subject, as nobody
    settles anything; what ends by itself is one for each time.
    """
    end = (START + WEEK).timestamp()
    reads = [e for e in events if e.kind == "plate" and e.data["plate"]]
    last, stays = {}, set()
    for event in [*reads, None]:
        for plate in [event.data["plate"]] if event is not None else list(last):
            came = last.pop(plate, None)
            till = end if event is None else event.observed_at.timestamp()
            if came is not None and till - came >= 86400:
                stays.add((plate, came))
            if event is not None and (event.data["who"], event.data["direction"]) == (
                "visitor",
                "in",
            ):
                last[plate] = till
    held = spans(
        [
            e
            for e in events
            if e.kind == "status" and e.layer == "entrances" and e.data.get("state")
        ],
        lambda e: e.data["state"] in ("open", "held"),
        lambda e: True,
    )
    listed = SIMULATOR.watched_plates
    return Counter(
        {
            "sos": len({e.subject for e in events if alarm("sos")(e)}),
            "smoke": len({e.subject for e in events if alarm("smoke")(e)}),
            "door_forced": len({e.subject for e in events if alarm("forced")(e)}),
            "tailgating": len({e.subject for e in events if alarm("tailgating")(e)}),
            "door_held": len(lasting(held, 900, end)),
            "fire_lane": len(lasting(spans(events, alarm("fire_lane"), calm), 180, end)),
            "bin_full": len(lasting(spans(events, alarm("bin_full"), calm), 1800, end)),
            "charger_overheat": len({e.subject for e in events if alarm("overheat")(e)}),
            "plate_watch": len({e.data["plate"] for e in reads} & set(listed)),
            "overstay": len(stays),
        }
    )  # fmt: skip


def test_a_seeded_week_gives_exactly_the_incidents_that_a_plain_reckoning_finds(week):
    rules = load_rules().with_plates(SIMULATOR.watched_plates)
    play = Play(rules, TOWN)
    play.at = START.timestamp() - Hands().wall
    play.run(*week, until=play.at + WEEK.total_seconds(), step=300.0)
    expected = reckon(week)
    assert sum(expected.values()) > 15
    assert {"sos", "tailgating", "fire_lane"} <= {k for k, n in expected.items() if n}
    assert Counter(play.kinds) == +expected
    # ISA-18.2: six an hour at most
    assert len(play.kinds) / WEEK.total_seconds() * 3600 <= 6


def test_simulated_people_work_through_a_day_and_leave_alone_what_a_person_has(week):
    hands, store = Hands(), open_store("sqlite://")
    day = [e for e in week if e.observed_at < START + timedelta(days=4)]
    hands.wall = day[-1].observed_at.timestamp() + 1
    rules = RulesFile(change=lambda r: r.with_plates(SIMULATOR.watched_plates))
    engine = Incidents(TOWN, store, rules, clock=hands.now, ticks=lambda: hands.tick)
    engine.start()
    staff, until = Staff(5), hands.now()
    engine.ignore_until(until)
    engine.take(day)  # known already: raises nothing a second time
    assert engine.open() == []
    assert engine.relive(day, until, staff) > 20
    assert problems(store) == []
    lived, _ = read_page(store, limit=500)
    assert any(one.state == CLOSED and one.resolved_by == NAME for one in lived)
    severe = [one for one in lived if one.severity == 1]
    assert severe
    assert not any(one.late_response for one in severe)
    for one in lived:
        times = [step["at"] for step in read_steps(store, one.id)]
        assert times == sorted(times)
        assert START.timestamp() <= times[0] <= times[-1] <= hands.wall
    # after a crash the past is still not lived twice
    again = Incidents(TOWN, store, rules, clock=hands.now, ticks=lambda: hands.tick)
    store.append(day[-500:])
    again.start()
    assert len(read_page(store, limit=500)[0]) == len(lived)
    # a person takes one: it is theirs
    hands.pass_(5)
    again.take([tell("alarm", "s7", hands.since, type="sos", severity=1)])
    one = next(o for o in again.open() if "|s7|" in str(o.causes))
    again.act(one.id, "acknowledge", "li", one.version, {})
    hands.pass_(7200)
    again.act_by(staff)
    assert again.get(one.id).owner == "li"
    assert again.get(one.id).state == "acknowledged"
    # a pole that never says that all is well: they do not wait for it
    again.take([tell("alarm", "s8", hands.since, type="sos", severity=1)])
    call = next(o for o in again.open() if "|s8|" in str(o.causes))
    for _ in range(60):
        hands.pass_(60)
        again.act_by(staff)
    assert again.get(call.id).active_n == 1
    assert again.get(call.id).state == "resolved"
    store.close()
