"""Tokens on SQLite and PostgreSQL."""

import hashlib
import threading
from datetime import UTC, datetime

import pytest

from live.tokens import KINDS, TokenBook, TokenError, make_ha1

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)


@pytest.fixture
def book(store):
    return TokenBook(store, clock=lambda: NOON)


def find(book, secret):
    book.read()
    return book.find(secret)


@pytest.mark.parametrize("kind", KINDS)
def test_a_token_opens_until_it_is_revoked(book, kind):
    token, secret = book.create(kind, "gate")
    assert len(secret) >= 43
    found = find(book, secret)
    assert (found.id, found.kind, found.name, found.created_at) == (token.id, kind, "gate", NOON)
    assert find(book, secret + "x") is None
    assert find(book, "") is None
    assert [one.id for one in book.revoke(token.id)] == [token.id]
    assert find(book, secret) is None
    assert [one.revoked_at for one in book.tokens()] == [NOON]
    with pytest.raises(TokenError, match=token.id):
        book.revoke(token.id)


def test_the_store_keeps_hashes_alone(book, store):
    _, secret = book.create("feed", "cam")
    with store.reading() as conn:
        (row,) = conn.exec_driver_sql("SELECT * FROM tokens").fetchall()
    assert secret not in "".join(map(str, row))
    assert hashlib.sha256(secret.encode()).hexdigest() in row
    # as `htdigest` would write it
    assert hashlib.md5(f"cam:community-twin:{secret}".encode()).hexdigest() in row


def test_only_feeds_have_digest_hashes(book):
    _, secret = book.create("feed", "cam")
    book.create("admin", "cam")
    book.create("wall", "cam")
    book.read()
    (one,) = book.find_named("cam")
    assert one.ha1 == make_ha1("cam", secret)
    assert [bool(token.ha1) for token in book.tokens()].count(True) == 1


def test_a_name_revokes_all_that_bear_it(book):
    secrets = [book.create("feed", name)[1] for name in ("cam", "cam", "other")]
    assert len(book.revoke("cam")) == 2
    assert [find(book, secret) is not None for secret in secrets] == [False, False, True]


def test_the_last_use_is_noted_now_and_then(book):
    token, _ = book.create("feed", "cam")
    assert book.tokens()[0].used_at is None
    assert book.due_for_note(token)
    book.note_use(token)
    assert book.tokens()[0].used_at == NOON
    assert not book.due_for_note(token)


def test_a_store_that_fails_stops_no_known_token(book, store, monkeypatch):
    token, secret = book.create("feed", "cam")
    book.read()

    def broken():
        raise OSError("disk")

    monkeypatch.setattr(store, "reading", broken)
    monkeypatch.setattr(store, "writing", broken)
    book.read()
    book.note_use(token)
    assert book.find(secret) is not None


def test_two_processes_share_the_table(book, store):
    other = TokenBook(store)
    _, secret = other.create("feed", "cam")
    assert find(book, secret)
    book.revoke("cam")
    assert find(other, secret) is None


def test_tokens_come_back_from_a_backup(book, store, tmp_path):
    _, secret = book.create("feed", "cam")
    store.backup(tmp_path / "copy.db")
    book.revoke("cam")
    store.restore(tmp_path / "copy.db")
    assert find(book, secret)


def test_many_threads_make_tokens_of_their_own(book):
    made = []
    threads = [
        threading.Thread(target=lambda n=n: made.append(book.create("feed", f"c{n}")[1]))
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 8
    assert all(find(book, secret) for secret in made)


@pytest.mark.parametrize(("kind", "name"), [("boss", "x"), ("feed", "a:b"), ("feed", "")])
def test_what_cannot_be_made(book, kind, name):
    with pytest.raises(TokenError):
        book.create(kind, name)
    assert book.tokens() == []
