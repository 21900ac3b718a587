"""Incidents in a real store: durable, one operator at a time, through restarts and set clocks."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import text

from live import audit
from live.incidents import records
from live.incidents.engine import Incidents
from live.incidents.errors import MissingError, StaleError, StepError
from live.incidents.rules_file import RulesFile
from live.store import open_store
from live.store.cases import INCIDENTS
from live.store.store import Store
from tests.live.incidents.town import RULES, T0, TOWN, tell

ROOT = Path(__file__).resolve().parents[3]


class Hands:
    """A clock that stands until somebody moves it; `set` is what an administrator does."""

    def __init__(self) -> None:
        self.wall = self.tick = T0

    def pass_(self, seconds: float) -> None:
        self.wall += seconds
        self.tick += seconds

    def set(self, by: float) -> None:
        self.wall += by

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.wall, UTC)

    @property
    def since(self) -> float:
        return self.wall - T0


def make_rules() -> RulesFile:
    return RulesFile(change=lambda _: RULES)


def open_engine(store: Store, hands: Hands) -> Incidents:
    engine = Incidents(TOWN, store, make_rules(), clock=hands.now, ticks=lambda: hands.tick)
    engine.start()
    return engine


def bring(store: Store, engine: Incidents, *events) -> None:
    """Do what the intake does: make events durable, then hand them on."""
    engine.take(store.append(events).accepted)


def press(store, engine, hands, pole="s1"):
    bring(store, engine, tell("alarm", pole, hands.since, type="sos", severity=1))
    return next(one for one in engine.open() if pole in str(one.causes))


def problems(store):
    with store.reading() as conn:
        return [*audit.verify(conn).problems, *records.check_steps(conn)]


def test_a_call_is_lived_through_and_its_record_tells_it(store):
    hands = Hands()
    engine = open_engine(store, hands)
    one = press(store, engine, hands)
    hands.pass_(30)
    engine.act(one.id, "acknowledge", "li", 1, {})
    engine.act(one.id, "step", "li", 2, {"step": "call_back"})
    engine.act(one.id, "hand_over", "li", 3, {"to": "chen", "note": "我去现场"})
    hands.pass_(60)
    engine.act(one.id, "start", "chen", 4, {})
    engine.act(
        one.id, "step", "chen", 5, {"step": "send_nearest", "how": "skipped", "reason": "我"}
    )
    after = engine.act(one.id, "resolve", "chen", 6, {"outcome": "handled", "note": "摔倒"})
    assert (after.state, after.owner, after.resolved_by) == ("resolved", "chen", "chen")
    assert not after.late_response
    assert "send_nearest" in after.skipped
    assert "call_back" not in after.skipped
    steps = records.read_steps(store, one.id)
    assert [(s["action"], s["who"]) for s in steps] == [
        ("open", "system"), ("acknowledge", "li"), ("step", "li"), ("hand_over", "li"),
        ("start", "chen"), ("step", "chen"), ("resolve", "chen"),
    ]  # fmt: skip
    assert [s["version"] for s in steps] == list(range(1, 8))
    assert problems(store) == []


def test_the_slower_of_two_operators_hears_what_changed(store):
    hands = Hands()
    engine = open_engine(store, hands)
    one = press(store, engine, hands)
    engine.act(one.id, "acknowledge", "li", 1, {"note": "我来"})
    with pytest.raises(StaleError) as error:
        engine.act(one.id, "start", "chen", 1, {})
    assert error.value.version == 2
    (changed,) = error.value.changed
    assert (changed["action"], changed["who"], changed["data"]["note"]) == (
        "acknowledge",
        "li",
        "我来",
    )
    assert engine.get(one.id).owner == "li"
    with pytest.raises(MissingError):
        engine.act("261123-999", "start", "li", 1, {})


def test_another_process_is_not_overwritten(database):
    store, hands = open_store(database), Hands()
    first = open_engine(store, hands)
    one = press(store, first, hands)
    second = open_engine(store, hands)
    second.act(one.id, "acknowledge", "li", 1, {})
    with pytest.raises(StaleError) as error:
        first.act(one.id, "start", "chen", 1, {})
    assert [c["who"] for c in error.value.changed] == ["li"]
    assert first.act(one.id, "start", "chen", 2, {}).owner == "li"
    assert problems(store) == []
    store.close()


def test_clocks_go_on_through_a_restart(store):
    hands = Hands()
    engine = open_engine(store, hands)
    one = press(store, engine, hands)
    due = RULES.severity[1].respond_s
    hands.pass_(due - 1)
    engine.sweep()
    assert not engine.get(one.id).late_response
    hands.pass_(2)  # while nobody is there
    engine = open_engine(store, hands)
    after = engine.get(one.id)
    assert (after.late_response, after.escalation) == (True, 1)
    assert after.respond_due - T0 == due
    assert problems(store) == []


@pytest.mark.parametrize("by", [3600.0, -3600.0])
def test_a_clock_that_is_set_leaves_the_time_that_is_left(store, by):
    hands = Hands()
    engine = open_engine(store, hands)
    one = press(store, engine, hands)
    hands.pass_(30)
    engine.sweep()
    hands.set(by)
    engine.sweep()
    after = engine.get(one.id)
    assert not after.late_response
    assert after.respond_due - hands.wall == pytest.approx(RULES.severity[1].respond_s - 30)
    hands.pass_(RULES.severity[1].respond_s)
    engine.sweep()
    assert engine.get(one.id).late_response
    # and an alarm after that is no old news, though the clock said more before
    assert press(store, engine, hands, "s2").kind == "sos"
    assert press(store, engine, hands, "s1").id == one.id
    assert problems(store) == []


def test_a_clock_set_back_while_the_server_was_away(store):
    hands = Hands()
    engine = open_engine(store, hands)
    one = press(store, engine, hands)
    hands.pass_(100)
    engine.act(one.id, "note", "li", 1, {"text": "在路上"})
    hands.set(-86400)
    engine = open_engine(store, hands)
    left = engine.get(one.id).respond_due - hands.wall
    assert left == pytest.approx(RULES.severity[1].respond_s - 100)


def test_an_alarm_that_was_durable_becomes_an_incident_after_a_crash(store):
    hands = Hands()
    engine = open_engine(store, hands)
    engine.stop()
    store.append([tell("alarm", "s1", 1, type="sos", severity=1)])  # and the power goes
    hands.pass_(5)
    engine = open_engine(store, hands)
    (one,) = engine.open()
    assert one.kind == "sos"
    # once: the next crash finds it there
    engine = open_engine(store, hands)
    assert [o.id for o in engine.open()] == [one.id]
    assert [s["action"] for s in records.read_steps(store, one.id)] == ["open"]


def test_what_cannot_be_written_waits_and_is_not_lost(store, monkeypatch):
    hands = Hands()
    engine = open_engine(store, hands)
    (alarm,) = store.append([tell("alarm", "s1", 0, type="sos", severity=1)]).accepted
    with monkeypatch.context() as broken:

        def fail():
            raise OSError("disk full")

        broken.setattr(store, "writing", fail)
        engine.take([alarm])
        engine.sweep()
        assert engine.open() == []
    engine.sweep()
    assert [one.kind for one in engine.open()] == ["sos"]
    assert problems(store) == []


def test_five_hundred_calls_at_once_are_one_transaction_and_few_rows(store):
    hands = Hands()
    engine = open_engine(store, hands)
    bring(store, engine, *(tell("alarm", f"s{i % 4}", i / 9, type="sos") for i in range(500)))
    assert len(engine.open()) == 4
    assert len(engine.snapshot()["incidents"]) == 4


def test_hidden_ones_are_counted_and_come_back(store):
    hands = Hands()
    engine = open_engine(store, hands)
    bring(store, engine, tell("alarm", "p1", 0, type="overheat"))
    (one,) = engine.open()
    with pytest.raises(StepError, match="up to 28800 s"):
        engine.act(one.id, "shelve", "li", 1, {"for_s": 1e9, "reason": "检修"})
    engine.act(one.id, "shelve", "li", 1, {"for_s": 600, "reason": "检修"})
    counts = engine.snapshot()["counters"]["incidents"]
    assert (counts["shelved"], counts["by"]["2"], counts["open"]) == (1, 0, 1)
    hands.pass_(601)
    engine.sweep()
    assert engine.get(one.id).shelved_until is None
    counts = engine.snapshot()["counters"]["incidents"]
    assert (counts["shelved"], counts["by"]["2"]) == (0, 1)
    call = press(store, engine, hands)
    with pytest.raises(StepError, match="never hidden"):
        engine.act(call.id, "shelve", "li", call.version, {"for_s": 60, "reason": "x"})


def test_a_clock_stands_still_only_as_the_rules_say(store):
    hands = Hands()
    engine = open_engine(store, hands)
    bring(store, engine, tell("alarm", "p1", 0, type="overheat"))
    (one,) = engine.open()
    act = lambda action, version, **given: engine.act(one.id, action, "li", version, given)  # noqa: E731
    act("start", 1)
    with pytest.raises(StepError, match="for these reasons only"):
        act("pause", 2, reason="lunch")
    act("pause", 2, reason="awaiting_parts")
    hands.pass_(3600)
    after = act("resume", 3)
    assert after.resolve_due - T0 == RULES.severity[2].resolve_s + 3600
    assert after.respond_due - T0 == RULES.severity[2].respond_s
    with pytest.raises(StepError, match="second time"):
        act("pause", 4, reason="awaiting_parts")


def test_a_pause_ends_by_itself_when_its_time_is_over(store):
    hands = Hands()
    engine = open_engine(store, hands)
    bring(store, engine, tell("alarm", "p1", 0, type="overheat"))
    (one,) = engine.open()
    engine.act(one.id, "start", "li", 1, {})
    engine.act(one.id, "pause", "li", 2, {"reason": "bad_weather"})
    hands.pass_(RULES.pause_reasons["bad_weather"])
    engine.sweep()
    assert engine.get(one.id).paused_at is None


TAMPERING = {
    "UPDATE audit SET who = 'wang' WHERE seq = 3": "row 3 (incidents",
    "UPDATE audit SET at = at + 1 WHERE seq = 2": "row 2 (incidents",
    "UPDATE audit SET data = '{}' WHERE seq = 1": "row 1 (incidents",
    "DELETE FROM audit WHERE seq = 3": "row 3: missing",
    "DELETE FROM audit WHERE seq = 1": "row 1: missing",
    "DELETE FROM audit WHERE seq > 3": "missing at the end",
    "UPDATE audit SET seq = CASE seq WHEN 2 THEN 1003 ELSE 1002 END WHERE seq IN (2, 3);"
    "UPDATE audit SET seq = seq - 1000 WHERE seq > 1000": "row 2: does not follow",
    "INSERT INTO audit SELECT 99, at, who, about, subject, 99, action, data, previous, hash"
    " FROM audit WHERE seq = 2": "rows 6-98: missing",
    "UPDATE incidents SET state = 'closed'": "is not what its steps lead to",
    "UPDATE incidents SET data = REPLACE(data, 'chen', 'wang')": "is not what its steps lead to",
    "DELETE FROM incidents": "has steps and is not there",
}  # fmt: skip


@pytest.mark.parametrize("sql", TAMPERING)
def test_tampering_is_found_where_it_was_done(store, sql):
    hands = Hands()
    engine = open_engine(store, hands)
    one = press(store, engine, hands)
    for version, action in enumerate(("acknowledge", "note", "start", "resolve"), 1):
        engine.act(one.id, action, "chen", version, {"text": "x"})
    with store.reading() as conn:
        head = audit.verify(conn).head
    assert problems(store) == []
    with store.writing() as conn:
        for statement in sql.split(";"):
            conn.execute(text(statement))
    assert any(TAMPERING[sql] in problem for problem in problems(store)), problems(store)
    if "audit" in sql and "99" not in sql:
        with store.reading() as conn:
            changed = audit.verify(conn, head=head).problems
        assert changed


def test_a_chain_made_anew_is_found_by_the_head_that_was_noted(store):
    hands = Hands()
    engine = open_engine(store, hands)
    one = press(store, engine, hands)
    engine.act(one.id, "acknowledge", "chen", 1, {})
    with store.reading() as conn:
        head = audit.verify(conn).head
        entries = [entry for _, entry in audit.read_entries(conn, "incidents", one.id)]
    forged = [
        entries[0],
        audit.Entry(*[*_fields(entries[1])[:1], "wang", *_fields(entries[1])[2:]]),
    ]
    with store.writing() as conn:
        conn.execute(text("DELETE FROM audit"))
        conn.execute(text("DELETE FROM store_meta WHERE key = 'audit.head'"))
        audit.append(conn, forged)
    with store.reading() as conn:
        assert audit.verify(conn).problems == []
        assert "not the one that was noted" in audit.verify(conn, head=head).problems[0]


def _fields(entry):
    return [getattr(entry, name) for name in entry.__dataclass_fields__]


WORKER = """
import sys
from live.incidents.errors import StepError
from tests.live.incidents.test_engine import *

