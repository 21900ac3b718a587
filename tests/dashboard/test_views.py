"""Saved views: kept by person, shared, renamed, deleted and brought back."""

from datetime import UTC, datetime

import pytest

from dashboard.views import MOST, NoViewError, StaleViewError, ViewBook, ViewError
from live import audit
from live.store import open_store

NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)
PLACE = "#at=buildings/b1&cam=119.29654,26.08468,17.2,50,-22&off=parking,services&t=1795432836"


@pytest.fixture
def store():
    opened = open_store("sqlite://")
    yield opened
    opened.close()


@pytest.fixture
def book(store):
    return ViewBook(store, lambda: NOW)


def names(book, who):
    return [view.name for view in book.list(who)]


def test_a_view_is_its_owners_until_it_is_shared(book):
    made = book.save("陈", "  早高峰 南门 ", PLACE)
    assert (made.name, made.place, made.version) == ("早高峰 南门", PLACE, 1)
    assert names(book, "林") == []
    shared = book.change("陈", made.id, 1, shared=True)
    assert names(book, "林") == ["早高峰 南门"]
    with pytest.raises(NoViewError):
        book.change("林", made.id, shared.version, name="我的")


def test_deleting_is_undone_and_every_change_is_in_the_audit(book, store):
    made = book.save("陈", "一", PLACE)
    gone = book.change("陈", made.id, 1, gone=True)
    assert names(book, "陈") == []
    book.change("陈", made.id, gone.version, gone=False, name="二")
    assert names(book, "陈") == ["二"]
    with store.reading() as conn:
        steps = [entry.action for _, entry in audit.read_entries(conn, "views", made.id)]
        assert audit.verify(conn).problems == []
    assert steps == ["save", "delete", "restore"]


def test_who_saw_an_older_version_is_told(book):
    made = book.save("陈", "一", PLACE)
    book.change("陈", made.id, 1, name="二")
    with pytest.raises(StaleViewError):
        book.change("陈", made.id, 1, name="三")


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "a\x00b", None])
@pytest.mark.parametrize("place", [PLACE])
def test_a_name_must_be_fit(book, name, place):
    with pytest.raises(ViewError):
        book.save("陈", name, place)


@pytest.mark.parametrize("place", ["", "#", "javascript:x", "#a b", "#<script>", "#" + "x" * 700])
def test_a_place_must_be_a_place(book, place):
    with pytest.raises(ViewError):
        book.save("陈", "一", place)


def test_nobody_keeps_too_many(book):
    for number in range(MOST):
        book.save("陈", f"{number}", PLACE)
    with pytest.raises(ViewError, match="delete one"):
        book.save("陈", "one more", PLACE)


def test_over_http(http):
    made = http.post("/api/v1/views", json={"name": "南门", "place": PLACE}).json()
    assert made["own"] is True
    items = http.get("/api/v1/views").json()["items"]
    assert made in items
    path = f"/api/v1/views/{made['id']}"
    assert http.put(path, json={"version": 1, "gone": True}).status_code == 200
    assert http.put(path, json={"version": 1, "gone": False}).status_code == 409
    assert http.put("/api/v1/views/none", json={"version": 1, "gone": True}).status_code == 404
    assert http.post("/api/v1/views", json={"name": "", "place": PLACE}).status_code == 422
