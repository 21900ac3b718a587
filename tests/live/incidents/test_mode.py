"""The mode of the community: kept, audited, ended by its time, and what it raises."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from live import audit
from live.incidents.engine import Incidents
from live.incidents.errors import StaleError, StepError
from live.incidents.mode import ABOUT
from live.store import open_store
from tests.live.incidents.town import T0, make_town, tell
from tests.live.small_world import NOON

WHY = {"reason": "warning of the weather service"}


class Hands:
    def __init__(self):
        self.s = 0.0

    def wall(self):
        from datetime import timedelta

        return NOON + timedelta(seconds=self.s)

    def ticks(self):
        return self.s


@pytest.fixture
def hands():
    return Hands()


@pytest.fixture
def store(tmp_path):
    store = open_store(f"sqlite:///{tmp_path}/mode.db")
    yield store
    store.close()


def start(store, hands):
    incidents = Incidents(make_town(), store, clock=hands.wall, ticks=hands.ticks)
    incidents.start()
    return incidents


def test_a_mode_survives_a_restart_and_ends_at_its_time(store, hands):
    incidents = start(store, hands)
    mode = incidents.set_mode("typhoon", "Chen", {**WHY, "for_s": 3600})
    assert (mode.kind, mode.version, mode.until - T0) == ("typhoon", 1, 3600)
    row = incidents.snapshot()["counters"]["incidents"]["mode"]
    assert row == {"k": "typhoon", "since": T0, "until": T0 + 3600}  # no name, no reason
    again = start(store, hands)
    assert again.mode == mode
    hands.s = 3599.0
    again.sweep()
    assert again.mode.kind == "typhoon"
    hands.s = 3600.0
    again.sweep()
    assert (again.mode.kind, again.mode.version) == ("", 2)
    assert again.snapshot()["counters"]["incidents"]["mode"] is None
    with store.reading() as conn:
        steps = [entry for _, entry in audit.read_entries(conn, ABOUT, "community")]
    assert [(step.action, step.who) for step in steps] == [("begin", "Chen"), ("end", "system")]
    with store.reading() as conn:
        assert audit.verify(conn).problems == []
    with store.writing() as conn:
        conn.execute(text("update audit set data = '{}' where about = 'mode' and version = 1"))
    with store.reading() as conn:
        assert audit.verify(conn).problems


@pytest.mark.parametrize(
    ("kind", "given", "said"),
    [
        ("storm", WHY, "no mode 'storm'"),
        ("", WHY, "no mode already"),
        ("fire", {}, "say why"),
        ("fire", {"reason": " "}, "say why"),
        ("fire", {"reason": "a\nb"}, "one line"),
        ("fire", {**WHY, "for_s": 0}, "up to"),
        ("fire", {**WHY, "for_s": 1e9}, "up to"),
        ("fire", {**WHY, "for_s": True}, "how many seconds"),
    ],
)
def test_what_may_not_be_says_why_and_changes_nothing(store, hands, kind, given, said):
    incidents = start(store, hands)
    with pytest.raises(StepError, match=said):
        incidents.set_mode(kind, "Chen", given)
    assert incidents.mode.version == 0


def test_the_slower_of_two_is_told(store, hands):
    incidents = start(store, hands)
    incidents.set_mode("flood", "Chen", {**WHY, "version": 0})
    with pytest.raises(StaleError):
        incidents.set_mode("fire", "Lin", {**WHY, "version": 0})
    assert incidents.mode.kind == "flood"


def test_it_raises_its_kinds_by_one_and_never_to_the_most_urgent(store, hands):
    incidents = start(store, hands)
    incidents.set_mode("typhoon", "Chen", WHY)
    opened = tell("status", "d1", 1, state="open")
    hands.s = 1.0
    incidents.take([opened])
    hands.s = 1000.0
    incidents.sweep()
    (held,) = incidents.open()
    assert (held.kind, held.severity) == ("door_held", 2)
    hands.s = 1001.0
    incidents.take([tell("alarm", "v1", 1001, type="fire_lane")])
    hands.s = 1300.0
    incidents.sweep()
    assert {one.kind: one.severity for one in incidents.open()}["fire_lane"] == 2