store = open_store(sys.argv[1])
hands = Hands()
engine = open_engine(store, hands)
number = 0
while True:
    pole = f"s{number % 4}"
    hands.pass_(1)
    bring(store, engine, tell("alarm", pole, number, type="sos", event_id=f"press{number}"))
    one = next(o for o in engine.open() if f"|{pole}|" in str(o.causes))
    print(one.id, one.version, flush=True)
    for action in ("acknowledge", "note", "start", "resolve", "close"):
        one = engine.act(one.id, action, "li", one.version, {"text": "x"})
        # said only once it is durable: from here on it must never be lost
        print(one.id, one.version, flush=True)
    bring(store, engine, tell("status", pole, number + 0.5, state="ok"))
    number += 1
"""


@pytest.mark.parametrize("lines", [1, 4, 9, 30])
def test_no_step_is_lost_or_halved_by_a_kill_between_any_two(tmp_path, lines):
    url = f"sqlite:///{tmp_path}/twin.db"
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, url], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert worker.stdout is not None
    try:
        said = [worker.stdout.readline() for _ in range(lines)]
    finally:
        worker.kill()
    said += worker.stdout.readlines()
    worker.stdout.close()
    worker.wait()
    told = {}
    for line in said:
        if line.endswith("\n"):  # the last may be torn
            number, version = line.split()
            told[number] = max(told.get(number, 0), int(version))
    assert told
    store = open_store(url)
    assert problems(store) == []
    for number, version in told.items():
        steps = records.read_steps(store, number)
        assert len(steps) >= version
        assert records.read_one(store, number).version == len(steps)
    # every alarm that was durable is an incident after the restart
    engine = open_engine(store, Hands())
    alarms = {s.event.event_id for s in store.scan(kind="alarm")}
    with store.reading() as conn:
        raised = " ".join(
            conn.execute(INCIDENTS.select().with_only_columns(INCIDENTS.c.data)).scalars()
        )
    assert all(f'"{event}"' in raised for event in alarms)
    assert problems(store) == []
    engine.stop()
    store.close()


LEGAL = {
    "new": {"acknowledge", "start", "note", "shelve", "unshelve", "escalate"},
    "acknowledged": {
        "start", "note", "step", "hand_over", "resolve", "shelve", "unshelve", "escalate",
    },
    "in_progress": {
        "note", "step", "hand_over", "pause", "resume", "resolve", "shelve", "unshelve", "escalate",
    },
    "resolved": {"note", "close", "reopen"},
    "closed": {"note", "reopen"},
}  # fmt: skip
"""Written apart from the program's own table."""
LEADS = {
    "acknowledge": "acknowledged", "start": "in_progress", "resolve": "resolved",
    "close": "closed", "reopen": "new",
}  # fmt: skip
GIVEN = {
    "text": "说明", "step": "cut_power", "how": "done", "to": "wu", "reason": "awaiting_parts",
    "for_s": 600, "outcome": "handled",
}  # fmt: skip


