import random
import sqlite3
from collections import Counter
from datetime import UTC, datetime, timedelta
from operator import attrgetter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import inspect, text

from live.plates import is_near, matches_plate
from live.store import Refused, StoreError, open_store
from tests.live.small_world import DOORS, NOON, after, make_event
from tests.live.strategies import events


@pytest.fixture(scope="module")
def memory():
    """One store in memory for property tests; each example empties it."""
    opened = open_store("sqlite://")
    yield opened
    opened.close()


def empty(store):
    with store.writing() as conn:
        for table in ("events", "hours", "latest", "heard", "plates", "plate_keys"):
            conn.execute(text(f"DELETE FROM {table}"))
    store._writer.forget()
    return store


def stored(store):
    return [s.event for s in store.scan()]


kept = events().filter(lambda e: "heartbeat" not in e.data)


class TestAppend:
    def test_what_is_written_comes_back_whole(self, store):
        told = [
            make_event("plate", "c0", 0.123456, plate="闽A12345", confidence=0.97),
            make_event("reading", "bin", -5, live=False, values={"fill": 0.5}, unit={"fill": "1"}),
            make_event("alarm", "sos", 3, type="sos", severity=1, detail="“求助” \U0001f198"),
        ]
        assert store.append(told).accepted == told
        assert stored(store) == told

    def test_a_repeat_counts_once_within_a_batch_and_across(self, store):
        first, second = make_event("access", "d0"), make_event("access", "d1")
        result = store.append([first, second, first])
        assert (result.accepted, result.duplicates) == ([first, second], 1)
        other = make_event("access", "d2")
        result = store.append([second, other, first])
        assert (result.accepted, result.duplicates) == ([other], 2)
        assert stored(store) == [first, second, other]

    def test_many_at_once_leave_what_each_alone_would(self, store, memory):
        chance = random.Random(3)
        told = [
            make_event(
                "status", chance.choice(DOORS), n % 7 * 40, state=chance.choice(("open", "closed"))
            )
            for n in range(60)
        ]
        told += [make_event("status", "c0", n * 50 % 900, heartbeat=True) for n in range(40)]
        told += [make_event("plate", "c0", n, plate=f"闽A1234{n % 9}") for n in range(40)]
        chance.shuffle(told)
        told += told[::7]
        empty(memory)
        alone = [event for one in told for event in memory.append([one]).accepted]
        key = attrgetter("event_id")
        assert sorted(store.append(told).accepted, key=key) == sorted(alone, key=key)
        tables = ("events", "hours", "latest", "heard", "plates", "plate_keys")
        for table in tables:
            query = text(f"SELECT * FROM {table}")
            with store.reading() as ours, memory.reading() as theirs:
                found = sorted(tuple(row) for row in ours.execute(query))
                expected = sorted(tuple(row) for row in theirs.execute(query))
            assert found == expected, table

    def test_what_a_database_cannot_hold_is_not_told_in_the_error(self, store):
        told = [make_event("access", "d0", method="card") for _ in range(50)]
        odd = make_event("access", "d1\0", method="secret-card")
        if store.engine.dialect.name == "postgresql":
            with pytest.raises(StoreError) as failure:
                store.append([*told, odd])
            assert "secret-card" not in str(failure.value)
            assert failure.value.__cause__ is None
            assert stored(store) == []
        assert store.append(told).accepted == told

    def test_nothing_of_a_batch_stays_when_it_fails(self, store):
        good = make_event("plate", "c0", plate="闽A12345")
        bad = make_event("access", "d0", thing=object())
        with pytest.raises(TypeError):
            store.append([good, bad])
        assert not stored(store)
        # neither does the memory of its plate
        store.append([good])
        assert [hit.plate for hit in store.search_plates("闽A12345")] == ["闽A12345"]

    @settings(max_examples=60, deadline=None)
    @given(batches=st.lists(st.lists(kept, max_size=8), max_size=6), random=st.randoms())
    def test_roll_ups_and_newest_agree_with_the_events(self, memory, batches, random):
        store = empty(memory)
        sent = []
        for batch in batches:
            repeats = random.sample(sent, min(len(sent), 2))
            store.append([*batch, *repeats])
            sent += batch
        hours = Counter(
            (e.observed_at.replace(minute=0, second=0, microsecond=0), e.layer, e.subject, e.kind)
            for e in sent
        )
        found = {}
        for layer in {e.layer for e in sent}:
            for row in store.counts_by_hour(after(-9e4), after(9e4), layer=layer):
                found[row.hour, row.layer, row.subject, row.kind] = row.count
        assert found == hours
        totals = Counter()
        for (hour, _, _, kind), n in hours.items():
            totals[hour, kind] += n
        rows = store.counts_by_hour(after(-9e4), after(9e4))
        assert {(r.hour, r.kind): r.count for r in rows} == totals

        def name(event):
            return event.layer, event.subject, event.kind, event.data.get("granted", True)

        newest = {}
        for event in sent:
            key = name(event)
            if event.live and (key not in newest or event.observed_at >= newest[key].observed_at):
                newest[key] = event
        latest = [one.event for one in store.latest()]
        assert {name(e): e.event_id for e in latest} == {
            key: e.event_id for key, e in newest.items()
        }
        assert [e.observed_at for e in latest] == sorted(e.observed_at for e in latest)

    def test_a_run_begins_where_the_state_last_changed(self, store):
        for second, state in ((0, "closed"), (10, "closed"), (20, "open"), (30, "closed")):
            store.append([make_event("status", "d0", second, state=state)])
        store.append([make_event("status", "d0", s, state="closed") for s in (40, 50)])
        store.append(
            [make_event("status", "d0", s, state=w) for s, w in ((60, "open"), (70, "closed"))]
        )
        store.append([make_event("status", "d0", 80, state="closed")])
        assert store.runs() == [("entrances", "d0", "closed", after(70))]

    def test_heartbeats_are_noted_as_a_stretch_and_not_kept(self, store):
        beats = [make_event("status", "d0", s, heartbeat=True) for s in (0, 60, 120, 500, 560)]
        result = store.append([*beats[:4], make_event("access", "d0", 1)])
        assert len(result.accepted) == 5
        assert store.append([beats[4], beats[3]]).duplicates == 1
        assert store.heard() == [("entrances", "d0", after(500), after(560))]
        assert [e.kind for e in stored(store)] == ["access"]


