"""What the page draws from what was read, in both languages."""

import re
from datetime import UTC, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest

from dashboard.intake.dates import Dates, Kept, dates_view, read_dates
from dashboard.intake.feeds import FEEDS, feed_table, read_feeds, tell_skew
from dashboard.intake.kept import group_reasons, key_of, read_waiting, waiting_view
from dashboard.intake.late import group_late, kind_name, late_list, tell_period
from dashboard.intake.telling import tell_outcome, tell_reason
from dashboard.words import LANGUAGES, load_words
from live.health import HEARD, LATE, SILENT
from live.retention import DEFAULT_DAYS, LAST_BACKUP, Keeper, Purge
from live.store import Refused, open_store
from live.store.quarantine import to_reason_kind
from live.subjects import Subject
from tests.dashboard.doors.served import record, serving
from tests.live.small_world import NOON, make_event, small_community

ZONE = ZoneInfo("Asia/Shanghai")
EN = load_words("en")
BOTH = [load_words(language) for language in LANGUAGES]


def texts(component):
    """All text of a component, in order."""
    if component is None or isinstance(component, str | int | float):
        return [] if component is None else [str(component)]
    if isinstance(component, list | tuple):
        return [text for one in component for text in texts(one)]
    return texts(getattr(component, "children", None))


def said(component):
    return "|".join(texts(component))


def find_all(component, kind):
    if isinstance(component, list | tuple):
        return [one for item in component for one in find_all(item, kind)]
    own = [component] if type(component).__name__ == kind else []
    return own + find_all(getattr(component, "children", None) or [], kind)


def rows_of(component):
    return [texts(row) for row in find_all(component, "Tr")[1:]]


def test_every_feed_is_there_heard_or_not(tmp_path):
    with serving(tmp_path) as served:
        # no passages: those are told by the full hundred, so that nobody counts people by them
        held = {"kind": "status", "data": {"state": "held"}}
        first = record("d0", event_id="a", **held)
        served.post([first, record("d1", **held), record("d77", **held)])
        served.post([first])
        rows = read_feeds(served.desk)
        assert [row.name for row in rows][: len(FEEDS)] == list(FEEDS)
        http = next(row for row in rows if row.name == "http")
        assert (http.accepted, http.duplicate, http.quarantined) == (2, 1, 1)
        assert http.things == {"heard": 2, "late": 0, "silent": 0}
        drawn = {row[0]: row[1:] for row in rows_of(feed_table(EN, rows))}
        for name in ("Dahua", "Hikvision", "GA/T 1400", "MQTT", "Simulator", "Replay", "NGSI"):
            assert drawn[name][0] == "never heard"
        assert drawn["HTTP"][1:4] == ["2", "1", "1"]
        assert "heard 2" in drawn["HTTP"]


@pytest.mark.parametrize(
    ("skew_s", "text"),
    [(35, "35 s ahead"), (-600, "10 min behind"), (28800, "8 h ahead"), (-119, "119 s behind")],
)
def test_clocks_are_told_in_words(skew_s, text):
    assert tell_skew(EN, skew_s) == text


def subject(key, hearing, last=None, layer="devices", kind="sos_pole", **more):
    return Subject(layer, key, kind, 60.0, hearing=hearing, last_reported=last, **more)


def test_late_things_by_kind_the_last_to_fall_silent_first():
    at = NOON.timestamp()
    kinds = group_late(
        [
            subject("sos", SILENT, at - 300), subject("a", SILENT), subject("b", LATE, at - 130),
            subject("c", SILENT, at - 200), subject("ok", HEARD, at),
            subject("d0", SILENT, layer="entrances", kind="entrance"),
            subject("meter", SILENT, at, kind="water_meter", drawn=False),
            subject("fine", HEARD, at, kind="camera"),
        ],
        small_community(),
    )  # fmt: skip
    assert [(one.kind, one.total, one.late, one.silent) for one in kinds] == [
        ("sos_pole", 5, 1, 3), ("entrance", 1, 0, 1), ("water_meter", 1, 0, 1),
    ]  # fmt: skip
    assert [thing.id for thing in kinds[0].things] == ["c", "sos", "a", "b"]
    drawn = late_list(EN, kinds)
    links = [link.href for link in find_all(drawn, "Link")]
    assert "/manage?at=devices/c&lang=en" in links
    assert "/manage?at=entrances/d0&lang=en" in links
    # what stands in a flat is a number
    assert kinds[2].hidden
    assert not [href for href in links if "meter" in href]
    assert "Devices inside flats are counted" in said(drawn)
    assert "never heard" in said(drawn)
    assert "on time" in said(late_list(EN, []))


def test_many_late_things_are_a_number():
    kinds = group_late([subject(f"s{n:02}", SILENT) for n in range(30)], small_community())
    assert len(kinds[0].things) == 20
    assert "10 more not listed" in said(late_list(EN, kinds))
    assert [tell_period(EN, s) for s in (30, 60, 600, 5400, 86400)] == [
        "30 s", "1 min", "10 min", "1.5 h", "1 d",
    ]  # fmt: skip
    assert (kind_name(EN, "gate"), kind_name(EN, "thing")) == (EN("one.gates"), "thing")


@pytest.fixture
def store():
    opened = open_store("sqlite://")
    yield opened
    opened.close()


