"""The book of edits: append-only, audited, undone one by one, never over somebody else's."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from live import audit
from live.edits.book import ABOUT, EditBook
from live.edits.edit import EditedError, EditError, NoEditError, Wanted
from live.store import open_store
from live.store.edits import EDITS

NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)
ONE = ("services", "s0")


@pytest.fixture
def store(database):
    opened = open_store(database)
    yield opened
    opened.close()


@pytest.fixture
def book(store):
    return EditBook(store, lambda: NOW)


def phone(new, base=None, **more):
    return Wanted("services", "s0", "phone", new, base, **more)


def test_an_edit_holds_and_is_written_down_once(book, store):
    made = book.record("陈", [phone("1"), Wanted(*ONE, "name", "食堂", "旧名")], seen={ONE: 0})
    assert made.number == book.revision() == 1
    assert book.present("services") == {"s0": {"phone": "1", "name": "食堂"}}
    assert [(c.field, c.old, c.new) for c in made.changes] == [
        ("phone", None, "1"), ("name", "旧名", "食堂"),
    ]  # fmt: skip
    with store.reading() as conn:
        ((_, entry),) = audit.read_entries(conn, ABOUT, "1")
        assert audit.verify(conn).problems == []
    assert (entry.who, entry.action, entry.data["count"]) == ("陈", "edit", 2)
    assert len(entry.data["sha256"]) == 64
    with pytest.raises(EditError, match="Nothing differs"):
        book.record("陈", [phone("1")], seen={ONE: 1})


def test_who_saw_an_older_revision_is_told_by_whom_and_overwrites_nothing(book):
    book.record("陈", [phone("1")], seen={ONE: 0})
    with pytest.raises(EditedError) as refused:
        book.record("林", [phone("2")], seen={ONE: 0})
    assert [(one["who"], one["field"], one["new"]) for one in refused.value.since] == [
        ("陈", "phone", "1")
    ]
    assert book.present("services")["s0"]["phone"] == "1"
    # another thing is nobody's business
    book.record("林", [Wanted("services", "s1", "phone", "3")], seen={("services", "s1"): 0})


def test_edits_are_undone_and_redone_one_by_one_and_none_is_ever_lost(book, store):
    book.record("陈", [phone("1")], seen={ONE: 0})
    book.record("陈", [phone("2")], seen={ONE: 1})
    with pytest.raises(EditedError, match="undo the later edits first"):
        book.undo("林", 1)
    book.undo("林", 2)
    assert book.present("services")["s0"]["phone"] == "1"
    book.undo("林", 1)
    assert book.present("services") == {}
    with pytest.raises(EditError, match="undone already"):
        book.undo("林", 1)
    book.redo("陈", 1)
    book.redo("陈", 2)
    assert book.present("services")["s0"]["phone"] == "2"
    with pytest.raises(NoEditError):
        book.undo("林", 3)  # an undo is undone by a redo
    with store.reading() as conn:
        rows = conn.execute(select(EDITS.c.action).order_by(EDITS.c.number)).scalars().all()
        assert audit.verify(conn).problems == []
    assert rows == ["edit", "edit", "undo", "undo", "redo", "redo"]
    assert [(one.number, one.undone) for one in book.history(topic="services")][-2:] == [
        (2, False), (1, False),
    ]  # fmt: skip


def test_a_field_goes_back_to_what_its_file_has(book):
    book.record("陈", [phone("1", "0")], seen={ONE: 0})
    back = book.record("陈", [phone(None, "0", back=True)], seen={ONE: 1})
    assert (back.changes[0].old, back.changes[0].new) == ("1", "0")
    assert book.present("services") == {}
    book.undo("陈", back.number)
    assert book.present("services")["s0"]["phone"] == "1"


def test_a_restart_and_another_process_see_the_same(book, database):
    book.record("陈", [phone("1")], seen={ONE: 0}, reason="居民来电")
    other = EditBook(open_store(database), lambda: NOW)
    assert other.present("services") == {"s0": {"phone": "1"}}
    assert other.find(1).reason == "居民来电"
    with pytest.raises(EditedError):
        other.record("林", [phone("2")], seen={ONE: 0})