class TestQuery:
    @settings(max_examples=60, deadline=None)
    @given(
        told=st.lists(kept, max_size=30),
        kind=st.sampled_from([None, "access", "status"]),
        layer=st.sampled_from([None, "entrances", "devices"]),
        subject=st.sampled_from([None, "d0"]),
        since=st.none() | st.integers(-7200, 7200),
        until=st.none() | st.integers(-7200, 7200),
        limit=st.integers(1, 7),
    )
    def test_pages_hold_each_match_once_newest_first(
        self, memory, told, kind, layer, subject, since, until, limit
    ):
        store = empty(memory)
        store.append(told)
        since = None if since is None else after(since)
        until = None if until is None else after(until)
        wanted = [
            e
            for e in told
            if kind in (None, e.kind)
            and layer in (None, e.layer)
            and subject in (None, e.subject)
            and (since is None or e.observed_at >= since)
            and (until is None or e.observed_at < until)
        ]
        found, before = [], None
        while True:
            page = store.query(
                kind, layer, subject, since=since, until=until, limit=limit, before=before
            )
            assert len(page.events) <= limit
            found += [s.event for s in page.events]
            before = page.next
            if before is None:
                break
        order = sorted(((e.observed_at, n) for n, e in enumerate(wanted)), reverse=True)
        assert found == [wanted[n] for _, n in order]
        scanned = [s.event for s in store.scan(kind, layer, subject, since=since, until=until)]
        assert scanned == wanted

    def test_the_last_events_of_a_door_come_newest_first(self, store):
        told = [make_event("access", door, s) for s in range(5) for door in DOORS]
        store.append(told)
        found = store.last_events("entrances", "d2", 3)
        assert [e.observed_at for e in found] == [after(4), after(3), after(2)]
        assert {e.subject for e in found} == {"d2"}

    def test_a_wrong_page_is_refused_in_words(self, store):
        with pytest.raises(StoreError, match="no page of events"):
            store.query(before="yesterday")


plate_texts = st.builds(
    "".join, st.tuples(st.just("闽A"), st.text("12O0BD", min_size=5, max_size=6))
)


