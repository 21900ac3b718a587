"""A feed that is refused without end fills no disk, and no refusal goes uncounted."""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live.store import Refused, open_store
from live.store import quarantine as kept_aside
from live.store.quarantine import to_reason_kind
from tests.live.small_world import NOON


def refused(n, reason="unknown device ID 'cam-{n}': give it an alias", at=NOON, source="hikvision"):
    return Refused(source, at, reason.format(n=n), "text/xml", b"<a>%d</a>" % n)


def test_the_first_of_an_hour_are_kept_and_all_are_counted(store):
    store.kept_an_hour = 3
    for start in range(0, 10, 2):  # across commits
        store.append([], [refused(n) for n in range(start, start + 2)])
    assert store.quarantine("hikvision", b"x", "unknown device ID 'q': give it an alias",
                            received_at=NOON) == 0  # fmt: skip
    assert [one.body for one in store.quarantined()] == [b"<a>2</a>", b"<a>1</a>", b"<a>0</a>"]
    kind = "unknown device ID …: give it an alias"
    assert store.count_unkept() == {("hikvision", kind): 8}
    # another reason, another feed and the next hour have room of their own
    store.append([], [
        refused(11, "not XML"), refused(12, source="dahua"),
        refused(13, at=NOON + timedelta(hours=1)),
    ])  # fmt: skip
    assert store.count_quarantined()["new"] == 6
    assert store.count_unkept() == {("hikvision", kind): 8}
    # counts go when the hour's messages go
    store.purge(NOON + timedelta(days=31), {"quarantine": 30})
    assert store.count_unkept() == {}


def test_long_messages_fill_an_hour_sooner_but_the_first_is_kept(store, monkeypatch):
    monkeypatch.setattr(kept_aside, "KEPT_BYTES_AN_HOUR", 100)
    for size in (500, 1, 1):
        store.quarantine("http", b"x" * size, "too long", received_at=NOON)
    assert [len(one.body) for one in store.quarantined()] == [500]
    assert store.count_unkept() == {("http", "too long"): 2}


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 2)), max_size=40),
       st.integers(1, 5))  # fmt: skip
def test_kept_and_counted_are_all_there_was(told, most):
    store = open_store("sqlite://")
    store.kept_an_hour = most
    for feed, reason, hour in told:
        at = NOON + timedelta(hours=hour)
        store.append([], [Refused(f"f{feed}", at, f"r{'abc'[reason]}", "", b"")])
    want = Counter(told)
    assert store.count_quarantined()["new"] == sum(min(n, most) for n in want.values())
    unkept = Counter()
    for (feed, reason, _), n in want.items():
        unkept[f"f{feed}", f"r{'abc'[reason]}"] += max(0, n - most)
    assert store.count_unkept() == +unkept
    store.close()


def test_what_waits_is_listed_without_its_bodies(store):
    store.append([], [refused(n) for n in range(3)])
    store.update_quarantined(1, "discarded")
    first = store.list_quarantined(("new", "fixed"), 10)
    assert [(one.id, one.size, one.state) for one in first] == [(3, 8, "new"), (2, 8, "new")]
    assert [one.id for one in store.list_quarantined(("discarded",), 1)] == [1]
    assert store.list_quarantined(("new",), 1)[0].received_at == NOON


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("unknown device ID 'b1-2' (nor 'x'): give it an alias",
         "unknown device ID … (nor …): give it an alias"),
        ("observed_at 2026-11-23T04:00:00+00:00 is more than a day ahead",
         "observed_at … is more than a day ahead"),
        ("9437184 bytes: longer than 8388608, not read", "… bytes: longer than … not read"),
        ("holds no GA/T 1400 object (found: 'x')", "holds no GA/T 1400 object (found: …)"),
    ],
)  # fmt: skip
def test_reasons_are_grouped_by_what_they_share(reason, kind):
    assert to_reason_kind(reason) == kind