def test_what_waits_is_grouped_by_reason(store):
    store.kept_an_hour = 2
    reason = "unknown device ID '{}': give it an alias"
    store.append([], [Refused("dahua", NOON, reason.format(n), "", b"x" * n) for n in (1, 2, 3)])
    store.append([], [Refused("http", NOON, "not JSON: line 1", "", "{闽A12345".encode())])
    number = store.quarantine("http", b"", "not JSON: line 9", received_at=NOON)
    store.update_quarantined(number, "discarded")
    waiting = read_waiting(store)
    assert [(one.source, one.waiting, one.unkept, one.size) for one in waiting.reasons] == [
        ("dahua", 2, 1, 3), ("http", 1, 0, 10),
    ]  # fmt: skip
    rows = rows_of(waiting_view(EN, waiting, None, in_clear=True))
    kind = "unknown device ID …: give it an alias"
    assert [kind, "Dahua", "2", "1", "–", "3 B"] in rows
    assert ["Open 3", "not whole JSON", "HTTP", "–", "10 B"] in rows
    assert ["4", "discarded", "not whole JSON", "–"] in rows
    # one group chosen: its messages alone
    chosen = waiting_view(EN, waiting, key_of("dahua", kind), in_clear=True)
    assert [row[0] for row in rows_of(chosen) if row[0].startswith("Open")] == ["Open 2", "Open 1"]
    # the body is nowhere in the list
    assert "闽A" not in said(chosen)


def test_refusals_whose_messages_are_settled_still_count():
    assert [(one.waiting, one.unkept) for one in group_reasons([], {("http", "bad"): 7})] == [
        (0, 7)
    ]


def test_plates_in_reasons_are_masked_for_those_who_may_not_see_them(store):
    reason = "unknown device ID '闽A12345': give it an alias"
    store.append([], [Refused("http", NOON, reason, "", b"x")])
    waiting = read_waiting(store)
    assert "闽A12345" in said(waiting_view(EN, waiting, None, in_clear=True))
    assert "12345" not in said(waiting_view(EN, waiting, None, in_clear=False))
    told = {"id": 1, "state": "new", "quarantined": [{"index": 0, "reason": reason}]}
    assert "12345" not in said(tell_outcome(EN, 422, told, in_clear=False))


@pytest.mark.parametrize(
    ("reason", "english"),
    [
        ("unknown device ID 'x' (nor 'y'): give it an alias", None),
        ("entrances has no 'd77' in this community", None),
        ("unknown kind 'acces'; use one of access, plate", "unknown kind 'acces'"),
        ("no rule of the MQTT mapping fits topic 'a/b'", None),
        ("something that a feed will say one day", "something that a feed will say one day"),
    ],
)
def test_reasons_are_told_in_the_pages_language(reason, english):
    chinese, told = (said(tell_reason(words, reason, in_clear=True)) for words in BOTH)
    assert told == (english or re.sub(r" \(nor '.*'\)", "", reason))
    if not reason.startswith("something"):
        assert re.search(r"[\u3400-\u9fff]", chinese)
        for quoted in re.findall(r"'[^']*'", re.sub(r"\(nor .*\)|; use.*", "", reason)):
            assert quoted in chinese
        # the kind of a reason is told alike
        kind = tell_reason(BOTH[0], to_reason_kind(reason), in_clear=True)
        assert "…" in said(kind)


def test_outcomes_are_told():
    told = {"id": 7, "state": "replayed", "accepted": 2, "duplicate": 1, "quarantined": []}
    assert said(tell_outcome(EN, 200, told, in_clear=True)) == (
        "Message 7 is replayed: 2 accepted, 1 known already"
    )
    told = {"id": 7, "state": "fixed", "quarantined": [{"index": 1, "reason": "bad"}]}
    assert said(tell_outcome(EN, 422, told, in_clear=True)).endswith("fit yet:|2. |bad")
    for status, words in product((400, 401, 403, 404, 409, 413, 429, 503, 599), BOTH):
        assert said(tell_outcome(words, status, {}, in_clear=False))


def test_dates_of_expiry(store):
    store.append([make_event("plate", "c0", plate="闽A12345"), make_event("access", "d0")])
    store.remember(LAST_BACKUP, (NOON - timedelta(days=2)).isoformat())
    keeper = Keeper(store, ZONE, {**DEFAULT_DAYS, "plate": 30}, clock=lambda: NOON)
    assert keeper.purge() == Purge(NOON, dict.fromkeys(DEFAULT_DAYS, 0))
    dates = read_dates(keeper)
    assert Kept("plate", 30, 1, NOON + timedelta(days=30)) in dates.kinds
    assert Kept("reading", 400, 0, None) in dates.kinds
    drawn = dates_view(EN, dates, ZONE)
    assert ["Plate reads", "1", "30 days", "2026-12-23"] in rows_of(drawn)
    assert "2026-11-21 12:00" in said(drawn)
    empty = Dates((), NOON.astimezone(UTC), Purge(NOON, held_up="clock"), None)
    assert "not run" in said(dates_view(EN, empty, ZONE))
    assert "2026-11-23 12:00" in said(dates_view(EN, empty, ZONE))
    assert "app.py backup" in said(dates_view(EN, empty, ZONE))