class TestPlates:
    @settings(max_examples=60, deadline=None)
    @given(plates=st.lists(plate_texts, max_size=30), wanted=plate_texts)
    def test_near_finds_all_that_differ_in_one_place(self, memory, plates, wanted):
        store = empty(memory)
        store.append([make_event("plate", "c0", i, plate=p) for i, p in enumerate(plates)])
        hits = store.search_plates(wanted, near=True)
        assert {hit.plate for hit in hits} == {p for p in plates if is_near(p, wanted)}

    @settings(max_examples=80, deadline=None)
    @given(
        plates=st.lists(plate_texts, max_size=30),
        pattern=st.text("闽A12B?*", min_size=1, max_size=5).filter(lambda p: p.strip("?*")),
    )
    def test_short_patterns_without_stars_find_parts(self, memory, plates, pattern):
        store = empty(memory)
        store.append([make_event("plate", "c0", i, plate=p) for i, p in enumerate(plates)])
        anywhere = pattern if "*" in pattern or "?" in pattern else f"*{pattern}*"
        hits = store.search_plates(f"*{pattern}*")
        assert {hit.plate for hit in hits} == {p for p in plates if matches_plate(pattern, p)}
        assert {h.plate for h in store.search_plates(anywhere)} <= {h.plate for h in hits}

    @pytest.mark.parametrize("few", [0, 2000])
    @pytest.mark.parametrize("pattern", ["闽A", "1", "*5", "闽B?2*"])
    @pytest.mark.parametrize(
        ("since", "until", "limit"), [(None, 90, 4), (20, None, 50), (20, 90, 3), (95, 20, 5)]
    )
    def test_a_span_counts_its_own_reads_last_seen_first(
        self, memory, monkeypatch, few, pattern, since, until, limit
    ):
        monkeypatch.setattr("live.store.reading.FEW_PLATES", few)
        chance = random.Random(4)
        names = [f"闽{a}{b}23{c}5" for a in "AB" for b in "12" for c in "0123"]
        told = [(chance.choice(names), chance.randrange(100)) for _ in range(150)]
        store = empty(memory)
        store.append([make_event("plate", "c0", s, plate=p) for p, s in told])
        seen = {}
        for plate, at in told:
            within = (since is None or at >= since) and (until is None or at < until)
            if within and matches_plate(pattern, plate):
                seen.setdefault(plate, []).append(at)
        hits = store.search_plates(
            pattern,
            since=None if since is None else after(since),
            until=None if until is None else after(until),
            limit=limit,
        )
        found = [(hit.plate, hit.reads, hit.first_at, hit.last_at) for hit in hits]
        order = sorted(seen, key=lambda plate: (-max(seen[plate]), plate))[:limit]
        assert found == [(p, len(seen[p]), after(min(seen[p])), after(max(seen[p]))) for p in order]

    def test_patterns_are_anchored_where_they_name_an_end(self, store):
        plates = ["闽A12345", "闽A12D45", "闽C12345", "闽AD12345"]
        store.append([make_event("plate", "c0", i, plate=p) for i, p in enumerate(plates)])

        def search(pattern):
            return {hit.plate for hit in store.search_plates(pattern)}

        assert search("闽A*") == {"闽A12345", "闽A12D45", "闽AD12345"}
        assert search("闽A12?45") == {"闽A12345", "闽A12D45"}
        assert search("*345") == {"闽A12345", "闽C12345", "闽AD12345"}
        assert search("12345") == {"闽A12345", "闽C12345", "闽AD12345"}
        assert search("闽a·12345") == {"闽A12345"}
        assert search("%") == search("_") == search("") == search("*") == set()

    def test_a_hit_tells_how_often_and_when(self, store):
        store.append([make_event("plate", "c0", s, plate="闽A·12345") for s in (0, 50, 20)])
        (hit,) = store.search_plates("闽A12345")
        assert (hit.reads, hit.first_at, hit.last_at) == (3, after(0), after(50))
        (hit,) = store.search_plates("闽A12345", since=after(10), until=after(50))
        assert (hit.reads, hit.last_at) == (1, after(20))

    def test_plates_not_read_are_in_no_index(self, store):
        store.append([make_event("plate", "c0", 0), make_event("plate", "c0", 1, plate="无车牌")])
        assert len(stored(store)) == 2
        assert not store.search_plates("*牌*")


