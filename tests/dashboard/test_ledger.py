"""The ledger against the store of a simulated day, and over HTTP."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from dashboard.ledger import build_ledger, read_facing
from dashboard.ledger_view import PAGE_ROWS, build_ledger_page, say_duration, say_page
from dashboard.words import load_words
from live.history import PeopleBook, Span, day_span, read_places, read_reads
from tests.live.history.town import DAY, KEY, fill_store, make_town


@pytest.fixture(scope="module")
def day():
    town = make_town()
    store, _ = fill_store(town)
    zone = ZoneInfo("Asia/Shanghai")
    span = day_span(DAY, zone)
    now = span.until + timedelta(hours=2)
    people = PeopleBook(store, read_places(town), KEY).read(span, now)
    around = Span(span.since - timedelta(days=3), span.until)
    reads = read_reads(store, around, KEY, facing=read_facing(town))
    ledger = build_ledger(town, people, reads, DAY, zone, now, timedelta(minutes=20))
    events = [s.event for s in store.scan(kind="plate", since=span.since, until=span.until)]
    yield ledger, pd.DataFrame({"camera": e.subject, "at": e.observed_at, **e.data} for e in events)
    store.close()


def test_vehicles_are_those_of_the_store(day):
    ledger, rows = day
    ways = rows["direction"].value_counts()
    assert ledger.vehicles.total == (ways["in"], ways["out"])
    by_class = rows.groupby(["plate_class", "direction"]).size()
    assert ledger.classes == {
        name: (by_class.get((name, "in"), 0), by_class.get((name, "out"), 0))
        for name in rows["plate_class"].unique()
    }
    assert len(ledger.reads) == len(rows)
    assert ledger.vehicles.unread.unread == rows["plate"].isna().sum()
    at_gate = rows[rows["camera"].isin(["gA-in", "gA-out"])]["direction"].value_counts()
    gate = next(gate for gate in ledger.gates if gate.id == "gA")
    assert gate.vehicles == (at_gate["in"], at_gate["out"])


def test_visitors_over_their_time_come_first(day):
    ledger, _ = day
    marks = [one.over for one in ledger.inside]
    assert marks == sorted(marks, reverse=True)
    assert ledger.at == ledger.people.span.until


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_plate_is_on_the_page_and_each_read_leads_to_the_map(day, language):
    ledger, rows = day
    words = load_words(language)
    page = str([part.to_plotly_json() for part in build_ledger_page(words, ledger, 0)])
    assert not [plate for plate in rows["plate"].dropna() if plate in page]
    assert "/manage?at=gates/gA" in page
    assert "/manage?at=vehicles/" in page


def test_pages_of_reads_hold_every_read_once(day):
    ledger, _ = day
    words = load_words("en")
    last = (len(ledger.reads) - 1) // PAGE_ROWS
    assert say_page(words, ledger, 0)[1:] == (True, False)
    said, first, end = say_page(words, ledger, last)
    assert (first, end) == (False, True)
    assert f"{len(ledger.reads):,}" in said


@pytest.mark.parametrize(
    ("minutes", "said"), [(0, "0 min"), (59.9, "59 min"), (61, "1 h 1 min"), (1500, "1 d 1 h")]
)
def test_a_stay_is_said_in_words(minutes, said):
    assert say_duration(load_words("en"), timedelta(minutes=minutes)) == said


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/people", 200),
        ("/api/v1/people?layer=gates", 200),
        ("/api/v1/people?layer=buildings", 422),
        ("/api/v1/people?layer=buildings&id=nowhere", 404),
        ("/api/v1/people?layer=flats", 404),
        ("/api/v1/people?day=yesterday", 422),
        ("/api/v1/people/flows?day=2026-11-20&hour=8", 200),
        ("/api/v1/people/flows?hour=24", 422),
        ("/api/v1/people/nobody", 404),
        ("/api/v1/directory", 200),
        ("/manage/ledger", 200),
        ("/manage/directory?lang=en", 200),
    ],
)
def test_the_pages_and_the_api_answer(http, path, status):
    assert http.get(path).status_code == status