class TwoOperators(RuleBasedStateMachine):
    """Two people work on the same incidents with what each saw last; time goes on."""

    @initialize()
    def begin(self) -> None:
        self.hands, self.store = Hands(), open_store("sqlite://")
        self.engine = open_engine(self.store, self.hands)
        self.seen: dict[str, dict[str, int]] = {"li": {}, "chen": {}}
        self.model: dict[str, tuple[str, int]] = {}
        self._hear(tell("alarm", "p1", 0, type="overheat"), tell("alarm", "s3", 0, type="sos"))

    def _hear(self, *events) -> None:
        bring(self.store, self.engine, *events)
        self._read()

    def _read(self) -> None:
        for number in {one.id for one in self.engine.open()} | set(self.model):
            one = self.engine.get(number)
            self.model[number] = (one.state, one.version)

    @rule(who=st.sampled_from(["li", "chen"]))
    def look(self, who: str) -> None:
        self.seen[who] = {number: version for number, (_, version) in self.model.items()}

    @rule(
        who=st.sampled_from(["li", "chen"]),
        pick=st.integers(0, 5),
        action=st.sampled_from(sorted(set().union(*LEGAL.values()) | {"fly"})),
    )
    def act(self, who: str, pick: int, action: str) -> None:
        number = sorted(self.model)[pick % len(self.model)]
        state, version = self.model[number]
        seen = self.seen[who].get(number, 0)
        try:
            after = self.engine.act(number, action, who, seen, GIVEN)
        except StaleError as stale:
            told = (stale.version, len(stale.changed))
            assert (seen != version, told) == (True, (version, version - seen))
            self.seen[who][number] = version
            return
        except StepError:
            assert seen == version
            # what the state allows may still lack a reason; what it forbids never happens
            assert self.engine.get(number).version == version
            if action in LEADS:
                assert action not in LEGAL[state]
            return
        assert seen == version
        assert action in LEGAL[state]
        assert after.state == LEADS.get(action, state)
        assert after.version == version + 1
        self.model[number] = (after.state, after.version)
        self.seen[who][number] = after.version

    @rule(seconds=st.sampled_from([1, 100, 700, 4000, 100_000]))
    def wait(self, seconds: int) -> None:
        before = dict(self.model)
        self.hands.pass_(seconds)
        self.engine.sweep()
        self._read()
        for number, (state, _) in before.items():
            allowed = {state, "closed"} if state == "resolved" else {state}
            assert self.model[number][0] in allowed

    @rule(subject=st.sampled_from(["p1", "b1", "s3"]), over=st.booleans())
    def signal(self, subject: str, over: bool) -> None:
        self.hands.pass_(1)
        kind = {"p1": "overheat", "b1": "fire", "s3": "sos"}[subject]
        data = {"state": "ok"} if over else {"type": kind}
        self._hear(tell("status" if over else "alarm", subject, self.hands.since, **data))

    @rule()
    def restart(self) -> None:
        self.engine.sweep()  # a start does what time has made due, as a sweep does
        self._read()
        before = {one.id: one for one in self.engine.open()}
        self.engine = open_engine(self.store, self.hands)
        assert {one.id: one for one in self.engine.open()} == before
        assert problems(self.store) == []

    @rule(by=st.sampled_from([-5000, 7200]))
    def set_clock(self, by: int) -> None:
        left = {one.id: one.resolve_due - self.hands.wall for one in self.engine.open()}
        self.hands.set(by)
        self.engine.sweep()
        self._read()
        for one in self.engine.open():
            if one.id in left and one.state != "resolved":
                assert one.resolve_due - self.hands.wall == pytest.approx(left[one.id])

    @invariant()
    def the_rows_show_what_is_open(self) -> None:
        if hasattr(self, "engine"):
            rows = self.engine.snapshot()["incidents"]
            assert {n: row["s"] for n, row in rows.items()} == {
                one.id: one.state for one in self.engine.open()
            }

    def teardown(self) -> None:
        if hasattr(self, "store"):
            found = problems(self.store)
            self.store.close()
            assert found == []


TestTwoOperators = TwoOperators.TestCase
TestTwoOperators.settings = settings(max_examples=15, stateful_step_count=30, deadline=None)


def test_what_somebody_does_while_the_past_is_lived_through_stands():
    hands, store = Hands(), open_store("sqlite://")
    engine = open_engine(store, hands)
    mine, other = press(store, engine, hands, "s1"), press(store, engine, hands, "s2")
    hands.pass_(60)

    def past():
        engine.act(mine.id, "acknowledge", "chen", mine.version, {})
        for pole in ("s1", "s2", "s3"):
            yield tell("alarm", pole, hands.since, type="sos", severity=1)

    assert engine.relive(past(), hands.now()) > 0
    assert problems(store) == []
    steps = {
        one.id: [s["action"] for s in records.read_steps(store, one.id)] for one in engine.open()
    }
    assert len(steps) == 3, "the third pole's incident is there"
    assert steps[mine.id][-1] == "acknowledge"
    assert len(steps[other.id]) > 1, "nobody touched it: it was lived further"