class TestQuarantine:
    def test_a_message_is_kept_byte_for_byte_with_its_reason(self, store):
        body = b"\xff\x00{not json"
        number = store.quarantine("hik", body, "坏 XML", content_type="text/xml", received_at=NOON)
        (kept,) = store.quarantined()
        assert (kept.id, kept.source, kept.body, kept.reason) == (number, "hik", body, "坏 XML")
        assert (kept.content_type, kept.received_at, kept.state) == ("text/xml", NOON, "new")

    def test_it_moves_through_its_states(self, store):
        first, second = (store.quarantine("a", b"x", "bad") for _ in range(2))
        store.update_quarantined(first, "fixed", b"y")
        assert [q.id for q in store.quarantined("new")] == [second]
        (fixed,) = store.quarantined("fixed")
        assert fixed.body == b"y"
        assert store.count_quarantined() == {"new": 1, "fixed": 1, "replayed": 0, "discarded": 0}
        with pytest.raises(StoreError, match="no state 'lost'"):
            store.update_quarantined(first, "lost")
        with pytest.raises(StoreError, match="no message 99"):
            store.update_quarantined(99, "fixed")

    def test_a_name_that_no_column_holds_is_kept_all_the_same(self, store):
        store.append([], [Refused("a\0\ud800", NOON, "bad", "text/plain", b"x")])
        assert store.count_quarantined()["new"] == 1


class TestKeeping:
    def test_what_is_past_its_days_goes_and_nothing_else(self, store):
        now = NOON + timedelta(days=40)
        old = make_event("plate", "c0", 0, plate="闽A12345")
        young = make_event("plate", "c0", now - timedelta(days=1), plate="闽A67890")
        door = make_event("access", "d0", 0, method="face")
        store.append([old, young, door])
        store.quarantine("a", b"x", "bad", received_at=NOON)
        policy = {"plate": 30, "access": 90, "quarantine": 30, "hours": 3}
        assert store.expiry(policy) == {
            "plate": NOON + timedelta(days=30), "access": NOON + timedelta(days=90),
        }  # fmt: skip
        gone = store.purge(now, policy)
        assert gone == {"plate": 1, "access": 0, "quarantine": 1, "hours": 2}
        assert stored(store) == [young, door]
        # no trace of the plate is left in any table
        assert not store.search_plates("闽A12345", near=True)
        with store.reading() as conn:
            for table in ("plates", "plate_keys"):
                (plates,) = {tuple(r) for r in conn.execute(text(f"SELECT plate FROM {table}"))}
                assert plates == ("闽A67890",)
        assert {one.event.subject for one in store.latest()} == {"c0", "d0"}
        # and the same plate read again is found again
        store.append([make_event("plate", "c0", now, plate="闽A12345")])
        assert store.search_plates("闽A12345", near=True)

    def test_reads_that_are_gone_are_counted_no_more(self, store):
        plate = "闽A12345"
        reads = [make_event("plate", "c0", days * 86400, plate=plate) for days in (0, 20, 25)]
        store.append(reads)
        store.purge(NOON + timedelta(days=35), {"plate": 30})
        (hit,) = store.search_plates(plate)
        assert (hit.reads, hit.first_at, hit.last_at) == (2, after(20 * 86400), after(25 * 86400))

    def test_a_store_and_a_backup_of_the_first_version_are_brought_up(self, store, tmp_path):
        path = tmp_path / "old.db"
        old = open_store(f"sqlite:///{path}")
        told = [make_event("plate", "c0", s, plate=f"闽A1234{s % 2}") for s in range(5)]
        old.append(told)
        with old.writing() as conn:
            conn.execute(text("CREATE TABLE first (plate TEXT PRIMARY KEY) WITHOUT ROWID"))
            conn.execute(text("INSERT INTO first SELECT plate FROM plates"))
            conn.execute(text("DROP TABLE plates"))
            conn.execute(text("ALTER TABLE first RENAME TO plates"))
            for index in ("events_layer", "events_subject"):
                conn.execute(text(f"DROP INDEX {index}"))
            conn.execute(text("UPDATE store_meta SET value = '1' WHERE key = 'version'"))
        old.close()
        store.restore(path)
        opened = open_store(f"sqlite:///{path}")
        for one in (store, opened):
            hits = [(hit.plate, hit.reads, hit.last_at) for hit in one.search_plates("闽A1234?")]
            assert hits == [("闽A12340", 3, after(4)), ("闽A12341", 2, after(3))]
            columns = inspect(one.engine).get_indexes("events")
            assert ["layer", "kind", "observed_at"] in [index["column_names"] for index in columns]
        opened.close()

    def test_nothing_stored_has_no_expiry(self, store):
        assert store.expiry({"plate": 30}) == {"plate": None}

    def test_a_backup_brings_everything_back(self, store, tmp_path):
        told = [make_event("plate", "c0", s, plate=f"闽A1234{s}") for s in range(5)]
        store.append([*told, make_event("status", "d0", 1, heartbeat=True)])
        store.quarantine("a", b"\xff", "bad")
        with store.writing() as conn:
            conn.execute(text("CREATE TABLE others (name VARCHAR PRIMARY KEY)"))
            conn.execute(text("INSERT INTO others VALUES ('kept')"))
        store.backup(tmp_path / "b.db")
        with pytest.raises(StoreError, match="never replaces"):
            store.backup(tmp_path / "b.db")
        store.append([make_event("access", "d0", 99)])
        with store.writing() as conn:
            conn.execute(text("DELETE FROM others"))
        store.restore(tmp_path / "b.db")
        assert stored(store) == told
        assert store.heard() == [("entrances", "d0", after(1), after(1))]
        assert store.quarantined()[0].body == b"\xff"
        with store.reading() as conn:
            assert conn.scalar(text("SELECT name FROM others")) == "kept"
        # it goes on from there, repeats known
        assert store.append([told[0], make_event("access", "d1")]).duplicates == 1
        assert store.quarantine("a", b"y", "bad") > 1

    def test_a_backup_moves_between_makes_of_database(self, store, tmp_path):
        told = [make_event("plate", "c0", s, plate=f"闽A1234{s}") for s in range(5)]
        store.append(told)
        store.backup(tmp_path / "b.db")
        other = open_store(f"sqlite:///{tmp_path}/other.db")
        other.restore(tmp_path / "b.db")
        assert stored(other) == told
        assert len(other.search_plates("闽A1234?")) == 5
        other.close()

    @pytest.mark.parametrize("content", [b"", b"not a database at all" * 100])
    def test_what_is_no_backup_is_refused_and_changes_nothing(self, store, tmp_path, content):
        event = make_event("access", "d0")
        store.append([event])
        (tmp_path / "x.db").write_bytes(content)
        for name in ("x.db", "none.db"):
            with pytest.raises(StoreError):
                store.restore(tmp_path / name)
        assert stored(store) == [event]

    def test_a_damaged_backup_is_refused(self, store, tmp_path):
        store.append([make_event("access", "d0", s, note="x" * 500) for s in range(200)])
        path = tmp_path / "b.db"
        store.backup(path)
        with path.open("r+b") as file:
            file.seek(20_000)
            file.write(b"\xa5" * 30_000)
        with pytest.raises(StoreError, match=r"b\.db"):
            store.restore(path)
        assert len(stored(store)) == 200


