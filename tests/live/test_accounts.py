"""Accounts, sessions and walls in a store of either make."""

from __future__ import annotations

from datetime import timedelta

import pytest
from argon2 import PasswordHasher

from live.accounts import AccountBook, AccountError, SessionBook, WallBook
from live.accounts.account import make_password
from live.events import utc_now
from live.tokens import TokenBook

PASSWORD = "correct horse battery"
QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


@pytest.fixture
def book(store):
    return AccountBook(store, hasher=QUICK)


def test_account_comes_back_as_it_was_made(book):
    book.add("Zhang.Min", ["grid_worker"], password=PASSWORD, shown="张敏", areas=["G2", "G1"])
    found = book.find("ZHANG.MIN")
    assert (found.name, found.shown) == ("zhang.min", "张敏")
    assert found.areas == {"G1", "G2"}
    assert found.layers is None
    assert book.open("zhang.min", PASSWORD).id == found.id
    assert book.open("zhang.min", PASSWORD + "x") is None


def test_password_is_kept_as_argon2id(book, store):
    book.add("a", ["admin"], password=PASSWORD)
    with store.reading() as conn:
        kept = conn.exec_driver_sql("SELECT password FROM accounts").scalar()
    assert kept.startswith("$argon2id$")
    assert PASSWORD not in kept


@pytest.mark.parametrize(
    ("name", "roles", "password", "code"),
    [
        ("", ["admin"], PASSWORD, "name"), ("a b", ["admin"], PASSWORD, "name"),
        ("x" * 65, ["admin"], PASSWORD, "name"), ("a", [], PASSWORD, "roles"),
        ("a", ["king"], PASSWORD, "roles"), ("a", ["admin"], "short", "short"),
        ("a", ["admin"], "aaaaaaaaaaaaa", "plain"), ("abcd", ["admin"], "abcd123456", "plain"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told(book, name, roles, password, code):
    with pytest.raises(AccountError) as raised:
        book.add(name, roles, password=password)
    assert raised.value.code == code
    assert book.count() == 0


def test_name_is_given_once(book):
    book.add("a", ["admin"])
    with pytest.raises(AccountError, match="already"):
        book.add("A", ["operator"])


def test_last_administrator_stays(book):
    book.add("a", ["admin"])
    with pytest.raises(AccountError, match="last"):
        book.disable("a")
    with pytest.raises(AccountError, match="last"):
        book.change("a", roles=["operator"], areas=None, layers=None)
    book.add("b", ["admin"])
    assert book.disable("a").name == "a"
    assert book.find("a").disabled_at is not None


def test_lock_ends_by_time_and_by_an_administrator(store):
    now = utc_now()
    book = AccountBook(store, clock=lambda: now, hasher=QUICK)
    book.add("a", ["operator"], password=PASSWORD)
    for _ in range(5):
        book.open("a", "wrong")
    assert book.open("a", PASSWORD) is None
    book.enable("a")
    assert book.open("a", PASSWORD) is not None


def test_session_is_found_by_another_book_and_ended_there(store, book):
    account = book.add("a", ["operator"])
    here, there = SessionBook(store), SessionBook(store)
    session, secret = here.begin(account, "192.0.2.1", "Browser")
    there.read()
    assert there.find(secret).account.name == "a"
    there.end(session.id)
    here.read()
    assert here.find(secret) is None


def test_session_of_a_disabled_account_is_over(store, book):
    account = book.add("a", ["operator"])
    sessions = SessionBook(store)
    _, secret = sessions.begin(account, "", "")
    book.disable("a")
    sessions.read()
    assert sessions.find(secret) is None


def test_old_sessions_are_swept_away(store, book):
    account, now = book.add("a", ["operator"]), utc_now()
    old = SessionBook(store, clock=lambda: now - timedelta(days=60))
    old.begin(account, "", "")
    SessionBook(store).begin(account, "", "")
    with store.reading() as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM sessions").scalar() == 1


def test_wall_token_has_one_device(store):
    walls, token = WallBook(store), TokenBook(store).create("wall", "hall")[0]
    held = walls.bind(token, "", "Browser")
    assert walls.bind(token, held, "Browser") == held
    assert walls.find(held) == token.id
    with pytest.raises(AccountError, match="another screen"):
        walls.bind(token, "", "Other")
    assert walls.free(token.id)
    assert not walls.free(token.id)
    assert walls.find(held) is None


def test_passwords_that_are_given_are_not_mistaken():
    made = {make_password() for _ in range(50)}
    assert len(made) == 50
    assert not set("".join(made)) & set("0O1lI")
