"""The state machine of orders: by any order of calls, and with two people at once."""

import threading

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from live import audit
from live.incidents.errors import StaleError, StepError
from live.orders.book import Orders, check_steps
from live.orders.order import MAY, OPEN, STATES, allowed
from live.store import open_store
from tests.live.incidents.test_engine import Hands
from tests.live.orders.test_orders import FIRM, LAMP, ZONE

GIVEN = {
    "assign": FIRM, "progress": {"progress": 40}, "rate": {"rating": 4}, "note": {"text": "x"},
    "reopen": {"reason": "x"}, "cancel": {"reason": "x"}, "praise": {"on": True},
}  # fmt: skip
LEADS = {
    "start": "in_progress", "finish": "done", "close": "closed", "reopen": "assigned",
    "cancel": "cancelled",
}  # fmt: skip


class Life(RuleBasedStateMachine):
    """Two people who each know the orders as they last saw them."""

    numbers = Bundle("numbers")

    def __init__(self):
        super().__init__()
        self.store = open_store("sqlite://")
        self.hands = Hands()
        self.orders = Orders(self.store, ZONE, self.hands.now)
        self.seen = [{}, {}]

    @rule(target=numbers, supplier=st.booleans())
    def create(self, supplier):
        (one,) = self.orders.create("li", [{**LAMP, **(FIRM if supplier else {})}])
        assert one.state == ("assigned" if supplier else "new")
        return one.id

    @rule(number=numbers, who=st.integers(0, 1))
    def look(self, number, who):
        self.seen[who][number] = self.orders.get(number).version

    @rule(number=numbers, who=st.integers(0, 1), action=st.sampled_from([*MAY, "open", "odd"]))
    def act(self, number, who, action):
        before, changed = self.orders.get(number), None
        version = self.seen[who].get(number, 1)
        self.hands.pass_(1)
        try:
            after = self.orders.act(number, action, f"p{who}", version, GIVEN.get(action, {}))
        except StaleError as error:
            assert version != before.version
            changed = error.changed
        except StepError:
            assert version == before.version
            assert action not in allowed(before)
        else:
            assert version == before.version
            assert action in allowed(before)
            assert after.version == before.version + 1
            wanted = LEADS.get(action, before.state)
            if action == "assign" and before.state == "new":
                wanted = "assigned"
            assert after.state == wanted
            self.seen[who][number] = after.version
            return
        assert changed is None or len(changed) == before.version - version
        assert self.orders.get(number) == before

    @invariant()
    def it_makes_sense(self):
        for one in self.orders.all():
            assert one.state in STATES
            assert (one.done_at is not None) == (one.state in ("done", "closed"))
            assert not (one.praised and (one.rating is None or one.state in OPEN))
            assert (one.supplier == "") <= (one.state in ("new", "cancelled"))

    def teardown(self):
        with self.store.reading() as conn:
            assert audit.verify(conn).problems == []
            assert check_steps(conn) == []
        self.store.close()


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)


def test_of_two_people_at_once_one_is_told_what_the_other_did(store):
    orders = Orders(store, ZONE)
    for _ in range(5):
        (one,) = orders.create("li", [{**LAMP, **FIRM}])
        start = threading.Barrier(4)
        done, late = [], []

        def work(who, book, number=one.id, start=start, done=done, late=late):
            start.wait(30)
            try:
                done.append((who, book.act(number, "start", who, 1, {})))
            except StaleError as error:
                late.append(error.changed[0]["who"])

        # each with a book of its own, as two processes would have
        threads = [
            threading.Thread(target=work, args=(f"p{n}", Orders(store, ZONE))) for n in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert len(done) == 1
        assert late == [done[0][0]] * 3
    with store.reading() as conn:
        assert audit.verify(conn).problems == check_steps(conn) == []


def test_only_what_is_closed_and_rated_is_a_best_case(store):
    orders = Orders(store, ZONE)
    (one,) = orders.create("li", [{**LAMP, **FIRM}])
    for version, action in enumerate(("start", "finish", "close"), 1):
        with pytest.raises(StepError):
            orders.act(one.id, "praise", "li", version, {})
        orders.act(one.id, action, "li", version, {})
    with pytest.raises(StepError, match="no rating"):
        orders.act(one.id, "praise", "li", 4, {})
    orders.act(one.id, "rate", "li", 4, {"rating": 5})
    assert orders.act(one.id, "praise", "li", 5, {}).praised
    assert not orders.act(one.id, "praise", "li", 6, {"on": False}).praised