class TestOpen:
    def test_a_store_opens_again_with_what_it_had(self, database):
        event = make_event("access", "d0")
        for expected in (1, 0):
            store = open_store(database)
            assert len(store.append([event]).accepted) == expected
            store.close()

    def test_a_database_of_a_newer_version_is_refused(self, database):
        store = open_store(database)
        with store.writing() as conn:
            conn.execute(text("UPDATE store_meta SET value = '99' WHERE key = 'version'"))
        store.close()
        with pytest.raises(StoreError, match="newer program"):
            open_store(database)

    @pytest.mark.parametrize("url", ["", "oracle://x/y", "no url", "postgresql://127.0.0.1:1/x"])
    def test_what_cannot_be_opened_is_said_in_words(self, url):
        with pytest.raises(StoreError):
            open_store(url)

    def test_a_commit_is_on_the_disk(self, tmp_path):
        store = open_store(f"sqlite:///{tmp_path}/a.db")
        with store.reading() as conn:
            assert conn.scalar(text("PRAGMA journal_mode")) == "wal"
            assert conn.scalar(text("PRAGMA synchronous")) == 2
        store.close()

    def test_times_keep_their_microseconds(self, tmp_path):
        store = open_store(f"sqlite:///{tmp_path}/a.db")
        moment = datetime(2026, 2, 28, 23, 59, 59, 999_999, tzinfo=UTC)
        store.append([make_event("access", "d0", moment)])
        assert stored(store)[0].observed_at == moment
        store.close()
        with sqlite3.connect(tmp_path / "a.db") as db:
            (us,) = db.execute("SELECT observed_at FROM events").fetchone()
        db.close()
        assert us == 1_772_323_199_999_999
